//! What a client holds between the right password and the second factor: sealed, so it says nothing to anybody, opens no
//! other door, and needs no item. It names the session that it will become, so it becomes one at most once.

use domain::identity::EmailAddress;
use domain::identity::mfa::SIGN_IN_SECONDS;
use domain::{Id, Time, id};
use entry::{Keyring, Problem};
use serde::{Deserialize, Serialize};

const LABEL: &str = "sign-in";
const OWNER: &str = "sign-in";

/// A sign-in that waits for its second factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub user: Id<id::User>,
    pub email: EmailAddress,
    pub session: Id<id::Session>,
    pub since: Time,
}

/// The token of a sign-in.
pub fn issue(keyring: &Keyring, waiting: &Waiting) -> Result<String, Problem> {
    let said = serde_json::to_vec(waiting)?;
    keyring.seal(LABEL, OWNER, &said).map_err(Problem::internal)
}

/// The sign-in that a token of ours stands for, for five minutes.
pub fn read(keyring: &Keyring, token: &str, now: Time) -> Option<Waiting> {
    let said = keyring.open(LABEL, OWNER, token)?;
    let waiting: Waiting = serde_json::from_slice(&said).ok()?;
    (now.millis_since(waiting.since) < SIGN_IN_SECONDS * 1000).then_some(waiting)
}
