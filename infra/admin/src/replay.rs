//! Replay: the events of a span of time are sent again to the queues that want them.

use domain::Time;
use domain::event::REGISTRY;
use serde::Serialize;

use crate::resend::{Mode, Resend, Resent};
use crate::{AdminError, Souk};

/// Which events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Those that happened at this time or later,
    pub from: Time,
    /// and before this one.
    pub to: Time,
    /// Of this type only.
    pub name: Option<String>,
}

/// What a replay came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Replayed {
    /// What was sent.
    #[serde(flatten)]
    pub resent: Resent,
    /// Items whose events cannot be read, as `pk / sk`.
    pub unreadable: Vec<String>,
    /// Whether nothing was sent because it was only asked what would be.
    pub dry_run: bool,
}

/// Walks the table for events of the span and sends them again. What lay on an item that has expired is gone.
///
/// # Errors
/// When the span is empty, its type unknown, or AWS fails.
pub async fn replay(souk: &Souk, span: &Span, mode: Mode) -> Result<Replayed, AdminError> {
    if span.from >= span.to {
        return Err(AdminError::Refused("--from must lie before --to".to_owned()));
    }
    if let Some(name) = &span.name
        && !REGISTRY.iter().any(|row| row.name == name)
    {
        return Err(AdminError::Refused(format!("there is no type of event {name:?}")));
    }
    let mut resend = Resend::begin(souk, mode).await?;
    let mut unreadable = Vec::new();
    let mut walk = souk.store.admin_walk_events();
    while let Some(items) = walk.next_events().await? {
        for (place, events) in items {
            let Ok(events) = events else {
                unreadable.push(format!("{} / {}", place.pk, place.sk));
                continue;
            };
            for event in events.into_iter().filter(|event| span.holds(event.id.time(), &event.name)) {
                resend.take(event).await;
            }
        }
    }
    Ok(Replayed { resent: resend.end().await, unreadable, dry_run: mode == Mode::DryRun })
}

impl Replayed {
    /// Whether everything got where it belongs.
    pub fn is_complete(&self) -> bool {
        self.resent.is_complete() && self.unreadable.is_empty()
    }
}

impl Span {
    fn holds(&self, time: Time, name: &str) -> bool {
        self.from <= time && time < self.to && self.name.as_deref().is_none_or(|wanted| wanted == name)
    }
}
