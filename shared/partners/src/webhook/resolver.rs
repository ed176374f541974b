//! Names become addresses here and nowhere else, and the connection is made to what was checked: a name that answers
//! something public first and something inner then gains nothing.

use std::net::SocketAddr;
use std::sync::Arc;

use domain::identity::webhook::Reach;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The host resolves to an address that is out of reach.
#[derive(Debug, thiserror::Error)]
#[error("an address of the host is out of reach")]
pub(super) struct Inside;

/// The host does not resolve.
#[derive(Debug, thiserror::Error)]
#[error("the host does not resolve")]
pub(super) struct Unresolved;

/// The system's resolver.
#[derive(Clone, Copy, Debug)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Addrs = Box::new(found.collect::<Vec<_>>().into_iter());
            Ok(addresses)
        })
    }
}

/// A resolver whose answers are checked: one address out of reach refuses them all.
pub(super) struct Checked {
    reach: Reach,
    inner: Arc<dyn Resolve>,
}

impl Checked {
    pub fn new(reach: Reach, inner: impl Resolve + 'static) -> Self {
        Checked { reach, inner: Arc::new(inner) }
    }
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.reach;
        let resolving = self.inner.resolve(name);
        Box::pin(async move {
            let found: Vec<SocketAddr> = resolving.await.map_err(|_| Unresolved)?.collect();
            if found.is_empty() {
                return Err(Unresolved.into());
            }
            if !found.iter().all(|address| reach.admits(address.ip())) {
                return Err(Inside.into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}
