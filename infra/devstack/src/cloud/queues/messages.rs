//! The messages of all queues: rows that are there from SendMessage to DeleteMessage.

use super::super::faults::Faults;
use super::super::state::State;
use super::MessageAttribute;
use super::receiving::{Stored, Wanted, bury, show_at_once, take};
use super::settings::Settings;
use super::tally::{self, Tally};
use crate::template::Queue;
use md5::{Digest, Md5};
use rusqlite::params;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

pub(super) type Sqlite<T> = Result<T, rusqlite::Error>;

/// What a new message is known by.
pub(super) struct Sent {
    pub id: String,
    pub body_md5: String,
}

/// How many messages a queue holds.
#[derive(Default)]
pub(super) struct Counts {
    pub visible: usize,
    pub in_flight: usize,
    pub delayed: usize,
}

#[derive(Clone)]
pub(super) struct Messages {
    state: Arc<State>,
    pub(super) settings: Arc<Settings>,
    arrivals: Arc<Notify>,
    faults: Faults,
}

impl Messages {
    pub fn new(state: Arc<State>, settings: Arc<Settings>, faults: Faults) -> Sqlite<Messages> {
        tally::begin(&state.lock())?;
        Ok(Messages { state, settings, arrivals: Arc::default(), faults })
    }

    /// Ready once a message arrives anywhere after this call.
    pub fn arrival(&self) -> Notified<'_> {
        self.arrivals.notified()
    }

    pub fn send(
        &self,
        queue: &str,
        body: &str,
        attributes: &BTreeMap<String, MessageAttribute>,
        delay: Duration,
    ) -> Sqlite<Sent> {
        let sent = Sent { id: uuid::Uuid::now_v7().to_string(), body_md5: hex(&Md5::digest(body)) };
        let attributes = serde_json::to_string(attributes).unwrap_or_default();
        let now = now_ms();
        let sending = self.disturbed(queue).map(|faults| faults.sending(queue)).unwrap_or_default();
        let visible = now + ms(delay) + ms(sending.hold);
        // A copy is a row of its own under the same id: it is received, counted and deleted by itself.
        let copy = sending.copy_after.map(|after| visible + ms(after));
        let mut connection = self.state.lock();
        let transaction = connection.transaction()?;
        for visible in std::iter::once(visible).chain(copy) {
            transaction.execute(
                "INSERT INTO message (id, queue, body, body_md5, attributes, sent_ms, visible_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![sent.id, queue, body, sent.body_md5, attributes, now, visible],
            )?;
            tally::sent(&transaction, queue, 1)?;
        }
        transaction.commit()?;
        self.arrivals.notify_waiters();
        Ok(sent)
    }

    /// Takes up to `max` visible messages and hides them for `timeout`, or for the queue's visibility timeout. What was
    /// received too often goes to the dead letter queue instead.
    pub fn receive(&self, queue: &str, max: usize, timeout: Option<Duration>) -> Sqlite<Vec<Stored>> {
        let Some(settings) = self.settings.get(queue) else {
            return Ok(Vec::new());
        };
        let now = now_ms();
        let mut connection = self.state.lock();
        let transaction = connection.transaction()?;
        if let Some(redrive) = &settings.redrive {
            bury(&transaction, queue, redrive, now)?;
        }
        let hidden_until = now + ms(timeout.unwrap_or(settings.visibility_timeout));
        let faults = self.disturbed(queue);
        let wanted = Wanted { max, now, hidden_until, shuffle: faults.and_then(Faults::shuffle) };
        let received = take(&transaction, &settings, &wanted)?;
        if let Some(faults) = faults {
            let first = received.iter().filter(|stored| stored.receive_count == 1);
            for stored in first.filter(|_| faults.redelivers(queue)) {
                show_at_once(&transaction, stored, now)?;
            }
        }
        transaction.commit()?;
        Ok(received)
    }

    /// What disturbs the messages of a queue, if anything does.
    fn disturbed(&self, queue: &str) -> Option<&Faults> {
        let is_disturbed = self.faults.disturbs_messages() && !self.settings.is_dead_letter_queue(queue);
        is_disturbed.then_some(&self.faults)
    }

    /// Deletes by receipt handle. As in SQS, an outdated handle deletes nothing and is no error. Answers whether the
    /// handle is one at all.
    pub fn delete(&self, queue: &str, receipt: &str) -> Sqlite<bool> {
        let Some(seq) = seq_of(receipt) else {
            return Ok(false);
        };
        let mut connection = self.state.lock();
        let transaction = connection.transaction()?;
        let deleted = transaction.execute(
            "DELETE FROM message WHERE seq = ?1 AND queue = ?2 AND receipt = ?3",
            params![seq, queue, receipt],
        )?;
        tally::done(&transaction, queue, deleted)?;
        transaction.commit()?;
        Ok(true)
    }

    /// Answers whether the handle is that of a message in flight.
    pub fn change_visibility(&self, queue: &str, receipt: &str, timeout: Duration) -> Sqlite<bool> {
        let Some(seq) = seq_of(receipt) else {
            return Ok(false);
        };
        let changed = self.state.lock().execute(
            "UPDATE message SET visible_ms = ?4 WHERE seq = ?1 AND queue = ?2 AND receipt = ?3",
            params![seq, queue, receipt, now_ms() + ms(timeout)],
        )?;
        self.arrivals.notify_waiters();
        Ok(changed == 1)
    }

    /// Moves all messages of `from` that came from `to`, as good as new, and answers their number.
    pub fn move_all(&self, from: &str, to: &str) -> Sqlite<usize> {
        let moved = self.state.lock().execute(
            "UPDATE message SET queue = ?2, visible_ms = ?3, receive_count = 0, first_received_ms = NULL,
                    receipt = NULL, dead_letter_source = NULL
             WHERE queue = ?1 AND (dead_letter_source = ?2 OR dead_letter_source IS NULL)",
            params![from, to, now_ms()],
        )?;
        self.arrivals.notify_waiters();
        Ok(moved)
    }

    pub fn counts(&self, queue: &str) -> Sqlite<Counts> {
        tally::lying(&self.state.lock(), queue, now_ms())
    }

    /// What lies in a queue, what lies in its dead letter queue, and what became of the rest: of one moment.
    pub fn standing(&self, queue: &Queue) -> Sqlite<(Counts, Counts, Tally)> {
        let (connection, now) = (self.state.lock(), now_ms());
        let dead_letter_queue = queue.redrive.as_ref().map(|redrive| redrive.dead_letter_queue.as_str());
        let dead = dead_letter_queue.map(|dead| tally::lying(&connection, dead, now)).transpose()?;
        let lying = tally::lying(&connection, &queue.name, now)?;
        Ok((lying, dead.unwrap_or_default(), tally::of(&connection, &queue.name, dead_letter_queue)?))
    }

    /// Shows what was in flight: whoever received it is gone.
    pub fn release_in_flight(&self) -> Sqlite<()> {
        self.state
            .lock()
            .execute("UPDATE message SET visible_ms = ?1 WHERE receive_count > 0 AND visible_ms > ?1", [now_ms()])?;
        Ok(())
    }

    pub fn purge(&self, queue: &str) -> Sqlite<()> {
        let mut connection = self.state.lock();
        let transaction = connection.transaction()?;
        let deleted = transaction.execute("DELETE FROM message WHERE queue = ?1", [queue])?;
        tally::purged(&transaction, queue, deleted)?;
        transaction.commit()
    }

    pub fn clear(&self) -> Sqlite<()> {
        self.state.lock().execute_batch("BEGIN; DELETE FROM message; DELETE FROM tally; COMMIT")
    }

    /// Removes what is older than its queue's retention.
    pub fn expire(&self) -> Sqlite<()> {
        for queue in self.settings.all() {
            self.state.lock().execute(
                "DELETE FROM message WHERE queue = ?1 AND sent_ms < ?2",
                params![queue.name, now_ms() - ms(queue.retention)],
            )?;
        }
        Ok(())
    }
}

impl Counts {
    pub fn total(&self) -> usize {
        self.visible + self.in_flight + self.delayed
    }
}

/// The row a receipt handle leads to.
fn seq_of(receipt: &str) -> Option<i64> {
    receipt.split_once('.')?.0.parse().ok()
}

pub(super) fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

pub(super) fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 2)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
