//! The one due list: every wait that is too long for a queue, of every chapter. What is due is found by the clock, carried
//! by a queue and acted on under the condition of the state that waits, so that a stale or doubled one does nothing.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Time, identity};

/// Whose kinds are swept together; a sweep may be asked for some of them only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Job {
    Identity,
    Ledger,
    Compute,
    Plugins,
    UserSync,
    Energy,
    Talent,
}

impl Job {
    /// Every job.
    pub const ALL: [Job; 7] =
        [Job::Identity, Job::Ledger, Job::Compute, Job::Plugins, Job::UserSync, Job::Energy, Job::Talent];

    /// The name, with which the names of its kinds begin.
    pub fn as_str(self) -> &'static str {
        match self {
            Job::Identity => "identity",
            Job::Ledger => "ledger",
            Job::Compute => "compute",
            Job::Plugins => "plugins",
            Job::UserSync => "user-sync",
            Job::Energy => "energy",
            Job::Talent => "talent",
        }
    }
}

/// A kind of what can fall due.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Whose it is.
    pub job: Job,
    /// `{job}.{name}`.
    pub name: &'static str,
}

/// What the handler of one kind is told. Only what has a kind can wait: the compiler holds that.
pub trait Wait: Serialize + DeserializeOwned {
    /// Its kind; it also stands in [`REGISTRY`].
    const KIND: &'static Kind;
}

/// Every kind.
pub const REGISTRY: &[&[&Kind]] = &[identity::waits::KINDS];

/// The list lies in so many parts, so that no part is hot.
pub const SHARDS: u8 = 16;

/// Something that falls due: the record on the list, and the message that carries it to its handler.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Due {
    /// The name of its kind.
    pub kind: String,
    /// What waits: with the kind and the time this is the record's key, so that the same wait is one record.
    pub id: String,
    /// When it is due.
    pub due_at: Time,
    /// What the handler is told; null when the record could not be read.
    pub data: Value,
}

impl Due {
    /// `wait` ends at `due_at` for whatever `id` names.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn new<W: Wait>(due_at: Time, id: impl ToString, wait: &W) -> Result<Self, serde_json::Error> {
        Ok(Due { kind: W::KIND.name.to_owned(), id: id.to_string(), due_at, data: serde_json::to_value(wait)? })
    }

    /// The name of the job: what the kind's name begins with.
    pub fn job(&self) -> &str {
        self.kind.split('.').next().unwrap_or_default()
    }

    /// The part of the list that it lies in: FNV-1a of kind and id.
    pub fn shard(&self) -> u8 {
        let bytes = self.kind.bytes().chain(self.id.bytes());
        let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        (hash % u32::from(SHARDS)) as u8
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::identity::waits::MailResend;

    #[test]
    fn names_are_unique_and_begin_with_their_job() {
        let kinds: Vec<&Kind> = REGISTRY.iter().flat_map(|kinds| kinds.iter().copied()).collect();
        let names: BTreeSet<_> = kinds.iter().map(|kind| kind.name).collect();
        assert_eq!(names.len(), kinds.len());
        for kind in kinds {
            let (job, name) = kind.name.split_once('.').unwrap();
            assert_eq!(job, kind.job.as_str());
            assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", kind.name);
        }
        for job in Job::ALL {
            assert_eq!(serde_json::to_value(job).unwrap(), job.as_str());
        }
    }

    #[test]
    fn records_spread_over_all_shards_and_stay_where_they_are() {
        let due = |n: usize| Due {
            kind: MailResend::KIND.name.to_owned(),
            id: format!("evt_{n}"),
            due_at: Time::from_millis(0),
            data: Value::Null,
        };
        let shards: BTreeSet<u8> = (0..500).map(|n| due(n).shard()).collect();
        assert_eq!(shards, (0..SHARDS).collect());
        assert_eq!(due(1).shard(), Due { due_at: Time::from_millis(9), ..due(1) }.shard());
    }
}
