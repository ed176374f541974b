//! Roles and whether an account works. A role that carries power is somebody else's to give, for a reason that is kept.

use std::collections::BTreeSet;

use schemars::{Schema, json_schema};

use super::{Account, Role, Status};
use crate::text::{Rule, Text};
use crate::{Invalid, Time};

/// Why a privileged act was done: one line of 3 to 200 characters, without outer space.
pub type Reason = Text<ReasonRule>;

/// See [`Reason`].
pub struct ReasonRule;
impl Rule for ReasonRule {
    const NAME: &'static str = "Reason";

    fn check(text: &str) -> Result<String, Invalid> {
        let text = text.trim();
        if !(3..=200).contains(&text.chars().count()) || text.chars().any(char::is_control) {
            return Err("must be one line of 3 to 200 characters".into());
        }
        Ok(text.to_owned())
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "minLength": 3, "maxLength": 200 })
    }
}

/// Why an account does not get a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoGrant {
    /// Whoever may not sign in must not gain power meanwhile.
    #[error("the account is disabled")]
    Disabled,
    /// Nothing would change.
    #[error("the account has the role already")]
    Held,
}

impl Account {
    /// This account with one role more.
    ///
    /// # Errors
    /// When it is disabled, or has the role.
    pub fn with_role(&self, role: Role, now: Time) -> Result<Account, NoGrant> {
        if self.status != Status::Active {
            return Err(NoGrant::Disabled);
        }
        let mut after = self.clone();
        if role == Role::User || !after.granted.insert(role) {
            return Err(NoGrant::Held);
        }
        Ok(after.changed_from(self, now))
    }

    /// This account without a role; unchanged when it has no such role to lose.
    pub fn without_role(&self, role: Role, now: Time) -> Account {
        let mut after = self.clone();
        after.granted.remove(&role);
        after.changed_from(self, now)
    }

    /// This account with these roles and no others; `user` is implied.
    ///
    /// # Errors
    /// When it is disabled and would gain one.
    pub fn with_roles(&self, roles: &BTreeSet<Role>, now: Time) -> Result<Account, NoGrant> {
        let granted: BTreeSet<Role> = roles.iter().copied().filter(|role| *role != Role::User).collect();
        if self.status != Status::Active && !granted.is_subset(&self.granted) {
            return Err(NoGrant::Disabled);
        }
        Ok(Account { granted, ..self.clone() }.changed_from(self, now))
    }

    /// This account, working or not.
    pub fn with_status(&self, status: Status, now: Time) -> Account {
        Account { status, ..self.clone() }.changed_from(self, now)
    }

    /// This account as the next version of `before`, if it differs from it at all.
    pub fn changed_from(mut self, before: &Account, now: Time) -> Account {
        if self != *before {
            self.updated_at = now;
            self.version = before.version + 1;
        }
        self
    }

    /// Whether this is one of those of whom one must always be left.
    pub fn is_acting_administrator(&self) -> bool {
        self.status == Status::Active && self.granted.contains(&Role::Administrator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Id;

    fn account(status: Status, granted: &[Role]) -> Account {
        let then = Time::from_millis(1000);
        let (name, email) = ("Ada Lovelace".parse().unwrap(), "ada@example.com".parse().unwrap());
        let new = Account::new(Id::new(then, [1; 10]), name, email, then);
        Account { granted: granted.iter().copied().collect(), status, version: 7, ..new }
    }

    #[test]
    fn a_granted_role_is_a_change_of_the_account() {
        let now = Time::from_millis(2000);
        let after = account(Status::Active, &[Role::Host]).with_role(Role::Administrator, now).unwrap();
        assert_eq!(after.granted, BTreeSet::from([Role::Host, Role::Administrator]));
        assert_eq!((after.version, after.updated_at), (8, now));
    }

    #[test]
    fn nobody_gets_what_they_have_and_the_disabled_get_nothing() {
        let now = Time::from_millis(2000);
        let of = |status, granted: &[Role], role| account(status, granted).with_role(role, now).err();
        assert_eq!(of(Status::Active, &[Role::Operator], Role::Operator), Some(NoGrant::Held));
        assert_eq!(of(Status::Active, &[], Role::User), Some(NoGrant::Held));
        assert_eq!(of(Status::Disabled, &[], Role::Operator), Some(NoGrant::Disabled));
    }

    #[test]
    fn roles_are_set_as_a_whole_and_power_is_not_gained_while_disabled() {
        let now = Time::from_millis(2000);
        let host = account(Status::Active, &[Role::Host]);
        let set = |of: &Account, roles: &[Role]| of.with_roles(&roles.iter().copied().collect(), now);
        let after = set(&host, &[Role::User, Role::Buyer]).unwrap();
        assert_eq!((after.granted, after.version), (BTreeSet::from([Role::Buyer]), 8));
        assert_eq!(set(&host, &[Role::Host]).unwrap(), host, "nothing changed");
        let disabled = account(Status::Disabled, &[Role::Host, Role::Buyer]);
        assert_eq!(set(&disabled, &[Role::Operator]), Err(NoGrant::Disabled));
        assert_eq!(set(&disabled, &[Role::Host]).unwrap().granted, BTreeSet::from([Role::Host]));
        assert_eq!(host.without_role(Role::Host, now).version, 8);
        assert_eq!(host.without_role(Role::Client, now), host);
    }

    #[test]
    fn who_is_disabled_does_not_act() {
        let now = Time::from_millis(2000);
        let administrator = account(Status::Active, &[Role::Administrator]);
        assert!(administrator.is_acting_administrator());
        assert!(!administrator.with_status(Status::Disabled, now).is_acting_administrator());
        assert!(!account(Status::Active, &[Role::Operator]).is_acting_administrator());
    }

    #[test]
    fn a_reason_is_one_line_of_some_length() {
        assert_eq!(" first one ".parse::<Reason>().unwrap().as_str(), "first one");
        for wrong in ["", "no", "  no  ", "two\nlines", &"x".repeat(201)] {
            assert!(wrong.parse::<Reason>().is_err(), "{wrong:?}");
        }
    }
}
