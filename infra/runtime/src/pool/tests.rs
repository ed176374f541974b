#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use bytes::Bytes;

use super::*;
use crate::job::Answer;

/// A pool of at most `max_instances`, and the answers its callers wait for.
struct Case {
    pool: Pool,
    callers: Vec<oneshot::Receiver<Answer>>,
}

impl Case {
    fn of(max_instances: usize) -> Case {
        let spec = FunctionSpec {
            name: "auth".to_owned(),
            binary: "bootstrap".into(),
            env: Vec::new(),
            timeout: Duration::from_secs(3),
            memory_mb: 128,
            max_instances,
        };
        Case { pool: Pool::new(spec), callers: Vec::new() }
    }

    fn submit(&mut self, payload: &'static str) -> Result<usize, InvokeError> {
        let (job, caller) = Job::new(Bytes::from_static(payload.as_bytes()), None, None).unwrap();
        self.callers.push(caller);
        self.pool.submit(job)?;
        Ok(self.pool.starts().len())
    }

    fn sit_down_after_init(&mut self) -> oneshot::Receiver<Job> {
        self.pool.init_succeeded(self.pool.generation);
        self.pool.sit_down(self.pool.generation).unwrap()
    }
}

fn payload(jobs: &mut oneshot::Receiver<Job>) -> Bytes {
    jobs.try_recv().unwrap().payload
}

#[test]
fn each_waiting_job_starts_an_instance_up_to_the_limit() {
    let mut case = Case::of(2);
    assert_eq!([case.submit("1"), case.submit("2"), case.submit("3")], [Ok(1), Ok(1), Ok(0)]);
}

#[test]
fn the_first_ready_instance_takes_the_first_job_and_no_other_starts_for_it() {
    let mut case = Case::of(8);
    assert_eq!(case.submit("1"), Ok(1));
    let mut jobs = case.sit_down_after_init();
    assert!(case.pool.starts().is_empty());
    assert_eq!(payload(&mut jobs), "1");
}

#[test]
fn an_idle_instance_is_served_before_one_is_started_and_the_last_used_first() {
    let mut case = Case::of(8);
    assert_eq!([case.submit("1"), case.submit("2")], [Ok(1), Ok(1)]);
    let (mut first, mut second) = (case.sit_down_after_init(), case.sit_down_after_init());
    assert_eq!((payload(&mut first), payload(&mut second)), (Bytes::from("1"), Bytes::from("2")));
    let (mut first, mut second) = (case.pool.sit_down(0).unwrap(), case.pool.sit_down(0).unwrap());
    assert_eq!(case.submit("3"), Ok(0));
    assert_eq!(payload(&mut second), "3");
    assert!(first.try_recv().is_err());
}

#[test]
fn a_returning_instance_is_waited_for_but_not_for_ever() {
    let mut case = Case::of(8);
    assert_eq!(case.submit("1"), Ok(1));
    let _jobs = case.sit_down_after_init();
    case.pool.return_begins(0);
    assert_eq!(case.submit("2"), Ok(0));
    case.pool.return_ends(0);
    assert_eq!(case.pool.starts().len(), 1);
}

#[test]
fn a_dead_seat_is_skipped() {
    let mut case = Case::of(1);
    assert_eq!(case.submit("1"), Ok(1));
    drop(case.sit_down_after_init());
    drop(case.pool.sit_down(0));
    assert_eq!(case.submit("2"), Ok(0));
    case.pool.ended(0);
    assert_eq!(case.pool.starts().len(), 1);
}

#[test]
fn a_job_that_comes_back_keeps_its_turn() {
    let mut case = Case::of(1);
    assert_eq!([case.submit("1"), case.submit("2")], [Ok(1), Ok(0)]);
    let job = case.sit_down_after_init().try_recv().unwrap();
    case.pool.give_back(job);
    case.pool.ended(0);
    assert_eq!(case.pool.starts().len(), 1);
    assert_eq!(payload(&mut case.sit_down_after_init()), "1");
}

#[test]
fn abandoned_jobs_are_skipped() {
    let mut case = Case::of(1);
    assert_eq!([case.submit("1"), case.submit("2")], [Ok(1), Ok(0)]);
    drop(case.callers.remove(0));
    assert_eq!(payload(&mut case.sit_down_after_init()), "2");
}

#[test]
fn failed_starts_answer_those_without_hope_and_back_off_up_to_five_seconds() {
    let mut case = Case::of(2);
    let mut now = Instant::now();
    assert_eq!([case.submit("1"), case.submit("2"), case.submit("3")], [Ok(1), Ok(1), Ok(0)]);
    assert!(case.pool.init_failed(0, now).is_empty(), "the other one may still make it");
    assert_eq!(case.pool.init_failed(0, now).len(), 3);
    let mut waits = Vec::new();
    for _ in 0..7 {
        let (job, _caller) = Job::new(Bytes::new(), None, None).unwrap();
        let (other, _other_caller) = Job::new(Bytes::new(), None, None).unwrap();
        case.pool.submit(job).unwrap();
        case.pool.submit(other).unwrap();
        // Two ask, one process tries.
        let [start] = &case.pool.starts()[..] else { panic!("not one start") };
        let not_before = start.not_before.unwrap();
        waits.push((not_before - now).as_millis());
        now = not_before;
        assert_eq!(case.pool.init_failed(0, now).len(), 2);
    }
    assert_eq!(waits, [100, 200, 400, 800, 1_600, 3_200, 5_000]);
}

#[test]
fn a_replaced_function_starts_anew_and_ignores_what_the_old_one_says() {
    let mut case = Case::of(1);
    assert_eq!([case.submit("1"), case.submit("2")], [Ok(1), Ok(0)]);
    let mut old = case.sit_down_after_init();
    assert_eq!(payload(&mut old), "1");
    case.pool.return_begins(0);
    case.pool.restart();
    let starts = case.pool.starts();
    assert_eq!(starts.iter().map(|start| start.generation).collect::<Vec<_>>(), [1]);
    assert!(case.pool.sit_down(0).is_none());
    case.pool.return_ends(0);
    case.pool.ended(0);
    assert!(case.pool.init_failed(0, Instant::now()).is_empty());
    assert_eq!(payload(&mut case.sit_down_after_init()), "2");
}

#[test]
fn a_closed_pool_takes_and_starts_nothing() {
    let mut case = Case::of(1);
    assert_eq!([case.submit("1"), case.submit("2")], [Ok(1), Ok(0)]);
    assert_eq!(case.pool.close().len(), 2);
    assert_eq!(case.submit("3"), Err(InvokeError::Stopped));
    case.pool.init_succeeded(0);
    assert!(case.pool.sit_down(0).is_none());
}
