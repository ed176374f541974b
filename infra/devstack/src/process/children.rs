//! Children that a killed `cargo dev` left behind. Functions end by themselves when the Runtime API goes away; this
//! is for those that hang, and for `cargo lambda watch`, which would keep its port.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// A process that must not outlive us: it is ours only while its command line contains `mark`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    pub pid: u32,
    pub mark: String,
    /// Whether it leads a process group that ends with it.
    pub leads_group: bool,
}

/// The list of our children on disk.
#[derive(Debug)]
pub struct ChildrenFile {
    path: PathBuf,
    written: Vec<Child>,
}

impl ChildrenFile {
    pub fn new(data_dir: &Path) -> Self {
        Self { path: data_dir.join("pids"), written: Vec::new() }
    }

    /// Ends what an earlier run left, if it still is what the list says; answers how many.
    pub fn sweep(&self) -> usize {
        let listed = std::fs::read_to_string(&self.path).unwrap_or_default();
        let ours: Vec<Child> = listed.lines().filter_map(parse).filter(is_ours).collect();
        for child in &ours {
            end(child, Signal::KILL);
        }
        ours.len()
    }

    /// Nobody is left to be swept.
    pub fn forget(&self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, "there was no list of children");
        }
    }

    /// Keeps the list; a disk that refuses costs only the sweep.
    pub fn keep(&mut self, children: Vec<Child>) {
        if children == self.written {
            return;
        }
        let lines: String = children.iter().map(line).collect();
        if let Err(error) = std::fs::write(&self.path, lines) {
            tracing::warn!(%error, path = %self.path.display(), "the list of children cannot be written");
        }
        self.written = children;
    }
}

/// Asks a group to end, and ends it after `grace`.
pub async fn end_group(child: &mut tokio::process::Child, grace: Duration) {
    let Some(pid) = child.id() else { return };
    let listed = Child { pid, mark: String::new(), leads_group: true };
    end(&listed, Signal::TERM);
    if tokio::time::timeout(grace, child.wait()).await.is_err() {
        end(&listed, Signal::KILL);
        // Reaps it; nothing is left to be done about a failure.
        let _ = child.wait().await;
    }
}

fn line(child: &Child) -> String {
    let kind = if child.leads_group { "group" } else { "process" };
    format!("{}\t{kind}\t{}\n", child.pid, child.mark)
}

fn parse(line: &str) -> Option<Child> {
    let mut fields = line.splitn(3, '\t');
    let pid = fields.next()?.parse().ok()?;
    let leads_group = match fields.next()? {
        "group" => true,
        "process" => false,
        _ => return None,
    };
    let mark = fields.next().filter(|mark| !mark.is_empty())?.to_owned();
    Some(Child { pid, mark, leads_group })
}

fn is_ours(child: &Child) -> bool {
    command_line(child.pid).is_some_and(|command| command.contains(&child.mark))
}

/// A number alone proves nothing, it may long belong to another process.
fn command_line(pid: u32) -> Option<String> {
    match std::fs::read(format!("/proc/{pid}/cmdline")) {
        Ok(bytes) => Some(String::from_utf8_lossy(&bytes).replace('\0', " ")),
        Err(_) if Path::new("/proc/self").exists() => None,
        Err(_) => {
            let listed = std::process::Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output();
            listed
                .ok()
                .filter(|output| output.status.success())
                .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        }
    }
}

fn end(child: &Child, signal: Signal) {
    let Some(pid) = i32::try_from(child.pid).ok().and_then(Pid::from_raw) else { return };
    let sent = if child.leads_group { kill_process_group(pid, signal) } else { kill_process(pid, signal) };
    if let Err(error) = sent {
        tracing::debug!(%error, pid = child.pid, "had already ended");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_written() {
        let child = Child { pid: 7, mark: "lambda watch -P 9".into(), leads_group: true };
        assert_eq!(parse(line(&child).trim_end()), Some(child));
        for nonsense in ["", "x", "7", "7\tgroup", "7\tgroup\t", "7\tother\tx"] {
            assert_eq!(parse(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_recycled_pid_is_not_ours() {
        let me = std::process::id();
        assert!(!is_ours(&Child { pid: me, mark: "no-such-mark-in-any-command".into(), leads_group: false }));
    }

    #[tokio::test]
    async fn the_sweep_ends_what_is_ours() -> std::io::Result<()> {
        let directory = std::env::temp_dir().join(format!("children-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&directory)?;
        let mut sleeper = tokio::process::Command::new("sleep").arg("4077").kill_on_drop(true).spawn()?;
        let mut file = ChildrenFile::new(&directory);
        let pid = sleeper.id().unwrap_or_default();
        let child = Child { pid, mark: "sleep 4077".into(), leads_group: false };
        // The system may take a moment to show a new process by its own command.
        while !is_ours(&child) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        file.keep(vec![child]);
        assert_eq!(file.sweep(), 1);
        assert!(!sleeper.wait().await?.success());
        assert_eq!(file.sweep(), 0);
        std::fs::remove_dir_all(directory)
    }
}
