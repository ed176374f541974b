//! Rotation: what was made with the keys of before stays good.

use auth::Auth;
use entry::{Environment, Start, serve};
use serde_json::json;
use souk_admin::keys::{Rotation, retire, rotate_keyring, token_keys};
use tempfile::TempDir;
use testkit::Api;
use users::Users;

use crate::world::World;

/// The API with other keys than it was started with.
async fn restarted(world: &World, keys: &[(&str, &str)]) -> Api {
    let files = TempDir::new().unwrap();
    let mut settings = world.sandbox.settings("auth");
    for (name, value) in keys {
        let value = match *name {
            "JWT_JWKS" => (*value).to_owned(),
            _ => {
                let path = files.path().join(name);
                std::fs::write(&path, value).unwrap();
                path.display().to_string()
            }
        };
        settings.retain(|(known, _)| known != name);
        settings.push(((*name).to_owned(), value));
    }
    let environment = Environment::of(settings);
    let mut auth = Auth::start(&environment, &world.sandbox.aws).await.unwrap();
    let mut users = Users::start(&environment, &world.sandbox.aws).await.unwrap();
    auth.app.clock = world.sandbox.clock.clone();
    users.app.clock = world.sandbox.clock.clone();
    let routes = vec![("/api/v1/auth", serve(auth::routes(), auth)), ("/api/v1/users", serve(users::routes(), users))];
    Api::new(routes)
}

/// The keyring's file, as the functions of this test read it.
fn present_keyring(world: &World) -> String {
    let settings = world.sandbox.settings("auth");
    let (_, path) = settings.iter().find(|(name, _)| name == "KEYRING").unwrap();
    std::fs::read_to_string(path).unwrap()
}

async fn refresh(api: &Api, token: &str) -> testkit::Answer {
    api.post("/api/v1/auth/refresh", json!({ "refreshToken": token })).send().await
}

#[tokio::test]
async fn a_rotated_keyring_reads_what_the_old_key_made() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    world.register("grace@example.com").await.expect(201);
    let mailed = world.mailed_tokens("grace@example.com").await.pop().unwrap();
    let ring = rotate_keyring(&present_keyring(&world), Rotation::FreshFirst).unwrap();
    let api = restarted(&world, &[("KEYRING", &ring)]).await;
    let answer = refresh(&api, &person.refresh).await.expect(200);
    let successor = answer.data()["refreshToken"].as_str().unwrap().to_owned();
    let kid = |token: &str| token.split('.').next().unwrap().to_owned();
    assert_ne!(kid(&successor), kid(&person.refresh), "the fresh key makes what is new");
    api.get(&format!("/api/v1/auth/verify-email?token={mailed}")).send().await.expect(200);

    // And once more: the successor lives, what the first key made is two rotations old.
    let ring = rotate_keyring(&ring, Rotation::FreshFirst).unwrap();
    let api = restarted(&world, &[("KEYRING", &ring)]).await;
    refresh(&api, &successor).await.expect(200);
    refresh(&api, &person.refresh).await.expect_failure(401, "AUTHENTICATION_FAILED");
}

#[tokio::test]
async fn while_a_key_stands_by_old_and_new_instances_read_each_others() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let ready = rotate_keyring(&present_keyring(&world), Rotation::StandBy).unwrap();
    let done = rotate_keyring(&ready, Rotation::Promote).unwrap();
    let (old, new) = (restarted(&world, &[("KEYRING", &ready)]).await, restarted(&world, &[("KEYRING", &done)]).await);
    let mut token = person.refresh;
    for api in [&old, &new, &old, &new] {
        let answer = refresh(api, &token).await.expect(200);
        token = answer.data()["refreshToken"].as_str().unwrap().to_owned();
    }
}

#[tokio::test]
async fn tokens_of_previous_keys_are_good_until_those_are_retired() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let old_jwks = world.auth.app.verifier.jwks().to_owned();
    let fresh = token_keys(Some(&old_jwks)).unwrap();

    // First the public keys, everywhere, while the old key signs still.
    let api = restarted(&world, &[("JWT_JWKS", &fresh.jwks)]).await;
    api.get("/api/v1/users/profile").token(&person.access).send().await.expect(200);

    // Then the private ones.
    let api = restarted(&world, &[("JWT_JWKS", &fresh.jwks), ("TOKEN_KEYS", &fresh.private)]).await;
    api.get("/api/v1/users/profile").token(&person.access).send().await.expect(200);
    let answer = refresh(&api, &person.refresh).await.expect(200);
    let access = answer.data()["accessToken"].as_str().unwrap().to_owned();

    // At last the old public ones go.
    let kept = retire(&fresh.jwks).unwrap();
    let api = restarted(&world, &[("JWT_JWKS", &kept), ("TOKEN_KEYS", &fresh.private)]).await;
    api.get("/api/v1/users/profile").token(&access).send().await.expect(200);
    api.get("/api/v1/users/profile").token(&person.access).send().await.expect_failure(401, "AUTHENTICATION_FAILED");
}
