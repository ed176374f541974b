//! What was found: one line for each thing that was to hold.

use std::fmt::{self, Display};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// One thing that was to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// What was looked at.
    pub what: String,
    /// What was to be, in words with figures.
    pub goal: String,
    /// What was, likewise.
    pub measured: String,
    /// Whether it is so.
    pub holds: bool,
    /// What a reader needs to follow it: failures, survivors, addresses of calls.
    pub details: Vec<String>,
}

/// All findings of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    seed: u64,
    parts: Vec<(&'static str, Vec<Finding>)>,
}

impl Finding {
    /// A finding without details.
    pub fn new(what: impl Into<String>, goal: impl Into<String>, measured: impl Into<String>, holds: bool) -> Self {
        Finding { what: what.into(), goal: goal.into(), measured: measured.into(), holds, details: Vec::new() }
    }

    /// The same with details.
    pub fn with(self, details: Vec<String>) -> Self {
        Finding { details, ..self }
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.holds { "holds" } else { "FAILS" };
        write!(f, "  {mark}  {}: {} (goal: {})", self.what, self.measured, self.goal)?;
        self.details.iter().try_for_each(|detail| write!(f, "\n           {detail}"))
    }
}

impl Report {
    /// Nothing found yet.
    pub fn new(seed: u64) -> Self {
        Report { seed, parts: Vec::new() }
    }

    /// Adds what a part found.
    pub fn add(&mut self, part: &'static str, found: Vec<Finding>) {
        self.parts.push((part, found));
    }

    /// Whether all of it holds.
    pub fn holds(&self) -> bool {
        self.parts.iter().flat_map(|(_, found)| found).all(|finding| finding.holds)
    }

    /// One line.
    pub fn summary(&self) -> String {
        let all: Vec<&Finding> = self.parts.iter().flat_map(|(_, found)| found).collect();
        let holding = all.iter().filter(|finding| finding.holds).count();
        format!("{holding} of {} hold, seed {}", all.len(), self.seed)
    }

    /// `report.json` for programs and `report.md` for people.
    pub fn write(&self, folder: &Path) -> Result<(), String> {
        let json = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        let files = [("report.json", json), ("report.md", self.markdown())];
        files.into_iter().try_for_each(|(name, text)| {
            let path = folder.join(name);
            std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
        })
    }

    fn markdown(&self) -> String {
        let mut text = format!("# cargo prove, seed {}\n\n{}\n", self.seed, self.summary());
        for (part, found) in &self.parts {
            text += &format!("\n## {part}\n\n| what | goal | measured | holds |\n|---|---|---|---|\n");
            for finding in found {
                let holds = if finding.holds { "yes" } else { "**no**" };
                text += &format!("| {} | {} | {} | {holds} |\n", finding.what, finding.goal, finding.measured);
            }
            for detail in found.iter().flat_map(|finding| &finding.details) {
                text += &format!("\n- {detail}");
            }
            text += "\n";
        }
        text
    }
}
