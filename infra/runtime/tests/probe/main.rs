//! The function that the tests run: it does what the event tells it, good or bad.
//! With PROBE_PARENT it is instead a program that owns a control plane, to be killed by a test.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use lambda_runtime::{Error, LambdaEvent, StreamResponse, service_fn, streaming};
use runtime::{FunctionSpec, Runtime};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "camelCase")]
enum Deed {
    Echo { value: Value },
    Context,
    Sleep { ms: u64 },
    Block { ms: u64 },
    Say { out: String, err: String },
    Fail { message: String },
    Panic,
    Exit { code: i32 },
    Big { bytes: usize },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    if std::env::var_os("PROBE_PARENT").is_some() {
        return own_a_plane().await;
    }
    init()?;
    if std::env::var_os("PROBE_STREAM").is_some() {
        return lambda_runtime::run(service_fn(stream)).await;
    }
    lambda_runtime::run(service_fn(handle)).await
}

fn init() -> Result<(), Error> {
    if let Ok(path) = std::env::var("PROBE_STARTS") {
        let mut starts = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
        starts.write_all(b"x")?;
    }
    match std::env::var("PROBE_INIT").as_deref() {
        Ok("exit") => {
            eprintln!("the first line");
            eprintln!("no table name configured");
            std::process::exit(3);
        }
        Ok("hang") => std::thread::sleep(Duration::from_secs(600)),
        Ok("report") => report_init_error()?,
        _ => {}
    }
    Ok(())
}

/// `lambda_runtime` has no call for this outside SnapStart, so it is said by hand; then the process stays, which it may.
fn report_init_error() -> Result<(), Error> {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API")?;
    let (address, token) = api.trim_start_matches("http://").split_once('/').ok_or("no token")?;
    let body = json!({ "errorType": "Config", "errorMessage": "no keys" }).to_string();
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "POST /{token}/2018-06-01/runtime/init/error HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    stream.read_to_string(&mut String::new())?;
    std::thread::sleep(Duration::from_secs(600));
    Ok(())
}

async fn handle(event: LambdaEvent<Deed>) -> Result<Value, Error> {
    let answer = match event.payload {
        Deed::Echo { value } => value,
        Deed::Context => context(&event.context),
        Deed::Sleep { ms } => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            Value::Null
        }
        // Holds the only thread, so that not even a broken connection is noticed.
        Deed::Block { ms } => {
            std::thread::sleep(Duration::from_millis(ms));
            Value::Null
        }
        Deed::Say { out, err } => {
            println!("{out}");
            eprintln!("{err}");
            Value::Null
        }
        Deed::Fail { message } => return Err(message.into()),
        Deed::Panic => panic!("as told"),
        Deed::Exit { code } => {
            eprintln!("leaving");
            std::process::exit(code)
        }
        Deed::Big { bytes } => Value::String("x".repeat(bytes)),
    };
    let label = std::env::var("PROBE_LABEL").unwrap_or_default();
    Ok(json!({ "answer": answer, "pid": std::process::id(), "label": label }))
}

/// Answers in pieces, with pauses.
async fn stream(_: LambdaEvent<Value>) -> Result<StreamResponse<streaming::Body>, Error> {
    let (mut pieces, body) = streaming::channel();
    tokio::spawn(async move {
        for piece in ["one ", "two ", "three"] {
            tokio::time::sleep(Duration::from_millis(20)).await;
            // Without a reader there is nobody to tell.
            let _ = pieces.send_data(Bytes::from_static(piece.as_bytes())).await;
        }
    });
    Ok(body.into())
}

fn context(context: &lambda_runtime::Context) -> Value {
    let environment: serde_json::Map<_, _> = std::env::vars().map(|(name, value)| (name, value.into())).collect();
    json!({
        "requestId": context.request_id,
        "deadlineMs": context.deadline,
        "arn": context.invoked_function_arn,
        "traceId": context.xray_trace_id,
        "custom": context.client_context.as_ref().map(|context| &context.custom),
        "memory": context.env_config.memory,
        "folder": std::env::current_dir().ok(),
        "environment": environment,
    })
}

/// Prints the pids of two idle instances, one that sleeps in a handler, and waits to be killed.
async fn own_a_plane() -> Result<(), Error> {
    let plane = Runtime::start(Arc::new(|_, _| {})).await?;
    plane.register(FunctionSpec {
        name: "child".to_owned(),
        binary: std::env::var_os("PROBE_PARENT").map(PathBuf::from).unwrap_or_default(),
        env: Vec::new(),
        timeout: Duration::from_secs(60),
        memory_mb: 128,
        max_instances: 3,
    });
    let sleep = |ms: u64| plane.invoke("child", Bytes::from(json!({ "do": "sleep", "ms": ms }).to_string()), None);
    let mut busy = Box::pin(sleep(3_000));
    tokio::select! {
        _ = &mut busy => {}
        // Both are asked at once, so that two more instances start.
        (one, two) = async { tokio::join!(sleep(500), sleep(500)) } => { one?; two?; }
    }
    println!("{}", serde_json::to_string(&plane.pids())?);
    busy.await?;
    std::future::pending::<()>().await;
    Ok(())
}
