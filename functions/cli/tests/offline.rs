//! The built program, as a stranger runs it: without a network, and with files of all kinds.
#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use attacks::{Case, Expected, all};
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

fn written(case: &Case, folder: &Path) -> (String, String) {
    let (file, roots) = (folder.join("certificate.pdf"), folder.join("roots.pem"));
    fs::write(&file, &case.pdf).unwrap();
    fs::write(&roots, case.trusted.concat()).unwrap();
    (file.display().to_string(), roots.display().to_string())
}

fn case(name: &str) -> Case {
    all().into_iter().find(|case| case.name == name).unwrap()
}

#[test]
fn each_verdict_has_its_exit_code_without_any_network_x_1() {
    let folder = folder("verdicts");
    for (name, code) in [
        ("genuine", 0),
        ("update-page-content", 1),
        ("genuine-without-any-clock", 2),
        ("genuine-with-one-timestamp", 3),
    ] {
        let case = case(name);
        let (file, roots) = written(&case, &folder);
        let at = case.at.to_string();
        let output = run(&["verify", &file, "--trust", &roots, "--at", &at, "--json"]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(code), "{name}: {said}");
        let said: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!(said["verdict"], case.expected.word());
        assert_eq!(said["exit_code"], code);
        assert_eq!(said["reasons"].as_array().unwrap().is_empty(), code == 0);
        let japanese = run(&[
            "verify", &file, "--trust", &roots, "--at", &at, "--lang", "ja",
        ]);
        let japanese = String::from_utf8(japanese.stdout).unwrap();
        assert!(japanese.starts_with(case.expected.word()) && japanese.contains('。'));
    }
    assert_eq!(case("genuine").expected, Expected::Authentic);
}

#[test]
fn who_verifies_a_certificate_of_a_trial_reads_first_that_it_is_a_test() {
    let folder = folder("trial");
    let case = case("genuine-of-a-trial");
    let (file, roots) = written(&case, &folder);
    let at = case.at.to_string();
    let verify = ["verify", &file, "--trust", &roots, "--at", &at];
    for (language, words) in [
        ("ja", "TEST：この証明書は試験用"),
        ("en", "TEST: a service for"),
    ] {
        let output = run(&[&verify[..], &["--lang", language]].concat());
        let said = String::from_utf8(output.stdout).unwrap();
        let second = said.lines().nth(1).unwrap_or_default();
        assert!(second.starts_with(words), "{said}");
        assert_eq!(said.matches("TEST").count(), 1, "{said}");
    }
    let output = run(&[&verify[..], &["--json"]].concat());
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["facts"]["purpose"], "TEST", "{said}");
    assert!(said["reasons"][0]["en"].as_str().unwrap().contains("TEST"));
}

#[test]
fn what_cannot_be_judged_is_no_verdict() {
    let folder = folder("not-judged");
    let sparse = folder.join("sparse.pdf");
    fs::File::create(&sparse).unwrap().set_len(1 << 30).unwrap();
    let (file, _) = written(&case("genuine"), &folder);
    let no_roots = folder.join("none.pem");
    fs::write(&no_roots, "no root").unwrap();
    let [sparse, no_roots] = [sparse, no_roots].map(|path| path.display().to_string());
    for arguments in [
        vec!["verify", "no-such-file.pdf"],
        vec!["verify", &sparse],
        vec!["verify", "/dev/zero"],
        vec!["verify", "."],
        vec!["verify", &file, "--trust", &no_roots],
        vec!["verify", &file, "--at", "yesterday"],
        vec!["verify"],
        vec!["extract", &sparse, "."],
        vec!["show", &sparse],
    ] {
        let started = std::time::Instant::now();
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(4), "{arguments:?}");
        assert!(!output.stderr.is_empty() && output.stdout.is_empty());
        assert!(started.elapsed().as_secs() < 5, "{arguments:?}");
    }
    let empty = folder.join("empty.pdf");
    fs::write(&empty, b"").unwrap();
    let output = run(&["verify", &empty.display().to_string()]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn the_embedded_files_come_out_as_they_went_in_and_overwrite_nothing_x_5() {
    let folder = folder("extracted");
    let (file, _) = written(&case("genuine"), &folder);
    let target = folder.join("files").display().to_string();
    let output = run(&["extract", &file, &target]);
    assert!(output.status.success(), "{output:?}");
    let original = fs::read(Path::new(&target).join("original.eml")).unwrap();
    assert!(original == attacks::GENUINE.original);
    assert!(Path::new(&target).join("evidence.json").is_file());
    assert_eq!(run(&["extract", &file, &target]).status.code(), Some(4));
    let shown = run(&["show", &file]);
    let said = String::from_utf8(shown.stdout).unwrap();
    assert!(
        shown.status.success() && said.contains("K7Q2-000123"),
        "{said}"
    );
}

/// The outputs of a stack whose AWS is nowhere.
fn stack_file(folder: &Path) -> String {
    let names = [
        "Region",
        "ServiceDomain",
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
                if name.ends_with("Seconds") { "60" } else { "x" },
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
