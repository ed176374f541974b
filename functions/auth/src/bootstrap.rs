//! The very first administrator, by setting: whoever proves `BOOTSTRAP_ADMIN_EMAIL` while there is none. Every further one
//! is made by an administrator.

use domain::audit::{Act, Action, Actor, ActorType, Entry};
use domain::identity::events::UserRoleGranted;
use domain::identity::{Account, EmailAddress, Reason, Role};
use domain::{Id, Time, id};
use entry::{Origin, Problem};
use store::WriteError;

use crate::Auth;

/// The setting, which is also who the audit trail says did it.
pub const SETTING: &str = "BOOTSTRAP_ADMIN_EMAIL";

/// To be called when somebody has proven `email`, whatever for: what was interrupted is made up for by the next proof.
pub async fn promote(
    auth: &Auth,
    origin: &Origin,
    user: Id<id::User>,
    email: &EmailAddress,
    now: Time,
) -> Result<(), Problem> {
    if auth.bootstrap_admin_email.as_ref().is_none_or(|wanted| wanted.key() != email.key()) {
        return Ok(());
    }
    let store = &auth.app.store;
    let (account, administrators) = tokio::try_join!(store.account(user), store.administrators())?;
    let before = account.filter(|account| account.email.key() == email.key() && administrators.is_empty());
    let Some(before) = before else { return Ok(()) };
    let Ok(after) = before.with_role(Role::Administrator, now) else { return Ok(()) };
    let reason: Reason =
        "the address was proven while there was no administrator".parse().map_err(Problem::internal)?;
    let told = UserRoleGranted { user_id: user, role: Role::Administrator, reason: Some(reason.clone()) };
    let event = auth.app.event(now, origin, None, &[user], &told)?;
    let entry = entry(auth, origin, &before, &after, reason);
    match store.make_first_administrator(&before, &after, &entry, event).await {
        // Somebody else was first, or the account changed: the proof itself stands.
        Ok(()) | Err(WriteError::Refused(_)) => Ok(()),
        Err(WriteError::Store(error)) => Err(error.into()),
    }
}

fn entry(auth: &Auth, origin: &Origin, before: &Account, after: &Account, reason: Reason) -> Entry {
    let names = |account: &Account| account.roles().iter().map(ToString::to_string).collect::<Vec<_>>();
    let act = Act::upon_user(Action::UserRolesChanged, after.id).because(reason);
    Entry {
        id: auth.app.id(after.updated_at),
        at: after.updated_at,
        actor: Actor {
            actor_id: SETTING.to_owned(),
            actor_type: ActorType::Tool,
            ip: origin.ip.clone(),
            request_id: origin.request_id.clone(),
        },
        act: act.changing("roles", names(before), names(after)),
    }
}
