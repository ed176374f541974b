//! What a function process finds in its environment: Lambda's own names and what its spec gives, never the developer's shell.

use std::path::Path;

use crate::FunctionSpec;

/// Values that a spec may override.
const DEFAULTS: [(&str, &str); 6] = [
    ("PATH", "/usr/local/bin:/usr/bin:/bin"),
    // Not the developer's home: AWS SDKs would read credentials there.
    ("HOME", "/tmp"),
    ("LANG", "en_US.UTF-8"),
    ("TZ", ":UTC"),
    ("AWS_REGION", "us-east-1"),
    ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
];

/// The environment of one instance; later entries override earlier ones. `stream` names its log stream.
/// Names: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>.
pub(crate) fn of(spec: &FunctionSpec, task_root: &Path, runtime_api: &str, stream: &str) -> Vec<(String, String)> {
    let defaults = DEFAULTS.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let reserved = [
        ("_HANDLER", "bootstrap".to_owned()),
        ("AWS_DEFAULT_REGION", region(spec).to_owned()),
        ("AWS_LAMBDA_FUNCTION_NAME", spec.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", spec.memory_mb.to_string()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", spec.name)),
        ("AWS_LAMBDA_LOG_STREAM_NAME", format!("local/[$LATEST]{stream}")),
        ("AWS_LAMBDA_RUNTIME_API", runtime_api.to_owned()),
        ("LAMBDA_TASK_ROOT", task_root.to_string_lossy().into_owned()),
        ("LAMBDA_RUNTIME_DIR", task_root.to_string_lossy().into_owned()),
    ];
    let reserved = reserved.map(|(name, value)| (name.to_owned(), value));
    defaults.into_iter().chain(spec.env.iter().cloned()).chain(reserved).collect()
}

/// The ARN of a function in the account of nobody.
pub(crate) fn arn(spec: &FunctionSpec) -> String {
    format!("arn:aws:lambda:{}:000000000000:function:{}", region(spec), spec.name)
}

fn region(spec: &FunctionSpec) -> &str {
    let given = spec.env.iter().rev().find(|(name, _)| name == "AWS_REGION");
    given.map_or("us-east-1", |(_, value)| value)
}
