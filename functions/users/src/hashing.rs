//! Argon2id, off the async thread: it costs some 20 ms of a whole core.

use domain::identity::{Password, PasswordHash};
use entry::Problem;
use entry::keys::random;

/// How `password` is kept.
pub async fn hash(password: Password) -> Result<PasswordHash, Problem> {
    let salt = random();
    tokio::task::spawn_blocking(move || password.hash(salt)).await.map_err(Problem::internal)
}

/// Whether `password` is the one that `hash` keeps; the same work when there is none to compare with.
pub async fn matches(hash: Option<PasswordHash>, password: Password) -> Result<bool, Problem> {
    let known = hash.is_some();
    let hash = hash.unwrap_or_else(PasswordHash::nobody);
    let matches = tokio::task::spawn_blocking(move || hash.matches(&password)).await.map_err(Problem::internal)?;
    Ok(matches && known)
}
