//! Demo data: accounts of every role, verified, with one password that everybody may know. Written through the store, as
//! functions do.

use std::collections::BTreeSet;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use domain::audit::{Act, Action, Actor, ActorType, Entry};
use domain::event::Event;
use domain::identity::events::{Source, UserRegistered};
use domain::identity::{Account, Password, Profile, Role};
use domain::{Id, Time};
use entry::Environment;
use entry::keys::random;
use store::{Store, Tables, WriteError};

use crate::options::DemoAccount;

const PASSWORD: &str = "Demo-Souk-2026!";
const TOOL: &str = "demo-data";

const ACCOUNTS: [(&str, &str, &[Role]); 10] = [
    ("admin", "Amara Admin", &[Role::Administrator]),
    ("operator", "Otto Operator", &[Role::Operator]),
    ("provider", "Priya Provider", &[Role::Provider]),
    ("user", "Uma User", &[Role::CloudUser]),
    ("host", "Hiro Host", &[Role::Host]),
    ("buyer", "Bela Buyer", &[Role::Buyer]),
    ("investor", "Ines Investor", &[Role::Investor]),
    ("client", "Carla Client", &[Role::Client]),
    ("freelancer", "Femi Freelancer", &[Role::Freelancer]),
    ("publisher", "Paul Publisher", &[Role::Publisher]),
];

/// Writes the demo accounts; those that are there stay as they are.
///
/// # Errors
/// Whatever the store says, as text: the local cloud ends with it.
pub async fn seed(environment: Vec<(String, String)>) -> Result<Vec<DemoAccount>, String> {
    let environment = Environment::of(environment);
    let store = connect(&environment).map_err(|error| error.to_string())?;
    let now = Time::from_millis(jiff::Timestamp::now().as_millisecond());
    let mut accounts = Vec::new();
    for (name, full_name, roles) in ACCOUNTS {
        let account = account(name, full_name, roles, now)?;
        let event = registered(&account, now).map_err(|error| error.to_string())?;
        match store.create_person(&account, None, &made(&account, now), event, None).await {
            Ok(()) | Err(WriteError::Refused(_)) => {}
            Err(WriteError::Store(error)) => return Err(error.to_string()),
        }
        accounts.push(DemoAccount {
            email: account.email.as_str().to_owned(),
            password: PASSWORD.to_owned(),
            roles: account.roles().iter().map(ToString::to_string).collect(),
        });
    }
    Ok(accounts)
}

fn connect(environment: &Environment) -> Result<Store, entry::StartError> {
    let endpoint = environment.required("AWS_ENDPOINT_URL_DYNAMODB", "where the local DynamoDB listens")?;
    let credentials = Credentials::new("local", "local", None, None, "local");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(crate::template::REGION))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let tables = Tables {
        core: environment.required("CORE_TABLE", "name of table core")?.to_owned(),
        transient: environment.required("TRANSIENT_TABLE", "name of table transient")?.to_owned(),
    };
    Ok(Store::connect(&config, tables))
}

fn account(name: &str, full_name: &str, roles: &[Role], now: Time) -> Result<Account, String> {
    let invalid = |error: domain::Invalid| error.to_string();
    let password: Password = PASSWORD.parse().map_err(invalid)?;
    let email = format!("{name}@souk.dev").parse().map_err(invalid)?;
    Ok(Account {
        password: Some(password.hash(random())),
        granted: BTreeSet::from_iter(roles.iter().copied()),
        profile: Profile { locale: "en-IN".parse().ok(), ..Profile::default() },
        ..Account::new(Id::new(now, random()), full_name.parse().map_err(invalid)?, email, now)
    })
}

/// Some of them have power from the start: the trail says from where.
fn made(account: &Account, now: Time) -> Entry {
    let roles: Vec<String> = account.roles().iter().map(ToString::to_string).collect();
    let actor = Actor {
        actor_id: TOOL.to_owned(),
        actor_type: ActorType::Tool,
        ip: String::new(),
        request_id: TOOL.to_owned(),
    };
    let act = Act::upon_user(Action::UserCreated, account.id).changing("roles", (), roles);
    Entry { id: Id::new(now, random()), at: now, actor, act }
}

fn registered(account: &Account, now: Time) -> Result<Event, serde_json::Error> {
    let told = UserRegistered {
        user_id: account.id,
        email: account.email.clone(),
        name: account.name.clone(),
        roles: account.roles(),
        source: Source::Service,
    };
    Event::new(Id::new(now, random()), now, None, &[account.id], TOOL, &told)
}
