//! Nothing that waits is lost, done twice in earnest, or eats up the account's instances.

use std::time::Duration;

use devstack::template::{Queue, Template};

/// Fourteen days: the longest that SQS keeps anything.
const DEAD_LETTERS_KEPT: Duration = Duration::from_secs(14 * 24 * 3600);
/// AWS's advice: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>.
const VISIBILITY_IN_TIMEOUTS: u32 = 6;

/// Queues whose messages fail for ever.
pub fn without_redrive(template: &Template) -> Vec<String> {
    let lost = template.queues.iter().filter(|queue| !takes_dead_letters(template, queue) && queue.redrive.is_none());
    lost.map(|queue| queue.logical_id.clone()).collect()
}

/// Dead-letter queues that forget before somebody is back from holidays.
pub fn dead_letters_kept_short(template: &Template) -> Vec<String> {
    let dead = template.queues.iter().filter(|queue| takes_dead_letters(template, queue));
    dead.filter(|queue| queue.retention < DEAD_LETTERS_KEPT).map(|queue| queue.logical_id.clone()).collect()
}

/// Whether messages of another queue, or of a schedule, end here.
pub fn takes_dead_letters(template: &Template, queue: &Queue) -> bool {
    let arn = devstack::template::queue_arn(&queue.name);
    let of_a_queue = template.queues.iter().filter_map(|other| other.redrive.as_ref());
    let of_a_schedule = template.declared.iter().flat_map(|function| events_of(&function.properties));
    of_a_queue.into_iter().any(|redrive| redrive.dead_letter_queue == queue.name)
        || of_a_schedule.into_iter().any(|event| event["Properties"]["DeadLetterConfig"]["Arn"] == arn.as_str())
}

/// Queues whose message comes to a second instance while the first still works on it.
pub fn visibility_too_short(template: &Template) -> Vec<String> {
    let mut short = Vec::new();
    for function in &template.functions {
        for source in &function.queue_sources {
            let needed = function.timeout * VISIBILITY_IN_TIMEOUTS;
            let queue = template.queue(&source.queue).expect("sources are queues of the template");
            if queue.visibility_timeout < needed {
                short.push(queue.logical_id.clone());
            }
        }
    }
    short
}

/// Functions where one bad message takes its whole batch back.
pub fn without_partial_answers(template: &Template) -> Vec<String> {
    let whole = template.functions.iter().filter(|function| {
        let of_queues = function.queue_sources.iter().map(|source| source.report_batch_item_failures);
        let of_streams = function.stream_sources.iter().map(|source| source.report_batch_item_failures);
        !of_queues.chain(of_streams).all(|reports| reports)
    });
    whole.map(|function| function.logical_id.clone()).collect()
}

/// Functions that a long queue would give every instance of the account.
pub fn without_limit(template: &Template) -> Vec<String> {
    let limitless = template
        .functions
        .iter()
        .filter(|function| function.queue_sources.iter().any(|source| source.max_concurrency.is_none()));
    limitless.map(|function| function.logical_id.clone()).collect()
}

/// Schedules whose event is gone when their function cannot be invoked, as `Function.Event`.
pub fn schedules_without_dead_letters(template: &Template) -> Vec<String> {
    let mut lost = Vec::new();
    for function in &template.declared {
        let events = function.properties["Events"].as_object().into_iter().flatten();
        for (name, event) in events.filter(|(_, event)| event["Type"] == "ScheduleV2") {
            if event["Properties"]["DeadLetterConfig"]["Arn"].is_null() {
                lost.push(format!("{}.{name}", function.logical_id));
            }
        }
    }
    lost
}

/// Functions whose stream forgets what kept failing.
pub fn streams_without_destination(template: &Template) -> Vec<String> {
    let forgetful = template
        .functions
        .iter()
        .filter(|function| function.stream_sources.iter().any(|source| source.on_failure_bucket.is_none()));
    forgetful.map(|function| function.logical_id.clone()).collect()
}

fn events_of(properties: &serde_json::Value) -> Vec<&serde_json::Value> {
    properties["Events"].as_object().into_iter().flat_map(|events| events.values()).collect()
}
