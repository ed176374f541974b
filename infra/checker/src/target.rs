//! Which copy of the system is looked at, and by which ways.

use aws_config::SdkConfig;

/// One copy of the system. What has no way there is told as skipped.
#[derive(Clone, Debug)]
pub struct Target {
    pub(crate) aws: SdkConfig,
    pub(crate) stage: String,
    pub(crate) core_table: String,
    pub(crate) api: Option<String>,
    pub(crate) control: Option<String>,
    pub(crate) staff: Option<Staff>,
    pub(crate) rest: Rest,
}

/// Whether everything that was begun should have come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// It goes on: what is young is not judged.
    Busy,
    /// The caller says so.
    AtRest,
}

/// Somebody who may read the audit trail.
#[derive(Clone)]
pub enum Staff {
    /// By an access token, or an API key for `admin`.
    Token(String),
    /// By signing in, which makes a session.
    Account {
        /// The address.
        email: String,
        /// The password.
        password: String,
    },
}

impl Target {
    /// The stage behind these AWS settings.
    pub fn new(aws: SdkConfig, stage: &str) -> Self {
        let core_table = format!("souk-{stage}-core");
        Target { aws, stage: stage.to_owned(), core_table, api: None, control: None, staff: None, rest: Rest::Busy }
    }

    /// With another table in place of its own: one that was restored from a backup.
    pub fn with_core_table(self, name: &str) -> Self {
        Target { core_table: name.to_owned(), ..self }
    }

    /// With the public API, as `http://127.0.0.1:9000`.
    pub fn with_api(self, url: &str) -> Self {
        Target { api: Some(url.trim_end_matches('/').to_owned()), ..self }
    }

    /// With the control port of the local cloud, as `http://127.0.0.1:9001`.
    pub fn with_control(self, url: &str) -> Self {
        Target { control: Some(url.trim_end_matches('/').to_owned()), ..self }
    }

    /// With the caller's word that nothing goes on: the stream is read, queues are empty, functions wait. Then each event
    /// should have had its effect, however young it is.
    pub fn at_rest(self) -> Self {
        Target { rest: Rest::AtRest, ..self }
    }

    /// With somebody who may read the audit trail by the API.
    pub fn with_staff(self, staff: Staff) -> Self {
        Target { staff: Some(staff), ..self }
    }
}

/// Neither tokens nor passwords are shown.
impl std::fmt::Debug for Staff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Staff::Token(_) => "Token(…)",
            Staff::Account { .. } => "Account(…)",
        })
    }
}
