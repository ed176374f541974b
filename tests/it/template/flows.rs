//! What people and events make the functions do: every way to AWS that the code has is walked once.

use std::time::Duration;

use auth::Auth;
use axum::http::Method;
use devstack::template::Template;
use docs::Docs;
use domain::event::Event;
use domain::identity::events::{How, MailInvitation, UserDisabled, UserPasswordChanged};
use domain::identity::registration::MAX_WAITING;
use domain::identity::webhook::Reach;
use domain::time::MINUTE;
use domain::{Id, id};
use entry::keys::random;
use entry::{App, Environment, Start, serve};
use mailer::Mailer;
use notifications::Notifications;
use outbox_relay::Relay;
use serde_json::json;
use sweeper::{Order, Sweeper};
use testkit::{Api, Sandbox};
use users::Users;

use super::recorder::{Notes, REFUSED, Recorder, THROTTLED};
use crate::events::{event, mailed, then};
use crate::notices::notice;
use crate::people::BCRYPT;
use crate::projector::forget_account;
use crate::world::{PASSWORD, World};

/// Who becomes the very first administrator.
const BOSS: &str = "boss@example.com";

/// Walks all ways; answers what each function asked AWS for, and the template that it ran under.
pub async fn walked() -> (Notes, Template) {
    let sandbox = Sandbox::start().await;
    let recorder = Recorder::start(&sandbox).await;
    relay_and_mail(&sandbox, &recorder).await;
    sweep(&sandbox, &recorder).await;
    let docs = Docs::start(&as_deployed(&sandbox, "docs"), &recorder.aws(&sandbox, "docs")).await.unwrap();
    Api::new(vec![("", serve(docs::routes(), docs))]).get("/health").send().await.expect(200);
    let world = people(sandbox, &recorder).await;
    sign_up_and_in(&world).await;
    change_profiles(&world).await;
    change_credentials(&world).await;
    manage_people(&world).await;
    use_keys(&world).await;
    use_factors(&world).await;
    notices(&world, &recorder).await;
    project(&world, &recorder).await;
    read_statistics(&world).await;
    read_notices(&world).await;
    super::webhooks::walk(&world, &recorder).await;
    (recorder.notes(), world.sandbox.template)
}

/// The function's environment, in a stage that is not `local`: secrets come from SSM there.
pub(super) fn as_deployed(sandbox: &Sandbox, binary: &str) -> Environment {
    let stage = ("STAGE".to_owned(), "dev".to_owned());
    Environment::of(sandbox.settings(binary).into_iter().chain([stage]))
}

async fn people(sandbox: Sandbox, recorder: &Recorder) -> World {
    let mut auth = Auth::start(&as_deployed(&sandbox, "auth"), &recorder.aws(&sandbox, "auth")).await.unwrap();
    let mut users = Users::start(&as_deployed(&sandbox, "users"), &recorder.aws(&sandbox, "users")).await.unwrap();
    auth.app.clock = sandbox.clock.clone();
    auth.bootstrap_admin_email = BOSS.parse().ok();
    users.app.clock = sandbox.clock.clone();
    let (environment, aws) = (as_deployed(&sandbox, "notifications"), recorder.aws(&sandbox, "notifications"));
    let mut notifications = Notifications::start(&environment, &aws).await.unwrap();
    notifications.app.clock = sandbox.clock.clone();
    // Receivers of the test are on this machine.
    notifications.reach = Reach::PublicAndLoopback;
    World::of(sandbox, auth, users, notifications)
}

async fn relay_and_mail(sandbox: &Sandbox, recorder: &Recorder) {
    let environment = as_deployed(sandbox, "outbox-relay");
    let relay = Relay::start(&environment, &recorder.aws(sandbox, "outbox-relay")).await.unwrap();
    let record = entry::Record { sequence: "1".to_owned(), events: vec![mailed("ada@example.com"), seen()] };
    assert!(outbox_relay::relay(relay, vec![record]).await.is_empty());
    let mailer = Mailer::start(&as_deployed(sandbox, "mailer"), &recorder.aws(sandbox, "mailer")).await.unwrap();
    assert!(mailer::handle(mailer.clone(), mailed("ada@example.com")).await.is_ok());
    assert!(mailer::handle(mailer.clone(), mailed(REFUSED)).await.is_err());
    let kid = sandbox.keyring.current().to_owned();
    let invited = MailInvitation { email: REFUSED.parse().unwrap(), proof_id: Id::new(then(), random()), kid };
    assert!(mailer::handle(mailer.clone(), event(&invited)).await.is_err());
    let throttled = Event { occurred_at: sandbox.clock.now(), ..mailed(THROTTLED) };
    assert!(mailer::handle(mailer, throttled).await.is_ok());
}

/// An event that views show.
fn seen() -> Event {
    event(&UserDisabled { user_id: Id::new(then(), random()) })
}

/// Somebody is seen, changes their name, and is gone.
async fn project(world: &World, recorder: &Recorder) {
    let environment = as_deployed(&world.sandbox, "projector");
    let projector = App::start(&environment, &recorder.aws(&world.sandbox, "projector")).await.unwrap();
    let person = world.person("hopper@example.com").await;
    let user_id: Id<id::User> = person.user["id"].as_str().unwrap().parse().unwrap();
    let told = event(&UserDisabled { user_id });
    assert!(projector::handle(projector.clone(), told.clone()).await.is_ok());
    let change = world.api.patch("/api/v1/users/profile", json!({ "name": "Grace Hopper" }));
    change.token(&person.access).send().await.expect(200);
    assert!(projector::handle(projector.clone(), told.clone()).await.is_ok());
    forget_account(&world.sandbox, user_id).await;
    assert!(projector::handle(projector, told).await.is_ok());
}

async fn read_statistics(world: &World) {
    let boss = world.sign_in(BOSS).await;
    world.api.get("/api/v1/users/stats").token(&boss.access).send().await.expect(200);
}

/// What the mail service took no more of has fallen due.
async fn sweep(sandbox: &Sandbox, recorder: &Recorder) {
    let environment = as_deployed(sandbox, "sweeper");
    let mut sweeper = Sweeper::start(&environment, &recorder.aws(sandbox, "sweeper")).await.unwrap();
    sweeper.app.clock.set_offset_seconds(2 * MINUTE);
    let swept = sweeper::sweep(sweeper.clone(), Order::default()).await.unwrap();
    assert_eq!(swept.jobs["identity"].sent, 1);
    let message = sandbox.cloud.receive("souk-local-due", 1, Duration::ZERO).await.unwrap().remove(0);
    sweeper.app.clock = sandbox.clock.clone();
    assert!(sweeper::handle(sweeper, serde_json::from_str(&message.body).unwrap()).await.is_ok());
}

async fn sign_up_and_in(world: &World) {
    let (email, stranger) = ("ada@example.com", "eve@example.com");
    // One registration more than may wait: the oldest is displaced.
    for _ in 0..=MAX_WAITING {
        world.register(email).await.expect(201);
    }
    world.login(email, PASSWORD).await.expect_failure(403, "EMAIL_NOT_VERIFIED");
    let token = world.mailed_tokens(email).await.pop().unwrap();
    world.api.get(&format!("/api/v1/auth/verify-email?token={token}")).send().await.expect(200);
    world.verify(&token, PASSWORD).await.expect(200);
    world.register(email).await.expect(201);
    world.login(email, "wrong wrong wrong").await.expect(401);
    world.login(stranger, PASSWORD).await.expect(401);
    let person = world.sign_in(email).await;
    world.api.get("/api/v1/auth/session").token(&person.access).send().await.expect(200);
    let answer = world.refresh(&person.refresh).await.expect(200);
    let access = answer.data()["accessToken"].as_str().unwrap().to_owned();
    // A token of two generations ago ends the session, and is told.
    world.refresh(answer.data()["refreshToken"].as_str().unwrap()).await.expect(200);
    world.refresh(&person.refresh).await.expect(401);
    world.profile(&access).await.expect(401);
    // More sessions than may live, then the end of all.
    for n in 0..22 {
        // Fifteen a minute: an address may sign in twenty times.
        world.clock().set_offset_seconds(4 * n);
        world.sign_in(email).await;
    }
    let access = world.sign_in(email).await.access;
    let everywhere = world.api.post("/api/v1/auth/logout", json!({ "everywhere": true }));
    everywhere.token(&access).send().await.expect(200);
    // Guesses until the address is locked.
    for _ in 0..6 {
        world.login(email, "wrong wrong wrong").await;
    }
}

async fn change_profiles(world: &World) {
    let person = world.person("grace@example.com").await;
    for (n, path) in ["/api/v1/auth/me", "/api/v1/auth/profile", "/api/v1/users/profile", "/api/v1/users/profile"]
        .into_iter()
        .enumerate()
    {
        world.api.get(path).token(&person.access).send().await.expect(200);
        let change = world.api.patch(path, json!({ "username": format!("grace{n}") }));
        change.token(&person.access).send().await.expect(200);
    }
    // Of changes at the same time one goes first; the others read again.
    let race = (0..8).map(|n| {
        let change = world.api.patch("/api/v1/users/profile", json!({ "bio": n.to_string() }));
        change.token(&person.access).send()
    });
    futures::future::join_all(race).await;
}

async fn change_credentials(world: &World) {
    let person = world.person("mary@example.com").await;
    for body in [json!({ "email": "mary@example.com" }), json!({ "email": "nobody@example.com" })] {
        world.api.post("/api/v1/auth/verify-email/resend", body).send().await.expect(202);
    }
    let new = "another fine passphrase";
    let body = json!({ "currentPassword": PASSWORD, "newPassword": new });
    world.post("/api/v1/auth/change-password", &person.access, body).await.expect(200);
    let body = json!({ "newEmail": "shelley@example.com", "password": new });
    world.post("/api/v1/auth/change-email", &person.access, body).await.expect(202);
    let token = world.linked("mail.email_change").await;
    world.api.get(&format!("/api/v1/auth/verify-email?token={token}")).send().await.expect(200);
    world.api.post("/api/v1/auth/verify-email", json!({ "token": token })).send().await.expect(200);
    let other = world.login("shelley@example.com", new).await.expect(200);
    let path = format!("/api/v1/auth/sessions/{}", other.data()["sessionId"].as_str().unwrap());
    for (method, path) in
        [("GET", "/api/v1/auth/sessions"), ("DELETE", path.as_str()), ("DELETE", "/api/v1/auth/sessions")]
    {
        world.api.call(method.parse().unwrap(), path).token(&person.access).send().await.expect(200);
    }
    // A second later: a link that was mailed in the moment of the change would be void.
    world.clock().set_offset_seconds(100);
    world.ask_reset("shelley@example.com").await.expect(202);
    world.reset(&world.linked("mail.reset").await, PASSWORD).await.expect(200);
}

/// The very first administrator is whoever proves the address of the setting; the next one is made, and both act.
async fn manage_people(world: &World) {
    let boss = world.person(BOSS).await;
    let anna = world.person("anna@example.com").await;
    world.post("/api/v1/users/profile/roles", &anna.access, json!({ "role": "host" })).await.expect(201);
    let host = world.api.call(Method::DELETE, "/api/v1/users/profile/roles/host").token(&anna.access);
    host.send().await.expect(200);
    world.set_roles(&boss, &anna, &["administrator"]).await.expect(200);
    world.set_roles(&boss, &anna, &["operator"]).await.expect(200);
    world.set_status(&boss, &anna, "disabled").await.expect(200);
    world.set_status(&boss, &anna, "active").await.expect(200);
    for path in
        ["", "?role=operator&status=active", "?search=an", "/audit", anna.path("").trim_start_matches("/api/v1/users")]
    {
        world.api.get(&format!("/api/v1/users{path}")).token(&boss.access).send().await.expect(200);
    }
    let of_anna = format!("/api/v1/users/audit?targetId={}", anna.id());
    world.api.get(&of_anna).token(&boss.access).send().await.expect(200);
    let change = json!({ "email": "anne@example.com", "username": "anne" });
    world.send(Method::PATCH, &anna.path(""), &boss, change).await.expect(200);
    world.send(Method::POST, &anna.path("/password-reset"), &boss, json!({})).await.expect(202);
    let out = world.api.call(Method::DELETE, &anna.path("/sessions")).token(&boss.access);
    out.send().await.expect(200);
    // Invited, and let in with a password of before.
    let olga = world.api.post("/api/v1/users", json!({ "name": "Olga", "email": "olga@example.com" }));
    olga.token(&boss.access).header("idempotency-key", "olga").send().await.expect(201);
    world.api.get("/api/v1/users/profile/activity").token(&boss.access).send().await.expect(200);
    let token = world.linked("mail.invitation").await;
    world.verify(&token, PASSWORD).await.expect(200);
    world.create(&boss, "bert@example.com", json!({ "passwordHash": BCRYPT })).await.expect(201);
    world.login("bert@example.com", PASSWORD).await.expect(200);
}

async fn use_factors(world: &World) {
    let path = "/api/v1/auth/mfa";
    let ada = world.enrolled("hedy@example.com").await;
    world.api.get(path).token(&ada.person.access).send().await.expect(200);
    let half_way = world.login("hedy@example.com", PASSWORD).await.expect(200);
    let done = json!({ "mfaToken": half_way.data()["mfaToken"], "recoveryCode": ada.recovery[0] });
    world.api.post("/api/v1/auth/login/mfa", done).send().await.expect(200);
    let body = json!({ "password": PASSWORD, "recoveryCode": ada.recovery[1] });
    world.post(&format!("{path}/totp/disable"), &ada.person.access, body).await.expect(200);
    let (lost, boss) = (world.enrolled("lost@example.com").await, world.sign_in(BOSS).await);
    world.api.call(Method::DELETE, &lost.person.path("/mfa")).token(&boss.access).send().await.expect(200);
}

async fn use_keys(world: &World) {
    let person = world.person("joan@example.com").await;
    for _ in 0..2 {
        let key = world.key(&person.access, &["profile:write", "events:read"]).await;
        for path in ["/api/v1/auth/me", "/api/v1/users/profile", "/api/v1/notifications"] {
            world.api.get(path).token(&key.text).send().await.expect(200);
        }
    }
    let path = "/api/v1/auth/api-keys";
    let again = world.api.post(path, json!({ "name": "once", "scopes": ["profile:read"] }));
    again.header("idempotency-key", "once").token(&person.access).send().await.expect(201);
    let listed = world.api.get(path).token(&person.access).send().await.expect(200);
    let path = format!("{path}/{}", listed.data()["apiKeys"][0]["id"].as_str().unwrap());
    world.api.call(Method::DELETE, &path).token(&person.access).send().await.expect(200);
    let body = json!({ "currentPassword": PASSWORD, "newPassword": "another fine passphrase", "revokeApiKeys": true });
    world.post("/api/v1/auth/change-password", &person.access, body).await.expect(200);
}

async fn read_notices(world: &World) {
    let person = world.sign_in("grace@example.com").await;
    let user: Id<id::User> = person.user["id"].as_str().unwrap().parse().unwrap();
    let told = notice(user, world.clock().now());
    world.auth.app.store.add_notice(user, &told).await.unwrap();
    let one = format!("/api/v1/notifications/{}", told.id);
    let read = format!("{one}/read");
    for (method, path) in [
        ("GET", "/api/v1/notifications"),
        ("GET", "/api/v1/notifications/unread-count"),
        ("POST", read.as_str()),
        ("POST", "/api/v1/notifications/read-all"),
        ("DELETE", one.as_str()),
        ("GET", "/api/v1/notifications/preferences"),
    ] {
        world.api.call(method.parse().unwrap(), path).token(&person.access).send().await.expect(200);
    }
    let change = json!({ "categories": { "talent": { "email": false } } });
    world.api.put("/api/v1/notifications/preferences", change).token(&person.access).send().await.expect(200);
}

/// A notice goes to the address that the account has by now.
async fn notices(world: &World, recorder: &Recorder) {
    let environment = as_deployed(&world.sandbox, "mailer");
    let mailer = Mailer::start(&environment, &recorder.aws(&world.sandbox, "mailer")).await.unwrap();
    let profile = world.sign_in("grace@example.com").await.user;
    let user_id = profile["id"].as_str().unwrap().parse().unwrap();
    let told = event(&UserPasswordChanged { user_id, how: How::Change });
    assert!(mailer::handle(mailer, Event { subject_ids: vec![user_id], ..told }).await.is_ok());
    assert_eq!(world.sandbox.cloud.mails(Some("grace@example.com")).unwrap().len(), 1);
}
