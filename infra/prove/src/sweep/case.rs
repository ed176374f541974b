//! One fault at one call of one flow, with a name that people can type.

use std::fmt::{self, Display};

use devstack::cloud::Service;
use devstack::cloud::faults::{Address, Fault, Faults, Kind};

const SERVICES: [Service; 4] = [Service::DynamoDb, Service::Sqs, Service::S3, Service::Ses];

/// One fault at one call of one flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub flow: String,
    pub at: Address,
    pub fault: Fault,
}

/// `register/auth/dynamodb/TransactWriteItems/0/lose`.
impl Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Address { function, service, operation, n } = &self.at;
        write!(f, "{}/{function}/{}/{operation}/{n}/{}", self.flow, service.name(), name_of(&self.fault))
    }
}

impl Case {
    /// Reads what `Display` writes.
    ///
    /// # Errors
    /// Says which part is not one.
    pub fn parse(name: &str) -> Result<Self, String> {
        let parts: Vec<&str> = name.split('/').collect();
        let [flow, function, service, operation, n, fault] = parts[..] else {
            return Err(format!("{name} is no case: they are flow/function/service/operation/number/fault"));
        };
        let known = SERVICES.into_iter().find(|known| known.name() == service);
        let service = known.ok_or_else(|| format!("{name}: there is no service {service}"))?;
        let n = n.parse().map_err(|_| format!("{name}: {n} is no number of a call"))?;
        let known = Faults::of(service, operation);
        let named = known.iter().find(|known| name_of(known) == fault).cloned();
        let names = || known.iter().map(name_of).collect::<Vec<_>>().join(", ");
        let fault = named.ok_or_else(|| format!("{name}: that call may meet {}", names()))?;
        let at = Address { function: function.to_owned(), service, operation: operation.to_owned(), n };
        Ok(Case { flow: flow.to_owned(), at, fault })
    }

    /// Whether the call changes anything.
    pub fn writes(&self) -> bool {
        let reads = ["Get", "BatchGet", "TransactGet", "Query", "Head", "List", "Receive"];
        !reads.iter().any(|verb| self.at.operation.starts_with(verb))
    }

    /// Whether the fault leaves the caller in the dark about a call that was executed.
    pub fn hides_the_answer(&self) -> bool {
        let kind = self.fault.kind();
        matches!(kind, Kind::Lose | Kind::Duplicate | Kind::Delay | Kind::Truncate | Kind::Garble | Kind::KillAfter)
    }

    /// Whether the function's processes die of it.
    pub fn kills(&self) -> bool {
        matches!(self.fault.kind(), Kind::KillBefore | Kind::KillAfter)
    }
}

fn name_of(fault: &Fault) -> String {
    fault.to_string().replace(' ', "-")
}
