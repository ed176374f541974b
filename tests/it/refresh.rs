//! Refresh tokens: one rotates, a lost answer may be asked again, an old one kills the family.

use std::collections::BTreeSet;

use domain::identity::Role;
use domain::identity::session::Refresh;
use futures::future::join_all;
use store::WriteError;

use crate::world::{PASSWORD, World};

fn refresh_token(answer: &testkit::Answer) -> String {
    answer.data()["refreshToken"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn parallel_refreshes_leave_one_living_chain() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    // As many as a session may send in a minute, less the two below.
    let answers = join_all((0..18).map(|_| world.refresh(&person.refresh))).await;
    let successors: BTreeSet<String> = answers.into_iter().map(|answer| refresh_token(&answer.expect(200))).collect();
    assert_eq!(successors.len(), 1);
    let next = world.refresh(successors.first().unwrap()).await.expect(200);
    world.refresh(&refresh_token(&next)).await.expect(200);
}

/// The race above seldom has two that read the session before either has rotated it.
#[tokio::test]
async fn of_two_that_saw_the_same_generation_one_rotates() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let (store, user, now) = (&world.auth.app.store, person.user_id(), world.clock().now());
    let seen = store.living_sessions(user, now).await.unwrap().remove(0);
    let rotate = async |presented| store.rotate(user, seen.id, presented, now).await;
    let rotated = rotate(seen.generation).await.unwrap();
    assert_eq!(rotated.generation, seen.generation + 1);
    // The slower one is shown what became of the session, and answers the same successor.
    let Err(WriteError::Refused(Some(current))) = rotate(seen.generation).await else { panic!("both rotated") };
    assert_eq!(current, rotated);
    assert_eq!(current.refresh(seen.generation, now), Refresh::SameSuccessor);
    // Nor does what was revoked meanwhile go on.
    store.displace_session(&rotated, now).await.unwrap();
    assert!(matches!(rotate(rotated.generation).await, Err(WriteError::Refused(Some(_)))));
}

#[tokio::test]
async fn a_lost_answer_is_asked_again_within_ten_seconds() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let first = refresh_token(&world.refresh(&person.refresh).await.expect(200));
    world.clock().set_offset_seconds(8);
    let again = refresh_token(&world.refresh(&person.refresh).await.expect(200));
    assert_eq!(first, again);
}

#[tokio::test]
async fn s4_old_refresh() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let living = world.refresh(&person.refresh).await.expect(200);
    world.clock().set_offset_seconds(12);
    world.refresh(&person.refresh).await.expect_failure(401, "REFRESH_TOKEN_REUSED");
    // The whole family is dead: the living token, and every access token of the session.
    world.refresh(&refresh_token(&living)).await.expect_failure(401, "AUTHENTICATION_FAILED");
    let access = living.data()["accessToken"].as_str().unwrap();
    world.profile(access).await.expect_failure(401, "AUTHENTICATION_FAILED");
    let told = world.events().await;
    assert_eq!(told.iter().filter(|event| event.name == "user.session_reuse_detected").count(), 1);
}

#[tokio::test]
async fn an_older_generation_is_reuse_even_within_the_grace() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let second = refresh_token(&world.refresh(&person.refresh).await.expect(200));
    world.refresh(&second).await.expect(200);
    world.refresh(&person.refresh).await.expect_failure(401, "REFRESH_TOKEN_REUSED");
}

#[tokio::test]
async fn a_session_ends_after_seven_days_unused_and_thirty_in_all() {
    let world = World::start().await;
    let day = 24 * 3600;
    let unused = world.person("ada@example.com").await;
    world.clock().set_offset_seconds(7 * day);
    world.refresh(&unused.refresh).await.expect_failure(401, "AUTHENTICATION_FAILED");

    let mut token = world.sign_in("ada@example.com").await.refresh;
    for days in [6, 12, 18, 24] {
        world.clock().set_offset_seconds((7 + days) * day);
        token = refresh_token(&world.refresh(&token).await.expect(200));
    }
    world.clock().set_offset_seconds((7 + 30) * day + 1);
    world.refresh(&token).await.expect_failure(401, "AUTHENTICATION_FAILED");
}

#[tokio::test]
async fn forged_refresh_tokens_cost_no_read() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let before = world.sandbox.spent();
    let (kid, body) = person.refresh.split_once('.').unwrap();
    let flipped = |i: usize| {
        let mut bytes = body.as_bytes().to_vec();
        bytes[i] = if bytes[i] == b'A' { b'B' } else { b'A' };
        format!("{kid}.{}", String::from_utf8(bytes).unwrap())
    };
    let mut forged: Vec<String> = (0..body.len() - 1).step_by(7).map(flipped).collect();
    forged.extend(["x".into(), ".".into(), format!("other.{body}"), person.access.clone(), format!("{kid}.")]);
    for token in forged {
        world.refresh(&token).await.expect_failure(401, "AUTHENTICATION_FAILED");
    }
    // Only the counter of the source address hears of them.
    assert_eq!(world.sandbox.spent().reads, before.reads);
}

#[tokio::test]
async fn s4_refresh_forever() {
    let world = World::start().await;
    let admin = world.staff("admin@example.com", &[Role::Administrator]).await;
    let person = world.person("ada@example.com").await;
    world.set_status(&admin, &person, "disabled").await.expect(200);
    world.refresh(&person.refresh).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.profile(&person.access).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.login("ada@example.com", "not the password").await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.login("ada@example.com", PASSWORD).await.expect_failure(403, "ACCOUNT_DISABLED");
    // What ended stays ended; a new sign-in begins anew.
    world.set_status(&admin, &person, "active").await.expect(200);
    world.refresh(&person.refresh).await.expect_failure(401, "AUTHENTICATION_FAILED");
    let again = world.sign_in("ada@example.com").await;
    // Used every six days a session lives thirty days in all.
    let mut token = again.refresh;
    for days in [6, 12, 18, 24] {
        world.clock().set_offset_seconds(days * 86_400);
        token = refresh_token(&world.refresh(&token).await.expect(200));
    }
    world.clock().set_offset_seconds(30 * 86_400 + 60);
    world.refresh(&token).await.expect_failure(401, "AUTHENTICATION_FAILED");
}
