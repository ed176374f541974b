//! Why a stack cannot start, in words for the person who started it.

use std::path::{Path, PathBuf};

use crate::template::TemplateError;

/// Why a stack cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StackError {
    #[error(
        "port {port} ({purpose}) is in use; stop what listens there, or choose another base port: cargo dev --port 9100 (0 takes free ones)"
    )]
    PortBusy { port: u16, purpose: &'static str },
    #[error("cannot listen on port {port} ({purpose}): {source}")]
    Listen { port: u16, purpose: &'static str, source: std::io::Error },
    #[error("--port {base} leaves no room for the ports above it; choose one up to 65000")]
    BasePort { base: u16 },
    #[error(
        "another `cargo dev` (process {holder}) works in {}; stop it, or give this one a folder of its own: cargo dev --data .dev2 --port 9100",
        data_dir.display()
    )]
    DataInUse { data_dir: PathBuf, holder: String },
    #[error("cannot {action} {}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error("template.yaml has no function {name:?}; it has: {known}")]
    UnknownFunction { name: String, known: String },
    #[error("cargo cannot be run: {0}")]
    Cargo(std::io::Error),
    #[error("the functions do not build; the errors are above")]
    BuildFailed,
    #[error("no binary {binary:?} in {}", place.display())]
    NoBinary { binary: String, place: PathBuf },
    #[error("the local cloud does not start: {0}")]
    Cloud(String),
    #[error("cargo lambda: {0}")]
    CargoLambda(String),
    #[error("the local keys cannot be made: {0}")]
    Keys(String),
    #[error("the demo data cannot be written: {0}")]
    Seed(String),
}

impl StackError {
    pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }
}
