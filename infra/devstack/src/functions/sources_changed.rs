//! Notices that a source changed. Polled: it needs nothing of the operating system and no crate, and a second is
//! nothing beside a build.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

const POLL: Duration = Duration::from_secs(1);
/// An editor that saves several files is waited for.
const SETTLE: Duration = Duration::from_millis(200);
const WATCHED: [&str; 6] = ["functions", "shared", "Cargo.toml", "Cargo.lock", ".cargo", "template.yaml"];

/// The state of all sources, comparable.
pub type Fingerprint = u64;

/// What the sources under `root` look like now; unreadable files count as absent.
pub fn fingerprint(root: &Path) -> Fingerprint {
    let mut hasher = DefaultHasher::new();
    let mut waiting: Vec<PathBuf> = WATCHED.iter().map(|name| root.join(name)).collect();
    while let Some(path) = waiting.pop() {
        let Ok(metadata) = std::fs::metadata(&path) else { continue };
        if metadata.is_dir() {
            let Ok(entries) = std::fs::read_dir(&path) else { continue };
            let mut inside: Vec<PathBuf> =
                entries.flatten().map(|entry| entry.path()).filter(|path| is_source(path)).collect();
            inside.sort();
            waiting.extend(inside);
        } else {
            (path, metadata.modified().ok(), metadata.len()).hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// Waits until the sources differ from `known` and have stopped changing; answers what they are then.
pub async fn changed(root: &Path, known: Fingerprint) -> Fingerprint {
    loop {
        tokio::time::sleep(POLL).await;
        let mut now = fingerprint(root);
        if now == known {
            continue;
        }
        loop {
            tokio::time::sleep(SETTLE).await;
            let settled = fingerprint(root);
            if settled == now {
                return now;
            }
            now = settled;
        }
    }
}

/// Neither editors' own files (`.x.swp`, `x~`) nor the target folder of a function built by itself.
fn is_source(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    !name.starts_with('.') && !name.starts_with('#') && !name.ends_with('~') && name != "target"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_source_is_noticed_and_an_editors_own_file_is_not() -> std::io::Result<()> {
        let root = std::env::temp_dir().join(format!("sources-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(root.join("functions/auth/src"))?;
        std::fs::create_dir_all(root.join("target"))?;
        std::fs::write(root.join("functions/auth/src/lib.rs"), "one")?;
        let before = fingerprint(&root);
        std::fs::write(root.join("functions/auth/src/.lib.rs.swp"), "x")?;
        std::fs::write(root.join("target/x"), "x")?;
        assert_eq!(fingerprint(&root), before);
        std::fs::write(root.join("functions/auth/src/lib.rs"), "longer")?;
        assert_ne!(fingerprint(&root), before);
        std::fs::remove_dir_all(root)
    }
}
