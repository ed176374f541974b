//! `souk-admin`: reads the command line, does it, prints what came of it.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use souk_admin::cli::{self, Act, Command, Format, KeysAct};
use souk_admin::{AdminError, Souk, Target, check, dead_letters, first_administrator, keys, rebuild, replay, show};

/// Done, but not all is well.
const FOUND: u8 = 1;
/// Not done.
const FAILED: u8 = 2;
/// Holds an administrator's token; arguments can be read by everybody on a machine.
const STAFF_TOKEN: &str = "SOUK_STAFF_TOKEN";

/// What is printed, and whether all is well.
type Outcome = Result<(String, bool), AdminError>;

fn main() -> ExitCode {
    let outcome = match cli::parse(std::env::args().skip(1)) {
        Ok(Command::Help) => Ok((cli::HELP.to_owned(), true)),
        Ok(Command::Keys(act)) => with_keys(act),
        Ok(Command::On(target, act, format)) => on(target, act, format),
        Err(sentence) => Err(AdminError::Refused(sentence)),
    };
    match outcome {
        // A reader that has gone away wants no more: `souk-admin … | head`.
        Ok((text, _)) if std::io::stdout().write_all(text.as_bytes()).is_err() => ExitCode::SUCCESS,
        Ok((_, true)) => ExitCode::SUCCESS,
        Ok((_, false)) => ExitCode::from(FOUND),
        Err(error) => {
            eprintln!("souk-admin: {error}");
            ExitCode::from(FAILED)
        }
    }
}

fn on(target: Target, act: Act, format: Format) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| AdminError::Refused(error.to_string()))?;
    runtime.block_on(async {
        let souk = Souk::reach(&target).await?;
        act_on(&souk, act, format).await
    })
}

async fn act_on(souk: &Souk, act: Act, format: Format) -> Outcome {
    match act {
        Act::DlqList => print(&dead_letters::list(souk).await?, format, |lines| show::lines(lines), true),
        Act::DlqShow { queue, limit } => {
            let letters = dead_letters::show(souk, &queue, limit).await?;
            print(&letters, format, |letters| show::letters(letters), true)
        }
        Act::DlqRedrive { queue } => {
            let redriven = dead_letters::redrive(souk, &queue).await?;
            print(&redriven, format, show::redriven, redriven.left.is_empty())
        }
        Act::Replay { span, mode } => {
            let replayed = replay::replay(souk, &span, mode).await?;
            print(&replayed, format, show::replayed, replayed.is_complete())
        }
        Act::Check { ways } => {
            let token = std::env::var(STAFF_TOKEN).ok().filter(|token| !token.is_empty());
            let ways = check::Ways { staff_token: token.map(check::StaffToken), ..ways };
            let checked = check::check(souk, &ways).await?;
            print(&checked, format, show::checked, checked.is_clean())
        }
        Act::RebuildPeople => {
            let rebuilt = rebuild::people(souk).await?;
            print(&rebuilt, format, show::rebuilt, rebuilt.is_complete)
        }
        Act::FirstAdministrator { email, reason } => {
            let made = first_administrator::make(souk, &email, &reason).await?;
            let said = |made: &first_administrator::Made| {
                format!("{} ({}) is administrator, with the next token: sign in again.\n", made.name, made.user_id)
            };
            print(&made, format, said, true)
        }
    }
}

fn print<T: Serialize>(found: &T, format: Format, people: impl Fn(&T) -> String, is_well: bool) -> Outcome {
    match format {
        Format::Text => Ok((people(found), is_well)),
        Format::Json => Ok((serde_json::to_string(found)? + "\n", is_well)),
    }
}

/// Secrets go to standard output alone, so that a pipe takes them without the words around them.
fn with_keys(act: KeysAct) -> Outcome {
    let (text, words) = match act {
        KeysAct::Keyring => (keys::keyring(), show::KEYRING),
        KeysAct::TokenKeys { previous_jwks } => {
            let previous = previous_jwks.as_deref().map(read).transpose()?;
            let fresh = keys::token_keys(previous.as_deref())?;
            (format!("{}\n{}", fresh.private, fresh.jwks), show::TOKEN_KEYS)
        }
        KeysAct::RotateKeyring { file, rotation } => {
            (keys::rotate_keyring(&read(&file)?, rotation)?, show::ROTATED_KEYRING)
        }
        KeysAct::RetireJwks { file } => (keys::retire(&read(&file)?)?, show::RETIRED_JWKS),
    };
    eprint!("{words}");
    Ok((text + "\n", true))
}

fn read(file: &str) -> Result<String, AdminError> {
    let mut text = String::new();
    let read = match file {
        "-" => std::io::stdin().read_to_string(&mut text).map(drop),
        path => std::fs::read_to_string(path).map(|read| text = read),
    };
    read.map_err(|error| AdminError::Refused(format!("{file} cannot be read: {error}")))?;
    Ok(text.trim().to_owned())
}
