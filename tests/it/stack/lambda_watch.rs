//! `cargo lambda watch` in the place of our own runtime: the same binaries, another one that starts them.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use tempfile::TempDir;

use super::cargo_lambda::{CargoLambda, search_path};
use super::processes::{all_gone, interrupt, is_alive, working_for};
use super::program::{Program, command, start};
use super::waiting::until;
use crate::world::PASSWORD;

/// It may have to wait for cargo's lock, and to build a function before its first answer.
const BUILD_LIMIT: Duration = Duration::from_secs(300);

/// Until a function is built, the gateway says that it is unavailable.
async fn functions_answer(program: &mut Program) {
    program.visitor.patience = BUILD_LIMIT;
    for path in ["/health", "/api/v1/auth/session", "/api/v1/users/profile"] {
        let visitor = &program.visitor;
        until(path, BUILD_LIMIT, async || (visitor.get(path).await.status != 503).then_some(())).await;
    }
}

/// Register, verify, log in, profile, and the consumers behind them.
async fn people_can_join(program: &Program) {
    let session = program.visitor.join("ada@example.com").await;
    let profile = program.visitor.profile(&session.access).await.expect(200);
    assert_eq!(profile.json["data"]["email"], "ada@example.com");
    program.visitor.profile("forged").await.expect_failure(401, "AUTHENTICATION_FAILED");
}

async fn end(mut program: Program, functions: &[u32]) {
    interrupt(program.pid());
    assert_eq!(program.ended().await.code(), Some(0), "{}", program.output.text());
    all_gone(&program.urls.cloud, functions).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_runs_the_functions_under_cargo_dev() {
    let Some(path) = search_path().await else { return };
    let data = TempDir::new().unwrap();
    let program = async || {
        let mut program = command(data.path(), &["--lambda-watch", "--port", "0"]);
        program.env("PATH", &path);
        start(program).await
    };
    let mut killed = program().await;
    functions_answer(&mut killed).await;
    people_can_join(&killed).await;
    // Unlike functions, it outlives whoever started it; the next start ends it, by the list of children.
    let listed = std::fs::read_to_string(data.path().join("pids")).unwrap();
    let listed = listed.lines().map(|line| line.split('\t').next().unwrap().parse().unwrap());
    let left_over: Vec<u32> = listed.chain(working_for(&killed.urls.cloud)).collect();
    killed.kill_9();
    assert!(left_over.iter().any(|pid| is_alive(*pid)));
    let mut next = program().await;
    all_gone(&killed.urls.cloud, &left_over).await;
    functions_answer(&mut next).await;
    next.visitor.sign_in("ada@example.com", PASSWORD).await;
    let functions = working_for(&next.urls.cloud);
    end(next, &functions).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_developers_own_one_runs_the_functions_beside_cargo_dev() {
    let Some(path) = search_path().await else { return };
    let data = TempDir::new().unwrap();
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let invoke_url = format!("http://127.0.0.1:{port}");
    let arguments = ["--cloud-only", "--invoke-url", &invoke_url, "--port", "0"];
    let mut program = start(command(data.path(), &arguments)).await;
    assert_eq!(program.urls.invoke, invoke_url);
    let output = program.output.text();
    let line = output.lines().map(str::trim).find(|line| line.starts_with("cargo lambda watch"));
    // Before anybody runs the functions, the gateway says so.
    assert_eq!(program.visitor.get("/health").await.status, 503);
    let watch = CargoLambda::run(line.unwrap_or_else(|| panic!("no command is printed:\n{output}")), &path);
    functions_answer(&mut program).await;
    people_can_join(&program).await;
    let functions = working_for(&program.urls.cloud);
    drop(watch);
    all_gone(&program.urls.cloud, &functions).await;
    end(program, &[]).await;
}
