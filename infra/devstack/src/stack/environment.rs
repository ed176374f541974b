//! What the template's parameters are here, and what the functions find in their environment.

use std::collections::BTreeMap;

use super::Urls;
use crate::cloud::Cloud;
use crate::keys::Keys;
use crate::template::{Context, Function};

/// The parameters of stage `local`.
pub fn context(urls: &Urls, keys: &Keys) -> Context {
    let parameters = [
        ("Stage", "local".to_owned()),
        ("PublicUrl", urls.api.clone()),
        ("FrontendUrl", urls.api.clone()),
        ("CorsOrigins", "http://localhost:3000".to_owned()),
        // A test run comes from one address; what is keyed by anything else is limited as everywhere.
        ("RateLimitAnonymousFactor", "100".to_owned()),
        // Receivers on this machine.
        ("WebhookAllowLoopback", "true".to_owned()),
        ("JwtJwks", keys.jwks.clone()),
        ("Keyring", keys.keyring.display().to_string()),
        ("TokenKeys", keys.token_keys.display().to_string()),
    ];
    Context {
        parameters: parameters.map(|(name, value)| (name.to_owned(), value)).into(),
        queue_url_base: urls.cloud.clone(),
    }
}

/// What one function gets: the template's variables, the way to the local cloud, and its name for the capacity count.
pub fn of(function: &Function, cloud: &Cloud) -> Vec<(String, String)> {
    let mut environment = shareable(function, cloud);
    environment.push(("AWS_SDK_UA_APP_ID".to_owned(), function.binary.clone()));
    for name in ["RUST_LOG", "RUST_BACKTRACE"] {
        environment.extend(std::env::var(name).ok().map(|value| (name.to_owned(), value)));
    }
    environment
}

/// The same without what is the function's alone.
pub fn shareable(function: &Function, cloud: &Cloud) -> Vec<(String, String)> {
    let template = function.environment.iter().map(|(name, value)| (name.clone(), value.clone()));
    template.chain(cloud.environment()).collect()
}

/// What all functions have, joined; of variables in which two differ, the first one's.
pub fn common(functions: &[Function], cloud: &Cloud) -> Vec<(String, String)> {
    let mut joined = BTreeMap::new();
    for (name, value) in functions.iter().flat_map(|function| shareable(function, cloud)) {
        joined.entry(name).or_insert(value);
    }
    joined.into_iter().collect()
}
