//! Python's `email` package reads every mail of the corpus as `mail` does: who wrote it to whom,
//! its subject, and each of its parts, none more and none less. Where they disagree, the reason
//! stands in `disagreements.txt`, and nowhere else do they.
#![expect(clippy::expect_used, reason = "tests fail loudly")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use domain::EmailAddress;
use mail::{MailPart, ParsedMail};
use sha2::{Digest, Sha256};

/// What is read of a mail, by what it is: `from`, `to`, `subject`, `parts`.
type Reading = BTreeMap<&'static str, String>;

#[test]
fn an_independent_reader_reads_the_mails_of_the_corpus_the_same_way_q_20() {
    let mails = mails();
    let theirs = theirs(&mails);
    let mut found = BTreeSet::new();
    let mut said = String::new();
    for path in &mails {
        let name = name_of(path);
        let (ours, theirs) = (ours(path), theirs.get(&name));
        let theirs = theirs.unwrap_or_else(|| panic!("it read no {name}"));
        for (what, ours) in &ours {
            let theirs = theirs.get(what).map_or("", String::as_str);
            if ours != theirs {
                said += &format!("{name} {what}:\n  ours   {ours}\n  theirs {theirs}\n");
                found.insert(format!("{name} {what}"));
            }
        }
    }
    let listed = listed();
    let unlisted: Vec<_> = found.difference(&listed).collect();
    let settled: Vec<_> = listed.difference(&found).collect();
    assert!(
        unlisted.is_empty(),
        "no reason is listed: {unlisted:#?}\n{said}"
    );
    assert!(settled.is_empty(), "they agree by now: {settled:#?}");
}

fn folder() -> PathBuf {
    root().join("tests/judges")
}

fn root() -> PathBuf {
    let start = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_root = |path: &&Path| path.join("tests/judges").is_dir();
    start
        .ancestors()
        .find(is_root)
        .expect("the root")
        .to_owned()
}

fn mails() -> Vec<PathBuf> {
    let entries = ["tests/corpus/mails", "events"]
        .into_iter()
        .flat_map(|folder| fs::read_dir(root().join(folder)).expect("a folder"));
    let mut mails: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .collect();
    mails.sort();
    mails
}

fn name_of(path: &Path) -> String {
    let name = path.file_stem().expect("a name");
    name.to_string_lossy().into_owned()
}

/// The disagreements that have a reason.
fn listed() -> BTreeSet<String> {
    let path = folder().join("disagreements.txt");
    let text = fs::read_to_string(path).expect("the list");
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let (what, reason) = line
                .split_once(": ")
                .expect("a disagreement and its reason");
            assert!(!reason.is_empty(), "{line}");
            what.to_owned()
        })
        .collect()
}

fn ours(path: &Path) -> Reading {
    let raw = fs::read(path).expect("a mail");
    let mail = ParsedMail::parse(&raw);
    let to = mail.to(|_| false).recipients;
    let subject = mail.subject();
    let words: Vec<&str> = subject.split_whitespace().collect();
    let mut parts = Vec::new();
    push_parts(mail.root().expect("a part"), &mut parts);
    BTreeMap::from([
        ("from", listed_addresses(mail.from().as_slice())),
        ("to", listed_addresses(&to)),
        ("subject", words.join(" ")),
        ("parts", parts.join(", ")),
    ])
}

fn listed_addresses(addresses: &[EmailAddress]) -> String {
    let addresses = addresses.iter().map(|one| one.as_str().to_lowercase());
    let sorted: BTreeSet<String> = addresses.collect();
    Vec::from_iter(sorted).join(" ")
}

fn push_parts(part: MailPart<'_>, parts: &mut Vec<String>) {
    if let Some(children) = part.children() {
        children.for_each(|child| push_parts(child, parts));
        return;
    }
    let media_type = part.content_type(None);
    let media_type = media_type.split(';').next().unwrap_or_default();
    // The other reader looks into attached messages.
    if media_type.starts_with("message/") {
        parts.push(media_type.to_owned());
        return;
    }
    let digest = Sha256::digest(part.content());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    parts.push(format!("{media_type} {digest}"));
}

/// What Python reads, by the names of the mails.
fn theirs(mails: &[PathBuf]) -> BTreeMap<String, Reading> {
    let output = Command::new(root().join(".local/judges/bin/python"))
        .arg(folder().join("email_judge.py"))
        .args(mails)
        .output()
        .expect("Python; run python3 .ci/check.py once");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said = String::from_utf8(output.stdout).expect("it writes UTF-8");
    let mut all: BTreeMap<String, Reading> = BTreeMap::new();
    let mut name = String::new();
    for line in said.lines() {
        let (what, value) = line.split_once(' ').unwrap_or((line, ""));
        if what == "mail" {
            value.clone_into(&mut name);
            continue;
        }
        let reading = all.entry(name.clone()).or_default();
        match what {
            "from" => drop(reading.insert("from", value.to_owned())),
            "to" => drop(reading.insert("to", value.to_owned())),
            "subject" => drop(reading.insert("subject", value.to_owned())),
            _ => {
                let parts = reading.entry("parts").or_default();
                if !parts.is_empty() {
                    parts.push_str(", ");
                }
                parts.push_str(value);
            }
        }
    }
    all
}
