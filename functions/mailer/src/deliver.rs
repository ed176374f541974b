//! Sending a mail once: it is claimed before and marked after.

use domain::id::User;
use domain::{Code, Failure, Id, id};
use entry::Problem;
use partners::mail::{Mail, MailError};
use store::mails::Claim;
use store::{FormClaim, StoreError};

use crate::Mailer;

/// Why a mail did not go out.
pub(crate) enum Undone {
    /// The mail service did not take it; the claim was given back.
    Unsent(MailError),
    /// Anything else.
    Failed(Problem),
}

impl From<Problem> for Undone {
    fn from(problem: Problem) -> Self {
        Undone::Failed(problem)
    }
}
impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Undone::Failed(error.into())
    }
}

fn elsewhere() -> Undone {
    Undone::Failed(Failure::new(Code::Unavailable, "This mail is being sent elsewhere").into())
}

/// Sends the mails of an event to one person, or to whom it names.
pub(crate) async fn once(
    mailer: &Mailer,
    event: Id<id::Event>,
    person: Option<Id<User>>,
    mails: &[Mail],
) -> Result<(), Undone> {
    let (store, clock) = (&mailer.app.store, &mailer.app.clock);
    match store.claim_mail(event, person, clock.now()).await? {
        Claim::Ours => {}
        Claim::Sent => return Ok(()),
        Claim::Busy => return Err(elsewhere()),
    }
    for mail in mails {
        if let Err(error) = mailer.mail.send(mail).await {
            // Where this fails too, the claim runs out by itself.
            let _ = store.release_mail(event, person).await;
            return Err(Undone::Unsent(error));
        }
    }
    // The mail is out. Were a mark that could not be made reported, the event would come back only to send it again.
    let _ = store.mark_mail_sent(event, person, clock.now()).await;
    Ok(())
}

/// Sends a mail that a public form asked for, unless its address had enough of that kind: then silently none.
pub(crate) async fn for_form(mailer: &Mailer, event: Id<id::Event>, kind: &str, mail: &Mail) -> Result<(), Undone> {
    let (store, clock) = (&mailer.app.store, &mailer.app.clock);
    let claimed = match store.claim_form_mail(&mail.to, kind, event, clock.now()).await? {
        FormClaim::Ours(budget) => budget,
        FormClaim::Sent | FormClaim::Spent => return Ok(()),
        FormClaim::Busy => return Err(elsewhere()),
    };
    if let Err(error) = mailer.mail.send(mail).await {
        let _ = store.release_form_mail(&mail.to, kind, event, &claimed, clock.now()).await;
        return Err(Undone::Unsent(error));
    }
    let _ = store.mark_mail_sent(event, None, clock.now()).await;
    Ok(())
}
