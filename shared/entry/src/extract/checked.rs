//! A field whose rule is a type of the domain.

use std::borrow::Cow;
use std::str::FromStr;

use domain::{Failure, Invalid};
use garde::{Path, Report, Validate};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};

/// A text read as `T`. A broken rule is no error of reading: it is told with all others, once the whole body is known.
#[derive(Clone, Debug)]
pub struct Checked<T>(Result<T, Invalid>);

impl<T> Checked<T> {
    /// The value; handlers get only those whose rules hold, so the failure is for the type's sake.
    pub fn get(self) -> Result<T, Failure> {
        self.0.map_err(|invalid| Failure::field("body", invalid.to_string()))
    }

    /// The value, unless a rule is broken.
    pub fn as_valid(&self) -> Option<&T> {
        self.0.as_ref().ok()
    }
}

impl<'de, T: FromStr<Err = Invalid>> Deserialize<'de> for Checked<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Checked(Cow::<'de, str>::deserialize(deserializer)?.parse()))
    }
}

impl<T> Validate for Checked<T> {
    type Context = ();

    fn validate_into(&self, (): &(), parent: &mut dyn FnMut() -> Path, report: &mut Report) {
        if let Err(invalid) = &self.0 {
            report.append(parent(), garde::Error::new(invalid.to_string()));
        }
    }
}

impl<T: JsonSchema> JsonSchema for Checked<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}
