//! Writes that need no condition and no transaction: half the price, and harmless to repeat.

use aws_sdk_dynamodb::types::{DeleteRequest, PutRequest, WriteRequest};

use crate::error::StoreError;
use crate::item::NewItem;
use crate::keys::Key;
use crate::read::attributes;
use crate::{Store, Table};

/// The most writes of one request.
const AT_ONCE: usize = 25;
const ROUNDS_MAX: usize = 4;

impl Store {
    /// Puts and deletes items of table core, there or not.
    pub(crate) async fn write_many(&self, puts: Vec<NewItem>, deletions: Vec<Key>) -> Result<(), StoreError> {
        let put = |new: NewItem| {
            let put = PutRequest::builder().set_item(Some(new.item)).build();
            put.map(|put| WriteRequest::builder().put_request(put).build())
        };
        let delete = |key: Key| {
            let delete = DeleteRequest::builder().set_key(Some(attributes(&key))).build();
            delete.map(|delete| WriteRequest::builder().delete_request(delete).build())
        };
        let writes = puts.into_iter().map(put).chain(deletions.into_iter().map(delete));
        let writes: Result<Vec<WriteRequest>, _> = writes.collect();
        let writes = writes.map_err(|error| StoreError::Refused(error.to_string()))?;
        let batches = writes.chunks(AT_ONCE).map(|batch| self.write_batch(batch.to_vec()));
        futures::future::try_join_all(batches).await.map(|_| ())
    }

    async fn write_batch(&self, mut wanted: Vec<WriteRequest>) -> Result<(), StoreError> {
        for _ in 0..ROUNDS_MAX {
            let call = self.client.batch_write_item().request_items(self.table(Table::Core), wanted);
            let answer = call.send().await.map_err(|error| StoreError::from_sdk(&error))?;
            wanted = answer.unprocessed_items.into_iter().flatten().flat_map(|(_, rest)| rest).collect();
            if wanted.is_empty() {
                return Ok(());
            }
        }
        Err(StoreError::Unavailable("writes stay unprocessed".into()))
    }
}
