//! Texts that go into a mail's headers, where a line break would begin another header.

use std::borrow::Cow;
use std::str::FromStr;

use domain::Invalid;
use domain::identity::EmailAddress;

/// A text without line breaks or other control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line(Cow<'static, str>);

impl Line {
    /// A text that stands in the source. Meant for constants: there a wrong one does not compile.
    pub const fn literal(text: &'static str) -> Self {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            assert!(bytes[at] >= b' ' && bytes[at] <= b'~', "a literal line is printable ASCII");
            at += 1;
        }
        Line(Cow::Borrowed(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Line {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        // Unicode's own line and paragraph separators are no control characters.
        match text.chars().any(|c| c.is_control() || c == '\u{2028}' || c == '\u{2029}') {
            true => Err("must be one line without control characters".into()),
            false => Ok(Line(Cow::Owned(text.to_owned()))),
        }
    }
}

/// Who a mail is from: `no-reply@example.com` or `Souk <no-reply@example.com>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(Line);

impl Sender {
    /// The sender as it stands in the mail.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for Sender {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = || Invalid::from("must be an e-mail address, as Souk <no-reply@example.com>");
        let line: Line = text.parse()?;
        let address = match text.split_once('<') {
            Some((_, rest)) => rest.strip_suffix('>').ok_or_else(wrong)?,
            None => text,
        };
        match address.is_ascii() && address.parse::<EmailAddress>().is_ok() {
            true => Ok(Sender(line)),
            false => Err(wrong()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by a panic")]
mod tests {
    use super::*;

    #[test]
    fn header_injection_is_refused() {
        for wrong in ["Hi\nBcc: x@example.com", "Hi\r", "a\u{0}b", "a\u{85}b", "a\u{2028}b", "a\u{2029}b", "a\tb"] {
            assert!(wrong.parse::<Line>().is_err(), "{wrong:?}");
        }
        assert_eq!("Grüße, Ada".parse::<Line>().unwrap().as_str(), "Grüße, Ada");
    }

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        for right in ["no-reply@souk.dev", "Souk <no-reply@souk.dev>"] {
            assert_eq!(right.parse::<Sender>().unwrap().as_str(), right);
        }
        for wrong in [
            "",
            "Souk",
            "Souk <no-reply@souk.dev",
            "Souk <>",
            "Souk <no-reply@bücher.example>",
            "Souk <a@souk.dev>, <b@souk.dev>",
            "Souk\n<no-reply@souk.dev>",
        ] {
            assert!(wrong.parse::<Sender>().is_err(), "{wrong:?}");
        }
    }
}
