//! One switch that ends every task of a stack.

use tokio::sync::watch;

/// Told once, for good. Dropping it tells as well: nothing outlives its stack.
#[derive(Debug)]
pub struct StopSwitch(watch::Sender<bool>);

/// Hears of it.
#[derive(Debug, Clone)]
pub struct Stopping(watch::Receiver<bool>);

impl StopSwitch {
    pub fn new() -> (Self, Stopping) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Stopping(receiver))
    }

    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stopping {
    /// Returns when the switch is told or gone.
    pub async fn stopped(&mut self) {
        // An error is the switch's end, which means the same.
        let _ = self.0.wait_for(|stop| *stop).await.map(drop);
    }

    pub fn is_stopped(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}
