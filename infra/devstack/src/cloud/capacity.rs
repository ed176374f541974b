//! Who consumed what: capacity per table, function and operation; calls of the other services.

use super::call::{Call, Service};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What one table consumed since start or reset, in capacity units.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Capacity {
    pub table: String,
    pub rcu: f64,
    pub wcu: f64,
    pub calls: Vec<CallCapacity>,
}

/// The share of one function and operation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallCapacity {
    pub function: String,
    pub operation: String,
    pub count: u64,
    pub rcu: f64,
    pub wcu: f64,
}

/// How often a function called an operation of SQS, S3 or SES.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceCalls {
    pub service: &'static str,
    pub function: String,
    pub operation: String,
    pub count: u64,
}

/// Capacity units of one table in one answer.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Units {
    pub rcu: f64,
    pub wcu: f64,
}

#[derive(Default)]
struct Usage {
    count: u64,
    units: Units,
}

#[derive(Default)]
struct Tally {
    /// By table, function, operation.
    tables: BTreeMap<(String, String, String), Usage>,
    /// By service, function, operation.
    services: BTreeMap<(Service, String, String), u64>,
}

#[derive(Default)]
pub(super) struct Counters(Mutex<Tally>);

impl Counters {
    /// Adds one call to a table. A refused call counts with no units, as its answer names none; AWS charges failed
    /// conditional writes all the same.
    pub fn add_capacity(&self, call: &Call, table: &str, units: Units) {
        let key = (table.to_owned(), call.function.clone(), call.operation.clone());
        let mut tally = self.lock();
        let usage = tally.tables.entry(key).or_default();
        usage.count += 1;
        usage.units.rcu += units.rcu;
        usage.units.wcu += units.wcu;
    }

    pub fn add_call(&self, call: &Call) {
        let key = (call.service, call.function.clone(), call.operation.clone());
        *self.lock().services.entry(key).or_default() += 1;
    }

    pub fn capacity(&self, table: &str) -> Capacity {
        let mut capacity = Capacity { table: table.to_owned(), rcu: 0.0, wcu: 0.0, calls: Vec::new() };
        for ((of, function, operation), usage) in &self.lock().tables {
            if of != table {
                continue;
            }
            capacity.rcu += usage.units.rcu;
            capacity.wcu += usage.units.wcu;
            capacity.calls.push(CallCapacity {
                function: function.clone(),
                operation: operation.clone(),
                count: usage.count,
                rcu: usage.units.rcu,
                wcu: usage.units.wcu,
            });
        }
        capacity
    }

    pub fn service_calls(&self) -> Vec<ServiceCalls> {
        let tally = self.lock();
        let calls = tally.services.iter();
        calls
            .map(|((service, function, operation), count)| ServiceCalls {
                service: service.name(),
                function: function.clone(),
                operation: operation.clone(),
                count: *count,
            })
            .collect()
    }

    pub fn clear(&self) {
        *self.lock() = Tally::default();
    }

    fn lock(&self) -> MutexGuard<'_, Tally> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
