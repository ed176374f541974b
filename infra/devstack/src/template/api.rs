//! The HTTP API: what of it the front door obeys.

use super::document::{Fault, Node};

/// Refuses settings that the front door would ignore in silence: it has one stage, and functions answer CORS themselves.
pub(super) fn check(node: &Node) -> Result<(), Fault> {
    node.allow_only(
        &["StageName"],
        &[
            "AccessLogSettings",
            "DefaultRouteSettings",
            "Description",
            "Name",
            "RouteSettings",
            "StageVariables",
            "Tags",
        ],
    )?;
    match node.find("StageName") {
        Some(stage) if stage.as_text()? != STAGE => Err(stage.fault("only the stage `$default` is understood here")),
        _ => Ok(()),
    }
}

/// The one stage; its name is no part of paths.
pub(super) const STAGE: &str = "$default";
