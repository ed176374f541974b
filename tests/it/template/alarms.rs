//! What fails for good is told to somebody.

use devstack::template::{Declared, Template};
use serde_json::{Value, json};

use super::of_kind;
use super::queues::takes_dead_letters;

/// Dead-letter queues and failure buckets whose filling up nobody hears of.
pub fn missing_for_dead_letters(template: &Template) -> Vec<String> {
    let queues = template.queues.iter().filter(|queue| takes_dead_letters(template, queue));
    let silent_queues = queues
        .filter(|queue| !watched(template, "AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", &queue.name));
    let sources = || template.functions.iter().flat_map(|function| &function.stream_sources);
    let fed = |name: &str| sources().any(|source| source.on_failure_bucket.as_deref() == Some(name));
    let buckets = template.buckets.iter().filter(|bucket| fed(&bucket.name));
    let silent_buckets =
        buckets.filter(|bucket| !watched(template, "AWS/S3", "NumberOfObjects", "BucketName", &bucket.name));
    let ids = silent_queues.map(|queue| queue.logical_id.clone());
    ids.chain(silent_buckets.map(|bucket| bucket.logical_id.clone())).collect()
}

/// Whether an alarm goes off at the first one of what `metric` counts.
fn watched(template: &Template, namespace: &str, metric: &str, dimension: &str, value: &str) -> bool {
    let wanted = json!({ "Name": dimension, "Value": value });
    alarms(template).any(|alarm| {
        let properties = &alarm.properties;
        let mut dimensions = properties["Dimensions"].as_array().into_iter().flatten();
        properties["Namespace"] == namespace
            && properties["MetricName"] == metric
            && properties["Threshold"] == 0
            && properties["ComparisonOperator"] == "GreaterThanThreshold"
            && dimensions.any(|dimension| *dimension == wanted)
    })
}

/// Alarms that go off unheard.
pub fn that_tell_nobody(template: &Template) -> Vec<String> {
    let mute = alarms(template)
        .filter(|alarm| !matches!(&alarm.properties["AlarmActions"], Value::Array(told) if !told.is_empty()));
    mute.map(|alarm| alarm.logical_id.clone()).collect()
}

fn alarms(template: &Template) -> impl Iterator<Item = &Declared> {
    of_kind(template, "AWS::CloudWatch::Alarm")
}
