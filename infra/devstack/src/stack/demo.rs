//! The demo data: written once on empty tables, known over restarts.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::StackError;
use crate::options::{DemoAccount, Seed};

/// The demo accounts and how to make them again.
pub struct Demo {
    seed: Option<Seed>,
    environment: Vec<(String, String)>,
    path: PathBuf,
    accounts: Mutex<Vec<DemoAccount>>,
}

impl Demo {
    /// What an earlier run wrote, or else writes it now.
    pub async fn open(
        data_dir: &Path,
        seed: Option<Seed>,
        environment: Vec<(String, String)>,
    ) -> Result<Self, StackError> {
        let path = data_dir.join("demo.json");
        let known = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let is_known = known.is_some();
        let demo = Self { seed, environment, path, accounts: Mutex::new(known.unwrap_or_default()) };
        if !is_known {
            demo.renew().await?;
        }
        Ok(demo)
    }

    /// Writes the demo data on tables that must be empty.
    pub async fn renew(&self) -> Result<(), StackError> {
        let Some(seed) = &self.seed else { return Ok(()) };
        let accounts = seed(self.environment.clone()).await.map_err(StackError::Seed)?;
        let bytes = serde_json::to_vec_pretty(&accounts).map_err(|error| StackError::Seed(error.to_string()))?;
        std::fs::write(&self.path, bytes).map_err(|error| StackError::io("write", &self.path, error))?;
        *self.accounts.lock().unwrap_or_else(PoisonError::into_inner) = accounts;
        Ok(())
    }

    pub fn accounts(&self) -> Vec<DemoAccount> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
