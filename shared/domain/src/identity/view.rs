//! What people see of an account and its sessions.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::profile::Visibility;
use super::session::Method;
use super::{Account, EmailAddress, Role, Session, Status};
use crate::id::User;
use crate::text::{Bio, Locale, Location, PersonName, Phone, PictureUrl, TimeZoneName, Username, Website};
use crate::{Id, Time, id};

/// An account as its holder sees it. Whatever was never said is `null`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "User")]
#[allow(missing_docs)]
pub struct UserView {
    pub id: Id<User>,
    pub name: PersonName,
    pub username: Option<Username>,
    pub email: EmailAddress,
    pub email_verified: bool,
    pub roles: BTreeSet<Role>,
    pub status: Status,
    pub phone: Option<Phone>,
    pub bio: Option<Bio>,
    pub location: Option<Location>,
    pub website: Option<Website>,
    pub social_links: Vec<Website>,
    pub avatar_url: Option<PictureUrl>,
    pub locale: Option<Locale>,
    pub time_zone: Option<TimeZoneName>,
    pub profile_visibility: Visibility,
    pub newsletter: bool,
    pub mfa_enabled: bool,
    pub has_password: bool,
    pub erasure_due_at: Option<Time>,
    pub created_at: Time,
    pub updated_at: Time,
    pub last_login_at: Option<Time>,
    pub version: u64,
}

impl From<&Account> for UserView {
    fn from(account: &Account) -> Self {
        let profile = account.profile.clone();
        UserView {
            id: account.id,
            name: account.name.clone(),
            username: account.username.clone(),
            email: account.email.clone(),
            email_verified: !account.email_unproven,
            roles: account.roles(),
            status: account.status,
            phone: profile.phone,
            bio: profile.bio,
            location: profile.location,
            website: profile.website,
            social_links: profile.social_links,
            avatar_url: profile.avatar_url,
            locale: profile.locale,
            time_zone: profile.time_zone,
            profile_visibility: profile.profile_visibility,
            newsletter: profile.newsletter,
            mfa_enabled: account.mfa_enabled_at.is_some(),
            has_password: account.password.is_some(),
            erasure_due_at: None,
            created_at: account.created_at,
            updated_at: account.updated_at,
            last_login_at: account.last_login_at,
            version: account.version,
        }
    }
}

/// An account as staff see it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StaffView {
    #[serde(flatten)]
    user: UserView,
    /// Until when guesses at the password are not looked at.
    locked_until: Option<Time>,
    /// Sign-ins that live.
    active_sessions: usize,
}

impl StaffView {
    /// An account, the lock of its address and its living sessions.
    pub fn new(account: &Account, locked_until: Option<Time>, active_sessions: usize) -> Self {
        StaffView { user: UserView::from(account), locked_until, active_sessions }
    }
}

/// An account in a list that staff read: without what is long or nested.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserSummary {
    pub id: Id<User>,
    pub name: PersonName,
    pub username: Option<Username>,
    pub email: EmailAddress,
    pub email_verified: bool,
    pub roles: BTreeSet<Role>,
    pub status: Status,
    pub phone: Option<Phone>,
    pub location: Option<Location>,
    pub avatar_url: Option<PictureUrl>,
    pub locale: Option<Locale>,
    pub time_zone: Option<TimeZoneName>,
    pub mfa_enabled: bool,
    pub has_password: bool,
    pub created_at: Time,
    pub updated_at: Time,
    pub last_login_at: Option<Time>,
    pub version: u64,
}

impl From<&Account> for UserSummary {
    fn from(account: &Account) -> Self {
        let user = UserView::from(account);
        UserSummary {
            id: user.id,
            name: user.name,
            username: user.username,
            email: user.email,
            email_verified: user.email_verified,
            roles: user.roles,
            status: user.status,
            phone: user.phone,
            location: user.location,
            avatar_url: user.avatar_url,
            locale: user.locale,
            time_zone: user.time_zone,
            mfa_enabled: user.mfa_enabled,
            has_password: user.has_password,
            created_at: user.created_at,
            updated_at: user.updated_at,
            last_login_at: user.last_login_at,
            version: user.version,
        }
    }
}

/// A session as its holder sees it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Session")]
#[allow(missing_docs)]
pub struct SessionView {
    pub id: Id<id::Session>,
    pub created_at: Time,
    pub last_used_at: Time,
    pub expires_at: Time,
    pub ip: String,
    pub user_agent: String,
    pub method: Method,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl SessionView {
    /// `session` as seen from session `current`.
    pub fn seen_from(session: &Session, current: Id<id::Session>) -> Self {
        SessionView {
            id: session.id,
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            expires_at: session.expires_at(),
            ip: session.ip.clone(),
            user_agent: session.user_agent.clone(),
            method: session.method,
            current: session.id == current,
        }
    }
}
