//! What webhooks cost, as the tap counts it: figures of docs/DATA.md.

use axum::http::Method;
use serde_json::{Value, json};

use super::receiver::{Receiver, Says};
use super::{PATH, send, sender};
use crate::world::World;

#[tokio::test]
async fn endpoints_and_deliveries_cost_what_the_document_says() {
    let world = World::start().await;
    let receiver = Receiver::start().await;
    let ada = world.person("ada@example.com").await;
    let mut table = Vec::new();
    let mut within = |what: &str, spent: testkit::Spent, writes: f64, calls: u64| {
        table.push(format!("{what}: {} WCU, {} RCU, {} calls", spent.writes, spent.reads, spent.calls));
        // A request is counted besides, by one call and one unit.
        assert!(spent.writes <= writes + 1.0 && spent.calls <= calls + 1, "{what}: {spent:?}");
    };
    // The caller is remembered from here on: that call is counted once, elsewhere.
    world.at(&ada, PATH).await;
    let ask = async |method: &str, path: &str, body: Value| {
        let before = world.sandbox.spent();
        let call = world.api.call(method.parse::<Method>().unwrap(), path).json(body).token(&ada.access);
        let answer = call.send().await;
        assert!(answer.status.is_success(), "{}", answer.text);
        (world.sandbox.spent() - before, answer)
    };
    let (spent, made) = ask("POST", PATH, json!({ "url": receiver.url, "eventTypes": ["user.logged_in"] })).await;
    within("make", spent, 4.0, 1);
    let id = made.data()["id"].as_str().unwrap();
    let one = format!("{PATH}/{id}");
    within("list", ask("GET", PATH, json!({})).await.0, 0.0, 1);
    within("show", ask("GET", &one, json!({})).await.0, 0.0, 1);
    within("change", ask("PATCH", &one, json!({ "description": "x" })).await.0, 1.0, 2);
    within("rotate", ask("POST", &format!("{one}/rotate-secret"), json!({})).await.0, 8.0, 2);
    within("test", ask("POST", &format!("{one}/test"), json!({})).await.0, 1.0, 2);

    let sender = sender(&world).await;
    let event = world.events_of("user.logged_in").await.pop().unwrap();
    let before = world.sandbox.spent();
    send(&sender, &event).await;
    within("one that arrives at once", world.sandbox.spent() - before, 3.0, 4);
    world.sign_in("ada@example.com").await;
    receiver.once(Says(500, &[]));
    let event = world.events_of("user.logged_in").await.pop().unwrap();
    let before = world.sandbox.spent();
    send(&sender, &event).await;
    within("one that fails", world.sandbox.spent() - before, 8.0, 4);
    let unwanted = world.events_of("user.registered").await.pop().unwrap();
    let before = world.sandbox.spent();
    send(&sender, &unwanted).await;
    within("one that nobody wants", world.sandbox.spent() - before, 0.0, 1);

    within("deliveries", ask("GET", &format!("{one}/deliveries"), json!({})).await.0, 0.0, 2);
    let (spent, listed) = ask("GET", &format!("{one}/deliveries?status=pending"), json!({})).await;
    within("pending deliveries", spent, 0.0, 4);
    let delivery = listed.data()["deliveries"][0]["id"].as_str().unwrap();
    within("delivery", ask("GET", &format!("{one}/deliveries/{delivery}"), json!({})).await.0, 0.0, 2);
    within("delete", ask("DELETE", &one, json!({})).await.0, 4.0, 2);
    println!("{}", table.join("\n"));
}
