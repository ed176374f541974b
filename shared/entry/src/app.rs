//! What handlers of every function have at hand.

use std::future::Future;
use std::sync::Arc;

use domain::audit::{Act, Actor, ActorType, Entry};
use domain::event::{Event, Payload};
use domain::id::{Kind, User};
use domain::{Id, Time};
use lambda_runtime::Context;
use store::{Store, Tables};

use crate::aws::Aws;
use crate::caller::Callers;
use crate::clock::Clock;
use crate::environment::{Environment, Settings, StartError};
use crate::keys::random;
use crate::limit::Limiter;
use crate::origin::Origin;
use crate::token::Verifier;

/// What the local cloud says in the client context of each invocation, when somebody moved its clock.
const CLOCK_OFFSET_SECONDS: &str = "clockOffsetSeconds";

/// The state of one function: how it comes to be, once per process.
pub trait Start: Clone + Send + Sync + 'static {
    /// Reads settings and secrets and opens connections.
    fn start(environment: &Environment, aws: &Aws) -> impl Future<Output = Result<Self, StartError>> + Send;
}

/// The state that every function shares; for those that need no more it is all.
#[derive(Clone)]
pub struct App {
    /// Settings.
    pub settings: Arc<Settings>,
    /// The tables.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The public keys of access tokens.
    pub verifier: Arc<Verifier>,
    /// How callers are looked up.
    pub callers: Callers,
    /// What this instance knows of how often somebody called.
    pub limiter: Arc<Limiter>,
}

impl App {
    /// The same start for functions where what must end at once ends at once: callers are looked up at each request.
    pub async fn start_strict(environment: &Environment, aws: &Aws) -> Result<Self, StartError> {
        let app = App::start(environment, aws).await?;
        Ok(App { callers: Callers::looked_up_each_time(), ..app })
    }

    /// Settings and clients, without a call.
    pub fn cold(environment: &Environment, aws: &Aws) -> Result<Self, StartError> {
        let settings = Settings::read(environment)?;
        let tables = Tables {
            core: environment.required("CORE_TABLE", "name of table core")?.to_owned(),
            transient: environment.required("TRANSIENT_TABLE", "name of table transient")?.to_owned(),
        };
        let jwks = environment.required("JWT_JWKS", "the public keys of access tokens, as a JWK set")?;
        let verifier = Verifier::new(jwks, &settings.public_url)
            .map_err(|reason| StartError::Wrong { name: "JWT_JWKS", reason: reason.to_string() })?;
        Ok(App {
            store: Store::connect(aws.config(), tables),
            settings: Arc::new(settings),
            clock: Clock::default(),
            verifier: Arc::new(verifier),
            callers: Callers::remembered(),
            limiter: Arc::default(),
        })
    }

    /// Moves the clock as an invocation asks for, in stage `local` and nowhere else: elsewhere whoever may invoke a
    /// function may not tell it the time.
    pub(crate) fn heed_clock(&self, context: &Context) {
        if self.settings.is_local() {
            let custom = context.client_context.as_ref().map(|context| &context.custom);
            let offset = custom.and_then(|custom| custom.get(CLOCK_OFFSET_SECONDS)?.parse().ok());
            self.clock.set_offset_seconds(offset.unwrap_or(0));
        }
    }

    /// A fresh id.
    pub fn id<K: Kind>(&self, now: Time) -> Id<K> {
        Id::new(now, random())
    }

    /// An event that concerns `subjects`, done by `actor` in the request of `origin`.
    pub fn event<P: Payload>(
        &self,
        now: Time,
        origin: &Origin,
        actor: Option<Id<User>>,
        subjects: &[Id<User>],
        payload: &P,
    ) -> Result<Event, serde_json::Error> {
        Event::new(self.id(now), now, actor, subjects, &origin.request_id, payload)
    }

    /// The audit entry of an act that `actor` does in the request of `origin`, for the act's transaction.
    pub fn audit(&self, now: Time, origin: &Origin, actor: Id<User>, act: Act) -> Entry {
        let (ip, request_id) = (origin.ip.clone(), origin.request_id.clone());
        let actor = Actor { actor_id: actor.to_string(), actor_type: ActorType::User, ip, request_id };
        Entry { id: self.id(now), at: now, actor, act }
    }
}

impl Start for App {
    /// Lambda's init phase has burst CPU, requests do not: the connection is opened now.
    async fn start(environment: &Environment, aws: &Aws) -> Result<Self, StartError> {
        let app = App::cold(environment, aws)?;
        app.store.warm_up().await;
        Ok(app)
    }
}
