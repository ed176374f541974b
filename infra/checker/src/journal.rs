//! What clients wanted, and what they were told of it: the half of the truth that no item holds.

use std::collections::BTreeMap;

/// What one client was told of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// 2xx: it has happened.
    Done,
    /// 4xx: it has not happened.
    Refused,
    /// 5xx, half an answer or none: it may have happened.
    Unknown,
}

/// Something that a client wanted and whose effect can be seen from outside.
///
/// Of the *counted* deeds each entry has its own effect: two that were both done leave two. Of the others, which put a
/// *state* in place of another, the last that was done stands; entries about the same thing are expected in the order of
/// their answers, one begun after the other was answered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deed {
    /// Counted: accounts with that address. The answer is the one that makes the account, of POST /auth/verify-email or
    /// POST /users; registering alone makes none.
    Registered {
        /// The address, in lower case.
        email: String,
    },
    /// Counted: living API keys of that name, in GET /auth/api-keys.
    ApiKeyMade {
        /// An access token of their owner.
        token: String,
        /// The key's name; of its own for each entry, or entries of one name are counted together.
        name: String,
    },
    /// Counted: webhook endpoints with that URL, in GET /webhook-endpoints.
    EndpointMade {
        /// An access token of their owner.
        token: String,
        /// The endpoint's URL.
        url: String,
    },
    /// Counted: audit entries of that action upon that target, by GET /users/audit where the target has a staff token, else
    /// from the items.
    Audited {
        /// `noun.verb`, as `user.status_changed`.
        action: String,
        /// The id of what was acted upon.
        target: String,
    },
    /// Counted: notices of that type, in GET /notifications.
    NoticeTold {
        /// An access token of whom is told.
        token: String,
        /// The event's type.
        kind: String,
    },
    /// Counted: items of table `core` in that partition whose sort key begins so. For what messages and events come to.
    ItemsMade {
        /// The partition key.
        pk: String,
        /// The beginning of the sort key.
        sk_begins: String,
    },
    /// State: whether that person has that role. Each grant that was done has exactly one audit entry besides.
    RoleGranted {
        /// The account's id.
        user: String,
        /// The role.
        role: String,
    },
    /// State: the name in GET /users/profile.
    ProfileName {
        /// An access token of the person.
        token: String,
        /// The name.
        name: String,
    },
    /// State: the password that signs in. Looking signs in, and guesses with passwords that were refused.
    PasswordIs {
        /// The address.
        email: String,
        /// The password.
        password: String,
    },
}

/// One thing that a client wanted, and each answer that it got, in order; retries under one idempotency key are one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What was wanted.
    pub deed: Deed,
    /// What was told.
    pub answers: Vec<Answer>,
}

/// Mail that somebody should have got. Mail is sent at least once, so the most is the caller's to know: a sender that was
/// killed between sending and noting sends again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailExpected {
    /// To whom.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// At least so often.
    pub at_least: u64,
    /// At most so often.
    pub at_most: u64,
}

/// What a receiver of webhooks got: header `webhook-id` of each request that it answered with 2xx, repeated as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhooksReceived {
    /// An access token of the endpoint's owner.
    pub token: String,
    /// The endpoint's id.
    pub endpoint: String,
    /// The event ids that came.
    pub event_ids: Vec<String>,
}

/// The refresh tokens of one session in the order in which they were got, and how it should stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionChain {
    /// The tokens, the newest last; not empty.
    pub tokens: Vec<String>,
    /// Whether the last token should be good.
    pub standing: Standing,
}

/// How a session should stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its newest token is good.
    Living,
    /// None of its tokens is.
    Ended,
}

/// Everything that clients wanted and were told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journal {
    /// What was wanted.
    pub entries: Vec<Entry>,
    /// Mail that should be in the mailbox.
    pub mail: Vec<MailExpected>,
    /// What receivers of webhooks got.
    pub webhooks: Vec<WebhooksReceived>,
    /// Messages that nobody can handle, by the queue's short name: so many must end as dead letters, and no others.
    pub poison: BTreeMap<String, u64>,
}

impl Journal {
    /// Adds something that was wanted and every answer to it.
    pub fn add(&mut self, deed: Deed, answers: impl Into<Vec<Answer>>) {
        self.entries.push(Entry { deed, answers: answers.into() });
    }
}

impl Answer {
    /// What a client was told by a status; `None` for no answer, or one cut short. 409 with `Retry-After` (a twin is being
    /// answered) is for the client to send again; told last, it says nothing.
    pub fn of(status: Option<u16>) -> Answer {
        match status {
            Some(200..=299) => Answer::Done,
            Some(400..=499) => Answer::Refused,
            _ => Answer::Unknown,
        }
    }
}

impl Entry {
    /// What may have come of it, as a number of effects: at least and at most.
    pub fn effects(&self) -> (u64, u64) {
        match &self.answers {
            answers if answers.contains(&Answer::Done) => (1, 1),
            answers if answers.contains(&Answer::Unknown) => (0, 1),
            _ => (0, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Answer::{Done, Refused, Unknown};

    #[test]
    fn answers_say_how_often_it_has_happened() {
        let deed = Deed::Registered { email: "ada@example.com".into() };
        for (answers, effects) in [
            (vec![Done], (1, 1)),
            (vec![Refused], (0, 0)),
            (vec![Unknown], (0, 1)),
            (vec![Unknown, Done], (1, 1)),
            (vec![Unknown, Unknown], (0, 1)),
            // The first may have done what the second is refused for.
            (vec![Unknown, Refused], (0, 1)),
            (vec![Refused, Done], (1, 1)),
            (vec![Done, Done], (1, 1)),
            (vec![], (0, 0)),
        ] {
            let entry = Entry { deed: deed.clone(), answers };
            assert_eq!(entry.effects(), effects, "{:?}", entry.answers);
        }
    }

    #[test]
    fn a_status_says_what_was_told() {
        for (status, told) in [
            (Some(201), Done),
            (Some(404), Refused),
            (Some(500), Unknown),
            (Some(503), Unknown),
            (Some(302), Unknown),
            (None, Unknown),
        ] {
            assert_eq!(Answer::of(status), told, "{status:?}");
        }
    }
}
