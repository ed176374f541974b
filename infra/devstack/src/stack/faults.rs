//! What goes wrong on purpose in a whole stack.

use std::path::Path;

use runtime::Runtime;

use crate::StackError;
use crate::cloud::Cloud;
use crate::cloud::faults::{Chance, Kind, Plan};

/// Every decision of `--faults`, in the data folder.
pub const LOG: &str = "faults.log";

/// Lets the faults of a cloud reach the processes of functions, and those of the options begin.
pub fn begin(cloud: &Cloud, runtime: Option<&Runtime>, plan: Option<&Plan>, data_dir: &Path) -> Result<(), StackError> {
    let faults = cloud.faults();
    if let Some(runtime) = runtime {
        faults.kill_by(runtime.killer());
    }
    let Some(plan) = plan else { return Ok(()) };
    let path = data_dir.join(LOG);
    faults.log_to(&path).map_err(|error| StackError::io("write", &path, error))?;
    if let Some(chance) = plan.calls.clone() {
        if runtime.is_none() {
            tracing::warn!("calls of functions that `cargo lambda` runs bear no name: no fault meets them");
        }
        faults.by_chance(if runtime.is_some() { chance } else { sparing_processes(chance) });
    }
    if let Some(chance) = plan.messages {
        faults.messages(chance);
    }
    Ok(())
}

/// Should such functions be named after all, their processes are still not ours to kill.
fn sparing_processes(chance: Chance) -> Chance {
    chance.without(&[Kind::KillBefore, Kind::KillAfter])
}
