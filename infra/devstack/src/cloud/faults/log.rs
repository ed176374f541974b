//! What chance decided.

use super::fault::{Address, Fault};
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{self, LineWriter, Write as _};
use std::path::Path;

/// Most decisions that are kept in memory; the file keeps all.
const DECISIONS_MAX: usize = 100_000;
/// What is counted when nothing happens.
const NONE: &str = "none";

/// One decision of chance about one call.
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
    pub fn add(&mut self, at: Address, fault: Option<&Fault>) {
        let kind = fault.map_or(NONE, |fault| fault.kind().name());
        *self.counts.entry(kind).or_default() += 1;
        let decision = Decision { at, fault: fault.map_or_else(|| NONE.to_owned(), Fault::to_string) };
        self.write(&decision);
        if self.decisions.len() == DECISIONS_MAX {
            self.decisions.pop_front();
        }
        self.decisions.push_back(decision);
    }

    pub fn latest(&self) -> Vec<Decision> {
        self.decisions.iter().cloned().collect()
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
