//! The command line of `cargo prove`.

use std::path::PathBuf;

use crate::defects;
use crate::parts;
use crate::setting::Setting;
use crate::sweep;

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    Help,
    Run(Setting),
}

/// The text of `--help`.
pub fn help() -> String {
    let mut text = "\
Shows what holds under faults, crashes, floods and seeded defects; writes target/prove/report.md and report.json.

Usage: cargo prove [options]

  --seed <n>     What chance decides from; the same seed decides the same [1]
  --short        Samples, in a few minutes
  --only <a,b>   Only these parts
  --defect <a,b> Only these seeded defects, and no other part
  --case <name>  Only this run of the sweep, as a failure names it; may come more than once
  -h, --help     This text

Parts:
"
    .to_owned();
    for part in parts::ALL {
        let short = if part.in_short { "" } else { " (not in --short)" };
        text += &format!("  {:<10} {}{short}\n", part.name, part.shows);
    }
    text
}

/// Reads the arguments after the program's name; an error is a sentence for the user.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Command, String> {
    let root = root()?;
    let out = root.join("target/prove");
    let mut found = Setting { seed: 1, root, out, ..Setting::default() };
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let (name, attached) = match argument.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (argument, None),
        };
        let mut value = || attached.clone().or_else(|| arguments.next()).ok_or(format!("{name} needs a value"));
        match name.as_str() {
            "-h" | "--help" => return Ok(Command::Help),
            "--seed" => found.seed = value()?.parse().map_err(|_| "--seed needs a whole number".to_owned())?,
            "--short" => found.short = true,
            "--case" => {
                found.cases.push(value()?);
                found.only = vec![sweep::PART.name.to_owned()];
            }
            "--only" => found.only.extend(value()?.split(',').map(str::to_owned)),
            "--defect" => {
                found.defects.extend(value()?.split(',').map(str::to_owned));
                found.only = vec![defects::PART.name.to_owned()];
            }
            "--child" => found.child = Some(value()?.into()),
            unknown => return Err(format!("unknown option {unknown}; see cargo prove --help")),
        }
    }
    let unknown = found.only.iter().find(|name| parts::ALL.iter().all(|part| part.name != name.as_str()));
    match unknown {
        Some(name) => Err(format!("there is no part {name}; see cargo prove --help")),
        None => Ok(Command::Run(found)),
    }
}

/// The nearest folder upwards that holds a template.yaml.
fn root() -> Result<PathBuf, String> {
    let here = std::env::current_dir().map_err(|error| error.to_string())?;
    let found = here.ancestors().find(|folder| folder.join("template.yaml").is_file());
    found.map(PathBuf::from).ok_or_else(|| "there is no template.yaml here or above".to_owned())
}
