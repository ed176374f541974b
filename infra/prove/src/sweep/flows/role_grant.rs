//! An administrator gives somebody a role.

use reqwest::Method;
use serde_json::json;

use crate::client::{Request, Told};
use crate::sweep::facts::{Broken, Facts};
use crate::sweep::flow::Flow;
use crate::sweep::people::{PASSWORD, Person, profile};
use crate::sweep::site::Site;

const ROLE: &str = "provider";
const GRANTED: &str = "A role was granted";

/// An administrator gives somebody a role.
pub struct RoleGrant;

impl Flow for RoleGrant {
    const NAME: &'static str = "role-grant";
    type Ready = Person;
    type Done = Told;

    async fn prepare(site: &Site) -> Result<Person, Broken> {
        site.administrator().await?;
        site.join().await
    }

    async fn act(site: &Site, person: &Person) -> Result<Told, Broken> {
        let body = json!({ "roles": [ROLE], "reason": "shown to be one" });
        let path = format!("/api/v1/users/{}/roles", person.id);
        site.told_as_administrator(Request { body: Some(body), ..Request::new(Method::PUT, path) }).await
    }

    async fn expect(site: &Site, before: Person, told: Told, facts: &mut Facts<'_>) -> Result<(), Broken> {
        facts.answered("giving the role", &told.reply, 200);
        let person = site.person(&before.email, PASSWORD).await?;
        let shown = site.ask(&profile(&person.access)).await?;
        let roles = shown.data()["roles"].as_array().into_iter().flatten().filter(|role| *role == ROLE).count();
        facts.counted("the role in the profile", roles, 1..=1);
        facts.audited(site, &person, "user.roles_changed").await?;
        facts.mailed(site, &person.email, GRANTED, 0)?;
        facts.noticed(site, &person, "user.role_granted", 1..=1).await?;
        let path = format!("/api/v1/users?search={}&role={ROLE}", person.email);
        let listed = site.ask_as_administrator(Request::get(path)).await?;
        let found = listed.data()["users"].as_array().map_or(0, Vec::len);
        facts.counted("people of this role and address", found, 1..=1);
        Ok(())
    }
}
