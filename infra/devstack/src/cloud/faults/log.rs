//! What chance decided.

use super::fault::Address;
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{self, LineWriter, Write as _};
use std::path::Path;

/// Most decisions that are kept in memory; the file keeps all.
const DECISIONS_MAX: usize = 100_000;

/// One decision of chance about one call or message. Messages have their queue for a function, and `send` or `receive` for
/// an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    #[serde(flatten)]
    pub at: Address,
    /// What happens, in words; `none` for the usual.
    pub fault: String,
}

#[derive(Default)]
pub(super) struct Log {
    decisions: VecDeque<Decision>,
    /// By kind.
    counts: BTreeMap<&'static str, u64>,
    file: Option<LineWriter<File>>,
}

impl Log {
    /// `words` begin with the kind.
    pub fn add(&mut self, at: Address, kind: &'static str, words: String) {
        *self.counts.entry(kind).or_default() += 1;
        let decision = Decision { at, fault: words };
        self.write(&decision);
        if self.decisions.len() == DECISIONS_MAX {
            self.decisions.pop_front();
        }
        self.decisions.push_back(decision);
    }

    pub fn all(&self) -> Vec<Decision> {
        self.decisions.iter().cloned().collect()
    }

    /// The latest ones, newest first.
    pub fn latest(&self, most: usize) -> Vec<Decision> {
        self.decisions.iter().rev().take(most).cloned().collect()
    }

    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.counts.clone()
    }

    pub fn write_to(&mut self, path: &Path) -> io::Result<()> {
        self.file = Some(LineWriter::new(File::create(path)?));
        Ok(())
    }

    /// A log that cannot be written is told of once, and goes on in memory.
    fn write(&mut self, decision: &Decision) {
        let Some(file) = &mut self.file else { return };
        let line = serde_json::to_string(decision).unwrap_or_default();
        if let Err(error) = writeln!(file, "{line}") {
            tracing::warn!(%error, "the log of faults cannot be written");
            self.file = None;
        }
    }
}
