//! Nicolas Seriot's JSON test suite: what is no JSON is refused, what is JSON never breaks anything, in every function that
//! reads it.

use std::path::Path;

use axum::http::Method;
use domain::time::MINUTE;

use crate::world::World;

/// An endpoint of each function that reads bodies.
const ENDPOINTS: [(&str, &str); 3] =
    [("POST", "/api/v1/auth/login"), ("PATCH", "/api/v1/users/profile"), ("PUT", "/api/v1/notifications/preferences")];
/// Requests within a minute, so that no limit is met.
const IN_A_MINUTE: usize = 90;

fn files() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/jsontestsuite/test_parsing");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| {
        let entry = entry.unwrap();
        (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())
    });
    files.collect()
}

#[tokio::test]
async fn what_is_no_json_is_refused_and_what_is_breaks_nothing() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let files = files();
    assert!(files.len() > 300, "{}", files.len());
    for (n, (name, bytes)) in files.iter().enumerate() {
        if n % IN_A_MINUTE == 0 {
            world.clock().set_offset_seconds(i64::try_from(n / IN_A_MINUTE).unwrap() * (MINUTE + 1));
        }
        for (method, path) in ENDPOINTS {
            let call = world.api.call(method.parse::<Method>().unwrap(), path).token(&ada.access);
            let answer = call.header("content-type", "application/json").body(bytes.clone()).send().await;
            let is_refused = answer.status.is_client_error();
            assert!(is_refused || !name.starts_with("n_"), "{path} {name}: {}", answer.text);
            assert!(is_refused || answer.status.is_success(), "{path} {name}: {}", answer.text);
            assert!(answer.json["success"].is_boolean(), "{path} {name}: no envelope: {}", answer.text);
        }
    }
    // None of it changed anything.
    let profile = world.profile(&ada.access).await.expect(200);
    assert_eq!(profile.data()["version"], ada.user["version"]);
}
