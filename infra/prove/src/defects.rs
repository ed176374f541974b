//! Seeded defects: what is known to be wrong is put into a copy of the workspace, one line at a time, and some test must
//! notice. A defect that none notices is a promise that nobody holds.

mod cargo;
mod copy;
mod list;
mod table;

use std::time::Instant;

use futures::future::FutureExt;

use crate::finding::Finding;
use crate::parts::{Part, Ran};
use crate::setting::Setting;
use copy::Copy;
use table::Judged;

/// The part.
pub const PART: Part = Part { name: "defects", shows: "tests notice what is broken on purpose", in_short: false, run };

fn run(setting: &Setting) -> Ran<'_> {
    seed(setting).boxed()
}

async fn seed(setting: &Setting) -> Result<Vec<Finding>, String> {
    let whole = Instant::now();
    let defects = list::wanted(&setting.defects)?;
    let copy = Copy::of(&setting.root, &setting.out.join("defects"))?;
    let unbroken = unbroken(&copy, &defects).await?;
    if !unbroken.holds {
        return Ok(vec![unbroken]);
    }
    let mut all = Vec::with_capacity(defects.len());
    for defect in defects {
        let began = Instant::now();
        let broken = copy.break_with(&defect)?;
        let outcome = cargo::test(&copy, &defect.tests).await;
        broken.mend()?;
        let judged = Judged { defect, outcome, took: began.elapsed() };
        println!("  {:>4} s  {}: {}", judged.took.as_secs(), judged.defect.name, judged.fate());
        all.push(judged);
        let path = setting.out.join("defects.md");
        let written = std::fs::write(&path, table::markdown(&all, whole.elapsed()));
        written.map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(vec![unbroken, table::finding(&all)])
}

/// Without any defect all the tests pass that are asked for; otherwise their failing would mean nothing.
async fn unbroken(copy: &Copy, defects: &[list::Defect]) -> Result<Finding, String> {
    let began = Instant::now();
    let outcome = cargo::test(copy, &list::all_tests(defects)).await.map_err(|cargo::NoOutcome(reason)| reason)?;
    let (passed, failed) = (outcome.passed, outcome.failed.len());
    let measured = format!("{passed} passed, {failed} failed");
    println!("  {:>4} s  unbroken: {measured}", began.elapsed().as_secs());
    let holds = passed > 0 && failed == 0;
    Ok(Finding::new("the same tests without a defect", "all pass", measured, holds).with(outcome.failed))
}
