//! What people want to be told, and how: a switch for each category and channel. All are on until they are switched off.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::Category;
use crate::{Detail, Failure};

/// The switches of one category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Switches {
    /// Whether mails are sent.
    pub email: bool,
    /// Whether notices appear in the app.
    pub in_app: bool,
}

const ON: Switches = Switches { email: true, in_app: true };

/// Switches that are to change; absent ones stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Switching {
    /// Whether mails are sent.
    pub email: Option<bool>,
    /// Whether notices appear in the app.
    pub in_app: Option<bool>,
}

/// What one person wants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Preferences {
    /// Only what was ever changed.
    #[serde(default)]
    changed: BTreeMap<Category, Switches>,
    /// Goes up with each change; 0 while there was none.
    pub version: u64,
}

impl Preferences {
    /// The switches of a category.
    pub fn of(&self, category: Category) -> Switches {
        match category {
            // Whoever took an account over must not be able to keep its owner from learning it.
            Category::Security => ON,
            other => self.changed.get(&other).copied().unwrap_or(ON),
        }
    }

    /// The switches of every category.
    pub fn all(&self) -> BTreeMap<Category, Switches> {
        Category::ALL.into_iter().map(|category| (category, self.of(category))).collect()
    }

    /// These preferences with some switches turned.
    ///
    /// # Errors
    /// When one would switch `security` off.
    pub fn with(&self, turned: &BTreeMap<Category, Switching>) -> Result<Preferences, Failure> {
        let security = turned.get(&Category::Security).copied().unwrap_or_default();
        let off =
            [("email", security.email), ("inApp", security.in_app)].into_iter().filter(|(_, on)| *on == Some(false));
        let refused: Vec<Detail> = off
            .map(|(channel, _)| Detail {
                field: format!("categories.security.{channel}"),
                message: "cannot be switched off".to_owned(),
            })
            .collect();
        if !refused.is_empty() {
            return Err(Failure::validation(refused));
        }
        let mut after = self.clone();
        for (category, switching) in turned.iter().filter(|(category, _)| **category != Category::Security) {
            let before = self.of(*category);
            let switches = Switches {
                email: switching.email.unwrap_or(before.email),
                in_app: switching.in_app.unwrap_or(before.in_app),
            };
            if switches != before {
                after.changed.insert(*category, switches);
            }
        }
        if after != *self {
            after.version += 1;
        }
        Ok(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(category: Category, email: Option<bool>, in_app: Option<bool>) -> BTreeMap<Category, Switching> {
        BTreeMap::from([(category, Switching { email, in_app })])
    }

    #[test]
    fn each_switch_of_each_category_turns_alone_and_back() {
        for category in Category::ALL.into_iter().filter(|category| *category != Category::Security) {
            let none = Preferences::default();
            assert!(none.all().values().all(|switches| *switches == ON));
            let quiet = none.with(&turn(category, Some(false), None)).unwrap();
            assert_eq!(quiet.of(category), Switches { email: false, in_app: true });
            assert_eq!(quiet.all().values().filter(|switches| **switches == ON).count(), Category::ALL.len() - 1);
            let silent = quiet.with(&turn(category, None, Some(false))).unwrap();
            assert_eq!(silent.of(category), Switches { email: false, in_app: false });
            let loud = silent.with(&turn(category, Some(true), Some(true))).unwrap();
            assert_eq!((loud.of(category), loud.version), (ON, 3));
        }
    }

    #[test]
    fn security_stays_on_and_what_changes_nothing_counts_as_no_change() {
        let none = Preferences::default();
        for (email, in_app) in [(Some(false), None), (None, Some(false)), (Some(false), Some(true))] {
            let refused = none.with(&turn(Category::Security, email, in_app)).unwrap_err();
            assert_eq!(refused.details.len(), 1);
        }
        assert_eq!(none.with(&turn(Category::Security, Some(true), Some(true))), Ok(none.clone()));
        assert_eq!(none.with(&turn(Category::Talent, Some(true), None)), Ok(none.clone()));
        assert_eq!(none.with(&BTreeMap::new()), Ok(none));
    }
}
