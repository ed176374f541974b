//! Notices: people read what they were told, and nobody else does.

use axum::http::Method;
use domain::event::Category;
use domain::identity::Notice;
use domain::identity::notice::{KEPT_SECONDS, id_of};
use domain::time::{DAY, HOUR};
use domain::{Id, Time, id};
use entry::keys::random;
use serde_json::{Map, Value, json};

use crate::units::cost;
use crate::world::{Person, World};

const NOTICES: &str = "/api/v1/notifications";
const COUNT: &str = "/api/v1/notifications/unread-count";
const READ_ALL: &str = "/api/v1/notifications/read-all";

/// A notice for `user` of something that happened just before it was told.
pub fn notice(user: Id<id::User>, told: Time) -> Notice {
    Notice {
        id: id_of(Id::new(told, random()), user),
        name: "user.password_changed".to_owned(),
        category: Category::Security,
        title: "Your password was changed".to_owned(),
        body: "If that was not you, reset it.".to_owned(),
        action_path: Some("/settings/security".to_owned()),
        data: Map::from_iter([("how".to_owned(), json!("change"))]),
        created_at: told,
        stored_at: told,
        read_at: None,
    }
}

impl World {
    /// Keeps `count` notices for a person, a second apart, the newest told now; oldest first.
    async fn notices(&self, person: &Person, count: usize, category: Category) -> Vec<Notice> {
        let (user, now) = (person.user_id(), self.clock().now());
        let seconds = i64::try_from(count).unwrap();
        let notices: Vec<_> =
            (1..=seconds).map(|n| Notice { category, ..notice(user, now.plus_seconds(n - seconds)) }).collect();
        for notice in &notices {
            self.auth.app.store.add_notice(user, notice).await.unwrap();
        }
        notices
    }

    async fn listed(&self, person: &Person, query: &str) -> Value {
        let answer = self.api.get(&format!("{NOTICES}?{query}")).token(&person.access).send().await;
        answer.expect(200).data().clone()
    }

    async fn unread(&self, person: &Person) -> Value {
        self.api.get(COUNT).token(&person.access).send().await.expect(200).data().clone()
    }
}

impl Person {
    pub fn user_id(&self) -> Id<id::User> {
        self.user["id"].as_str().unwrap().parse().unwrap()
    }
}

fn ids(listed: &Value) -> Vec<String> {
    let notices = listed["notifications"].as_array().unwrap().iter();
    notices.map(|notice| notice["id"].as_str().unwrap().to_owned()).collect()
}

fn newest_first(notices: &[Notice]) -> Vec<String> {
    notices.iter().rev().map(|notice| notice.id.to_string()).collect()
}

#[tokio::test]
async fn notices_are_listed_newest_first_and_read_one_by_one() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    assert_eq!(world.unread(&ada).await, json!({ "unreadCount": 0, "capped": false }));
    assert_eq!(world.listed(&ada, "").await["notifications"], json!([]));
    let told = world.notices(&ada, 3, Category::Security).await;
    let listed = world.listed(&ada, "").await;
    assert_eq!(ids(&listed), newest_first(&told));
    let (first, newest) = (&listed["notifications"][0], &told[2]);
    assert_eq!(
        *first,
        json!({
            "id": newest.id, "type": "user.password_changed", "category": "security", "title": newest.title,
            "body": newest.body, "actionUrl": "http://127.0.0.1:9000/settings/security", "data": { "how": "change" },
            "createdAt": newest.created_at, "readAt": null,
        })
    );

    let path = format!("{NOTICES}/{}/read", newest.id);
    let read = world.api.call(Method::POST, &path).token(&ada.access).send().await.expect(200);
    let read_at = read.data()["readAt"].clone();
    assert!(read_at.is_string());
    world.clock().set_offset_seconds(5);
    let again = world.api.call(Method::POST, &path).token(&ada.access).send().await.expect(200);
    assert_eq!(again.data()["readAt"], read_at, "reading twice is reading once");
    assert_eq!(ids(&world.listed(&ada, "unread=true").await), newest_first(&told[..2]));
    assert_eq!(ids(&world.listed(&ada, "unread=false").await), newest_first(&told[2..]));
    assert_eq!(world.unread(&ada).await["unreadCount"], 2);
}

#[tokio::test]
async fn s3_foreign_reads_of_notices() {
    let world = World::start().await;
    let (ada, eve) = (world.person("ada@example.com").await, world.person("eve@example.com").await);
    let told = world.notices(&ada, 1, Category::Account).await;
    assert_eq!(ids(&world.listed(&eve, "").await).len(), 0);
    let before = world.everything().await;
    for (method, path) in [
        (Method::POST, format!("{NOTICES}/{}/read", told[0].id)),
        (Method::DELETE, format!("{NOTICES}/{}", told[0].id)),
    ] {
        let answer = world.api.call(method, &path).token(&eve.access).send().await;
        answer.expect_failure(404, "RESOURCE_NOT_FOUND");
    }
    for nonsense in ["ntf_x", "usr_01h455vb4pex5vsknk084sn02q", "..", "%00"] {
        let answer = world.api.call(Method::DELETE, &format!("{NOTICES}/{nonsense}")).token(&eve.access).send().await;
        answer.expect_failure(404, "RESOURCE_NOT_FOUND");
    }
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn pages_bring_every_notice_once_and_cursors_fit_only_their_list() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let told = world.notices(&ada, 7, Category::Talent).await;
    let others = world.notices(&ada, 40, Category::Wallet).await;
    let mut seen = Vec::new();
    let mut query = "limit=3&category=talent".to_owned();
    let first = loop {
        let listed = world.listed(&ada, &query).await;
        seen.extend(ids(&listed));
        let next = listed["pagination"]["nextCursor"].as_str().map(str::to_owned);
        assert_eq!(listed["pagination"]["hasNext"], next.is_some());
        let Some(next) = next else { break query };
        query = format!("category=talent&cursor={next}&limit=3");
    };
    assert_eq!(seen, newest_first(&told));
    let cursor = first.split('&').find(|part| part.starts_with("cursor=")).unwrap();

    let eve = world.person("eve@example.com").await;
    let refused = async |person: &Person, query: &str| {
        let answer = world.api.get(&format!("{NOTICES}?{query}")).token(&person.access).send().await;
        answer.expect_failure(400, "VALIDATION_ERROR");
    };
    refused(&eve, &format!("category=talent&{cursor}")).await;
    refused(&ada, cursor).await;
    refused(&ada, &format!("category=wallet&{cursor}")).await;
    refused(&ada, &format!("category=talent&{cursor}x")).await;
    for nonsense in
        ["limit=0", "limit=101", "limit=x", "cursor=", "category=nonsense", "unread=maybe", "limit=1&limit=2"]
    {
        refused(&ada, nonsense).await;
    }

    let all = world.listed(&ada, "limit=100").await;
    assert_eq!(ids(&all).len(), told.len() + others.len());
    assert_eq!(all["pagination"], json!({ "limit": 100, "hasNext": false, "nextCursor": null }));
}

#[tokio::test]
async fn reading_all_costs_one_write_unit_however_many_there_are() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let told = world.notices(&ada, 30, Category::Compute).await;
    let read_all = world.api.call(Method::POST, READ_ALL).token(&ada.access).send();
    let (spent, answer) = cost(&world, read_all).await;
    answer.expect(200);
    // And the one that counts how often somebody writes.
    assert_eq!((spent.writes, spent.calls), (2.0, 3));
    assert_eq!(world.unread(&ada).await["unreadCount"], 0);
    assert_eq!(ids(&world.listed(&ada, "unread=true").await).len(), 0);
    let read = world.listed(&ada, "unread=false&limit=100").await;
    assert_eq!(ids(&read), newest_first(&told));
    assert!(read["notifications"].as_array().unwrap().iter().all(|notice| notice["readAt"].is_string()));

    // What happened before and is told afterwards was not read.
    world.clock().set_offset_seconds(10);
    let now = world.clock().now();
    let late = Notice { stored_at: now, ..notice(ada.user_id(), now.plus_seconds(-HOUR)) };
    world.auth.app.store.add_notice(ada.user_id(), &late).await.unwrap();
    assert_eq!(world.unread(&ada).await["unreadCount"], 1);
    assert_eq!(ids(&world.listed(&ada, "unread=true").await), [late.id.to_string()]);
}

#[tokio::test]
async fn unread_notices_are_counted_to_a_hundred() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    world.notices(&ada, 100, Category::Energy).await;
    assert_eq!(world.unread(&ada).await, json!({ "unreadCount": 100, "capped": false }));
    world.notices(&ada, 1, Category::Energy).await;
    assert_eq!(world.unread(&ada).await, json!({ "unreadCount": 100, "capped": true }));
}

#[tokio::test]
async fn a_deleted_notice_does_not_come_back() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let told = world.notices(&ada, 2, Category::Plugins).await;
    let path = format!("{NOTICES}/{}", told[0].id);
    let answer = world.api.call(Method::DELETE, &path).token(&ada.access).send().await.expect(200);
    assert_eq!(*answer.data(), json!({}));
    let delete_again = world.api.call(Method::DELETE, &path).token(&ada.access).send().await;
    delete_again.expect_failure(404, "RESOURCE_NOT_FOUND");
    let read = world.api.call(Method::POST, &format!("{path}/read")).token(&ada.access).send().await;
    read.expect_failure(404, "RESOURCE_NOT_FOUND");
    // Its event comes again.
    world.auth.app.store.add_notice(ada.user_id(), &told[0]).await.unwrap();
    assert_eq!(ids(&world.listed(&ada, "").await), newest_first(&told[1..]));
    assert_eq!(world.unread(&ada).await["unreadCount"], 1);
    let kept = world.sandbox.partition(&format!("USR#{}", ada.user_id())).await;
    let stone = kept.iter().find(|item| item["sk"].as_s().unwrap().ends_with(&told[0].id.to_string())).unwrap();
    assert!(!stone.contains_key("body") && !stone.contains_key("data"));
}

#[tokio::test]
async fn notices_end_after_90_days_though_nothing_has_removed_them() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let now = world.clock().now();
    let (dead, living) = (
        notice(ada.user_id(), now.plus_seconds(-KEPT_SECONDS)),
        notice(ada.user_id(), now.plus_seconds(DAY - KEPT_SECONDS)),
    );
    for notice in [&dead, &living] {
        world.auth.app.store.add_notice(ada.user_id(), notice).await.unwrap();
    }
    assert_eq!(ids(&world.listed(&ada, "").await), [living.id.to_string()]);
    assert_eq!(world.unread(&ada).await["unreadCount"], 1);
    for (method, path) in [(Method::POST, format!("{}/read", dead.id)), (Method::DELETE, dead.id.to_string())] {
        let answer = world.api.call(method, &format!("{NOTICES}/{path}")).token(&ada.access).send().await;
        answer.expect_failure(404, "RESOURCE_NOT_FOUND");
    }
}
