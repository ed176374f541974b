//! The binaries that serve, kept apart from the target folder: a build that is linking, or fails, leaves them alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::StackError;

/// `<data>/bin`, and what was put there.
#[derive(Debug)]
pub struct Installed {
    folder: PathBuf,
    seen: BTreeMap<String, (SystemTime, u64)>,
}

impl Installed {
    /// # Errors
    /// The folder cannot be made.
    pub fn new(data_dir: &Path) -> Result<Self, StackError> {
        let folder = data_dir.join("bin");
        std::fs::create_dir_all(&folder).map_err(|error| StackError::io("create", &folder, error))?;
        Ok(Self { folder, seen: BTreeMap::new() })
    }

    /// The folder of all of them; only our functions run from there.
    pub fn folder(&self) -> PathBuf {
        self.folder.clone()
    }

    /// Where a binary is, or will be.
    pub fn path(&self, binary: &str) -> PathBuf {
        self.folder.join(binary)
    }

    /// Puts the executables in place and answers the names of those that are new.
    ///
    /// # Errors
    /// An executable is missing, or the disk refuses.
    pub fn install(&mut self, executables: &BTreeMap<String, PathBuf>) -> Result<Vec<String>, StackError> {
        let mut changed = Vec::new();
        for (binary, source) in executables {
            let io = |error| StackError::io("read", source, error);
            let metadata = std::fs::metadata(source).map_err(io)?;
            let version = (metadata.modified().map_err(io)?, metadata.len());
            if self.seen.get(binary) == Some(&version) {
                continue;
            }
            self.put(binary, source)?;
            self.seen.insert(binary.clone(), version);
            changed.push(binary.clone());
        }
        Ok(changed)
    }

    /// A hard link where the file system allows it (linkers make new files, they do not write into old ones), moved
    /// over the old name in one step.
    fn put(&self, binary: &str, source: &Path) -> Result<(), StackError> {
        let next = self.folder.join(format!(".{binary}.next"));
        match std::fs::remove_file(&next) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StackError::io("remove", &next, error));
            }
            _ => {}
        }
        if std::fs::hard_link(source, &next).is_err() {
            std::fs::copy(source, &next).map_err(|error| StackError::io("write", &next, error))?;
        }
        // Renaming one link of a file over another one does nothing, not even remove the first.
        let target = self.path(binary);
        std::fs::rename(&next, &target).map_err(|error| StackError::io("replace", &target, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_replaced() -> Result<(), Box<dyn std::error::Error>> {
        let directory = std::env::temp_dir().join(format!("installed-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&directory)?;
        let source = directory.join("auth");
        std::fs::write(&source, "one")?;
        let executables = BTreeMap::from([("auth".to_owned(), source.clone())]);
        let mut installed = Installed::new(&directory)?;
        assert_eq!(installed.install(&executables)?, ["auth"]);
        assert_eq!(installed.install(&executables)?, Vec::<String>::new());
        std::fs::remove_file(&source)?;
        std::fs::write(&source, "longer")?;
        assert_eq!(std::fs::read(installed.path("auth"))?, b"one");
        assert_eq!(installed.install(&executables)?, ["auth"]);
        assert_eq!(std::fs::read(installed.path("auth"))?, b"longer");
        Ok(std::fs::remove_dir_all(directory)?)
    }
}
