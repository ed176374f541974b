//! The demo data: somebody of every role to log in as.

use std::sync::Arc;

use reqwest::Method;

use super::local::Local;
use super::visitor::Reply;

const PASSWORD: &str = "Demo-Souk-2026!";

async fn everybody_logs_in(local: &Local) {
    let demo = local.visitor.control("/control/demo").await;
    let accounts = demo["accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), 10, "{demo}");
    for account in accounts {
        assert_eq!(account["password"], PASSWORD);
        let session = local.visitor.sign_in(account["email"].as_str().unwrap(), PASSWORD).await;
        let profile = local.visitor.profile(&session.access).await.expect(200);
        assert_eq!(profile.json["data"]["roles"], account["roles"]);
        assert_eq!(profile.json["data"]["emailVerified"], true);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn demo_accounts_of_every_role_log_in_also_after_a_reset() {
    let local = Local::start_with(|options| {
        options.seed = Some(Arc::new(|environment| Box::pin(devstack::seed::seed(environment))));
    })
    .await;
    everybody_logs_in(&local).await;
    local.visitor.join("ada@example.com").await;
    let reset = format!("{}/control/reset", local.visitor.control);
    Reply::of(local.visitor.client.request(Method::POST, reset)).await.expect(200);
    everybody_logs_in(&local).await;
    local.visitor.login("ada@example.com", crate::world::PASSWORD).await.expect_failure(401, "AUTHENTICATION_FAILED");
    local.end().await;
}
