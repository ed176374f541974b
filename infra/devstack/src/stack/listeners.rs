//! The ports of a stack, taken before anything slow begins.

use tokio::net::TcpListener;

use super::Urls;
use crate::StackError;
use crate::options::Build;
use crate::process::ports;

/// All listeners, from the base port up in this order.
pub struct Listeners {
    pub door: TcpListener,
    pub control: TcpListener,
    pub cloud: TcpListener,
    /// Ours, or the place where `cargo lambda` will listen.
    pub invoke: TcpListener,
}

impl Listeners {
    pub async fn open(base: u16) -> Result<Self, StackError> {
        Ok(Self {
            door: ports::listen(base, "the API").await?,
            control: ports::listen(ports::offset(base, 1)?, "control").await?,
            cloud: ports::listen(ports::offset(base, 2)?, "the local cloud").await?,
            invoke: ports::listen(ports::offset(base, 3)?, "the Invoke API").await?,
        })
    }

    pub fn urls(&self, build: &Build) -> Result<Urls, StackError> {
        let url = |listener: &TcpListener| ports::port_of(listener).map(|port| format!("http://127.0.0.1:{port}"));
        let invoke = match build {
            Build::CloudOnly { invoke_url } => invoke_url.clone(),
            _ => url(&self.invoke)?,
        };
        Ok(Urls { api: url(&self.door)?, control: url(&self.control)?, cloud: url(&self.cloud)?, invoke })
    }
}
