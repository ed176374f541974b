//! Mail: each event that has one gets it once, to the right person, with nothing in it that a stranger wrote.

use axum::http::StatusCode;
use domain::event::{Event, Queue, REGISTRY};
use domain::identity::events::MailVerification;
use domain::time::{DAY, MINUTE};
use domain::{Id, id};
use entry::keys::random;
use entry::{Aws, Keyring, Settings, Start, answer_messages, one_time};
use mailer::{Mailer, NoWords, Task, compose};
use serde_json::{Value, json};
use store::FormClaim;
use testkit::Sandbox;

use crate::events::{event, mailed, out_of_reach, payload, stand_in, then, unmailed};
use crate::world::{PASSWORD, World};

pub async fn start(sandbox: &Sandbox) -> Mailer {
    start_with(sandbox, &sandbox.aws).await
}

pub async fn start_with(sandbox: &Sandbox, aws: &Aws) -> Mailer {
    let mut mailer = Mailer::start(&sandbox.environment("mailer"), aws).await.unwrap();
    mailer.app.clock = sandbox.clock.clone();
    mailer
}

/// Hands messages to the mailer as one batch; answers the places of those that come back.
pub async fn deliver(mailer: &Mailer, bodies: &[String]) -> Vec<usize> {
    let records = bodies.iter().enumerate().map(|(n, body)| {
        json!({
            "messageId": n.to_string(),
            "receiptHandle": "receipt",
            "body": body,
            "attributes": {},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:souk-local-mailer",
            "awsRegion": "us-east-1"
        })
    });
    failures(mailer, json!({ "Records": records.collect::<Vec<_>>() })).await
}

async fn failures(mailer: &Mailer, batch: Value) -> Vec<usize> {
    let answer = answer_messages(mailer, serde_json::from_value(batch).unwrap(), mailer::handle).await;
    let answer = serde_json::to_value(answer).unwrap();
    let failed = answer["batchItemFailures"].as_array().unwrap().iter();
    failed.map(|failure| failure["itemIdentifier"].as_str().unwrap().parse().unwrap()).collect()
}

pub fn body(event: &Event) -> String {
    serde_json::to_string(event).unwrap()
}

fn verification(kid: &str) -> (Id<id::Registration>, Event) {
    let registration_id = Id::new(then(), random());
    let email = "Ada@Example.com".parse().unwrap();
    (registration_id, event(&MailVerification { email, registration_id, kid: kid.to_owned() }))
}

/// The token in a mail's link.
fn mailed_token(text: &str) -> &str {
    let (_, rest) = text.split_once("token=").unwrap();
    rest.split_whitespace().next().unwrap()
}

#[tokio::test]
async fn a_registration_is_mailed_a_link_that_proves_it() {
    let world = World::start().await;
    let mailer = start(&world.sandbox).await;
    world.register("Ada@Example.com").await.expect(201);
    let events = world.events().await;
    let told: Vec<String> = events.iter().map(body).collect();
    assert_eq!(told.len(), 1);
    assert!(deliver(&mailer, &told).await.is_empty());

    let mails = world.sandbox.cloud.mails(None).unwrap();
    assert_eq!(mails.len(), 1);
    assert_eq!(
        (mails[0].to.as_slice(), mails[0].subject.as_str()),
        (&["Ada@Example.com".to_owned()][..], "Verify your e-mail address")
    );
    let (text, html) = (mails[0].text.as_deref().unwrap(), mails[0].html.as_deref().unwrap());
    let token = mailed_token(text);
    assert!(text.contains(&format!("http://127.0.0.1:9000/api/v1/auth/verify-email?token={token}\n")), "{text}");
    assert!(
        html.contains(&format!("<a href=\"http://127.0.0.1:9000/api/v1/auth/verify-email?token={token}\">")),
        "{html}"
    );
    assert_eq!(world.sandbox.partition(&format!("TOKEN#{}", one_time::hash(token))).await.len(), 1);
    // The event holds no token, and the mail nothing that the requester wrote.
    assert!(!told[0].contains(token) && !told[0].contains(&one_time::hash(token)));
    assert!(!text.contains("Lovelace") && !html.contains("Lovelace"));
    world.verify(token, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_known_address_is_told_so_instead() {
    let world = World::start().await;
    let mailer = start(&world.sandbox).await;
    world.person("ada@example.com").await;
    let before: Vec<Event> = world.events().await;
    world.register("ada@example.com").await.expect(201);
    let told = world.events().await.into_iter().filter(|event| !before.contains(event));
    let told: Vec<String> = told.map(|event| body(&event)).collect();
    assert!(deliver(&mailer, &told).await.is_empty());
    let mails = world.sandbox.cloud.mails(Some("ada@example.com")).unwrap();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject, "You already have an account");
    assert!(!mails[0].text.as_deref().unwrap().contains("token"));
}

#[tokio::test]
async fn an_event_that_comes_three_times_is_mailed_once() {
    let sandbox = Sandbox::start().await;
    let mailer = start(&sandbox).await;
    let message = body(&mailed("ada@example.com"));
    // At once: the twins come back, and find it sent.
    let twins = deliver(&mailer, &[message.clone(), message.clone(), message.clone()]).await;
    assert_eq!(twins.len(), 2);
    assert!(deliver(&mailer, &[message.clone(), message.clone()]).await.is_empty());
    // And any time later.
    sandbox.clock.set_offset_seconds(3600);
    assert!(deliver(&mailer, &[message]).await.is_empty());
    assert_eq!(sandbox.cloud.mails(None).unwrap().len(), 1);
}

#[tokio::test]
async fn a_mail_costs_two_write_units() {
    let sandbox = Sandbox::start().await;
    let mailer = start(&sandbox).await;
    let message = [body(&mailed("ada@example.com"))];
    let before = sandbox.spent();
    assert!(deliver(&mailer, &message).await.is_empty());
    assert_eq!((sandbox.spent() - before).writes, 2.0);
}

#[tokio::test]
async fn after_a_crash_between_claim_and_mark_the_mail_is_sent_again() {
    let sandbox = Sandbox::start().await;
    let mailer = start(&sandbox).await;
    let event = mailed("ada@example.com");
    // Whoever claimed it has died since.
    let (to, now) = ("ada@example.com".parse().unwrap(), sandbox.clock.now());
    let claim = mailer.app.store.claim_form_mail(&to, &event.name, event.id, now).await.unwrap();
    assert!(matches!(claim, FormClaim::Ours(_)));
    let message = [body(&event)];
    assert_eq!(deliver(&mailer, &message).await, [0]);
    assert!(sandbox.cloud.mails(None).unwrap().is_empty());

    sandbox.clock.set_offset_seconds(MINUTE + 1);
    assert!(deliver(&mailer, &message).await.is_empty());
    assert!(deliver(&mailer, &message).await.is_empty());
    assert_eq!(sandbox.cloud.mails(None).unwrap().len(), 1);
}

#[tokio::test]
async fn what_the_mail_service_refuses_is_reported_and_sent_at_the_next_try() {
    let sandbox = Sandbox::start().await;
    let mailer = start(&sandbox).await;
    let answers =
        [(StatusCode::BAD_REQUEST, "MessageRejected"), (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable")];
    for (n, (status, code)) in answers.into_iter().enumerate() {
        let message = [body(&mailed(&format!("ada{n}@example.com")))];
        let aws = stand_in(&sandbox, move |_| (status, json!({ "__type": code, "message": "no" }))).await;
        let refused = Mailer { mail: start_with(&sandbox, &aws).await.mail, ..mailer.clone() };
        assert_eq!(deliver(&refused, &message).await, [0], "{code}");
        // No wait for the claim to run out.
        assert!(deliver(&mailer, &message).await.is_empty(), "{code}");
        assert_eq!(sandbox.cloud.mails(None).unwrap().len(), n + 1);
    }
}

#[tokio::test]
async fn a_throttled_mail_waits_on_the_due_list_for_a_day_at_most() {
    let sandbox = Sandbox::start().await;
    let mailer = start(&sandbox).await;
    let event = Event { occurred_at: sandbox.clock.now(), ..mailed("ada@example.com") };
    for (status, code) in [
        (StatusCode::BAD_REQUEST, "SendingPausedException"),
        (StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException"),
    ] {
        let aws = stand_in(&sandbox, move |_| (status, json!({ "__type": code, "message": "no" }))).await;
        let throttled = Mailer { mail: start_with(&sandbox, &aws).await.mail, ..mailer.clone() };
        assert!(deliver(&throttled, &[body(&event)]).await.is_empty(), "{code}: it comes back by another way");
        sandbox.clock.set_offset_seconds(DAY);
        assert_eq!(deliver(&throttled, &[body(&event)]).await, [0], "{code}: old news");
        sandbox.clock.set_offset_seconds(0);
    }
    let waiting = sandbox.all_items().await;
    assert!(!waiting.is_empty() && waiting.iter().all(|item| item["pk"].as_s().unwrap().starts_with("DUE#")));
    // Nothing is claimed: the next try may send at once.
    assert!(deliver(&mailer, &[body(&event)]).await.is_empty());
    assert_eq!(sandbox.cloud.mails(None).unwrap().len(), 1);
}

#[tokio::test]
async fn a_mail_service_out_of_reach_loses_nothing() {
    let sandbox = Sandbox::start().await;
    let mailer = start(&sandbox).await;
    let nowhere = out_of_reach(&sandbox).await;
    let cut_off = Mailer { mail: start_with(&sandbox, &nowhere).await.mail, ..mailer.clone() };
    let messages = [body(&mailed("ada@example.com")), body(&mailed("bob@example.com"))];
    assert_eq!(deliver(&cut_off, &messages).await, [0, 1]);
    assert!(deliver(&mailer, &messages).await.is_empty());
    assert_eq!(sandbox.cloud.mails(None).unwrap().len(), 2);
}

#[tokio::test]
async fn only_what_cannot_be_mailed_comes_back_and_claims_nothing() {
    let sandbox = Sandbox::start().await;
    let mailer = start(&sandbox).await;
    let unknown = Event { name: "mail.spam".into(), ..mailed("ada@example.com") };
    let wrong_data = Event { data: json!({ "email": "not an address" }), ..mailed("ada@example.com") };
    let no_data = Event { data: Value::Null, ..mailed("ada@example.com") };
    let (_, old_key) = verification("gone");
    let bad: Vec<String> = ["", "{", "[]", "null", "{\"type\":\"mail.verification\"}"]
        .map(str::to_owned)
        .into_iter()
        .chain([&unknown, &wrong_data, &no_data, &old_key, &unmailed()].map(body))
        .collect();
    let before = sandbox.spent();
    assert_eq!(deliver(&mailer, &bad).await, (0..bad.len()).collect::<Vec<_>>());
    assert_eq!((sandbox.spent() - before).calls, 0);

    let mixed = ["{".to_owned(), body(&mailed("ada@example.com")), "null".to_owned()];
    assert_eq!(deliver(&mailer, &mixed).await, [0, 2]);
    assert_eq!(sandbox.cloud.mails(None).unwrap().len(), 1);
}

#[tokio::test]
async fn every_type_that_goes_to_the_mailer_has_a_mail() {
    let sandbox = Sandbox::start().await;
    let mailer = start(&sandbox).await;
    for row in REGISTRY.iter().filter(|row| row.queues.contains(&Queue::Mailer)) {
        let empty = Event { name: row.name.to_owned(), data: json!({}), ..mailed("ada@example.com") };
        let refusal = compose(&empty, &mailer.app.settings, &mailer.keyring).err();
        assert_eq!(refusal, Some(NoWords::Unreadable(row.name)));
    }
}

#[tokio::test]
async fn the_link_leads_to_the_front_end_where_there_is_one() {
    let sandbox = Sandbox::start().await;
    let mailer = start(&sandbox).await;
    let keyring: &Keyring = &mailer.keyring;
    let (registration, event) = verification(keyring.current());
    let token = one_time::token(keyring, keyring.current(), &registration.to_string()).unwrap();

    let front_end = Settings {
        public_url: "https://api.souk.dev".into(),
        frontend_url: "https://souk.dev/app?a=1&b='x'".into(),
        ..(*mailer.app.settings).clone()
    };
    let Ok(Task::Form(mail)) = compose(&event, &front_end, keyring) else { panic!("one mail") };
    assert!(
        mail.text.contains(&format!("\nhttps://souk.dev/app?a=1&b='x'/verify-email?token={token}\n")),
        "{}",
        mail.text
    );
    let escaped = format!("<a href=\"https://souk.dev/app?a=1&amp;b=&#39;x&#39;/verify-email?token={token}\">");
    assert!(mail.html.contains(&escaped), "{}", mail.html);
    for what_to_do in ["POST https://api.souk.dev/api/v1/auth/verify-email", token.as_str(), "password", "24 hours"] {
        assert!(mail.text.contains(what_to_do), "{what_to_do}: {}", mail.text);
    }
}

#[tokio::test]
async fn the_sample_payload_is_mailed() {
    let sandbox = Sandbox::start().await;
    let mailer = start(&sandbox).await;
    assert!(failures(&mailer, payload("mailer")).await.is_empty());
    let mut subjects: Vec<String> = sandbox.cloud.mails(None).unwrap().into_iter().map(|mail| mail.subject).collect();
    subjects.sort();
    let changed = "Your e-mail address was changed";
    assert_eq!(subjects, ["You already have an account", changed, changed], "both addresses are told");
}
