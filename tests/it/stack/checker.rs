//! The checker against the real system: by its public API, its control port and its AWS parts.

use checker::journal::Answer::{Done, Refused};
use checker::journal::{Answer, Deed, Journal, MailExpected, SessionChain, Standing};
use checker::{Invariant, ONE_CHAIN, Staff, Target, sessions_are_chains};
use devstack::cloud::Cloud;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

use queue::redrive::Mover;
use souk_admin::check::{StaffToken, Ways};
use souk_admin::{Souk, show};

use super::local::Local;
use super::visitor::{Reply, Session};
use super::waiting::until;
use crate::world::PASSWORD;

const LIMIT: Duration = Duration::from_secs(90);

async fn started() -> (Local, Target) {
    let local = Local::start_with(|options| {
        options.seed = Some(Arc::new(|environment| Box::pin(devstack::seed::seed(environment))));
    })
    .await;
    let urls = &local.stack.urls;
    let (email, password) = ("admin@souk.dev".to_owned(), "Demo-Souk-2026!".to_owned());
    let target = Target::new(testkit::sdk_config(&urls.cloud), "local").with_api(&urls.api).with_control(&urls.control);
    (local, target.with_staff(Staff::Account { email, password }).at_rest())
}

/// What does not hold, once it has held or `LIMIT` has passed: events need a moment to their effects.
async fn settled(target: &Target, journal: &Journal) -> Vec<Invariant> {
    until("everything has come to its end", LIMIT, async || {
        let found = checker::check(target, journal).await.unwrap();
        found.iter().all(Invariant::holds).then_some(found)
    })
    .await
}

fn wrong(found: &[Invariant]) -> Vec<String> {
    found.iter().flat_map(|invariant| invariant.violations.clone()).collect()
}

fn journal(deeds: &[(&Deed, Answer)]) -> Journal {
    let mut journal = Journal::default();
    deeds.iter().for_each(|(deed, answer)| journal.add((*deed).clone(), [*answer]));
    journal
}

async fn made(local: &Local, path: &str, session: &Session, body: Value) {
    let request = local.visitor.request(reqwest::Method::POST, path).bearer_auth(&session.access);
    Reply::of(request.json(&body)).await.expect(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_holds_and_a_journal_that_says_otherwise_is_contradicted() {
    let (local, target) = started().await;
    let ada = local.visitor.join("ada@example.com").await;
    made(&local, "/api/v1/auth/api-keys", &ada, json!({ "name": "Report", "scopes": ["profile:read"] })).await;
    let hook = "http://127.0.0.1:9/hook";
    made(&local, "/api/v1/webhook-endpoints", &ada, json!({ "url": hook, "eventTypes": ["webhook.test"] })).await;
    let token = || ada.access.clone();
    let deeds = [
        Deed::Registered { email: "ada@example.com".into() },
        Deed::ApiKeyMade { token: token(), name: "Report".into() },
        Deed::EndpointMade { token: token(), url: hook.into() },
        Deed::NoticeTold { token: token(), kind: "user.registered".into() },
        Deed::ProfileName { token: token(), name: "Ada Lovelace".into() },
        Deed::PasswordIs { email: "ada@example.com".into(), password: PASSWORD.into() },
    ];
    let told: Vec<(&Deed, Answer)> = deeds.iter().map(|deed| (deed, Done)).collect();
    let mut true_journal = journal(&told);
    let (to, subject) = ("ada@example.com".to_owned(), mail_subject(&local).await);
    let mail = MailExpected { to, subject, at_least: 1, at_most: 1 };
    true_journal.mail.push(mail.clone());
    let found = settled(&target, &true_journal).await;
    assert!(found.iter().all(|invariant| invariant.skipped.is_none()), "{found:#?}");
    the_tool_sees_it_too(&local).await;
    for deed in &deeds {
        let found = checker::check(&target, &journal(&[(deed, Refused)])).await.unwrap();
        assert_eq!(wrong(&found).len(), 1, "{deed:?} was refused, and is there: {found:#?}");
    }
    for deed in &deeds[..4] {
        let found = checker::check(&target, &journal(&[(deed, Done), (deed, Done)])).await.unwrap();
        assert_eq!(wrong(&found).len(), 1, "{deed:?} was done twice, and is there once: {found:#?}");
    }
    let more = Journal { mail: vec![MailExpected { at_least: 2, at_most: 2, ..mail }], ..Journal::default() };
    assert_eq!(wrong(&checker::check(&target, &more).await.unwrap()).len(), 1);
    local.end().await;
}

/// `souk-admin check` with every way there is; it knows of no journal.
async fn the_tool_sees_it_too(local: &Local) {
    let urls = &local.stack.urls;
    let souk = Souk::at("local", testkit::sdk_config(&urls.cloud), Mover::Hand);
    let admin = local.visitor.sign_in("admin@souk.dev", "Demo-Souk-2026!").await;
    let staff_token = Some(StaffToken(admin.access));
    let ways = Ways { api: Some(urls.api.clone()), control: Some(urls.control.clone()), staff_token };
    let checked = souk_admin::check::check(&souk, &ways).await.unwrap();
    let told = show::checked(&checked);
    assert!(checked.is_clean(), "{told}");
    let skipped: Vec<&str> = told.lines().filter(|line| line.starts_with("skip ")).collect();
    assert!(skipped.len() == 1 && skipped[0].contains("nobody noted what clients were told"), "{told}");
}

async fn mail_subject(local: &Local) -> String {
    let mails = local.visitor.control("/control/mail?to=ada@example.com").await;
    let verification = mails.as_array().unwrap().last().unwrap().clone();
    verification["subject"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_vanishes_is_missed_and_poison_that_was_announced_is_not() {
    let (local, target) = started().await;
    local.visitor.join("ada@example.com").await;
    settled(&target, &Journal::default()).await;
    let cloud: &Cloud = local.stack.cloud();
    for body in ["poison", "more poison"] {
        cloud.send("souk-local-mailer", body).await.unwrap();
    }
    let mut announced = Journal::default();
    announced.poison.insert("mailer".to_owned(), 2);
    settled(&target, &announced).await;
    let found = checker::check(&target, &Journal::default()).await.unwrap();
    assert_eq!(wrong(&found), ["mailer: 2 (souk-admin dlq show mailer)"]);

    let state = rusqlite::Connection::open(local.data.path().join("cloud/state.sqlite")).unwrap();
    let gone = state.execute("DELETE FROM message WHERE seq = (SELECT MAX(seq) FROM message)", []).unwrap();
    assert_eq!(gone, 1);
    announced.poison.insert("mailer".to_owned(), 1);
    let found = checker::check(&target, &announced).await.unwrap();
    let wrong = wrong(&found);
    assert!(wrong.len() == 1 && wrong[0].starts_with("mailer: ") && wrong[0].contains(" sent, but "), "{wrong:?}");
    local.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_sessions_tokens_the_newest_is_good_and_an_older_one_ends_it() {
    let (local, target) = started().await;
    local.visitor.join("ada@example.com").await;
    let chain = async |refreshes: usize| {
        let mut tokens = vec![local.visitor.sign_in("ada@example.com", PASSWORD).await.refresh];
        for _ in 0..refreshes {
            let body = json!({ "refreshToken": tokens.last() });
            let reply = local.visitor.post("/api/v1/auth/refresh", body).await.expect(200);
            tokens.push(reply.json["data"]["refreshToken"].as_str().unwrap().to_owned());
        }
        tokens
    };
    let living = |tokens: &[String]| SessionChain { tokens: tokens.to_vec(), standing: Standing::Living };
    let ended = |tokens: &[String]| SessionChain { tokens: tokens.to_vec(), standing: Standing::Ended };
    let (short, long) = (chain(0).await, chain(3).await);
    let found = sessions_are_chains(&target, &[living(&short), living(&long)]).await.unwrap();
    assert_eq!((found.name, found.checked, found.violations), (ONE_CHAIN, 2, Vec::new()));
    // Looking has ended both.
    let found = sessions_are_chains(&target, &[ended(&short), ended(&long), living(&long)]).await.unwrap();
    assert_eq!(found.violations.len(), 1, "{found:?}");
    // Neither is a session that lives an ended one, nor are two sessions one chain.
    let (one, other) = (chain(0).await, chain(0).await);
    let found = sessions_are_chains(&target, &[ended(&one)]).await.unwrap();
    assert_eq!(found.violations.len(), 1, "{found:?}");
    let mixed = [other[0].clone(), chain(0).await[0].clone()];
    let found = sessions_are_chains(&target, &[living(&mixed)]).await.unwrap();
    assert_eq!(found.violations.len(), 1, "{found:?}");
    local.end().await;
}
