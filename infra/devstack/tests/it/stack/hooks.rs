use devstack::cloud::Service;
use devstack::cloud::faults::{Address, Fault};

use super::fixture::{Project, control};

async fn hook(control: &str, name: &str, body: Vec<u8>) -> Result<reqwest::Response, reqwest::Error> {
    let request = reqwest::Client::new().post(format!("{control}/hooks/{name}")).body(body);
    request.header("user-agent", "Souk-Webhooks/1.0").header("webhook-id", "msg_1").send().await
}

#[tokio::test]
async fn webhooks_are_caught_shown_and_forgotten() {
    let project = Project::new();
    let stack = project.start().await;
    let url = stack.urls.control.clone();
    assert_eq!(hook(&url, "orders", b"{\"a\":1}".to_vec()).await.unwrap().status(), 200);
    assert_eq!(hook(&url, "other", vec![0xff]).await.unwrap().status(), 200);
    let all = control(&stack, "/control/hooks").await;
    assert_eq!((all[0]["name"].as_str(), all[0]["body"].as_str()), (Some("other"), Some("/w==")));
    assert_eq!(all[0]["isBase64Encoded"], true);
    let orders = control(&stack, "/control/hooks?name=orders").await;
    assert_eq!(orders.as_array().unwrap().len(), 1);
    assert_eq!(
        (orders[0]["body"].as_str(), orders[0]["headers"]["webhook-id"].as_str()),
        (Some("{\"a\":1}"), Some("msg_1"))
    );
    assert!(reqwest::get(&url).await.unwrap().text().await.unwrap().contains("orders"));
    let large = hook(&url, "orders", vec![b'x'; 300 * 1024]).await.unwrap();
    assert_eq!(large.status(), 413);
    reqwest::Client::new().post(format!("{url}/control/reset")).send().await.unwrap();
    assert_eq!(control(&stack, "/control/hooks").await, serde_json::json!([]));
    stack.shutdown().await;
}

#[tokio::test]
async fn webhooks_meet_the_faults_of_their_sender() {
    let project = Project::new();
    let stack = project.start().await;
    let faults = stack.cloud().faults();
    let at = || Address {
        function: "webhook-sender".to_owned(),
        service: Service::Http,
        operation: "POST".to_owned(),
        n: 0,
    };
    let caught = async || control(&stack, "/control/hooks").await.as_array().unwrap().len();
    faults.arm(at(), Fault::Status(503));
    assert_eq!(hook(&stack.urls.control, "x", Vec::new()).await.unwrap().status(), 503);
    assert_eq!(caught().await, 0);
    faults.arm(at(), Fault::Lose);
    let error = hook(&stack.urls.control, "x", Vec::new()).await.unwrap_err();
    assert!(error.is_request() && error.status().is_none(), "{error:?}");
    assert_eq!(caught().await, 1);
    faults.arm(at(), Fault::Truncate);
    let half = hook(&stack.urls.control, "x", Vec::new()).await.unwrap();
    assert_eq!(half.status(), 200);
    half.bytes().await.unwrap_err();
    assert_eq!(caught().await, 2);
    stack.shutdown().await;
}
