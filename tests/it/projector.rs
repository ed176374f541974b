//! Views: they show what is kept, whatever events come, how often and in what order.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use domain::event::{Event, Queue};
use domain::identity::people::SearchTerm;
use domain::identity::{Account, Role};
use domain::time::DAY;
use domain::{Id, id};
use entry::keys::random;
use entry::{App, Start, answer_messages};
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::Sandbox;

use crate::events::{mailed, payload, unmailed};
use crate::world::World;

const CORE: &str = "souk-local-core";

pub async fn start(sandbox: &Sandbox) -> App {
    let mut app = App::start(&sandbox.environment("projector"), &sandbox.aws).await.unwrap();
    app.clock = sandbox.clock.clone();
    app
}

/// Takes an account away, as erasure will.
pub async fn forget_account(sandbox: &Sandbox, user: Id<id::User>) {
    let key = |text: String| AttributeValue::S(text);
    let delete = sandbox.dynamodb().delete_item().table_name(CORE);
    delete.key("pk", key(format!("USR#{user}"))).key("sk", key("HEAD".into())).send().await.unwrap();
}

/// What the table tells the projector, in the order of events.
pub async fn told(world: &World) -> Vec<Event> {
    let mut events = world.events().await;
    events.retain(|event| event.row().unwrap().queues.contains(&Queue::Projector));
    events.sort_by_key(|event| event.id);
    events
}

pub async fn project(app: &App, events: &[Event]) {
    for event in events {
        assert!(projector::handle(app.clone(), event.clone()).await.is_ok(), "{}", event.name);
    }
}

/// The names of those who are found.
async fn found(app: &App, term: &str) -> Vec<String> {
    let term: SearchTerm = term.parse().unwrap();
    let mut names = Vec::new();
    for user in app.store.search_people(&term).await.unwrap().ids {
        let account = app.store.account(user).await.unwrap();
        names.extend(account.filter(|account| term.fits(account)).map(|account| account.name.as_str().to_owned()));
    }
    names
}

/// All that the views hold, for showing that nothing changed.
async fn views(world: &World) -> Vec<String> {
    let everything = world.everything().await;
    let is_view = |item: &String| ["\"PPL#", "\"VIEW#", "\"STAT\""].iter().any(|pk| item.contains(pk));
    // How often a record was written is nobody's view.
    let plain = |item: String| item.split("\"revision\"").next().unwrap_or_default().to_owned();
    everything.into_iter().filter(is_view).map(plain).collect()
}

async fn stats(app: &App) -> Value {
    serde_json::to_value(app.store.people_stats(app.clock.now()).await.unwrap()).unwrap()
}

fn id_of(user: &Value) -> Id<id::User> {
    user["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn views_follow_people_from_registration_to_the_end() {
    let world = World::start().await;
    let app = start(&world.sandbox).await;
    let ada = world.person("ada@example.com").await;
    assert_eq!(found(&app, "ada").await, Vec::<String>::new(), "a view is written later");
    project(&app, &told(&world).await).await;
    for term in ["ada", "LOVE", "ada@exa", "ada love"] {
        assert_eq!(found(&app, term).await, ["Ada Lovelace"], "{term}");
    }
    assert!(found(&app, "velace").await.is_empty());
    let change = world.api.patch("/api/v1/users/profile", json!({ "name": "Augusta Ádá King" })).token(&ada.access);
    change.send().await.expect(200);
    project(&app, &told(&world).await).await;
    assert!(found(&app, "lovelace").await.is_empty(), "an old name finds nobody");
    assert_eq!(found(&app, "ada").await, ["Augusta Ádá King"]);
    let first = stats(&app).await;
    assert_eq!((&first["total"], &first["active"], &first["registeredToday"]), (&json!(1), &json!(1), &json!(1)));

    // Events of staff: told by nobody here, so the account is changed as they would.
    let store = &world.auth.app.store;
    let before = store.account(id_of(&ada.user)).await.unwrap().unwrap();
    let mut after = Account { version: before.version + 1, ..before.clone() };
    after.granted.insert(Role::Host);
    after.status = domain::identity::Status::Disabled;
    after.mfa_enabled_at = Some(world.clock().now());
    after.email = "countess@example.com".parse().unwrap();
    let event = told(&world).await.pop().unwrap();
    store.change_account(&before, &after, Event { id: app.id(app.clock.now()), ..event.clone() }).await.unwrap();
    project(&app, std::slice::from_ref(&event)).await;
    let second = stats(&app).await;
    assert_eq!((&second["active"], &second["disabled"], &second["mfaEnabled"]), (&json!(0), &json!(1), &json!(1)));
    assert_eq!((&second["byRole"]["host"], &second["byRole"]["user"]), (&json!(1), &json!(1)));
    assert_eq!((found(&app, "ada@").await.len(), found(&app, "countess@").await.len()), (0, 1));

    forget_account(&world.sandbox, before.id).await;
    project(&app, &[event.clone(), event]).await;
    let third = stats(&app).await;
    assert_eq!((&third["total"], &third["disabled"], &third["registeredToday"]), (&json!(0), &json!(0), &json!(0)));
    let left = views(&world).await;
    assert!(left.iter().all(|item| item.contains("STAT")), "{left:?}");
}

#[tokio::test]
async fn events_that_come_twice_late_and_at_once_count_once() {
    let world = World::start().await;
    let app = start(&world.sandbox).await;
    for n in 0..5 {
        let person = world.person(&format!("p{n}@example.com")).await;
        for name in ["Grace Hopper", "Rear Admiral Hopper"] {
            let change = world.api.patch("/api/v1/users/profile", json!({ "name": name }));
            change.token(&person.access).send().await.expect(200);
        }
    }
    let events = told(&world).await;
    assert!(events.len() >= 15, "{}", events.len());
    project(&app, &events).await;
    let (shown, counted) = (views(&world).await, stats(&app).await);
    assert_eq!(counted["total"], 5);
    let backwards: Vec<Event> = events.iter().rev().cloned().collect();
    project(&app, &backwards).await;
    project(&app, &events).await;
    assert_eq!((views(&world).await, stats(&app).await["total"].clone()), (shown.clone(), json!(5)));

    // From nothing, backwards, and everything at once from several instances.
    for item in world.sandbox.all_items().await {
        let pk = item["pk"].as_s().unwrap();
        if ["PPL#", "VIEW#", "STAT"].iter().any(|view| pk.starts_with(view)) {
            let delete = world.sandbox.dynamodb().delete_item().table_name(CORE);
            delete.key("pk", item["pk"].clone()).key("sk", item["sk"].clone()).send().await.unwrap();
        }
    }
    let rivals = backwards.iter().chain(&events).map(|event| projector::handle(app.clone(), event.clone()));
    for outcome in join_all(rivals).await {
        // What lost too often comes back.
        let _ = outcome;
    }
    project(&app, &events).await;
    assert_eq!(views(&world).await, shown);
    let again = stats(&app).await;
    for figure in ["total", "active", "registeredToday", "byRole"] {
        assert_eq!(again[figure], counted[figure], "{figure}");
    }
}

#[tokio::test]
async fn what_is_no_event_of_a_view_comes_back_and_writes_nothing() {
    let world = World::start().await;
    let app = start(&world.sandbox).await;
    let nobody = serde_json::to_string(&unmailed()).unwrap();
    let wrong = Event { name: "user.updated".into(), data: json!({ "userId": "usr_1" }), ..mailed("a@b.example") };
    let wrong = serde_json::to_string(&wrong).unwrap();
    let records = [nobody.as_str(), wrong.as_str(), "{", "null"].into_iter().enumerate();
    let records: Vec<Value> = records.map(|(n, body)| json!({ "messageId": n.to_string(), "body": body })).collect();
    let batch = serde_json::from_value(json!({ "Records": records })).unwrap();
    let answer = answer_messages(&app, batch, projector::handle).await;
    assert_eq!(answer.batch_item_failures.len(), 4);
    // The sample tells of somebody who is not here.
    let batch = serde_json::from_value(payload("projector")).unwrap();
    assert!(answer_messages(&app, batch, projector::handle).await.batch_item_failures.is_empty());
    assert!(world.sandbox.all_items().await.is_empty());
}

#[tokio::test]
async fn a_registration_costs_at_most_eight_units_and_nothing_twice() {
    let world = World::start().await;
    let app = start(&world.sandbox).await;
    world.person("ada@example.com").await;
    let events = told(&world).await;
    let before = world.sandbox.spent();
    project(&app, &events).await;
    let once = world.sandbox.spent() - before;
    println!("views of a registration: {} WCU, {} RCU, {} calls", once.writes, once.reads, once.calls);
    assert!(once.writes <= 8.0, "{once:?}");
    let before = world.sandbox.spent();
    project(&app, &events).await;
    let twice = world.sandbox.spent() - before;
    assert_eq!((twice.writes, twice.calls), (0.0, 1));
}

#[tokio::test]
async fn statistics_are_for_staff_and_count_by_day() {
    let world = World::start().await;
    let app = start(&world.sandbox).await;
    let operator = world.staff("op@example.com", &[Role::Operator]).await;
    world.person("ada@example.com").await;
    project(&app, &told(&world).await).await;
    let path = "/api/v1/users/stats";
    world.api.get(path).send().await.expect_failure(401, "AUTHENTICATION_FAILED");
    let person = world.sign_in("ada@example.com").await;
    world.api.get(path).token(&person.access).send().await.expect_failure(403, "AUTHORIZATION_FAILED");
    let before = world.sandbox.spent();
    let answer = world.api.get(path).token(&operator.access).send().await.expect(200);
    assert_eq!((world.sandbox.spent() - before).calls, 2, "the caller, and one query");
    let stats = answer.data();
    assert_eq!(
        (&stats["total"], &stats["byRole"]["operator"], &stats["byRole"]["host"]),
        (&json!(2), &json!(1), &json!(0))
    );
    let by_day = |stats: &Value| {
        ["registeredToday", "registeredLast7Days", "registeredLast30Days"].map(|figure| stats[figure].as_i64().unwrap())
    };
    assert_eq!(by_day(stats), [2, 2, 2]);
    assert!(stats["asOf"].is_string());
    for (days, expected) in [(1, [0, 2, 2]), (7, [0, 0, 2]), (30, [0, 0, 0])] {
        world.clock().set_offset_seconds(days * DAY);
        assert_eq!(by_day(&stats_at(&app).await), expected, "{days} days later");
    }
}

async fn stats_at(app: &App) -> Value {
    stats(app).await
}

/// People under words of names that are as unevenly spread as names are.
async fn crowd(app: &App, sandbox: &Sandbox, size: usize) {
    const FIRST: [&str; 12] =
        ["maria", "mary", "mark", "ada", "adam", "jean", "john", "joanna", "wei", "olga", "omar", "priya"];
    let now = app.clock.now();
    let text = |text: String| AttributeValue::S(text);
    let mut writes = Vec::new();
    for n in 0..size {
        let user: Id<id::User> = Id::new(now, random());
        let words =
            [FIRST[n % FIRST.len()].to_owned(), format!("surname{}", n % 977), format!("person{n}@example.com")];
        for word in words {
            let item = std::collections::HashMap::from([
                ("pk".to_owned(), text(format!("PPL#{}", &word[..2]))),
                ("sk".to_owned(), text(format!("{word}#{user}"))),
                ("v".to_owned(), AttributeValue::N("1".into())),
            ]);
            let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
            writes.push(WriteRequest::builder().put_request(put).build());
        }
    }
    let client = sandbox.dynamodb();
    for batch in writes.chunks(25) {
        client.batch_write_item().request_items(CORE, batch.to_vec()).send().await.unwrap();
    }
}

#[tokio::test]
async fn a_search_asks_for_pages_of_one_partition_and_never_scans() {
    const SIZE: usize = 2_400;
    let sandbox = Sandbox::start().await;
    let app = start(&sandbox).await;
    crowd(&app, &sandbox, SIZE).await;
    let mut took: Vec<Duration> = Vec::new();
    let mut expected = BTreeMap::from([("mar", SIZE / 4), ("maria", SIZE / 12), ("ada", SIZE / 6), ("jo", SIZE / 6)]);
    expected.extend([("person17@", 1), ("surname976", SIZE / 977), ("zz", 0)]);
    for (term, count) in expected {
        let before = sandbox.spent();
        for _ in 0..5 {
            let begun = Instant::now();
            let found = app.store.search_people(&term.parse().unwrap()).await.unwrap();
            took.push(begun.elapsed());
            assert_eq!((found.ids.len(), found.is_cut), (count, false), "{term}");
        }
        let spent = sandbox.spent() - before;
        assert_eq!((spent.calls, spent.writes), (5, 0.0), "{term}: one query each");
        println!("{term}: {count} people, {} RCU", spent.reads / 5.0);
    }
    took.sort();
    println!("search among {SIZE} people: p95 {:?}", took[took.len() * 95 / 100]);
    let scans = sandbox.cloud.capacity(CORE).calls.iter().filter(|call| call.operation == "Scan").count();
    assert_eq!(scans, 0);
}
