//! A change of somebody's account by its holder or by an administrator: decided on the account as it is, saved with all that
//! follows from it.

use std::collections::{BTreeMap, BTreeSet};

use domain::audit::{Act, Action};
use domain::event::{Event, Payload};
use domain::identity::events::{
    UserApiKeyRevoked, UserDisabled, UserEmailChanged, UserEnabled, UserRoleGranted, UserRoleRevoked, UserUpdated,
};
use domain::identity::{Account, ApiKey, Reason, Role, Session, Status, UserView};
use domain::{Code, Failure, Id, Time, id};
use entry::{App, IfMatch, Origin, Problem};
use serde_json::Value;
use store::WriteError;
use store::identity::{PersonChange, PersonRefusal};

/// Somebody else's change in between is no reason to bother a caller who named no version.
const MAX_ATTEMPTS: usize = 4;

/// Who changes whose account, and why.
pub struct Change<'a> {
    /// What every function has.
    pub app: &'a App,
    /// The request.
    pub origin: &'a Origin,
    /// The version that the caller saw.
    pub expected: &'a IfMatch,
    /// Who does it.
    pub by: Id<id::User>,
    /// To whom.
    pub of: Id<id::User>,
    /// What the audit trail calls it; its holder's own changes do not stand there.
    pub action: Option<Action>,
    /// Why.
    pub reason: Option<Reason>,
}

impl Change<'_> {
    /// Reads the account, decides, saves; and again, when somebody else was faster.
    pub async fn make<F>(self, decide: F) -> Result<Account, Problem>
    where
        F: Fn(&Account, Time) -> Result<Account, Failure>,
    {
        for _ in 0..MAX_ATTEMPTS {
            let now = self.app.clock.now();
            let store = &self.app.store;
            let (before, sessions, keys) = tokio::try_join!(
                store.account(self.of),
                store.living_sessions(self.of, now),
                store.living_keys(self.of, now),
            )?;
            let before = before.ok_or_else(Failure::not_found)?;
            self.expected.check(before.version)?;
            let after = decide(&before, now)?;
            if after == before {
                return Ok(before);
            }
            match self.save(&before, &after, (sessions, keys), now).await? {
                Ok(()) => return Ok(after),
                Err(PersonRefusal::Changed) => {}
                Err(refusal) => return Err(refused(refusal).into()),
            }
        }
        Err(Failure::new(Code::Conflict, "Somebody keeps changing this: try again").retry_after(1).into())
    }

    async fn save(
        &self,
        before: &Account,
        after: &Account,
        (mut sessions, mut keys): (Vec<Session>, Vec<ApiKey>),
        now: Time,
    ) -> Result<Result<(), PersonRefusal>, Problem> {
        if before.status == after.status {
            sessions.clear();
            keys.clear();
        }
        let act = self.action.map(|action| self.act(action, before, after)).transpose()?;
        let entry = act.map(|act| self.app.audit(now, self.origin, self.by, act));
        let change = PersonChange {
            before,
            after,
            by: self.by.to_string(),
            entry: entry.as_ref(),
            granted: self.granted(before, after, now)?,
            told: self.told(before, after, &keys, now)?,
            // Those that began in the moment of disabling end when the account is enabled again.
            ended: &sessions,
            closed: &keys,
        };
        match self.app.store.change_person(change).await {
            Ok(()) => Ok(Ok(())),
            Err(WriteError::Refused(refusal)) => Ok(Err(refusal)),
            Err(WriteError::Store(error)) => Err(error.into()),
        }
    }

    fn event<P: Payload>(&self, now: Time, payload: &P) -> Result<Event, Problem> {
        Ok(self.app.event(now, self.origin, Some(self.by), &[self.of], payload)?)
    }

    /// What is told of each role that the account gains.
    fn granted(&self, before: &Account, after: &Account, now: Time) -> Result<BTreeMap<Role, Event>, Problem> {
        let gained = after.granted.difference(&before.granted);
        let told = |role: &Role| {
            let payload = UserRoleGranted { user_id: self.of, role: *role, reason: self.reason.clone() };
            Ok((*role, self.event(now, &payload)?))
        };
        gained.map(told).collect()
    }

    /// What is told besides.
    fn told(&self, before: &Account, after: &Account, keys: &[ApiKey], now: Time) -> Result<Vec<Event>, Problem> {
        let mut told = Vec::new();
        for key in keys {
            let (name, scopes) = (key.name.as_str().to_owned(), key.scope_names());
            let revoked = UserApiKeyRevoked { user_id: self.of, api_key_id: key.id, name, scopes };
            told.push(self.event(now, &revoked)?);
        }
        for role in before.granted.difference(&after.granted) {
            let reason = self.reason.clone();
            told.push(self.event(now, &UserRoleRevoked { user_id: self.of, role: *role, reason })?);
        }
        match (before.status, after.status) {
            (Status::Active, Status::Disabled) => told.push(self.event(now, &UserDisabled { user_id: self.of })?),
            (Status::Disabled, Status::Active) => told.push(self.event(now, &UserEnabled { user_id: self.of })?),
            _ => {}
        }
        if before.email != after.email {
            let (previous_email, email) = (before.email.clone(), after.email.clone());
            told.push(self.event(now, &UserEmailChanged { user_id: self.of, previous_email, email })?);
        }
        let elsewhere = ["roles", "status", "email"];
        let mut changed: Vec<String> = differences(before, after)?.into_iter().map(|(field, ..)| field).collect();
        changed.retain(|field| !elsewhere.contains(&field.as_str()));
        if !changed.is_empty() {
            told.push(self.event(now, &UserUpdated { user_id: self.of, changed })?);
        }
        Ok(told)
    }

    fn act(&self, action: Action, before: &Account, after: &Account) -> Result<Act, Problem> {
        let mut act = Act::upon_user(action, self.of);
        act.reason = self.reason.clone();
        let changes = differences(before, after)?.into_iter();
        Ok(changes.fold(act, |act, (field, from, to)| act.changing(field, from, to)))
    }
}

/// Fields that differ, as people see them: neither hashes nor keys are among them.
pub fn differences(before: &Account, after: &Account) -> Result<Vec<(String, Value, Value)>, serde_json::Error> {
    let (before, after) = (serde_json::to_value(UserView::from(before))?, serde_json::to_value(UserView::from(after))?);
    let counted = |name: &str| name != "version" && name != "updatedAt";
    let fields = after.as_object().into_iter().flatten().filter(|(name, _)| counted(name));
    let differs = fields.filter_map(|(name, to)| {
        let from = before.get(name).cloned().unwrap_or_default();
        (from != *to).then(|| (name.clone(), from, to.clone()))
    });
    Ok(differs.collect())
}

fn refused(refusal: PersonRefusal) -> Failure {
    match refusal {
        PersonRefusal::Changed | PersonRefusal::Repeated => {
            Failure::new(Code::Conflict, "The account was changed meanwhile: try again")
        }
        PersonRefusal::UsernameTaken => Failure::new(Code::UsernameTaken, "This username is somebody else's"),
        PersonRefusal::EmailTaken => Failure::new(Code::EmailTaken, "This address has an account"),
        PersonRefusal::LastAdministrator => {
            Failure::new(Code::LastAdministrator, "Nobody would be left who manages people")
        }
    }
}

/// The roles that a request names, `user` being implied.
pub fn named(roles: impl IntoIterator<Item = Role>) -> BTreeSet<Role> {
    roles.into_iter().filter(|role| *role != Role::User).collect()
}
