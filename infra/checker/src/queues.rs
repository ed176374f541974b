//! Messages: none is lost, none lies dead. Queues are found by their names, dead-letter queues by who feeds them.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName::{
    self, All, ApproximateNumberOfMessages, ApproximateNumberOfMessagesDelayed, ApproximateNumberOfMessagesNotVisible,
};
use serde::Deserialize;
use serde_json::Value;

use crate::http::Http;
use crate::{CheckError, Invariant, Journal, Target};

/// The name of what only the control port can show.
pub const NONE_LOST: &str = "messages sent = done + dead + queued";
/// The name of what SQS and S3 show.
pub const NONE_DEAD: &str = "no dead letters wait";

/// How much lies in one queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Depth {
    /// Its short name.
    pub name: String,
    /// Visible, in flight or delayed.
    pub queued: u64,
    /// In its dead-letter queue.
    pub dead: u64,
}

/// What waits in queues, and what the table's stream gave up on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub depths: Vec<Depth>,
    /// Objects in bucket `events-dlq`.
    pub given_up: u64,
}

/// What the control port says of one queue, all of one moment.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tally {
    name: String,
    visible: u64,
    in_flight: u64,
    dlq_depth: u64,
    sent: u64,
    done: u64,
}

/// What waits, everywhere.
pub(crate) async fn waiting(target: &Target) -> Result<Waiting, CheckError> {
    let (depths, account) = depths(target).await?;
    Ok(Waiting { depths, given_up: given_up(target, &account).await? })
}

/// The bucket's name ends with the account, which the URL of a queue tells.
async fn given_up(target: &Target, account: &str) -> Result<u64, CheckError> {
    let bucket = format!("souk-{}-events-dlq-{account}", target.stage);
    let client = aws_sdk_s3::Client::new(&target.aws);
    let mut pages = client.list_objects_v2().bucket(&bucket).into_paginator().send();
    let mut found: u64 = 0;
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| CheckError::aws(&bucket, &error))?;
        found += u64::try_from(page.contents().len()).unwrap_or_default();
    }
    Ok(found)
}

/// Every queue that holds work, and the account that they belong to.
async fn depths(target: &Target) -> Result<(Vec<Depth>, String), CheckError> {
    let client = Client::new(&target.aws);
    let prefix = format!("souk-{}-", target.stage);
    let (mut found, mut account) = (BTreeMap::new(), String::new());
    let mut pages = client.list_queues().queue_name_prefix(&prefix).max_results(1000).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| CheckError::aws("ListQueues", &error))?;
        for url in page.queue_urls.unwrap_or_default() {
            let call = client.get_queue_attributes().queue_url(&url).attribute_names(All);
            let answer = call.send().await.map_err(|error| CheckError::aws(&url, &error))?;
            url.rsplit('/').nth(1).unwrap_or_default().clone_into(&mut account);
            found.insert(last(&url, '/').to_owned(), answer.attributes.unwrap_or_default());
        }
    }
    let feeds: BTreeMap<String, String> =
        found.iter().filter_map(|(name, of)| Some((name.clone(), feeds(of)?))).collect();
    let dead_letter_queues: BTreeSet<&String> = feeds.values().collect();
    let work = found.iter().filter(|(name, _)| !dead_letter_queues.contains(name));
    let depths = work.map(|(name, attributes)| Depth {
        name: name.strip_prefix(&prefix).unwrap_or(name).to_owned(),
        queued: lying(attributes),
        dead: feeds.get(name).and_then(|dead| found.get(dead)).map_or(0, lying),
    });
    let depths: Vec<Depth> = depths.collect();
    match depths.is_empty() {
        true => Err(CheckError::Aws(format!("there are no queues {prefix}…; is the stage right?"))),
        false => Ok((depths, account)),
    }
}

type Attributes = std::collections::HashMap<QueueAttributeName, String>;

/// The name of the queue's dead-letter queue.
fn feeds(attributes: &Attributes) -> Option<String> {
    let policy: Value = serde_json::from_str(attributes.get(&QueueAttributeName::RedrivePolicy)?).ok()?;
    Some(last(policy["deadLetterTargetArn"].as_str()?, ':').to_owned())
}

fn lying(attributes: &Attributes) -> u64 {
    let parts =
        [ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible, ApproximateNumberOfMessagesDelayed];
    parts.iter().filter_map(|part| attributes.get(part)?.parse::<u64>().ok()).sum()
}

fn last(text: &str, separator: char) -> &str {
    text.rsplit(separator).next().unwrap_or(text)
}

/// Of each queue: sent = done + dead + queued.
pub(crate) async fn none_lost(target: &Target, http: &Http) -> Result<Invariant, CheckError> {
    let Some(control) = &target.control else {
        return Ok(Invariant::skipped(NONE_LOST, "only the local cloud counts messages, at its control port"));
    };
    let data = http.read(&format!("{control}/control/queues"), None).await?;
    let tallies: Vec<Tally> = serde_json::from_value(data)
        .map_err(|error| CheckError::Http(format!("{control}/control/queues counts no messages: {error}")))?;
    let violations = tallies.iter().filter_map(lost);
    Ok(Invariant::looked_at(NONE_LOST, tallies.len(), violations.collect()))
}

fn lost(tally: &Tally) -> Option<String> {
    let Tally { name, visible, in_flight, dlq_depth, sent, done } = tally;
    let queued = visible + in_flight;
    let known = done + dlq_depth + queued;
    (known != *sent)
        .then(|| format!("{name}: {sent} sent, but {done} done + {dlq_depth} dead + {queued} queued = {known}"))
}

/// No dead letters, except as many as the journal says nobody can handle.
pub(crate) fn none_dead(waiting: &Waiting, journal: &Journal) -> Invariant {
    let Waiting { depths, given_up } = waiting;
    let violations = depths.iter().filter_map(|Depth { name, dead, .. }| {
        let poison = journal.poison.get(name).copied().unwrap_or_default();
        match dead.cmp(&poison) {
            std::cmp::Ordering::Equal => None,
            _ if poison == 0 => Some(format!("{name}: {dead} (souk-admin dlq show {name})")),
            _ => Some(format!("{name}: {dead}, and {poison} of its messages can be handled by nobody")),
        }
    });
    let unknown = journal.poison.keys().filter(|name| !depths.iter().any(|depth| depth.name == **name));
    let unknown = unknown.map(|name| format!("{name}: there is no such queue"));
    let stream = (*given_up > 0).then(|| format!("events: {given_up} (souk-admin dlq show events)"));
    Invariant::looked_at(NONE_DEAD, depths.len() + 1, violations.chain(unknown).chain(stream).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(done: u64, dlq_depth: u64, visible: u64, in_flight: u64, sent: u64) -> Tally {
        Tally { name: "mailer".into(), visible, in_flight, dlq_depth, sent, done }
    }

    #[test]
    fn a_message_too_few_and_one_too_many_are_told() {
        assert_eq!(lost(&tally(5, 1, 2, 3, 11)), None);
        let told = lost(&tally(5, 1, 2, 3, 12)).unwrap();
        assert_eq!(told, "mailer: 12 sent, but 5 done + 1 dead + 5 queued = 11");
        assert!(lost(&tally(6, 1, 2, 3, 11)).is_some());
    }

    #[test]
    fn dead_letters_are_told_unless_nobody_could_handle_them() {
        let depth = |name: &str, dead| Depth { name: name.into(), queued: 0, dead };
        let waiting = |given_up| Waiting { depths: vec![depth("mailer", 2), depth("due", 0)], given_up };
        let told = |poison: &[(&str, u64)]| {
            let poison = poison.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
            none_dead(&waiting(0), &Journal { poison, ..Journal::default() }).violations.len()
        };
        assert_eq!(told(&[]), 1);
        assert_eq!(told(&[("mailer", 2)]), 0);
        assert_eq!(told(&[("mailer", 1)]), 1);
        assert_eq!(told(&[("mailer", 2), ("due", 1)]), 1);
        assert_eq!(told(&[("mailer", 2), ("walrus", 1)]), 1);
        assert_eq!(none_dead(&waiting(1), &Journal::default()).violations.len(), 2);
    }
}
