//! All functions of the API in one process, over a cloud of the test's own.

use std::collections::{BTreeMap, HashMap};

use auth::Auth;
use aws_sdk_dynamodb::types::AttributeValue;
use entry::{Clock, Start, one_time, serve};
use notifications::Notifications;
use serde_json::{Value, json};
use testkit::{Answer, Api, Sandbox};
use users::Users;

/// A password that is good enough.
pub const PASSWORD: &str = "correct horse battery staple";

/// The functions under test and what they stand on.
pub struct World {
    pub sandbox: Sandbox,
    pub auth: Auth,
    pub users: Users,
    pub api: Api,
}

/// Somebody who is signed in.
pub struct Person {
    pub access: String,
    pub refresh: String,
    pub user: Value,
}

/// Function `notifications` over a cloud.
pub async fn notifications(sandbox: &Sandbox) -> Notifications {
    let mut state = Notifications::start(&sandbox.environment("notifications"), &sandbox.aws).await.unwrap();
    state.app.clock = sandbox.clock.clone();
    state
}

impl World {
    pub async fn start() -> Self {
        let sandbox = Sandbox::start().await;
        let mut auth = Auth::start(&sandbox.environment("auth"), &sandbox.aws).await.unwrap();
        let mut users = Users::start(&sandbox.environment("users"), &sandbox.aws).await.unwrap();
        auth.app.clock = sandbox.clock.clone();
        users.app.clock = sandbox.clock.clone();
        let notifications = notifications(&sandbox).await;
        World::of(sandbox, auth, users, notifications)
    }

    /// These functions, over their cloud.
    pub fn of(sandbox: Sandbox, auth: Auth, users: Users, notifications: Notifications) -> Self {
        let api = Api::new(vec![
            ("/api/v1/auth", serve(auth::routes(), auth.clone())),
            ("/api/v1/users", serve(users::routes(), users.clone())),
            ("/api/v1/notifications", serve(notifications::routes(), notifications.clone())),
            ("/api/v1/webhook-endpoints", serve(notifications::routes(), notifications)),
        ]);
        World { sandbox, auth, users, api }
    }

    pub fn clock(&self) -> &Clock {
        &self.sandbox.clock
    }

    pub async fn register(&self, email: &str) -> Answer {
        let body = json!({ "name": "Ada Lovelace", "email": email, "password": PASSWORD });
        self.api.post("/api/v1/auth/register", body).send().await
    }

    /// Tokens that were mailed to an address, oldest first, derived from the waiting registrations as `mailer` does.
    pub async fn mailed_tokens(&self, address_key: &str) -> Vec<String> {
        let items = self.sandbox.partition(&format!("REG#{address_key}")).await;
        let ids = items.iter().map(|item| item["sk"].as_s().unwrap().clone());
        let kid = self.sandbox.keyring.current();
        ids.map(|id| one_time::token(&self.sandbox.keyring, kid, &id).unwrap()).collect()
    }

    pub async fn verify(&self, token: &str, password: &str) -> Answer {
        self.api.post("/api/v1/auth/verify-email", json!({ "token": token, "password": password })).send().await
    }

    pub async fn login(&self, email: &str, password: &str) -> Answer {
        self.api.post("/api/v1/auth/login", json!({ "email": email, "password": password })).send().await
    }

    pub async fn refresh(&self, token: &str) -> Answer {
        self.api.post("/api/v1/auth/refresh", json!({ "refreshToken": token })).send().await
    }

    pub async fn profile(&self, access: &str) -> Answer {
        self.api.get("/api/v1/users/profile").token(access).send().await
    }

    /// An account of that address, signed in.
    pub async fn person(&self, email: &str) -> Person {
        self.register(email).await.expect(201);
        let token = self.mailed_tokens(email).await.pop().unwrap();
        self.verify(&token, PASSWORD).await.expect(200);
        self.sign_in(email).await
    }

    pub async fn sign_in(&self, email: &str) -> Person {
        let answer = self.login(email, PASSWORD).await.expect(200);
        let text = |name: &str| answer.data()[name].as_str().unwrap().to_owned();
        Person { access: text("accessToken"), refresh: text("refreshToken"), user: answer.data()["user"].clone() }
    }

    /// Accounts there are.
    pub async fn accounts(&self) -> usize {
        let items = self.sandbox.all_items().await;
        let is_account = |pk: &str, sk: &str| pk.starts_with("USR#") && sk == "HEAD";
        items.iter().filter(|item| is_account(item["pk"].as_s().unwrap(), item["sk"].as_s().unwrap())).count()
    }

    /// Everything that is kept, for showing that nothing changed.
    pub async fn everything(&self) -> Vec<String> {
        let items = self.sandbox.all_items().await;
        let mut texts: Vec<String> = items.iter().map(in_order).collect();
        texts.sort();
        texts
    }

    /// Types of the events that the table tells, in no order.
    pub async fn events(&self) -> Vec<domain::event::Event> {
        let items = self.sandbox.all_items().await;
        let outs = items.iter().filter_map(|item| item.get("out")).map(|out| out.as_b().unwrap().clone());
        outs.flat_map(|out| store::read_events(out.as_ref()).unwrap()).collect()
    }
}

/// An item as text, its attributes in order, at every depth.
pub fn in_order(item: &HashMap<String, AttributeValue>) -> String {
    let fields: BTreeMap<&str, String> = item.iter().map(|(name, value)| (name.as_str(), plain(value))).collect();
    format!("{fields:?}")
}

fn plain(value: &AttributeValue) -> String {
    match value {
        AttributeValue::M(map) => in_order(map),
        AttributeValue::L(list) => format!("{:?}", list.iter().map(plain).collect::<Vec<_>>()),
        value => format!("{value:?}"),
    }
}
