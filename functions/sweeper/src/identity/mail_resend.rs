//! A mail that the mail service would not take is tried again. `mailer` claims it before sending, so one that has gone out
//! meanwhile goes out no second time.

use domain::event::Queue;
use domain::identity::waits::MailResend;
use entry::Problem;

use crate::Sweeper;

pub(crate) async fn handle(sweeper: Sweeper, wait: MailResend) -> Result<(), Problem> {
    let unsent = sweeper.queues.send(Queue::Mailer, &[&wait.event]).await.err().unwrap_or_default();
    unsent.into_iter().next().map_or(Ok(()), |unsent| Err(Problem::internal(unsent.error)))
}
