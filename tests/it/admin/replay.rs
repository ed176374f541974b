//! Replay sends again what happened in a span, to those who want it, and nothing else.

use std::time::Duration;

use domain::Time;
use domain::event::Event;
use domain::time::DAY;
use souk_admin::replay::{Span, replay};
use souk_admin::resend::Mode;

use super::operator;
use crate::world::World;

const MAILER: &str = "souk-local-mailer";

async fn queued(world: &World) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    loop {
        let messages = world.sandbox.cloud.receive(MAILER, 10, Duration::ZERO).await.unwrap();
        if messages.is_empty() {
            events.sort_by_key(|event| event.id.to_string());
            return events;
        }
        events.extend(messages.iter().map(|message| serde_json::from_str::<Event>(&message.body).unwrap()));
    }
}

/// Registrations at three times, a minute apart, each of which is mailed; and a login, which nobody is told.
async fn history(world: &World) -> Vec<Time> {
    let mut times = Vec::new();
    for minute in 0..3 {
        world.clock().set_offset_seconds(minute * 60);
        times.push(world.clock().now());
        world.register(&format!("ada{minute}@example.com")).await.expect(201);
    }
    world.person("grace@example.com").await;
    times
}

fn span(from: Time, to: Time) -> Span {
    Span { from, to, name: None }
}

#[tokio::test]
async fn exactly_the_events_of_the_span_are_sent_to_the_queues_of_their_rows() {
    let world = World::start().await;
    let souk = operator(&world.sandbox);
    let times = history(&world).await;
    let told = world.events().await;
    let wanted: Vec<&Event> =
        told.iter().filter(|event| times[1] <= event.occurred_at && event.occurred_at < times[2]).collect();
    assert_eq!(wanted.len(), 1);
    assert!(told.len() > 4, "there is more that must stay");

    let counted = replay(&souk, &span(times[1], times[2]), Mode::DryRun).await.unwrap();
    assert_eq!((counted.resent.sent["mailer"], counted.dry_run), (1, true));
    assert!(queued(&world).await.is_empty(), "a dry run sends nothing");

    let replayed = replay(&souk, &span(times[1], times[2]), Mode::Send).await.unwrap();
    assert_eq!(replayed.resent, counted.resent);
    assert!(replayed.is_complete());
    let sent = queued(&world).await;
    assert_eq!(sent.iter().collect::<Vec<_>>(), wanted);
}

#[tokio::test]
async fn what_no_queue_wants_is_counted_and_a_type_can_be_chosen() {
    let world = World::start().await;
    let souk = operator(&world.sandbox);
    let times = history(&world).await;
    let end = world.clock().now().plus_seconds(60);
    let all = replay(&souk, &span(times[0], end), Mode::Send).await.unwrap().resent;
    // The fourth lay on a registration that became an account, and went with it.
    assert_eq!(all.events["mail.verification"], 3);
    assert_eq!((all.events["user.registered"], all.events["user.logged_in"], all.unwanted), (1, 1, 0));
    assert_eq!(all.sent.iter().collect::<Vec<_>>(), [(&"mailer", &4), (&"projector", &1), (&"webhook-sender", &2)]);
    assert_eq!(queued(&world).await.len(), 4);

    let one = Span { name: Some("user.logged_in".into()), ..span(times[0], end) };
    let one = replay(&souk, &one, Mode::Send).await.unwrap().resent;
    assert_eq!((one.events.len(), one.sent.len(), one.sent["webhook-sender"]), (1, 1, 1));
}

#[tokio::test]
async fn a_mail_that_may_be_forgotten_is_not_sent_twice() {
    let world = World::start().await;
    let souk = operator(&world.sandbox);
    let times = history(&world).await;
    let end = world.clock().now().plus_seconds(60);
    world.clock().set_offset_seconds(31 * DAY);
    let late = replay(&souk, &span(times[0], end), Mode::Send).await.unwrap().resent;
    // Four mails, and two events that integrators may have had.
    assert_eq!((late.too_old, late.sent.keys().collect::<Vec<_>>()), (6, vec![&"projector"]));
    assert!(queued(&world).await.is_empty());
}

#[tokio::test]
async fn nonsense_is_refused_before_the_table_is_read() {
    let world = World::start().await;
    let souk = operator(&world.sandbox);
    let now = world.clock().now();
    let before = world.sandbox.spent();
    let backwards = replay(&souk, &span(now, now), Mode::Send).await.unwrap_err().to_string();
    assert!(backwards.contains("before"), "{backwards}");
    let unknown = Span { name: Some("user.levitated".into()), ..span(now, now.plus_seconds(1)) };
    let unknown = replay(&souk, &unknown, Mode::Send).await.unwrap_err().to_string();
    assert!(unknown.contains("user.levitated"), "{unknown}");
    assert_eq!((world.sandbox.spent() - before).calls, 0);
}
