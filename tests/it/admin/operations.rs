//! docs/OPERATIONS.md: what it says of the template, of costs and of the tool is so.

use std::collections::BTreeMap;
use std::path::Path;

use devstack::template::{Context, Template};
use souk_admin::cli;

const ALARM: &str = "AWS::CloudWatch::Alarm";

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

/// The runbook, by heading.
fn runbook(operations: &str) -> BTreeMap<&str, &str> {
    let (_, runbook) = operations.split_once("\n## Runbook\n").unwrap();
    let (runbook, _) = runbook.split_once("\n## ").unwrap();
    runbook.split("\n### ").skip(1).map(|section| section.split_once('\n').unwrap()).collect()
}

#[test]
fn every_alarm_has_its_place_in_the_runbook() {
    let parameters = [("Stage", "prod"), ("ApiDomain", "api.example.com"), ("MailDomain", "example.com")];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let context = Context { parameters, queue_url_base: "https://sqs.us-east-1.amazonaws.com".to_owned() };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    let template = Template::load(&path, &context).unwrap();
    let operations = read("docs/OPERATIONS.md");
    let runbook = runbook(&operations);
    let alarms: Vec<_> = template.declared.iter().filter(|resource| resource.kind == ALARM).collect();
    assert!(alarms.len() > 10, "{}", alarms.len());
    for alarm in &alarms {
        let description = alarm.properties["AlarmDescription"].as_str().unwrap();
        let (_, named) = description.split_once("Runbook \"").expect("it names its place in the runbook");
        let heading = named.split('"').next().unwrap();
        let section = runbook.get(heading).unwrap_or_else(|| panic!("docs/OPERATIONS.md has no heading {heading:?}"));
        let id = format!("`{}`", alarm.logical_id);
        assert!(section.contains(&id), "{heading:?} does not mention {id}");
    }
    let all = runbook
        .values()
        .flat_map(|section| section.split('*').nth(1))
        .flat_map(|ids| ids.split('`').skip(1).step_by(2));
    for id in all.filter(|id| id.bytes().all(|c| c.is_ascii_alphanumeric())) {
        assert!(alarms.iter().any(|alarm| alarm.logical_id == id), "the runbook tells of {id}, which is no alarm");
    }
}

#[test]
fn every_parameter_is_explained() {
    let (template, operations) = (read("template.yaml"), read("docs/OPERATIONS.md"));
    let (_, parameters) = template.split_once("\nParameters:\n").unwrap();
    let parameters = parameters.split("\nConditions:\n").next().unwrap();
    let names = parameters.lines().filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    let names: Vec<&str> = names.filter(|name| !name.starts_with([' ', '#'])).collect();
    assert!(names.len() > 10, "{names:?}");
    let (_, table) = operations.split_once("\n| parameter |").unwrap();
    let table = table.split("\n\n").next().unwrap();
    for name in names {
        assert!(table.contains(&format!("`{name}`")), "docs/OPERATIONS.md does not explain {name}");
    }
}

/// The cells of the rows whose first one is an operation.
fn operations_of(document: &str) -> Vec<Vec<&str>> {
    let rows =
        document.lines().filter(|line| ["| GET ", "| POST ", "| PATCH "].iter().any(|verb| line.starts_with(verb)));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// Published prices, in millionths of a dollar for a million; for Lambda's time, for a million GB-seconds and more
/// exactly than that.
const WRITE_UNIT: u64 = 625_000;
const READ_UNIT: u64 = 125_000;
const CALL: u64 = 200_000;
const GB_SECOND: u64 = 13_333_400;
const API: u64 = 1_000_000;
const QUEUE: u64 = 400_000;
const MAIL: u64 = 100_000_000;

/// Lambda's time: megabytes and milliseconds of a million calls.
fn time(mb: u64, ms: u64) -> u64 {
    mb * ms * GB_SECOND / 1_024_000
}

fn dollars(micros: u64) -> String {
    let cents = (micros + 5000) / 10_000;
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[test]
fn costs_follow_from_measured_units() {
    let (data, operations) = (read("docs/DATA.md"), read("docs/OPERATIONS.md"));
    let (_, costs) = operations.split_once("\n## Cost\n").unwrap();
    let measured = operations_of(&data);
    let table = operations_of(costs);
    assert!(table.len() >= 9, "{}", table.len());
    for row in table {
        let [name, writes, reads, mb, ms, total] = row[..] else { panic!("{row:?}") };
        let found = measured.iter().find(|measured| measured[0] == name);
        let found = found.unwrap_or_else(|| panic!("docs/DATA.md has not measured {name}"));
        assert_eq!((writes, reads), (found[1], found[3]), "{name}");
        let [writes, reads, mb, ms] = [writes, reads, mb, ms].map(|figure| figure.parse::<u64>().unwrap());
        let cost = WRITE_UNIT * writes + READ_UNIT * reads + CALL + API + time(mb, ms);
        assert_eq!(total, dollars(cost), "{name}");
    }
    let mail = 2 * WRITE_UNIT + 2 * CALL + time(256, 20) + time(256, 60) + 3 * QUEUE + MAIL;
    assert!(costs.contains(&format!("**{} USD**", dollars(mail))), "{}", dollars(mail));
}

#[test]
fn every_command_that_is_shown_is_understood() {
    let operations = read("docs/OPERATIONS.md");
    let mut shown = 0;
    for line in operations.lines().flat_map(|line| line.split('`')) {
        let Some((_, command)) = line.split_once("souk-admin ").filter(|(before, _)| before.trim().is_empty()) else {
            continue;
        };
        let command = command.split([';', '>', '#', '|', '&']).next().unwrap().replace("…", "x");
        let mut quoted = false;
        let words = command.split(|c: char| {
            quoted ^= c == '"';
            c == ' ' && !quoted
        });
        let words: Vec<String> =
            words.filter(|word| !word.is_empty()).map(|word| word.trim_matches('"').to_owned()).collect();
        let of_a_stage = ["--stage", "--local"].iter().any(|option| words.iter().any(|word| word == option));
        let elsewhere = words.first().is_some_and(|word| word == "keys") || words.iter().any(|word| word == "--help");
        let words = if of_a_stage || elsewhere { words } else { [words, vec!["--local".to_owned()]].concat() };
        cli::parse(words.clone()).unwrap_or_else(|error| panic!("{words:?}: {error}"));
        shown += 1;
    }
    assert!(shown > 15, "{shown}");
}

/// Files of Rust below a folder.
fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, found),
            false if path.extension().is_some_and(|end| end == "rs") => found.push(path),
            false => {}
        }
    }
}

#[test]
fn only_the_tool_walks_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in ["functions", "shared", "infra"] {
        sources(&root.join(folder), &mut files);
    }
    for file in files {
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        let of_tools = ["infra/admin/", "infra/checker/src/table.rs", "shared/store/src/walk.rs"];
        let allowed = of_tools.iter().any(|place| name.starts_with(place));
        let text = std::fs::read_to_string(&file).unwrap();
        let walks = ["admin_walk", "admin_look", "admin_scan"].iter().any(|word| text.contains(word));
        assert!(allowed || !walks, "{name} walks the table");
        let scans =
            text.contains(".scan()") && !name.starts_with("shared/testkit/") && !name.starts_with("infra/devstack/");
        assert!(allowed || !scans, "{name} scans");
    }
}
