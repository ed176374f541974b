//! GET /api/redoc

use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use axum::response::{IntoResponse, Redirect, Response};
use entry::About;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Find the API page",
    description: "Leads to /api/docs, for those who look for it under this name.",
    errors: &[],
};

/// 308: it is elsewhere, for good.
pub struct Moved(&'static str);

impl IntoResponse for Moved {
    fn into_response(self) -> Response {
        Redirect::permanent(self.0).into_response()
    }
}

impl aide::OperationOutput for Moved {
    type Inner = Self;

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        let moved = Documented { description: "It is at Location".to_owned(), ..Documented::default() };
        vec![(Some(308), moved)]
    }
}

/// There is one page, not two.
pub async fn handle() -> Moved {
    Moved("/api/docs")
}
