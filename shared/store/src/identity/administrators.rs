//! Who manages people: one item that names every acting administrator, written in each transaction that makes or unmakes
//! one. So there is one first, there is never a last one too few, and both hold however many act at once.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::identity::Account;
use domain::{Id, id};
use serde::{Deserialize, Serialize};

use crate::condition::{Changes, Condition};
use crate::error::StoreError;
use crate::item::{Kept, number, read};
use crate::read::Freshness;
use crate::write::Write;
use crate::{Store, Table, keys};

/// The acting administrators: with the role, and not disabled.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Administrators {
    pub users: Vec<Id<id::User>>,
    pub version: u64,
}

impl Kept for Administrators {
    const V: u32 = 1;
}

impl Store {
    /// The acting administrators, in no order.
    pub async fn administrators(&self) -> Result<Vec<Id<id::User>>, StoreError> {
        let item = self.get_raw(Table::Core, &keys::administrators(), Freshness::Strong).await?;
        Ok(item.map(read::<Administrators>).transpose()?.map(|list| list.users).unwrap_or_default())
    }
}

const USERS: &str = "users";

/// A new account on the list, if it belongs there.
pub(super) fn joined_by<E>(account: &Account) -> Option<Write<E>> {
    account.is_acting_administrator().then(|| Write::update(keys::administrators(), joined(account.id)))
}

/// What a change of an account means to the list, if it means anything; `refusal` when nobody would be left.
pub(super) fn moved<E>(before: &Account, after: &Account, refusal: E) -> Option<Write<E>> {
    match (before.is_acting_administrator(), after.is_acting_administrator()) {
        (false, true) => joined_by(after),
        (true, false) => {
            let left = changed().take(USERS, set(after.id));
            Some(Write::update(keys::administrators(), left).when(Condition::MoreThan(USERS, 1)).or(refusal))
        }
        _ => None,
    }
}

/// Puts somebody first on the empty list.
pub(super) fn begin<E>(first: Id<id::User>, refusal: E) -> Write<E> {
    // A set that loses its last member is no attribute any more.
    Write::update(keys::administrators(), joined(first)).when(Condition::Absent(USERS)).or(refusal)
}

fn joined(user: Id<id::User>) -> Changes {
    changed().add(USERS, set(user))
}

fn changed() -> Changes {
    Changes::default().set("v", number(Administrators::V)).add("version", number(1))
}

fn set(user: Id<id::User>) -> AttributeValue {
    AttributeValue::Ss(vec![user.to_string()])
}
