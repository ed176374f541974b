//! Every key there is, on one screen. docs/DATA.md says which pattern uses which.

use domain::due::Due;
use domain::identity::address::AddressKey;
use domain::identity::{Role, Status};
use domain::ledger::{self, Currency, Line};
use domain::{Id, Time, id};

use crate::identity::views::{COUNTER_SHARDS, first_letters};

/// A primary key: partition and sort key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub pk: String,
    pub sk: String,
}

fn key(pk: String, sk: impl Into<String>) -> Key {
    Key { pk, sk: sk.into() }
}

// ---- Table core ----

/// The account itself.
pub(crate) fn account(user: Id<id::User>) -> Key {
    key(user_partition(user), "HEAD")
}
/// A role and how it was obtained.
pub(crate) fn role(user: Id<id::User>, role: Role) -> Key {
    key(user_partition(user), format!("ROLE#{role}"))
}
/// A session; ids sort by time, so the newest are last.
pub(crate) fn session(user: Id<id::User>, session: Id<id::Session>) -> Key {
    key(user_partition(user), format!("{SESSIONS}{session}"))
}
/// The second factor, beside the account.
pub(crate) fn second_factor(user: Id<id::User>) -> Key {
    key(user_partition(user), "MFA")
}
/// An API key; ids sort by time.
pub(crate) fn api_key(user: Id<id::User>, api_key: Id<id::ApiKey>) -> Key {
    key(user_partition(user), format!("{API_KEYS}{api_key}"))
}
/// An event whose transaction inserts nothing else.
pub(crate) fn event(user: Id<id::User>, event: Id<id::Event>) -> Key {
    key(user_partition(user), format!("EVT#{event}"))
}
/// A notice; ids sort by the time of what they tell.
pub(crate) fn notice(user: Id<id::User>, notice: Id<id::Notification>) -> Key {
    key(user_partition(user), format!("{NOTICES}{notice}"))
}
/// Until when all notices of a person count as read.
pub(crate) fn read_mark(user: Id<id::User>) -> Key {
    key(user_partition(user), "READ")
}
/// What a person wants to be told, and how.
pub(crate) fn preferences(user: Id<id::User>) -> Key {
    key(user_partition(user), "PREF")
}
/// A webhook endpoint; ids sort by time.
pub(crate) fn endpoint(user: Id<id::User>, endpoint: Id<id::Endpoint>) -> Key {
    key(user_partition(user), format!("{ENDPOINTS}{endpoint}"))
}
/// How many webhook endpoints a person has.
pub(crate) fn endpoint_count(user: Id<id::User>) -> Key {
    key(user_partition(user), "WHE")
}
/// A delivery to a webhook endpoint; ids sort by the time of what it tells.
pub(crate) fn delivery(endpoint: Id<id::Endpoint>, delivery: Id<id::Delivery>) -> Key {
    key(deliveries(endpoint), format!("{DELIVERIES}{delivery}"))
}
/// The place of a delivery on its endpoint's list of those that failed and are tried again.
pub(crate) fn open_delivery(endpoint: Id<id::Endpoint>, delivery: Id<id::Delivery>) -> Key {
    key(deliveries(endpoint), format!("{OPEN_DELIVERIES}{delivery}"))
}
/// Whose an address is.
pub(crate) fn address(address: &AddressKey) -> Key {
    key(format!("UNIQ#EMAIL#{}", address.as_str()), "HEAD")
}
/// Whose a username is.
pub(crate) fn username(name: &str) -> Key {
    key(format!("UNIQ#NAME#{name}"), "HEAD")
}
/// Who manages people.
pub(crate) fn administrators() -> Key {
    key("ADMINISTRATORS".to_owned(), "HEAD")
}
/// A registration that waits; ids sort by time.
pub(crate) fn registration(address: &AddressKey, registration: Id<id::Registration>) -> Key {
    key(registrations(address), registration.to_string())
}
/// An event about an address that has no account.
pub(crate) fn address_event(address: &AddressKey, event: Id<id::Event>) -> Key {
    key(registrations(address), event.to_string())
}
/// An entry of the audit trail; ids sort by time.
pub(crate) fn audit(target: &str, entry: Id<id::Audit>) -> Key {
    key(audit_partition(target), entry.to_string())
}
/// A one-time token, by its hash.
pub(crate) fn token(hash: &str) -> Key {
    key(format!("TOKEN#{hash}"), "HEAD")
}
/// What the views hold of somebody.
pub(crate) fn seen(user: Id<id::User>) -> Key {
    key(format!("VIEW#{user}"), "HEAD")
}
/// Somebody under a word that finds them.
pub(crate) fn word(word: &str, user: Id<id::User>) -> Key {
    key(words(word), format!("{word}#{user}"))
}
/// Partition of the words that begin like this one.
pub(crate) fn words(beginning: &str) -> String {
    format!("PPL#{}", first_letters(beginning))
}
/// Counters of the people of one month, in some parts.
pub(crate) fn counters(month: &str, user: Id<id::User>) -> Key {
    let shard = user.as_bytes().iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)) % COUNTER_SHARDS;
    counters_at(&format!("{month}#{shard}"))
}
/// The same by its sort key.
pub(crate) fn counters_at(place: &str) -> Key {
    key(COUNTERS.to_owned(), place)
}
/// Partition of all counters.
pub(crate) const COUNTERS: &str = "STAT";
/// What somebody has.
pub(crate) fn balance(user: Id<id::User>) -> Key {
    key(wallet_partition(user), "B")
}
/// What a wallet shows of a transaction in one currency; ids sort by the time of booking.
pub(crate) fn line(line: &Line) -> Key {
    key(wallet_partition(line.user), format!("{LINES}{}#{}", line.transaction, line.currency))
}
/// Money of a wallet that is set aside; ids sort by time.
pub(crate) fn hold(user: Id<id::User>, hold: Id<ledger::id::Hold>) -> Key {
    key(wallet_partition(user), format!("{HOLDS}{hold}"))
}
/// All that went in and out of a currency of a wallet up to the end of a month, `2026-11`.
pub(crate) fn closing(user: Id<id::User>, currency: Currency, month: &str) -> Key {
    key(wallet_partition(user), format!("{}{month}", closings(currency)))
}
/// An entry of the journal. A day is in 16 parts, each in the order of time.
pub(crate) fn journal(transaction: Id<ledger::id::Transaction>) -> Key {
    let shard = transaction.as_bytes()[15] % JOURNAL_SHARDS;
    key(journal_part(transaction.time(), shard), transaction.to_string())
}
/// What is left of a transaction to take back.
pub(crate) fn reversals(transaction: Id<ledger::id::Transaction>) -> Key {
    key(format!("REV#{transaction}"), "HEAD")
}
/// Something that falls due; a part of the list is in the order of time.
pub(crate) fn due(due: &Due) -> Key {
    key(due_shard(due.shard()), format!("{}#{}#{}", due.due_at, due.kind, due.id))
}
/// One part of the due list.
pub(crate) fn due_shard(shard: u8) -> String {
    format!("DUE#{shard:02}")
}
/// What was answered to a request under an idempotency key.
pub(crate) fn answered(principal: &str, key_of_request: &str) -> Key {
    key(format!("IDEM#{principal}#{key_of_request}"), "HEAD")
}
/// Nothing is kept here; reading it shows that the table answers.
pub(crate) fn probe() -> Key {
    key("PROBE".to_owned(), "HEAD")
}

/// Partition of all that belongs to one person.
pub(crate) fn user_partition(user: Id<id::User>) -> String {
    format!("USR#{user}")
}
/// Partition of all that is in one wallet.
pub(crate) fn wallet_partition(user: Id<id::User>) -> String {
    format!("WAL#{user}")
}
/// Beginning of the sort keys of a wallet's lines.
pub(crate) const LINES: &str = "L#";
/// Where the lines begin that were booked at some time or later.
pub(crate) fn lines_from(at: Time) -> String {
    format!("{LINES}{}", Id::<ledger::id::Transaction>::new(at, [0; 10]))
}
/// Beginning of the sort keys of a wallet's holds.
pub(crate) const HOLDS: &str = "H#";
/// Beginning of the sort keys of the closings of one currency of a wallet.
pub(crate) fn closings(currency: Currency) -> String {
    format!("C#{currency}#")
}
/// A day of the journal is in so many parts.
pub(crate) const JOURNAL_SHARDS: u8 = 16;
/// One part of the journal of a day.
pub(crate) fn journal_part(day: Time, shard: u8) -> String {
    let date: String = day.to_string().chars().take(10).collect();
    format!("JRN#{date}#{shard:02}")
}
/// Beginning of the sort keys of sessions.
pub(crate) const SESSIONS: &str = "SES#";
/// Beginning of the sort keys of notices.
pub(crate) const NOTICES: &str = "NTF#";
/// Beginning of the sort keys of API keys.
pub(crate) const API_KEYS: &str = "KEY#";
/// Beginning of the sort keys of webhook endpoints.
pub(crate) const ENDPOINTS: &str = "WHE#";
/// Partition of the deliveries to one webhook endpoint.
pub(crate) fn deliveries(endpoint: Id<id::Endpoint>) -> String {
    format!("WHE#{endpoint}")
}
/// Beginning of the sort keys of deliveries.
pub(crate) const DELIVERIES: &str = "DLV#";
/// Beginning of the sort keys of places of deliveries that are tried again.
pub(crate) const OPEN_DELIVERIES: &str = "OPEN#";
/// Partition of the registrations that wait for one address.
pub(crate) fn registrations(address: &AddressKey) -> String {
    format!("REG#{}", address.as_str())
}

/// Partition of what was done to one thing.
pub(crate) fn audit_partition(target: &str) -> String {
    format!("AUD#{target}")
}

// ---- Index staff of table core ----

/// Lists that grow by the minute are spread over so many partitions.
pub(crate) const SHARDS: u8 = 4;

/// The list of the audit entries of a month, `2026-11`.
pub(crate) fn audit_list(month: &str, shard: u8) -> String {
    format!("audit.{month}#{shard}")
}
/// The parts of the list of accounts of a status.
pub(crate) fn people_lists(status: Status) -> Vec<String> {
    (0..SHARDS).map(|shard| people_list(status, shard)).collect()
}
/// One part of it; places are `{createdAt}#{usr}`.
pub(crate) fn people_list(status: Status, shard: u8) -> String {
    format!("people.{}#{shard}", status.as_str())
}
/// The parts of the list of accounts with a role.
pub(crate) fn role_lists(role: Role) -> Vec<String> {
    (0..SHARDS).map(|shard| role_list(role, shard)).collect()
}
/// One part of it; places are those of the lists by status.
pub(crate) fn role_list(role: Role, shard: u8) -> String {
    format!("role.{role}#{shard}")
}
/// The list of all wallets, in parts; places are the users' ids.
pub(crate) fn wallet_list(user: Id<id::User>) -> String {
    format!("wal#{}", shard(user))
}
/// The shard that a thing's entry in a list is in; the last bits of an id are random.
pub(crate) fn shard<K: id::Kind>(of: Id<K>) -> u8 {
    of.as_bytes()[15] % SHARDS
}

// ---- Table transient ----

/// The guesses at one address.
pub(crate) fn guesses(address: &AddressKey) -> Key {
    key(format!("GUESS#{}", address.as_str()), "HEAD")
}
/// The tries of a sign-in's second factor, by the session that it will begin.
pub(crate) fn sign_in(session: Id<id::Session>) -> Key {
    key(format!("SIGNIN#{session}"), "HEAD")
}
/// When an API key was last used.
pub(crate) fn key_use(key_id: Id<id::ApiKey>) -> Key {
    key(format!("KEYUSE#{key_id}"), "HEAD")
}
/// A mail that was claimed or sent, by its event.
pub(crate) fn mail(event: Id<id::Event>) -> Key {
    key(format!("MAIL#{event}"), "HEAD")
}
/// The requests of one principal in one class and window.
pub(crate) fn rate(principal: &str, class: &str, window: i64) -> Key {
    key(format!("RATE#{principal}#{class}"), window.to_string())
}
/// The mail of an event to one of those it concerns.
pub(crate) fn mail_to(event: Id<id::Event>, person: Id<id::User>) -> Key {
    key(format!("MAIL#{event}"), person.to_string())
}
/// What public forms have mailed to one address, of one kind.
pub(crate) fn mail_budget(address: &AddressKey, kind: &str) -> Key {
    key(format!("MAIL#{}", address.as_str()), kind)
}
