//! What every sign-in does once it is proven.

use domain::Time;
use domain::event::Event;
use domain::identity::events::UserLoggedIn;
use domain::identity::session::MAX_LIVING;
use domain::identity::{Account, Session};
use entry::{Origin, Problem};

use crate::Auth;

/// What is told of a session that begins.
pub fn logged_in(auth: &Auth, origin: &Origin, session: &Session, now: Time) -> Result<Event, Problem> {
    let told = UserLoggedIn { user_id: session.user, session_id: session.id, method: session.method };
    Ok(auth.app.event(now, origin, Some(session.user), &[session.user], &told)?)
}

/// After the session is kept: the guesses are forgiven, the account notes the sign-in, and the twenty-first session
/// displaces the oldest.
pub async fn settle(auth: &Auth, account: &Account, now: Time) -> Result<(), Problem> {
    let store = &auth.app.store;
    let (_, _, living) = tokio::try_join!(
        store.clear_guesses(account.email.key()),
        store.note_login(account.id, now),
        store.living_sessions(account.id, now),
    )?;
    let surplus = living.len().saturating_sub(MAX_LIVING);
    for oldest in living.iter().take(surplus) {
        store.displace_session(oldest, now).await?;
    }
    Ok(())
}
