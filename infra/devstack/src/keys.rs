//! The secrets of stage `local`: made once per data folder, readable by its owner only.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::StackError;

/// Where the secrets are, and what everyone may know of them.
#[derive(Debug, Clone)]
pub struct Keys {
    pub keyring: PathBuf,
    pub token_keys: PathBuf,
    /// The public halves of the token keys, as a JWK set.
    pub jwks: String,
}

impl Keys {
    /// Those of the folder; makes what is missing.
    ///
    /// # Errors
    /// The disk's.
    pub fn ensure(data_dir: &Path) -> Result<Self, StackError> {
        let keyring = data_dir.join("keyring.json");
        let token_keys = data_dir.join("token-keys.json");
        let jwks_path = data_dir.join("jwks.json");
        if !keyring.exists() {
            write(&keyring, &entry::keys::generate_keyring())?;
        }
        // A pair: one without the other is of no use.
        if !token_keys.exists() || !jwks_path.exists() {
            let pair = entry::keys::generate_token_keys().map_err(|error| StackError::Keys(error.to_string()))?;
            write(&token_keys, &pair.private)?;
            write(&jwks_path, &pair.jwks)?;
        }
        let jwks = std::fs::read_to_string(&jwks_path).map_err(|error| StackError::io("read", &jwks_path, error))?;
        Ok(Self { keyring, token_keys, jwks })
    }
}

/// Whole or not at all.
fn write(path: &Path, content: &str) -> Result<(), StackError> {
    let next = path.with_extension("next");
    let io = |error| StackError::io("write", path, error);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&next).map_err(io)?;
    file.write_all(content.as_bytes()).map_err(io)?;
    std::fs::rename(&next, path).map_err(io)
}
