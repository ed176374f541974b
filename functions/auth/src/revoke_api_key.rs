//! DELETE /api/v1/auth/api-keys/{id}

use axum::extract::State;
use domain::audit::{Act, Action};
use domain::identity::ApiKey;
use domain::identity::events::UserApiKeyRevoked;
use domain::{Failure, Id, Time, id};
use entry::{About, Answer, Nothing, Origin, Path, Problem, Shown, SignedIn};
use store::identity::EndedKey;

use crate::Auth;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Revoke an API key",
    description: "It opens nothing here from now on, and nothing anywhere within 60 seconds. A key that has ended, or is \
                  somebody else's, does not exist here.",
    errors: &[],
};

/// Somebody else's key is looked for among the caller's own, and not found.
pub async fn handle(
    State(auth): State<Auth>,
    caller: SignedIn,
    origin: Origin,
    Path(id): Path<Id<id::ApiKey>>,
) -> Answer<Shown<Nothing>> {
    let store = &auth.app.store;
    let now = auth.app.clock.now();
    let key = store.api_key(caller.account.id, id).await?.filter(|key| key.is_living(now));
    let key = key.ok_or_else(Failure::not_found)?;
    store.revoke_api_key(end(&auth, &origin, key, now)?, now).await?;
    Ok(Shown::new("The API key has been revoked", Nothing {}))
}

/// The end of a key, by its owner.
pub fn end(auth: &Auth, origin: &Origin, key: ApiKey, now: Time) -> Result<EndedKey, Problem> {
    let told = UserApiKeyRevoked {
        user_id: key.user,
        api_key_id: key.id,
        name: key.name.as_str().to_owned(),
        scopes: key.scope_names(),
    };
    let event = auth.app.event(now, origin, Some(key.user), &[key.user], &told)?;
    let act = Act::upon_user(Action::UserApiKeyRevoked, key.user).changing("apiKeys", key.id.to_string(), ());
    let entry = auth.app.audit(now, origin, key.user, act);
    Ok(EndedKey { key, event, entry })
}
