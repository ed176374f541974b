//! The data folder, `.dev`: everything that stays between runs.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::StackError;
use crate::process::lock::DataLock;

/// What `--fresh` forgets. Fetched tools, and the lock that is ours now, stay.
const DATA: [&str; 8] = [
    "cloud",
    "positions.json",
    "demo.json",
    "keyring.json",
    "token-keys.json",
    "jwks.json",
    "functions.env",
    super::faults::LOG,
];

/// The folder, held for this process alone.
#[derive(Debug)]
pub struct DataFolder {
    /// Absolute: functions do not run in our folder.
    pub path: PathBuf,
    _lock: DataLock,
}

impl DataFolder {
    pub fn take(path: &Path, fresh: bool) -> Result<Self, StackError> {
        std::fs::create_dir_all(path).map_err(|error| StackError::io("create", path, error))?;
        let path = std::path::absolute(path).map_err(|error| StackError::io("find", path, error))?;
        let lock = DataLock::take(&path)?;
        if fresh {
            DATA.iter().try_for_each(|name| remove(&path.join(name)))?;
        }
        Ok(Self { path, _lock: lock })
    }
}

fn remove(path: &Path) -> Result<(), StackError> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(StackError::io("remove", path, error)),
        _ => Ok(()),
    }
}
