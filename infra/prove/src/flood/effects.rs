//! What the flood did, counted one by one through the API of DynamoDB.

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use futures::{StreamExt as _, TryStreamExt as _};

use super::messages::Flood;
use crate::finding::Finding;
use crate::people::Person;

const TABLE: &str = "souk-local-core";
/// Beginning of the sort keys of notices (docs/DATA.md).
const NOTICES: &str = "NTF#";
const AT_ONCE: usize = 8;
/// Differences that are shown.
const SHOWN: usize = 5;

/// Every notice of these people: (person, notice) by their ids.
///
/// # Errors
/// The table cannot be read.
pub async fn of(aws: &SdkConfig, people: &[Person]) -> Result<BTreeSet<(String, String)>, String> {
    let client = Client::new(aws);
    let found: Vec<_> = people.iter().map(|person| of_one(&client, person)).collect();
    let found: Vec<Vec<_>> = futures::stream::iter(found).buffer_unordered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

async fn of_one(client: &Client, person: &Person) -> Result<Vec<(String, String)>, String> {
    let partition = format!("USR#{}", person.id);
    let pages = client
        .query()
        .table_name(TABLE)
        .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
        .expression_attribute_values(":pk", AttributeValue::S(partition))
        .expression_attribute_values(":sk", AttributeValue::S(NOTICES.to_owned()))
        .projection_expression("sk")
        .consistent_read(true)
        .into_paginator()
        .items()
        .send();
    let items: Vec<_> = pages.collect::<Result<_, _>>().await.map_err(|error| format!("Query: {error:?}"))?;
    let id = |sk: &AttributeValue| sk.as_s().ok()?.strip_prefix(NOTICES).map(str::to_owned);
    Ok(items.iter().filter_map(|item| Some((person.id.to_string(), id(item.get("sk")?)?))).collect())
}

/// Whether exactly what was to come has come.
pub fn judge(flood: &Flood, found: &BTreeSet<(String, String)>) -> Finding {
    let missing: Vec<_> = flood.effects.difference(found).collect();
    let surplus: Vec<_> = found.difference(&flood.effects).collect();
    let what = format!(
        "{} messages, {} of them repeated and {} poison, shuffled, 2 % late and 5 % delivered again meanwhile",
        flood.bodies.len(),
        flood.repeated,
        flood.poison.len()
    );
    let goal = format!("exactly the {} effects of the distinct good ones", flood.effects.len());
    let measured = format!("{} effects, {} missing, {} too many", found.len(), missing.len(), surplus.len());
    let missing_ones = missing.iter().take(SHOWN).map(|(person, notice)| format!("missing: {notice} of {person}"));
    let surplus_ones = surplus.iter().take(SHOWN).map(|(person, notice)| format!("too many: {notice} of {person}"));
    let details = missing_ones.chain(surplus_ones).collect();
    Finding::new(what, goal, measured, missing.is_empty() && surplus.is_empty()).with(details)
}
