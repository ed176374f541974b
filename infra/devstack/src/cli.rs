//! The command line of `cargo dev`.

use std::path::PathBuf;

use devstack::Build;
use devstack::cloud::faults::Plan;

pub const HELP: &str = "\
The local cloud: builds the functions, starts everything that template.yaml declares, and serves the API.

Usage: cargo dev [options]

  --only <a,b>        Start only these functions, by the name of their binary
  --fresh             Forget the data of earlier runs first
  --port <base>       Front door; control is one above, the cloud two, the Invoke API three [9000; 0 takes free ports]
  --data <folder>     What stays between runs [.dev]
  --release           Build the functions as for AWS (profile `release`; `--profile fast` is quicker to build)
  --profile <name>    Build the functions with this profile [dev]
  --binaries <folder> Build nothing, run the binaries that lie there
  --no-demo           Write no demo data
  --no-watch          Do not rebuild when a source changes
  --quiet             Do not print what the functions log
  --faults <what>     Let things go wrong, e.g. seed=7,rate=0.02[,only=dynamodb+messages][,kinds=lose+kill-after]

Who runs the functions:
  (default)           We do
  --lambda-watch      `cargo lambda watch`, started by us and fetched when missing: hot reload, debugger
  --cloud-only        A `cargo lambda watch` of your own; the command is printed
  --invoke-url <url>  Where that one listens [http://127.0.0.1:9010]

  -h, --help          This text

When everything is up, a line `devstack ready {…}` with all URLs as JSON is printed. Ctrl-C stops everything.
";

/// What was asked for.
#[derive(Debug, PartialEq)]
pub struct Arguments {
    pub only: Vec<String>,
    pub fresh: bool,
    pub port: u16,
    /// `None`: `.dev` beside template.yaml.
    pub data_dir: Option<PathBuf>,
    pub build: Build,
    pub watch: bool,
    pub demo: bool,
    pub quiet: bool,
    pub faults: Option<Plan>,
}

/// What to do.
#[derive(Debug, PartialEq)]
pub enum Command {
    Help,
    Run(Arguments),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Runner {
    Own,
    LambdaWatch,
    CloudOnly,
}

/// Reads the arguments after the program's name; an error is a sentence for the user.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Command, String> {
    let mut found = Arguments {
        only: Vec::new(),
        fresh: false,
        port: 9000,
        data_dir: None,
        build: Build::Cargo { profile: String::new() },
        watch: true,
        demo: true,
        quiet: false,
        faults: None,
    };
    let mut runner = Runner::Own;
    let mut profile = "dev".to_owned();
    let (mut invoke_url, mut binaries) = (None, None);
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let (name, attached) = match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name.to_owned(), Some(value.to_owned())),
            _ => (argument, None),
        };
        let mut value = || attached.clone().or_else(|| arguments.next()).ok_or(format!("{name} needs a value"));
        match name.as_str() {
            "-h" | "--help" => return Ok(Command::Help),
            "--only" => found.only.extend(names(&value()?)?),
            "--port" => found.port = value()?.parse().map_err(|_| "--port needs a number up to 65000".to_owned())?,
            "--data" => found.data_dir = Some(value()?.into()),
            "--profile" => profile = value()?,
            "--binaries" => binaries = Some(PathBuf::from(value()?)),
            "--faults" => found.faults = Some(value()?.parse()?),
            "--invoke-url" => invoke_url = Some(value()?),
            flag if attached.is_some() => return Err(format!("{flag} takes no value")),
            "--fresh" => found.fresh = true,
            "--release" => profile = "release".to_owned(),
            "--no-demo" => found.demo = false,
            "--no-watch" => found.watch = false,
            "--quiet" => found.quiet = true,
            "--lambda-watch" => runner = choose(runner, Runner::LambdaWatch)?,
            "--cloud-only" => runner = choose(runner, Runner::CloudOnly)?,
            unknown => return Err(format!("unknown option {unknown}; see cargo dev --help")),
        }
    }
    found.build = match (runner, invoke_url, binaries) {
        (Runner::Own, None, None) => Build::Cargo { profile },
        (Runner::Own, None, Some(folder)) => Build::Prebuilt(folder),
        (_, _, Some(_)) => return Err("--binaries is for when we run the functions".to_owned()),
        (Runner::LambdaWatch, None, None) => Build::LambdaWatch { profile },
        (Runner::CloudOnly, url, None) => {
            Build::CloudOnly { invoke_url: url.unwrap_or_else(|| "http://127.0.0.1:9010".to_owned()) }
        }
        (_, Some(_), None) => return Err("--invoke-url goes with --cloud-only".to_owned()),
    };
    Ok(Command::Run(found))
}

fn choose(chosen: Runner, now: Runner) -> Result<Runner, String> {
    match chosen == Runner::Own || chosen == now {
        true => Ok(now),
        false => Err("--lambda-watch and --cloud-only exclude each other".to_owned()),
    }
}

fn names(list: &str) -> Result<Vec<String>, String> {
    let names: Vec<String> =
        list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    if names.is_empty() { Err("--only needs at least one function".to_owned()) } else { Ok(names) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_are_read_in_both_spellings() {
        let expected = Arguments {
            only: vec!["auth".into(), "users".into()],
            fresh: true,
            port: 0,
            data_dir: Some("x".into()),
            build: Build::Cargo { profile: "fast".into() },
            watch: true,
            demo: true,
            quiet: false,
            faults: None,
        };
        assert_eq!(of("--only auth,users --fresh --port 0 --data x --profile fast"), Ok(Command::Run(expected)));
        assert_eq!(of("--port=0 --only=auth"), of("--only auth --port 0"));
        assert_eq!(of("--fresh -h"), Ok(Command::Help));
        let Ok(Command::Run(faulty)) = of("--faults=seed=7,rate=0.1") else { panic!("it is read") };
        assert_eq!(faulty.faults, Some("seed=7,rate=0.1".parse().unwrap()));
        let Ok(Command::Run(prebuilt)) = of("--binaries target/debug") else { panic!("it is read") };
        assert_eq!(prebuilt.build, Build::Prebuilt("target/debug".into()));
    }

    #[test]
    fn nonsense_is_refused() {
        for line in [
            "--nope",
            "x",
            "--port",
            "--port 70000",
            "--fresh=1",
            "--only ,",
            "--lambda-watch --cloud-only",
            "--faults rate=2",
        ] {
            assert!(of(line).is_err(), "{line}");
        }
        assert!(of("--invoke-url http://127.0.0.1:1").is_err());
        assert!(of("--cloud-only --invoke-url http://127.0.0.1:1").is_ok());
        assert!(of("--cloud-only --binaries x").is_err());
        assert!(of("--lambda-watch --binaries x").is_err());
    }
}
