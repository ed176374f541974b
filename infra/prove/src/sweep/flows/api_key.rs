//! Somebody makes an API key, and a program uses it.

use serde_json::json;
use uuid::Uuid;

use crate::client::{Request, Told};
use crate::sweep::facts::{Broken, Facts};
use crate::sweep::flow::Flow;
use crate::sweep::people::{PASSWORD, Person, profile};
use crate::sweep::site::Site;

const KEYS: &str = "/api/v1/auth/api-keys";

/// Somebody makes an API key, and a program uses it.
pub struct MakeApiKey;

/// What was answered.
pub struct Answers {
    made: Told,
    used: Told,
}

impl Flow for MakeApiKey {
    const NAME: &'static str = "api-key";
    type Ready = Person;
    type Done = Answers;

    async fn prepare(site: &Site) -> Result<Person, Broken> {
        site.join().await
    }

    async fn act(site: &Site, person: &Person) -> Result<Answers, Broken> {
        let body = json!({ "name": "Nightly report", "scopes": ["profile:read"] });
        let make = Request::post(KEYS, body).token(&person.access).key(Uuid::now_v7().to_string());
        let made = site.told(&make).await?;
        let key = made.reply.data()["key"].as_str().ok_or_else(|| Broken(format!("no key but {}", made.reply)))?;
        let used = site.told(&profile(key)).await?;
        Ok(Answers { made, used })
    }

    async fn expect(site: &Site, before: Person, done: Answers, facts: &mut Facts<'_>) -> Result<(), Broken> {
        facts.answered("making the key", &done.made.reply, 201);
        facts.answered("using it", &done.used.reply, 200);
        facts.equal("whose it is", &done.used.reply.data()["id"], &json!(before.id));
        let person = site.person(&before.email, PASSWORD).await?;
        let listed = site.ask(&Request::get(KEYS).token(&person.access)).await?;
        let keys = listed.data()["apiKeys"].as_array().map_or(0, Vec::len);
        facts.counted("keys", keys, 1..=1);
        facts.audited(site, &person, "user.api_key_created").await?;
        facts.mailed(site, &person.email, "An API key was created", 0)?;
        facts.noticed(site, &person, "user.api_key_created", 1..=1).await
    }
}
