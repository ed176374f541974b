//! One instance's part in counting.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use domain::identity::address::AddressKey;
use domain::rate::{Allowance, Class, Step, WhenSilent, Window};
use domain::{Code, Failure, Id, Time, id};
use store::rates::Count;
use store::{Store, StoreError};

use crate::limit::Standing;
use crate::problem::Problem;

/// Who is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// Somebody who is signed in, by session or by key.
    User(Id<id::User>),
    /// One session, for its refreshes.
    Session(Id<id::Session>),
    /// An e-mail address, whether or not it is known.
    Address(AddressKey),
    /// Nobody in particular: the address that the gateway saw.
    Ip(String),
}

impl fmt::Display for Principal {
    /// As it stands in a counter's key. Whoever has one IPv6 address has the 2^64 around it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Principal::User(user) => write!(f, "{user}"),
            Principal::Session(session) => write!(f, "{session}"),
            Principal::Address(address) => write!(f, "mail:{}", address.as_str()),
            Principal::Ip(ip) => match ip.parse() {
                Ok(IpAddr::V6(ip)) if ip.to_ipv4_mapped().is_none() => {
                    let network = ip.to_bits() & !u128::from(u64::MAX);
                    write!(f, "ip:{}/64", Ipv6Addr::from_bits(network))
                }
                _ => write!(f, "ip:{ip}"),
            },
        }
    }
}

/// Counters that an instance remembers at once; beyond it, those of windows that are over are forgotten.
const MAX_REMEMBERED: usize = 10_000;

/// What an instance knows of one counter. The lock is held while the counter is asked: requests that are handled at the
/// same time share a lease instead of taking one each.
type Known = Arc<tokio::sync::Mutex<Allowance>>;

/// Counts requests of one instance.
#[derive(Debug, Default)]
pub struct Limiter(Mutex<HashMap<(String, &'static str, Window), Known>>);

impl Limiter {
    /// Counts one request of `principal`; tells where they stand, when that is known.
    ///
    /// # Errors
    /// RATE_LIMIT_EXCEEDED beyond the limit, and SERVICE_UNAVAILABLE when a closed class cannot be counted.
    pub(crate) async fn count(
        &self,
        store: &Store,
        principal: &Principal,
        class: Class,
        now: Time,
    ) -> Result<Option<Standing>, (Problem, Option<Standing>)> {
        let (principal, window) = (principal.to_string(), Window::of(now));
        let known = self.known(&principal, class, window);
        let mut known = known.lock().await;
        loop {
            let standing = |known: &Allowance| Some(Standing { limit: class.limit, left: known.left(), window });
            match known.admit() {
                Step::Admit => return Ok(standing(&known)),
                Step::Refuse => return Err((too_many(window, now), standing(&known))),
                Step::Ask { units } => match store.count_requests(&principal, &class, window, units).await {
                    Ok(Count::Added(counted)) => {
                        known.granted(units, counted);
                        return Ok(standing(&known));
                    }
                    Ok(Count::Full(counted)) => {
                        known.denied(units, counted);
                    }
                    Err(_) if class.when_silent == WhenSilent::Open => return Ok(None),
                    Err(error) => return Err((nobody_counts(&error), None)),
                },
            }
        }
    }

    fn known(&self, principal: &str, class: Class, window: Window) -> Known {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_REMEMBERED {
            all.retain(|(_, _, of), _| *of >= window);
            // Forgetting costs a write each and admits a few more; memory without bounds would cost the instance.
            if all.len() >= MAX_REMEMBERED {
                all.clear();
            }
        }
        let new = || Arc::new(tokio::sync::Mutex::new(Allowance::new(class)));
        Arc::clone(all.entry((principal.to_owned(), class.name, window)).or_insert_with(new))
    }
}

fn too_many(window: Window, now: Time) -> Problem {
    let message = "Too many requests: wait until the limit is renewed";
    Failure::new(Code::RateLimitExceeded, message).retry_after(window.seconds_left(now)).into()
}

/// Whatever is wrong with the counter, it is not the caller's doing, and may pass.
fn nobody_counts(error: &StoreError) -> Problem {
    let failure = Failure::new(Code::Unavailable, "This cannot be answered now: try again").retry_after(1);
    Problem { failure, cause: Some(format!("requests cannot be counted: {error}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_is_one_principal() {
        let principal = |ip: &str| Principal::Ip(ip.to_owned()).to_string();
        assert_eq!(principal("2001:db8:1:2:3:4:5:6"), "ip:2001:db8:1:2::/64");
        assert_eq!(principal("2001:db8:1:2::1"), principal("2001:db8:1:2:ffff::"));
        assert_ne!(principal("2001:db8:1:3::1"), principal("2001:db8:1:2::1"));
        assert_eq!(principal("192.0.2.7"), "ip:192.0.2.7");
        assert_ne!(principal("::ffff:192.0.2.7"), principal("::ffff:192.0.2.8"));
    }
}
