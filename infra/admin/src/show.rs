//! What is printed for people. Machines get the same as JSON.

use crate::check::Checked;
use crate::dead_letters::{Letter, Line, Redriven};
use crate::rebuild::Rebuilt;
use crate::replay::Replayed;

/// The table of `dlq ls`.
pub fn lines(lines: &[Line]) -> String {
    let mut text = format!("{:<20} {:>10} {:>10} {:>10}\n", "queue", "visible", "in flight", "dead");
    for line in lines {
        text += &format!("{:<20} {:>10} {:>10} {:>10}\n", line.queue, line.visible, line.in_flight, line.dead);
    }
    text
}

/// Dead letters, one after the other.
pub fn letters(letters: &[Letter]) -> String {
    let shown = letters.iter().map(|letter| {
        let sent = letter.sent_at.map_or_else(|| "at an unknown time".to_owned(), |at| at.to_string());
        let body = serde_json::to_string_pretty(&letter.body).unwrap_or_default();
        format!("{}, sent {sent}\n{body}\n", letter.id)
    });
    match letters.is_empty() {
        true => "No dead letters.\n".to_owned(),
        false => shown.collect::<Vec<_>>().join("\n"),
    }
}

/// What became of dead letters.
pub fn redriven(redriven: &Redriven) -> String {
    let mut text = format!("{} moved back.\n", redriven.moved);
    if redriven.goes_on {
        text += "SQS goes on moving; souk-admin dlq ls shows how far it is.\n";
    }
    redriven.left.iter().for_each(|left| text += &format!("stays: {left}\n"));
    text
}

/// What was made anew.
pub fn rebuilt(rebuilt: &Rebuilt) -> String {
    let Rebuilt { people, gone, stray_words, wrong_counters, is_complete } = rebuilt;
    let mut text = format!("{people} people are shown anew; {gone} are no more.\n");
    text += &format!("{stray_words} stray words removed, {wrong_counters} items of counters put right.\n");
    if !is_complete {
        text += "NOT ALL counters are right: they were being counted all the while. Run it again.\n";
    }
    text
}

/// What a replay came to.
pub fn replayed(replayed: &Replayed) -> String {
    let resent = &replayed.resent;
    let mut text = String::new();
    for (name, count) in &resent.events {
        text += &format!("{name:<32} {count:>8} found\n");
    }
    let verb = if replayed.dry_run { "would be sent" } else { "sent" };
    for (queue, count) in &resent.sent {
        text += &format!("to {queue:<29} {count:>8} {verb}\n");
    }
    if resent.events.is_empty() {
        text += "No events in this span.\n";
    }
    let mut note = |count: u64, what: &str| {
        if count > 0 {
            text += &format!("{count} {what}\n");
        }
    };
    note(resent.unwanted, "of them are wanted by no queue");
    note(
        resent.too_old,
        "not mailed or sent to integrators: older than thirty days, so it is forgotten whether they were",
    );
    note(resent.unsent, "NOT SENT: a queue did not take them; run it again");
    note(resent.unknown.values().sum(), "NOT SENT: this tool does not know their types; use the deployed version's");
    replayed.unreadable.iter().for_each(|place| text += &format!("cannot be read: {place}\n"));
    text
}

/// What the check found.
pub fn checked(checked: &Checked) -> String {
    let mut text = format!("{} items\n", checked.items);
    for invariant in &checked.invariants {
        if let Some(why) = &invariant.skipped {
            text += &format!("skip {:<64} {why}\n", invariant.name);
            continue;
        }
        let word = if invariant.holds() { "ok  " } else { "FAIL" };
        text += &format!("{word} {:<64} {:>8} checked", invariant.name, invariant.checked);
        text += &match invariant.violations.len() {
            0 => "\n".to_owned(),
            wrong => format!(", {wrong} wrong\n"),
        };
        invariant.violations.iter().for_each(|violation| text += &format!("       {violation}\n"));
    }
    text
}

/// Beside a fresh keyring.
pub const KEYRING: &str = "\
A fresh keyring: one line of JSON. It belongs into the SecureString that parameter `Keyring` names:
  souk-admin keys keyring > keyring.json
  aws ssm put-parameter --type SecureString --name /souk/prod/keyring --value file://keyring.json
  rm keyring.json
";

/// Beside fresh token keys.
pub const TOKEN_KEYS: &str = "\
First line: the private keys, for the SecureString that parameter `TokenKeys` names. Second line: the public keys, for
parameter `JwtJwks`. Deploy the public ones before the private ones: `auth` does not start with a key nobody can verify.
  souk-admin keys token-keys > keys.txt
  head -n 1 keys.txt > token-keys.json && tail -n 1 keys.txt > jwks.json && rm keys.txt
";

/// Beside a rotated keyring.
pub const ROTATED_KEYRING: &str = "\
The rotated keyring. Put it with --overwrite; functions read it when they start, so deploy afterwards. Rotate again only
after 7 days: a session that was not refreshed since then would end.
";

/// Beside a JWK set without previous keys.
pub const RETIRED_JWKS: &str = "\
The current and the next key. Deploy this 16 minutes after `auth` began to sign with the current one, not before.
";
