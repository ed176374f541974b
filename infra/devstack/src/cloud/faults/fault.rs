//! What can go wrong with one call.

use super::super::call::Service;
use serde::Serialize;
use std::fmt;
use std::time::Duration;

/// What happens to one call instead of the usual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The service's own error, in its wire form; nothing is executed.
    Refuse(Refusal),
    /// This HTTP status with a body that no SDK knows; nothing is executed.
    Status(u16),
    /// Executed, then the connection is cut without an answer.
    Lose,
    /// Executed twice, as a network that repeats itself would have it; the second answer is given.
    Duplicate,
    /// Executed; the answer comes so much later.
    Delay(Duration),
    /// Executed; half of the answer's body comes, then the connection is cut.
    Truncate,
    /// Executed; 200 with bytes that are no answer.
    Garble,
    /// The function's processes are killed, the call is not executed.
    KillBefore,
    /// Executed, then the function's processes are killed without an answer.
    KillAfter,
}

/// An error as the service tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// As AWS names it: `ThrottlingException`, `RequestThrottled`, `SlowDown`.
    pub code: String,
    /// For `TransactionCanceledException`: why.
    pub reasons: Option<Cancelled>,
}

/// The item of a transaction that is the reason why it was cancelled; all others have the reason `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cancelled {
    pub code: CancellationCode,
    /// From 0; the last one when the transaction has fewer.
    pub item: usize,
}

/// The codes of cancellation reasons, all that DynamoDB knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancellationCode {
    None,
    ConditionalCheckFailed,
    ItemCollectionSizeLimitExceeded,
    ProvisionedThroughputExceeded,
    ThrottlingError,
    TransactionConflict,
    ValidationError,
}

/// The kinds of faults, for choosing among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Refuse,
    Status,
    Lose,
    Duplicate,
    Delay,
    Truncate,
    Garble,
    KillBefore,
    KillAfter,
}

/// Which call: the `n`-th of a function, service and operation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Address {
    /// The name of the function's binary, `outbox-relay`; `unknown` for callers that do not say who they are.
    pub function: String,
    pub service: Service,
    /// As AWS names it: `TransactWriteItems`.
    pub operation: String,
    /// From 0. Attempts of an SDK are calls, too.
    pub n: u64,
}

impl Refusal {
    /// An error without details.
    pub fn of(code: &str) -> Refusal {
        Refusal { code: code.to_owned(), reasons: None }
    }

    /// A transaction cancelled by one of its items.
    pub fn cancelled(code: CancellationCode, item: usize) -> Refusal {
        Refusal { code: "TransactionCanceledException".to_owned(), reasons: Some(Cancelled { code, item }) }
    }
}

impl CancellationCode {
    pub const ALL: [CancellationCode; 7] = [
        CancellationCode::None,
        CancellationCode::ConditionalCheckFailed,
        CancellationCode::ItemCollectionSizeLimitExceeded,
        CancellationCode::ProvisionedThroughputExceeded,
        CancellationCode::ThrottlingError,
        CancellationCode::TransactionConflict,
        CancellationCode::ValidationError,
    ];

    /// As AWS spells it.
    pub fn name(self) -> &'static str {
        match self {
            CancellationCode::None => "None",
            CancellationCode::ConditionalCheckFailed => "ConditionalCheckFailed",
            CancellationCode::ItemCollectionSizeLimitExceeded => "ItemCollectionSizeLimitExceeded",
            CancellationCode::ProvisionedThroughputExceeded => "ProvisionedThroughputExceeded",
            CancellationCode::ThrottlingError => "ThrottlingError",
            CancellationCode::TransactionConflict => "TransactionConflict",
            CancellationCode::ValidationError => "ValidationError",
        }
    }
}

impl Kind {
    pub const ALL: [Kind; 9] = [
        Kind::Refuse,
        Kind::Status,
        Kind::Lose,
        Kind::Duplicate,
        Kind::Delay,
        Kind::Truncate,
        Kind::Garble,
        Kind::KillBefore,
        Kind::KillAfter,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Refuse => "refuse",
            Kind::Status => "status",
            Kind::Lose => "lose",
            Kind::Duplicate => "duplicate",
            Kind::Delay => "delay",
            Kind::Truncate => "truncate",
            Kind::Garble => "garble",
            Kind::KillBefore => "kill-before",
            Kind::KillAfter => "kill-after",
        }
    }
}

impl Fault {
    pub fn kind(&self) -> Kind {
        match self {
            Fault::Refuse(_) => Kind::Refuse,
            Fault::Status(_) => Kind::Status,
            Fault::Lose => Kind::Lose,
            Fault::Duplicate => Kind::Duplicate,
            Fault::Delay(_) => Kind::Delay,
            Fault::Truncate => Kind::Truncate,
            Fault::Garble => Kind::Garble,
            Fault::KillBefore => Kind::KillBefore,
            Fault::KillAfter => Kind::KillAfter,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind().name();
        match self {
            Fault::Refuse(Refusal { reasons: Some(Cancelled { code, item }), .. }) => {
                write!(formatter, "{kind} TransactionCanceledException {} at {item}", code.name())
            }
            Fault::Refuse(refusal) => write!(formatter, "{kind} {}", refusal.code),
            Fault::Status(status) => write!(formatter, "{kind} {status}"),
            Fault::Delay(time) => write!(formatter, "{kind} {} ms", time.as_millis()),
            _ => formatter.write_str(kind),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} {} #{}", self.function, self.service.name(), self.operation, self.n)
    }
}
