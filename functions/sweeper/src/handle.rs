//! Which kind has which handler.

use domain::due::{Due, Wait};
use domain::identity::waits::{MailResend, WebhookRetry};
use entry::Problem;

use crate::{Sweeper, identity};

const MAIL_RESEND: &str = MailResend::KIND.name;
const WEBHOOK_RETRY: &str = WebhookRetry::KIND.name;

/// Acts on something that is due. A failure brings the message back, and at last visibly into the dead-letter queue.
pub async fn handle(sweeper: Sweeper, due: Due) -> Result<(), Problem> {
    match due.kind.as_str() {
        MAIL_RESEND => identity::mail_resend::handle(sweeper, wait(due)?).await,
        WEBHOOK_RETRY => identity::webhook_retry::handle(sweeper, wait(due)?).await,
        unknown => Err(Problem::internal(format!("nobody handles what is due of kind {unknown:?}"))),
    }
}

/// What the handler is told. What exactly cannot be read stays unsaid: it may be an address, and this ends in logs.
fn wait<W: Wait>(due: Due) -> Result<W, Problem> {
    let unreadable = |_| Problem::internal(format!("what is due of kind {} cannot be read", W::KIND.name));
    W::deserialize(due.data).map_err(unreadable)
}
