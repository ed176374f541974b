//! What people are told of an event: a notice in the app, and mails if it has any.

use partners::mail::{Letter, Mail};
use serde_json::{Map, Value};

/// What one event says to those it concerns; its title stands in its row.
pub struct Words {
    /// A sentence or two, for the app.
    pub body: String,
    /// Where more can be seen or done: a path of the front end.
    pub path: &'static str,
    /// Ids and other small facts, for programs; small, since a notice of more than 1 KB costs twice as much.
    pub data: Map<String, Value>,
    /// What goes out besides.
    pub post: Post,
}

/// What is mailed.
pub enum Post {
    /// Nothing.
    Nothing,
    /// To each whom the event concerns, at the address that they have by now.
    ToOwner(Letter),
    /// To addresses that the event names.
    Addressed(Vec<Mail>),
}

impl Words {
    /// A notice, and nothing by mail.
    pub fn new(body: impl Into<String>, path: &'static str) -> Self {
        Words { body: body.into(), path, data: Map::new(), post: Post::Nothing }
    }

    /// Adds a fact for programs.
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.data.insert(name.to_owned(), Value::String(value.to_string()));
        self
    }

    /// Adds a letter.
    pub fn mailing(self, letter: Letter) -> Self {
        Words { post: Post::ToOwner(letter), ..self }
    }

    /// Adds mails to addresses that the event names.
    pub fn mailing_to(self, mails: Vec<Mail>) -> Self {
        Words { post: Post::Addressed(mails), ..self }
    }
}
