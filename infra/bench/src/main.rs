//! `cold-start <users> <noop>`: from nothing to the first answered profile request, beside a function that does nothing,
//! by turns in one run. Prints medians, their ratio, memory and size, and fails beyond the limits below.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use runtime::{FunctionSpec, Runtime};
use serde_json::{Value, json};
use testkit::Sandbox;

const ROUNDS: usize = 41;
const MAX_RATIO: f64 = 5.0;
const MAX_MEGABYTES: f64 = 12.0;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<ExitCode, String> {
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let (Some(users), Some(noop)) = (arguments.next(), arguments.next()) else {
        return Err("usage: cold-start <path of users> <path of noop>".to_owned());
    };
    let sandbox = Sandbox::start().await;
    let token = sandbox.somebody().await;
    let event = request(&token);
    let runtime = Runtime::start(Arc::new(|_, _| {})).await.map_err(|error| error.to_string())?;
    let mut environment: Vec<(String, String)> = sandbox.settings("users");
    environment.extend(sandbox.cloud.environment());

    let (mut of_users, mut of_noop, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        of_noop.push(first_answer(&runtime, "noop", &noop, &[], &event).await?.0);
        let (time, kilobytes) = first_answer(&runtime, "users", &users, &environment, &event).await?;
        of_users.push(time);
        memory.push(kilobytes);
    }
    runtime.shutdown().await;
    Ok(report(&mut of_users, &mut of_noop, &mut memory, &users))
}

/// One cold start: how long until the answer, and the most memory the process has had by then, in kB.
async fn first_answer(
    runtime: &Runtime,
    name: &str,
    binary: &Path,
    environment: &[(String, String)],
    event: &Bytes,
) -> Result<(Duration, u64), String> {
    runtime.register(FunctionSpec {
        name: name.to_owned(),
        binary: binary.to_owned(),
        env: environment.to_vec(),
        timeout: Duration::from_secs(10),
        memory_mb: 256,
        max_instances: 1,
    });
    let begun = Instant::now();
    let answer = runtime.invoke(name, event.clone(), None).await.map_err(|error| error.to_string())?;
    let time = begun.elapsed();
    let answer: Value = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
    if answer["statusCode"] != 200 {
        return Err(format!("{name} answered {answer}"));
    }
    let peaks = runtime.pids().into_iter().filter_map(peak_kilobytes);
    Ok((time, peaks.max().unwrap_or(0)))
}

fn peak_kilobytes(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn request(token: &str) -> Bytes {
    let event = json!({
        "version": "2.0",
        "routeKey": "ANY /api/v1/users/{proxy+}",
        "rawPath": "/api/v1/users/profile",
        "rawQueryString": "",
        "headers": { "authorization": format!("Bearer {token}"), "host": "127.0.0.1" },
        "requestContext": {
            "accountId": "000000000000", "apiId": "local", "domainName": "127.0.0.1", "domainPrefix": "127",
            "http": {
                "method": "GET", "path": "/api/v1/users/profile", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                "userAgent": "bench",
            },
            "requestId": "bench", "routeKey": "ANY /api/v1/users/{proxy+}", "stage": "$default",
            "time": "20/Nov/2026:10:00:00 +0000", "timeEpoch": 1795168800000u64,
        },
        "isBase64Encoded": false,
    });
    Bytes::from(event.to_string())
}

fn median<T: Ord + Copy>(values: &mut [T]) -> Option<T> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

fn report(of_users: &mut [Duration], of_noop: &mut [Duration], memory: &mut [u64], users: &Path) -> ExitCode {
    let milliseconds = |values: &mut [Duration]| median(values).unwrap_or_default().as_secs_f64() * 1000.0;
    let (users_ms, noop_ms) = (milliseconds(of_users), milliseconds(of_noop));
    let ratio = users_ms / noop_ms;
    let megabytes = median(memory).unwrap_or(0) as f64 / 1024.0;
    let size = std::fs::metadata(users).map(|file| file.len() as f64 / 1024.0 / 1024.0).unwrap_or(f64::MAX);
    println!(
        "cold start to the first answer, median of {ROUNDS}: users {users_ms:.1} ms, no-op {noop_ms:.1} ms, ratio {ratio:.2} (limit {MAX_RATIO})"
    );
    println!("users: {megabytes:.1} MB resident at most, {size:.1} MB on disk (limit {MAX_MEGABYTES} each)");
    match ratio <= MAX_RATIO && megabytes <= MAX_MEGABYTES && size <= MAX_MEGABYTES {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
