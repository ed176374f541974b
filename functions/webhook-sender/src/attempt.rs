//! One attempt: sign, send, note how the endpoint does, write what came of it, begin the wait for the next.

use domain::due::Due;
use domain::event::Queue;
use domain::identity::waits::WebhookRetry;
use domain::identity::webhook::schedule::QUEUE_SECONDS;
use domain::identity::webhook::secret::{self, signatures};
use domain::identity::webhook::{Attempt, Delivery, Endpoint, Next, Outcome, Secret, Status};
use domain::{Code, Failure, Time};
use entry::Problem;
use entry::keys::random;
use partners::webhook::Message;
use store::identity::AttemptClaim;

use crate::{WebhookSender, health};

/// What waits longer than this after an attempt began, in milliseconds, is on the due list: a wait on the queue and the time
/// of the attempt itself are less together, and the shortest wait on the list is more.
const ON_QUEUE_MILLIS: i64 = 60_000;

/// Makes the attempt that has been claimed. The endpoint is seen to first: were it told of a failure last, a crash could
/// lose that it is gone.
pub(crate) async fn make(sender: &WebhookSender, endpoint: &Endpoint, delivery: &Delivery) -> Result<(), Problem> {
    let at = sender.app.clock.now();
    let secrets = secrets(sender, endpoint, at)?;
    let signature = signatures(&secrets, delivery.event, at, &delivery.body);
    let message = Message { url: &endpoint.url, id: delivery.event, at, signature, body: &delivery.body };
    let reply = sender.client.send(&message).await;
    let outcome = reply.outcome();
    health::note(sender, endpoint, outcome).await?;
    let (status_code, duration_ms) = (reply.status_code, reply.duration_ms);
    settle(sender, delivery, Attempt { at, status_code, duration_ms, error: reply.error }, outcome).await
}

fn secrets(sender: &WebhookSender, endpoint: &Endpoint, now: Time) -> Result<Vec<Secret>, Problem> {
    let owner = endpoint.id.to_string();
    let open = |sealed| sender.keyring.open(secret::LABEL, &owner, sealed).and_then(|bytes| Secret::from_slice(&bytes));
    let opened: Option<Vec<Secret>> = endpoint.signing(now).map(open).collect();
    opened.ok_or_else(|| Problem::internal(format!("the secret of endpoint {owner} does not open")))
}

/// Writes what came of an attempt, and begins the wait for the next one, if there is one.
pub(crate) async fn settle(
    sender: &WebhookSender,
    delivery: &Delivery,
    attempt: Attempt,
    outcome: Outcome,
) -> Result<(), Problem> {
    let now = sender.app.clock.now();
    let chance = u16::from_be_bytes(random());
    let Some((after, next)) = delivery.after(attempt, outcome, chance, now) else { return Ok(()) };
    let due = match (next, after.next_attempt_at) {
        (Next::Again(millis), Some(at)) if millis > QUEUE_SECONDS * 1000 => {
            Some(Due::new(at, after.id, &retry(&after))?)
        }
        _ => None,
    };
    sender.app.store.settle_attempt(delivery, &after, due.as_ref()).await?;
    match due {
        Some(_) => Ok(()),
        None => wait_on_queue(sender, &after, now).await,
    }
}

/// The message for an attempt that is not ours to make.
pub(crate) async fn not_ours(sender: &WebhookSender, claim: AttemptClaim, made: usize) -> Result<(), Problem> {
    match claim {
        AttemptClaim::Ours(_) | AttemptClaim::Made(None) => Ok(()),
        AttemptClaim::Busy => Err(Failure::new(Code::Unavailable, "This attempt is being made elsewhere").into()),
        // Whoever made it may have died before it put the next one on the queue: one message too many does nothing.
        AttemptClaim::Made(Some(delivery)) if delivery.attempt_count == made + 1 => {
            wait_on_queue(sender, &delivery, sender.app.clock.now()).await
        }
        AttemptClaim::Made(Some(_)) => Ok(()),
    }
}

/// A wait that is short enough rides on the queue; longer ones are on the due list.
async fn wait_on_queue(sender: &WebhookSender, delivery: &Delivery, now: Time) -> Result<(), Problem> {
    let last = delivery.attempts.last().map_or(delivery.created_at, |attempt| attempt.at);
    let waits = |at: &Time| delivery.status == Status::Pending && at.millis_since(last) <= ON_QUEUE_MILLIS;
    let Some(at) = delivery.next_attempt_at.filter(waits) else { return Ok(()) };
    let seconds = u16::try_from((at.millis_since(now) + 999) / 1000).unwrap_or_default();
    let sent = sender.queues.send_later(Queue::WebhookSender, &retry(delivery), seconds).await;
    sent.map_err(Problem::internal)
}

fn retry(delivery: &Delivery) -> WebhookRetry {
    WebhookRetry {
        owner_id: delivery.owner,
        endpoint_id: delivery.endpoint,
        delivery_id: delivery.id,
        made: delivery.attempt_count,
    }
}
