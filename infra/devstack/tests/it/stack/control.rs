use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use devstack::{DemoAccount, Stack};
use serde_json::Value;

use super::fixture::{Project, control, insert};

#[tokio::test]
async fn reset_empties_everything_and_seeds_again() {
    let project = Project::new();
    let seeded = Arc::new(AtomicUsize::new(0));
    let mut options = project.options();
    let counter = seeded.clone();
    options.seed = Some(Arc::new(move |environment| {
        counter.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            assert!(environment.iter().any(|(name, _)| name == "AWS_ENDPOINT_URL_DYNAMODB"));
            assert!(environment.iter().any(|(name, _)| name == "KEYRING"));
            let (email, password) = ("user@souk.dev".to_owned(), "secret".to_owned());
            Ok(vec![DemoAccount { email, password, roles: vec!["user".to_owned()] }])
        })
    }));
    let stack = Stack::start(options.clone()).await.unwrap();
    assert_eq!(control(&stack, "/control/demo").await["accounts"][0]["email"], "user@souk.dev");
    insert(&stack, "one", "one").await;
    project.handled_becomes(&["one"]).await;
    assert!(control(&stack, "/control/tables/core/capacity").await["wcu"].as_f64() > Some(0.0));
    let reset = reqwest::Client::new().post(format!("{}/control/reset", stack.urls.control)).send().await.unwrap();
    assert_eq!(reset.status(), 200);
    assert_eq!(control(&stack, "/control/tables/core/capacity").await["wcu"], 0.0);
    assert_eq!(seeded.load(Ordering::SeqCst), 2);
    // The stream of the new table is read from its start.
    insert(&stack, "one", "two").await;
    project.handled_becomes(&["one", "two"]).await;
    stack.shutdown().await;
    let stack = Stack::start(options).await.unwrap();
    assert_eq!(seeded.load(Ordering::SeqCst), 2, "known data is not seeded again");
    assert_eq!(stack.demo_accounts()[0].email, "user@souk.dev");
    stack.shutdown().await;
}

#[tokio::test]
async fn the_page_shows_and_foreign_pages_do_not_see() {
    let project = Project::new();
    let stack = project.start().await;
    let url = &stack.urls.control;
    let page = reqwest::get(url).await.unwrap();
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    let page = page.text().await.unwrap();
    for part in ["Mailbox", "Queues", "Schedules", "tidy", "Invocations", "Capacity", "work"] {
        assert!(page.contains(part), "{part}");
    }
    let client = reqwest::Client::new();
    let reset = format!("{url}/control/reset");
    for request in [
        client.post(&reset).header("origin", "http://evil.example"),
        client.post(&reset).header("origin", "null"),
        client.get(format!("{url}/control/mail")).header("host", "evil.example"),
    ] {
        assert_eq!(request.send().await.unwrap().status(), 403);
    }
    let own = client.post(&reset).header("origin", url).send().await.unwrap();
    assert_eq!(own.status(), 200);
    for (method, path, status) in [("GET", "/x", 404), ("GET", "/control/reset", 405), ("POST", "/control/mail", 405)] {
        let response = client.request(method.parse().unwrap(), format!("{url}{path}")).send().await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        let answer: Value = response.json().await.unwrap();
        assert_eq!((&answer["success"], &answer["statusCode"]), (&Value::from(false), &Value::from(status)));
    }
    stack.shutdown().await;
}
