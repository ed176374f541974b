//! A cloud of one test's own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use devstack::cloud::{Cloud, CloudOptions};
use devstack::template::{Context, Template};
use domain::identity::events::UserLoggedIn;
use domain::identity::session::Method;
use domain::identity::{EmailAddress, Role, Session};
use entry::keys::{generate_keyring, generate_token_keys};
use entry::token::Signer;
use entry::{App, Aws, Clock, Environment, Keyring, Origin};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// DynamoDB, SQS, S3 and mail in memory, keys, and a clock that the test moves.
pub struct Sandbox {
    /// The AWS parts, for looking behind the functions.
    pub cloud: Cloud,
    /// What template.yaml declares.
    pub template: Template,
    /// The time of every function of this test.
    pub clock: Clock,
    /// The keyring that functions read.
    pub keyring: Keyring,
    /// The private keys of access tokens, as `auth` reads them.
    pub token_keys: String,
    /// AWS settings that lead to [`Sandbox::cloud`].
    pub aws: Aws,
    _files: TempDir,
}

/// What some calls cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spent {
    /// Read units.
    pub reads: f64,
    /// Write units.
    pub writes: f64,
    /// DynamoDB calls.
    pub calls: u64,
}

impl Sandbox {
    /// Starts an empty cloud.
    pub async fn start() -> Self {
        let files = TempDir::new().unwrap();
        let keyring = generate_keyring();
        let token_keys = generate_token_keys().unwrap();
        let file = |name: &str, text: &str| {
            let path = files.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let cloud_url = format!("http://{}", listener.local_addr().unwrap());
        let parameters = BTreeMap::from([
            ("Stage".to_owned(), "local".to_owned()),
            ("PublicUrl".to_owned(), "http://127.0.0.1:9000".to_owned()),
            ("FrontendUrl".to_owned(), "http://127.0.0.1:9000".to_owned()),
            ("CorsOrigins".to_owned(), "http://localhost:3000".to_owned()),
            ("RateLimitAnonymousFactor".to_owned(), "100".to_owned()),
            ("WebhookAllowLoopback".to_owned(), "true".to_owned()),
            ("JwtJwks".to_owned(), token_keys.jwks.clone()),
            ("Keyring".to_owned(), file("keyring.json", &keyring)),
            ("TokenKeys".to_owned(), file("token-keys.json", &token_keys.private)),
        ]);
        let context = Context { parameters, queue_url_base: cloud_url.clone() };
        let template = Template::load(&root().join("template.yaml"), &context).unwrap();
        let cloud = Cloud::start(&template, CloudOptions { data_dir: None, listener }).await.unwrap();
        Sandbox {
            aws: Aws::of(sdk_config(&cloud_url)),
            cloud,
            template,
            clock: Clock::default(),
            keyring: Keyring::parse(&keyring).unwrap(),
            token_keys: token_keys.private,
            _files: files,
        }
    }

    /// The environment that template.yaml gives a function, by its binary's name.
    pub fn environment(&self, binary: &str) -> Environment {
        let function = self.template.functions.iter().find(|function| function.binary == binary).unwrap();
        Environment::of(function.environment.clone())
    }

    /// The same, as pairs.
    pub fn settings(&self, binary: &str) -> Vec<(String, String)> {
        let function = self.template.functions.iter().find(|function| function.binary == binary).unwrap();
        function.environment.clone().into_iter().collect()
    }

    /// Somebody with an account and a session; their access token.
    pub async fn somebody(&self) -> String {
        let mut settings = self.settings("users");
        settings.extend(self.cloud.environment());
        devstack::seed::seed(settings).await.unwrap();
        let app = App::cold(&self.environment("users"), &self.aws).unwrap();
        let now = self.clock.now();
        let user = app.store.owner_of("user@souk.dev".parse::<EmailAddress>().unwrap().key()).await.unwrap().unwrap();
        let session = Session::begin(app.id(now), user, now, "192.0.2.1", "testkit", Method::Password);
        let told = UserLoggedIn { user_id: user, session_id: session.id, method: session.method };
        let event = app.event(now, &Origin::default(), Some(user), &[user], &told).unwrap();
        app.store.add_session(&session, event).await.unwrap();
        let signer = Signer::parse(&self.token_keys, &app.settings.public_url, &app.verifier).unwrap();
        signer.sign(user, session.id, BTreeSet::from([Role::User]), vec!["pwd".to_owned()], now).unwrap()
    }

    /// A client that looks behind the functions.
    pub fn dynamodb(&self) -> Client {
        Client::new(self.aws.config())
    }

    /// Every item of table core under a partition key.
    pub async fn partition(&self, pk: &str) -> Vec<std::collections::HashMap<String, AttributeValue>> {
        let query = self.dynamodb().query().table_name(CORE).key_condition_expression("pk = :pk");
        let answer = query.expression_attribute_values(":pk", AttributeValue::S(pk.to_owned())).send().await;
        answer.unwrap().items.unwrap_or_default()
    }

    /// Every item of table core.
    pub async fn all_items(&self) -> Vec<std::collections::HashMap<String, AttributeValue>> {
        let answer = self.dynamodb().scan().table_name(CORE).consistent_read(true).send().await;
        answer.unwrap().items.unwrap_or_default()
    }

    /// What has been spent on both tables since the start.
    pub fn spent(&self) -> Spent {
        let mut spent = Spent::default();
        for table in [CORE, "souk-local-transient"] {
            let capacity = self.cloud.capacity(table);
            spent.reads += capacity.rcu;
            spent.writes += capacity.wcu;
            spent.calls += capacity.calls.iter().map(|call| call.count).sum::<u64>();
        }
        spent
    }
}

const CORE: &str = "souk-local-core";

impl std::ops::Sub for Spent {
    type Output = Spent;

    fn sub(self, before: Spent) -> Spent {
        Spent {
            reads: self.reads - before.reads,
            writes: self.writes - before.writes,
            calls: self.calls - before.calls,
        }
    }
}

/// Settings for a client that looks behind the functions of any local cloud.
pub fn sdk_config(endpoint: &str) -> aws_config::SdkConfig {
    aws_config::SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .timeout_config(patient())
        .credentials_provider(aws_sdk_dynamodb::config::SharedCredentialsProvider::new(
            aws_sdk_dynamodb::config::Credentials::new("test", "test", None, None, "test"),
        ))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}

/// Dozens of racing requests share two cores with the cloud that answers them; slowness must not look like an outage.
fn patient() -> TimeoutConfig {
    let long = Duration::from_secs(60);
    TimeoutConfig::builder().connect_timeout(long).operation_attempt_timeout(long).operation_timeout(long).build()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
