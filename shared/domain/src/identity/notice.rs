//! Notices: what people are told inside the app, one record for each event and person.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::event::Category;
use crate::id::User;
use crate::time::DAY;
use crate::{Id, Time, id};

/// How long a notice lives after what it tells of, in seconds.
pub const KEPT_SECONDS: i64 = 90 * DAY;
/// How late a notice may come after what it tells of, in seconds: as long as a dead-letter queue keeps its event.
pub const MAX_LATE_SECONDS: i64 = 14 * DAY;
/// Unread notices are counted no further than this.
pub const MAX_COUNTED: usize = 100;

/// One thing that one person is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// Follows from event and person, so that the same event tells the same person once.
    pub id: Id<id::Notification>,
    /// The event's type.
    #[serde(rename = "type")]
    pub name: String,
    /// What it is about.
    pub category: Category,
    /// A few words.
    pub title: String,
    /// A sentence or two.
    pub body: String,
    /// Where more can be seen or done: a path of the front end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub action_path: Option<String>,
    /// Ids and other small facts, for programs.
    pub data: Map<String, Value>,
    /// When it happened.
    pub created_at: Time,
    /// When it was told: later than it happened, at times much later.
    pub stored_at: Time,
    /// When it was read, if it was on its own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub read_at: Option<Time>,
}

/// The id of the notice that tells `user` of `event`. Both are random in the bits that are mixed here, and for one person no
/// two events bring the same.
pub fn id_of(event: Id<id::Event>, user: Id<User>) -> Id<id::Notification> {
    let (event_bits, user_bits) = (event.as_bytes(), user.as_bytes());
    let mixed: [u8; 10] = std::array::from_fn(|i| event_bits[i + 6] ^ user_bits[i + 6]);
    Id::new(event.time(), mixed)
}

/// Whether a notice with this id still lives; afterwards nobody sees it, removed or not.
pub fn lives(notice: Id<id::Notification>, now: Time) -> bool {
    now < notice.time().plus_seconds(KEPT_SECONDS)
}

impl Notice {
    /// What its person sees, who has read all that was told until `read_until`.
    pub fn seen(&self, read_until: Option<Time>, front_end: &str) -> NoticeView {
        let by_mark = read_until.filter(|until| self.stored_at <= *until);
        NoticeView {
            id: self.id,
            name: self.name.clone(),
            category: self.category,
            title: self.title.clone(),
            body: self.body.clone(),
            action_url: self.action_path.as_ref().map(|path| format!("{front_end}{path}")),
            data: self.data.clone(),
            created_at: self.created_at,
            read_at: self.read_at.or(by_mark),
        }
    }
}

/// A notice as its person sees it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Notification")]
#[allow(missing_docs)]
pub struct NoticeView {
    pub id: Id<id::Notification>,
    /// The type of the event that it tells of.
    #[serde(rename = "type")]
    pub name: String,
    pub category: Category,
    pub title: String,
    pub body: String,
    /// A page of the front end.
    pub action_url: Option<String>,
    pub data: Map<String, Value>,
    pub created_at: Time,
    /// `null` while unread.
    pub read_at: Option<Time>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ids_tell_events_and_people_apart_and_sort_by_time(
            at in 0..4_000_000_000_000_i64, a: [u8; 10], b: [u8; 10], ada: [u8; 10], bob: [u8; 10],
        ) {
            let event = |random| Id::<id::Event>::new(Time::from_millis(at), random);
            let user = |random| Id::<User>::new(Time::from_millis(5), random);
            let id = id_of(event(a), user(ada));
            prop_assert_eq!(id, id_of(event(a), user(ada)));
            prop_assert_eq!(id.time(), Time::from_millis(at));
            prop_assert_eq!(id == id_of(event(b), user(ada)), event(a) == event(b));
            prop_assert_eq!(id == id_of(event(a), user(bob)), user(ada) == user(bob));
        }
    }

    #[test]
    fn what_was_told_until_the_mark_is_read() {
        let told = Time::from_millis(10_000);
        let id = id_of(Id::new(Time::from_millis(5_000), [1; 10]), Id::new(told, [2; 10]));
        let notice = Notice {
            id,
            name: "user.locked".into(),
            category: Category::Security,
            title: "t".into(),
            body: "b".into(),
            action_path: Some("/x".into()),
            data: Map::new(),
            created_at: id.time(),
            stored_at: told,
            read_at: None,
        };
        let read_at = |mark: Option<i64>| notice.seen(mark.map(Time::from_millis), "https://souk.dev").read_at;
        assert_eq!(read_at(None), None);
        // It happened before the mark, and was told after it: nobody has seen it.
        assert_eq!(read_at(Some(9_999)), None);
        assert_eq!(read_at(Some(10_000)), Some(told));
        let own = Notice { read_at: Some(told), ..notice.clone() };
        assert_eq!(own.seen(Some(Time::from_millis(20_000)), "").read_at, Some(told));
        assert_eq!(own.seen(None, "https://souk.dev").action_url.as_deref(), Some("https://souk.dev/x"));
        assert!(
            lives(id, id.time().plus_seconds(KEPT_SECONDS - 1)) && !lives(id, id.time().plus_seconds(KEPT_SECONDS))
        );
    }
}
