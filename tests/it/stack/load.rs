//! More at once than there are processes.

use futures::future::join_all;

use super::local::Local;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_at_once_are_all_answered_as_they_should() {
    let local = Local::start().await;
    // Some people, since each of them may read 300 times a minute.
    let email = |n: usize| format!("ada{}@example.com", n % 4);
    let mut sessions = Vec::new();
    for n in 0..4 {
        sessions.push(local.visitor.join(&email(n)).await.access);
    }
    let good = join_all((0..300).map(|n| local.visitor.profile(&sessions[n % 4])));
    for (n, reply) in good.await.into_iter().enumerate() {
        let reply = reply.expect(200);
        assert_eq!(reply.json["data"]["email"], email(n));
    }
    let token = |n: usize| if n.is_multiple_of(2) { sessions[n % 4].as_str() } else { "forged" };
    let mixed = join_all((0..300).map(|n| local.visitor.profile(token(n))));
    for (i, reply) in mixed.await.into_iter().enumerate() {
        match i % 2 {
            0 => reply.expect(200),
            _ => reply.expect_failure(401, "AUTHENTICATION_FAILED"),
        };
    }
    local.end().await;
}
