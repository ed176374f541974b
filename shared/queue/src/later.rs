//! Short waits, which a queue holds itself.

use domain::event::Queue;
use serde::Serialize;

use crate::Queues;
use crate::error::QueueError;
use crate::message::Message;

impl Queues {
    /// Sends `message` so that nobody sees it for so many seconds, 900 at most. No clock of a test moves that.
    pub async fn send_later<M: Serialize>(
        &self,
        queue: Queue,
        message: &M,
        delay_seconds: u16,
    ) -> Result<(), QueueError> {
        let message = Message::of(0, message).map_err(|error| QueueError::Refused(error.to_string()))?;
        let call = self.client.send_message().queue_url(self.url(queue)?).message_body(message.body);
        let answer = call.delay_seconds(i32::from(delay_seconds)).send().await;
        answer.map(|_| ()).map_err(|error| QueueError::from_sdk(&error))
    }
}
