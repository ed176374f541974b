//! What happens to sessions.

use serde::{Deserialize, Serialize};

use super::row;
use crate::event::{Category, Payload, Queue, Row};
use crate::id::User;
use crate::identity::session::Method;
use crate::{Id, id};

/// Somebody signed in.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserLoggedIn {
    pub user_id: Id<User>,
    pub session_id: Id<id::Session>,
    pub method: Method,
}
impl Payload for UserLoggedIn {
    const ROW: &'static Row = &row("user.logged_in", Category::Security, &[]).showing(
        "Somebody signed in.",
        r#"{"userId":"usr_01h455vb4pex5vsknk084sn02q","sessionId":"ses_01h455vb4pex5vsknk084sn02q","method":"password"}"#,
    );
}

/// Somebody signed out.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserLoggedOut {
    pub user_id: Id<User>,
    pub session_id: Id<id::Session>,
    pub method: Method,
}
impl Payload for UserLoggedOut {
    const ROW: &'static Row = &row("user.logged_out", Category::Security, &[]).showing(
        "Somebody signed out.",
        r#"{"userId":"usr_01h455vb4pex5vsknk084sn02q","sessionId":"ses_01h455vb4pex5vsknk084sn02q","method":"password"}"#,
    );
}

/// A refresh token came twice, long after it was replaced: the session is dead.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct SessionReuseDetected {
    pub user_id: Id<User>,
    pub session_id: Id<id::Session>,
}
impl Payload for SessionReuseDetected {
    const ROW: &'static Row = &row("user.session_reuse_detected", Category::Security, &[Queue::Mailer])
        .told("A session was ended because its token was used twice")
        .showing(
            "A refresh token was used after it had been replaced: the session was ended.",
            r#"{"userId":"usr_01h455vb4pex5vsknk084sn02q","sessionId":"ses_01h455vb4pex5vsknk084sn02q"}"#,
        );
}
