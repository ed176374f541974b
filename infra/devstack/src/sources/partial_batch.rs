//! How a function's answer to a batch is read (AWS Lambda Developer Guide, "Implementing partial batch responses").

use serde_json::Value;

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchOutcome {
    AllSucceeded,
    /// Indices into the batch, ascending, at least one.
    Failed(Vec<usize>),
    AllFailed,
}

/// Reads the answer to a batch whose items have these identifiers (message ids or sequence numbers). An answer that
/// does not make sense fails the whole batch: an item handled twice is repaired by idempotency, a lost one by nothing.
pub fn read(answer: &[u8], identifiers: &[&str]) -> BatchOutcome {
    let Ok(answer) = serde_json::from_slice::<Value>(answer) else { return BatchOutcome::AllFailed };
    let failures = match &answer {
        Value::Null => return BatchOutcome::AllSucceeded,
        Value::Object(fields) => match fields.get("batchItemFailures") {
            None | Some(Value::Null) => return BatchOutcome::AllSucceeded,
            Some(Value::Array(failures)) => failures,
            Some(_) => return BatchOutcome::AllFailed,
        },
        _ => return BatchOutcome::AllFailed,
    };
    let mut failed = Vec::with_capacity(failures.len());
    for failure in failures {
        let identifier = failure.get("itemIdentifier").and_then(Value::as_str).filter(|id| !id.is_empty());
        match identifier.and_then(|identifier| identifiers.iter().position(|known| *known == identifier)) {
            Some(index) => failed.push(index),
            None => return BatchOutcome::AllFailed,
        }
    }
    failed.sort_unstable();
    failed.dedup();
    if failed.is_empty() { BatchOutcome::AllSucceeded } else { BatchOutcome::Failed(failed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the vectors' words mean for a batch of `a`, `b`, `c` where `<messageId>` stands for `b`.
    fn meant(meaning: &str) -> Option<BatchOutcome> {
        if meaning.starts_with("whole batch succeeded") {
            Some(BatchOutcome::AllSucceeded)
        } else if meaning.starts_with("only the named messages") {
            Some(BatchOutcome::Failed(vec![1]))
        } else if meaning.contains("whole batch failed") {
            Some(BatchOutcome::AllFailed)
        } else {
            None
        }
    }

    #[test]
    fn every_row_of_the_guide_is_read_as_it_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/aws/sqs_partial_batch_semantics.json");
        let vectors: Value = serde_json::from_slice(&std::fs::read(path).unwrap_or_default()).unwrap_or_default();
        let rows = vectors["rows"].as_array().cloned().unwrap_or_default();
        assert_eq!(rows.len(), 10);
        for row in rows {
            let response = row["response"].as_str().unwrap_or_default().replace("<messageId>", "b");
            let meaning = row["meaning"].as_str().unwrap_or_default();
            // The row of the crash has no answer to read; anything that is not JSON stands for it here.
            assert_eq!(Some(read(response.as_bytes(), &["a", "b", "c"])), meant(meaning), "{response}: {meaning}");
        }
    }

    #[test]
    fn failures_come_in_the_batchs_order_and_once() {
        let answer = br#"{"batchItemFailures":[{"itemIdentifier":"c"},{"itemIdentifier":"a"},{"itemIdentifier":"c"}]}"#;
        assert_eq!(read(answer, &["a", "b", "c"]), BatchOutcome::Failed(vec![0, 2]));
    }

    #[test]
    fn one_bad_entry_fails_the_whole_batch() {
        let answer = br#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":7}]}"#;
        assert_eq!(read(answer, &["a", "b"]), BatchOutcome::AllFailed);
        for nonsense in ["", "[]", "\"ok\"", "7", "{\"batchItemFailures\":{}}", "{\"batchItemFailures\":[\"a\"]}"] {
            assert_eq!(read(nonsense.as_bytes(), &["a"]), BatchOutcome::AllFailed, "{nonsense}");
        }
    }
}
