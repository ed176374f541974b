//! What is found after a run, and what of it is not as it should be.

use std::fmt::{Debug, Display};
use std::ops::RangeInclusive;

use devstack::cloud::Service;

use super::case::Case;
use super::people::Person;
use super::site::Site;
use crate::client::{Reply, Request, Unanswered};

/// A run cannot go on: what its caller was told, or not told.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Broken(pub String);

/// What is wrong, in sentences.
pub struct Facts<'a> {
    case: Option<&'a Case>,
    wrong: Vec<String>,
}

impl<'a> Facts<'a> {
    /// Nothing looked at yet, after a run with this fault or with none.
    pub fn after(case: Option<&'a Case>) -> Self {
        Facts { case, wrong: Vec::new() }
    }

    /// Notes what is wrong.
    pub fn wrong(&mut self, what: impl Display) {
        self.wrong.push(what.to_string());
    }

    /// What is wrong, in the order in which it was found.
    pub fn into_wrong(self) -> Vec<String> {
        self.wrong
    }

    /// Something is exactly so.
    pub fn equal<T: PartialEq + Debug>(&mut self, what: &str, found: &T, wanted: &T) {
        if found != wanted {
            self.wrong(format!("{what}: {found:?}, not {wanted:?}"));
        }
    }

    /// Something is there this often.
    pub fn counted(&mut self, what: &str, found: usize, wanted: RangeInclusive<usize>) {
        if !wanted.contains(&found) {
            self.wrong(format!("{what}: {found}, not {} to {}", wanted.start(), wanted.end()));
        }
    }

    /// An answer has this status.
    pub fn answered(&mut self, what: &str, reply: &Reply, status: u16) {
        if reply.status != status {
            self.wrong(format!("{what}: {reply}, not {status}"));
        }
    }

    /// Mails with this subject: one, and one more at most for each request that was sent again without knowing. Where the
    /// fault came between sending and knowing that it was sent, the product promises at least once.
    pub fn mailed(&mut self, site: &Site, to: &str, subject: &str, asked_again: u32) -> Result<(), Broken> {
        let found = site.mails(to)?.iter().filter(|mail| mail.subject == subject).count();
        let between = self.case.is_some_and(|case| {
            case.at.function == "mailer" && (case.kills() || case.at.service == Service::Ses && case.hides_the_answer())
        });
        let most = 1 + asked_again as usize + usize::from(between);
        self.counted(&format!("mails {subject:?}"), found, 1..=most);
        Ok(())
    }

    /// Notices of this type in the app.
    pub async fn noticed(
        &mut self,
        site: &Site,
        person: &Person,
        name: &str,
        wanted: RangeInclusive<usize>,
    ) -> Result<(), Broken> {
        let listed = site.ask(&Request::get("/api/v1/notifications?limit=100").token(&person.access)).await?;
        let notices = listed.data()["notifications"].as_array().map(Vec::as_slice).unwrap_or_default();
        let found = notices.iter().filter(|notice| notice["type"] == name).count();
        self.counted(&format!("notices {name}"), found, wanted);
        Ok(())
    }

    /// Entries of the audit trail about somebody.
    pub async fn audited(&mut self, site: &Site, person: &Person, action: &str) -> Result<(), Broken> {
        let path = format!("/api/v1/users/audit?targetId={}&action={action}", person.id);
        let listed = site.ask_as_administrator(Request::get(path)).await?;
        let found = listed.data()["entries"].as_array().map_or(0, Vec::len);
        self.counted(&format!("audit entries {action}"), found, 1..=1);
        Ok(())
    }
}

impl From<Unanswered> for Broken {
    fn from(unanswered: Unanswered) -> Self {
        Broken(unanswered.to_string())
    }
}
