//! The ports of one stack: front door, control, cloud, side by side from a base.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;

use crate::StackError;

/// Listens on loopback; port 0 takes a free one.
///
/// # Errors
/// The port is busy, which names it and its purpose, or may not be used.
pub async fn listen(port: u16, purpose: &'static str) -> Result<TcpListener, StackError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => StackError::PortBusy { port, purpose },
        _ => StackError::Listen { port, purpose, source: error },
    })
}

/// Where a listener is.
///
/// # Errors
/// The system's.
pub fn port_of(listener: &TcpListener) -> Result<u16, StackError> {
    let address = listener.local_addr();
    address.map(|address| address.port()).map_err(|source| StackError::Listen {
        port: 0,
        purpose: "a listener",
        source,
    })
}

/// The port `offset` above the base; base 0 asks for free ones.
///
/// # Errors
/// The base is too high to leave room above it.
pub fn offset(base: u16, offset: u16) -> Result<u16, StackError> {
    if base == 0 {
        return Ok(0);
    }
    base.checked_add(offset).ok_or(StackError::BasePort { base })
}
