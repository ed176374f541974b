//! Which copy of the system is looked at, and by which ways.

use aws_config::SdkConfig;

/// One copy of the system. What has no way there is told as skipped.
#[derive(Clone, Debug)]
pub struct Target {
    pub(crate) aws: SdkConfig,
    pub(crate) stage: String,
    pub(crate) control: Option<String>,
}

impl Target {
    /// The stage behind these AWS settings.
    pub fn new(aws: SdkConfig, stage: &str) -> Self {
        Target { aws, stage: stage.to_owned(), control: None }
    }

    /// With the control port of the local cloud, as `http://127.0.0.1:9001`.
    pub fn with_control(self, url: &str) -> Self {
        Target { control: Some(url.trim_end_matches('/').to_owned()), ..self }
    }
}
