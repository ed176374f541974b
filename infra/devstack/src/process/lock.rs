//! One `cargo dev` per data folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use crate::StackError;

/// Held as long as the process lives; the system lets go of it even after SIGKILL.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Takes the folder for this process.
    ///
    /// # Errors
    /// Another process has it, or the disk refuses.
    pub fn take(data_dir: &Path) -> Result<Self, StackError> {
        let path = data_dir.join("lock");
        let io = |error| StackError::io("open", &path, error);
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Only for the message: without it the refusal is as true.
                let _ = file.read_to_string(&mut holder);
                return Err(StackError::DataInUse { data_dir: data_dir.to_owned(), holder: holder.trim().to_owned() });
            }
            Err(TryLockError::Error(error)) => return Err(StackError::io("lock", &path, error)),
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(io)?;
        writeln!(file, "{}", std::process::id()).map_err(io)?;
        Ok(Self { _file: file })
    }
}
