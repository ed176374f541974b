//! Answers that must not tell by their time whether an address has an account. The work is nearly the same either way,
//! but an item that is there takes longer to read than one that is not: so an answer waits until the slower of both
//! would be done.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Longer than the reads and the write of an answer about an address.
const READING: Duration = Duration::from_millis(100);
/// Longer than those and a password's hash: `auth` has the memory, and with it the CPU share, to hash in less than 100 ms.
const HASHING: Duration = Duration::from_millis(150);

/// When the handling of a request began.
#[derive(Clone, Copy, Debug)]
pub struct Begun(Instant);

impl Begun {
    /// Now.
    pub fn now() -> Self {
        Begun(Instant::now())
    }

    /// Waits until an answer that hashed no password is given.
    pub async fn until_read(self) {
        sleep_until(self.0 + READING).await;
    }

    /// Waits until an answer to a wrong password is given.
    pub async fn until_hashed(self) {
        sleep_until(self.0 + HASHING).await;
    }
}
