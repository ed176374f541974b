//! An API key was made: it acts as its owner, so its owner must learn of it.

use domain::event::Payload;
use domain::identity::events::UserApiKeyCreated;
use partners::mail::{Letter, Line};

use crate::Words;

const SUBJECT: Line = Line::literal(UserApiKeyCreated::ROW.title());

pub(crate) fn compose(data: UserApiKeyCreated) -> Words {
    let what = format!("An API key named \"{}\" was created. It acts as you within its scopes.", data.name);
    let letter = Letter::new(SUBJECT)
        .paragraph(what.clone())
        .paragraph(format!("Its scopes: {}", data.scopes.join(", ")))
        .paragraph("If that was not you, revoke it, end your other sessions and change your password.");
    Words::new(what, "/settings/api-keys").with("apiKeyId", data.api_key_id).mailing(letter)
}
