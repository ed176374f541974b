//! Where an endpoint is.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::Reach;
use crate::Invalid;

/// The longest address of an endpoint, in characters.
pub const MAX_LENGTH: usize = 2048;

/// The address of an endpoint, exactly as its owner wrote it: absolute, without user information or fragment. Whether it
/// may be called depends on how far webhooks [`Reach`], which is asked again at every attempt.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EndpointUrl(String);

impl EndpointUrl {
    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address in parts, if it may be called: over https, and not at a literal address that lies inside of a network,
    /// however that is spelled (the parser reads decimal, hexadecimal and octal ones as browsers do). Where its host is a
    /// name, what that resolves to is yet to be asked.
    ///
    /// # Errors
    /// Why not, for its owner.
    pub fn within(&self, reach: Reach) -> Result<Url, Invalid> {
        let url = Url::parse(&self.0).map_err(|_| Invalid::from(SHAPE))?;
        if url.scheme() != "https" && reach == Reach::Public {
            return Err("must begin with https://".into());
        }
        let literal = match url.host() {
            Some(Host::Ipv4(v4)) => Some(IpAddr::V4(v4)),
            Some(Host::Ipv6(v6)) => Some(IpAddr::V6(v6)),
            _ => None,
        };
        match literal.is_none_or(|address| reach.admits(address)) {
            true => Ok(url),
            false => Err("must not lead to a private, local or reserved address".into()),
        }
    }
}

const SHAPE: &str = "must be an absolute https address without user information and fragment";

impl FromStr for EndpointUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.chars().count() > MAX_LENGTH {
            return Err(Invalid(format!("must have at most {MAX_LENGTH} characters").into()));
        }
        // The parser forgives what a browser would; what it forgave must not be kept.
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(SHAPE.into());
        }
        let url = Url::parse(text).map_err(|_| Invalid::from(SHAPE))?;
        let authority = text.split_once("://").map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
        let plain = authority.is_some_and(|authority| !authority.is_empty() && !authority.contains('@'));
        let is_web = matches!(url.scheme(), "https" | "http");
        if !is_web || !plain || url.fragment().is_some() || url.host_str().is_none_or(str::is_empty) {
            return Err(SHAPE.into());
        }
        Ok(EndpointUrl(text.to_owned()))
    }
}

/// Logs may show it: what is secret about an endpoint is its signing secret.
impl fmt::Debug for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl JsonSchema for EndpointUrl {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "EndpointUrl".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "uri",
            "maxLength": MAX_LENGTH,
            "examples": ["https://example.com/souk"]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str, reach: Reach) -> bool {
        text.parse::<EndpointUrl>().and_then(|url| url.within(reach)).is_err()
    }

    #[test]
    fn an_address_is_absolute_plain_and_over_https() {
        for good in
            ["https://example.com", "https://example.com:8443/a?b=c", "https://bücher.example/ü", "https://8.8.8.8/"]
        {
            assert!(!refused(good, Reach::Public), "{good}");
        }
        let long = format!("https://example.com/{}", "x".repeat(MAX_LENGTH));
        for bad in [
            "",
            "example.com",
            "//example.com",
            "/path",
            "http://example.com",
            "ftp://example.com",
            "javascript:alert(1)",
            "https://",
            "https:///path",
            "https://user@example.com",
            "https://user:secret@example.com",
            "https://@example.com",
            "https://example.com#part",
            "https://example.com/a b",
            "https://example.com/\n",
            "https:\\\\example.com",
            "https://example.com\\@10.0.0.1",
            "https://exa mple.com",
            " https://example.com",
            long.as_str(),
        ] {
            assert!(refused(bad, Reach::Public), "{bad}");
        }
    }

    #[test]
    fn literal_inner_addresses_are_refused_in_every_spelling() {
        for host in [
            "127.0.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "017700000001",
            "0177.0.0.1",
            "127.1",
            "127.0.0.1.",
            "１２７.0.0.1",
            "%31%32%37.0.0.1",
            "10.1.2.3",
            "0xa9fea9fe",
            "2852039166",
            "0251.0376.0251.0376",
            "169.254.169.254",
            "0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a9fe:a9fe]",
            "[64:ff9b::a9fe:a9fe]",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "[2002:7f00:1::]",
        ] {
            assert!(refused(&format!("https://{host}/"), Reach::Public), "{host}");
        }
    }

    #[test]
    fn a_laptop_admits_http_and_loopback_and_nothing_else() {
        for good in ["http://127.0.0.1:8080/", "https://127.9.9.9", "http://2130706433/", "http://example.com/"] {
            assert!(!refused(good, Reach::PublicAndLoopback), "{good}");
        }
        for bad in
            ["http://10.0.0.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://0/", "http://169.254.169.254/"]
        {
            assert!(refused(bad, Reach::PublicAndLoopback), "{bad}");
        }
    }
}
