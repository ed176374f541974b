//! What a flow is, and one run of one.

use devstack::cloud::faults::Address;
use futures::future::BoxFuture;

use super::case::Case;
use super::facts::{Broken, Facts};
use super::site::Site;

/// Something that people do with the product, from the first request to the last thing that follows from it. Each run is of
/// fresh people, so that runs know nothing of each other.
pub trait Flow {
    /// As cases name it.
    const NAME: &'static str;
    /// What is there before.
    type Ready: Send + Sync;
    /// What those who acted were told.
    type Done: Send + Sync;

    /// Makes what has to be there before; no fault happens here.
    fn prepare(site: &Site) -> impl Future<Output = Result<Self::Ready, Broken>> + Send;

    /// Does what real callers do, who send again what was not answered. This is where the fault happens, here or in what
    /// follows from it.
    fn act(site: &Site, ready: &Self::Ready) -> impl Future<Output = Result<Self::Done, Broken>> + Send;

    /// Looks at what has to be true now.
    fn expect(
        site: &Site,
        ready: Self::Ready,
        done: Self::Done,
        facts: &mut Facts<'_>,
    ) -> impl Future<Output = Result<(), Broken>> + Send;
}

/// A flow in a list.
pub struct Listed {
    pub name: &'static str,
    run: for<'a> fn(&'a Site, Option<&'a Case>) -> Running<'a>,
}

type Running<'a> = BoxFuture<'a, Result<Ran, String>>;

/// A list of flows.
pub type Flows = &'static [Listed];

/// What one run was.
pub struct Ran {
    /// The calls between the first request and the end of what followed from it.
    pub calls: Vec<Address>,
    /// Whether the fault met its call.
    pub fired: bool,
    /// What does not hold, in sentences.
    pub wrong: Vec<String>,
}

impl Listed {
    /// A flow as a value.
    pub const fn of<F: Flow + 'static>() -> Self {
        Listed { name: F::NAME, run: boxed::<F> }
    }

    /// Runs it once, with the fault of a case or with none.
    ///
    /// # Errors
    /// Trouble of the prover itself: what a run needs could not be made.
    pub async fn once(&self, site: &Site, case: Option<&Case>) -> Result<Ran, String> {
        (self.run)(site, case).await
    }
}

fn boxed<'a, F: Flow + 'static>(site: &'a Site, case: Option<&'a Case>) -> Running<'a> {
    Box::pin(once::<F>(site, case))
}

async fn once<F: Flow>(site: &Site, case: Option<&Case>) -> Result<Ran, String> {
    let troubled = |broken: Broken| format!("{} could not be prepared: {broken}", F::NAME);
    site.begin().await.map_err(troubled)?;
    let ready = F::prepare(site).await.map_err(troubled)?;
    site.quiet().await.map_err(troubled)?;
    match case {
        Some(case) => site.faults().arm(case.at.clone(), case.fault.clone()),
        None => site.faults().record(),
    }
    let done = F::act(site, &ready).await;
    let settled = site.settle().await;
    let (calls, fired) = (site.faults().recorded(), site.faults().fired());
    site.faults().calm();
    let mut facts = Facts::after(case);
    let looked = match done {
        Ok(done) => F::expect(site, ready, done, &mut facts).await,
        Err(broken) => Err(broken),
    };
    for broken in [looked, settled, site.no_dead_letters().await].into_iter().filter_map(Result::err) {
        facts.wrong(broken);
    }
    let wrong = facts.into_wrong();
    site.end_of_run(wrong.is_empty());
    Ok(Ran { calls, fired, wrong })
}
