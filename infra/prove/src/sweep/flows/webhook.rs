//! Somebody makes a webhook endpoint and has a test sent there.

use std::collections::BTreeSet;

use serde_json::json;
use uuid::Uuid;

use crate::client::{Request, Told};
use crate::sweep::facts::{Broken, Facts};
use crate::sweep::flow::Flow;
use crate::sweep::people::{PASSWORD, Person};
use crate::sweep::site::Site;

const ENDPOINTS: &str = "/api/v1/webhook-endpoints";

/// Somebody makes a webhook endpoint and has a test sent there.
pub struct OutboundWebhook;

/// Who makes it, and where it leads.
pub struct Owner {
    person: Person,
    path: String,
}

/// What was answered.
pub struct Answers {
    made: Told,
    tested: Told,
}

impl Flow for OutboundWebhook {
    const NAME: &'static str = "webhook";
    type Ready = Owner;
    type Done = Answers;

    async fn prepare(site: &Site) -> Result<Owner, Broken> {
        Ok(Owner { person: site.join().await?, path: format!("/{}", Uuid::now_v7().simple()) })
    }

    async fn act(site: &Site, owner: &Owner) -> Result<Answers, Broken> {
        let body = json!({ "url": site.receiver.at(&owner.path), "eventTypes": ["user.disabled"] });
        let make = Request::post(ENDPOINTS, body).token(&owner.person.access).key(Uuid::now_v7().to_string());
        let made = site.told(&make).await?;
        let id = made.reply.data()["id"].as_str().ok_or_else(|| Broken(format!("no endpoint but {}", made.reply)))?;
        let test = Request::post(format!("{ENDPOINTS}/{id}/test"), json!({})).token(&owner.person.access);
        let tested = site.told(&test).await?;
        Ok(Answers { made, tested })
    }

    async fn expect(site: &Site, owner: Owner, done: Answers, facts: &mut Facts<'_>) -> Result<(), Broken> {
        facts.answered("making the endpoint", &done.made.reply, 201);
        facts.answered("asking for a test", &done.tested.reply, 202);
        let person = site.person(&owner.person.email, PASSWORD).await?;
        let listed = site.ask(&Request::get(ENDPOINTS).token(&person.access)).await?;
        let endpoints = listed.data()["endpoints"].as_array().map_or(0, Vec::len);
        facts.counted("endpoints", endpoints, 1..=1);
        let got = site.receiver.got(&owner.path);
        let ids: BTreeSet<&str> = got.iter().map(|got| got.id()).collect();
        facts.counted("different webhooks", ids.len(), 1..=1 + done.tested.lost as usize);
        let event = done.tested.reply.data()["eventId"].as_str().unwrap_or_default();
        facts.equal("the test that was promised came", &ids.contains(event), &true);
        let secret = done.made.reply.data()["secret"].as_str().unwrap_or_default();
        facts.equal("every webhook is signed", &got.iter().all(|got| got.is_signed_by(secret)), &true);
        let id = done.made.reply.data()["id"].as_str().unwrap_or_default();
        let listed = site.ask(&Request::get(format!("{ENDPOINTS}/{id}/deliveries")).token(&person.access)).await?;
        let deliveries = listed.data()["deliveries"].as_array().map(Vec::as_slice).unwrap_or_default();
        facts.equal("deliveries", &deliveries.len(), &ids.len());
        let delivered = deliveries.iter().all(|delivery| delivery["status"] == "delivered");
        facts.equal("every delivery is told as delivered", &delivered, &true);
        Ok(())
    }
}
