//! POST /api/v1/users

use axum::extract::State;
use domain::audit::{Act, Action};
use domain::identity::events::{MailInvitation, Source, UserRegistered};
use domain::identity::proof::{Claim, INVITATION_SECONDS};
use domain::identity::{Account, EmailAddress, ImportedHash, Password, PasswordHash, Profile, Proof, Role, UserView};
use domain::text::{Locale, PersonName, Phone};
use domain::{Code, Failure, Id, Invalid, Time, id};
use entry::{
    About, Administrator, Answer, As, Attempt, Checked, Created, Keyed, Once, Origin, Problem, twin_is_running,
};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use store::WriteError;
use store::identity::{Link, PersonRefusal};

use crate::credential_act::Mailing;
use crate::person_change::named;
use crate::{Users, hashing};

/// What the document says.
pub const ABOUT: About = About {
    summary: "Make somebody's account",
    description: "With a password or the hash of one, the address counts as proven. With neither, an invitation is mailed, \
                  good for 72 hours: POST its token and a first password to /api/v1/auth/verify-email. Audited.",
    errors: &[Code::EmailTaken],
};

/// Who gets an account.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct CreateUser {
    #[garde(dive)]
    pub name: Checked<PersonName>,
    #[garde(dive)]
    pub email: Checked<EmailAddress>,
    #[garde(dive)]
    #[serde(default)]
    pub password: Option<Checked<Password>>,
    /// A hash that was made elsewhere, instead.
    #[garde(dive)]
    #[serde(default)]
    pub password_hash: Option<Checked<ImportedHash>>,
    /// Roles beyond `user`.
    #[garde(length(max = 11), dive)]
    #[serde(default)]
    pub roles: Vec<Checked<Role>>,
    /// One role, for clients that know no list.
    #[garde(dive)]
    #[serde(default)]
    pub role: Option<Checked<Role>>,
    #[garde(dive)]
    #[serde(default)]
    pub phone: Option<Checked<Phone>>,
    #[garde(dive)]
    #[serde(default)]
    pub locale: Option<Checked<Locale>>,
}

impl CreateUser {
    async fn account(self, users: &Users, now: Time) -> Result<Account, Problem> {
        let (name, email) = (self.name.get()?, self.email.get()?);
        let roles = self.roles.into_iter().chain(self.role).map(Checked::get).collect::<Result<Vec<_>, _>>()?;
        let password = match (self.password, self.password_hash) {
            (Some(_), Some(_)) => {
                return Err(Failure::field("passwordHash", "and password exclude each other").into());
            }
            (Some(password), None) => Some(hashed(users, password.get()?, &name, &email).await?),
            (None, Some(hash)) => Some(hash.get()?.get()),
            (None, None) => None,
        };
        let phone = self.phone.map(Checked::get).transpose()?;
        let locale = self.locale.map(Checked::get).transpose()?;
        Ok(Account {
            email_unproven: password.is_none(),
            password,
            granted: named(roles),
            profile: Profile { phone, locale, ..Profile::default() },
            ..Account::new(users.app.id(now), name, email, now)
        })
    }
}

async fn hashed(
    users: &Users,
    password: Password,
    name: &PersonName,
    email: &EmailAddress,
) -> Result<PasswordHash, Problem> {
    let judged = password.suits(users.password_min_length, name, email);
    judged.map_err(|Invalid(why)| Failure::field("password", why))?;
    hashing::hash(password).await
}

/// Account, claim on the address, roles, invitation and audit entry are one transaction.
pub async fn handle(
    State(users): State<Users>,
    administrator: As<Administrator>,
    origin: Origin,
    Keyed(body, key): Keyed<CreateUser>,
) -> Answer<Once<Created<UserView>>> {
    let by = administrator.caller.account.id;
    let principal = by.to_string();
    let attempt = Attempt::new(&users.app, &users.keyring, &principal, key.as_ref());
    attempt.once(async || create(&users, attempt, by, &origin, body).await).await
}

async fn create(
    users: &Users,
    attempt: Attempt<'_>,
    by: Id<id::User>,
    origin: &Origin,
    body: CreateUser,
) -> Result<Once<Created<UserView>>, Problem> {
    let now = users.app.clock.now();
    let account = body.account(users, now).await?;
    let told = UserRegistered {
        user_id: account.id,
        email: account.email.clone(),
        name: account.name.clone(),
        roles: account.roles(),
        source: Source::Admin,
    };
    let event = users.app.event(now, origin, Some(by), &[account.id], &told)?;
    let entry = users.app.audit(now, origin, by, act(&account));
    let mailing = Mailing::new(users, now)?;
    let claim = Claim::Invitation { user: account.id, email: account.email.clone() };
    let proof = Proof::issued(claim, now, INVITATION_SECONDS);
    let link = match account.email_unproven {
        true => {
            let job = MailInvitation { email: account.email.clone(), proof_id: mailing.id, kid: mailing.kid };
            let job = users.app.event(now, origin, Some(by), &[account.id], &job)?;
            Some(Link { hash: &mailing.hash, proof: &proof, job })
        }
        false => None,
    };
    let made = Created::new("The account is made", UserView::from(&account)).tagged(account.version);
    let answer = attempt.answer(made, now)?;
    match users.app.store.create_person(&account, link, &entry, event, answer.record()).await {
        Ok(()) => Ok(answer),
        Err(WriteError::Refused(PersonRefusal::EmailTaken)) => {
            Err(Failure::new(Code::EmailTaken, "This address has an account").into())
        }
        Err(WriteError::Refused(PersonRefusal::Repeated)) => Err(twin_is_running().into()),
        Err(WriteError::Refused(refusal)) => Err(Problem::internal(format!("a new account was refused: {refusal:?}"))),
        Err(WriteError::Store(error)) => Err(error.into()),
    }
}

fn act(account: &Account) -> Act {
    let roles: Vec<String> = account.roles().iter().map(ToString::to_string).collect();
    Act::upon_user(Action::UserCreated, account.id)
        .changing("name", Value::Null, account.name.as_str())
        .changing("email", Value::Null, account.email.as_str())
        .changing("roles", Value::Null, roles)
}
