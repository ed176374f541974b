//! Mail, by SES.

mod letter;
mod line;

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::Builder;
use aws_sdk_sesv2::config::timeout::TimeoutConfig;
use aws_sdk_sesv2::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};
use domain::identity::EmailAddress;

pub use letter::Letter;
pub use line::{Line, Sender};

/// A mail to one person. It may hold a token, so it has no `Debug`.
#[derive(Clone)]
pub struct Mail {
    /// To whom.
    pub to: EmailAddress,
    /// The subject.
    pub subject: Line,
    /// The body for programs that show text.
    pub text: String,
    /// The same for those that show HTML.
    pub html: String,
}

/// Why a mail was not sent. SES's own words stay out of it: they may repeat the address, and this ends in logs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// This mail will not be sent however often it is tried: its address or our account is the reason.
    #[error("the mail service refused: {0}")]
    Refused(String),
    /// It asked to be left alone for a while: too fast, too many today, or halted until somebody looks.
    #[error("the mail service takes no more for now: {0}")]
    Throttled(String),
    /// It did not answer, or failed; trying again may help.
    #[error("the mail service is not available: {0}")]
    Unavailable(String),
}

/// The mail service; cheap to clone.
#[derive(Clone, Debug)]
pub struct MailService {
    client: Client,
    from: Sender,
}

impl MailService {
    /// A client of the process's AWS settings that writes as `from`. No call is made yet.
    pub fn connect(config: &SdkConfig, from: Sender) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_secs(5))
            .operation_timeout(Duration::from_secs(12))
            .build();
        let config = Builder::from(config).timeout_config(timeouts).build();
        MailService { client: Client::from_conf(config), from }
    }

    /// Hands a mail over for delivery. One that timed out may have been taken all the same.
    pub async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let unmade = |_| MailError::Refused("the request could not be made".into());
        let call = self.client.send_email().from_email_address(self.from.as_str());
        let call = call.destination(Destination::builder().to_addresses(deliverable(&mail.to)).build());
        let answer = call.content(content(mail).map_err(unmade)?).send().await;
        answer.map(|_| ()).map_err(|error| MailError::from_sdk(&error))
    }
}

/// The address in the spelling that SES takes, which knows no Unicode: as its owner writes it where that is ASCII, else
/// with the domain as A-label.
fn deliverable(address: &EmailAddress) -> &str {
    match address.as_str().is_ascii() {
        true => address.as_str(),
        false => address.key().as_str(),
    }
}

fn content(mail: &Mail) -> Result<EmailContent, BuildError> {
    // Without a charset SES reads seven bits.
    let utf8 = |data: &str| Content::builder().data(data).charset("UTF-8").build();
    let body = Body::builder().text(utf8(&mail.text)?).html(utf8(&mail.html)?).build();
    let message = Message::builder().subject(utf8(mail.subject.as_str())?).body(body).build();
    Ok(EmailContent::builder().simple(message).build())
}

/// Refusals of the moment.
const THROTTLED: [&str; 5] = [
    "TooManyRequestsException",
    "LimitExceededException",
    "SendingPausedException",
    "ThrottlingException",
    "Throttling",
];

impl MailError {
    fn from_sdk<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Self {
        match error {
            SdkError::ServiceError(service) => {
                let code = service.err().code().unwrap_or("unknown");
                match (THROTTLED.contains(&code), service.raw().status().as_u16()) {
                    (true, _) | (_, 429) => MailError::Throttled(code.to_owned()),
                    (_, 500..) => MailError::Unavailable(code.to_owned()),
                    _ => MailError::Refused(code.to_owned()),
                }
            }
            SdkError::ConstructionFailure(_) => MailError::Refused("the request could not be made".into()),
            SdkError::TimeoutError(_) => MailError::Unavailable("timeout".into()),
            SdkError::DispatchFailure(_) => MailError::Unavailable("no connection".into()),
            _ => MailError::Unavailable("no readable answer".into()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by a panic")]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_ascii_on_the_wire_and_else_as_their_owners_write_them() {
        for (written, sent) in [
            ("Ada.L@Example.com", "Ada.L@Example.com"),
            ("ada@bücher.example", "ada@xn--bcher-kva.example"),
            ("ada@example。com", "ada@example.com"),
        ] {
            assert_eq!(deliverable(&written.parse().unwrap()), sent);
        }
    }

    #[test]
    fn text_travels_as_utf_8_in_both_forms() {
        let subject = Line::literal("Hello");
        let mail = Letter::new(subject).paragraph("Grüße").addressed_to("ada@example.com".parse().unwrap());
        let content = content(&mail).unwrap();
        let body = content.simple().and_then(Message::body).unwrap();
        for part in [body.text(), body.html()] {
            let part = part.unwrap();
            assert!(part.data().contains("Grüße"));
            assert_eq!(part.charset(), Some("UTF-8"));
        }
    }
}
