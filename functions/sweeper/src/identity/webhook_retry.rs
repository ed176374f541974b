//! A delivery of a webhook is tried again. `webhook-sender` claims the attempt by its number, so one that has been made
//! meanwhile is not made a second time.

use domain::event::Queue;
use domain::identity::waits::WebhookRetry;
use entry::Problem;

use crate::Sweeper;

pub(crate) async fn handle(sweeper: Sweeper, wait: WebhookRetry) -> Result<(), Problem> {
    let unsent = sweeper.queues.send(Queue::WebhookSender, &[&wait]).await.err().unwrap_or_default();
    unsent.into_iter().next().map_or(Ok(()), |unsent| Err(Problem::internal(unsent.error)))
}
