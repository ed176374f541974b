//! The page at /: the same as the JSON, for people. It needs nothing from elsewhere and runs no script.

use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};

use super::envelope::Failure;
use super::hooks::Hook;
use super::html::{escape, escape_with_links};
use super::{Control, QueueLine};
use crate::cloud::{Capacity, Mail};
use crate::invocations::Invocation;
use crate::options::DemoAccount;
use crate::sources::short_name;

const STYLE: &str = include_str!("page.css");
/// Mails are foreign HTML: they stay in a frame without rights, and the policy holds in there as well.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";
const MOST_MAILS: usize = 50;
const MOST_HOOKS: usize = 50;

pub async fn show(State(control): State<Control>) -> Result<Response, Failure> {
    let mails = control.running.cloud.mails(None)?;
    let tables = control.running.tables.iter().filter_map(|name| control.capacity(short_name(name)));
    let sections = [
        section("Mailbox", &mailbox(&mails)),
        section("Queues", &queues(&control.queue_lines().await?)),
        section("Schedules", &schedules(&control)),
        section("Invocations", &invocations(&control.running.log.latest())),
        section("Webhooks", &hooks(&control.running.hooks.latest(None))),
        section("Capacity since start", &tables.map(|table| capacity(&table)).collect::<String>()),
        section("Demo accounts", &demo(&control.running.demo.accounts())),
    ];
    let body = format!("<main>{}{}</main>", top(&control), sections.concat());
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
        <title>Souk, local</title><style>{STYLE}</style><body>{body}"
    );
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Html(page)).into_response())
}

fn top(control: &Control) -> String {
    let api = escape(&control.urls.api);
    format!(
        "<header><h1>Souk, local</h1><a href=\"{api}\">API</a><a href=\"{api}/api/docs\">Docs</a>\
        <a href=\"/\">Refresh</a><form method=post action=/control/reset><button>Reset everything</button></form></header>"
    )
}

fn section(title: &str, content: &str) -> String {
    let content = if content.is_empty() { "<p class=dim>Nothing yet." } else { content };
    format!("<section><h2>{}</h2>{content}</section>", escape(title))
}

fn mailbox(mails: &[Mail]) -> String {
    mails.iter().take(MOST_MAILS).map(mail).collect()
}

fn mail(mail: &Mail) -> String {
    let text = mail.text.as_deref().map(|text| format!("<pre>{}</pre>", escape_with_links(text)));
    let html = mail.html.as_deref().map(|html| {
        format!(
            "<details><summary class=dim>As HTML</summary><iframe sandbox srcdoc=\"{}\"></iframe></details>",
            escape(html)
        )
    });
    format!(
        "<details><summary><strong>{}</strong> <span class=dim>to {} at {}</span></summary>{}{}</details>",
        escape(&mail.subject),
        escape(&mail.to.join(", ")),
        escape(&mail.sent_at),
        text.unwrap_or_default(),
        html.unwrap_or_default(),
    )
}

fn queues(lines: &[QueueLine]) -> String {
    let row = |line: &QueueLine| {
        let name = escape(&line.name);
        let redrive = match line.dlq_depth {
            0 => String::new(),
            _ => {
                format!("<form method=post action=\"/control/queues/{name}/redrive\"><button>Move back</button></form>")
            }
        };
        let class = if line.dlq_depth > 0 { "number bad" } else { "number" };
        let (visible, in_flight, dlq) = (line.visible, line.in_flight, line.dlq_depth);
        format!(
            "<tr><td>{name}<td class=number>{visible}<td class=number>{in_flight}<td class=\"{class}\">{dlq}<td>{redrive}"
        )
    };
    table(&["Queue", "#Visible", "#In flight", "#Dead letters", ""], lines.iter().map(row))
}

fn schedules(control: &Control) -> String {
    let rows = control.running.schedules.iter().map(|known| schedule(&known.name, &known.expression));
    let offset = control.running.invoker.clock_offset_seconds();
    format!(
        "{}<form method=post action=/control/clock>Functions are <input name=offsetSeconds type=number value={offset}> \
        seconds ahead of this machine <button>Set</button></form>",
        table(&["Schedule", "When", ""], rows)
    )
}

fn schedule(name: &str, expression: &str) -> String {
    let (name, expression) = (escape(name), escape(expression));
    format!(
        "<tr><td>{name}<td>{expression}<td><form method=post action=\"/control/schedules/{name}/run\"><button>Run now</button></form>"
    )
}

fn invocations(entries: &[Invocation]) -> String {
    let row = |entry: &Invocation| {
        let is_bad = entry.status.starts_with('5') || ["failed", "timeout", "partial"].contains(&entry.status.as_str());
        format!(
            "<tr><td>{}<td>{}<td{}>{}<td class=number>{}<td class=dim>{:.3}",
            escape(&entry.function),
            escape(&entry.trigger),
            if is_bad { " class=bad" } else { "" },
            escape(&entry.status),
            entry.ms,
            entry.at,
        )
    };
    table(&["Function", "Trigger", "Status", "#ms", "At"], entries.iter().map(row))
}

fn hooks(hooks: &[Hook]) -> String {
    hooks.iter().take(MOST_HOOKS).map(hook).collect()
}

fn hook(hook: &Hook) -> String {
    let headers: String = hook.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    format!(
        "<details><summary><strong>{}</strong> <span class=dim>at {:.3}</span></summary><pre>{}\n{}</pre></details>",
        escape(&hook.name),
        hook.received_at,
        escape(&headers),
        escape(&hook.body),
    )
}

fn capacity(capacity: &Capacity) -> String {
    let total = format!("Table <strong>{}</strong>", escape(&capacity.table));
    let line = |name: &str, operation: &str, count: &str, rcu: f64, wcu: f64| {
        format!(
            "<tr><td>{name}<td>{operation}<td class=number>{count}<td class=number>{rcu:.1}<td class=number>{wcu:.1}"
        )
    };
    let calls = capacity.calls.iter().map(|call| {
        line(&escape(&call.function), &escape(&call.operation), &call.count.to_string(), call.rcu, call.wcu)
    });
    let rows = std::iter::once(line(&total, "", "", capacity.rcu, capacity.wcu)).chain(calls);
    table(&["Function", "Operation", "#Calls", "#Read units", "#Write units"], rows)
}

fn demo(accounts: &[DemoAccount]) -> String {
    let row = |account: &DemoAccount| {
        let (email, password, roles) = (&account.email, &account.password, account.roles.join(", "));
        format!("<tr><td><code>{}</code><td><code>{}</code><td>{}", escape(email), escape(password), escape(&roles))
    };
    table(&["E-mail", "Password", "Roles"], accounts.iter().map(row))
}

/// A column whose title begins with `#` holds numbers.
fn table(titles: &[&str], rows: impl Iterator<Item = String>) -> String {
    let rows: String = rows.collect();
    if rows.is_empty() {
        return rows;
    }
    let title = |title: &&str| match title.strip_prefix('#') {
        Some(title) => format!("<th class=number>{title}"),
        None => format!("<th>{title}"),
    };
    format!("<table><tr>{}{rows}</table>", titles.iter().map(title).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVIL: &str = "<script>alert(1)</script>\"'";

    #[test]
    fn no_value_becomes_markup() {
        let evil = || EVIL.to_owned();
        let shown = [
            mailbox(&[Mail {
                id: evil(),
                to: vec![evil()],
                subject: evil(),
                text: Some(evil()),
                html: Some(evil()),
                sent_at: evil(),
            }]),
            queues(&[QueueLine { name: evil(), visible: 0, in_flight: 0, dlq_depth: 1, sent: 1, done: 0 }]),
            invocations(&[Invocation {
                function: evil(),
                trigger: evil(),
                status: evil(),
                ms: 1,
                at: jiff::Timestamp::UNIX_EPOCH,
            }]),
            capacity(&Capacity { table: evil(), rcu: 0.0, wcu: 0.0, calls: Vec::new() }),
            schedule(EVIL, EVIL),
            hooks(&[Hook {
                name: evil(),
                received_at: jiff::Timestamp::UNIX_EPOCH,
                headers: [(evil(), evil())].into(),
                body: evil(),
                is_base64_encoded: false,
            }]),
            demo(&[DemoAccount { email: evil(), password: evil(), roles: vec![evil()] }]),
        ];
        for part in shown {
            assert!(!part.contains("<script") && !part.contains("\"'"), "{part}");
        }
    }
}
