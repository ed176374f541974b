//! A changed source is built and replaces what runs; what does not build changes nothing.

use std::path::PathBuf;
use std::sync::Arc;

use super::Running;
use crate::functions::cargo_build;
use crate::functions::installed::Installed;
use crate::functions::sources_changed::{changed, fingerprint};
use crate::process::stop::Stopping;

/// Works until the stack stops.
pub async fn run(
    root: PathBuf,
    profile: String,
    mut installed: Installed,
    running: Arc<Running>,
    mut stopping: Stopping,
) {
    let mut known = fingerprint(&root);
    let mut template = std::fs::read(root.join("template.yaml")).ok();
    loop {
        known = tokio::select! {
            now = changed(&root, known) => now,
            () = stopping.stopped() => return,
        };
        let now = std::fs::read(root.join("template.yaml")).ok();
        if now != template {
            template = now;
            tracing::warn!("template.yaml has changed: start `cargo dev` anew to have it");
        }
        let built = tokio::select! {
            built = cargo_build::build(&root, &profile, &running.functions) => built,
            () = stopping.stopped() => return,
        };
        match built.and_then(|executables| installed.install(&executables)) {
            Ok(changed) if changed.is_empty() => {}
            Ok(changed) => {
                running.restart(&changed);
                tracing::warn!("rebuilt and replaced: {}", changed.join(", "));
            }
            Err(error) => tracing::error!("{error}; what ran before goes on"),
        }
    }
}
