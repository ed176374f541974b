//! Somebody with a browser, who knows nothing but two URLs.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use super::waiting::until;
use crate::world::PASSWORD;

/// No answer is the one thing that must never happen; as long as this may it take where a function is built first.
const ANSWER_LIMIT: Duration = Duration::from_secs(300);
/// What comes by mail takes a fraction of a second; a busy machine may take longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Uses the API and reads the mailbox.
#[derive(Clone)]
pub struct Visitor {
    pub api: String,
    pub control: String,
    pub client: Client,
    /// How long a mail is waited for.
    pub patience: Duration,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub text: String,
    pub json: Value,
}

/// Tokens of somebody who is signed in.
pub struct Session {
    pub access: String,
    pub refresh: String,
}

impl Visitor {
    pub fn new(api: &str, control: &str) -> Self {
        let client = Client::builder().timeout(ANSWER_LIMIT).build().unwrap();
        Visitor { api: api.to_owned(), control: control.to_owned(), client, patience: PATIENCE }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.api))
    }

    pub async fn get(&self, path: &str) -> Reply {
        Reply::of(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        Reply::of(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn profile(&self, access: &str) -> Reply {
        Reply::of(self.request(Method::GET, "/api/v1/users/profile").bearer_auth(access)).await
    }

    /// `data` of an answer of the control port.
    pub async fn control(&self, path: &str) -> Value {
        let reply = Reply::of(self.client.get(format!("{}{path}", self.control))).await.expect(200);
        reply.json["data"].clone()
    }

    pub async fn register(&self, email: &str) -> Reply {
        let body = json!({ "name": "Ada Lovelace", "email": email, "password": PASSWORD });
        self.post("/api/v1/auth/register", body).await
    }

    /// The token of the newest mail to an address, once there is one.
    pub async fn mailed_token(&self, email: &str) -> String {
        let path = format!("/control/mail?to={email}");
        until(&format!("a mail to {email}"), self.patience, async || {
            let mails = self.control(&path).await;
            let text = mails[0]["text"].as_str()?;
            let (_, after) = text.split_once("verify-email?token=")?;
            Some(after.split(|c: char| c.is_whitespace()).next().unwrap_or_default().to_owned())
        })
        .await
    }

    pub async fn verify(&self, token: &str) -> Reply {
        self.post("/api/v1/auth/verify-email", json!({ "token": token, "password": PASSWORD })).await
    }

    pub async fn login(&self, email: &str, password: &str) -> Reply {
        self.post("/api/v1/auth/login", json!({ "email": email, "password": password })).await
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> Session {
        let reply = self.login(email, password).await.expect(200);
        let text = |name: &str| reply.json["data"][name].as_str().unwrap().to_owned();
        Session { access: text("accessToken"), refresh: text("refreshToken") }
    }

    /// The whole way from a stranger to somebody who is signed in.
    pub async fn join(&self, email: &str) -> Session {
        self.register(email).await.expect(201);
        let token = self.mailed_token(email).await;
        self.verify(&token).await.expect(200);
        self.sign_in(email, PASSWORD).await
    }
}

impl Reply {
    /// Sends a request; whatever its status, there has to be an answer.
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Reply { status, text, json }
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Asserts that it failed with this status and code, in the envelope.
    #[track_caller]
    pub fn expect_failure(self, status: u16, code: &str) -> Self {
        let reply = self.expect(status);
        assert_eq!(reply.json["success"], false, "{}", reply.text);
        assert_eq!(reply.json["code"], code, "{}", reply.text);
        assert_eq!(reply.json["statusCode"], status, "{}", reply.text);
        assert!(reply.json["requestId"].is_string() && reply.json["timestamp"].is_string(), "{}", reply.text);
        reply
    }
}
