//! Which errors a service declares for an operation, and which of them it may truthfully tell us.

use super::super::call::Service;
use super::fault::{CancellationCode, Fault, Refusal};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

/// What the service models say; SES is not among them.
const MODELS: &str = include_str!("../../../../../tests/vectors/aws/operation_errors.json");

/// What every operation of a service may answer beyond its model, by "Common errors" of each API reference, and the
/// errors of SES's SendEmail.
const DYNAMODB_COMMON: [&str; 2] = ["AccessDeniedException", "ServiceUnavailable"];
const SQS_COMMON: [&str; 3] = ["AccessDeniedException", "InternalFailure", "ServiceUnavailable"];
const S3_COMMON: [&str; 6] =
    ["AccessDenied", "InternalError", "NoSuchBucket", "RequestTimeout", "ServiceUnavailable", "SlowDown"];
const SES_SEND: [&str; 8] = [
    "AccountSuspendedException",
    "BadRequestException",
    "LimitExceededException",
    "MailFromDomainNotVerifiedException",
    "MessageRejected",
    "NotFoundException",
    "SendingPausedException",
    "TooManyRequestsException",
];
const SES_COMMON: [&str; 3] = ["AccessDeniedException", "InternalFailure", "ServiceUnavailable"];

/// Answers that would be lies, since they speak of what is not so: a condition that holds, a request that is in order, an
/// object that is there, encryption by KMS, replicas and FIFO, none of which we have.
const LIES: [&str; 24] = [
    "BadRequestException",
    "BatchEntryIdsNotDistinct",
    "BatchRequestTooLong",
    "ConditionalCheckFailedException",
    "EmptyBatchRequest",
    "EncryptionTypeMismatch",
    "IdempotentParameterMismatchException",
    "InvalidAddress",
    "InvalidBatchEntryId",
    "InvalidIdFormat",
    "InvalidMessageContents",
    "InvalidObjectState",
    "InvalidRequest",
    "InvalidSecurity",
    "InvalidWriteOffset",
    "NoSuchKey",
    "NotFoundException",
    "ObjectNotInActiveTierError",
    "ReceiptHandleIsInvalid",
    "ReplicatedWriteConflictException",
    "TooManyEntriesInBatchRequest",
    "TooManyParts",
    "TransactionCanceledException",
    "UnsupportedOperation",
];

/// Reasons that may cancel a transaction whose conditions hold.
const CANCELLING: [CancellationCode; 5] = [
    CancellationCode::TransactionConflict,
    CancellationCode::ThrottlingError,
    CancellationCode::ProvisionedThroughputExceeded,
    CancellationCode::ItemCollectionSizeLimitExceeded,
    CancellationCode::ValidationError,
];

static DECLARED: LazyLock<BTreeMap<(Service, String), Vec<Declared>>> = LazyLock::new(declared_by_models);

/// An error that a model declares.
#[derive(Debug, Clone, Deserialize)]
struct Declared {
    shape: String,
    #[serde(rename = "httpStatusCode")]
    status: Option<u16>,
}

#[derive(Deserialize)]
struct Models {
    /// By `service/version`, then operation.
    operations: BTreeMap<String, BTreeMap<String, Vec<Declared>>>,
}

/// Every error that the service declares for the operation, truthful or not.
pub fn declared(service: Service, operation: &str) -> Vec<String> {
    let of_model = DECLARED.get(&(service, operation.to_owned()));
    let of_model = of_model.into_iter().flatten().map(|declared| declared.shape.as_str());
    let common: &[&str] = match service {
        Service::DynamoDb => &DYNAMODB_COMMON,
        Service::Sqs => &SQS_COMMON,
        Service::S3 => &S3_COMMON,
        Service::Ses => &SES_COMMON,
        Service::Http => &[],
    };
    let sending: &[&str] = match (service, operation) {
        (Service::Ses, "SendEmail") => &SES_SEND,
        _ => &[],
    };
    of_model.chain(sending.iter().copied()).chain(common.iter().copied()).map(str::to_owned).collect()
}

/// The refusals that may truthfully happen to the operation.
pub fn refusals(service: Service, operation: &str) -> Vec<Refusal> {
    let codes = declared(service, operation);
    let transacts = codes.iter().any(|code| code == "TransactionCanceledException");
    let plain = codes.iter().filter(|code| is_truthful(code)).map(|code| Refusal::of(code));
    let mut refusals: Vec<Refusal> = plain.collect();
    if transacts {
        refusals.extend(CANCELLING.map(|code| Refusal::cancelled(code, 0)));
        refusals.push(Refusal::cancelled(CancellationCode::TransactionConflict, 1));
    }
    refusals
}

/// See [`super::Faults::of`].
pub fn faults(service: Service, operation: &str) -> Vec<Fault> {
    let mut faults: Vec<Fault> = refusals(service, operation).into_iter().map(Fault::Refuse).collect();
    faults.extend([500, 503].map(Fault::Status));
    faults.extend([Fault::Lose, Fault::Duplicate, Fault::Delay(beyond_timeout(service)), Fault::Truncate]);
    if may_garble(service, operation) {
        faults.push(Fault::Garble);
    }
    faults.extend([Fault::KillBefore, Fault::KillAfter]);
    faults
}

/// An object's bytes come as they are kept or not at all: TLS and checksums see to that.
pub fn may_garble(service: Service, operation: &str) -> bool {
    !(service == Service::S3 && operation == "GetObject")
}

/// A bit more than our functions wait for one attempt at a call of this service.
pub fn beyond_timeout(service: Service) -> Duration {
    Duration::from_millis(match service {
        Service::DynamoDb | Service::S3 => 2_500,
        Service::Sqs => 3_500,
        Service::Ses => 5_500,
        Service::Http => 15_500,
    })
}

/// The HTTP status that comes with an error.
pub fn status_of(service: Service, operation: &str, code: &str) -> u16 {
    let declared = DECLARED.get(&(service, operation.to_owned())).into_iter().flatten();
    let of_model = declared.filter(|declared| declared.shape == code).find_map(|declared| declared.status);
    of_model.unwrap_or(match code {
        "InternalError" | "InternalFailure" | "InternalServerError" => 500,
        "ServiceUnavailable" | "SlowDown" => 503,
        "TooManyRequestsException" => 429,
        "AccessDenied" => 403,
        "AccessDeniedException" if service == Service::Ses => 403,
        "NoSuchBucket" | "NotFoundException" => 404,
        _ => 400,
    })
}

fn is_truthful(code: &str) -> bool {
    !LIES.contains(&code) && !code.starts_with("Kms")
}

/// The file is part of the program: were it not in order, every test of a refusal would say so.
fn declared_by_models() -> BTreeMap<(Service, String), Vec<Declared>> {
    let models: Models = match serde_json::from_str(MODELS) {
        Ok(models) => models,
        Err(error) => {
            tracing::error!(%error, "the list of declared errors cannot be read");
            return BTreeMap::new();
        }
    };
    let mut declared = BTreeMap::new();
    for (name, operations) in models.operations {
        let service = match name.split('/').next() {
            Some("dynamodb") => Service::DynamoDb,
            Some("sqs") => Service::Sqs,
            Some("s3") => Service::S3,
            _ => continue,
        };
        declared.extend(operations.into_iter().map(|(operation, errors)| ((service, operation), errors)));
    }
    declared
}
