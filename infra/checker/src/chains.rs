//! Sessions form one chain: of all refresh tokens that one session ever had, the newest is good, and whoever uses an older
//! one ends it.

use crate::api::Api;
use crate::http::Http;
use crate::journal::{SessionChain, Standing};
use crate::{CheckError, Invariant, Target};

/// The name of what this shows.
pub const ONE_CHAIN: &str = "of a session's refresh tokens the newest is good, and an older one ends it";

/// Uses the tokens: every session that is looked at has ended afterwards. One by one, because refreshes are limited by
/// session and source.
///
/// # Errors
/// When the API does not answer.
pub async fn sessions_are_chains(target: &Target, chains: &[SessionChain]) -> Result<Invariant, CheckError> {
    let Some(api) = Api::of(target, &Http::new()?) else {
        return Ok(Invariant::skipped(ONE_CHAIN, "refresh tokens are used at the public API, and none is given"));
    };
    let mut violations = Vec::new();
    for (number, chain) in chains.iter().enumerate() {
        let wrong = match chain.standing {
            Standing::Living => living(&api, &chain.tokens).await?,
            Standing::Ended => ended(&api, &chain.tokens).await?,
        };
        violations.extend(wrong.map(|wrong| format!("session {number}, {} tokens: {wrong}", chain.tokens.len())));
    }
    Ok(Invariant::looked_at(ONE_CHAIN, chains.len(), violations))
}

/// The newest token is refreshed twice, so that it is itself too old to be a repeated request; then it is used again.
async fn living(api: &Api, tokens: &[String]) -> Result<Option<String>, CheckError> {
    let Some(newest) = tokens.last() else { return Ok(Some("it has no tokens".to_owned())) };
    let Some(next) = api.refresh(newest).await? else { return Ok(Some("its newest token is refused".to_owned())) };
    let Some(last) = api.refresh(&next).await? else {
        return Ok(Some("the newest token's successor is refused".to_owned()));
    };
    // The oldest first: whichever it is, the session ends by it.
    for (age, token) in tokens.iter().enumerate() {
        if api.refresh(token).await?.is_some() {
            return Ok(Some(format!("token {age} is good, though it was replaced")));
        }
    }
    Ok(api.refresh(&last).await?.map(|_| "its newest token is good after an older one was used".to_owned()))
}

async fn ended(api: &Api, tokens: &[String]) -> Result<Option<String>, CheckError> {
    for (age, token) in tokens.iter().enumerate().rev() {
        if api.refresh(token).await?.is_some() {
            return Ok(Some(format!("token {age} is good, though the session has ended")));
        }
    }
    Ok(None)
}
