//! Receivers of webhooks: strangers' servers, which get what they asked for and can make us do nothing else. No redirect
//! is followed, no body read, no connection kept, no proxy used; and no address called that was not checked.

mod reply;
mod resolver;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::identity::webhook::{EndpointUrl, Reach};
use domain::{Id, Time, id};
use reqwest::redirect::Policy;
use reqwest::{Client, header};
use rustls::{ClientConfig, RootCertStore};

pub use reply::Reply;
pub use reqwest::dns::{Addrs, Name, Resolve, Resolving};
pub use resolver::SystemResolver;

use resolver::Checked;

/// How long a receiver has to answer, in seconds.
pub const TIMEOUT_SECONDS: u64 = 15;
const CONNECT_SECONDS: u64 = 5;

/// One attempt: who, what, when and its signature.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    /// Where to.
    pub url: &'a EndpointUrl,
    /// The event, the same in every attempt.
    pub id: Id<id::Event>,
    /// When this attempt is made.
    pub at: Time,
    /// Signatures of id, time and body, newest secret first.
    pub signature: String,
    /// What is sent.
    pub body: &'a str,
}

/// Sends webhooks; cheap to clone.
#[derive(Clone)]
pub struct WebhookClient {
    client: Client,
    reach: Reach,
}

/// The client cannot be made: a defect of ours.
#[derive(Debug, thiserror::Error)]
#[error("no client for webhooks: {0}")]
pub struct NoClient(String);

impl WebhookClient {
    /// A client that goes as far as `reach` says and asks `resolver` for every host, at every attempt.
    ///
    /// # Errors
    /// When the TLS library refuses its own defaults.
    pub fn new(reach: Reach, resolver: impl Resolve + 'static) -> Result<Self, NoClient> {
        // Embedded roots: reading the system's costs a cold start millions of instructions.
        let roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let tls = tls.map_err(|error| NoClient(error.to_string()))?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls.with_root_certificates(roots).with_no_client_auth())
            .dns_resolver(Checked::new(reach, resolver))
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .http1_only()
            // A kept connection would go to an address that was checked for another attempt.
            .pool_max_idle_per_host(0)
            .connect_timeout(Duration::from_secs(CONNECT_SECONDS))
            .timeout(Duration::from_secs(TIMEOUT_SECONDS))
            .user_agent("Souk-Webhooks/1.0")
            .build()
            .map_err(|error| NoClient(error.to_string()))?;
        Ok(WebhookClient { client, reach })
    }

    /// Makes one attempt. Whatever happens is told, nothing fails.
    pub async fn send(&self, message: &Message<'_>) -> Reply {
        let began = Instant::now();
        let reply = match message.url.within(self.reach) {
            Ok(url) => self.post(url, message).await,
            Err(refused) => Reply::unsent(format!("the address {refused}")),
        };
        Reply { duration_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX), ..reply }
    }

    async fn post(&self, url: reqwest::Url, message: &Message<'_>) -> Reply {
        let call = self.client.post(url).header(header::CONTENT_TYPE, "application/json");
        let call = call.header("webhook-id", message.id.to_string());
        let call = call.header("webhook-timestamp", message.at.seconds().to_string());
        let call = call.header("webhook-signature", message.signature.as_str());
        match call.body(message.body.to_owned()).send().await {
            Ok(answer) => Reply::answered(answer.status(), answer.headers().get(header::RETRY_AFTER), message.at),
            Err(error) => Reply::unsent(reply::why(&error)),
        }
    }
}
