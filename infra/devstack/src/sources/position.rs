//! How far each stream source has read, kept over restarts.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::cloud::Position;

/// Where each source goes on. What a function did with a record is on disk before it answers (the cloud sees to that),
/// and the position is written after: a crash repeats records and never loses one.
#[derive(Debug)]
pub struct Positions {
    path: PathBuf,
    current: Mutex<BTreeMap<String, Position>>,
}

impl Positions {
    /// Reads the file, which need not exist.
    ///
    /// # Errors
    /// The file cannot be read or is none of ours.
    pub fn load(path: &Path) -> std::io::Result<Self> {
        let current = match std::fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error),
        };
        Ok(Self { path: path.to_owned(), current: Mutex::new(current) })
    }

    pub fn get(&self, source: &str) -> Option<Position> {
        self.lock().get(source).cloned()
    }

    /// Moves a source on and writes that down. A disk that refuses costs only a repetition after the next start.
    pub fn advance(&self, source: &str, position: Option<&Position>) {
        let Some(position) = position else { return };
        let mut current = self.lock();
        if current.get(source) == Some(position) {
            return;
        }
        current.insert(source.to_owned(), position.clone());
        if let Err(error) = self.write(&current) {
            tracing::warn!(%error, path = %self.path.display(), "positions cannot be written");
        }
    }

    /// Replaces the file whole, so that a crash leaves the old or the new one.
    fn write(&self, positions: &BTreeMap<String, Position>) -> std::io::Result<()> {
        let next = self.path.with_extension("next");
        std::fs::File::create(&next)?.write_all(&serde_json::to_vec_pretty(positions)?)?;
        std::fs::rename(next, &self.path)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Position>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_survive_a_restart() -> std::io::Result<()> {
        let directory = std::env::temp_dir().join(format!("positions-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&directory)?;
        let path = directory.join("positions.json");
        let positions = Positions::load(&path)?;
        positions.advance("relay", Some(&Position::at("1")));
        positions.advance("relay", Some(&Position::at("2")));
        positions.advance("relay", None);
        assert_eq!(Positions::load(&path)?.get("relay"), Some(Position::at("2")));
        std::fs::remove_dir_all(directory)
    }
}
