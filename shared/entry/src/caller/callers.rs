//! How a function looks its callers up: each time, or at most once a minute.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::identity::api_key::USE_NOTED_SECONDS;
use domain::identity::{Account, ApiKey, Role, Session};
use domain::{Id, Time, id};
use store::{Freshness, Store, StoreError};

use super::memory::Memory;
use crate::api_key::PresentedKey;
use crate::token::Claims;

/// What must end at once ends within this time, in seconds, in functions that do not look each time.
const REMEMBERED_SECONDS: i64 = 60;

/// How fresh a function's view of its callers is.
#[derive(Clone)]
pub struct Callers {
    remembered: Option<Arc<Remembered>>,
    /// Keys whose use this instance noted of late.
    noted: Arc<Memory<Id<id::ApiKey>, ()>>,
}

struct Remembered {
    sessions: Memory<Id<id::Session>, (Account, Session)>,
    keys: Memory<Id<id::ApiKey>, (Account, ApiKey)>,
}

impl Callers {
    /// Looked up at each request, with every write that was acknowledged before: what must end at once ends at once.
    pub fn looked_up_each_time() -> Self {
        Callers { remembered: None, noted: Arc::new(Memory::lasting(USE_NOTED_SECONDS)) }
    }

    /// Remembered for a minute; what must end at once ends within it.
    pub fn remembered() -> Self {
        let (sessions, keys) = (Memory::lasting(REMEMBERED_SECONDS), Memory::lasting(REMEMBERED_SECONDS));
        Callers { remembered: Some(Arc::new(Remembered { sessions, keys })), ..Callers::looked_up_each_time() }
    }

    /// The account and the session that a genuine token names.
    pub(super) async fn session(
        &self,
        store: &Store,
        claims: &Claims,
        now: Time,
    ) -> Result<Option<(Account, Session)>, StoreError> {
        let look = async |freshness| {
            let found = store.account_and_session(claims.sub, claims.sid, freshness).await?;
            Ok::<_, StoreError>(found.0.zip(found.1))
        };
        let Some(remembered) = &self.remembered else { return look(Freshness::Strong).await };
        // A token that is newer than what is remembered may say more: a role gained works with the next token.
        let issued = Time::from_millis(claims.iat.saturating_mul(1000));
        let known = remembered.sessions.recall(&claims.sid, now).filter(|(learnt, _)| *learnt > issued);
        if let Some((_, known)) = known {
            return Ok(Some(known));
        }
        let mut found = look(Freshness::Eventual).await?;
        // A copy that has not yet heard of what the token says is asked again, properly.
        if !found.as_ref().is_some_and(|(account, _)| knows(account, &claims.roles)) {
            found = look(Freshness::Strong).await?;
        }
        if let Some(found) = &found {
            remembered.sessions.keep(claims.sid, found.clone(), now);
        }
        Ok(found)
    }

    /// The account and the key that a text names, whatever its secret is.
    pub(super) async fn key(
        &self,
        store: &Store,
        presented: &PresentedKey,
        now: Time,
    ) -> Result<Option<(Account, ApiKey)>, StoreError> {
        let look = async |freshness| {
            let found = store.account_and_key(presented.user, presented.id, freshness).await?;
            Ok::<_, StoreError>(found.0.zip(found.1))
        };
        let Some(remembered) = &self.remembered else { return look(Freshness::Strong).await };
        if let Some((_, known)) = remembered.keys.recall(&presented.id, now) {
            return Ok(Some(known));
        }
        let mut found = look(Freshness::Eventual).await?;
        // A key may be used the moment it is made.
        if found.is_none() {
            found = look(Freshness::Strong).await?;
        }
        if let Some(found) = &found {
            remembered.keys.keep(presented.id, found.clone(), now);
        }
        Ok(found)
    }

    /// Notes that a key was used, once an hour. A note that fails is no reason to refuse the request: the next one tries.
    pub(super) async fn note_use(&self, store: &Store, key: &ApiKey, now: Time) {
        if self.noted.recall(&key.id, now).is_none() && store.note_key_use(key, now).await.is_ok() {
            self.noted.keep(key.id, (), now);
        }
    }
}

fn knows(account: &Account, roles: &BTreeSet<Role>) -> bool {
    account.roles().is_superset(roles)
}
