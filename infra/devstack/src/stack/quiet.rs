//! Whether everything that was begun is done.

use super::Stack;
use crate::cloud::CloudError;
use crate::sources::position_name;
use crate::template::Function;

/// A stream source: its table, and by what its position is kept.
pub struct StreamSourceName {
    table: String,
    position: String,
}

impl StreamSourceName {
    pub fn all(functions: &[Function]) -> Vec<Self> {
        let of = |function: &Function| {
            let name = |table: &str| Self { table: table.to_owned(), position: position_name(&function.binary, table) };
            function.stream_sources.iter().map(|source| name(&source.table)).collect::<Vec<_>>()
        };
        functions.iter().flat_map(of).collect()
    }
}

impl Stack {
    /// What is still under way; nothing when every queue is empty (dead-letter queues aside), every stream is read to its
    /// end and no invocation runs. Exact, as long as nobody calls from outside meanwhile.
    ///
    /// # Errors
    /// The queues or streams cannot be read.
    pub async fn under_way(&self) -> Result<Option<String>, CloudError> {
        // Queues and streams feed each other only through invocations: when none runs before and after looking, and none
        // began in between, it does not matter that they are looked at one after the other.
        let before = self.running.log.count();
        if before.begun != before.ended {
            return Ok(Some(format!("{} invocations", before.begun - before.ended)));
        }
        for source in &self.running.streams {
            let end = self.running.cloud.stream_end(&source.table).await?;
            if end != self.running.positions.get(&source.position) {
                return Ok(Some(format!("the stream of {}", source.table)));
            }
        }
        let queues = self.running.cloud.queues().await?;
        let holds = |queue: &&crate::cloud::QueueDepth| queue.visible + queue.in_flight + queue.delayed > 0;
        if let Some(queue) = queues.iter().find(holds) {
            let (visible, in_flight, delayed) = (queue.visible, queue.in_flight, queue.delayed);
            return Ok(Some(format!("{}: {visible} visible, {in_flight} in flight, {delayed} delayed", queue.name)));
        }
        let after = self.running.log.count();
        Ok((before != after).then(|| "invocations that have just begun".to_owned()))
    }
}
