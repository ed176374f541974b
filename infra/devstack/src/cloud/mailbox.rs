//! SES: what was sent is kept for the developer to read.

use super::call::Call;
use super::state::State;
use super::tap::{Exchange, mock_request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use mail_parser::{Address, MessageParser, PartType};
use rusqlite::{Row, params};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;
use winterbaume_core::{MockResponse, MockService};
use winterbaume_sesv2::SesV2Service;

/// A mail as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mail {
    /// SES's message id.
    pub id: String,
    /// Everybody it went to, copies included.
    pub to: Vec<String>,
    pub subject: String,
    pub text: Option<String>,
    pub html: Option<String>,
    /// RFC 3339, UTC, milliseconds.
    pub sent_at: String,
}

pub(super) struct Mailbox {
    service: SesV2Service,
    state: Arc<State>,
}

impl Mailbox {
    pub fn new(state: Arc<State>) -> Mailbox {
        Mailbox { service: SesV2Service::new(), state }
    }

    pub async fn serve(&self, call: &Call, mut exchange: Exchange) -> MockResponse {
        if call.operation != "SendEmail" {
            return self.service.handle(mock_request(exchange)).await;
        }
        let mut request: Value = match serde_json::from_slice(&exchange.body) {
            Ok(request) => request,
            Err(error) => return bad_request(&error.to_string()),
        };
        let Some(mut mail) = read(&request) else {
            return bad_request("Content must be Simple or Raw here: templates live in AWS only.");
        };
        // A raw mail may leave its recipients to its own headers; the service below does not know that.
        if request.get("Destination").is_none_or(Value::is_null) {
            request["Destination"] = json!({"ToAddresses": mail.to});
            exchange.body = Bytes::from(request.to_string());
        }
        let answer = self.service.handle(mock_request(exchange)).await;
        if answer.status != 200 {
            return answer;
        }
        let sent: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        mail.id = sent["MessageId"].as_str().unwrap_or_default().to_owned();
        match self.keep(&mail) {
            Ok(()) => answer,
            Err(error) => MockResponse::rest_json(500, json!({"message": error.to_string()}).to_string()),
        }
    }

    pub fn list(&self, to: Option<&str>) -> Result<Vec<Mail>, rusqlite::Error> {
        let connection = self.state.lock();
        let mut statement = connection.prepare_cached("SELECT * FROM mail ORDER BY seq DESC")?;
        let mut mails: Vec<Mail> = statement.query_map([], Mail::from_row)?.collect::<Result<_, _>>()?;
        if let Some(wanted) = to {
            mails.retain(|mail| mail.to.iter().any(|address| same_address(address, wanted)));
        }
        Ok(mails)
    }

    pub fn clear(&self) -> Result<(), rusqlite::Error> {
        self.state.lock().execute("DELETE FROM mail", [])?;
        Ok(())
    }

    pub fn checkpoint(&self) -> Result<(), rusqlite::Error> {
        let connection = self.state.lock();
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }

    fn keep(&self, mail: &Mail) -> Result<(), rusqlite::Error> {
        let recipients = json!(mail.to).to_string();
        self.state.lock().execute(
            "INSERT INTO mail (id, recipients, subject, text, html, sent_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![mail.id, recipients, mail.subject, mail.text, mail.html, mail.sent_at],
        )?;
        Ok(())
    }
}

impl Mail {
    fn from_row(row: &Row<'_>) -> Result<Mail, rusqlite::Error> {
        let recipients: String = row.get("recipients")?;
        Ok(Mail {
            id: row.get("id")?,
            to: serde_json::from_str(&recipients).unwrap_or_default(),
            subject: row.get("subject")?,
            text: row.get("text")?,
            html: row.get("html")?,
            sent_at: row.get("sent_at")?,
        })
    }
}

/// The mail in a SendEmail request, still without id; nothing when its content is of neither kind we know.
fn read(request: &Value) -> Option<Mail> {
    let content = request.get("Content")?;
    let mut mail = match (content.get("Simple"), content.get("Raw")) {
        (Some(simple), _) if !simple.is_null() => read_simple(simple),
        (_, Some(raw)) if !raw.is_null() => read_raw(&BASE64.decode(raw["Data"].as_str()?).ok()?)?,
        _ => return None,
    };
    let addressed = recipients(&request["Destination"]);
    if !addressed.is_empty() {
        mail.to = addressed;
    }
    Some(mail)
}

fn read_simple(simple: &Value) -> Mail {
    let data = |pointer: &str| simple.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    Mail {
        id: String::new(),
        to: Vec::new(),
        subject: data("/Subject/Data").unwrap_or_default(),
        text: data("/Body/Text/Data"),
        html: data("/Body/Html/Data"),
        sent_at: now(),
    }
}

fn read_raw(source: &[u8]) -> Option<Mail> {
    let parsed = MessageParser::default().parse(source)?;
    let addresses = |list: Option<&Address<'_>>| -> Vec<String> {
        let each = list.into_iter().flat_map(Address::iter);
        each.filter_map(|one| one.address().map(str::to_owned)).collect()
    };
    // `body_text` would make a text from HTML where there is none, and the other way round.
    let text = parsed.parts.iter().find_map(|part| match &part.body {
        PartType::Text(text) => Some(text.to_string()),
        _ => None,
    });
    let html = parsed.parts.iter().find_map(|part| match &part.body {
        PartType::Html(html) => Some(html.to_string()),
        _ => None,
    });
    Some(Mail {
        id: String::new(),
        to: [parsed.to(), parsed.cc(), parsed.bcc()].into_iter().flat_map(addresses).collect(),
        subject: parsed.subject().unwrap_or_default().to_owned(),
        text,
        html,
        sent_at: now(),
    })
}

fn recipients(destination: &Value) -> Vec<String> {
    ["ToAddresses", "CcAddresses", "BccAddresses"]
        .iter()
        .filter_map(|kind| destination[kind].as_array())
        .flatten()
        .filter_map(|address| address.as_str().map(str::to_owned))
        .collect()
}

/// `Name <a@b>` and `a@b` are the same; case does not matter.
fn same_address(one: &str, other: &str) -> bool {
    let bare = |address: &str| {
        let inner = address.rsplit_once('<').map_or(address, |(_, rest)| rest.trim_end_matches('>'));
        inner.trim().to_lowercase()
    };
    bare(one) == bare(other)
}

fn now() -> String {
    let now = jiff::Timestamp::now();
    format!("{now:.3}")
}

fn bad_request(message: &str) -> MockResponse {
    winterbaume_core::rest_json_error(400, "BadRequestException", message)
}
