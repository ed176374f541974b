//! `cargo prove`: faults, crashes, floods and seeded defects against the running system, and what held. One command, one
//! seed; docs/PROVING.md says what each part shows.

mod cli;
#[allow(dead_code, reason = "each part uses what it needs")]
mod client;
mod defects;
mod draw;
mod finding;
mod flood;
#[allow(dead_code, reason = "each part uses what it needs")]
mod ground;
mod invariants;
mod load;
mod optimised;
mod parts;
mod people;
mod setting;
mod sweep;
mod twins;

use std::path::Path;
use std::process::ExitCode;

use finding::Report;
use setting::Setting;

fn main() -> ExitCode {
    let setting = match cli::parse(std::env::args().skip(1)) {
        Ok(cli::Command::Run(setting)) => setting,
        Ok(cli::Command::Help) => {
            print!("{}", cli::help());
            return ExitCode::SUCCESS;
        }
        Err(message) => return failed(&message),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.to_string()),
    };
    match runtime.block_on(run(&setting)) {
        Ok(report) if report.holds() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(message) => failed(&message),
    }
}

async fn run(setting: &Setting) -> Result<Report, String> {
    std::fs::create_dir_all(&setting.out).map_err(|error| format!("{}: {error}", setting.out.display()))?;
    if let Some(path) = &setting.child {
        return child(setting, path).await;
    }
    println!("seed {}", setting.seed);
    let mut report = Report::new(setting.seed);
    for part in parts::ALL.iter().filter(|part| setting.wants(part)) {
        println!("\n== {}: {}", part.name, part.shows);
        let found = (part.run)(setting).await.map_err(|error| format!("{}: {error}", part.name))?;
        found.iter().for_each(|finding| println!("{finding}"));
        report.add(part.name, found);
        // Kept as it grows: a run of an hour that is cut off has still shown what it has shown.
        report.write(&setting.out)?;
    }
    println!("\n{}", report.summary());
    Ok(report)
}

/// What the optimised child of another prover does: its parent judges and reports.
async fn child(setting: &Setting, path: &Path) -> Result<Report, String> {
    for part in parts::ALL.iter().filter(|part| setting.wants(part)) {
        optimised::hand_over(&(part.run)(setting).await?, path)?;
    }
    Ok(Report::new(setting.seed))
}

fn failed(message: &str) -> ExitCode {
    eprintln!("cargo prove: {message}");
    ExitCode::from(2)
}
