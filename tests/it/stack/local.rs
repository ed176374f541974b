//! A local cloud of one test's own, in this process; its functions run in theirs.

use std::path::Path;

use devstack::{Options, Stack};
use tempfile::TempDir;

use super::binaries;
use super::visitor::Visitor;

/// A running stack and a way to use it.
pub struct Local {
    pub stack: Stack,
    pub visitor: Visitor,
    pub data: TempDir,
}

impl Local {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts with other options than usual.
    pub async fn start_with(change: impl FnOnce(&mut Options)) -> Self {
        let data = TempDir::new().unwrap();
        let mut options = options(data.path());
        change(&mut options);
        let stack = Stack::start(options).await.unwrap();
        let visitor = Visitor::new(&stack.urls.api, &stack.urls.control);
        Local { stack, visitor, data }
    }

    /// Ends it in order.
    pub async fn end(self) {
        self.stack.shutdown().await;
    }
}

fn options(data: &Path) -> Options {
    Options::prebuilt(binaries::root(), data, binaries::functions())
}
