//! Settings and secrets, read once at start. What is missing or wrong is said by name, and the function does not start.

use std::collections::BTreeMap;

use domain::identity::webhook::Reach;

use crate::aws::Aws;
use crate::keys::{BadKeys, Keyring};

/// Why a function cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is not there.
    #[error("setting {name} is missing: {meaning}")]
    Missing { name: &'static str, meaning: &'static str },
    /// A setting is there and makes no sense.
    #[error("setting {name} is wrong: {reason}")]
    Wrong { name: &'static str, reason: String },
    /// A secret cannot be read.
    #[error("the secret that {name} names cannot be read: {reason}")]
    Secret { name: &'static str, reason: String },
    /// A secret was read and cannot be used.
    #[error("the secret that {name} names is not usable: {source}")]
    Keys { name: &'static str, source: BadKeys },
}

/// The process's settings; in tests, any.
#[derive(Clone, Debug)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The environment variables of this process.
    pub fn of_process() -> Self {
        Environment(std::env::vars().collect())
    }

    /// These settings and no others.
    pub fn of(settings: impl IntoIterator<Item = (String, String)>) -> Self {
        Environment(settings.into_iter().collect())
    }

    /// A setting that may be absent or empty.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A setting that must be there; `meaning` tells the reader of the error what belongs into it.
    pub fn required(&self, name: &'static str, meaning: &'static str) -> Result<&str, StartError> {
        self.optional(name).ok_or(StartError::Missing { name, meaning })
    }

    /// The secret whose place setting `name` tells: an SSM parameter, in stage local a file.
    pub async fn secret(&self, name: &'static str, aws: &Aws) -> Result<String, StartError> {
        let place = self.required(name, "the SSM parameter (stage local: the file) that holds a secret")?;
        let failed = |reason: String| StartError::Secret { name, reason };
        if self.optional("STAGE") == Some(LOCAL) {
            return std::fs::read_to_string(place).map_err(|error| failed(error.kind().to_string()));
        }
        aws.parameter(place).await.map_err(failed)
    }

    /// The keyring that setting `KEYRING` names.
    pub async fn keyring(&self, aws: &Aws) -> Result<Keyring, StartError> {
        let text = self.secret("KEYRING", aws).await?;
        Keyring::parse(&text).map_err(|source| StartError::Keys { name: "KEYRING", source })
    }
}

impl Environment {
    /// How far webhooks reach: `WEBHOOK_ALLOW_LOOPBACK` counts in stage local and nowhere else.
    pub fn webhook_reach(&self) -> Reach {
        let is_local = self.optional("STAGE") == Some(LOCAL);
        match is_local && self.optional("WEBHOOK_ALLOW_LOOPBACK") == Some("true") {
            true => Reach::PublicAndLoopback,
            false => Reach::Public,
        }
    }
}

const LOCAL: &str = "local";

/// Settings that every function has.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which copy of the system this is; `local` on a laptop.
    pub stage: String,
    /// This function's name in logs and metrics.
    pub function: String,
    /// Where the API is reached; also the issuer of access tokens. Without a slash at the end.
    pub public_url: String,
    /// Where links in mails lead. Without a slash at the end.
    pub frontend_url: String,
    /// Origins that browsers may call from.
    pub cors_origins: Vec<String>,
    /// What multiplies limits that are keyed by source address; 1 unless the stage is local.
    pub rate_limit_anonymous_factor: u32,
}

impl Settings {
    /// Reads what every function needs.
    pub fn read(environment: &Environment) -> Result<Self, StartError> {
        let public_url = environment.required("PUBLIC_URL", "where the API is reached, as https://api.example.com")?;
        if !public_url.starts_with("https://") && !public_url.starts_with("http://") {
            let reason = "must begin with https://".to_owned();
            return Err(StartError::Wrong { name: "PUBLIC_URL", reason });
        }
        let frontend_url = environment.optional("FRONTEND_URL").unwrap_or(public_url);
        let origins = environment.optional("CORS_ORIGINS").unwrap_or_default().split(',');
        let stage = environment.required("STAGE", "which copy of the system this is, as prod")?.to_owned();
        Ok(Settings {
            rate_limit_anonymous_factor: anonymous_factor(environment, &stage)?,
            stage,
            function: environment.optional("AWS_LAMBDA_FUNCTION_NAME").unwrap_or("test").to_owned(),
            public_url: public_url.trim_end_matches('/').to_owned(),
            frontend_url: frontend_url.trim_end_matches('/').to_owned(),
            cors_origins: origins.map(str::trim).filter(|origin| !origin.is_empty()).map(str::to_owned).collect(),
        })
    }

    /// Whether this is somebody's laptop.
    pub fn is_local(&self) -> bool {
        self.stage == LOCAL
    }
}

/// Limits are the real ones wherever somebody could be hurt by others.
fn anonymous_factor(environment: &Environment, stage: &str) -> Result<u32, StartError> {
    let name = "RATE_LIMIT_ANONYMOUS_FACTOR";
    let given = environment.optional(name).filter(|_| stage == LOCAL).unwrap_or("1");
    let factor = given.parse().ok().filter(|factor| (1..=1000).contains(factor));
    factor.ok_or(StartError::Wrong { name, reason: "must be a number from 1 to 1000".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(settings: &[(&str, &str)]) -> Environment {
        Environment::of(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn a_missing_setting_is_named_with_its_meaning() {
        let error = Settings::read(&environment(&[("PUBLIC_URL", "https://x")])).unwrap_err();
        assert_eq!(error.to_string(), "setting STAGE is missing: which copy of the system this is, as prod");
        let error = Settings::read(&environment(&[("STAGE", "prod"), ("PUBLIC_URL", "x")])).unwrap_err();
        assert_eq!(error.to_string(), "setting PUBLIC_URL is wrong: must begin with https://");
    }

    #[test]
    fn anonymous_limits_are_wider_on_a_laptop_only() {
        let factor = |stage, factor| {
            let given = [("STAGE", stage), ("PUBLIC_URL", "https://x"), ("RATE_LIMIT_ANONYMOUS_FACTOR", factor)];
            Settings::read(&environment(&given)).map(|settings| settings.rate_limit_anonymous_factor)
        };
        assert_eq!(factor("local", "100").unwrap(), 100);
        assert_eq!(factor("local", "").unwrap(), 1);
        assert_eq!(factor("prod", "100").unwrap(), 1);
        assert!(factor("local", "0").is_err());
    }

    #[test]
    fn loopback_is_within_reach_of_webhooks_in_stage_local_alone() {
        for (stage, allowed, reach) in [
            ("local", "true", Reach::PublicAndLoopback),
            ("local", "false", Reach::Public),
            ("local", "", Reach::Public),
            ("local", "1", Reach::Public),
            ("dev", "true", Reach::Public),
            ("prod", "true", Reach::Public),
        ] {
            let read = environment(&[("STAGE", stage), ("WEBHOOK_ALLOW_LOOPBACK", allowed)]);
            assert_eq!(read.webhook_reach(), reach, "{stage} {allowed:?}");
        }
        assert_eq!(environment(&[("WEBHOOK_ALLOW_LOOPBACK", "true")]).webhook_reach(), Reach::Public);
    }

    #[test]
    fn origins_are_exact_and_trimmed() {
        let read =
            environment(&[("STAGE", "dev"), ("PUBLIC_URL", "https://x/"), ("CORS_ORIGINS", "https://a, https://b,")]);
        let settings = Settings::read(&read).unwrap();
        assert_eq!(settings.cors_origins, ["https://a", "https://b"]);
        assert_eq!(settings.public_url, "https://x");
        assert_eq!(settings.frontend_url, "https://x");
    }
}
