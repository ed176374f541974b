//! How often somebody may call. Counters are shared by all instances and cost a write each time they are asked, so an
//! instance asks as seldom as its class allows: small classes are counted one by one, large ones in leases.

use crate::Time;

/// Seconds of a window.
pub const WINDOW_SECONDS: i64 = 60;
/// Classes up to this limit are counted exactly.
pub const EXACT_UP_TO: u32 = 100;
/// The first requests of somebody per instance and window that no counter hears of, in large classes.
pub const FREE: u32 = 5;
/// A lease is this part of the limit.
const LEASES: u32 = 20;

/// What happens when a counter cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenSilent {
    /// The request goes on.
    Open,
    /// The request is refused: nobody guesses passwords while nobody counts.
    Closed,
}

/// A kind of requests that are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class {
    /// Its name in counters' keys and in the document.
    pub name: &'static str,
    /// Requests per window.
    pub limit: u32,
    /// What happens when its counter cannot be asked.
    pub when_silent: WhenSilent,
}

const fn open(name: &'static str, limit: u32) -> Class {
    Class { name, limit, when_silent: WhenSilent::Open }
}

const fn closed(name: &'static str, limit: u32) -> Class {
    Class { name, limit, when_silent: WhenSilent::Closed }
}

/// Reading.
pub const READ: Class = open("read", 300);
/// Writing.
pub const WRITE: Class = open("write", 100);
/// What staff do.
pub const ADMIN: Class = open("admin", 1000);
/// Whatever makes, proves or changes credentials.
pub const AUTH: Class = closed("auth", 20);
/// Signing in and refreshing with what is no good, from one address: many people share one.
pub const AUTH_BY_IP: Class = closed("auth-ip", 200);

impl Class {
    /// The class with its limit multiplied.
    pub fn times(self, factor: u32) -> Self {
        Class { limit: self.limit.saturating_mul(factor), ..self }
    }

    fn is_exact(&self) -> bool {
        self.limit <= EXACT_UP_TO
    }

    /// What is asked for at once: a lease, and the last fifth of the limit singly.
    fn step(&self, counted: u32) -> u32 {
        let last_fifth = self.limit - self.limit / 5;
        match self.is_exact() || counted >= last_fifth {
            true => 1,
            false => (self.limit / LEASES).max(1),
        }
    }
}

/// A window of time; counters of one do not count in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window(i64);

impl Window {
    /// The window that `now` lies in.
    pub fn of(now: Time) -> Self {
        Window(now.seconds().div_euclid(WINDOW_SECONDS))
    }

    /// Its number, for keys.
    pub fn number(self) -> i64 {
        self.0
    }

    /// When it ends, in Unix seconds.
    pub fn ends_at(self) -> i64 {
        (self.0 + 1) * WINDOW_SECONDS
    }

    /// Whole seconds until it ends, at least one.
    pub fn seconds_left(self, now: Time) -> u64 {
        u64::try_from(self.ends_at() - now.seconds()).unwrap_or(1).max(1)
    }
}

/// What one instance knows of one counter in one window.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    class: Class,
    /// Admitted without the counter having heard of them.
    unheard: u32,
    /// Paid for at the counter and not used yet.
    leased: u32,
    /// What the counter said last.
    counted: u32,
    has_asked: bool,
    is_spent: bool,
}

/// What an instance does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It may go on.
    Admit,
    /// The limit was reached before.
    Refuse,
    /// The counter must be asked to add `units`, at most up to the limit.
    Ask {
        /// What to add.
        units: u32,
    },
}

impl Allowance {
    /// Nothing is known yet.
    pub fn new(class: Class) -> Self {
        Allowance { class, unheard: 0, leased: 0, counted: 0, has_asked: false, is_spent: false }
    }

    /// What to do with one more request.
    pub fn admit(&mut self) -> Step {
        if self.leased > 0 {
            self.leased -= 1;
            return Step::Admit;
        }
        if self.is_spent {
            return Step::Refuse;
        }
        if !self.class.is_exact() && !self.has_asked && self.unheard < FREE {
            self.unheard += 1;
            return Step::Admit;
        }
        Step::Ask { units: self.class.step(self.counted) + self.unheard }
    }

    /// The counter added `units` for the request at hand, and stands at `counted`.
    pub fn granted(&mut self, units: u32, counted: u32) {
        self.leased = units.saturating_sub(self.unheard + 1);
        self.heard(counted);
    }

    /// The counter had no room for `units` and stands at `counted`. Answers whether less may be asked for.
    pub fn denied(&mut self, units: u32, counted: u32) -> bool {
        self.heard(counted);
        self.is_spent = units <= 1 || counted >= self.class.limit;
        !self.is_spent
    }

    /// The first lease counts the unheard; where it found no room for them, they stay as the over-admission that they are.
    fn heard(&mut self, counted: u32) {
        self.unheard = 0;
        self.counted = counted;
        self.has_asked = true;
    }

    /// How many requests this instance knows to be left.
    pub fn left(&self) -> u32 {
        match self.is_spent {
            true => self.leased,
            false => self.class.limit.saturating_sub(self.counted + self.unheard) + self.leased,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends one request through an instance, with the counter in `counted`.
    fn request(instance: &mut Allowance, counted: &mut u32, asked: &mut u32) -> bool {
        loop {
            match instance.admit() {
                Step::Admit => return true,
                Step::Refuse => return false,
                Step::Ask { units } => {
                    *asked += 1;
                    if *counted + units <= instance.class.limit {
                        *counted += units;
                        instance.granted(units, *counted);
                        return true;
                    }
                    if !instance.denied(units, *counted) {
                        return false;
                    }
                }
            }
        }
    }

    fn flood(class: Class, instances: usize, requests: usize) -> (usize, u32) {
        let mut all = vec![Allowance::new(class); instances];
        let (mut counted, mut asked) = (0, 0);
        let admitted = (0..requests).filter(|i| request(&mut all[i % instances], &mut counted, &mut asked)).count();
        (admitted, asked)
    }

    #[test]
    fn small_classes_are_exact_and_a_refusal_is_remembered() {
        for instances in [1, 3, 8] {
            let (admitted, asked) = flood(AUTH, instances, 1000);
            assert_eq!(admitted, 20);
            assert_eq!(asked, 20 + u32::try_from(instances).unwrap(), "each instance asks once more, then never");
        }
        assert_eq!(flood(WRITE, 8, 160).0, 100);
    }

    #[test]
    fn large_classes_admit_the_limit_within_a_tenth() {
        for class in [READ, ADMIN, AUTH_BY_IP, AUTH.times(100)] {
            for instances in [1, 2, 4] {
                let limit = usize::try_from(class.limit).unwrap();
                let (admitted, asked) = flood(class, instances, limit * 5);
                assert!((limit * 9 / 10..=limit * 11 / 10).contains(&admitted), "{class:?}: {admitted} of {instances}");
                assert!(asked <= class.limit / 5 + 40, "{class:?}: {asked} writes");
            }
        }
    }

    #[test]
    fn half_the_limit_over_eight_instances_is_never_refused() {
        for class in [READ, ADMIN] {
            let half = usize::try_from(class.limit / 2).unwrap();
            for instances in 1..=8 {
                assert_eq!(flood(class, instances, half).0, half);
            }
            // The worst spread: every instance has just begun a lease.
            let mut all = vec![Allowance::new(class); 8];
            let (mut counted, mut asked) = (0, 0);
            let each = usize::try_from(FREE + class.limit / LEASES + 1).unwrap();
            let admitted = (0..half).filter(|i| request(&mut all[(i / each).min(7)], &mut counted, &mut asked)).count();
            assert_eq!(admitted, half);
        }
    }

    #[test]
    fn the_first_requests_cost_nothing() {
        assert_eq!(flood(READ, 8, 40), (40, 0));
        assert_eq!(flood(READ, 1, 20), (20, 1));
    }

    #[test]
    fn windows_end_on_the_minute() {
        let now = Time::from_millis(125_000);
        let window = Window::of(now);
        assert_eq!((window.number(), window.ends_at(), window.seconds_left(now)), (2, 180, 55));
        assert_eq!(window.seconds_left(Time::from_millis(179_999)), 1);
    }
}
