//! What a merge request says of one field.

use std::borrow::Cow;

use domain::Failure;
use garde::{Path, Report, Validate};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};

use super::Checked;

/// Nothing, `null`, or a value: given fields change, `null` clears, absent ones stay. Fields of this type carry
/// `#[serde(default)]`.
#[derive(Clone, Debug, Default)]
pub enum Change<T> {
    /// The field is absent.
    #[default]
    Keep,
    /// The field is `null`.
    Clear,
    /// The field has a value.
    Set(T),
}

impl<T> Change<T> {
    /// The change with its value passed through `f`.
    pub fn try_map<U>(self, f: impl FnOnce(T) -> Result<U, Failure>) -> Result<Change<U>, Failure> {
        Ok(match self {
            Change::Keep => Change::Keep,
            Change::Clear => Change::Clear,
            Change::Set(value) => Change::Set(f(value)?),
        })
    }

    /// Applies the change to something that may be absent.
    pub fn apply(self, to: &mut Option<T>) {
        match self {
            Change::Keep => {}
            Change::Clear => *to = None,
            Change::Set(value) => *to = Some(value),
        }
    }

    /// Applies the change to something that is always there: clearing restores the default.
    pub fn apply_or_default(self, to: &mut T)
    where
        T: Default,
    {
        match self {
            Change::Keep => {}
            Change::Clear => *to = T::default(),
            Change::Set(value) => *to = value,
        }
    }
}

impl<T> Change<Checked<T>> {
    /// The change with its rule known to hold.
    pub fn get(self) -> Result<Change<T>, Failure> {
        self.try_map(Checked::get)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Change::Clear, Change::Set))
    }
}

impl<T: Validate> Validate for Change<T> {
    type Context = T::Context;

    fn validate_into(&self, context: &T::Context, parent: &mut dyn FnMut() -> Path, report: &mut Report) {
        if let Change::Set(value) = self {
            value.validate_into(context, parent, report);
        }
    }
}

impl<T: JsonSchema> JsonSchema for Change<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Option::<T>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Option::<T>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Fields {
        #[serde(default)]
        a: Change<u32>,
        #[serde(default)]
        b: Change<u32>,
        #[serde(default)]
        c: Change<u32>,
    }

    #[test]
    fn given_fields_change_null_clears_absent_stay() {
        let fields: Fields = serde_json::from_str(r#"{"a":1,"b":null}"#).unwrap();
        let mut value = Some(9);
        fields.c.apply(&mut value);
        assert_eq!(value, Some(9));
        fields.a.apply(&mut value);
        assert_eq!(value, Some(1));
        fields.b.clone().apply(&mut value);
        assert_eq!(value, None);
        let mut number = 7;
        fields.b.apply_or_default(&mut number);
        assert_eq!(number, 0);
    }
}
