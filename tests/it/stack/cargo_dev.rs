//! `cargo dev` lives and dies.

use std::net::{Ipv4Addr, TcpListener};

use serde_json::json;
use tempfile::TempDir;

use super::processes::{all_gone, interrupt, working_for};
use super::program::{prebuilt, start};
use crate::world::PASSWORD;

/// Four free ports side by side, below those that the system hands out by itself; tests of one `place` do not run at once.
fn free_base_port(place: u16) -> u16 {
    let first = 20_000 + u16::try_from(std::process::id() % 1_000).unwrap() * 10 + place * 5;
    let is_free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    let mut bases = (0..1_000).map(|step| first + step * 10).filter(|base| (*base..base + 4).all(is_free));
    bases.next().expect("four free ports")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigkill_leaves_no_process_and_the_next_start_finds_its_data() {
    let data = TempDir::new().unwrap();
    let port = free_base_port(0);
    let mut first = start(prebuilt(data.path(), port)).await;
    let session = first.visitor.join("ada@example.com").await;
    let functions = working_for(&first.urls.cloud);
    first.kill_9();
    all_gone(&first.urls.cloud, &functions).await;

    // The same ports: nothing that is left over may hold them.
    let mut second = start(prebuilt(data.path(), port)).await;
    let visitor = &second.visitor;
    visitor.profile(&session.access).await.expect(200);
    visitor.post("/api/v1/auth/refresh", json!({ "refreshToken": session.refresh })).await.expect(200);
    visitor.sign_in("ada@example.com", PASSWORD).await;
    assert_eq!(visitor.control("/control/mail?to=ada@example.com").await.as_array().unwrap().len(), 1);
    // Events flow on from where they were.
    visitor.join("bob@example.com").await;

    let functions = working_for(&second.urls.cloud);
    interrupt(second.pid());
    assert_eq!(second.ended().await.code(), Some(0), "{}", second.output.text());
    all_gone(&second.urls.cloud, &functions).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_one_says_what_is_in_its_way() {
    let (data, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let port = free_base_port(1);
    let running = start(prebuilt(data.path(), port)).await;
    let same_folder = prebuilt(data.path(), 0).output().unwrap();
    let told = String::from_utf8_lossy(&same_folder.stderr).into_owned();
    assert_eq!(same_folder.status.code(), Some(1), "{told}");
    assert!(told.contains("another `cargo dev`") && told.contains(&running.pid().to_string()), "{told}");
    for step in 0..4 {
        let busy = prebuilt(other.path(), port + 3 - step).output().unwrap();
        let told = String::from_utf8_lossy(&busy.stderr).into_owned();
        assert_eq!(busy.status.code(), Some(1), "{told}");
        assert!(told.contains("is in use") && told.contains("--port"), "{told}");
        assert!((port..port + 4).any(|port| told.contains(&format!("port {port}"))), "{told}");
    }
    running.visitor.get("/health").await.expect(200);
}
