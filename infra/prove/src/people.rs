//! People who are signed in, made before a suite begins.

use std::time::Duration;

use domain::Id;
use domain::id::User;
use domain::identity::Password;
use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::json;
use tokio::time::Instant;

use crate::client::{Client, Patience, Request};
use crate::draw::Draw;
use crate::ground::Ground;

/// The demo data's administrator.
pub const ADMINISTRATOR: &str = "admin@souk.dev";
/// Theirs, as everybody may know.
pub const ADMINISTRATORS_PASSWORD: &str = "Demo-Souk-2026!";
const PASSWORD: &str = "Flood-Souk-2026!";
/// As many as two cores hash passwords for without anybody waiting long.
const AT_ONCE: usize = 4;
/// Longer than a minute, which is how long a rate limit may hold somebody off.
const PATIENCE: Duration = Duration::from_secs(90);

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: Id<User>,
    pub email: String,
    /// An access token, good for a quarter of an hour.
    pub token: String,
}

/// What somebody may do beside what everybody may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Post {
    None,
    Operator,
}

/// Makes people through the API and signs them in: an administrator makes their accounts. The ground needs the demo
/// accounts. `label` keeps groups apart.
///
/// # Errors
/// When somebody cannot be made or signed in, in words.
pub async fn make(
    ground: &Ground,
    seed: u64,
    label: &str,
    count: usize,
    post: impl Fn(usize) -> Post,
) -> Result<Vec<Person>, String> {
    let began = Instant::now();
    let client = Client::new(&ground.urls().api)?;
    let administrator = token(&client, ADMINISTRATOR, ADMINISTRATORS_PASSWORD).await?;
    // Hashed once for all: an administrator may bring a hash along.
    let password: Password = PASSWORD.parse().map_err(|error| format!("{error:?}"))?;
    let hash = password.hash(Draw::new(seed, "salt").bytes());
    let hash = serde_json::to_value(&hash).map_err(|error| error.to_string())?;
    let made = (0..count).map(|n| {
        let email = format!("{label}-{n}@example.com");
        let roles: &[&str] = if post(n) == Post::Operator { &["operator"] } else { &[] };
        let body = json!({ "name": format!("{label} {n}"), "email": email, "passwordHash": hash, "roles": roles });
        let request = Request::post("/api/v1/users", body).token(administrator.as_str());
        let client = &client;
        async move {
            answered(client, &request).await?;
            sign_in(client, &email).await
        }
    });
    let people: Vec<Person> = futures::stream::iter(made).buffered(AT_ONCE).try_collect().await?;
    println!("{count} people made and signed in, {:.1} s", began.elapsed().as_secs_f64());
    Ok(people)
}

/// Signs everybody in anew: tokens last a quarter of an hour.
///
/// # Errors
/// When somebody cannot sign in.
pub async fn renew(ground: &Ground, people: &mut [Person]) -> Result<(), String> {
    let client = Client::new(&ground.urls().api)?;
    let renewed: Vec<_> = people.iter().map(|person| sign_in(&client, &person.email)).collect();
    let renewed: Vec<Person> = futures::stream::iter(renewed).buffered(AT_ONCE).try_collect().await?;
    people.clone_from_slice(&renewed);
    Ok(())
}

async fn sign_in(client: &Client, email: &str) -> Result<Person, String> {
    let data = session(client, email, PASSWORD).await?;
    let id = data["user"]["id"].as_str().unwrap_or_default();
    let id = id.parse().map_err(|_| format!("{email} has no id"))?;
    let token = data["accessToken"].as_str().unwrap_or_default().to_owned();
    Ok(Person { id, email: email.to_owned(), token })
}

async fn token(client: &Client, email: &str, password: &str) -> Result<String, String> {
    let data = session(client, email, password).await?;
    Ok(data["accessToken"].as_str().unwrap_or_default().to_owned())
}

async fn session(client: &Client, email: &str, password: &str) -> Result<serde_json::Value, String> {
    let body = json!({ "email": email, "password": password });
    answered(client, &Request::post("/api/v1/auth/login", body)).await
}

async fn answered(client: &Client, request: &Request) -> Result<serde_json::Value, String> {
    let told = client.until_answered(request, Patience::of(PATIENCE)).await.map_err(|error| error.to_string())?;
    match told.reply.is_success() {
        true => Ok(told.reply.data().clone()),
        false => Err(format!("{request}: {}", told.reply)),
    }
}
