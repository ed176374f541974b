//! Buckets as their operator handles them, in `souk-admin`: what lies in one, what an object holds, and away with it.

use aws_sdk_s3::types::Object;

use crate::{BlobError, Blobs};

/// An object, as a list of its bucket tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub key: String,
    /// Its size.
    pub bytes: u64,
}

impl Blobs {
    /// The first objects of a bucket, by key; at most `limit`.
    pub async fn list(&self, bucket: &str, limit: usize) -> Result<Vec<Listed>, BlobError> {
        let mut found = Vec::new();
        let mut from = None;
        while found.len() < limit {
            let call = self.client.list_objects_v2().bucket(bucket).set_continuation_token(from);
            let answer = call.send().await.map_err(|error| BlobError::from_sdk(&error))?;
            found.extend(answer.contents().iter().filter_map(listed));
            from = answer.next_continuation_token;
            if from.is_none() {
                break;
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    /// What an object holds.
    pub async fn read(&self, bucket: &str, key: &str) -> Result<Vec<u8>, BlobError> {
        let answer = self.client.get_object().bucket(bucket).key(key).send().await;
        let body = answer.map_err(|error| BlobError::from_sdk(&error))?.body.collect().await;
        Ok(body.map_err(|_| BlobError::Unavailable("the object broke off"))?.to_vec())
    }

    /// Deletes an object, there or not.
    pub async fn delete(&self, bucket: &str, key: &str) -> Result<(), BlobError> {
        let answer = self.client.delete_object().bucket(bucket).key(key).send().await;
        answer.map(drop).map_err(|error| BlobError::from_sdk(&error))
    }
}

fn listed(object: &Object) -> Option<Listed> {
    let bytes = object.size().and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
    Some(Listed { key: object.key()?.to_owned(), bytes })
}
