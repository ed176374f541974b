//! Naughty strings: whatever people write into a text field is kept as they wrote it, or refused with a reason.

use axum::http::Method;
use domain::identity::Role;
use domain::text::{Bio, Location, PersonName};
use domain::time::MINUTE;
use serde_json::{Value, json};
use testkit::Answer;

use crate::openapi::document;
use crate::shapes::Shapes;
use crate::surface::{operations, with_example};
use crate::world::World;

/// Requests within a minute, so that no limit is met.
const IN_A_MINUTE: usize = 15;

fn strings() -> Vec<String> {
    serde_json::from_str(include_str!("../vectors/blns/blns.json")).unwrap()
}

/// A refusal or a success in the envelope; whatever a success shows of `field` is what was sent.
fn is_clean(answer: &Answer, name: &str, field: &str, sent: &str) {
    let told = |what: &str| format!("{name} {field} {sent:?}: {what} {}", answer.text);
    assert!((200..500).contains(&answer.status.as_u16()), "{}", told("failed"));
    let success = answer.json["success"].as_bool().unwrap_or_else(|| panic!("{}", told("no envelope")));
    assert_eq!(success, answer.status.is_success(), "{}", told("says otherwise"));
    if let Some(shown) = success.then(|| answer.data()[field].as_str()).flatten() {
        assert!(shown == sent || shown == sent.trim(), "{}", told("kept as something else"));
    }
}

#[tokio::test]
async fn every_text_field_keeps_naughty_strings_or_refuses_them() {
    let (world, document, strings) = (World::start().await, document(), strings());
    let shapes = Shapes(&document);
    let mut admin = world.staff("admin@example.com", &[Role::Administrator]).await;
    let (mut sent, mut fields) = (0, 0);
    for (method, path, operation) in operations(&document) {
        let Some(schema) = shapes.body(&operation) else { continue };
        let (name, path) = (format!("{method} {path}"), with_example(&document, &path, &operation));
        let (method, example): (Method, Value) = (method.parse().unwrap(), shapes.example(schema));
        // Where passwords are hashed one must do.
        let many = if example.to_string().contains("assword") { 1 } else { 6 };
        for place in shapes.texts(schema) {
            fields += 1;
            for _ in 0..many {
                // One after the other through all fields: together they see every string.
                let string = &strings[sent % strings.len()];
                if sent % IN_A_MINUTE == 0 {
                    world.minutes_later(sent / IN_A_MINUTE, &mut admin).await;
                }
                let body = place.fill(&example, &json!(string));
                let call = world.api.call(method.clone(), &path).json(body).token(&admin.access);
                is_clean(&call.send().await, &name, place.field(), string);
                sent += 1;
            }
        }
    }
    assert!(fields >= 40 && sent >= 150, "{fields} fields, {sent} strings");
}

#[tokio::test]
async fn every_naughty_string_in_a_profile_comes_back_as_it_was_or_is_refused_by_name() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    for (n, string) in strings().iter().enumerate() {
        if n % 45 == 0 {
            world.clock().set_offset_seconds(i64::try_from(n / 45).unwrap() * (MINUTE + 1));
        }
        let name = string.parse::<PersonName>().map(|text| text.as_str().to_owned());
        let bio = string.parse::<Bio>().map(|text| text.as_str().to_owned());
        let location = string.parse::<Location>().map(|text| text.as_str().to_owned());
        let rules = [("name", name), ("bio", bio), ("location", location)];
        let wrong: Vec<&str> = rules.iter().filter(|(_, kept)| kept.is_err()).map(|(field, _)| *field).collect();
        let all = json!({ "name": string, "bio": string, "location": string });
        let change = world.api.patch("/api/v1/users/profile", all).token(&ada.access).send().await;
        if string.contains('\0') {
            change.expect_failure(400, "VALIDATION_ERROR");
        } else if wrong.is_empty() {
            let shown = change.expect(200);
            for (field, kept) in rules {
                assert_eq!(shown.data()[field], kept.unwrap(), "{field}");
            }
        } else {
            let refused = change.expect_failure(400, "VALIDATION_ERROR");
            let details = refused.json["details"].as_array().unwrap().iter();
            let mut named: Vec<&str> = details.map(|detail| detail["field"].as_str().unwrap()).collect();
            named.sort_by_key(|field| rules.iter().position(|(known, _)| known == field));
            assert_eq!(named, wrong, "{string:?}");
        }
    }
}

#[tokio::test]
async fn naughty_names_of_fields_are_ignored_or_refused() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    for string in strings().iter().step_by(9) {
        let mut body = json!({});
        body[string.as_str()] = json!({ "email": true });
        let categories = json!({ "categories": body });
        let change = world.api.put("/api/v1/notifications/preferences", categories).token(&ada.access).send().await;
        change.expect_failure(400, "VALIDATION_ERROR");
    }
    let shown = world.api.get("/api/v1/notifications/preferences").token(&ada.access).send().await.expect(200);
    assert_eq!(shown.header("etag"), Some("\"0\""));
}
