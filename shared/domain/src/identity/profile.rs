//! What people say of themselves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Bio, Locale, Location, Phone, PictureUrl, TimeZoneName, Website};

/// Who sees a profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everyone who has a reason to look.
    Public,
    /// Its owner and staff.
    #[default]
    Private,
}

/// The profile of an account; whatever was never said is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Profile {
    /// Telephone, E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// A few sentences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bio: Option<Bio>,
    /// Where they are, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// Their site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<Website>,
    /// At most ten pages of theirs elsewhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub social_links: Vec<Website>,
    /// Their picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<PictureUrl>,
    /// Their language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// Their time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<TimeZoneName>,
    /// Who sees this.
    #[serde(skip_serializing_if = "is_default")]
    pub profile_visibility: Visibility,
    /// Whether they want news by mail.
    #[serde(skip_serializing_if = "is_default")]
    pub newsletter: bool,
}

/// The most social links of a profile.
pub const MAX_SOCIAL_LINKS: usize = 10;

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
