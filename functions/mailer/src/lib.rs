//! Turns events into e-mail. One file per mail says what it says; `compose.rs` says which event gets which.
//!
//! An event may come any number of times and from several instances at once. So its mail is claimed before and marked
//! after sending: a crash in between may send twice, never not at all.

mod already_registered;
mod compose;
mod email_change;
mod email_changed;
mod invitation;
mod link;
mod locked;
mod password_changed;
mod reset;
mod session_reuse;
mod verification;

use axum::extract::FromRef;
use domain::due::Due;
use domain::event::Event;
use domain::identity::waits::MailResend;
use domain::{Code, Failure};
use entry::{App, Aws, Environment, Keyring, Problem, Start, StartError};
use partners::mail::{Mail, MailError, MailService, Sender};
use store::mails::Claim;

pub use compose::{NoMail, Post, compose};

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

/// Sends the mail of one event, once. A failure brings the event back, and at last visibly into the dead-letter queue.
pub async fn handle(mailer: Mailer, event: Event) -> Result<(), Problem> {
    let Mailer { app, keyring, mail } = mailer;
    // Before the claim: an event without a mail must not leave one behind.
    let post = compose(&event, &app.settings, &keyring).map_err(Problem::internal)?;
    let mails = addressed(&app, &event, post).await?;
    match app.store.claim_mail(event.id, app.clock.now()).await? {
        Claim::Ours => {}
        Claim::Sent => return Ok(()),
        Claim::Busy => return Err(Failure::new(Code::Unavailable, "This mail is being sent elsewhere").into()),
    }
    for letter in &mails {
        if let Err(error) = mail.send(letter).await {
            // Where this fails too, the claim runs out by itself.
            let _ = app.store.release_mail(event.id).await;
            return put_off(&app, event, error).await;
        }
    }
    // The mail is out. Were a mark that could not be made reported, the event would come back only to send it again.
    let _ = app.store.mark_mail_sent(event.id, app.clock.now()).await;
    Ok(())
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

/// Nobody is left to be told when the account is gone.
async fn addressed(app: &App, event: &Event, post: Post) -> Result<Vec<Mail>, Problem> {
    let letter = match post {
        Post::Addressed(mails) => return Ok(mails),
        Post::ToOwner(letter) => letter,
    };
    let Some(owner) = event.subject_ids.first() else {
        return Err(Problem::internal("the event concerns nobody"));
    };
    let account = app.store.account(*owner).await?;
    Ok(account.map(|account| letter.addressed_to(account.email)).into_iter().collect())
}
