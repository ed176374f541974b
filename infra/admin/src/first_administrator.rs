//! The very first administrator. Every other one is made by an administrator; this one by whoever has the rights of an
//! operator in AWS, once.

use domain::audit::{Act, Action, Actor, ActorType, Entry};
use domain::event::Event;
use domain::identity::events::UserRoleGranted;
use domain::identity::{Account, EmailAddress, Reason, Role};
use domain::{Id, Time, id};
use entry::keys::random;
use serde::Serialize;
use store::WriteError;
use store::identity::GrantRefusal;

use crate::{AdminError, Souk};

/// Who became it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Made {
    /// The account.
    pub user_id: Id<id::User>,
    /// What they are called.
    pub name: String,
}

const TOOL: &str = "souk-admin";

/// Gives role `administrator` to the account of `email`, while nobody has it. Of any number of calls at the same time
/// one succeeds: each wants to be the first name on the same list.
///
/// # Errors
/// When there is an administrator, or no such account; or when AWS fails.
pub async fn make(souk: &Souk, email: &EmailAddress, reason: &Reason) -> Result<Made, AdminError> {
    let refused = |text: String| AdminError::Refused(text);
    let owner = souk.store.owner_of(email.key()).await?;
    let Some(user) = owner else {
        return Err(refused(format!(
            "no account has the address {}: register it, and follow the link in the mail first",
            email.as_str()
        )));
    };
    let Some(before) = souk.store.account(user).await? else {
        return Err(refused(format!("the address belongs to {user}, which is not there; see souk-admin check")));
    };
    if let Some(present) = souk.store.administrators().await?.first() {
        return Err(refused(format!("{present} is administrator already; administrators make further ones")));
    }
    let now = souk.clock.now();
    let after = before.with_role(Role::Administrator, now).map_err(|error| refused(error.to_string()))?;
    let told = UserRoleGranted { user_id: user, role: Role::Administrator, reason: Some(reason.clone()) };
    let event = Event::new(Id::new(now, random()), now, None, &[user], TOOL, &told)?;
    let made = souk.store.make_first_administrator(&before, &after, &entry(&before, &after, reason, now), event).await;
    made.map_err(|error| match error {
        WriteError::Store(error) => error.into(),
        WriteError::Refused(GrantRefusal::NotFirst) => {
            refused("somebody else became the first administrator at this moment".to_owned())
        }
        WriteError::Refused(GrantRefusal::Changed) => {
            refused("the account changed at this moment; run it again".to_owned())
        }
        WriteError::Refused(GrantRefusal::Held) => {
            refused("the account has an item of the role, but not the role; see souk-admin check".to_owned())
        }
    })?;
    Ok(Made { user_id: user, name: after.name.as_str().to_owned() })
}

fn entry(before: &Account, after: &Account, reason: &Reason, now: Time) -> Entry {
    let names = |account: &Account| account.roles().iter().map(ToString::to_string).collect::<Vec<_>>();
    let act = Act::upon_user(Action::UserRolesChanged, after.id).because(reason.clone());
    let (actor_id, request_id) = (TOOL.to_owned(), TOOL.to_owned());
    Entry {
        id: Id::new(now, random()),
        at: now,
        actor: Actor { actor_id, actor_type: ActorType::Tool, ip: String::new(), request_id },
        act: act.changing("roles", names(before), names(after)),
    }
}
