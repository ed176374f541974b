//! Points in time: UTC, whole milliseconds, always passed in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Seconds in a minute, an hour and a day.
pub const MINUTE: i64 = 60;
/// See [`MINUTE`].
pub const HOUR: i64 = 60 * MINUTE;
/// See [`MINUTE`].
pub const DAY: i64 = 24 * HOUR;

/// A point in time in UTC, in milliseconds; written as RFC 3339 with three digits and `Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(jiff::Timestamp);

impl Time {
    /// From milliseconds since 1970; values beyond year 9999 are cut to it.
    pub fn from_millis(millis: i64) -> Self {
        let clamped = millis.clamp(0, 253_402_300_799_999);
        Time(jiff::Timestamp::from_millisecond(clamped).unwrap_or(jiff::Timestamp::UNIX_EPOCH))
    }

    /// Milliseconds since 1970.
    pub fn millis(self) -> i64 {
        self.0.as_millisecond()
    }

    /// Whole seconds since 1970, as TTL attributes and tokens count.
    pub fn seconds(self) -> i64 {
        self.0.as_second()
    }

    /// This time, `seconds` later (earlier when negative).
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Time::from_millis(self.millis().saturating_add(seconds.saturating_mul(1000)))
    }

    /// Milliseconds from `earlier` to this time; 0 when `earlier` lies in the future, since clocks of instances differ.
    pub fn millis_since(self, earlier: Time) -> i64 {
        (self.millis() - earlier.millis()).max(0)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl FromStr for Time {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<jiff::Timestamp>().map(|t| Time::from_millis(t.as_millisecond()))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Time {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "format": "date-time",
            "description": "UTC, RFC 3339 with milliseconds",
            "examples": ["2026-11-20T10:00:00.000Z"]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_with_three_digits_and_read_back() {
        let time = Time::from_millis(1_795_168_800_000);
        assert_eq!(time.to_string(), "2026-11-20T10:00:00.000Z");
        assert_eq!("2026-11-20T10:00:00.000Z".parse::<Time>().unwrap(), time);
    }

    #[test]
    fn a_time_in_the_future_counts_as_now() {
        let now = Time::from_millis(1000);
        assert_eq!(now.millis_since(now.plus_seconds(5)), 0);
        assert_eq!(now.plus_seconds(5).millis_since(now), 5000);
    }
}
