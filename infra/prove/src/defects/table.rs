//! What became of each defect, for people.

use std::time::Duration;

use super::cargo::{NoOutcome, Outcome};
use super::list::Defect;
use crate::finding::Finding;

const GOAL_PERCENT: usize = 95;
const NAMED: usize = 3;

/// What became of a defect.
pub struct Judged {
    pub defect: Defect,
    /// The tests with the defect in.
    pub outcome: Result<Outcome, NoOutcome>,
    /// Building and testing.
    pub took: Duration,
}

impl Judged {
    fn is_killed(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|outcome| !outcome.failed.is_empty())
    }

    /// By which tests, or why not.
    pub fn fate(&self) -> String {
        match &self.outcome {
            Ok(outcome) if outcome.failed.is_empty() => format!("SURVIVED {} tests", outcome.passed),
            Ok(outcome) => killers(&outcome.failed),
            Err(NoOutcome(reason)) => format!("NOT JUDGED: {reason}"),
        }
    }
}

fn killers(failed: &[String]) -> String {
    let named = failed.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match failed.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// How many were killed; what was not is named.
pub fn finding(all: &[Judged]) -> Finding {
    let killed = all.iter().filter(|judged| judged.is_killed()).count();
    let share = killed as f64 * 100.0 / all.len().max(1) as f64;
    let alive: Vec<&str> =
        all.iter().filter(|judged| !judged.is_killed()).map(|judged| judged.defect.name.as_str()).collect();
    let alive = if alive.is_empty() { String::new() } else { format!("; not killed: {}", alive.join(", ")) };
    let holds = !all.is_empty() && killed * 100 >= all.len() * GOAL_PERCENT;
    let measured = format!("{killed} of {} ({share:.1} %){alive}", all.len());
    let details = all.iter().map(|judged| format!("{}: {}", judged.defect.name, judged.fate())).collect();
    Finding::new("seeded defects that a test notices", format!(">= {GOAL_PERCENT} %"), measured, holds).with(details)
}

/// All of it as Markdown.
pub fn markdown(all: &[Judged], took: Duration) -> String {
    let mut text = format!("{}, in {} s\n\n", finding(all).measured, took.as_secs());
    text += "| defect | what is broken | file | noticed by | s |\n|---|---|---|---|---|\n";
    for judged in all {
        let Defect { name, breaks, file, .. } = &judged.defect;
        text += &format!("| {name} | {breaks} | `{file}` | {} | {} |\n", judged.fate(), judged.took.as_secs());
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn judged(name: &str, outcome: Result<Outcome, NoOutcome>) -> Judged {
        let mut defect = super::super::list::wanted(&["grace-endless".to_owned()]).unwrap().remove(0);
        defect.name = name.to_owned();
        Judged { defect, outcome, took: Duration::from_secs(7) }
    }

    fn with(failed: &[&str]) -> Result<Outcome, NoOutcome> {
        Ok(Outcome { passed: 9, failed: failed.iter().map(|name| (*name).to_owned()).collect() })
    }

    #[test]
    fn only_what_a_test_failed_on_counts_and_the_rest_is_named() {
        let mut all: Vec<Judged> = (0..19).map(|_| judged("dead", with(&["domain a"]))).collect();
        assert!(finding(&all).holds);
        all.push(judged("alive", with(&[])));
        assert!(finding(&all).holds, "19 of 20 are 95 %");
        all.push(judged("broken", Err(NoOutcome("domain does not build".into()))));
        let found = finding(&all);
        assert!(!found.holds && found.measured.ends_with("19 of 21 (90.5 %); not killed: alive, broken"), "{found}");
        assert!(!finding(&[]).holds, "nothing seeded shows nothing");
    }

    #[test]
    fn the_table_names_three_tests_and_counts_the_others() {
        let text = markdown(&[judged("one", with(&["it a", "it b", "it c", "it d"]))], Duration::from_secs(60));
        assert!(text.contains("| it a, it b, it c and 1 more | 7 |"), "{text}");
        assert!(markdown(&[judged("two", with(&[]))], Duration::ZERO).contains("SURVIVED 9 tests"));
    }
}
