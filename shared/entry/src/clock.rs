//! The one place that reads the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::Time;

/// The system's clock, with an offset that tests may move.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset_millis: Arc<AtomicI64>,
}

impl Clock {
    /// Now.
    pub fn now(&self) -> Time {
        let system = jiff::Timestamp::now().as_millisecond();
        Time::from_millis(system.saturating_add(self.offset_millis.load(Ordering::Relaxed)))
    }

    /// Moves this clock to `seconds` ahead of the system's.
    pub fn set_offset_seconds(&self, seconds: i64) {
        self.offset_millis.store(seconds.saturating_mul(1000), Ordering::Relaxed);
    }
}
