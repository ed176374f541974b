//! The command line.

use domain::Time;
use domain::identity::{EmailAddress, Reason};

use crate::Target;
use crate::check::Ways;
use crate::keys::Rotation;
use crate::replay::Span;
use crate::resend::Mode;

/// What `--help` says.
pub const HELP: &str = include_str!("help.txt");

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Print the help.
    Help,
    /// Something with keys, which needs no AWS.
    Keys(KeysAct),
    /// Something with one copy of the system.
    On(Target, Act, Format),
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For machines: one JSON value.
    Json,
}

/// Something with keys. Files may be `-`, standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum KeysAct {
    Keyring,
    TokenKeys { previous_jwks: Option<String> },
    RotateKeyring { file: String, rotation: Rotation },
    RetireJwks { file: String },
}

/// Something with one copy of the system.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Act {
    DlqList,
    DlqShow { queue: String, limit: usize },
    DlqRedrive { queue: String },
    Replay { span: Span, mode: Mode },
    Check { ways: Ways },
    RebuildPeople,
    FirstAdministrator { email: EmailAddress, reason: Reason },
}

/// Options as they were given; each command takes the ones that it knows, and what is left is refused.
#[derive(Default)]
struct Given {
    words: Vec<String>,
    options: Vec<(String, Option<String>)>,
}

const LIMIT: usize = 20;
const LIMIT_MAX: usize = 1000;
const BASE_PORT: u16 = 9000;
const BASE_PORT_MAX: u16 = 65_000;

/// Reads the arguments after the program's name; an error is a sentence for the user.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Command, String> {
    let mut given = split(arguments)?;
    if given.words.is_empty() || given.flag("--help")? || given.flag("-h")? {
        return Ok(Command::Help);
    }
    let words = std::mem::take(&mut given.words);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let command = match words.as_slice() {
        ["keys", rest @ ..] => Command::Keys(keys(rest, &mut given)?),
        other => {
            let act = act(other, &mut given)?;
            let format = if given.flag("--json")? { Format::Json } else { Format::Text };
            let target = target(&mut given)?;
            let act = with_local_ways(act, &target);
            Command::On(target, act, format)
        }
    };
    match given.options.first() {
        Some((name, _)) => Err(format!("{name} is no option of this command; see souk-admin --help")),
        None => Ok(command),
    }
}

fn keys(words: &[&str], given: &mut Given) -> Result<KeysAct, String> {
    match words {
        ["keyring"] => Ok(KeysAct::Keyring),
        ["token-keys"] => Ok(KeysAct::TokenKeys { previous_jwks: given.value("--previous-jwks")? }),
        ["rotate-keyring", file] => {
            let rotation = match (given.flag("--stand-by")?, given.flag("--promote")?) {
                (false, false) => Rotation::FreshFirst,
                (true, false) => Rotation::StandBy,
                (false, true) => Rotation::Promote,
                (true, true) => return Err("--stand-by and --promote exclude each other".to_owned()),
            };
            Ok(KeysAct::RotateKeyring { file: (*file).to_owned(), rotation })
        }
        ["retire-jwks", file] => Ok(KeysAct::RetireJwks { file: (*file).to_owned() }),
        _ => Err("keys knows: keyring, token-keys, rotate-keyring <file|->, retire-jwks <file|->".to_owned()),
    }
}

fn act(words: &[&str], given: &mut Given) -> Result<Act, String> {
    match words {
        ["dlq", "ls"] => Ok(Act::DlqList),
        ["dlq", "show", queue] => {
            let limit = given.value("--limit")?.map_or(Ok(LIMIT), |limit| limit.parse());
            let limit = limit.ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
            let limit = limit.ok_or_else(|| format!("--limit needs a number from 1 to {LIMIT_MAX}"))?;
            Ok(Act::DlqShow { queue: (*queue).to_owned(), limit })
        }
        ["dlq", "redrive", queue] => Ok(Act::DlqRedrive { queue: (*queue).to_owned() }),
        ["dlq", ..] => Err("dlq knows: ls, show <queue>, redrive <queue>".to_owned()),
        ["replay"] => {
            let span = Span { from: time(given, "--from")?, to: time(given, "--to")?, name: given.value("--type")? };
            let mode = if given.flag("--dry-run")? { Mode::DryRun } else { Mode::Send };
            Ok(Act::Replay { span, mode })
        }
        ["check"] => {
            let ways = Ways { api: url(given, "--api")?, control: url(given, "--control")?, staff_token: None };
            Ok(Act::Check { ways })
        }
        ["rebuild", "people"] => Ok(Act::RebuildPeople),
        ["rebuild", ..] => Err("rebuild knows one view: people".to_owned()),
        ["first-administrator", email] => {
            let email = email.parse().map_err(|wrong| format!("{email:?} {wrong}"))?;
            let reason = given.value("--reason")?.ok_or("first-administrator needs --reason \"why\"")?;
            let reason = reason.parse().map_err(|wrong| format!("--reason {wrong}"))?;
            Ok(Act::FirstAdministrator { email, reason })
        }
        ["first-administrator"] => Err("first-administrator needs the address of an account".to_owned()),
        _ => Err(format!("there is no command {:?}; see souk-admin --help", words.join(" "))),
    }
}

/// `cargo dev` listens for the API at its first port and has the control port above it.
fn with_local_ways(act: Act, target: &Target) -> Act {
    match (act, target) {
        (Act::Check { ways }, Target::Local(port)) => {
            let at = |offset: u16| Some(format!("http://127.0.0.1:{}", port.saturating_add(offset)));
            let (api, control) = (ways.api.or_else(|| at(0)), ways.control.or_else(|| at(1)));
            Act::Check { ways: Ways { api, control, ..ways } }
        }
        (act, _) => act,
    }
}

fn url(given: &mut Given, name: &str) -> Result<Option<String>, String> {
    let is_url = |url: &String| url.starts_with("http://") || url.starts_with("https://");
    match given.value(name)? {
        Some(url) if !is_url(&url) => Err(format!("{name} needs a URL, as https://api.example.com")),
        url => Ok(url),
    }
}

fn time(given: &mut Given, name: &str) -> Result<Time, String> {
    let wrong = || format!("replay needs {name} as RFC 3339, as 2026-11-20T10:00:00Z");
    given.value(name)?.ok_or_else(wrong)?.parse().map_err(|_| wrong())
}

fn target(given: &mut Given) -> Result<Target, String> {
    let local = given.take("--local")?;
    match (local, given.value("--stage")?) {
        (Some(None), None) => Ok(Target::Local(BASE_PORT)),
        (Some(Some(port)), None) => match port.parse() {
            Ok(port) if port <= BASE_PORT_MAX => Ok(Target::Local(port)),
            _ => Err(format!("--local takes the first port of cargo dev, up to {BASE_PORT_MAX}")),
        },
        (None, Some(name)) if is_stage(&name) => Ok(Target::Stage { name, core_table: given.value("--core-table")? }),
        (None, Some(stage)) if stage == "local" => Err("the local cloud is reached by --local".to_owned()),
        (None, Some(stage)) => Err(format!("{stage:?} is no stage: 2 to 16 of a-z, 0-9 and -, as prod")),
        (Some(_), Some(_)) => Err("--local and --stage exclude each other".to_owned()),
        (None, None) => Err("say which copy is meant: --stage prod, or --local for cargo dev".to_owned()),
    }
}

/// As template.yaml has it; `local` belongs to `cargo dev`.
fn is_stage(name: &str) -> bool {
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    let begins = name.bytes().next().is_some_and(|c| c.is_ascii_lowercase());
    begins && (2..=16).contains(&name.len()) && name.bytes().all(plain) && name != "local"
}

/// Options that stand alone, and one whose value may be left out.
const FLAGS: [&str; 6] = ["--help", "-h", "--json", "--dry-run", "--stand-by", "--promote"];
const VALUES: [&str; 10] = [
    "--api",
    "--control",
    "--stage",
    "--core-table",
    "--limit",
    "--from",
    "--to",
    "--type",
    "--reason",
    "--previous-jwks",
];

fn split(arguments: impl IntoIterator<Item = String>) -> Result<Given, String> {
    let mut given = Given::default();
    let mut arguments = arguments.into_iter().peekable();
    while let Some(argument) = arguments.next() {
        let (name, attached) = match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name.to_owned(), Some(value.to_owned())),
            _ => (argument, None),
        };
        let value = match name.as_str() {
            // A single hyphen is standard input.
            word if !word.starts_with('-') || word == "-" => {
                given.words.push(name);
                continue;
            }
            "--local" => attached.or_else(|| arguments.next_if(|next| next.bytes().all(|c| c.is_ascii_digit()))),
            flag if FLAGS.contains(&flag) => match attached {
                Some(_) => return Err(format!("{name} takes no value")),
                None => None,
            },
            option if VALUES.contains(&option) => {
                Some(attached.or_else(|| arguments.next()).ok_or(format!("{name} needs a value"))?)
            }
            unknown => return Err(format!("unknown option {unknown}; see souk-admin --help")),
        };
        given.options.push((name, value));
    }
    Ok(given)
}

impl Given {
    fn take(&mut self, name: &str) -> Result<Option<Option<String>>, String> {
        let Some(place) = self.options.iter().position(|(given, _)| given == name) else { return Ok(None) };
        let (_, value) = self.options.remove(place);
        match self.options.iter().any(|(given, _)| given == name) {
            true => Err(format!("{name} stands there twice")),
            false => Ok(Some(value)),
        }
    }

    fn flag(&mut self, name: &str) -> Result<bool, String> {
        Ok(self.take(name)?.is_some())
    }

    fn value(&mut self, name: &str) -> Result<Option<String>, String> {
        Ok(self.take(name)?.flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    fn prod() -> Target {
        Target::Stage { name: "prod".into(), core_table: None }
    }

    #[test]
    fn commands_and_options_are_read_in_any_order() {
        let list = |target, format| Ok(Command::On(target, Act::DlqList, format));
        assert_eq!(of("dlq ls --stage prod"), list(prod(), Format::Text));
        assert_eq!(of("--local --json dlq ls"), list(Target::Local(9000), Format::Json));
        assert_eq!(of("--local 9100 dlq ls"), list(Target::Local(9100), Format::Text));
        assert_eq!(of("dlq ls --local=9100"), list(Target::Local(9100), Format::Text));
        let restored = Target::Stage { name: "prod".into(), core_table: Some("souk-prod-b-core".into()) };
        let ways = |api: &str, control: Option<&str>| Ways {
            api: Some(api.to_owned()),
            control: control.map(str::to_owned),
            staff_token: None,
        };
        let check = Command::On(restored, Act::Check { ways: Ways::default() }, Format::Text);
        assert_eq!(of("check --stage prod --core-table souk-prod-b-core"), Ok(check));
        let by_api = Command::On(prod(), Act::Check { ways: ways("https://api.example.com", None) }, Format::Text);
        assert_eq!(of("check --stage prod --api https://api.example.com"), Ok(by_api));
        let local = Act::Check { ways: ways("http://127.0.0.1:9100", Some("http://127.0.0.1:9101")) };
        assert_eq!(of("check --local 9100"), Ok(Command::On(Target::Local(9100), local, Format::Text)));
        let show = Act::DlqShow { queue: "mailer".into(), limit: 3 };
        let expected = Command::On(prod(), show, Format::Text);
        assert_eq!(of("dlq show mailer --limit=3 --stage=prod"), Ok(expected));
        let Ok(Command::On(_, Act::Replay { span, mode }, _)) =
            of("replay --from 2026-11-20T10:00:00Z --to 2026-11-20T11:00:00+00:00 --dry-run --local")
        else {
            panic!("it is read")
        };
        assert_eq!((span.to.seconds() - span.from.seconds(), mode, span.name), (3600, Mode::DryRun, None));
        let rotate = KeysAct::RotateKeyring { file: "-".into(), rotation: Rotation::StandBy };
        assert_eq!(of("keys rotate-keyring - --stand-by"), Ok(Command::Keys(rotate)));
        for line in ["", "--help", "-h", "dlq ls -h", "keys --help"] {
            assert_eq!(of(line), Ok(Command::Help), "{line}");
        }
    }

    #[test]
    fn nonsense_is_refused_in_sentences() {
        for line in [
            "dlq",
            "dlq show --local",
            "dlq show a b --local",
            "dlq ls",
            "dlq ls --local --stage prod",
            "dlq ls --local 70000",
            "check --local --core-table x",
            "dlq ls --stage Prod",
            "dlq ls --stage local",
            "dlq ls --local --limit 3",
            "dlq ls --stage p",
            "dlq show mailer --local --limit 0",
            "dlq show mailer --local --limit x",
            "replay --local",
            "replay --local --from yesterday --to today",
            "nope --local",
            "check --nope --local",
            "check --api walrus --local",
            "dlq ls --api http://127.0.0.1:9000 --local",
            "check --local --json=1",
            "check --local --json --json",
            "check --stage",
            "rebuild --local",
            "rebuild plugins --local",
            "first-administrator --local",
            "first-administrator ada@example.com --local",
            "first-administrator ada --reason first --local",
            "first-administrator ada@example.com --reason x --local",
            "keys",
            "keys nope",
            "keys rotate-keyring",
            "keys keyring --local",
            "keys rotate-keyring - --promote --stand-by",
        ] {
            let error = of(line).expect_err(line);
            assert!(error.len() > 10 && error.contains(' '), "{line}: {error}");
        }
    }
}
