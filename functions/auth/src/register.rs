//! POST /api/v1/auth/register

use std::collections::BTreeSet;

use axum::extract::State;
use domain::Failure;
use domain::identity::events::{MailAlreadyRegistered, MailVerification};
use domain::identity::registration::WAITING_SECONDS;
use domain::identity::role::OpenRole;
use domain::identity::{EmailAddress, Password, Registration, Role};
use domain::text::{Locale, PersonName, Phone};
use entry::{About, Anonymous, Answer, Body, ByAddress, Checked, Created, Origin, Problem, one_time};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::new_password::{good_enough, repeats};
use crate::{Auth, hashing};

/// What the document says.
pub const ABOUT: About = About {
    summary: "Register",
    description: "Begins a registration and mails a link to the address. No account exists until somebody proves both \
                  the address and this password by POST /api/v1/auth/verify-email, within 24 hours. The answer is the \
                  same for an address that has an account; its owner is told by mail instead.",
    errors: &[],
};

/// Who wants an account.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Register {
    #[garde(dive)]
    pub name: Checked<PersonName>,
    #[garde(dive)]
    pub email: Checked<EmailAddress>,
    #[garde(dive)]
    pub password: Checked<Password>,
    #[garde(custom(repeats(&self.password)))]
    #[serde(default)]
    pub confirm_password: Option<Checked<Password>>,
    /// Open roles beyond `user`.
    #[garde(length(max = 11), dive)]
    #[serde(default)]
    pub roles: Vec<Checked<OpenRole>>,
    /// One open role, for clients that know no list.
    #[garde(dive)]
    #[serde(default)]
    pub role: Option<Checked<OpenRole>>,
    #[garde(dive)]
    #[serde(default)]
    pub phone: Option<Checked<Phone>>,
    #[garde(dive)]
    #[serde(default)]
    pub locale: Option<Checked<Locale>>,
}

/// What follows.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Registered {
    /// Where the link was mailed.
    pub email: EmailAddress,
    /// Always: there is no account yet.
    pub verification_required: bool,
    /// Seconds until the registration ends by itself.
    pub expires_in: i64,
}

/// Does the same work for known and unknown addresses; only the mail differs.
pub async fn handle(
    State(auth): State<Auth>,
    _: Anonymous<ByAddress>,
    origin: Origin,
    Body(body): Body<Register>,
) -> Answer<Created<Registered>> {
    let (name, email, password) = (body.name.get()?, body.email.get()?, body.password.get()?);
    good_enough(&auth, "password", &password, &name, &email)?;
    let chosen = body.roles.into_iter().chain(body.role).map(Checked::get);
    let chosen = chosen.collect::<Result<Vec<OpenRole>, Failure>>()?;
    let roles: BTreeSet<Role> = chosen.into_iter().map(OpenRole::get).filter(|role| *role != Role::User).collect();

    let store = &auth.app.store;
    let room = async { Ok(store.displace_registrations(email.key()).await?) };
    let owner = async { Ok(store.owner_of(email.key()).await?) };
    let (password, owner, ()) = tokio::try_join!(hashing::hash(password), owner, room)?;
    let now = auth.app.clock.now();
    let kid = auth.keyring.current().to_owned();
    let registration = Registration {
        id: auth.app.id(now),
        kid: kid.clone(),
        email: email.clone(),
        name,
        password,
        roles,
        phone: body.phone.map(Checked::get).transpose()?,
        locale: body.locale.map(Checked::get).transpose()?,
        expires_at: now.plus_seconds(WAITING_SECONDS),
    };
    let token = one_time::token(&auth.keyring, &kid, &registration.id.to_string())
        .ok_or_else(|| Problem::internal("the keyring is empty"))?;
    let event = match owner {
        Some(owner) => auth.app.event(now, &origin, None, &[owner], &MailAlreadyRegistered { email: email.clone() })?,
        None => {
            let told = MailVerification { email: email.clone(), registration_id: registration.id, kid };
            auth.app.event(now, &origin, None, &[], &told)?
        }
    };
    store.add_registration(&registration, &one_time::hash(&token), event).await?;
    let registered = Registered { email, verification_required: true, expires_in: WAITING_SECONDS };
    Ok(Created::new("Look into your mailbox to confirm the address", registered))
}
