//! What left the system: mail and webhooks.

use std::collections::{BTreeMap, BTreeSet};

use super::{Ground, NO_API};
use crate::journal::{MailExpected, WebhooksReceived};
use crate::{CheckError, Invariant};

const MAIL: &str = "each mail that people should have is in the mailbox";
const WEBHOOKS: &str = "each webhook that was delivered came, under one id";

/// Mail, in the local cloud's mailbox.
pub(super) async fn mail(ground: &Ground<'_>, expected: &[MailExpected]) -> Result<Invariant, CheckError> {
    let Some(control) = &ground.target.control else {
        return Ok(Invariant::skipped(MAIL, "only the local cloud has a mailbox to look into"));
    };
    let mailbox = ground.http.read(&format!("{control}/control/mail"), None).await?;
    let mut found: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for mail in mailbox.as_array().into_iter().flatten() {
        for to in mail["to"].as_array().into_iter().flatten().filter_map(|to| to.as_str()) {
            *found.entry((to, mail["subject"].as_str().unwrap_or_default())).or_default() += 1;
        }
    }
    let wrong = expected.iter().filter_map(|MailExpected { to, subject, at_least, at_most }| {
        let there = found.get(&(to.as_str(), subject.as_str())).copied().unwrap_or_default();
        let is_right = (at_least..=at_most).contains(&&there);
        (!is_right).then(|| format!("{subject:?} to {to}: {at_least} to {at_most} expected, found {there}"))
    });
    Ok(Invariant::looked_at(MAIL, expected.len(), wrong.collect()))
}

/// Webhooks, as their owners see the deliveries.
pub(super) async fn webhooks(ground: &mut Ground<'_>, received: &[WebhooksReceived]) -> Result<Invariant, CheckError> {
    let Some(api) = ground.api.as_mut() else { return Ok(Invariant::skipped(WEBHOOKS, NO_API)) };
    let (mut looked_at, mut wrong) = (0, Vec::new());
    for WebhooksReceived { token, endpoint, event_ids } in received {
        let path = format!("/webhook-endpoints/{endpoint}/deliveries");
        let came: BTreeSet<&str> = event_ids.iter().map(String::as_str).collect();
        let mut listed = BTreeSet::new();
        for delivery in api.list(&path, "deliveries", token).await? {
            looked_at += 1;
            let (event, status) = (delivery["eventId"].as_str(), delivery["status"].as_str());
            let event = event.unwrap_or_default();
            if !listed.insert(event) {
                wrong.push(format!("{endpoint}: {event} has two deliveries"));
            }
            if status == Some("delivered") && !came.contains(event) {
                wrong.push(format!("{endpoint}: {event} is said to be delivered, and never came"));
            }
        }
        let strays = came.difference(&listed);
        wrong.extend(strays.map(|event| format!("{endpoint}: {event} came, and there is no delivery of it")));
    }
    Ok(Invariant::looked_at(WEBHOOKS, looked_at, wrong))
}
