//! Processes, by what the system says of them.

use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::waiting::until;

/// SIGKILL for a process that is ours; it may have ended on its own.
pub fn kill_9(pid: u32) {
    let _ = kill_process(raw(pid), Signal::KILL);
}

/// Ctrl-C, as a terminal sends it.
pub fn interrupt(pid: u32) {
    kill_process(raw(pid), Signal::INT).unwrap();
}

/// False for a process that is dead and only not waited for, as orphans in a container stay.
pub fn is_alive(pid: u32) -> bool {
    let known = test_kill_process(raw(pid)).is_ok();
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    known && !state.rsplit(')').next().unwrap_or_default().starts_with(" Z")
}

/// The functions that work for this local cloud now, whoever started them; none where the system does not tell.
pub fn working_for(cloud: &str) -> Vec<u32> {
    let functions = led_to(cloud);
    assert!(!functions.is_empty() || !Path::new("/proc/self/environ").exists(), "nobody works for {cloud}");
    functions
}

/// Processes whose environment leads to this local cloud.
fn led_to(cloud: &str) -> Vec<u32> {
    let wanted = format!("AWS_ENDPOINT_URL={cloud}");
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let is_led = |pid: &u32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes())
    };
    pids.filter(is_led).collect()
}

/// Waits until nobody is left that works for this local cloud.
pub async fn all_gone(cloud: &str, pids: &[u32]) {
    until("every process is gone", Duration::from_secs(20), async || {
        (led_to(cloud).is_empty() && !pids.iter().any(|pid| is_alive(*pid))).then_some(())
    })
    .await;
}

fn raw(pid: u32) -> Pid {
    Pid::from_raw(pid.try_into().unwrap()).unwrap()
}
