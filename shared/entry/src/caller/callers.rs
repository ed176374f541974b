//! How a function looks its callers up: each time, or at most once a minute.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::identity::{Account, Role, Session};
use domain::{Id, Time, id};
use store::{Freshness, Store, StoreError};

use super::memory::Memory;
use crate::token::Claims;

/// How fresh a function's view of its callers is.
#[derive(Clone)]
pub struct Callers(Option<Arc<Remembered>>);

struct Remembered {
    sessions: Memory<Id<id::Session>, (Account, Session)>,
}

impl Callers {
    /// Looked up at each request, with every write that was acknowledged before: what must end at once ends at once.
    pub fn looked_up_each_time() -> Self {
        Callers(None)
    }

    /// Remembered for a minute; what must end at once ends within it.
    pub fn remembered() -> Self {
        Callers(Some(Arc::new(Remembered { sessions: Memory::empty() })))
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
        let Some(remembered) = &self.0 else { return look(Freshness::Strong).await };
        // A token that is newer than what is remembered may say more: a role gained works with the next token.
        let issued = Time::from_millis(claims.iat.saturating_mul(1000));
        if let Some(known) = remembered.sessions.recall(&claims.sid, issued, now) {
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
}

fn knows(account: &Account, roles: &BTreeSet<Role>) -> bool {
    account.roles().is_superset(roles)
}
