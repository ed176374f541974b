//! Pages of a list: `limit` and `cursor` in the query, `pagination` in the answer.

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use aide::operation::{ParamLocation, add_parameters, parameters_from_schema};
use axum::extract::FromRequestParts;
use domain::page::{Limit, Page};
use domain::{Code, Detail, Failure};
use http::request::Parts;
use schemars::JsonSchema;
use serde::Serialize;
use store::cursor::Cursors;

use crate::Keyring;
use crate::openapi::refusal;
use crate::problem::Problem;

/// Which page of a list is wanted. A cursor is good for the caller, path and filters that it was made for, and no others.
#[derive(Debug)]
pub struct Paging {
    /// How many entries.
    pub limit: Limit,
    cursor: Option<String>,
    /// The path and everything in the query that is not paging, in one order.
    query: String,
}

/// What follows a page.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pagination {
    /// How many entries a page has at most; it may have fewer though more follow.
    pub limit: u8,
    /// Whether more follow.
    pub has_next: bool,
    /// Brings what follows; `null` at the end.
    pub next_cursor: Option<String>,
}

/// What seals the cursors of a function's lists.
pub fn cursors(keyring: &Keyring) -> Cursors {
    Cursors::new(keyring.all_for("cursor").into_iter().map(|(kid, key)| (kid, *key.bytes())).collect())
}

impl Paging {
    /// Whether a cursor was sent.
    pub fn is_continued(&self) -> bool {
        self.cursor.is_some()
    }

    /// Where the page begins; `None` at the list's beginning. `whose` is the caller.
    pub fn begins(&self, cursors: &Cursors, whose: &impl ToString) -> Result<Option<String>, Failure> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let position = cursors.open(&self.bound_to(whose), cursor).ok();
        let position = position.and_then(|position| String::from_utf8(position).ok());
        position.map(Some).ok_or_else(|| Failure::field("cursor", "is not a cursor of this list"))
    }

    /// What the answer says of what follows `page`.
    pub fn follows<T>(&self, cursors: &Cursors, whose: &impl ToString, page: &Page<T>) -> Result<Pagination, Problem> {
        let sealed = page.next.as_ref().map(|next| cursors.seal(&self.bound_to(whose), next.as_bytes()));
        let next_cursor = sealed.transpose().map_err(Problem::internal)?;
        Ok(Pagination { limit: self.limit.get(), has_next: next_cursor.is_some(), next_cursor })
    }

    fn bound_to(&self, whose: &impl ToString) -> String {
        format!("{} {}", whose.to_string(), self.query)
    }

    fn read(path: &str, mut query: Vec<(String, String)>) -> Result<Self, Failure> {
        let mut wrong = Vec::new();
        let mut once = |name: &'static str| {
            let mut values = query.extract_if(.., |(known, _)| known == name).map(|(_, value)| value);
            let (value, second) = (values.next(), values.next());
            if second.is_some() {
                wrong.push(Detail { field: name.to_owned(), message: "must be given once".to_owned() });
            }
            value
        };
        let (limit, cursor) = (once("limit"), once("cursor"));
        let read = limit.map(|text| text.parse().ok().and_then(Limit::new));
        if read == Some(None) {
            let message = format!("must be a number from 1 to {}", Limit::MAX);
            wrong.push(Detail { field: "limit".to_owned(), message });
        }
        if !wrong.is_empty() {
            return Err(Failure::validation(wrong));
        }
        // A list may be entered by page and gone on through by cursor.
        query.retain(|(name, _)| name != "page");
        query.sort();
        Ok(Paging { limit: read.flatten().unwrap_or_default(), cursor, query: format!("{path} {query:?}") })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let read = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let axum::extract::Query(query) = read.map_err(|rejection| Failure::field("query", rejection.body_text()))?;
        Ok(Paging::read(parts.uri.path(), query)?)
    }
}

impl OperationInput for Paging {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let schema = schemars::json_schema!({
            "type": "object",
            "properties": {
                "limit": { "type": "integer", "minimum": 1, "maximum": Limit::MAX, "default": Limit::default().get() },
                "cursor": { "type": "string", "description": "`nextCursor` of the page before" },
            },
        });
        let parameters = parameters_from_schema(ctx, schema, ParamLocation::Query);
        add_parameters(ctx, operation, parameters);
    }

    fn inferred_early_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        vec![(Some(400), refusal(&[Code::Validation]))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paging(path: &str, query: &[(&str, &str)]) -> Result<Paging, Failure> {
        Paging::read(path, query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_limit_that_is_none_is_refused() {
        assert_eq!(paging("/x", &[]).unwrap().limit.get(), 20);
        assert_eq!(paging("/x", &[("limit", "100")]).unwrap().limit.get(), 100);
        for wrong in ["0", "101", "-1", "", "ten", "1.0", "1e1", "99999999999999999999"] {
            let failure = paging("/x", &[("limit", wrong)]).unwrap_err();
            assert_eq!(failure.details[0].field, "limit", "{wrong}");
        }
        assert!(paging("/x", &[("limit", "1"), ("limit", "1")]).is_err());
        assert!(paging("/x", &[("cursor", "a"), ("cursor", "a")]).is_err());
    }

    #[test]
    fn a_cursor_is_good_for_its_caller_path_and_filters_in_any_order_and_with_any_limit() {
        let cursors = Cursors::new(vec![("k1".into(), [7; 32])]);
        let page = Page { items: vec![()], next: Some("NTF#1".to_owned()) };
        let first = paging("/x", &[("a", "1"), ("b", "2")]).unwrap();
        let cursor = first.follows(&cursors, &"ada", &page).unwrap().next_cursor.unwrap();
        let begins = |path: &str, query: &[(&str, &str)], whose: &str| {
            let with_cursor: Vec<_> = query.iter().copied().chain([("cursor", cursor.as_str())]).collect();
            paging(path, &with_cursor).unwrap().begins(&cursors, &whose)
        };
        let found = begins("/x", &[("b", "2"), ("limit", "5"), ("a", "1")], "ada");
        assert_eq!(found.unwrap().as_deref(), Some("NTF#1"));
        for (path, query, whose) in [
            ("/x", &[("a", "1"), ("b", "2")][..], "bob"),
            ("/y", &[("a", "1"), ("b", "2")], "ada"),
            ("/x", &[("a", "1")], "ada"),
            ("/x", &[("a", "1"), ("b", "2"), ("c", "")], "ada"),
        ] {
            assert_eq!(begins(path, query, whose).unwrap_err().details[0].field, "cursor");
        }
    }
}
