//! PUT and PATCH /api/v1/users/profile

use axum::extract::State;
use domain::identity::events::UserUpdated;
use domain::identity::profile::{MAX_SOCIAL_LINKS, Visibility};
use domain::identity::{Account, EmailAddress, UserView};
use domain::text::{Bio, Locale, Location, PersonName, Phone, PictureUrl, TimeZoneName, Username, Website};
use domain::{Code, Failure, Time};
use entry::area::Profile;
use entry::{About, Answer, App, Body, Caller, Change, Checked, IfMatch, Origin, Shown};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;
use store::WriteError;
use store::identity::ProfileRefusal;

use crate::person_change::differences;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Change your profile",
    description: "PUT and PATCH both merge: given fields change, `null` clears, absent ones stay. `name` cannot be \
                  cleared; `email` must be the present one if sent, since addresses change only through proof.",
    errors: &[Code::UsernameTaken],
};

/// The fields that change.
#[derive(Clone, Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
#[allow(missing_docs)]
pub struct ChangeProfile {
    #[garde(dive)]
    pub name: Change<Checked<PersonName>>,
    #[garde(dive)]
    pub username: Change<Checked<Username>>,
    #[garde(dive)]
    pub email: Change<Checked<EmailAddress>>,
    #[garde(dive)]
    pub phone: Change<Checked<Phone>>,
    #[garde(dive)]
    pub bio: Change<Checked<Bio>>,
    #[garde(dive)]
    pub location: Change<Checked<Location>>,
    #[garde(dive)]
    pub website: Change<Checked<Website>>,
    #[garde(dive)]
    pub social_links: Change<SocialLinks>,
    #[garde(dive)]
    pub avatar_url: Change<Checked<PictureUrl>>,
    #[garde(dive)]
    pub locale: Change<Checked<Locale>>,
    #[garde(dive)]
    pub time_zone: Change<Checked<TimeZoneName>>,
    #[garde(skip)]
    pub profile_visibility: Change<Visibility>,
    #[garde(skip)]
    pub newsletter: Change<bool>,
}

/// Pages of theirs elsewhere.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Validate)]
#[garde(transparent)]
pub struct SocialLinks(#[garde(length(max = MAX_SOCIAL_LINKS), dive)] Vec<Checked<Website>>);

impl ChangeProfile {
    /// `before` with these changes, made `now`.
    pub fn apply(self, before: &Account, now: Time) -> Result<Account, Failure> {
        let mut after = before.clone();
        match self.name.get()? {
            Change::Keep => {}
            Change::Clear => return Err(Failure::field("name", "cannot be cleared")),
            Change::Set(name) => after.name = name,
        }
        let same_address = match self.email.get()? {
            Change::Keep => true,
            Change::Clear => false,
            Change::Set(email) => email.key() == before.email.key(),
        };
        if !same_address {
            return Err(Failure::field("email", "changes only through proof: use POST /api/v1/auth/change-email"));
        }
        let links = |links: SocialLinks| links.0.into_iter().map(Checked::get).collect::<Result<Vec<_>, _>>();
        self.username.get()?.apply(&mut after.username);
        self.phone.get()?.apply(&mut after.profile.phone);
        self.bio.get()?.apply(&mut after.profile.bio);
        self.location.get()?.apply(&mut after.profile.location);
        self.website.get()?.apply(&mut after.profile.website);
        self.social_links.try_map(links)?.apply_or_default(&mut after.profile.social_links);
        self.avatar_url.get()?.apply(&mut after.profile.avatar_url);
        self.locale.get()?.apply(&mut after.profile.locale);
        self.time_zone.get()?.apply(&mut after.profile.time_zone);
        self.profile_visibility.apply_or_default(&mut after.profile.profile_visibility);
        self.newsletter.apply_or_default(&mut after.profile.newsletter);
        if after != *before {
            after.updated_at = now;
            after.version += 1;
        }
        Ok(after)
    }
}

/// Somebody else's change in between is no reason to bother a caller who named no version.
const MAX_ATTEMPTS: usize = 4;

/// Applies the change to the account as it was when the caller was looked up, or as it is by now.
pub async fn handle(
    State(app): State<App>,
    caller: Caller<Profile>,
    origin: Origin,
    expected: IfMatch,
    Body(change): Body<ChangeProfile>,
) -> Answer<Shown<UserView>> {
    let mut before = caller.account;
    for _ in 0..MAX_ATTEMPTS {
        expected.check(before.version)?;
        let now = app.clock.now();
        let after = change.clone().apply(&before, now)?;
        if after.version == before.version {
            return Ok(shown(&after));
        }
        let changed = differences(&before, &after)?.into_iter().map(|(field, ..)| field).collect();
        let told = UserUpdated { user_id: after.id, changed };
        let event = app.event(now, &origin, Some(after.id), &[after.id], &told)?;
        match app.store.change_account(&before, &after, event).await {
            Ok(()) => return Ok(shown(&after)),
            Err(WriteError::Refused(ProfileRefusal::UsernameTaken)) => {
                return Err(Failure::new(Code::UsernameTaken, "This username is somebody else's").into());
            }
            Err(WriteError::Refused(ProfileRefusal::Changed)) => {
                before = app.store.account(after.id).await?.ok_or_else(Failure::not_found)?;
            }
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
    }
    Err(Failure::new(Code::Conflict, "Somebody keeps changing this: try again").retry_after(1).into())
}

fn shown(account: &Account) -> Shown<UserView> {
    Shown::new("Your profile", UserView::from(account)).tagged(account.version)
}
