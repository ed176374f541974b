//! What template.yaml must hold to, and that each rule bites: tests/templates has a small template that breaks it.
//!
//! The template is read with every condition on: what only some stages have is ruled too.

mod alarms;
mod binaries;
mod broken;
mod calls;
mod flows;
mod functions;
mod iam;
mod queues;
mod recorder;
mod rights;
mod rights_in_use;
mod routes;
mod secrets;
mod tables;
mod webhooks;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use devstack::template::{Context, Declared, Template};

/// Answers the logical ids of what breaks a rule.
type Rule = fn(&Template) -> Vec<String>;

/// Every rule, under the name of the template that breaks it.
const RULES: [(&str, Rule); 18] = [
    ("queue-without-redrive", queues::without_redrive),
    ("dead-letters-kept-short", queues::dead_letters_kept_short),
    ("visibility-too-short", queues::visibility_too_short),
    ("source-without-partial-answers", queues::without_partial_answers),
    ("queue-source-without-limit", queues::without_limit),
    ("schedule-without-dlq", queues::schedules_without_dead_letters),
    ("stream-without-failure-destination", queues::streams_without_destination),
    ("dlq-without-alarm", alarms::missing_for_dead_letters),
    ("alarm-that-tells-nobody", alarms::that_tell_nobody),
    ("route-without-owner", routes::without_owner),
    ("prefix-owned-twice", routes::owned_twice),
    ("write-on-wildcard", rights::writes_on_wildcards),
    ("table-rights-without-keys", rights::tables_without_keys),
    ("function-without-own-policy", rights::functions_without_own_policy),
    ("unprotected-table", tables::unprotected),
    ("open-bucket", tables::open_buckets),
    ("secret-in-environment", secrets::in_environment),
    ("function-without-log-retention", functions::without_log_retention),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The project's template as AWS would have it, everything switched on.
fn everything() -> Template {
    let parameters = [
        ("Stage", "prod"),
        ("ApiDomain", "api.example.com"),
        ("MailDomain", "example.com"),
        ("AlarmEmail", "ops@example.com"),
        ("ReserveConcurrency", "true"),
        ("Keyring", "/souk/prod/keyring"),
        ("TokenKeys", "/souk/prod/token-keys"),
    ];
    load(&root().join("template.yaml"), &parameters)
}

fn load(path: &Path, parameters: &[(&str, &str)]) -> Template {
    let pairs = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let queue_url_base = "https://sqs.us-east-1.amazonaws.com".to_owned();
    let context = Context { parameters: pairs.collect::<BTreeMap<_, _>>(), queue_url_base };
    Template::load(path, &context).unwrap_or_else(|error| panic!("{error}"))
}

/// The resources of one kind.
fn of_kind<'a>(template: &'a Template, kind: &'a str) -> impl Iterator<Item = &'a Declared> {
    template.declared.iter().filter(move |resource| resource.kind == kind)
}

/// What breaks which rule, as `rule: logical id`.
fn violations(template: &Template) -> Vec<String> {
    let found = RULES.iter().flat_map(|(name, rule)| rule(template).into_iter().map(move |at| format!("{name}: {at}")));
    found.collect()
}

#[test]
fn the_template_breaks_no_rule() {
    assert_eq!(violations(&everything()), Vec::<String>::new());
    // As `cargo dev` and a first stage without names and addresses have it.
    assert_eq!(violations(&load(&root().join("template.yaml"), &[])), Vec::<String>::new());
}
