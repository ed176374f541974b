//! The process's AWS settings and its one HTTP client.
//!
//! Cold starts are paid per instruction: credentials come from the environment (Lambda's only source), profile files are
//! not looked for, and only Amazon's own root certificates are loaded, since nothing else signs AWS endpoints: reading
//! the system's whole store costs 9 to 18 million instructions.

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};

/// Root certificates of Amazon Trust Services, which sign every AWS endpoint; from amazontrust.com/repository.
const AMAZON_ROOTS: &[u8] = include_bytes!("../roots/amazon.pem");

/// What every AWS client is made of.
#[derive(Clone, Debug)]
pub struct Aws(SdkConfig);

impl Aws {
    /// Reads the environment; makes no call.
    pub async fn load() -> Self {
        let roots = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
        let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
        let http = match TlsContext::builder().with_trust_store(roots).build() {
            Ok(context) => http.tls_context(context),
            Err(_) => http,
        };
        // An empty one in memory: the SDK panics when there is none at all.
        let profiles = EnvConfigFiles::builder().with_contents(EnvConfigFileKind::Config, "").build();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .credentials_provider(EnvironmentVariableCredentialsProvider::new())
            .profile_files(profiles)
            .http_client(http.build_https())
            .load()
            .await;
        Aws(config)
    }

    /// These settings: tests have their own.
    pub fn of(config: SdkConfig) -> Self {
        Aws(config)
    }

    /// The settings for a client.
    pub fn config(&self) -> &SdkConfig {
        &self.0
    }

    /// A SecureString parameter, decrypted; the error says why not, never what.
    pub(crate) async fn parameter(&self, name: &str) -> Result<String, String> {
        let client = aws_sdk_ssm::Client::new(&self.0);
        let answer = client.get_parameter().name(name).with_decryption(true).send().await;
        let answer = answer.map_err(|error| {
            let code = aws_sdk_ssm::error::ProvideErrorMetadata::code(&error);
            code.unwrap_or("no answer").to_owned()
        })?;
        answer.parameter.and_then(|parameter| parameter.value).ok_or_else(|| "it has no value".to_owned())
    }
}
