//! What invokes a function: routes, streams, queues, schedules.

use super::document::{Fault, Node};
use super::timing::Timing;
use serde_json::Value;
use std::time::Duration;

/// One route of the HTTP API; `path` may be `$default` or end in `{proxy+}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRoute {
    pub method: String,
    pub path: String,
}

/// A table's stream that a function reads.
#[derive(Debug, Clone)]
pub struct StreamSource {
    /// Physical name of the table.
    pub table: String,
    pub batch_size: usize,
    /// None: until the record expires.
    pub max_retry_attempts: Option<u32>,
    pub bisect_on_error: bool,
    pub report_batch_item_failures: bool,
    /// Patterns of which a record must match one; empty lets everything through.
    pub filters: Vec<Value>,
    pub on_failure_bucket: Option<String>,
    pub from_trim_horizon: bool,
}

/// A queue that a function consumes.
#[derive(Debug, Clone)]
pub struct QueueSource {
    /// Physical name of the queue.
    pub queue: String,
    pub batch_size: usize,
    pub report_batch_item_failures: bool,
    pub max_concurrency: Option<usize>,
    pub batching_window: Duration,
}

/// A schedule that invokes a function.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// `Name`, or the name of the event.
    pub name: String,
    /// `rate(…)` or `cron(…)`, as it is written,
    pub expression: String,
    /// and what it means.
    pub timing: Timing,
    /// The event; none means an empty one.
    pub input: Option<Value>,
}

impl HttpRoute {
    pub(super) fn read(properties: Option<&Node>) -> Result<HttpRoute, Fault> {
        let Some(node) = properties else {
            return Ok(HttpRoute { method: "ANY".to_owned(), path: "$default".to_owned() });
        };
        node.allow_only(&["ApiId", "Method", "Path", "PayloadFormatVersion"], &["TimeoutInMillis", "RouteSettings"])?;
        if let Some(version) = node.find("PayloadFormatVersion")
            && version.as_text()? != "2.0"
        {
            return Err(version.fault("only payload format 2.0 is understood here"));
        }
        Ok(HttpRoute { method: node.text_of("Method")?.to_ascii_uppercase(), path: node.text_of("Path")?.to_owned() })
    }
}

impl StreamSource {
    pub(super) fn read(node: &Node) -> Result<StreamSource, Fault> {
        node.allow_only(
            &[
                "Stream",
                "StartingPosition",
                "BatchSize",
                "MaximumRetryAttempts",
                "BisectBatchOnFunctionError",
                "FunctionResponseTypes",
                "FilterCriteria",
                "DestinationConfig",
            ],
            &["Enabled", "ParallelizationFactor", "MaximumBatchingWindowInSeconds"],
        )?;
        let start = node.require("StartingPosition")?;
        let retries: Option<i64> = node.number_of("MaximumRetryAttempts")?;
        Ok(StreamSource {
            table: table_of(node.require("Stream")?)?,
            batch_size: node.number_of("BatchSize")?.unwrap_or(100),
            max_retry_attempts: retries.and_then(|attempts| u32::try_from(attempts).ok()),
            bisect_on_error: node.flag_of("BisectBatchOnFunctionError")?,
            report_batch_item_failures: reports_item_failures(node)?,
            filters: filters(node)?,
            on_failure_bucket: node.find("DestinationConfig").map(failure_bucket).transpose()?,
            from_trim_horizon: match start.as_text()? {
                "TRIM_HORIZON" => true,
                "LATEST" => false,
                other => return Err(start.fault(format!("`{other}` is not a position"))),
            },
        })
    }
}

impl QueueSource {
    pub(super) fn read(node: &Node) -> Result<QueueSource, Fault> {
        node.allow_only(
            &["Queue", "BatchSize", "FunctionResponseTypes", "ScalingConfig", "MaximumBatchingWindowInSeconds"],
            &["Enabled"],
        )?;
        let queue = node.require("Queue")?;
        let name = queue
            .as_text()?
            .strip_prefix(&super::queue_arn(""))
            .ok_or_else(|| queue.fault("`Queue` must be the ARN of a queue of this template"))?;
        let max_concurrency = match node.find("ScalingConfig") {
            Some(scaling) => scaling.number_of("MaximumConcurrency")?,
            None => None,
        };
        let window: Option<u64> = node.number_of("MaximumBatchingWindowInSeconds")?;
        Ok(QueueSource {
            queue: name.to_owned(),
            batch_size: node.number_of("BatchSize")?.unwrap_or(10),
            report_batch_item_failures: reports_item_failures(node)?,
            max_concurrency,
            batching_window: Duration::from_secs(window.unwrap_or(0)),
        })
    }
}

impl Schedule {
    pub(super) fn read(event: &str, node: &Node) -> Result<Schedule, Fault> {
        node.allow_only(
            &["Name", "ScheduleExpression", "ScheduleExpressionTimezone", "Input"],
            &[
                "Description",
                "FlexibleTimeWindow",
                "GroupName",
                "PermissionsBoundary",
                "RetryPolicy",
                "RoleArn",
                "DeadLetterConfig",
                "OmitName",
                "State",
            ],
        )?;
        let text = |key: &str, default: &str| -> Result<String, Fault> {
            match node.find(key) {
                Some(value) => Ok(value.as_text()?.to_owned()),
                None => Ok(default.to_owned()),
            }
        };
        if text("ScheduleExpressionTimezone", "UTC")? != "UTC" {
            return Err(node.fault("only schedules in UTC are understood here"));
        }
        let expression = node.require("ScheduleExpression")?;
        let timing = Timing::parse(expression.as_text()?);
        Ok(Schedule {
            name: text("Name", event)?,
            expression: expression.as_text()?.to_owned(),
            timing: timing.ok_or_else(|| expression.fault("this schedule is not understood here"))?,
            input: node.find("Input").map(json_text).transpose()?,
        })
    }
}

fn table_of(stream: &Node) -> Result<String, Fault> {
    let prefix = super::stream_arn("").replace("/stream/local", "");
    stream
        .as_text()?
        .strip_prefix(&prefix)
        .and_then(|rest| rest.strip_suffix("/stream/local"))
        .map(str::to_owned)
        .ok_or_else(|| stream.fault("`Stream` must be the StreamArn of a table of this template"))
}

fn reports_item_failures(node: &Node) -> Result<bool, Fault> {
    let Some(types) = node.find("FunctionResponseTypes") else {
        return Ok(false);
    };
    for item in types.items() {
        if item.as_text()? != "ReportBatchItemFailures" {
            return Err(item.fault("only ReportBatchItemFailures is understood here"));
        }
    }
    Ok(!types.items().is_empty())
}

fn filters(node: &Node) -> Result<Vec<Value>, Fault> {
    let Some(criteria) = node.find("FilterCriteria") else {
        return Ok(Vec::new());
    };
    let filters = criteria.require("Filters")?.items();
    filters.iter().map(|filter| json_text(filter.require("Pattern")?)).collect()
}

fn failure_bucket(node: &Node) -> Result<String, Fault> {
    let target = node.require("OnFailure")?;
    let destination = target.require("Destination")?;
    destination
        .as_text()?
        .strip_prefix("arn:aws:s3:::")
        .map(str::to_owned)
        .ok_or_else(|| destination.fault("only a bucket is understood as a failure destination"))
}

fn json_text(node: &Node) -> Result<Value, Fault> {
    serde_json::from_str(node.as_text()?).map_err(|error| node.fault(format!("not JSON: {error}")))
}
