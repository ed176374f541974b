//! Asking DynamoDB what a call consumed, without its caller noticing.

use super::super::call::Call;
use super::super::capacity::{Counters, Units};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};

/// The fields of a body, their values as they came.
type Fields = BTreeMap<String, Box<RawValue>>;

/// Operations that know `ReturnConsumedCapacity`.
const READS: &[&str] = &["GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"];
const WRITES: &[&str] = &["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"];

/// One request whose answer will say what it consumed.
pub(super) struct Measured {
    pub body: Bytes,
    kind: Kind,
    tables: BTreeSet<String>,
    /// The caller did not ask for the capacity and shall not see it.
    hidden: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Read,
    Write,
    Other,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Consumed {
    table_name: String,
    capacity_units: Option<f64>,
    read_capacity_units: Option<f64>,
    write_capacity_units: Option<f64>,
}

impl Measured {
    /// Rewrites the request so that its answer carries the capacity.
    pub fn request(operation: &str, body: Bytes) -> Measured {
        let kind = if READS.contains(&operation) {
            Kind::Read
        } else if WRITES.contains(&operation) {
            Kind::Write
        } else {
            Kind::Other
        };
        let mut measured = Measured { body, kind, tables: BTreeSet::new(), hidden: false };
        // What is not an object is left for DynamoDB to refuse.
        if let Ok(fields) = serde_json::from_slice::<Fields>(&measured.body) {
            measured.tables = tables_of(&fields);
            if kind != Kind::Other {
                measured.ask(fields);
            }
        }
        measured
    }

    pub fn writes(&self) -> bool {
        self.kind == Kind::Write
    }

    fn ask(&mut self, mut fields: Fields) {
        const ASK: &str = "ReturnConsumedCapacity";
        let asked = fields.get(ASK).map(|value| value.get());
        self.hidden = matches!(asked, None | Some("\"NONE\""));
        if !self.hidden {
            return;
        }
        if let Ok(total) = RawValue::from_string("\"TOTAL\"".to_owned()) {
            fields.insert(ASK.to_owned(), total);
        }
        if let Ok(body) = serde_json::to_vec(&fields) {
            self.body = Bytes::from(body);
        }
    }

    /// Counts what the answer says, and hides it from who did not ask.
    pub fn answer(&self, call: &Call, success: bool, body: Bytes, counters: &Counters) -> Bytes {
        let fields = success.then(|| serde_json::from_slice::<Fields>(&body).ok());
        let fields = fields.flatten();
        let consumed = match &fields {
            Some(fields) => consumed_of(fields),
            None => Vec::new(),
        };
        for table in &self.tables {
            let parts = consumed.iter().filter(|part| part.table_name == *table);
            let units = parts.fold(Units::default(), |sum, part| self.add(sum, part));
            counters.add_capacity(call, table, units);
        }
        match fields.filter(|_| self.hidden) {
            Some(mut fields) => {
                fields.remove("ConsumedCapacity");
                serde_json::to_vec(&fields).map_or(body, Bytes::from)
            }
            None => body,
        }
    }

    fn add(&self, sum: Units, part: &Consumed) -> Units {
        let total = part.capacity_units.unwrap_or(0.0);
        match self.kind {
            Kind::Read => Units { rcu: sum.rcu + part.read_capacity_units.unwrap_or(total), ..sum },
            Kind::Write | Kind::Other => Units { wcu: sum.wcu + part.write_capacity_units.unwrap_or(total), ..sum },
        }
    }
}

/// The tables a request names, in whichever of the three places.
fn tables_of(fields: &Fields) -> BTreeSet<String> {
    #[derive(Deserialize)]
    struct Target {
        #[serde(rename = "TableName")]
        table: String,
    }
    let mut tables = BTreeSet::new();
    if let Some(name) = fields.get("TableName") {
        tables.extend(serde_json::from_str::<String>(name.get()).ok());
    }
    if let Some(items) = fields.get("RequestItems") {
        let by_table = serde_json::from_str::<Fields>(items.get()).unwrap_or_default();
        tables.extend(by_table.into_keys());
    }
    if let Some(items) = fields.get("TransactItems") {
        let operations: Vec<BTreeMap<String, Target>> = serde_json::from_str(items.get()).unwrap_or_default();
        let targets = operations.into_iter().flat_map(BTreeMap::into_values);
        tables.extend(targets.map(|target| target.table));
    }
    tables
}

/// One entry, or one per table.
fn consumed_of(fields: &Fields) -> Vec<Consumed> {
    let Some(consumed) = fields.get("ConsumedCapacity") else {
        return Vec::new();
    };
    match serde_json::from_str(consumed.get()) {
        Ok(one) => vec![one],
        Err(_) => serde_json::from_str(consumed.get()).unwrap_or_default(),
    }
}
