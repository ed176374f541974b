//! PUT and PATCH /api/v1/users/{id}

use axum::extract::State;
use domain::audit::Action;
use domain::identity::profile::Visibility;
use domain::identity::{Account, EmailAddress, Reason, Role, Status, UserView};
use domain::text::{Bio, Locale, Location, PersonName, Phone, PictureUrl, TimeZoneName, Username, Website};
use domain::{Code, Failure, Id, Time, id};
use entry::{About, Administrator, Answer, App, As, Body, Change, Checked, IfMatch, Origin, Path, Shown};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::change_profile::{ChangeProfile, SocialLinks};
use crate::person_change::{self, named};

/// What the document says.
pub const ABOUT: About = About {
    summary: "Change somebody",
    description: "PUT and PATCH both merge: given fields change, `null` clears, absent ones stay. An administrator vouches \
                  for the address; both the old and the new one are told. `roles` is the whole set. Audited.",
    errors: &[Code::Conflict, Code::EmailTaken, Code::UsernameTaken, Code::LastAdministrator],
};

/// The fields that change.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct ChangeUser {
    #[garde(dive)]
    pub name: Change<Checked<PersonName>>,
    #[garde(dive)]
    pub username: Change<Checked<Username>>,
    #[garde(dive)]
    pub email: Option<Checked<EmailAddress>>,
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
    /// The whole set; `user` is implied.
    #[garde(length(max = 11), dive)]
    pub roles: Option<Vec<Checked<Role>>>,
    /// One role beyond `user`, for clients that know no list.
    #[garde(dive)]
    pub role: Option<Checked<Role>>,
    #[garde(skip)]
    pub status: Option<Status>,
    /// Why, for the audit trail.
    #[garde(dive)]
    pub reason: Option<Checked<Reason>>,
}

impl ChangeUser {
    /// `before` with these changes, made `now`.
    fn apply(self, before: &Account, now: Time) -> Result<Account, Failure> {
        let sets_roles = self.roles.is_some() || self.role.is_some();
        let roles = self.roles.into_iter().flatten().chain(self.role).map(Checked::get);
        let roles = named(roles.collect::<Result<Vec<_>, _>>()?);
        let profile = ChangeProfile {
            name: self.name,
            username: self.username,
            email: Change::Keep,
            phone: self.phone,
            bio: self.bio,
            location: self.location,
            website: self.website,
            social_links: self.social_links,
            avatar_url: self.avatar_url,
            locale: self.locale,
            time_zone: self.time_zone,
            profile_visibility: self.profile_visibility,
            newsletter: self.newsletter,
        };
        let mut after = profile.apply(before, now)?;
        if let Some(email) = self.email {
            after.email = email.get()?;
        }
        if let Some(status) = self.status {
            after = after.with_status(status, now);
        }
        if sets_roles {
            let gains_nothing = |_| Failure::new(Code::Conflict, "The account is disabled: it gains no role");
            after = after.with_roles(&roles, now).map_err(gains_nothing)?;
        }
        Ok(Account { version: before.version, updated_at: before.updated_at, ..after }.changed_from(before, now))
    }
}

/// Profile, address, roles and status at once, or nothing.
pub async fn handle(
    State(app): State<App>,
    administrator: As<Administrator>,
    origin: Origin,
    expected: IfMatch,
    Path(of): Path<Id<id::User>>,
    Body(body): Body<ChangeUser>,
) -> Answer<Shown<UserView>> {
    let change = person_change::Change {
        app: &app,
        origin: &origin,
        expected: &expected,
        by: administrator.caller.account.id,
        of,
        action: Some(Action::UserUpdated),
        reason: body.reason.clone().map(Checked::get).transpose()?,
    };
    let after = change.make(|before, now| body.clone().apply(before, now)).await?;
    Ok(Shown::new("The account is changed", UserView::from(&after)).tagged(after.version))
}
