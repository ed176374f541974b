//! The second factor: six digits of an app or a recovery code, each taken once, beside the password and never instead.

use aws_lc_rs::hmac;
use aws_sdk_dynamodb::types::AttributeValue;
use axum::http::Method;
use domain::identity::Role;
use domain::identity::mfa::{STEP_SECONDS, step};
use entry::totp;
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::Answer;

use crate::world::{PASSWORD, Person, World};

const MFA: &str = "/api/v1/auth/mfa";
const ADA: &str = "ada@example.com";

/// Somebody with an authenticator app.
pub struct Enrolled {
    pub person: Person,
    pub secret: Vec<u8>,
    pub recovery: Vec<String>,
}

pub fn unbase32(text: &str) -> Vec<u8> {
    let value = |c: char| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).unwrap();
    let bits: Vec<usize> = text.chars().flat_map(|c| (0..5).rev().map(move |i| (value(c) >> i) & 1)).collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |all, bit| all << 1 | u8::try_from(*bit).unwrap())).collect()
}

impl World {
    /// What the app shows, so many steps from now.
    pub fn code(&self, secret: &[u8], steps: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
        let mac = hmac::sign(&key, &(step(self.clock().now()) + steps).to_be_bytes());
        let offset = usize::from(mac.as_ref()[19] & 15);
        let number = u32::from_be_bytes(mac.as_ref()[offset..offset + 4].try_into().unwrap());
        format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
    }

    /// An account with a second factor; its first code has been used, so the clock is a step ahead.
    pub async fn enrolled(&self, email: &str) -> Enrolled {
        let person = self.person(email).await;
        let begun =
            self.post(&format!("{MFA}/totp"), &person.access, json!({ "password": PASSWORD })).await.expect(201);
        let secret = unbase32(begun.data()["secret"].as_str().unwrap());
        let code = json!({ "code": self.code(&secret, 0) });
        let confirmed = self.post(&format!("{MFA}/totp/confirm"), &person.access, code).await.expect(200);
        let codes = confirmed.data()["recoveryCodes"].as_array().unwrap();
        let recovery = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
        self.pass(2 * STEP_SECONDS);
        Enrolled { person, secret, recovery }
    }

    pub fn pass(&self, seconds: i64) {
        let ahead = self.clock().now().seconds() - entry::Clock::default().now().seconds();
        self.clock().set_offset_seconds(ahead + seconds);
    }

    /// The right password, and what is missing after it.
    async fn half_way(&self) -> String {
        let answer = self.login(ADA, PASSWORD).await.expect(200);
        assert_eq!(answer.data()["mfaRequired"], true, "{}", answer.text);
        assert_eq!(answer.data()["methods"], json!(["totp", "recovery_code"]));
        assert_eq!(answer.data()["expiresIn"], 300);
        assert!(answer.data().get("accessToken").is_none());
        answer.data()["mfaToken"].as_str().unwrap().to_owned()
    }

    async fn complete(&self, token: &str, field: &str, code: &str) -> Answer {
        self.api.post("/api/v1/auth/login/mfa", json!({ "mfaToken": token, field: code })).send().await
    }

    async fn mfa(&self, access: &str) -> Value {
        self.api.get(MFA).token(access).send().await.expect(200).data().clone()
    }

    async fn count_events(&self, name: &str) -> usize {
        self.events().await.iter().filter(|event| event.name == name).count()
    }
}

#[test]
fn codes_are_those_of_rfc_6238() {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/rfc6238/totp.json")).unwrap();
    let secret = vectors["secret"].as_str().unwrap().as_bytes();
    for row in vectors["codes"].as_array().unwrap() {
        let expected = row["code"].as_str().unwrap()[2..].parse().unwrap();
        assert!(totp::code(secret, row["time"].as_i64().unwrap() / STEP_SECONDS).is(&expected), "{row}");
    }
}

#[tokio::test]
async fn a_factor_is_asked_for_from_its_first_code_on() {
    let world = World::start().await;
    let other = world.person(ADA).await;
    let person = world.sign_in(ADA).await;
    let begin = async |body: Value| world.post(&format!("{MFA}/totp"), &person.access, body).await;
    begin(json!({})).await.expect_failure(400, "VALIDATION_ERROR");
    begin(json!({ "password": "not the password" })).await.expect_failure(403, "REAUTHENTICATION_FAILED");
    let replaced = begin(json!({ "password": PASSWORD })).await.expect(201);
    let begun = begin(json!({ "password": PASSWORD })).await.expect(201);
    let secret = begun.data()["secret"].as_str().unwrap();
    let uri = begun.data()["otpauthUri"].as_str().unwrap();
    assert!(uri.starts_with(&format!("otpauth://totp/Souk:ada%40example.com?secret={secret}&issuer=Souk")), "{uri}");
    assert_eq!(
        world.mfa(&person.access).await,
        json!({ "totp": { "enabled": false, "enabledAt": null }, "recoveryCodesLeft": 0 })
    );
    world.sign_in(ADA).await;

    let confirm =
        async |code: String| world.post(&format!("{MFA}/totp/confirm"), &person.access, json!({ "code": code })).await;
    let old = world.code(&unbase32(replaced.data()["secret"].as_str().unwrap()), 0);
    confirm(old).await.expect_failure(400, "MFA_CODE_INVALID");
    let bytes = unbase32(secret);
    confirm(world.code(&bytes, 2)).await.expect_failure(400, "MFA_CODE_INVALID");
    let confirmed = confirm(world.code(&bytes, 0)).await.expect(200);
    let codes = confirmed.data()["recoveryCodes"].as_array().unwrap().clone();
    assert_eq!(codes.len(), 10);
    world.profile(&other.access).await.expect_failure(401, "AUTHENTICATION_FAILED");
    assert_eq!(world.profile(&person.access).await.expect(200).data()["mfaEnabled"], true);
    assert_eq!(world.mfa(&person.access).await["recoveryCodesLeft"], 10);
    begin(json!({ "password": PASSWORD })).await.expect_failure(409, "MFA_ALREADY_ENABLED");
    confirm(world.code(&bytes, 1)).await.expect_failure(400, "MFA_CODE_INVALID");
    assert_eq!(world.count_events("user.mfa_enabled").await, 1);

    // Nothing of it lies in clear anywhere.
    let everything = world.everything().await;
    for secret in codes.iter().map(|code| code.as_str().unwrap()).chain([secret]) {
        assert!(!everything.iter().any(|item| item.contains(secret) || item.contains(&secret.replace('-', ""))));
    }
    // The code of the confirmation has been used; the next one signs in.
    let token = world.half_way().await;
    world.complete(&token, "code", &world.code(&bytes, 0)).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.pass(STEP_SECONDS);
    let done = world.complete(&token, "code", &world.code(&bytes, 0)).await.expect(200);
    let access = done.data()["accessToken"].as_str().unwrap();
    assert_eq!(world.auth.app.verifier.verify(access, world.clock().now()).unwrap().amr, ["pwd", "otp", "mfa"]);
    let sessions = world.api.get("/api/v1/auth/sessions").token(access).send().await.expect(200);
    assert_eq!(sessions.data()["sessions"][0]["method"], "password_totp");
}

#[tokio::test]
async fn a_step_is_taken_once_and_no_earlier_one_after_it() {
    let world = World::start().await;
    let ada = world.enrolled(ADA).await;
    let (earlier, code) = (world.code(&ada.secret, -1), world.code(&ada.secret, 0));
    let tokens = [world.half_way().await, world.half_way().await, world.half_way().await];
    let answers = join_all(tokens.iter().map(|token| world.complete(token, "code", &code))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
    world.pass(1);
    let token = world.half_way().await;
    world.complete(&token, "code", &code).await.expect_failure(401, "AUTHENTICATION_FAILED");
    let token = world.half_way().await;
    let answer = world.complete(&token, "code", &earlier).await;
    assert!([401, 423].contains(&answer.status.as_u16()), "{}", answer.text);
}

#[tokio::test]
async fn a_recovery_code_works_once() {
    let world = World::start().await;
    let ada = world.enrolled(ADA).await;
    let tokens = join_all((0..3).map(|_| world.half_way())).await;
    let code = ada.recovery[3].to_uppercase();
    let answers = join_all(tokens.iter().map(|token| world.complete(token, "recoveryCode", &code))).await;
    let won: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    let access = won[0].data()["accessToken"].as_str().unwrap();
    assert_eq!(world.auth.app.verifier.verify(access, world.clock().now()).unwrap().amr, ["pwd", "mfa"]);
    assert_eq!(world.mfa(access).await["recoveryCodesLeft"], 9);
    assert_eq!(world.count_events("user.recovery_code_used").await, 1);
}

#[tokio::test]
async fn a_half_finished_sign_in_opens_no_door_and_ends() {
    let world = World::start().await;
    let ada = world.enrolled(ADA).await;
    let token = world.half_way().await;
    world.profile(&token).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.refresh(&token).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.reset(&token, "another fine passphrase").await.expect_failure(400, "VALIDATION_ERROR");
    for (field, token) in [("code", ada.person.access.as_str()), ("code", &ada.person.refresh), ("code", "k.AAAA")] {
        let answer = world.complete(token, field, &world.code(&ada.secret, 0)).await;
        answer.expect_failure(401, "AUTHENTICATION_FAILED");
    }
    for body in
        [json!({ "mfaToken": token }), json!({ "mfaToken": token, "code": "123456", "recoveryCode": "00000-00000" })]
    {
        world.api.post("/api/v1/auth/login/mfa", body).send().await.expect_failure(400, "VALIDATION_ERROR");
    }
    // One hit, and it is dead, whatever else is shown.
    world.complete(&token, "code", &world.code(&ada.secret, 0)).await.expect(200);
    let again = world.complete(&token, "recoveryCode", &ada.recovery[0]).await;
    again.expect_failure(401, "AUTHENTICATION_FAILED");
    // Five minutes.
    let token = world.half_way().await;
    world.pass(300);
    let late = world.complete(&token, "code", &world.code(&ada.secret, 0)).await;
    late.expect_failure(401, "AUTHENTICATION_FAILED");
}

#[tokio::test]
async fn misses_count_as_guesses_and_a_right_password_clears_none() {
    let world = World::start().await;
    let ada = world.enrolled(ADA).await;
    // The right password is counted too, until the factor was right.
    let token = world.half_way().await;
    for _ in 0..3 {
        world.complete(&token, "recoveryCode", "00000-00000").await.expect_failure(401, "AUTHENTICATION_FAILED");
    }
    world.half_way().await;
    world.login(ADA, PASSWORD).await.expect_failure(423, "ACCOUNT_LOCKED");
    world.complete(&token, "code", &world.code(&ada.secret, 0)).await.expect_failure(423, "ACCOUNT_LOCKED");
    world.pass(1801);
    let token = world.half_way().await;
    world.complete(&token, "code", &world.code(&ada.secret, 0)).await.expect(200);
    let token = world.half_way().await;
    world.complete(&token, "recoveryCode", &ada.recovery[0]).await.expect(200);
}

#[tokio::test]
async fn five_misses_end_a_sign_in() {
    let world = World::start().await;
    let ada = world.enrolled(ADA).await;
    let token = world.half_way().await;
    for _ in 0..5 {
        world
            .auth
            .app
            .store
            .clear_guesses("ada@example.com".parse::<domain::identity::EmailAddress>().unwrap().key())
            .await
            .unwrap();
        world.complete(&token, "recoveryCode", "00000-00000").await.expect_failure(401, "AUTHENTICATION_FAILED");
    }
    let right = world.complete(&token, "code", &world.code(&ada.secret, 0)).await;
    assert_eq!(right.status, 401, "{}", right.text);
    world.pass(61);
    let token = world.half_way().await;
    world.complete(&token, "code", &world.code(&ada.secret, 0)).await.expect(200);
}

#[tokio::test]
async fn a_factor_goes_with_password_and_code_only() {
    let world = World::start().await;
    let ada = world.enrolled(ADA).await;
    let access = &ada.person.access;
    let renew = async |code: String| {
        world.post(&format!("{MFA}/recovery-codes"), access, json!({ "password": PASSWORD, "code": code })).await
    };
    renew("000000".to_owned()).await.expect_failure(400, "MFA_CODE_INVALID");
    let renewed = renew(world.code(&ada.secret, 0)).await.expect(200);
    let codes = renewed.data()["recoveryCodes"].as_array().unwrap();
    assert_eq!((codes.len(), world.mfa(access).await["recoveryCodesLeft"].as_u64()), (10, Some(10)));
    let disable = async |body: Value| world.post(&format!("{MFA}/totp/disable"), access, body).await;
    let wrong = json!({ "password": "not the password", "recoveryCode": codes[0] });
    disable(wrong).await.expect_failure(403, "REAUTHENTICATION_FAILED");
    let void = json!({ "password": PASSWORD, "recoveryCode": ada.recovery[0] });
    disable(void).await.expect_failure(400, "MFA_CODE_INVALID");
    let good = json!({ "password": PASSWORD, "recoveryCode": codes[0] });
    disable(good.clone()).await.expect(200);
    disable(good).await.expect_failure(400, "MFA_CODE_INVALID");
    assert_eq!(world.profile(access).await.expect(200).data()["mfaEnabled"], false);
    world.sign_in(ADA).await;
    assert_eq!(world.count_events("user.mfa_disabled").await, 1);
    let trail = world.trail(&ada.person).await;
    let actions: Vec<&str> = trail.iter().map(|(action, _, _)| action.as_str()).collect();
    assert_eq!(actions, ["user.mfa_enabled", "user.recovery_codes_renewed", "user.mfa_disabled"]);
}

#[tokio::test]
async fn a_reset_does_not_remove_the_factor() {
    let world = World::start().await;
    let ada = world.enrolled(ADA).await;
    let before = world.half_way().await;
    world.pass(1);
    world.ask_reset(ADA).await.expect(202);
    world.reset(&world.linked("mail.reset").await, "another fine passphrase").await.expect(200);
    let late = world.complete(&before, "code", &world.code(&ada.secret, 0)).await;
    late.expect_failure(401, "AUTHENTICATION_FAILED");
    let answer = world.login(ADA, "another fine passphrase").await.expect(200);
    assert_eq!(answer.data()["mfaRequired"], true);
}

#[tokio::test]
async fn an_account_without_a_password_needs_a_fresh_sign_in() {
    let world = World::start().await;
    let person = world.person(ADA).await;
    let remove = world.sandbox.dynamodb().update_item().table_name("souk-local-core");
    let key = |text: String| AttributeValue::S(text);
    let remove = remove.key("pk", key(format!("USR#{}", person.id()))).key("sk", key("HEAD".to_owned()));
    remove.update_expression("REMOVE password").send().await.unwrap();
    let begin = async || world.post(&format!("{MFA}/totp"), &person.access, json!({})).await;
    begin().await.expect(201);
    world.pass(601);
    begin().await.expect_failure(403, "REAUTHENTICATION_FAILED");
}

#[tokio::test]
async fn an_administrator_removes_a_lost_factor_and_everybody_can_read_that() {
    let world = World::start().await;
    let ada = world.enrolled(ADA).await;
    let admin = world.staff("admin@example.com", &[Role::Administrator]).await;
    let path = format!("/api/v1/users/{}/mfa", ada.person.user["id"].as_str().unwrap());
    let remove = |by: &Person| world.api.call(Method::DELETE, &path).token(&by.access).send();
    remove(&ada.person).await.expect_failure(403, "AUTHORIZATION_FAILED");
    remove(&admin).await.expect(200);
    // The password is enough now; neither the app nor a recovery code means anything any more.
    let access = world.sign_in(ADA).await.access;
    assert_eq!(
        world.mfa(&access).await,
        json!({ "totp": { "enabled": false, "enabledAt": null }, "recoveryCodesLeft": 0 })
    );
    assert_eq!(world.count_events("user.mfa_disabled").await, 1);
    let trail = world.trail(&ada.person).await;
    assert!(
        trail.iter().any(|(action, actor, _)| action == "user.mfa_removed" && *actor == admin.user["id"]),
        "{trail:?}"
    );
    // There is nothing left to remove.
    remove(&admin).await.expect_failure(404, "RESOURCE_NOT_FOUND");
}
