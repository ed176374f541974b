//! What people ask for, in about the shares of an app that shows a profile, sessions and notices.

use reqwest::Method;
use serde_json::json;

use crate::client::Request;
use crate::draw::Draw;
use crate::people::{Person, Post};

/// Whether a request changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Read,
    Write,
}

#[derive(Debug, Clone, Copy)]
enum Read {
    Path(&'static str),
    /// Staff look for people.
    Search,
}

#[derive(Debug, Clone, Copy)]
enum Write {
    Bio,
    Preferences,
    ReadAll,
    ApiKey,
}

const READS: [(usize, Read); 8] = [
    (30, Read::Path("/api/v1/users/profile")),
    (20, Read::Path("/api/v1/notifications/unread-count")),
    (15, Read::Path("/api/v1/notifications?limit=20")),
    (10, Read::Path("/api/v1/auth/session")),
    (10, Read::Path("/api/v1/auth/sessions")),
    (5, Read::Path("/api/v1/auth/api-keys")),
    (5, Read::Path("/api/v1/notifications/preferences")),
    (5, Read::Search),
];

/// API keys are few: an account has at most twenty.
const WRITES: [(usize, Write); 4] =
    [(50, Write::Bio), (25, Write::Preferences), (22, Write::ReadAll), (3, Write::ApiKey)];

/// Of so many people, one is staff.
const STAFF: usize = 20;

/// What the n-th of the people is. The first is staff.
pub fn post(n: usize) -> Post {
    if n.is_multiple_of(STAFF) { Post::Operator } else { Post::None }
}

/// The next request of somebody among these people.
pub fn draw(draw: &mut Draw, people: &[Person], kind: Kind) -> Request {
    let person = draw.below(people.len());
    let request = match kind {
        Kind::Read => match draw.weighted(&READS) {
            Some(Read::Search) => {
                let staff = person - person % STAFF;
                let path = format!("/api/v1/users?search=loader-{}&limit=20", draw.below(10));
                return Request::get(path).token(people[staff].token.as_str());
            }
            Some(Read::Path(path)) => Request::get(path),
            None => Request::get("/health"),
        },
        Kind::Write => write(draw),
    };
    request.token(people[person].token.as_str())
}

fn write(draw: &mut Draw) -> Request {
    let number = draw.below(1_000_000);
    match draw.weighted(&WRITES) {
        Some(Write::Preferences) => {
            let body = json!({ "categories": { "wallet": { "email": number.is_multiple_of(2) } } });
            Request { body: Some(body), ..Request::new(Method::PUT, "/api/v1/notifications/preferences") }
        }
        Some(Write::ReadAll) => Request::new(Method::POST, "/api/v1/notifications/read-all"),
        Some(Write::ApiKey) => {
            let body = json!({ "name": format!("load {number}"), "scopes": ["profile:read"] });
            Request::post("/api/v1/auth/api-keys", body).key(format!("load-{}", hex(draw.bytes())))
        }
        Some(Write::Bio) | None => {
            let body = json!({ "bio": format!("Load {number}") });
            Request { body: Some(body), ..Request::new(Method::PATCH, "/api/v1/users/profile") }
        }
    }
}

fn hex(bytes: [u8; 8]) -> String {
    format!("{:016x}", u64::from_be_bytes(bytes))
}
