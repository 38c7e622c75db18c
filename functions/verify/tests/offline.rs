//! The built program, as a stranger runs it: without a network, and with files of all kinds.
#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use attacks::{Case, Expected, all};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const AKASHI_VERIFY: &str = env!("CARGO_BIN_EXE_akashi-verify");

/// A folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// In a network namespace of its own that has no network, with at most 512 MB of memory and an
/// empty environment.
fn run(arguments: &[&str]) -> Output {
    let script = "ulimit -v 524288; exec \"$0\" \"$@\"";
    Command::new("unshare")
        .args([
            "--map-root-user",
            "--net",
            "sh",
            "-c",
            script,
            AKASHI_VERIFY,
        ])
        .args(arguments)
        .env_clear()
        .output()
        .unwrap()
}

fn written(case: &Case, folder: &Path) -> (String, String) {
    let (file, trust) = (folder.join("certificate.pdf"), folder.join("trust.json"));
    fs::write(&file, &case.pdf).unwrap();
    fs::write(&trust, case.trust_file().unwrap()).unwrap();
    (file.display().to_string(), trust.display().to_string())
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
        let (file, trust) = written(&case, &folder);
        let at = case.at.to_string();
        let output = run(&[&file, "--trust", &trust, "--at", &at, "--json"]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(code), "{name}: {said}");
        let said: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!(said["verdict"], case.expected.word());
        assert_eq!(said["exit_code"], code);
        assert_eq!(said["reasons"].as_array().unwrap().is_empty(), code == 0);
        let japanese = run(&[&file, "--trust", &trust, "--at", &at, "--lang", "ja"]);
        let japanese = String::from_utf8(japanese.stdout).unwrap();
        assert!(japanese.starts_with(case.expected.word()) && japanese.contains('。'));
    }
    assert_eq!(case("genuine").expected, Expected::Authentic);
}

/// Roots alone name nobody, and what a trust file does not have is told in the reader's language.
#[test]
fn roots_alone_make_nobody_an_issuer_and_a_bad_trust_file_nothing_at_all() {
    let folder = folder("roots");
    let case = case("issuer-genuine-for-a-reader-of-roots");
    let (file, roots) = written(&case, &folder);
    let at = case.at.to_string();
    let output = run(&[&file, "--trust", &roots, "--at", &at, "--json"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let reason = said["reasons"][0]["en"].as_str().unwrap();
    assert!(
        reason.contains("anybody certified by the same authority"),
        "{reason}"
    );
    assert!(
        reason.contains(said["facts"]["signer_sha256"].as_str().unwrap()),
        "{reason}"
    );

    let file_of_today = attacks::genuine::trust_file("x", &case.signers, &case.trusted);
    let odd = file_of_today.replace("\"version\":1", "\"version\":1,\"signers\":[]");
    fs::write(&roots, odd).unwrap();
    for (language, words) in [
        ("ja", "書式どおりではありません"),
        ("en", "unknown field `signers`"),
    ] {
        let output = run(&[&file, "--trust", &roots, "--lang", language]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(4), "{said}");
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn who_verifies_a_certificate_of_a_trial_reads_first_that_it_is_a_test() {
    let folder = folder("trial");
    let case = case("genuine-of-a-trial");
    let (file, trust) = written(&case, &folder);
    let at = case.at.to_string();
    let verify = [&*file, "--trust", &trust, "--at", &at];
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
    let no_trust = folder.join("none.json");
    fs::write(&no_trust, "nobody").unwrap();
    let [sparse, no_trust] = [sparse, no_trust].map(|path| path.display().to_string());
    for arguments in [
        vec!["no-such-file.pdf"],
        vec![&sparse],
        vec!["/dev/zero"],
        vec!["."],
        vec![&file, "--trust", &no_trust],
        vec![&file, "--at", "yesterday"],
        vec![],
        vec!["--unknown"],
        vec!["rebuild", "no-such-file.json", "-o", "again.pdf"],
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
    let output = run(&[&empty.display().to_string()]);
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
