use super::fixture::Local;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, RawMessage};

fn content(data: &str) -> Content {
    Content::builder().data(data).build().unwrap()
}

async fn send(local: &Local, to: &str, subject: &str) -> String {
    let body = Body::builder().text(content("plain")).html(content("<p>rich</p>")).build();
    let message = Message::builder().subject(content(subject)).body(body).build();
    let answer = local
        .ses()
        .send_email()
        .from_email_address("Souk <no-reply@souk.dev>")
        .destination(Destination::builder().to_addresses(to).build())
        .content(EmailContent::builder().simple(message).build())
        .send()
        .await
        .unwrap();
    answer.message_id.unwrap()
}

#[tokio::test]
async fn mails_are_kept_newest_first() {
    let local = Local::in_memory().await;
    send(&local, "Ann <ann@souk.dev>", "first").await;
    let id = send(&local, "bob@souk.dev", "second").await;
    let mails = local.cloud.mails(None).unwrap();
    let subjects: Vec<&str> = mails.iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(subjects, ["second", "first"]);
    assert_eq!((mails[0].id.as_str(), mails[0].text.as_deref()), (id.as_str(), Some("plain")));
    assert_eq!(mails[0].html.as_deref(), Some("<p>rich</p>"));
    assert_eq!((mails[0].sent_at.len(), &mails[0].sent_at[23..]), (24, "Z"));
    let to_ann = local.cloud.mails(Some("ANN@souk.dev")).unwrap();
    assert_eq!(to_ann.len(), 1);
    assert_eq!(to_ann[0].to, ["Ann <ann@souk.dev>"]);
}

const MIME: &str = "From: no-reply@souk.dev\r\nTo: Ann <ann@souk.dev>\r\nSubject: =?utf-8?B?R3LDvMOfZQ==?=\r\n\
MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=cut\r\n\r\n\
--cut\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nSch=C3=B6n\r\n\
--cut\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+U2Now7ZuPC9iPg==\r\n\
--cut--\r\n";

async fn send_raw(local: &Local, source: &str) {
    let raw = RawMessage::builder().data(Blob::new(source)).build().unwrap();
    let email = local.ses().send_email().from_email_address("no-reply@souk.dev");
    email.content(EmailContent::builder().raw(raw).build()).send().await.unwrap();
}

#[tokio::test]
async fn raw_mails_are_read_as_a_mail_program_would() {
    let local = Local::in_memory().await;
    send_raw(&local, MIME).await;
    let mails = local.cloud.mails(Some("ann@souk.dev")).unwrap();
    assert_eq!(mails[0].subject, "Grüße");
    assert_eq!(mails[0].text.as_deref().map(str::trim), Some("Schön"));
    assert_eq!(mails[0].html.as_deref(), Some("<b>Schön</b>"));
}

#[tokio::test]
async fn a_raw_mail_of_one_kind_has_no_other() {
    let local = Local::in_memory().await;
    send_raw(&local, "From: a@souk.dev\r\nTo: b@souk.dev\r\nSubject: s\r\n\r\nonly text\r\n").await;
    let html =
        "From: a@souk.dev\r\nTo: b@souk.dev\r\nSubject: s\r\nContent-Type: text/html\r\n\r\n<i>only html</i>\r\n";
    send_raw(&local, html).await;
    let mails = local.cloud.mails(None).unwrap();
    assert_eq!((mails[0].text.as_deref(), mails[0].html.as_deref().map(str::trim)), (None, Some("<i>only html</i>")));
    assert_eq!((mails[1].text.as_deref().map(str::trim), mails[1].html.as_deref()), (Some("only text"), None));
}
