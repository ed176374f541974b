//! Tells people what has happened, in the app and by mail. One file per event says what it says; `compose.rs` says which
//! event gets which.
//!
//! An event may come any number of times and from several instances at once. A notice has an id that follows from event and
//! person. A mail is claimed before and marked after sending: a crash in between may send twice, never not at all.

mod already_registered;
mod api_key_created;
mod compose;
mod deliver;
mod disabled;
mod email_change;
mod email_changed;
mod enabled;
mod endpoint_disabled;
mod invitation;
mod link;
mod locked;
mod mfa_disabled;
mod mfa_enabled;
mod password_changed;
mod recovery_code_used;
mod registered;
mod reset;
mod role_granted;
mod role_revoked;
mod session_reuse;
mod tell;
mod verification;
mod words;

use axum::extract::FromRef;
use domain::due::Due;
use domain::event::Event;
use domain::identity::waits::MailResend;
use entry::{App, Aws, Environment, Keyring, Problem, Start, StartError};
use partners::mail::{MailError, MailService, Sender};

use deliver::Undone;

pub use compose::{NoWords, Task, compose};
pub use words::{Post, Words};

/// What this function has at hand.
#[derive(Clone)]
pub struct Mailer {
    /// What every function has.
    pub app: App,
    /// What one-time tokens are derived from.
    pub keyring: Keyring,
    /// Who delivers.
    pub mail: MailService,
}

impl Start for Mailer {
    /// Starts without the usual warm-up read: most mails name their address, and need none.
    async fn start(environment: &Environment, aws: &Aws) -> Result<Self, StartError> {
        const FROM: &str = "MAIL_FROM";
        let from = environment.required(FROM, "who mails are from, as Souk <no-reply@example.com>")?;
        let from: Sender =
            from.parse().map_err(|wrong| StartError::Wrong { name: FROM, reason: format!("{wrong}") })?;
        Ok(Mailer {
            app: App::cold(environment, aws)?,
            keyring: environment.keyring(aws).await?,
            mail: MailService::connect(aws.config(), from),
        })
    }
}

impl FromRef<Mailer> for App {
    fn from_ref(mailer: &Mailer) -> App {
        mailer.app.clone()
    }
}

/// Does what one event asks for, once.
pub async fn handle(mailer: Mailer, event: Event) -> Result<(), Problem> {
    // Before any claim: an event without words must not leave one behind.
    let task = compose(&event, &mailer.app.settings, &mailer.keyring).map_err(Problem::internal)?;
    let done = match task {
        Task::Form(mail) => deliver::for_form(&mailer, event.id, &event.name, &mail).await,
        Task::Job(mail) => deliver::once(&mailer, event.id, None, &[mail]).await,
        Task::Tell(words) => tell::tell(&mailer, &event, &words).await,
    };
    match done {
        Ok(()) => Ok(()),
        Err(Undone::Unsent(error)) => put_off(&mailer.app, event, error).await,
        Err(Undone::Failed(problem)) => Err(problem),
    }
}

/// A throttled mail waits on the due list: five deliveries of its message would be over long before the mail service is
/// ready again. Any other failure, and a mail that is too old by now, brings the event back.
async fn put_off(app: &App, event: Event, error: MailError) -> Result<(), Problem> {
    let (id, wait) = (event.id, MailResend { event });
    match wait.due_at(app.clock.now()).filter(|_| matches!(error, MailError::Throttled(_))) {
        Some(due_at) => Ok(app.store.wait(&Due::new(due_at, id, &wait)?).await?),
        None => Err(Problem::internal(error)),
    }
}
