//! Where webhooks may not go.

use std::net::SocketAddr;

use domain::identity::webhook::Reach;
use entry::{Environment, Start, serve};
use notifications::Notifications;
use partners::webhook::{Addrs, Name, Resolve, Resolving, WebhookClient};
use serde_json::json;
use testkit::Api;

use super::receiver::Receiver;
use super::{PATH, send, sender};
use crate::world::World;

const INNER: [&str; 22] = [
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://0xa9fea9fe/",
    "https://0.0.0.0/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://user@receiver.example/",
    "https://receiver.example/#part",
];

#[tokio::test]
async fn inner_addresses_are_refused_when_an_endpoint_is_made_or_changed() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    // The setting counts in stage local alone: here it is on, and the stage another.
    let settings = world.sandbox.settings("notifications").into_iter();
    let deployed = settings.map(|(name, value)| if name == "STAGE" { (name, "local".into()) } else { (name, value) });
    let local = Notifications::start(&Environment::of(deployed), &world.sandbox.aws).await.unwrap();
    assert_eq!(local.reach, Reach::PublicAndLoopback, "as cargo dev has it");
    let api =
        Api::new(vec![(PATH, serve(notifications::routes(), Notifications { reach: Reach::Public, ..local.clone() }))]);
    let (id, _) = world.endpoint(&ada, "https://receiver.example/", &["*"]).await;
    for url in INNER.into_iter().chain(["http://receiver.example/", "http://127.0.0.1/"]) {
        let body = json!({ "url": url, "eventTypes": ["*"] });
        let refused = api.post(PATH, body.clone()).token(&ada.access).send().await;
        let refused = refused.expect_failure(400, "VALIDATION_ERROR");
        assert_eq!(refused.json["details"][0]["field"], "url", "{url}");
        let refused = api.patch(&format!("{PATH}/{id}"), body).token(&ada.access).send().await;
        refused.expect_failure(400, "VALIDATION_ERROR");
    }
    // On a laptop http and 127.0.0.0/8 are admitted, and nothing else.
    let api = Api::new(vec![(PATH, serve(notifications::routes(), local))]);
    for url in INNER.into_iter().skip(5) {
        let body = json!({ "url": url, "eventTypes": ["*"] });
        api.post(PATH, body).token(&ada.access).send().await.expect_failure(400, "VALIDATION_ERROR");
    }
    let body = json!({ "url": "http://127.0.0.1:8080/", "eventTypes": ["*"] });
    api.post(PATH, body).token(&ada.access).send().await.expect(201);
}

/// Every name leads here.
struct To(&'static str);

impl Resolve for To {
    fn resolve(&self, _: Name) -> Resolving {
        let address = SocketAddr::new(self.0.parse().unwrap(), 0);
        Box::pin(async move {
            let addresses: Addrs = Box::new(std::iter::once(address));
            Ok(addresses)
        })
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_called_whatever_it_led_to_before() {
    let world = World::start().await;
    let receiver = Receiver::start().await;
    let ada = world.person("ada@example.com").await;
    let port = receiver.url.split(':').nth(2).unwrap();
    let (id, _) = world.endpoint(&ada, &format!("http://receiver.example:{port}"), &["*"]).await;
    let mut sender = sender(&world).await;
    for (n, address) in ["10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "127.0.0.1"].into_iter().enumerate()
    {
        world.clock().set_offset_seconds(i64::try_from(n).unwrap() + 1);
        world.sign_in("ada@example.com").await;
        let event = world.events_of("user.logged_in").await.pop().unwrap();
        sender.client = WebhookClient::new(Reach::PublicAndLoopback, To(address)).unwrap();
        send(&sender, &event).await;
        let delivery = world.deliveries(&ada, &id).await.remove(0);
        match address == "127.0.0.1" {
            true => assert_eq!((&delivery["status"], receiver.got().len()), (&json!("delivered"), 1)),
            false => {
                assert_eq!((&delivery["status"], receiver.got().len()), (&json!("pending"), 0), "{address}");
                let told = "the host resolves to a private, local or reserved address";
                assert_eq!((&delivery["lastError"], &delivery["lastStatusCode"]), (&json!(told), &json!(null)));
            }
        }
    }
}
