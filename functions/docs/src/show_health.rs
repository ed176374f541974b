//! GET /health, /api/health and /api/v1/health

use axum::extract::State;
use entry::{About, Degraded, Shown};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Docs;
use crate::checks::HealthChecks;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Show whether all is well",
    description: "Asks database, queues and file storage at once. Results are kept for 5 seconds. When a check fails the \
                  answer is 503 with status `degraded`, and `data` tells which.",
    errors: &[],
};

/// How this copy of the system is. It names no host, table or key.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Health {
    status: HealthStatus,
    /// Of what runs here.
    version: &'static str,
    /// Which copy of the system this is; `local` on a laptop.
    stage: String,
    checks: HealthChecks,
}

/// All checks together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum HealthStatus {
    /// Every check passed.
    Ok,
    /// At least one failed.
    Degraded,
}

/// Answers what the last checks found, or checks again.
pub async fn handle(State(docs): State<Docs>) -> Result<Shown<Health>, Degraded<Health>> {
    let findings = docs.checks.findings(docs.app.clock.now()).await;
    let health = |status| Health {
        status,
        version: env!("CARGO_PKG_VERSION"),
        stage: docs.app.settings.stage.clone(),
        checks: findings.checks.clone(),
    };
    if findings.causes.is_empty() {
        return Ok(Shown::new("All is well", health(HealthStatus::Ok)));
    }
    let causes = findings.causes.join("; ");
    Err(Degraded::new("Something we depend on does not answer", causes, health(HealthStatus::Degraded)))
}
