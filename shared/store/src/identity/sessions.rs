//! Sessions: one item each, whose generation says which refresh token lives.

use domain::event::Event;
use domain::identity::Session;
use domain::identity::session::{KEPT_SECONDS, TOTAL_SECONDS};
use domain::{Id, Time, id};

use crate::condition::{Changes, Condition};
use crate::error::{StoreError, WriteError};
use crate::item::{Kept, NewItem, number, read, text};
use crate::read::{Freshness, Range};
use crate::write::Write;
use crate::{Store, Table, keys, outbox};

impl Kept for Session {
    const V: u32 = 1;
}

impl Store {
    /// Keeps a new session; `event` rides along. One write.
    pub async fn add_session(&self, session: &Session, event: Event) -> Result<(), StoreError> {
        let write = Write::put(session_item(session, &[event])?).if_absent().or(());
        match self.put(write).await {
            Ok(()) => Ok(()),
            Err(WriteError::Refused(())) => Err(StoreError::Corrupt("two sessions with one id".into())),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// A session of an account.
    pub async fn session(&self, user: Id<id::User>, session: Id<id::Session>) -> Result<Option<Session>, StoreError> {
        self.get_raw(Table::Core, &keys::session(user, session), Freshness::Strong).await?.map(read).transpose()
    }

    /// The living sessions of an account, oldest first.
    pub async fn living_sessions(&self, user: Id<id::User>, now: Time) -> Result<Vec<Session>, StoreError> {
        let oldest: Id<id::Session> = Id::new(now.plus_seconds(-TOTAL_SECONDS), [0; 10]);
        let range = Range {
            pk: keys::user_partition(user),
            from: format!("{}{oldest}", keys::SESSIONS),
            to: format!("{}~", keys::SESSIONS),
            attributes: &[],
        };
        let items = self.range(range, Freshness::Strong).await?;
        let sessions: Vec<Session> = items.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(sessions.into_iter().filter(|session| session.is_living(now)).collect())
    }

    /// Replaces generation `presented` by the next one. Of any number of callers one succeeds; the others are refused with
    /// the session as it is.
    pub async fn rotate(
        &self,
        user: Id<id::User>,
        session: Id<id::Session>,
        presented: u32,
        now: Time,
    ) -> Result<Session, WriteError<Option<Session>>> {
        let changes = Changes::default().set("lastUsedAt", text(now)).add("generation", number(1));
        let condition =
            Condition::All(vec![Condition::Equals("generation", number(presented)), Condition::Absent("revokedAt")]);
        match self.update(Table::Core, &keys::session(user, session), &changes, &condition).await {
            Ok(item) => Ok(read(item)?),
            Err(WriteError::Refused(item)) => Err(WriteError::Refused(item.map(read).transpose()?)),
            Err(WriteError::Store(error)) => Err(WriteError::Store(error)),
        }
    }

    /// Ends a session and tells `event`; one that has ended already stays as it is, and nobody is told again.
    pub async fn revoke_session(&self, session: &Session, now: Time, event: Event) -> Result<(), StoreError> {
        let ended = Changes::default().set("revokedAt", text(now));
        let key = keys::session(session.user, session.id);
        let living = Condition::All(vec![Condition::Present("pk"), Condition::Absent("revokedAt")]);
        let writes: Vec<Write<()>> =
            vec![Write::update(key, ended).when(living).or(()), outbox::event_item(session.user, event)?];
        match self.transact(writes).await {
            Ok(()) | Err(WriteError::Refused(())) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Ends a session that a newer one displaces; nobody is told.
    pub async fn displace_session(&self, session: &Session, now: Time) -> Result<(), StoreError> {
        let ended = Changes::default().set("revokedAt", text(now));
        let key = keys::session(session.user, session.id);
        match self.update(Table::Core, &key, &ended, &Condition::Absent("revokedAt")).await {
            Ok(_) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

/// The item of a new session; `events` ride along.
pub(super) fn session_item(session: &Session, events: &[Event]) -> Result<NewItem, StoreError> {
    let until = session.created_at.plus_seconds(TOTAL_SECONDS + KEPT_SECONDS);
    NewItem::of(keys::session(session.user, session.id), session)?.expiring(until).telling(events)
}
