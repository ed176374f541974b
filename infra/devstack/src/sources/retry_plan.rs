//! In which pieces a failing batch of stream records is tried again, and when a piece is given up.

use std::collections::VecDeque;
use std::ops::Range;

/// How a source treats failures.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// `None`: for ever, as -1 in a template.
    pub max_retry_attempts: Option<u32>,
    pub bisect_on_error: bool,
}

/// The pieces of one batch that are still to be handled, in order: a stream never overtakes itself.
#[derive(Debug)]
pub struct RetryPlan {
    policy: RetryPolicy,
    done: usize,
    pieces: VecDeque<Piece>,
}

#[derive(Debug)]
struct Piece {
    len: usize,
    failures: u32,
}

/// What to do after a piece was tried.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Go on at once with the following piece, or with the halves of this one.
    Continue,
    /// Try the piece again after a pause; it has failed this often.
    Retry { failures: u32 },
    /// The records of this range go to the failure destination, then go on.
    GiveUp(Range<usize>),
}

impl RetryPlan {
    pub fn new(len: usize, policy: RetryPolicy) -> Self {
        let pieces = if len == 0 { VecDeque::new() } else { VecDeque::from([Piece { len, failures: 0 }]) };
        Self { policy, done: 0, pieces }
    }

    /// The records to hand over next; `None` when the batch is through.
    pub fn next(&self) -> Option<Range<usize>> {
        self.pieces.front().map(|piece| self.done..self.done + piece.len)
    }

    /// How many records from the start are handled: the checkpoint.
    pub fn done(&self) -> usize {
        self.done
    }

    /// The piece went through.
    pub fn succeeded(&mut self) -> Next {
        if let Some(piece) = self.pieces.pop_front() {
            self.done += piece.len;
        }
        Next::Continue
    }

    /// The piece failed from its record `first_failed` on (0 when nothing is known); those before it are done.
    pub fn failed(&mut self, first_failed: usize) -> Next {
        let Some(mut piece) = self.pieces.pop_front() else { return Next::Continue };
        if first_failed >= piece.len {
            self.pieces.push_front(piece);
            return self.failed(0);
        }
        let progressed = first_failed > 0;
        self.done += first_failed;
        piece.len -= first_failed;
        if progressed {
            piece.failures = 0;
        }
        if self.policy.bisect_on_error && (progressed || piece.len > 1) {
            // A split is no retry, and the checkpoint has split a batch that progressed.
            let rest = if progressed { 0 } else { piece.len - piece.len / 2 };
            if rest > 0 {
                self.pieces.push_front(Piece { len: rest, failures: piece.failures });
                piece.len -= rest;
            }
            self.pieces.push_front(piece);
            return Next::Continue;
        }
        piece.failures += 1;
        if self.policy.max_retry_attempts.is_some_and(|most| piece.failures > most) {
            let given_up = self.done..self.done + piece.len;
            self.done = given_up.end;
            return Next::GiveUp(given_up);
        }
        let failures = piece.failures;
        self.pieces.push_front(piece);
        Next::Retry { failures }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a batch of `len` whose `poison` records always fail; answers what was given up, as start and end, and how
    /// many calls it took.
    fn run(len: usize, poison: &[usize], policy: RetryPolicy, names_the_failure: bool) -> (Vec<(usize, usize)>, usize) {
        let mut plan = RetryPlan::new(len, policy);
        let (mut given_up, mut calls) = (Vec::new(), 0);
        while let Some(range) = plan.next() {
            calls += 1;
            assert!(calls < 10_000, "does not end");
            let first = range.clone().find(|index| poison.contains(index));
            let next = match first {
                None => plan.succeeded(),
                Some(index) => plan.failed(if names_the_failure { index - range.start } else { 0 }),
            };
            if let Next::GiveUp(range) = next {
                given_up.push((range.start, range.end));
            }
        }
        assert_eq!(plan.done(), len);
        (given_up, calls)
    }

    const BISECT: RetryPolicy = RetryPolicy { max_retry_attempts: Some(2), bisect_on_error: true };
    const WHOLE: RetryPolicy = RetryPolicy { max_retry_attempts: Some(2), bisect_on_error: false };

    #[test]
    fn bisecting_gives_up_exactly_the_poison() {
        for len in 1..20 {
            for poison in 0..len {
                for named in [false, true] {
                    assert_eq!(run(len, &[poison], BISECT, named).0, [(poison, poison + 1)], "{poison} of {len}");
                }
            }
        }
        assert_eq!(run(100, &[3, 4, 99], BISECT, true).0, [(3, 4), (4, 5), (99, 100)]);
    }

    #[test]
    fn without_bisecting_the_rest_of_the_batch_goes() {
        assert_eq!(run(4, &[1], WHOLE, false), (vec![(0, 4)], 3));
        assert_eq!(run(4, &[1], WHOLE, true), (vec![(1, 4)], 3));
    }

    #[test]
    fn a_single_record_is_tried_once_and_then_as_often_as_allowed() {
        assert_eq!(run(1, &[0], BISECT, true).1, 3);
        let never = RetryPolicy { max_retry_attempts: Some(0), ..BISECT };
        assert_eq!(run(1, &[0], never, true), (vec![(0, 1)], 1));
    }

    #[test]
    fn without_a_limit_nothing_is_given_up() {
        let mut plan = RetryPlan::new(1, RetryPolicy { max_retry_attempts: None, bisect_on_error: true });
        for failures in 1..100 {
            assert_eq!(plan.failed(0), Next::Retry { failures });
        }
    }

    #[test]
    fn an_empty_batch_is_through() {
        assert_eq!(RetryPlan::new(0, BISECT).next(), None);
    }
}
