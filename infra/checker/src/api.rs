//! The public API as its callers use it. Lists are read once and counted in.

use std::collections::HashMap;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::http::Http;
use crate::target::Staff;
use crate::{CheckError, Target};

/// The API, and what was read of it.
pub(crate) struct Api {
    http: Http,
    base: String,
    lists: HashMap<(String, String), Vec<Value>>,
}

/// Whether a password signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Login {
    Right,
    Wrong,
}

impl Api {
    /// The API of a target, if there is a way to it.
    pub fn of(target: &Target, http: &Http) -> Option<Self> {
        let base = format!("{}/api/v1", target.api.as_ref()?);
        Some(Api { http: http.clone(), base, lists: HashMap::new() })
    }

    /// A token of somebody who may read the trail.
    pub async fn staff(&self, staff: &Staff) -> Result<String, CheckError> {
        match staff {
            Staff::Token(token) => Ok(token.clone()),
            Staff::Account { email, password } => {
                let (status, body) = self.login(email, password).await?;
                let token = body["data"]["accessToken"].as_str().map(str::to_owned);
                token.ok_or_else(|| CheckError::Http(format!("{email} cannot sign in as staff: {status}")))
            }
        }
    }

    /// Every element of a list, `list` being its name in the answer. Read once.
    pub async fn list(&mut self, path: &str, list: &str, token: &str) -> Result<&[Value], CheckError> {
        let key = (path.to_owned(), token.to_owned());
        if !self.lists.contains_key(&key) {
            let found = self.every(path, list, token).await?;
            self.lists.insert(key.clone(), found);
        }
        Ok(self.lists.get(&key).map(Vec::as_slice).unwrap_or_default())
    }

    /// The same, read now.
    pub async fn every(&self, path: &str, list: &str, token: &str) -> Result<Vec<Value>, CheckError> {
        self.http.pages(&format!("{}{path}", self.base), list, token).await
    }

    /// `data` of one answer.
    pub async fn read(&self, path: &str, token: &str) -> Result<Value, CheckError> {
        self.http.read(&format!("{}{path}", self.base), Some(token)).await
    }

    /// Whether this signs in. An account that is disabled or unproven says so only to whoever knows the password.
    pub async fn signs_in(&self, email: &str, password: &str) -> Result<Login, CheckError> {
        match self.login(email, password).await? {
            (StatusCode::OK | StatusCode::FORBIDDEN, _) => Ok(Login::Right),
            (StatusCode::UNAUTHORIZED, _) => Ok(Login::Wrong),
            (status, _) => Err(CheckError::Http(format!("POST /auth/login for {email}: {status}"))),
        }
    }

    /// The successor of a refresh token; `None` when it is refused.
    pub async fn refresh(&self, token: &str) -> Result<Option<String>, CheckError> {
        let url = format!("{}/auth/refresh", self.base);
        let (status, body) = self.http.tell(&url, &json!({ "refreshToken": token })).await?;
        match status {
            StatusCode::OK => Ok(body["data"]["refreshToken"].as_str().map(str::to_owned)),
            StatusCode::UNAUTHORIZED => Ok(None),
            other => Err(CheckError::Http(format!("POST /auth/refresh: {other}"))),
        }
    }

    async fn login(&self, email: &str, password: &str) -> Result<(StatusCode, Value), CheckError> {
        let body = json!({ "email": email, "password": password });
        self.http.tell(&format!("{}/auth/login", self.base), &body).await
    }
}
