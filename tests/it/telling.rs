//! Telling people: in the app and by mail, once per event and person, as each of them prefers.

use domain::event::{Event, Payload, REGISTRY};
use domain::id::User;
use domain::identity::events::{
    MailAlreadyRegistered, MailReset, SessionReuseDetected, UserApiKeyCreated, UserDisabled, UserLocked, UserRegistered,
};
use domain::time::{HOUR, MINUTE};
use domain::{Id, Time};
use entry::keys::random;
use mailer::{Mailer, Post, Task, Words, compose};
use serde_json::{Value, json};
use store::mails::Claim;
use testkit::Sandbox;

use crate::events::{event, out_of_reach, silent, then};
use crate::mailer::{body, deliver, start, start_with};
use crate::units::cost;
use crate::world::{Person, World};

impl World {
    async fn notices_of(&self, person: &Person) -> Vec<Value> {
        let answer = self.api.get("/api/v1/notifications?limit=100").token(&person.access).send().await.expect(200);
        answer.data()["notifications"].as_array().unwrap().clone()
    }

    fn mails_to(&self, email: &str) -> usize {
        self.sandbox.cloud.mails(Some(email)).unwrap().len()
    }

    async fn turn(&self, person: &Person, switches: Value) {
        let change = json!({ "categories": { "account": switches } });
        self.api.put("/api/v1/notifications/preferences", change).token(&person.access).send().await.expect(200);
    }
}

fn concerning<P: Payload>(payload: &P, subjects: &[Id<User>]) -> Event {
    Event { subject_ids: subjects.to_vec(), ..event(payload) }
}

fn disabled(person: &Person) -> Event {
    concerning(&UserDisabled { user_id: person.user_id() }, &[person.user_id()])
}

/// What an example of a type says.
fn words(mailer: &Mailer, event: &Event) -> Words {
    match compose(event, &mailer.app.settings, &mailer.keyring) {
        Ok(Task::Tell(words)) => words,
        _ => panic!("{}: people are told", event.name),
    }
}

#[tokio::test]
async fn each_person_is_told_by_the_channels_that_they_left_on() {
    let world = World::start().await;
    let mailer = start(&world.sandbox).await;
    let mut seen = Vec::new();
    for (n, switches) in [(true, true), (true, false), (false, true), (false, false)].into_iter().enumerate() {
        let email = format!("ada{n}@example.com");
        let ada = world.person(&email).await;
        world.turn(&ada, json!({ "email": switches.0, "inApp": switches.1 })).await;
        assert!(deliver(&mailer, &[body(&disabled(&ada))]).await.is_empty());
        assert_eq!(world.mails_to(&email), usize::from(switches.0), "{switches:?}");
        assert_eq!(world.notices_of(&ada).await.len(), usize::from(switches.1), "{switches:?}");
        seen.push(ada);
    }
    // One event, several people: each by their own switches.
    let all: Vec<Id<User>> = seen.iter().map(Person::user_id).collect();
    let both = concerning(&UserDisabled { user_id: all[0] }, &all);
    assert!(deliver(&mailer, &[body(&both)]).await.is_empty());
    for (n, (mails, notices)) in [(2, 2), (2, 0), (0, 2), (0, 0)].into_iter().enumerate() {
        assert_eq!(world.mails_to(&format!("ada{n}@example.com")), mails);
        assert_eq!(world.notices_of(&seen[n]).await.len(), notices);
    }
    // The switches of another category change nothing.
    let [.., silent] = seen.as_slice() else { panic!("four people") };
    let locked = UserLocked { user_id: silent.user_id(), until: then() };
    assert!(deliver(&mailer, &[body(&concerning(&locked, &[silent.user_id()]))]).await.is_empty());
    assert_eq!((world.mails_to("ada3@example.com"), world.notices_of(silent).await.len()), (1, 1));
}

#[tokio::test]
async fn an_event_that_comes_again_tells_nobody_again() {
    let world = World::start().await;
    let mailer = start(&world.sandbox).await;
    let ada = world.person("ada@example.com").await;
    let message = [body(&disabled(&ada))];
    let (spent, failed) = cost(&world, deliver(&mailer, &message)).await;
    assert!(failed.is_empty());
    assert_eq!(spent.writes, 1.0 + 2.0, "a notice and a mail");
    for _ in 0..2 {
        assert!(deliver(&mailer, &message).await.is_empty());
    }
    let notices = world.notices_of(&ada).await;
    assert_eq!((notices.len(), world.mails_to("ada@example.com")), (1, 1));
    assert_eq!(notices[0]["type"], "user.disabled");
    assert_eq!(notices[0]["category"], "account");
    assert_eq!(notices[0]["title"], "Your account was disabled");
    assert_eq!(notices[0]["createdAt"], then().to_string());
}

#[tokio::test]
async fn a_notice_alone_costs_one_write_unit_and_is_not_mailed() {
    let world = World::start().await;
    let mailer = start(&world.sandbox).await;
    let ada = world.person("ada@example.com").await;
    let events = world.events().await;
    let registered = events.iter().find(|event| event.name == UserRegistered::ROW.name).unwrap();
    let (spent, failed) = cost(&world, deliver(&mailer, &[body(registered)])).await;
    assert!(failed.is_empty());
    assert_eq!((spent.writes, spent.calls), (1.0, 2));
    assert_eq!(world.mails_to("ada@example.com"), 0);
    assert_eq!(world.notices_of(&ada).await[0]["title"], "Welcome to Souk");
}

#[tokio::test]
async fn after_a_crash_between_claim_and_mark_a_letter_is_sent_again_and_the_notice_is_not() {
    let world = World::start().await;
    let mailer = start(&world.sandbox).await;
    let ada = world.person("ada@example.com").await;
    let event = disabled(&ada);
    let (person, now) = (Some(ada.user_id()), world.clock().now());
    let claim = mailer.app.store.claim_mail(event.id, person, now).await.unwrap();
    assert_eq!(claim, Claim::Ours);
    assert_eq!(deliver(&mailer, &[body(&event)]).await, [0]);
    assert_eq!((world.notices_of(&ada).await.len(), world.mails_to("ada@example.com")), (1, 0));
    world.clock().set_offset_seconds(MINUTE + 1);
    for _ in 0..2 {
        assert!(deliver(&mailer, &[body(&event)]).await.is_empty());
    }
    assert_eq!((world.notices_of(&ada).await.len(), world.mails_to("ada@example.com")), (1, 1));
}

#[tokio::test]
async fn a_letter_whose_sender_dies_while_it_is_sent_is_sent_again() {
    let world = World::start().await;
    let mailer = start(&world.sandbox).await;
    let ada = world.person("ada@example.com").await;
    let (nobody, port) = silent(&world.sandbox).await;
    let dying = Mailer { mail: start_with(&world.sandbox, &nobody).await.mail, ..mailer.clone() };
    let message = [body(&disabled(&ada))];
    let _heard = tokio::select! {
        answer = deliver(&dying, &message) => panic!("nobody answers the mailer, and yet: {answer:?}"),
        heard = port.accept() => heard.unwrap(),
    };
    assert_eq!((world.notices_of(&ada).await.len(), world.mails_to("ada@example.com")), (1, 0));
    world.clock().set_offset_seconds(MINUTE + 1);
    assert!(deliver(&mailer, &message).await.is_empty());
    assert_eq!((world.notices_of(&ada).await.len(), world.mails_to("ada@example.com")), (1, 1));
}

#[tokio::test]
async fn a_mail_service_out_of_reach_delays_no_notice() {
    let world = World::start().await;
    let mailer = start(&world.sandbox).await;
    let ada = world.person("ada@example.com").await;
    let nowhere = out_of_reach(&world.sandbox).await;
    let cut_off = Mailer { mail: start_with(&world.sandbox, &nowhere).await.mail, ..mailer.clone() };
    let message = [body(&disabled(&ada))];
    assert_eq!(deliver(&cut_off, &message).await, [0]);
    assert_eq!((world.notices_of(&ada).await.len(), world.mails_to("ada@example.com")), (1, 0));
    assert!(deliver(&mailer, &message).await.is_empty());
    assert_eq!((world.notices_of(&ada).await.len(), world.mails_to("ada@example.com")), (1, 1));
}

#[tokio::test]
async fn whoever_is_gone_is_not_told_and_an_event_about_nobody_is_a_defect() {
    let sandbox = Sandbox::start().await;
    let mailer = start(&sandbox).await;
    let gone = Id::new(then(), random());
    let events =
        [concerning(&UserDisabled { user_id: gone }, &[gone]), concerning(&UserDisabled { user_id: gone }, &[])];
    assert_eq!(deliver(&mailer, &events.map(|event| body(&event))).await, [1]);
    assert!(sandbox.all_items().await.is_empty() && sandbox.cloud.mails(None).unwrap().is_empty());
}

/// Events of one kind of public form to one address.
fn asked(n: usize) -> Vec<String> {
    let data = MailAlreadyRegistered { email: "Ada@Example.com".parse().unwrap() };
    (0..n).map(|_| body(&event(&data))).collect()
}

#[tokio::test]
async fn public_forms_send_five_mails_an_hour_to_one_address_of_one_kind() {
    let sandbox = Sandbox::start().await;
    let mailer = start(&sandbox).await;
    // All at once: whoever is refused for its rivals comes again.
    let mut pending = asked(9);
    for _ in 0..9 {
        let failed = deliver(&mailer, &pending).await;
        pending = failed.into_iter().map(|n| pending[n].clone()).collect();
    }
    assert_eq!(pending, Vec::<String>::new());
    let mails = |to| sandbox.cloud.mails(Some(to)).unwrap().len();
    assert_eq!(mails("ada@example.com"), 5);

    // Another kind and another address have budgets of their own; other spellings of the address have not.
    let kid = sandbox.keyring.current().to_owned();
    let reset = MailReset { email: "ada@example.com".parse().unwrap(), proof_id: Id::new(then(), random()), kid };
    let other = MailAlreadyRegistered { email: "eve@example.com".parse().unwrap() };
    let same = MailAlreadyRegistered { email: "ADA@example.COM".parse().unwrap() };
    assert!(deliver(&mailer, &[body(&event(&reset)), body(&event(&other)), body(&event(&same))]).await.is_empty());
    assert_eq!((mails("ada@example.com"), mails("eve@example.com")), (6, 1), "one reset more");

    sandbox.clock.set_offset_seconds(HOUR);
    assert!(deliver(&mailer, &asked(1)).await.is_empty());
    assert_eq!(mails("ada@example.com"), 7);
}

#[tokio::test]
async fn an_event_counts_once_however_often_it_comes() {
    let sandbox = Sandbox::start().await;
    let mailer = start(&sandbox).await;
    let first = asked(1);
    for _ in 0..7 {
        assert!(deliver(&mailer, &first).await.is_empty());
    }
    for message in asked(4) {
        assert!(deliver(&mailer, &[message]).await.is_empty());
    }
    assert_eq!(sandbox.cloud.mails(None).unwrap().len(), 5);
}

#[tokio::test]
async fn every_type_that_people_are_told_of_says_something_in_each_channel() {
    let sandbox = Sandbox::start().await;
    let mailer = start(&sandbox).await;
    let told = REGISTRY.iter().filter_map(|row| Some((row, row.told?)));
    for (row, told) in told {
        let data = serde_json::from_str(row.example).unwrap();
        let event = Event { name: row.name.to_owned(), data, ..disabled_nobody() };
        let words = words(&mailer, &event);
        assert!(words.body.len() > 10 && words.path.starts_with('/'), "{}", row.name);
        let mails = match words.post {
            Post::Nothing => Vec::new(),
            Post::ToOwner(letter) => vec![letter.addressed_to("ada@example.com".parse().unwrap())],
            Post::Addressed(mails) => mails,
        };
        assert_eq!(mails.is_empty(), !told.by_mail, "{}", row.name);
        for mail in mails {
            assert_eq!(mail.subject.as_str(), told.title);
            assert!(mail.html.starts_with("<!doctype html>") && mail.text.len() > 20, "{}", row.name);
        }
    }
}

fn disabled_nobody() -> Event {
    event(&UserDisabled { user_id: Id::new(then(), random()) })
}

#[tokio::test]
async fn letters_say_what_happened_and_what_to_do_with_every_value_escaped() {
    let sandbox = Sandbox::start().await;
    let mailer = start(&sandbox).await;
    let letter = |event: &Event| match words(&mailer, event).post {
        Post::ToOwner(letter) => letter.addressed_to("Ada@Example.com".parse().unwrap()),
        _ => panic!("{}: goes to whatever address the account has", event.name),
    };
    let (user_id, session_id): (Id<User>, _) = (Id::new(then(), random()), Id::new(then(), random()));
    let until: Time = then().plus_seconds(30 * MINUTE + 1);
    let locked = letter(&event(&UserLocked { user_id, until }));
    assert_eq!(locked.subject.as_str(), "Your account is locked for 30 minutes");
    assert!(locked.text.contains("failed 5 times. Until 2026-11-20 10:31 UTC nobody"), "{}", locked.text);
    let reuse = letter(&event(&SessionReuseDetected { user_id, session_id }));
    assert!(reuse.text.contains("change your password"), "{}", reuse.text);

    let hostile = "\"><script>alert(1)</script>\u{2028}Bcc: eve@example.com";
    let key = json!({
        "userId": user_id, "apiKeyId": "key_01h455vb4pex5vsknk084sn02q", "name": hostile, "scopes": ["wallet:read"]
    });
    let created = Event { name: UserApiKeyCreated::ROW.name.to_owned(), data: key, ..disabled_nobody() };
    let mail = letter(&created);
    assert_eq!(mail.subject.as_str(), "An API key was created");
    assert!(mail.text.contains(hostile) && mail.text.contains("wallet:read"));
    assert!(!mail.html.contains("<script>") && mail.html.contains("&lt;script&gt;"));
}
