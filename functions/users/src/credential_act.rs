//! What an administrator does to that which somebody signs in with: ends sessions, mails a link. Saved with its audit entry.

use domain::audit::{Act, Action};
use domain::event::Payload;
use domain::identity::events::UserLoggedOut;
use domain::identity::{Account, Proof};
use domain::{Code, Failure, Id, Time, id};
use entry::{Origin, Problem, one_time};
use store::WriteError;
use store::identity::{CredentialAct, Link};

use crate::Users;

/// Sessions that begin in between are no reason to bother the caller.
const MAX_ATTEMPTS: usize = 4;

/// A link about to be mailed, and the key that its token is derived from.
pub struct Mailing {
    /// Which one.
    pub id: Id<id::Proof>,
    /// The key's id.
    pub kid: String,
    /// Hash of the token.
    pub hash: String,
}

impl Mailing {
    /// A fresh link.
    pub fn new(users: &Users, now: Time) -> Result<Self, Problem> {
        let (id, kid) = (users.app.id(now), users.keyring.current().to_owned());
        let token = one_time::token(&users.keyring, &kid, &Id::to_string(&id));
        let token = token.ok_or_else(|| Problem::internal("the keyring is empty"))?;
        Ok(Mailing { id, kid, hash: one_time::hash(&token) })
    }
}

/// Who acts upon whose credentials.
pub struct Upon<'a> {
    /// What this function has.
    pub users: &'a Users,
    /// The request.
    pub origin: &'a Origin,
    /// Who does it.
    pub by: Id<id::User>,
    /// To whom.
    pub of: Id<id::User>,
    /// What the audit trail calls it.
    pub action: Action,
}

impl Upon<'_> {
    /// Ends every living session and mails what `link` makes for the account, if anything; answers how many ended.
    pub async fn end_sessions<P, F>(self, link: F) -> Result<usize, Problem>
    where
        P: Payload,
        F: Fn(&Account, Time) -> Result<Option<(Mailing, Proof, P)>, Problem>,
    {
        let app = &self.users.app;
        for _ in 0..MAX_ATTEMPTS {
            let now = app.clock.now();
            let (account, living) =
                tokio::try_join!(app.store.account(self.of), app.store.living_sessions(self.of, now))?;
            let account = account.ok_or_else(Failure::not_found)?;
            let ends = living.iter().map(|session| {
                let ended = UserLoggedOut { user_id: self.of, session_id: session.id, method: session.method };
                app.event(now, self.origin, Some(self.by), &[self.of], &ended)
            });
            let told = ends.collect::<Result<Vec<_>, _>>()?;
            let made = link(&account, now)?;
            let job = made.as_ref().map(|(_, _, job)| app.event(now, self.origin, Some(self.by), &[self.of], job));
            let job = job.transpose()?;
            let link =
                made.as_ref().zip(job).map(|((mailing, proof, _), job)| Link { hash: &mailing.hash, proof, job });
            let act = Act::upon_user(self.action, self.of).changing("activeSessions", living.len(), 0);
            let entry = app.audit(now, self.origin, self.by, act);
            match app.store.act_upon_credentials(CredentialAct { ended: &living, link, entry: &entry, told }).await {
                Ok(()) => return Ok(living.len()),
                Err(WriteError::Refused(_)) => {}
                Err(WriteError::Store(error)) => return Err(error.into()),
            }
        }
        Err(Failure::new(Code::Conflict, "Sessions keep changing: try again").retry_after(1).into())
    }
}
