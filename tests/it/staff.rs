//! What staff do to people: roles, status. Nobody gives themselves power, one administrator is always left, and whatever is
//! done stands in the trail.

use axum::http::Method;
use domain::audit::{Act, Action, Actor, ActorType, Entry};
use domain::identity::events::{Source, UserRegistered};
use domain::identity::{Account, Password, Role};
use entry::Origin;
use entry::keys::random;
use futures::future::join_all;
use serde_json::{Value, json};
use souk_admin::check::Ways;
use testkit::Answer;

use crate::world::{PASSWORD, Person, World, notifications};

impl World {
    /// Somebody with roles that others must give, signed in.
    pub async fn staff(&self, email: &str, roles: &[Role]) -> Person {
        let app = &self.auth.app;
        let now = app.clock.now();
        let account = Account {
            password: Some(PASSWORD.parse::<Password>().unwrap().hash(random())),
            granted: roles.iter().copied().collect(),
            ..Account::new(app.id(now), "Otto Operator".parse().unwrap(), email.parse().unwrap(), now)
        };
        let told = UserRegistered {
            user_id: account.id,
            email: account.email.clone(),
            name: account.name.clone(),
            roles: account.roles(),
            source: Source::Service,
        };
        let event = app.event(now, &Origin::default(), None, &[account.id], &told).unwrap();
        let roles: Vec<String> = account.roles().iter().map(ToString::to_string).collect();
        let act = Act::upon_user(Action::UserCreated, account.id).changing("roles", (), roles);
        let actor_id = "testkit".to_owned();
        let actor = Actor { actor_id, actor_type: ActorType::Tool, ip: String::new(), request_id: String::new() };
        let entry = Entry { id: app.id(now), at: now, actor, act };
        app.store.create_person(&account, None, &entry, event, None).await.unwrap();
        self.sign_in(email).await
    }

    pub async fn send(&self, method: Method, path: &str, by: &Person, body: Value) -> Answer {
        self.api.call(method, path).json(body).token(&by.access).send().await
    }

    pub async fn set_roles(&self, by: &Person, of: &Person, roles: &[&str]) -> Answer {
        let body = json!({ "roles": roles, "reason": "as agreed" });
        self.send(Method::PUT, &of.path("/roles"), by, body).await
    }

    pub async fn set_status(&self, by: &Person, of: &Person, status: &str) -> Answer {
        let body = json!({ "status": status, "reason": "as agreed" });
        self.send(Method::PATCH, &of.path("/status"), by, body).await
    }

    /// What the trail says was done to somebody: action, actor, changes.
    pub async fn trail(&self, of: &Person) -> Vec<(String, String, String)> {
        let items = self.sandbox.partition(&format!("AUD#{}", of.id())).await;
        let text = |item: &std::collections::HashMap<String, _>, name: &str| match &item[name] {
            aws_sdk_dynamodb::types::AttributeValue::S(text) => text.clone(),
            other => format!("{other:?}"),
        };
        items.iter().map(|item| (text(item, "action"), text(item, "actorId"), text(item, "changes"))).collect()
    }

    async fn told(&self, name: &str) -> usize {
        self.events().await.into_iter().filter(|event| event.name == name).count()
    }
}

impl Person {
    pub fn id(&self) -> &str {
        self.user["id"].as_str().unwrap()
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/api/v1/users/{}{rest}", self.id())
    }
}

const ROLES: &str = "/api/v1/users/profile/roles";

#[tokio::test]
async fn s4_self_admin() {
    let world = World::start().await;
    let body = json!({ "name": "Eve", "email": "eve@example.com", "password": PASSWORD, "role": "administrator" });
    world.api.post("/api/v1/auth/register", body).send().await.expect_failure(400, "VALIDATION_ERROR");
    let body = json!({
        "name": "Eve", "email": "eve@example.com", "password": PASSWORD, "roles": ["host"], "status": "disabled",
        "isAdmin": true, "emailVerified": true, "version": 99,
    });
    world.api.post("/api/v1/auth/register", body).send().await.expect(201);
    let token = world.mailed_tokens("eve@example.com").await.pop().unwrap();
    world.verify(&token, PASSWORD).await.expect(200);
    let eve = world.sign_in("eve@example.com").await;
    let flags = json!({ "roles": ["administrator"], "role": "operator", "status": "disabled", "isAdmin": true });
    world.send(Method::PATCH, "/api/v1/users/profile", &eve, flags).await.expect(200);
    for role in ["administrator", "operator", "provider", "ADMINISTRATOR"] {
        let answer = world.send(Method::POST, ROLES, &eve, json!({ "role": role })).await;
        answer.expect_failure(403, "AUTHORIZATION_FAILED");
    }
    world.send(Method::POST, ROLES, &eve, json!({ "role": "root" })).await.expect_failure(400, "VALIDATION_ERROR");
    let again = world.sign_in("eve@example.com").await;
    assert_eq!(again.user["roles"], json!(["user", "host"]));
    assert_eq!((&again.user["status"], &again.user["version"]), (&json!("active"), &json!(1)));
}

#[tokio::test]
async fn open_roles_are_taken_and_given_up() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let taken = world.send(Method::POST, ROLES, &ada, json!({ "role": "CLOUD-USER" })).await.expect(201);
    assert_eq!(taken.data()["roles"], json!(["user", "cloud_user"]));
    world.send(Method::POST, ROLES, &ada, json!({ "role": "cloud_user" })).await.expect(201);
    assert_eq!(world.told("user.role_granted").await, 1, "what is held is not granted again");
    let drop = |role: &str| world.api.call(Method::DELETE, &format!("{ROLES}/{role}")).token(&ada.access).send();
    let dropped = drop("cloud_user").await.expect(200);
    assert_eq!(dropped.data()["roles"], json!(["user"]));
    drop("cloud_user").await.expect_failure(404, "RESOURCE_NOT_FOUND");
    drop("nonsense").await.expect_failure(404, "RESOURCE_NOT_FOUND");
    for role in ["user", "operator"] {
        drop(role).await.expect_failure(403, "AUTHORIZATION_FAILED");
    }
    assert_eq!(world.told("user.role_revoked").await, 1);
    // Taken again, it is told again: the item was inserted anew.
    world.send(Method::POST, ROLES, &ada, json!({ "role": "cloud_user" })).await.expect(201);
    assert_eq!(world.told("user.role_granted").await, 1);
    assert!(world.trail(&ada).await.is_empty(), "the trail tells what others do");
}

#[tokio::test]
async fn an_administrator_sets_roles_and_the_trail_says_so() {
    let world = World::start().await;
    let admin = world.staff("admin@example.com", &[Role::Administrator]).await;
    let ada = world.person("ada@example.com").await;
    let set = world.set_roles(&admin, &ada, &["provider", "OPERATOR", "user"]).await.expect(200);
    assert_eq!(set.data()["roles"], json!(["user", "provider", "operator"]));
    assert_eq!(set.header("etag"), Some("\"2\""));
    let trail = world.trail(&ada).await;
    assert_eq!((trail.len(), trail[0].0.as_str(), trail[0].1.as_str()), (1, "user.roles_changed", admin.id()));
    assert!(trail[0].2.contains("operator"), "{trail:?}");
    assert_eq!(world.told("user.role_granted").await, 2);
    // Nothing changes, nothing is written.
    let before = world.everything().await;
    world.set_roles(&admin, &ada, &["operator", "provider"]).await.expect(200);
    assert_eq!(world.everything().await, before);
    // The role works with the next token, and is lost at once.
    let operator = world.sign_in("ada@example.com").await;
    assert_eq!(operator.user["roles"], json!(["user", "provider", "operator"]));
    world.set_roles(&admin, &ada, &[]).await.expect(200);
    assert_eq!(world.told("user.role_revoked").await, 2);
    assert_eq!(world.profile(&operator.access).await.data()["roles"], json!(["user"]));
}

#[tokio::test]
async fn staff_endpoints_are_for_administrators() {
    let world = World::start().await;
    let admin = world.staff("admin@example.com", &[Role::Administrator]).await;
    let operator = world.staff("operator@example.com", &[Role::Operator]).await;
    let ada = world.person("ada@example.com").await;
    let before = world.everything().await;
    for by in [&ada, &operator] {
        world.set_roles(by, &ada, &["administrator"]).await.expect_failure(403, "AUTHORIZATION_FAILED");
        world.set_status(by, &admin, "disabled").await.expect_failure(403, "AUTHORIZATION_FAILED");
    }
    for (path, body) in [
        (ada.path("/roles"), json!({ "roles": ["host"] })),
        (ada.path("/roles"), json!({ "roles": ["host"], "reason": "no" })),
        (ada.path("/roles"), json!({ "roles": ["root"], "reason": "as agreed" })),
    ] {
        world.send(Method::PUT, &path, &admin, body).await.expect_failure(400, "VALIDATION_ERROR");
    }
    let status = json!({ "status": "deleted", "reason": "as agreed" });
    world.send(Method::PATCH, &ada.path("/status"), &admin, status).await.expect_failure(400, "VALIDATION_ERROR");
    for path in ["/api/v1/users/usr_01h455vb4pex5vsknk084sn02q/roles", "/api/v1/users/nonsense/roles"] {
        let body = json!({ "roles": [], "reason": "as agreed" });
        world.send(Method::PUT, path, &admin, body).await.expect_failure(404, "RESOURCE_NOT_FOUND");
    }
    let body = json!({ "roles": ["host"], "reason": "as agreed" });
    let stale = world.api.call(Method::PUT, &ada.path("/roles")).json(body).token(&admin.access);
    stale.header("if-match", "\"7\"").send().await.expect_failure(412, "PRECONDITION_FAILED");
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn disabling_ends_everything_for_good() {
    let world = World::start().await;
    let admin = world.staff("admin@example.com", &[Role::Administrator]).await;
    let ada = world.person("ada@example.com").await;
    let other = world.sign_in("ada@example.com").await;
    let body = json!({ "name": "a program", "scopes": ["profile:read"] });
    let made = world.post("/api/v1/auth/api-keys", &ada.access, body).await.expect(201);
    let key = made.data()["key"].as_str().unwrap();
    world.profile(key).await.expect(200);
    let disabled = world.set_status(&admin, &ada, "disabled").await.expect(200);
    assert_eq!(disabled.data()["status"], "disabled");
    for session in [&ada, &other] {
        world.profile(&session.access).await.expect_failure(401, "AUTHENTICATION_FAILED");
        world.refresh(&session.refresh).await.expect_failure(401, "AUTHENTICATION_FAILED");
    }
    world.profile(key).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.login("ada@example.com", PASSWORD).await.expect_failure(403, "ACCOUNT_DISABLED");
    world.set_roles(&admin, &ada, &["operator"]).await.expect_failure(409, "CONFLICT");
    world.set_status(&admin, &ada, "active").await.expect(200);
    for session in [&ada, &other] {
        world.profile(&session.access).await.expect_failure(401, "AUTHENTICATION_FAILED");
        world.refresh(&session.refresh).await.expect_failure(401, "AUTHENTICATION_FAILED");
    }
    world.profile(key).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.sign_in("ada@example.com").await;
    assert_eq!(world.told("user.api_key_revoked").await, 1);
    assert_eq!((world.told("user.disabled").await, world.told("user.enabled").await), (1, 1));
    let trail = world.trail(&ada).await;
    let changed = trail.iter().filter(|entry| entry.0 == "user.status_changed").count();
    assert_eq!(changed, 2, "{trail:?}");
}

#[tokio::test]
async fn one_administrator_is_always_left() {
    let world = World::start().await;
    let admin = world.staff("admin@example.com", &[Role::Administrator]).await;
    world.set_roles(&admin, &admin, &[]).await.expect_failure(409, "LAST_ADMINISTRATOR");
    world.set_status(&admin, &admin, "disabled").await.expect_failure(409, "LAST_ADMINISTRATOR");
    // One who is disabled does not count.
    let second = world.staff("second@example.com", &[Role::Administrator]).await;
    world.set_status(&admin, &second, "disabled").await.expect(200);
    world.set_roles(&admin, &admin, &["operator"]).await.expect_failure(409, "LAST_ADMINISTRATOR");
    world.set_status(&admin, &second, "active").await.expect(200);
    world.set_roles(&admin, &admin, &["operator"]).await.expect(200);
    world.set_roles(&admin, &second, &[]).await.expect_failure(403, "AUTHORIZATION_FAILED");
    let souk = crate::admin::operator(&world.sandbox);
    assert!(souk_admin::check::check(&souk, &Ways::default()).await.unwrap().is_clean());
}

#[tokio::test]
async fn two_administrators_cannot_take_each_others_role() {
    let world = World::start().await;
    for round in 0..4 {
        let first = world.staff(&format!("first{round}@example.com"), &[Role::Administrator]).await;
        let second = world.staff(&format!("second{round}@example.com"), &[Role::Administrator]).await;
        // Whoever was left by the round before makes room for these two.
        for person in world.administrators().await {
            if ![first.id(), second.id()].contains(&person.as_str()) {
                let body = json!({ "roles": [], "reason": "as agreed" });
                let path = format!("/api/v1/users/{person}/roles");
                world.send(Method::PUT, &path, &first, body).await.expect(200);
            }
        }
        let take = async |by, of| world.set_roles(by, of, &[]).await.status.as_u16();
        let disable = async |by, of| world.set_status(by, of, "disabled").await.status.as_u16();
        let (one, other) = match round % 2 {
            0 => tokio::join!(take(&first, &second), take(&second, &first)),
            _ => tokio::join!(take(&first, &second), disable(&second, &first)),
        };
        let done = [one, other].iter().filter(|status| **status == 200).count();
        assert_eq!((done, world.administrators().await.len()), (1, 1), "{one} {other}");
    }
}

#[tokio::test]
async fn of_many_racing_demotions_one_administrator_stays() {
    let world = World::start().await;
    let mut all = Vec::new();
    for n in 0..6 {
        all.push(world.staff(&format!("admin{n}@example.com"), &[Role::Administrator]).await);
    }
    let next = |n: usize| &all[(n + 1) % all.len()];
    let answers = join_all(all.iter().enumerate().map(|(n, by)| world.set_roles(by, next(n), &[]))).await;
    assert!(answers.iter().all(|answer| [200, 403, 409, 503].contains(&answer.status.as_u16())));
    assert!(!world.administrators().await.is_empty());
    let souk = crate::admin::operator(&world.sandbox);
    assert!(souk_admin::check::check(&souk, &Ways::default()).await.unwrap().is_clean());
}

impl World {
    /// Ids of the acting administrators, as the table knows them.
    async fn administrators(&self) -> Vec<String> {
        let ids = self.auth.app.store.administrators().await.unwrap();
        ids.iter().map(ToString::to_string).collect()
    }
}

#[tokio::test]
async fn whoever_proves_the_bootstrap_address_first_is_administrator() {
    let mut world = World::start().await;
    world.auth.bootstrap_admin_email = Some("Boss@example.com".parse().unwrap());
    let users = world.users.clone();
    let World { sandbox, auth, .. } = world;
    let notifications = notifications(&sandbox).await;
    let world = World::of(sandbox, auth, users, notifications);
    let eve = world.person("eve@example.com").await;
    assert_eq!(eve.user["roles"], json!(["user"]));
    world.register("boss@example.com").await.expect(201);
    assert!(world.administrators().await.is_empty(), "nothing is proven yet");
    let boss = world.person("boss@example.com").await;
    assert_eq!(boss.user["roles"], json!(["user", "administrator"]));
    let trail = world.trail(&boss).await;
    assert_eq!((trail.len(), trail[0].1.as_str()), (1, "BOOTSTRAP_ADMIN_EMAIL"));
    // Given up, it does not come back while there is somebody else.
    world.set_roles(&boss, &eve, &["administrator"]).await.expect(200);
    world.set_roles(&boss, &boss, &[]).await.expect(200);
    world.ask_reset("boss@example.com").await.expect(202);
    world.clock().set_offset_seconds(1);
    world.reset(&world.linked("mail.reset").await, PASSWORD).await.expect(200);
    assert_eq!(world.sign_in("boss@example.com").await.user["roles"], json!(["user"]));
}

#[tokio::test]
async fn an_account_of_before_the_setting_proves_it_by_a_reset() {
    let mut world = World::start().await;
    world.person("boss@example.com").await;
    world.auth.bootstrap_admin_email = Some("boss@example.com".parse().unwrap());
    let users = world.users.clone();
    let World { sandbox, auth, .. } = world;
    let notifications = notifications(&sandbox).await;
    let world = World::of(sandbox, auth, users, notifications);
    assert_eq!(world.sign_in("boss@example.com").await.user["roles"], json!(["user"]), "a password is no proof");
    world.ask_reset("boss@example.com").await.expect(202);
    world.clock().set_offset_seconds(1);
    world.reset(&world.linked("mail.reset").await, PASSWORD).await.expect(200);
    assert_eq!(world.sign_in("boss@example.com").await.user["roles"], json!(["user", "administrator"]));
}
