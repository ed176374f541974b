//! Events: what has happened, told to whoever wants to know. The registry says of each type who that is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::User;
use crate::{Id, Time, id, identity};

/// The queues; each bears its consumer's name, `due` excepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Queue {
    /// E-mail.
    Mailer,
    /// Views: who is found by which word, counters.
    Projector,
    /// Public events and attempts that wait for a moment, on their way to integrators.
    WebhookSender,
    /// What is due, on its way to its handler. No event travels on it.
    Due,
}

impl Queue {
    /// Every queue.
    pub const ALL: [Queue; 4] = [Queue::Mailer, Queue::WebhookSender, Queue::Projector, Queue::Due];
    /// Every queue that events travel on.
    pub const OF_EVENTS: [Queue; 3] = [Queue::Mailer, Queue::WebhookSender, Queue::Projector];

    /// The queue's short name; a deployed one has a prefix.
    pub fn as_str(self) -> &'static str {
        match self {
            Queue::Mailer => "mailer",
            Queue::Projector => "projector",
            Queue::WebhookSender => "webhook-sender",
            Queue::Due => "due",
        }
    }
}

/// What a type of event is about; people switch notices by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Sign-ins, passwords, factors, keys. Always told.
    Security,
    /// The account itself.
    Account,
    /// Balances and what moves them.
    Wallet,
    /// Cards and banks.
    Payments,
    /// Deployments, nodes, subscriptions.
    Compute,
    /// Plugins and their publishers.
    Plugins,
    /// Panels, meters and shares of their yield.
    Energy,
    /// Projects, proposals and contracts.
    Talent,
    /// Endpoints that events are sent to.
    Webhooks,
}

impl Category {
    /// Every category, in the order of answers.
    pub const ALL: [Category; 9] = [
        Category::Security,
        Category::Account,
        Category::Wallet,
        Category::Payments,
        Category::Compute,
        Category::Plugins,
        Category::Energy,
        Category::Talent,
        Category::Webhooks,
    ];

    /// The name in requests, answers and items.
    pub fn as_str(self) -> &'static str {
        match self {
            Category::Security => "security",
            Category::Account => "account",
            Category::Wallet => "wallet",
            Category::Payments => "payments",
            Category::Compute => "compute",
            Category::Plugins => "plugins",
            Category::Energy => "energy",
            Category::Talent => "talent",
            Category::Webhooks => "webhooks",
        }
    }
}

/// A row of the registry: what there is to know of one type.
#[derive(Debug)]
pub struct Row {
    /// `noun.verb`, as it stands in the event.
    pub name: &'static str,
    /// What it is about.
    pub category: Category,
    /// Whether integrators may receive it.
    pub is_public: bool,
    /// Who is told, beside integrators.
    pub queues: &'static [Queue],
    /// What has happened, for integrators.
    pub description: &'static str,
    /// What the data looks like, as JSON.
    pub example: &'static str,
    /// How those are told whom it concerns, if they are.
    pub told: Option<Told>,
}

/// How people are told of a type: in the app, and perhaps by mail; what else is said, `mailer` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The title of the notice and the subject of the mail.
    pub title: &'static str,
    /// Whether there is a mail too.
    pub by_mail: bool,
}

impl Row {
    /// Every queue that takes events of this type: all public ones go to integrators too.
    pub fn wanted_by(&self) -> impl Iterator<Item = Queue> {
        let integrators = self.is_public.then_some(Queue::WebhookSender);
        self.queues.iter().copied().chain(integrators)
    }

    /// The row of a public type with what integrators are told of it.
    pub const fn showing(self, description: &'static str, example: &'static str) -> Self {
        Row { description, example, ..self }
    }

    /// The row of a type that people are told of in the app and by mail.
    pub const fn told(self, title: &'static str) -> Self {
        Row { told: Some(Told { title, by_mail: true }), ..self }
    }

    /// The row of a type that people are told of in the app alone.
    pub const fn told_in_app(self, title: &'static str) -> Self {
        Row { told: Some(Told { title, by_mail: false }), ..self }
    }

    /// What people read first of it; empty when they are not told.
    pub const fn title(&self) -> &'static str {
        match self.told {
            Some(told) => told.title,
            None => "",
        }
    }
}

/// The data of one type of event. Only what has a row can be emitted: the compiler holds that.
pub trait Payload: Serialize {
    /// The type's row; it also stands in [`REGISTRY`].
    const ROW: &'static Row;
}

/// Every type of event.
pub const REGISTRY: &[&Row] = identity::events::ROWS;

/// One thing that has happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Consumers act once per id.
    pub id: Id<id::Event>,
    /// The type, a name of [`REGISTRY`].
    #[serde(rename = "type")]
    pub name: String,
    /// When.
    pub occurred_at: Time,
    /// Who did it; absent when nobody was signed in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor_id: Option<Id<User>>,
    /// Whom it concerns.
    pub subject_ids: Vec<Id<User>>,
    /// The request that did it.
    pub request_id: String,
    /// What a type says beyond that.
    pub data: Value,
    /// Schema number of `data`.
    pub v: u32,
}

impl Event {
    /// What `payload` says has happened, concerning `subjects`.
    ///
    /// # Errors
    /// When the payload cannot be written as JSON.
    pub fn new<P: Payload>(
        id: Id<id::Event>,
        occurred_at: Time,
        actor_id: Option<Id<User>>,
        subjects: &[Id<User>],
        request_id: &str,
        payload: &P,
    ) -> Result<Self, serde_json::Error> {
        Ok(Event {
            id,
            name: P::ROW.name.to_owned(),
            occurred_at,
            actor_id,
            subject_ids: subjects.to_vec(),
            request_id: request_id.to_owned(),
            data: serde_json::to_value(payload)?,
            v: 1,
        })
    }

    /// The row of this event's type, if there is one.
    pub fn row(&self) -> Option<&'static Row> {
        REGISTRY.iter().copied().find(|row| row.name == self.name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_private_mail_jobs_stay_private() {
        let names: BTreeSet<_> = REGISTRY.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), REGISTRY.len());
        for row in REGISTRY.iter().filter(|row| row.name.starts_with("mail.")) {
            assert!(!row.is_public && row.queues == [Queue::Mailer], "{}", row.name);
        }
        for queue in REGISTRY.iter().flat_map(|row| row.queues) {
            assert!(Queue::OF_EVENTS.contains(queue), "{}", queue.as_str());
            assert_ne!(*queue, Queue::WebhookSender, "follows from being public");
        }
        // Mailer takes what somebody is told of, and nothing else.
        for row in REGISTRY {
            let is_job = row.name.starts_with("mail.");
            assert_eq!(row.queues.contains(&Queue::Mailer), is_job || row.told.is_some(), "{}", row.name);
            assert!(row.told.is_none_or(|told| (1..=60).contains(&told.title.len())), "{}", row.name);
        }
    }
}
