use super::super::fixture::{BUCKET, CORE, Local, SLOW, key};
use super::{add, first};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};
use devstack::cloud::Service;
use devstack::cloud::faults::{CancellationCode, Fault, Faults, Kind, Refusal};

fn refusals(service: Service, operation: &str) -> Vec<Refusal> {
    let faults = Faults::of(service, operation).into_iter();
    let refusals = faults.filter_map(|fault| match fault {
        Fault::Refuse(refusal) => Some(refusal),
        _ => None,
    });
    refusals.collect()
}

#[tokio::test]
async fn dynamodbs_refusals_are_read_and_nothing_is_executed() {
    let local = Local::in_memory().await;
    let told = refusals(Service::DynamoDb, "UpdateItem");
    assert!(told.len() >= 8, "{told:?}");
    // Armed by a test that makes it true; never by chance.
    for refusal in told.into_iter().chain([Refusal::of("ConditionalCheckFailedException")]) {
        local.arm(Service::DynamoDb, "UpdateItem", Fault::Refuse(refusal.clone()));
        let error = add(&local.once()).send().await.unwrap_err();
        assert_eq!(error.code(), Some(refusal.code.as_str()));
        assert!(local.cloud.faults().fired());
    }
    assert_eq!(local.added().await, 0);
    local.arm(Service::DynamoDb, "UpdateItem", Fault::Refuse(Refusal::of("ConditionalCheckFailedException")));
    let error = add(&local.once()).send().await.unwrap_err().into_service_error();
    assert!(error.is_conditional_check_failed_exception());
}

#[tokio::test]
async fn a_cancelled_transaction_names_the_item_and_each_of_the_seven_codes() {
    let local = Local::in_memory().await;
    let put = |sk: &str| {
        let put = Put::builder().table_name(CORE).set_item(Some(key("t", sk))).build().unwrap();
        TransactWriteItem::builder().put(put).build()
    };
    for code in CancellationCode::ALL {
        for (item, expected) in [(0, 0), (1, 1), (7, 2)] {
            local.arm(Service::DynamoDb, "TransactWriteItems", Fault::Refuse(Refusal::cancelled(code, item)));
            let sent = local.once().transact_write_items().set_transact_items(Some(["1", "2", "3"].map(put).into()));
            let error = sent.send().await.unwrap_err().into_service_error();
            let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::
                TransactionCanceledException(error) = error else { panic!("{error}") };
            let codes: Vec<_> = error.cancellation_reasons().iter().map(|reason| reason.code().unwrap()).collect();
            let mut wanted = ["None"; 3];
            wanted[expected] = code.name();
            assert_eq!(codes, wanted);
            assert!(error.message().unwrap().contains(code.name()));
        }
    }
    local.cloud.faults().calm();
    let items = local.dynamodb().scan().table_name(CORE).send().await.unwrap();
    assert_eq!(items.count, 0);
}

#[tokio::test]
async fn sqs_refusals_are_read_and_nothing_is_sent() {
    let local = Local::in_memory().await;
    let config = aws_sdk_sqs::config::Builder::from(&local.sdk).retry_config(RetryConfig::disabled());
    let client = aws_sdk_sqs::Client::from_conf(config.build());
    for refusal in refusals(Service::Sqs, "SendMessage") {
        local.arm(Service::Sqs, "SendMessage", Fault::Refuse(refusal.clone()));
        let send = client.send_message().queue_url(local.queue_url(SLOW)).message_body("x");
        let error = send.send().await.unwrap_err();
        let code = error.code().unwrap();
        // The older protocol's name of this one goes before.
        let known = [refusal.code.as_str(), "AWS.SimpleQueueService.NonExistentQueue"];
        assert!(known.contains(&code), "{code} for {}", refusal.code);
        if refusal.code == "QueueDoesNotExist" {
            assert!(error.into_service_error().is_queue_does_not_exist());
        }
    }
    let depths = local.cloud.queues().await.unwrap();
    assert!(depths.iter().all(|depth| depth.sent == 0));
}

#[tokio::test]
async fn s3_refusals_are_read_and_nothing_is_kept() {
    let local = Local::in_memory().await;
    let config = aws_sdk_s3::config::Builder::from(&local.sdk).retry_config(RetryConfig::disabled());
    let client = aws_sdk_s3::Client::from_conf(config.force_path_style(true).build());
    for refusal in refusals(Service::S3, "PutObject") {
        local.arm(Service::S3, "PutObject", Fault::Refuse(refusal.clone()));
        let put = client.put_object().bucket(BUCKET).key("a").body(b"x".to_vec().into());
        assert_eq!(put.send().await.unwrap_err().code(), Some(refusal.code.as_str()));
    }
    assert_eq!(client.list_objects_v2().bucket(BUCKET).send().await.unwrap().key_count, Some(0));
}

#[tokio::test]
async fn refusals_of_mail_are_read_and_nothing_is_sent() {
    let local = Local::in_memory().await;
    let config = aws_sdk_sesv2::config::Builder::from(&local.sdk).retry_config(RetryConfig::disabled());
    let client = aws_sdk_sesv2::Client::from_conf(config.build());
    let text = |text: &str| Content::builder().data(text).build().unwrap();
    let message = Message::builder().subject(text("s")).body(Body::builder().text(text("b")).build()).build();
    for refusal in refusals(Service::Ses, "SendEmail") {
        local.arm(Service::Ses, "SendEmail", Fault::Refuse(refusal.clone()));
        let content = EmailContent::builder().simple(message.clone()).build();
        let to = Destination::builder().to_addresses("a@souk.dev").build();
        let send = client.send_email().from_email_address("b@souk.dev").destination(to).content(content);
        assert_eq!(send.send().await.unwrap_err().code(), Some(refusal.code.as_str()));
    }
    assert!(local.cloud.mails(None).unwrap().is_empty());
}

#[tokio::test]
async fn sdks_try_again_what_may_pass() {
    let local = Local::in_memory().await;
    let passing = [
        Fault::Refuse(Refusal::of("ThrottlingException")),
        Fault::Refuse(Refusal::of("InternalServerError")),
        Fault::Status(500),
        Fault::Status(503),
    ];
    for (n, fault) in passing.into_iter().enumerate() {
        local.arm(Service::DynamoDb, "UpdateItem", fault.clone());
        add(&local.dynamodb()).send().await.unwrap();
        let again = devstack::cloud::faults::Address { n: 1, ..first(Service::DynamoDb, "UpdateItem") };
        assert_eq!(local.cloud.faults().recorded(), [first(Service::DynamoDb, "UpdateItem"), again], "{fault}");
        assert_eq!(local.added().await, n as u64 + 1, "{fault}");
    }
}

#[test]
fn what_would_be_a_lie_is_told_by_nobody() {
    let services = [
        (Service::DynamoDb, "TransactWriteItems"),
        (Service::DynamoDb, "PutItem"),
        (Service::Sqs, "SendMessageBatch"),
        (Service::S3, "GetObject"),
        (Service::Ses, "SendEmail"),
    ];
    for (service, operation) in services {
        let faults = Faults::of(service, operation);
        let lie = |fault: &Fault| match fault {
            Fault::Refuse(Refusal { reasons: Some(cancelled), .. }) => {
                matches!(cancelled.code, CancellationCode::None | CancellationCode::ConditionalCheckFailed)
            }
            Fault::Refuse(refusal) => {
                ["ConditionalCheckFailedException", "EmptyBatchRequest", "NoSuchKey", "BadRequestException"]
                    .contains(&refusal.code.as_str())
            }
            _ => false,
        };
        assert!(!faults.iter().any(lie), "{operation}: {faults:?}");
        for kind in [Kind::Lose, Kind::Duplicate, Kind::Delay, Kind::Truncate, Kind::KillBefore, Kind::KillAfter] {
            assert!(faults.iter().any(|fault| fault.kind() == kind), "{operation} {kind:?}");
        }
    }
}
