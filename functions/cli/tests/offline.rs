//! The built program, as a stranger runs it: without a network, and with files of all kinds.
#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use attacks::all;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const AKASHI: &str = env!("CARGO_BIN_EXE_akashi");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// In a network namespace of its own that has no network, with at most 512 MB of memory.
fn run(arguments: &[&str]) -> Output {
    let script = "ulimit -v 524288; exec \"$0\" \"$@\"";
    Command::new("unshare")
        .args(["--map-root-user", "--net", "sh", "-c", script, AKASHI])
        .args(arguments)
        .current_dir(root())
        // Whoever runs these tests may be signed in.
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_PROFILE")
        .env("HOME", env!("CARGO_TARGET_TMPDIR"))
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .unwrap()
}

/// What needs no service is the public program's, with its exit codes; its own tests say the rest.
#[test]
fn a_certificate_is_judged_as_the_public_program_does_x_1() {
    let folder = folder("verdict");
    let case = all().into_iter().find(|case| case.name == "genuine");
    let case = case.unwrap();
    let (file, trust) = (folder.join("certificate.pdf"), folder.join("trust.json"));
    fs::write(&file, &case.pdf).unwrap();
    fs::write(&trust, case.trust_file().unwrap()).unwrap();
    let [file, trust] = [file, trust].map(|path| path.display().to_string());
    let at = case.at.to_string();
    let output = run(&["verify", &file, "--trust", &trust, "--at", &at]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.starts_with(case.expected.word()), "{said}");
    for arguments in [
        vec!["verify", "no-such-file.pdf"],
        vec!["verify"],
        vec!["show", "no-such-file.pdf"],
        vec!["extract", "no-such-file.pdf", "."],
        vec!["rebuild", "no-such-file.json", "-o", "again.pdf"],
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(4), "{arguments:?}");
        assert!(!output.stderr.is_empty() && output.stdout.is_empty());
    }
}

/// The outputs of a stack whose AWS is nowhere.
fn stack_file(folder: &Path) -> String {
    let names = [
        "Region",
        "ServiceDomain",
        "OperatorName",
        "AccountsTable",
        "AllowlistTable",
        "PointsTable",
        "DispatchesTable",
        "AccessTable",
        "OriginalsBucket",
        "SigningConfigurationKey",
        "ConfigurationSet",
        "ReceiptRuleSet",
        "AlarmsTopic",
        "WorkflowArn",
        "DeliveryTimeoutSeconds",
        "MailHeadStartSeconds",
        "MailsPerSecond",
        "ParkedDispatchesQueue",
        "FailedMailsQueue",
        "FailedEventsQueue",
        "FailedExpirationsQueue",
        "FailedRenewalsQueue",
        "ParseMailFunction",
        "RecordEventFunction",
        "ExpireAccountsFunction",
        "RenewTimestampsFunction",
    ];
    let outputs: serde_json::Map<String, serde_json::Value> = names
        .into_iter()
        .map(|name| {
            (
                name.to_owned(),
                if name.contains("Second") { "60" } else { "x" },
            )
        })
        .map(|(name, value)| (name, value.into()))
        .collect();
    let file = folder.join("stack.json");
    fs::write(&file, serde_json::Value::Object(outputs).to_string()).unwrap();
    file.display().to_string()
}

#[test]
fn a_failure_of_the_operators_commands_is_one_sentence() {
    let folder = folder("one-sentence");
    let stack = stack_file(&folder);
    let nowhere = folder.join("none.json").display().to_string();
    for (arguments, expected) in [
        (["--stack", &nowhere, "account", "list"], "deploy first"),
        (["--stack", &stack, "account", "list"], "credentials"),
        (["--stack", &stack, "parked", "list"], "credentials"),
    ] {
        let output = run(&arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains(expected), "{said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn what_makes_no_sense_is_refused_before_anybody_is_asked() {
    let folder = folder("no-sense");
    let stack = stack_file(&folder);
    let open = ["account", "open", "--id", "K7Q2", "--contact", "x"];
    let sender = ["--sender", "taro@customer.test"];
    for (arguments, expected) in [
        (
            [&open[..], &sender, &["--company", ""]].concat(),
            "--company",
        ),
        (
            [&open[..], &sender, &["--company", " "]].concat(),
            "--company",
        ),
        (
            vec![
                "points",
                "grant",
                "--account",
                "K7Q2",
                "--points",
                "0",
                "--reference",
                "x",
            ],
            "--points",
        ),
        (vec!["replay"], "--all"),
        (vec!["replay", "K7Q2-000001", "--all"], "--all"),
        (vec!["failed", "redrive"], "--all"),
        (
            vec!["dispatches", "--account", "K7Q2", "--outcome", "lost"],
            "--outcome",
        ),
        (
            vec!["dispatches", "--account", "K7Q2", "--from", "yesterday"],
            "--from",
        ),
    ] {
        let output = run(&[&["--stack", stack.as_str()][..], &arguments].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && said.contains(expected),
            "{arguments:?}: {said}"
        );
    }
}

#[test]
fn help_is_for_people_who_do_not_have_the_requirements_list() {
    let commands = [
        &["--help"][..],
        &["account", "open", "--help"],
        &["account", "settings", "--help"],
        &["sender", "add", "--help"],
        &["points", "grant", "--help"],
        &["dispatches", "--help"],
        &["replay", "--help"],
        &["failed", "redrive", "--help"],
        &["doctor", "--help"],
        &["rebuild", "--help"],
        &["verify", "--help"],
        &["csr", "--help"],
        &["trust-file", "--help"],
    ];
    for arguments in commands {
        let help = String::from_utf8(run(arguments).stdout).unwrap();
        assert!(help.contains("Usage:"), "{arguments:?}");
        let words = help.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let numbers: Vec<&str> = words
            .filter(|word| {
                let (letter, digits) = word.split_once('-').unwrap_or_default();
                ["C", "D", "I", "P", "Q", "S", "X"].contains(&letter)
                    && !digits.is_empty()
                    && digits.bytes().all(|byte| byte.is_ascii_digit())
            })
            .collect();
        assert!(numbers.is_empty(), "{arguments:?}: {numbers:?}");
    }
}
