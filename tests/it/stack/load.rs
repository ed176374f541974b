//! More at once than there are processes.

use futures::future::join_all;

use super::local::Local;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_at_once_are_all_answered_as_they_should() {
    let local = Local::start().await;
    let session = local.visitor.join("ada@example.com").await;
    let good = join_all((0..300).map(|_| local.visitor.profile(&session.access)));
    for reply in good.await {
        let reply = reply.expect(200);
        assert_eq!(reply.json["data"]["email"], "ada@example.com");
    }
    let mixed = join_all((0..300).map(|i| local.visitor.profile(if i % 2 == 0 { &session.access } else { "forged" })));
    for (i, reply) in mixed.await.into_iter().enumerate() {
        match i % 2 {
            0 => reply.expect(200),
            _ => reply.expect_failure(401, "AUTHENTICATION_FAILED"),
        };
    }
    local.end().await;
}
