//! A webhook endpoint gets nothing more until its owner opens it again.

use domain::event::Payload;
use domain::identity::events::{DisabledReason, WebhookEndpointDisabled};
use partners::mail::{Letter, Line};

use crate::Words;

const SUBJECT: Line = Line::literal(WebhookEndpointDisabled::ROW.title());

pub(crate) fn compose(data: WebhookEndpointDisabled) -> Words {
    let (reason, why) = match data.reason {
        DisabledReason::Gone => ("gone", "It answered 410, which says that it is gone for good."),
        DisabledReason::Failing => ("failing", "For five days nothing could be delivered to it."),
    };
    let what = format!("Your webhook endpoint {} was disabled and gets nothing more. {why}", data.endpoint_id);
    let letter = Letter::new(SUBJECT)
        .paragraph(what.clone())
        .paragraph("Once it works again, enable it: what happens from then on is delivered.");
    Words::new(what, "/settings/webhooks").with("endpointId", data.endpoint_id).with("reason", reason).mailing(letter)
}
