//! Passwords and addresses change only by proof, and what they opened closes.

use axum::http::Method;
use domain::event::Event;
use entry::one_time;
use serde_json::{Value, json};
use testkit::Answer;

use crate::world::{PASSWORD, World};

const NEW: &str = "another fine passphrase";

impl World {
    async fn mail_jobs(&self, name: &str) -> Vec<Event> {
        let mut jobs: Vec<Event> = self.events().await.into_iter().filter(|event| event.name == name).collect();
        jobs.sort_by_key(|event| event.id.to_string());
        jobs
    }

    /// The token of the newest link of a kind, as `mailer` would derive it.
    pub async fn linked(&self, name: &str) -> String {
        let job = self.mail_jobs(name).await.pop().expect("a mail");
        let (id, kid) = (job.data["proofId"].as_str().unwrap(), job.data["kid"].as_str().unwrap());
        one_time::token(&self.sandbox.keyring, kid, id).unwrap()
    }

    pub async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        self.api.post(path, body).token(token).send().await
    }

    pub async fn ask_reset(&self, email: &str) -> Answer {
        self.api.post("/api/v1/auth/password-reset-request", json!({ "email": email })).send().await
    }

    pub async fn reset(&self, token: &str, password: &str) -> Answer {
        let body = json!({ "token": token, "newPassword": password, "confirmPassword": password });
        self.api.post("/api/v1/auth/password-reset", body).send().await
    }
}

#[tokio::test]
async fn s3_reset_single_use() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    world.ask_reset("ADA@example.com").await.expect(202);
    let token = world.linked("mail.reset").await;
    world.reset(&token, "password").await.expect_failure(400, "VALIDATION_ERROR");
    world.reset(&token, NEW).await.expect(200);
    world.reset(&token, "a third passphrase here").await.expect_failure(400, "TOKEN_INVALID");
    // Every session is dead, and so is the old password.
    world.profile(&person.access).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.refresh(&person.refresh).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.login("ada@example.com", PASSWORD).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.login("ada@example.com", NEW).await.expect(200);
    let told = world.mail_jobs("user.password_changed").await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].data["how"], "reset");
}

#[tokio::test]
async fn twenty_racing_resets_change_the_password_once() {
    let world = World::start().await;
    world.person("ada@example.com").await;
    world.ask_reset("ada@example.com").await.expect(202);
    let token = world.linked("mail.reset").await;
    let passwords: Vec<String> = (0..20).map(|i| format!("passphrase number {i} of many")).collect();
    let answers = futures::future::join_all(passwords.iter().map(|password| world.reset(&token, password))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(answers.iter().all(|answer| [200, 400, 409].contains(&answer.status.as_u16())));
}

#[tokio::test]
async fn a_reset_lifts_the_lock_and_voids_older_links() {
    let world = World::start().await;
    world.person("ada@example.com").await;
    world.ask_reset("ada@example.com").await.expect(202);
    let older = world.linked("mail.reset").await;
    world.clock().set_offset_seconds(1);
    world.ask_reset("ada@example.com").await.expect(202);
    let newer = world.linked("mail.reset").await;
    for _ in 0..6 {
        world.login("ada@example.com", "wrong wrong wrong").await;
    }
    world.login("ada@example.com", PASSWORD).await.expect_failure(423, "ACCOUNT_LOCKED");
    world.clock().set_offset_seconds(2);
    world.reset(&newer, NEW).await.expect(200);
    world.login("ada@example.com", NEW).await.expect(200);
    world.reset(&older, PASSWORD).await.expect_failure(400, "TOKEN_INVALID");
}

#[tokio::test]
async fn a_reset_link_is_good_for_an_hour_and_confirms_nothing_else() {
    let world = World::start().await;
    world.person("ada@example.com").await;
    world.ask_reset("ada@example.com").await.expect(202);
    let token = world.linked("mail.reset").await;
    world.verify(&token, PASSWORD).await.expect_failure(400, "TOKEN_INVALID");
    world.clock().set_offset_seconds(3600);
    world.reset(&token, NEW).await.expect_failure(400, "TOKEN_INVALID");
}

#[tokio::test]
async fn public_forms_do_the_same_work_for_unknown_addresses() {
    let world = World::start().await;
    world.person("ada@example.com").await;
    for path in ["/api/v1/auth/password-reset-request", "/api/v1/auth/verify-email/resend"] {
        let mut seen = Vec::new();
        for email in ["ada@example.com", "nobody@example.com"] {
            let before = world.sandbox.spent();
            let answer = world.api.post(path, json!({ "email": email })).send().await.expect(202);
            let spent = world.sandbox.spent() - before;
            let names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
            seen.push((names, answer.json["message"].clone(), answer.data().clone(), spent.calls, spent.writes));
        }
        assert_eq!(seen[0], seen[1], "{path}");
    }
    assert_eq!(world.mail_jobs("mail.reset").await.len(), 1);
}

#[tokio::test]
async fn a_registration_is_mailed_again_with_the_same_link() {
    let world = World::start().await;
    world.register("ada@example.com").await.expect(201);
    world.api.post("/api/v1/auth/verify-email/resend", json!({ "email": "ada@example.com" })).send().await.expect(202);
    let jobs = world.mail_jobs("mail.verification").await;
    assert_eq!(jobs.len(), 2);
    assert_eq!(jobs[0].data, jobs[1].data);
}

#[tokio::test]
async fn changing_the_password_keeps_this_session_only() {
    let world = World::start().await;
    let other = world.person("ada@example.com").await;
    let this = world.sign_in("ada@example.com").await;
    let path = "/api/v1/auth/change-password";
    let wrong = json!({ "currentPassword": "not the password", "newPassword": NEW });
    world.post(path, &this.access, wrong).await.expect_failure(403, "REAUTHENTICATION_FAILED");
    let weak = json!({ "currentPassword": PASSWORD, "newPassword": "12345678" });
    let weak = world.post(path, &this.access, weak).await.expect_failure(400, "VALIDATION_ERROR");
    assert_eq!(weak.json["details"][0]["field"], "newPassword");
    let good = json!({ "currentPassword": PASSWORD, "newPassword": NEW, "confirmPassword": NEW });
    world.post(path, &this.access, good).await.expect(200);
    world.profile(&this.access).await.expect(200);
    world.refresh(&this.refresh).await.expect(200);
    world.profile(&other.access).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.login("ada@example.com", NEW).await.expect(200);
}

#[tokio::test]
async fn guesses_at_reauthentication_lock_too() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let body = json!({ "currentPassword": "wrong wrong wrong", "newPassword": NEW });
    for _ in 0..5 {
        let answer = world.post("/api/v1/auth/change-password", &person.access, body.clone()).await;
        answer.expect_failure(403, "REAUTHENTICATION_FAILED");
    }
    let locked = world.post("/api/v1/auth/change-password", &person.access, body).await;
    locked.expect_failure(423, "ACCOUNT_LOCKED");
}

#[tokio::test]
async fn an_address_changes_by_proof_of_the_new_one() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let path = "/api/v1/auth/change-email";
    let wrong = json!({ "newEmail": "lovelace@example.com", "password": "not the password" });
    world.post(path, &person.access, wrong).await.expect_failure(403, "REAUTHENTICATION_FAILED");
    let body = json!({ "newEmail": "Lovelace@example.com", "password": PASSWORD });
    world.post(path, &person.access, body).await.expect(202);
    assert_eq!(world.profile(&person.access).await.data()["email"], "ada@example.com");

    let token = world.linked("mail.email_change").await;
    let shown = world.api.get(&format!("/api/v1/auth/verify-email?token={token}")).send().await.expect(200);
    let expected = json!({ "purpose": "email_change", "email": "Lovelace@example.com", "needsPassword": false });
    assert_eq!(*shown.data(), expected);
    let done = world.api.post("/api/v1/auth/verify-email", json!({ "token": token })).send().await.expect(200);
    assert_eq!(*done.data(), json!({ "purpose": "email_change", "email": "Lovelace@example.com" }));
    world
        .api
        .post("/api/v1/auth/verify-email", json!({ "token": token }))
        .send()
        .await
        .expect_failure(400, "TOKEN_INVALID");
    world.login("lovelace@example.com", PASSWORD).await.expect(200);
    world.login("ada@example.com", PASSWORD).await.expect_failure(401, "AUTHENTICATION_FAILED");
    // The old address is free again.
    world.person("ada@example.com").await;
}

#[tokio::test]
async fn an_address_that_got_an_owner_meanwhile_stays_theirs() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let body = json!({ "newEmail": "bob@example.com", "password": PASSWORD });
    world.post("/api/v1/auth/change-email", &ada.access, body.clone()).await.expect(202);
    let token = world.linked("mail.email_change").await;
    world.person("bob@example.com").await;
    let late = world.api.post("/api/v1/auth/verify-email", json!({ "token": token })).send().await;
    late.expect_failure(409, "EMAIL_TAKEN");
    assert_eq!(world.profile(&ada.access).await.data()["email"], "ada@example.com");
    // Asked for now, it is answered alike, and nobody is mailed.
    world.post("/api/v1/auth/change-email", &ada.access, body).await.expect(202);
    assert_eq!(world.mail_jobs("mail.email_change").await.len(), 1);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_or_all() {
    let world = World::start().await;
    let first = world.person("ada@example.com").await;
    world.clock().set_offset_seconds(1);
    let second = world.sign_in("ada@example.com").await;
    world.clock().set_offset_seconds(2);
    let third = world.sign_in("ada@example.com").await;
    let listed = world.api.get("/api/v1/auth/sessions").token(&second.access).send().await.expect(200);
    let sessions = listed.data()["sessions"].as_array().unwrap().clone();
    assert_eq!(sessions.len(), 3);
    let current: Vec<bool> = sessions.iter().map(|session| session["current"].as_bool().unwrap()).collect();
    assert_eq!(current, [false, true, false], "newest first");

    let path = format!("/api/v1/auth/sessions/{}", sessions[0]["id"].as_str().unwrap());
    let stranger = world.person("eve@example.com").await;
    world
        .api
        .call(Method::DELETE, &path)
        .token(&stranger.access)
        .send()
        .await
        .expect_failure(404, "RESOURCE_NOT_FOUND");
    world.profile(&third.access).await.expect(200);
    world.api.call(Method::DELETE, &path).token(&second.access).send().await.expect(200);
    world.api.call(Method::DELETE, &path).token(&second.access).send().await.expect_failure(404, "RESOURCE_NOT_FOUND");
    world.profile(&third.access).await.expect_failure(401, "AUTHENTICATION_FAILED");
    for nonsense in ["x", "usr_01h455vb4pex5vsknk084sn02q"] {
        let path = format!("/api/v1/auth/sessions/{nonsense}");
        let answer = world.api.call(Method::DELETE, &path).token(&second.access).send().await;
        answer.expect_failure(404, "RESOURCE_NOT_FOUND");
    }
    let ended = world.api.call(Method::DELETE, "/api/v1/auth/sessions").token(&second.access).send().await.expect(200);
    assert_eq!(*ended.data(), json!({ "revoked": 1 }));
    world.profile(&first.access).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.profile(&second.access).await.expect(200);
}
