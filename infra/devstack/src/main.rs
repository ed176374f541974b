//! `cargo dev`.

mod cli;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use devstack::{Options, Seed, Stack};
use tokio::signal::unix::{Signal, SignalKind, signal};

fn main() -> ExitCode {
    let arguments = match cli::parse(std::env::args().skip(1)) {
        Ok(cli::Command::Run(arguments)) => arguments,
        Ok(cli::Command::Help) => {
            print!("{}", cli::HELP);
            return ExitCode::SUCCESS;
        }
        Err(message) => return failed(&message),
    };
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_target(false)
        .without_time()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.to_string()),
    };
    match runtime.block_on(run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => failed(&message),
    }
}

fn failed(message: &str) -> ExitCode {
    eprintln!("cargo dev: {message}");
    ExitCode::from(1)
}

async fn run(arguments: cli::Arguments) -> Result<(), String> {
    let mut end = End::new().map_err(|error| error.to_string())?;
    let options = options(arguments)?;
    let stack = tokio::select! {
        started = Stack::start(options) => started.map_err(|error| error.to_string())?,
        () = end.asked() => return Ok(()),
    };
    announce(&stack);
    end.asked().await;
    eprintln!("\nStopping; once more ends it at once.");
    tokio::select! {
        () = stack.shutdown() => Ok(()),
        () = end.asked() => Err("ended at once".to_owned()),
    }
}

fn options(arguments: cli::Arguments) -> Result<Options, String> {
    let print: runtime::LogSink = match arguments.quiet {
        true => Arc::new(|_, _| {}),
        false => Arc::new(|function, line| println!("{function:>14} | {line}")),
    };
    let demo: Seed = Arc::new(|environment| Box::pin(devstack::seed::seed(environment)));
    let root = root()?;
    Ok(Options {
        data_dir: arguments.data_dir.unwrap_or_else(|| root.join(".dev")),
        root,
        port: arguments.port,
        fresh: arguments.fresh,
        only: arguments.only,
        build: arguments.build,
        watch: arguments.watch,
        log: print,
        seed: arguments.demo.then_some(demo),
        faults: arguments.faults,
    })
}

/// The nearest folder upwards that holds a template.yaml.
fn root() -> Result<PathBuf, String> {
    let here = std::env::current_dir().map_err(|error| error.to_string())?;
    let found = here.ancestors().find(|folder| folder.join("template.yaml").is_file());
    found.map(PathBuf::from).ok_or_else(|| "there is no template.yaml here or above".to_owned())
}

fn announce(stack: &Stack) {
    let urls = &stack.urls;
    println!();
    println!("  API        {}", urls.api);
    println!("  Docs       {}/api/docs", urls.api);
    println!("  Mailbox    {}  (mail, queues, invocations, capacity)", urls.control);
    println!("  AWS parts  {}  (DynamoDB, SQS, S3, SES)", urls.cloud);
    println!("  Invoke     {}", urls.invoke);
    let accounts = stack.demo_accounts();
    if let Some(first) = accounts.first() {
        println!("\n  Demo accounts, password {}:", first.password);
        for account in &accounts {
            println!("    {:<24} {}", account.email, account.roles.join(", "));
        }
    }
    if let Some(hint) = stack.hint() {
        println!("\n{hint}");
    }
    println!("\n  Ctrl-C stops everything.\n");
    // For programs that start us.
    if let Ok(line) = serde_json::to_string(urls) {
        println!("devstack ready {line}");
    }
}

/// Ctrl-C and SIGTERM.
struct End {
    interrupt: Signal,
    terminate: Signal,
}

impl End {
    fn new() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
