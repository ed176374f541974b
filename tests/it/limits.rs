//! How often somebody may call: over instances, by whom it concerns, and with nobody to count.

use auth::Auth;
use entry::{Environment, Start, serve};
use futures::future::join_all;
use serde_json::json;
use testkit::{Answer, Api, Sandbox};
use users::Users;

use crate::world::{PASSWORD, World};

/// Another instance of both functions, with the limits of a deployed stage.
async fn instance(sandbox: &Sandbox) -> Api {
    let real = |binary: &str| {
        let factor = ("RATE_LIMIT_ANONYMOUS_FACTOR".to_owned(), "1".to_owned());
        Environment::of(sandbox.settings(binary).into_iter().chain([factor]))
    };
    let mut auth = Auth::start(&real("auth"), &sandbox.aws).await.unwrap();
    let mut users = Users::start(&real("users"), &sandbox.aws).await.unwrap();
    auth.app.clock = sandbox.clock.clone();
    users.app.clock = sandbox.clock.clone();
    Api::new(vec![("/api/v1/auth", serve(auth::routes(), auth)), ("/api/v1/users", serve(users::routes(), users))])
}

async fn instances(sandbox: &Sandbox, count: usize) -> Vec<Api> {
    join_all((0..count).map(|_| instance(sandbox))).await
}

/// Sits at the beginning of a minute, so that no window ends in the middle of a test.
fn on_the_minute(world: &World) {
    let into = world.clock().now().seconds() % 60;
    world.clock().set_offset_seconds(120 - into);
}

fn admitted(answers: &[Answer]) -> usize {
    answers.iter().filter(|answer| answer.status != 429).count()
}

#[tokio::test]
async fn s0_small_limits_exact() {
    let world = World::start().await;
    let access = world.person("ada@example.com").await.access;
    on_the_minute(&world);
    let all = instances(&world.sandbox, 8).await;
    let writes = all.iter().flat_map(|api| {
        let write = || api.post("/api/v1/auth/logout", json!({ "everywhere": "no" })).token(&access).send();
        (0..20).map(move |_| write())
    });
    let answers = join_all(writes).await;
    assert_eq!(admitted(&answers), 100);
    let refused = answers.into_iter().find(|answer| answer.status == 429).unwrap();
    assert_eq!(refused.header("x-ratelimit-limit"), Some("100"));
    assert_eq!(refused.header("x-ratelimit-remaining"), Some("0"));
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let reset: i64 = refused.header("x-ratelimit-reset").unwrap().parse().unwrap();
    let now = world.clock().now().seconds();
    assert!((now..=now + 60).contains(&reset) && reset % 60 == 0, "{reset} at {now}");
    refused.expect_failure(429, "RATE_LIMIT_EXCEEDED");
    // A refusal is remembered: asking on costs nothing until the window ends.
    let before = world.sandbox.spent();
    for api in &all {
        let again = api.post("/api/v1/auth/logout", json!({ "everywhere": "no" })).token(&access).send().await;
        again.expect(429);
    }
    assert_eq!(world.sandbox.spent().writes, before.writes);
    world.clock().set_offset_seconds(240);
    let renewed = all[0].post("/api/v1/auth/logout", json!({})).token(&access).send().await;
    renewed.expect(200);
}

#[tokio::test]
async fn s0_limits_shared() {
    let world = World::start().await;
    let access = world.person("ada@example.com").await.access;
    on_the_minute(&world);
    let all = instances(&world.sandbox, 4).await;
    // Five times the limit of reads, from four instances by turns.
    let mut passed = 0;
    for _ in 0..375 {
        let round = join_all(all.iter().map(|api| api.get("/api/v1/users/profile").token(&access).send())).await;
        passed += admitted(&round);
    }
    assert!((270..=330).contains(&passed), "{passed} of 300");
    // Somebody else is somebody else.
    let other = world.person("grace@example.com").await.access;
    all[0].get("/api/v1/users/profile").token(&other).send().await.expect(200);
}

#[tokio::test]
async fn half_the_limit_over_eight_instances_is_never_refused() {
    let world = World::start().await;
    let access = world.person("ada@example.com").await.access;
    on_the_minute(&world);
    let all = instances(&world.sandbox, 8).await;
    let before = world.sandbox.spent();
    for n in 0..150 {
        // Unevenly: most of it in bursts of 21, which leaves each instance with a lease it has just begun.
        let answer = all[(n / 21) % 8].get("/api/v1/users/profile").token(&access).send().await.expect(200);
        assert_eq!(answer.header("x-ratelimit-limit"), Some("300"));
    }
    let spent = world.sandbox.spent() - before;
    assert!(spent.writes <= 20.0, "150 reads cost {} WCU", spent.writes);
}

#[tokio::test]
async fn s3_limiter_anonymous() {
    let world = World::start().await;
    on_the_minute(&world);
    let api = instance(&world.sandbox).await;
    let ask =
        |n: usize| api.post("/api/v1/auth/password-reset-request", json!({ "email": format!("p{n}@example.com") }));
    for n in 0..20 {
        ask(n).send().await.expect(202);
    }
    ask(20).send().await.expect_failure(429, "RATE_LIMIT_EXCEEDED");
    // A header that a client may write is not believed; another source address is another caller.
    ask(21).header("x-forwarded-for", "198.51.100.9").send().await.expect(429);
    ask(22).from("198.51.100.9").send().await.expect(202);
    let reads = (0..400).map(|_| api.get("/api/v1/auth/verify-email?token=unknown").send());
    let passed = admitted(&join_all(reads).await);
    assert!((270..=330).contains(&passed), "{passed} of 300 anonymous reads");
    for _ in 0..400 {
        api.get("/api/v1/auth/.well-known/jwks.json").send().await.expect(200);
    }
}

#[tokio::test]
async fn an_office_behind_one_address_signs_in() {
    let world = World::start().await;
    on_the_minute(&world);
    let api = instance(&world.sandbox).await;
    let login = |email: String| api.post("/api/v1/auth/login", json!({ "email": email, "password": PASSWORD })).send();
    // Sixty people from one source address.
    for n in 0..60 {
        login(format!("p{n}@example.com")).await.expect(401);
    }
    // One of them: five guesses are looked at, then the lock answers, and after twenty the limit.
    for n in 1..20 {
        let status = login("p0@example.com".to_owned()).await.status.as_u16();
        assert_eq!(status, if n < 5 { 401 } else { 423 }, "{n}");
    }
    let refused = login("p0@example.com".to_owned()).await;
    assert_eq!(refused.header("x-ratelimit-limit"), Some("20"), "the counter with less left is told");
    refused.expect_failure(429, "RATE_LIMIT_EXCEEDED");
}

#[tokio::test]
async fn s3_refresh_by_session() {
    let world = World::start().await;
    let (one, other) = (world.person("ada@example.com").await, world.sign_in("ada@example.com").await);
    on_the_minute(&world);
    let all = instances(&world.sandbox, 3).await;
    let refresh =
        |n: usize, token: &str| all[n % 3].post("/api/v1/auth/refresh", json!({ "refreshToken": token })).send();
    let mut token = one.refresh;
    for n in 0..20 {
        let answer = refresh(n, &token).await.expect(200);
        token = answer.data()["refreshToken"].as_str().unwrap().to_owned();
    }
    refresh(1, &token).await.expect_failure(429, "RATE_LIMIT_EXCEEDED");
    refresh(1, &other.refresh).await.expect(200);
    // What is no good is counted by source address, and far from the twenty.
    for n in 0..60 {
        refresh(n, "no good").await.expect_failure(401, "AUTHENTICATION_FAILED");
    }
}

#[tokio::test]
async fn with_nobody_to_count_signing_in_is_closed_and_reading_open() {
    let world = World::start().await;
    let access = world.person("ada@example.com").await.access;
    let mut settings = world.sandbox.settings("auth");
    settings.push(("TRANSIENT_TABLE".to_owned(), "souk-local-gone".to_owned()));
    let mut auth = Auth::start(&Environment::of(settings.clone()), &world.sandbox.aws).await.unwrap();
    auth.app.clock = world.clock().clone();
    let api = Api::new(vec![("/api/v1/auth", serve(auth::routes(), auth))]);
    let login = api.post("/api/v1/auth/login", json!({ "email": "ada@example.com", "password": PASSWORD }));
    login.send().await.expect_failure(503, "SERVICE_UNAVAILABLE");
    for _ in 0..30 {
        api.get("/api/v1/auth/session").token(&access).send().await.expect(200);
    }
}
