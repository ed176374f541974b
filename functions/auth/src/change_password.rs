//! POST /api/v1/auth/change-password

use axum::extract::State;
use domain::identity::events::{How, UserPasswordChanged};
use domain::identity::{Account, Password, PasswordHash};
use domain::{Code, Failure, Time};
use entry::{About, Answer, Body, Checked, Guarded, Nothing, Origin, Problem, Shown, SignedIn};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;
use store::WriteError;
use store::identity::{Closing, CredentialRefusal};

use crate::new_password::{good_enough, repeats};
use crate::reauthentication::reauthenticate;
use crate::show_verification::token_invalid;
use crate::{Auth, hashing, revoke_api_key};

/// What the document says.
pub const ABOUT: About = About {
    summary: "Change your password",
    description: "Every other session ends; this one lives on. API keys end too with `revokeApiKeys`. The owner is \
                  told by mail.",
    errors: &[Code::ReauthenticationFailed, Code::AccountLocked, Code::Conflict],
};

/// The old and the new one.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct ChangePassword {
    #[garde(dive)]
    pub current_password: Checked<Password>,
    #[garde(dive)]
    pub new_password: Checked<Password>,
    #[garde(custom(repeats(&self.new_password)))]
    #[serde(default)]
    pub confirm_password: Option<Checked<Password>>,
    /// Whether the account's API keys end too.
    #[garde(skip)]
    #[serde(default)]
    pub revoke_api_keys: bool,
}

/// The old password proves the caller once more.
pub async fn handle(
    State(auth): State<Auth>,
    caller: Guarded,
    origin: Origin,
    Body(body): Body<ChangePassword>,
) -> Answer<Shown<Nothing>> {
    let (current, new) = (body.current_password.get()?, body.new_password.get()?);
    let now = auth.app.clock.now();
    let account = &caller.account;
    good_enough(&auth, "newPassword", &new, &account.name, &account.email)?;
    reauthenticate(&auth, &caller, Some(current), now).await?;
    let hash = hashing::hash(new).await?;
    let revoke_api_keys = body.revoke_api_keys;
    let change = NewPassword { account, hash, keep: Some(&caller), revoke_api_keys, proof: None, how: How::Change };
    change.make(&auth, &origin, now).await?;
    Ok(Shown::new("Your password has changed", Nothing {}))
}

/// A password about to change, and what stays open.
pub struct NewPassword<'a> {
    /// Whose.
    pub account: &'a Account,
    /// What it will be.
    pub hash: PasswordHash,
    /// The one session that goes on.
    pub keep: Option<&'a SignedIn>,
    /// Whether API keys end too.
    pub revoke_api_keys: bool,
    /// Hash of the link that allows it.
    pub proof: Option<&'a str>,
    /// By which way.
    pub how: How,
}

impl NewPassword<'_> {
    /// Changes it; what closes with it ends in the same transaction.
    pub async fn make(self, auth: &Auth, origin: &Origin, now: Time) -> Result<(), Problem> {
        let user = self.account.id;
        let closing = self.closing(auth, origin, now).await?;
        let after = Account {
            password: Some(self.hash),
            password_changed_at: Some(now),
            // The link of a reset was mailed to the address, and came back.
            email_unproven: self.account.email_unproven && self.how != How::Reset,
            updated_at: now,
            version: self.account.version + 1,
            ..self.account.clone()
        };
        let told = UserPasswordChanged { user_id: user, how: self.how };
        let event = auth.app.event(now, origin, Some(user), &[user], &told)?;
        match auth.app.store.change_password(self.account, &after, &closing, self.proof, event).await {
            Ok(()) => Ok(()),
            Err(WriteError::Refused(CredentialRefusal::ProofUsed)) => Err(token_invalid().into()),
            Err(WriteError::Refused(_)) => {
                Err(Failure::new(Code::Conflict, "The account was changed meanwhile: try again").into())
            }
            Err(WriteError::Store(error)) => Err(error.into()),
        }
    }

    async fn closing(&self, auth: &Auth, origin: &Origin, now: Time) -> Result<Closing, Problem> {
        let user = self.account.id;
        let mut sessions = auth.app.store.living_sessions(user, now).await?;
        sessions.retain(|session| self.keep.is_none_or(|caller| caller.session.id != session.id));
        let keys = match self.revoke_api_keys {
            true => auth.app.store.living_keys(user, now).await?,
            false => Vec::new(),
        };
        let keys = keys.into_iter().map(|key| revoke_api_key::end(auth, origin, key, now));
        Ok(Closing { sessions, keys: keys.collect::<Result<_, _>>()? })
    }
}
