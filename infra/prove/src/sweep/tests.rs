//! Names and samples of cases, and that a sweep finds what is broken.

use devstack::cloud::Service;
use devstack::cloud::faults::{Address, Kind};

use super::*;
use crate::client::Request;
use crate::sweep::facts::{Broken, Facts};
use crate::sweep::flow::{Flow, Listed};
use crate::sweep::people::{VERIFY, registration, stranger};
use crate::sweep::site::Site;

fn call(function: &str, service: Service, operation: &str, n: u64) -> Address {
    Address { function: function.to_owned(), service, operation: operation.to_owned(), n }
}

fn calls() -> Vec<Address> {
    vec![
        call("auth", Service::DynamoDb, "GetItem", 0),
        call("auth", Service::DynamoDb, "TransactWriteItems", 0),
        call("outbox-relay", Service::Sqs, "SendMessageBatch", 0),
        call("mailer", Service::Ses, "SendEmail", 0),
    ]
}

fn kinds(cases: &[Case], operation: &str) -> Vec<Kind> {
    cases.iter().filter(|case| case.at.operation == operation).map(|case| case.fault.kind()).collect()
}

#[test]
fn a_case_is_what_its_name_says() {
    let all = sample::cases("register", &calls());
    assert!(all.len() > 40, "{}", all.len());
    for case in &all {
        assert_eq!(Case::parse(&case.to_string()).as_ref(), Ok(case));
    }
    let names: Vec<String> = all.iter().map(ToString::to_string).collect();
    assert!(names.contains(&"register/auth/dynamodb/TransactWriteItems/0/lose".to_owned()), "{names:?}");
    let distinct: std::collections::BTreeSet<&String> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
}

#[test]
fn a_name_that_is_no_case_is_refused_in_words() {
    for (name, because) in [
        ("register", "flow/function/service/operation/number/fault"),
        ("register/auth/ec2/PutItem/0/lose", "there is no service ec2"),
        ("register/auth/dynamodb/PutItem/x/lose", "x is no number"),
        ("register/auth/dynamodb/PutItem/0/smile", "that call may meet"),
    ] {
        let refused = Case::parse(name).unwrap_err();
        assert!(refused.contains(because), "{refused}");
    }
}

#[test]
fn a_sample_has_every_call_and_at_writes_a_lost_answer() {
    let short = sample::short(1, sample::cases("register", &calls()));
    for call in calls() {
        assert!(short.iter().any(|case| case.at == call), "{call}");
    }
    let writes = kinds(&short, "TransactWriteItems");
    assert!(writes.contains(&Kind::Lose) && writes.len() == 2, "{writes:?}");
    assert_eq!(kinds(&short, "GetItem").len(), 1);
}

#[test]
fn the_seed_decides_and_nothing_else() {
    let sampled = |seed| sample::mixed(seed, sample::short(seed, sample::cases("register", &calls())));
    assert_eq!(sampled(7), sampled(7));
    let differ = (0..10).map(sampled).filter(|cases| *cases != sampled(7)).count();
    assert!(differ >= 8, "{differ}");
}

#[test]
fn only_a_flow_that_was_run_and_held_holds() {
    let setting = setting();
    let verdicts = |verdicts: &[Verdict]| {
        verdicts.iter().enumerate().map(|(n, verdict)| (n.to_string(), verdict.clone())).collect::<BTreeMap<_, _>>()
    };
    let holds = |judged: &[Verdict]| finding(&setting, "register", &verdicts(judged)).map(|finding| finding.holds);
    assert_eq!(holds(&[]), None);
    assert_eq!(holds(&[Verdict::Held, Verdict::Held]), Some(true));
    assert_eq!(holds(&[Verdict::Held, Verdict::NotReached]), Some(true));
    assert_eq!(holds(&[Verdict::NotReached]), Some(false));
    let failed = Verdict::Failed(vec!["two accounts".to_owned()]);
    let found = finding(&setting, "register", &verdicts(&[Verdict::Held, failed])).unwrap();
    assert_eq!((found.holds, found.measured.as_str()), (false, "1/2"));
    assert!(found.details[0].contains("two accounts; again: cargo prove --seed 1 --case"), "{found:?}");
}

fn setting() -> Setting {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned();
    let out = root.join("target/prove");
    Setting { seed: 1, short: true, root, out, ..Setting::default() }
}

/// A flow whose caller gives up at the first failure, which nobody may.
struct GivesUp;

impl Flow for GivesUp {
    const NAME: &'static str = "gives-up";
    type Ready = String;
    type Done = ();

    async fn prepare(_: &Site) -> Result<String, Broken> {
        Ok(stranger())
    }

    async fn act(site: &Site, email: &String) -> Result<(), Broken> {
        let request: Request = registration(email);
        site.told_once(&request).await;
        Ok(())
    }

    async fn expect(site: &Site, email: String, (): (), facts: &mut Facts<'_>) -> Result<(), Broken> {
        facts.mailed(site, &email, VERIFY, 0)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flow_that_does_not_recover_fails_where_it_is_hurt_and_only_there() {
    let call = "gives-up/auth/dynamodb/TransactWriteItems/0";
    let cases = [format!("{call}/refuse-AccessDeniedException"), format!("{call}/duplicate")];
    let setting = Setting { cases: cases.to_vec(), ..setting() };
    std::fs::create_dir_all(&setting.out).unwrap();
    let found = sweep(&setting, const { &[Listed::of::<GivesUp>()] }).await.unwrap();
    assert_eq!((found[0].holds, found[0].measured.as_str()), (false, "1/2"), "{found:?}");
    let [failure] = &found[0].details[..] else { panic!("{found:?}") };
    assert!(failure.starts_with(&cases[0]), "{failure}");
    assert!(failure.contains("mails \"Verify your e-mail address\": 0, not 1 to 1"), "{failure}");
}
