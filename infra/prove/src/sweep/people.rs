//! People who use the product.

use serde_json::json;
use uuid::Uuid;

use super::facts::Broken;
use super::site::Site;
use crate::client::{Request, Told};

/// Nobody's real one.
pub const PASSWORD: &str = "correct horse battery staple 7";
/// Of the mail that proves an address.
pub const VERIFY: &str = "Verify your e-mail address";

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: String,
    pub email: String,
    pub access: String,
}

/// An address that nobody had before.
pub fn stranger() -> String {
    format!("sweep-{}@example.com", Uuid::now_v7().simple())
}

/// POST /auth/register
pub fn registration(email: &str) -> Request {
    let body = json!({ "name": "Ada Lovelace", "email": email, "password": PASSWORD });
    Request::post("/api/v1/auth/register", body)
}

/// POST /auth/verify-email
pub fn verification(token: &str) -> Request {
    Request::post("/api/v1/auth/verify-email", json!({ "token": token, "password": PASSWORD }))
}

/// POST /auth/login
pub fn login(email: &str, password: &str) -> Request {
    Request::post("/api/v1/auth/login", json!({ "email": email, "password": password }))
}

/// GET /users/profile
pub fn profile(access: &str) -> Request {
    Request::get("/api/v1/users/profile").token(access)
}

/// Access and refresh token of an answer.
pub fn tokens(told: &Told) -> Result<(String, String), Broken> {
    let text = |name: &str| told.reply.data()[name].as_str().map(str::to_owned);
    let pair = text("accessToken").zip(text("refreshToken"));
    pair.ok_or_else(|| Broken(format!("no tokens but {}", told.reply)))
}

impl Site {
    /// Registers a stranger; answers address and mailed token.
    pub async fn register(&self) -> Result<(String, String), Broken> {
        let email = stranger();
        self.ask(&registration(&email)).await?;
        let token = self.mailed_token(&email, VERIFY).await?;
        Ok((email, token))
    }

    /// Makes an account; answers its address.
    pub async fn account(&self) -> Result<String, Broken> {
        let (email, token) = self.register().await?;
        self.ask(&verification(&token)).await?;
        Ok(email)
    }

    /// Access and refresh token.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<(String, String), Broken> {
        tokens(&self.told(&login(email, password)).await?)
    }

    /// Somebody with this address and password, signed in now.
    pub async fn person(&self, email: &str, password: &str) -> Result<Person, Broken> {
        let (access, _) = self.sign_in(email, password).await?;
        let shown = self.ask(&profile(&access)).await?;
        let id = shown.data()["id"].as_str().ok_or_else(|| Broken("a profile without id".to_owned()))?;
        Ok(Person { id: id.to_owned(), email: email.to_owned(), access })
    }

    /// The whole way from a stranger to somebody who is signed in.
    pub async fn join(&self) -> Result<Person, Broken> {
        let email = self.account().await?;
        self.person(&email, PASSWORD).await
    }
}
