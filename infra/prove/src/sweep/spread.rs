//! Runs spread over several grounds, since most of a run is waiting.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use checker::Journal;
use devstack::cloud::faults::Address;
use futures::future::{BoxFuture, try_join_all};

use super::case::Case;
use super::flow::{Flows, Listed};
use super::site::Site;
use crate::finding::Finding;
use crate::invariants;
use crate::setting::Setting;

/// Grounds at the same time: each waits most of the time, and two processors are to be busy.
const GROUNDS: usize = 4;
/// How often a case is run whose call does not come: which of two calls is the first may be chance.
const ATTEMPTS: usize = 3;
/// After so many runs a line says so.
const PROGRESS: usize = 50;

/// Grounds, and what runs on them.
pub struct Spread<'a> {
    setting: &'a Setting,
    flows: Flows,
    sites: Vec<Site>,
    judged: AtomicUsize,
}

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is as it should be.
    Held,
    /// These things are not.
    Failed(Vec<String>),
    /// The call did not come.
    NotReached,
}

/// What a ground does with a job.
type Work<J, T> = for<'x> fn(&'x Spread<'_>, &'x Site, J) -> BoxFuture<'x, Result<T, String>>;

/// By flow, then by case.
pub type Judged = BTreeMap<String, BTreeMap<String, Verdict>>;

impl Verdict {
    /// Lines for the report: what failed with the command that repeats it, and which calls were not met.
    pub fn details(&self, case: &str, seed: u64) -> Vec<String> {
        match self {
            Verdict::Held => Vec::new(),
            Verdict::NotReached => vec![format!("not met: {case}")],
            Verdict::Failed(wrong) => {
                let again = format!("cargo prove --seed {seed} --case '{case}'");
                vec![format!("{case}: {}; again: {again}", wrong.join("; "))]
            }
        }
    }
}

impl<'a> Spread<'a> {
    /// Starts the grounds.
    pub async fn start(setting: &'a Setting, flows: Flows) -> Result<Self, String> {
        let grounds = match setting.cases.len() {
            0 => GROUNDS,
            cases => cases.min(GROUNDS),
        };
        let sites = try_join_all((0..grounds).map(|_| Site::start(setting))).await?;
        Ok(Spread { setting, flows, sites, judged: AtomicUsize::new(0) })
    }

    /// How many grounds there are.
    pub fn grounds(&self) -> usize {
        self.sites.len()
    }

    /// The calls of each flow. What only one of two runs has is not the flow's: a process that starts, a schedule.
    pub async fn record(&self) -> Result<Vec<(&'static str, Vec<Address>)>, String> {
        let mut recorded =
            self.each(self.flows.iter().collect(), |_, site, flow| Box::pin(recorded(site, flow))).await?;
        recorded.sort_by_key(|(name, _)| self.flows.iter().position(|flow| flow.name == *name));
        Ok(recorded)
    }

    /// Runs every case.
    pub async fn judge(&self, cases: Vec<Case>) -> Result<Judged, String> {
        let verdicts = self.each(cases, |spread, site, case| Box::pin(spread.verdict(site, case))).await?;
        let mut judged = Judged::new();
        for (case, verdict) in verdicts {
            judged.entry(case.flow.clone()).or_default().insert(case.to_string(), verdict);
        }
        Ok(judged)
    }

    /// Looks at what the runs left behind, and ends the grounds.
    pub async fn end(self) -> Result<Vec<Finding>, String> {
        let mut found = Vec::new();
        for (n, site) in self.sites.into_iter().enumerate() {
            site.begin().await.map_err(|broken| broken.to_string())?;
            let after = format!("the runs on ground {n}");
            found.push(invariants::of(site.ground(), &after, &Journal::default()).await?);
            site.end().await;
        }
        Ok(found)
    }

    async fn verdict(&self, site: &Site, case: Case) -> Result<(Case, Verdict), String> {
        let flow = self.flows.iter().find(|flow| flow.name == case.flow);
        let flow = flow.ok_or_else(|| format!("there is no flow {}", case.flow))?;
        let verdict = verdict(site, flow, &case).await?;
        verdict.details(&case.to_string(), self.setting.seed).iter().for_each(|line| println!("  {line}"));
        let judged = self.judged.fetch_add(1, Ordering::Relaxed) + 1;
        if judged.is_multiple_of(PROGRESS) {
            println!("  {judged} runs done");
        }
        Ok((case, verdict))
    }

    /// Each ground takes the next of `jobs` as soon as it is free.
    async fn each<J, T>(&self, jobs: Vec<J>, work: Work<J, T>) -> Result<Vec<T>, String> {
        let waiting = Mutex::new(VecDeque::from(jobs));
        let done = try_join_all(self.sites.iter().map(|site| self.worker(site, &waiting, work))).await?;
        Ok(done.into_iter().flatten().collect())
    }

    async fn worker<J, T>(
        &self,
        site: &Site,
        waiting: &Mutex<VecDeque<J>>,
        work: Work<J, T>,
    ) -> Result<Vec<T>, String> {
        let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let mut done = Vec::new();
        while let Some(job) = next() {
            done.push(work(self, site, job).await?);
        }
        Ok(done)
    }
}

async fn recorded(site: &Site, flow: &'static Listed) -> Result<(&'static str, Vec<Address>), String> {
    // The first run starts processes, whose first calls come once in their lives.
    clean(site, flow).await?;
    let (first, second) = (clean(site, flow).await?, clean(site, flow).await?);
    Ok((flow.name, first.into_iter().filter(|call| second.contains(call)).collect()))
}

/// The calls of a run without faults, which has to be in order: otherwise nothing follows from any other.
async fn clean(site: &Site, flow: &Listed) -> Result<Vec<Address>, String> {
    let ran = flow.once(site, None).await?;
    match ran.wrong.is_empty() {
        true => Ok(ran.calls),
        false => Err(format!("{} does not hold without any fault: {}", flow.name, ran.wrong.join("; "))),
    }
}

async fn verdict(site: &Site, flow: &Listed, case: &Case) -> Result<Verdict, String> {
    for _ in 0..ATTEMPTS {
        let ran = flow.once(site, Some(case)).await?;
        match (ran.fired, ran.wrong.is_empty()) {
            (true, true) => return Ok(Verdict::Held),
            // Without the fault it has to hold all the more.
            (_, false) => return Ok(Verdict::Failed(ran.wrong)),
            (false, true) => {}
        }
    }
    Ok(Verdict::NotReached)
}
