//! Faults on purpose: what AWS, the network and the machine do to a call now and then, done where and when it is wanted.
//!
//! [`tap`](super::tap) asks [`Faults::meet`] about every call before it is executed. A test arms one fault at one call,
//! or lets chance decide: the decision about call n of a stream (function, service, operation) is a pure function of the
//! seed, the stream and n, so that a seed that found something finds it again.

mod acting;
mod catalogue;
mod chance;
mod fault;
mod log;
mod messages;
mod plan;
mod wire;

pub(crate) use acting::{Cut, answer};
pub use chance::Chance;
pub use fault::{Address, CancellationCode, Cancelled, Fault, Kind, Refusal};
pub use log::Decision;
pub use messages::MessageChance;
pub(super) use messages::Shuffle;
pub use plan::Plan;

use super::call::{Call, Service};
use log::Log;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// What kills all processes of a function, by its binary's name.
type Killer = Arc<dyn Fn(&str) + Send + Sync>;

/// The faults of one local cloud. Clones share one state.
#[derive(Clone)]
pub struct Faults(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    killed: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    mode: Mode,
    /// By function, service and operation: how many calls there were.
    seen: HashMap<(String, Service, String), u64>,
    recorded: Vec<Address>,
    messages: Option<MessageChance>,
    /// By queue and whether sent or received: how many messages there were.
    turns: HashMap<(String, &'static str), u64>,
    log: Log,
    killer: Option<Killer>,
}

#[derive(Default)]
enum Mode {
    #[default]
    Calm,
    Recording,
    Armed {
        at: Address,
        fault: Fault,
        fired: bool,
    },
    Chance(Chance),
}

/// What goes on, for who looks at it from outside.
#[derive(Debug, Serialize)]
pub struct Standing {
    /// Absent while nothing happens by chance.
    pub seed: Option<u64>,
    /// The share of calls that something happens to.
    pub rate: Option<f64>,
    pub messages: Option<MessageChance>,
    /// How many decisions there were, by kind; `none` are the calls and messages that nothing happened to.
    pub decisions: BTreeMap<&'static str, u64>,
    /// Newest first.
    pub latest: Vec<Decision>,
}

impl Default for Faults {
    fn default() -> Self {
        Faults(Arc::new(Shared { state: Mutex::default(), killed: watch::Sender::new(false) }))
    }
}

impl Faults {
    /// Lets `fault` happen to one call, once. Calls are counted and recorded anew from here.
    pub fn arm(&self, at: Address, fault: Fault) {
        self.begin(Mode::Armed { at, fault, fired: false });
    }

    /// Whether the armed fault has happened.
    pub fn fired(&self) -> bool {
        matches!(self.lock().mode, Mode::Armed { fired: true, .. })
    }

    /// Notes all calls from here on, without any fault.
    pub fn record(&self) {
        self.begin(Mode::Recording);
    }

    /// The calls since [`Faults::record`] or [`Faults::arm`], in their order. Calls under chance are in the log instead.
    pub fn recorded(&self) -> Vec<Address> {
        self.lock().recorded.clone()
    }

    /// Lets chance decide about every call of a function. Callers that do not say who they are stay unharmed: they are
    /// the demo data and whoever looks behind the functions.
    pub fn by_chance(&self, chance: Chance) {
        self.begin(Mode::Chance(chance));
    }

    /// No more faults; what was recorded and decided stays to be read.
    pub fn calm(&self) {
        let mut state = self.lock();
        state.mode = Mode::Calm;
        state.messages = None;
    }

    /// The latest decisions of chance, oldest first; all of them up to a hundred thousand.
    pub fn decisions(&self) -> Vec<Decision> {
        self.lock().log.all()
    }

    /// What goes on, with the latest `most` decisions.
    pub fn standing(&self, most: usize) -> Standing {
        let state = self.lock();
        let chance = match &state.mode {
            Mode::Chance(chance) => Some(chance),
            _ => None,
        };
        Standing {
            seed: chance.map(|chance| chance.seed).or(state.messages.map(|chance| chance.seed)),
            rate: chance.map(|chance| chance.rate),
            messages: state.messages,
            decisions: state.log.counts(),
            latest: state.log.latest(most),
        }
    }

    /// Writes each decision of chance to a file as well, a line of JSON each. What the file held is gone.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn log_to(&self, path: &Path) -> io::Result<()> {
        self.lock().log.write_to(path)
    }

    /// Every fault that AWS, the network or the machine may truthfully do to an operation.
    pub fn of(service: Service, operation: &str) -> Vec<Fault> {
        catalogue::faults(service, operation)
    }

    /// Ready once [`Fault::KillBefore`] or [`Fault::KillAfter`] has happened since it was armed. Where functions have no
    /// processes of their own, a test drops the request then: what was killed hears and says nothing any more.
    pub async fn killed(&self) {
        // It fails only when the sender is gone, which `self` holds.
        let _ = self.0.killed.subscribe().wait_for(|killed| *killed).await;
    }

    /// Names what kills the processes of a function.
    pub fn kill_by(&self, killer: impl Fn(&str) + Send + Sync + 'static) {
        self.lock().killer = Some(Arc::new(killer));
    }

    /// Counts a call, and says what shall happen to it.
    pub(super) fn meet(&self, call: &Call) -> Option<Fault> {
        let mut guard = self.lock();
        let state = &mut *guard;
        if let Mode::Calm = state.mode {
            return None;
        }
        let function = binary_of(&call.function).to_owned();
        let stream = (function.clone(), call.service, call.operation.clone());
        let seen = state.seen.entry(stream).or_default();
        let here = Address { function, service: call.service, operation: call.operation.clone(), n: *seen };
        *seen += 1;
        match &mut state.mode {
            Mode::Calm => None,
            Mode::Recording => {
                state.recorded.push(here);
                None
            }
            Mode::Armed { at, fault, fired } => {
                let hit = !*fired && *at == here;
                state.recorded.push(here);
                *fired |= hit;
                hit.then(|| fault.clone())
            }
            Mode::Chance(_) if here.function == UNKNOWN => None,
            Mode::Chance(chance) => {
                let fault = chance.decide(&here);
                let kind = fault.as_ref().map_or("none", |fault| fault.kind().name());
                let words = fault.as_ref().map_or_else(|| kind.to_owned(), Fault::to_string);
                state.log.add(here, kind, words);
                fault
            }
        }
    }

    /// Kills the processes of the caller; answers whether anybody could.
    fn kill(&self, call: &Call) -> bool {
        let killer = self.lock().killer.clone();
        if let Some(killer) = &killer {
            killer(binary_of(&call.function));
        }
        self.0.killed.send_replace(true);
        killer.is_some()
    }

    fn begin(&self, mode: Mode) {
        let mut state = self.lock();
        state.mode = mode;
        state.seen.clear();
        state.recorded.clear();
        self.0.killed.send_replace(false);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What callers are called that send no application id.
const UNKNOWN: &str = "unknown";

/// The binary of an application id, which may bear the name of the stack in front: `souk-local-auth`.
fn binary_of(application: &str) -> &str {
    application.split_once("-local-").map_or(application, |(_, binary)| binary)
}
