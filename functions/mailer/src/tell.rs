//! Telling those whom an event concerns: in the app and by mail, as each of them prefers.

use domain::Id;
use domain::Time;
use domain::event::{Category, Event, Told};
use domain::id::User;
use domain::identity::notice::id_of;
use domain::identity::{EmailAddress, Notice};
use entry::Problem;
use partners::mail::Mail;

use crate::Mailer;
use crate::deliver::{self, Undone};
use crate::words::{Post, Words};

/// Tells each whom the event concerns. Where an account is gone nobody is left to be told but at addresses that the event
/// names.
pub(crate) async fn tell(mailer: &Mailer, event: &Event, words: &Words) -> Result<(), Undone> {
    let Some((category, told)) = event.row().and_then(|row| Some((row.category, row.told?))) else {
        return Err(Problem::internal("nobody is told of such an event").into());
    };
    if event.subject_ids.is_empty() {
        return Err(Problem::internal("the event concerns nobody").into());
    }
    // Notices first: a mail service that is slow or silent delays none of them.
    let mut letters = Vec::new();
    for user in event.subject_ids.iter().copied() {
        let person = mailer.app.store.person_to_tell(user).await?;
        let wanted = person.as_ref().map(|(_, preferences)| preferences.of(category));
        if wanted.is_some_and(|wanted| wanted.in_app) {
            let notice = notice(event, user, (category, told), words, mailer.app.clock.now());
            mailer.app.store.add_notice(user, &notice).await?;
        }
        let owner = person.as_ref().map(|(account, _)| &account.email);
        if told.by_mail && wanted.is_none_or(|wanted| wanted.email) {
            letters.push((user, addressed(&words.post, owner)));
        }
    }
    for (user, mails) in letters.iter().filter(|(_, mails)| !mails.is_empty()) {
        deliver::once(mailer, event.id, Some(*user), mails).await?;
    }
    Ok(())
}

/// The same for the same event and person whenever it is made, but for the time when it is told.
fn notice(event: &Event, user: Id<User>, (category, told): (Category, Told), words: &Words, now: Time) -> Notice {
    Notice {
        id: id_of(event.id, user),
        name: event.name.clone(),
        category,
        title: told.title.to_owned(),
        body: words.body.clone(),
        action_path: Some(words.path.to_owned()),
        data: words.data.clone(),
        created_at: event.id.time(),
        stored_at: now,
        read_at: None,
    }
}

fn addressed(post: &Post, owner: Option<&EmailAddress>) -> Vec<Mail> {
    match post {
        Post::Nothing => Vec::new(),
        Post::ToOwner(letter) => owner.map(|owner| letter.clone().addressed_to(owner.clone())).into_iter().collect(),
        Post::Addressed(mails) => mails.clone(),
    }
}
