//! The crash-point sweep: each flow is run once for each AWS call that it makes and each fault that may happen to that call,
//! recovers as its real caller would, and is then looked at: nothing half done, nothing done twice.

mod case;
mod facts;
mod flow;
mod flows;
mod people;
mod receiver;
mod sample;
mod site;
mod spread;

use std::collections::BTreeMap;
use std::time::Instant;

use crate::finding::Finding;
use crate::parts::Part;
use crate::setting::Setting;
use case::Case;
use flow::Flows;
use spread::{Spread, Verdict};

/// Every flow, with every fault at every call; a sample in the short form; or the cases that were named.
pub const PART: Part = Part {
    name: "sweep",
    shows: "a fault at each AWS call of each flow, and nothing is half done or done twice",
    in_short: true,
    run: |setting| Box::pin(sweep(setting, flows::ALL)),
};

async fn sweep(setting: &Setting, flows: Flows) -> Result<Vec<Finding>, String> {
    let began = Instant::now();
    let spread = Spread::start(setting, flows).await?;
    let cases = match setting.cases.is_empty() {
        true => chosen(setting, &spread).await?,
        false => setting.cases.iter().map(|name| Case::parse(name)).collect::<Result<_, _>>()?,
    };
    println!("  {} runs on {} grounds, after {} s", cases.len(), spread.grounds(), began.elapsed().as_secs());
    let judged = spread.judge(cases).await?;
    let mut findings: Vec<Finding> =
        flows.iter().filter_map(|flow| finding(setting, flow.name, judged.get(flow.name)?)).collect();
    findings.extend(spread.end().await?);
    println!("  {} s", began.elapsed().as_secs());
    Ok(findings)
}

/// What is swept when nobody named cases.
async fn chosen(setting: &Setting, spread: &Spread<'_>) -> Result<Vec<Case>, String> {
    let mut chosen = Vec::new();
    for (flow, calls) in spread.record().await? {
        let all = sample::cases(flow, &calls);
        let cases = match setting.short {
            true => sample::short(setting.seed, all.clone()),
            false => all.clone(),
        };
        println!("  {flow}: {} calls, {} faults at them, {} of these are run", calls.len(), all.len(), cases.len());
        chosen.extend(cases);
    }
    Ok(sample::mixed(setting.seed, chosen))
}

/// One flow's line; nothing when none of it was run.
fn finding(setting: &Setting, flow: &str, verdicts: &BTreeMap<String, Verdict>) -> Option<Finding> {
    let reached = verdicts.values().filter(|verdict| !matches!(verdict, Verdict::NotReached)).count();
    let held = verdicts.values().filter(|verdict| matches!(verdict, Verdict::Held)).count();
    let missed = verdicts.len() - reached;
    let measured = match missed {
        0 => format!("{held}/{reached}"),
        _ => format!("{held}/{reached}; {missed} calls were not met again"),
    };
    let details = verdicts.iter().flat_map(|(case, verdict)| verdict.details(case, setting.seed)).collect();
    let what = format!("{flow}: what is true after a fault at a call");
    let goal = "after every fault what the flow promises, once";
    (!verdicts.is_empty()).then(|| Finding::new(what, goal, measured, held == reached && reached > 0).with(details))
}

#[cfg(test)]
mod tests;
