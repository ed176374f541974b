//! Deeds of which each leaves its own effect.

use std::collections::BTreeMap;

use super::{Balance, Ground};
use crate::CheckError;
use crate::journal::{Deed, Entry};
use crate::suspect::address_key;

/// What is wrong with the counted ones of these entries, in sentences.
pub(super) async fn wrong(ground: &mut Ground<'_>, entries: &[&Entry]) -> Result<Vec<String>, CheckError> {
    let mut balances: BTreeMap<&Deed, Balance> = BTreeMap::new();
    for entry in entries {
        balances.entry(&entry.deed).or_default().add(entry);
    }
    let mut wrong = Vec::new();
    for (deed, balance) in balances {
        if let Some((what, found)) = count(ground, deed).await? {
            wrong.extend(balance.wrong(found).map(|wrong| format!("{what}: {wrong}")));
        }
    }
    Ok(wrong)
}

/// What is counted, without anything secret, and how often it is there; `None` for what is no counted deed.
async fn count(ground: &mut Ground<'_>, deed: &Deed) -> Result<Option<(String, u64)>, CheckError> {
    Ok(Some(match deed {
        Deed::Registered { email } => (email.clone(), accounts(ground, email)),
        Deed::ApiKeyMade { token, name } => {
            (format!("API key {name:?}"), in_list(ground, "/auth/api-keys", "apiKeys", token, ("name", name)).await?)
        }
        Deed::EndpointMade { token, url } => {
            (url.clone(), in_list(ground, "/webhook-endpoints", "endpoints", token, ("url", url)).await?)
        }
        Deed::NoticeTold { token, kind } => (
            format!("notice of {kind}"),
            in_list(ground, "/notifications", "notifications", token, ("type", kind)).await?,
        ),
        Deed::Audited { action, target } => (format!("{action} upon {target}"), acts(ground, action, target).await?),
        Deed::ItemsMade { pk, sk_begins } => {
            let found = ground.table.partition(pk, sk_begins).await?.len();
            (format!("items {pk} / {sk_begins}…"), whole(found))
        }
        Deed::RoleGranted { .. } | Deed::ProfileName { .. } | Deed::PasswordIs { .. } => return Ok(None),
    }))
}

fn accounts(ground: &Ground<'_>, email: &str) -> u64 {
    let wanted = address_key(email).unwrap_or_else(|| email.trim().to_lowercase());
    let theirs = ground.book.accounts.values().filter(|account| account.email.trim().to_lowercase() == wanted);
    whole(theirs.count())
}

/// Elements of a list of the API whose `field` is `wanted`.
async fn in_list(
    ground: &mut Ground<'_>,
    path: &str,
    list: &str,
    token: &str,
    (field, wanted): (&str, &str),
) -> Result<u64, CheckError> {
    let Some(api) = ground.api.as_mut() else { return Ok(0) };
    let found = api.list(path, list, token).await?;
    Ok(whole(found.iter().filter(|element| element[field].as_str() == Some(wanted)).count()))
}

/// Entries of the trail: as staff read them, or from the items.
async fn acts(ground: &mut Ground<'_>, action: &str, target: &str) -> Result<u64, CheckError> {
    if let (Some(_), Some(staff)) = (&ground.api, ground.staff.clone()) {
        let path = format!("/users/audit?targetId={target}");
        return in_list(ground, &path, "entries", &staff, ("action", action)).await;
    }
    let acts = ground.book.trail.get(target);
    Ok(whole(acts.map_or(0, |acts| acts.values().filter(|act| act.action == action).count())))
}

fn whole(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
