//! Rules of the texts themselves.

use super::repository::{Findings, SourceFile, text_files};

/// Longest line of our own code, in characters.
const LINE_CHARACTERS_MAX: usize = 100;

/// Mails are bytes that were sent, and snapshots and locks are made by tools: their white space
/// is not ours to choose.
const MADE_ELSEWHERE: [&str; 7] = [
    ".eml",
    ".snap",
    ".lock",
    ".lock.json",
    ".pem",
    "LICENSE-APACHE",
    "LICENSE-MIT",
];

/// Paths of a machine that somebody worked on. Written in two parts, so that this file passes.
const MACHINE_PATHS: [&str; 6] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("../sha", "red/"),
    concat!("/tmp/", "target"),
];

/// What ends a program or hides a mistake, and what stands for it.
const BANNED_IN_CODE: [&str; 7] = [
    ".unwrap()",
    ".expect(\"",
    "panic!(",
    "unreachable!(",
    "todo!(",
    "dbg!(",
    "unsafe {",
];

/// What a function could do here and not on Lambda: write beside its code, leave something running
/// behind its answer, start a program that is not there.
const BANNED_IN_FUNCTIONS: [&str; 8] = [
    "fs::write",
    "fs::create_dir",
    "File::create",
    "temp_dir(",
    "tokio::spawn",
    "spawn_blocking",
    "thread::spawn",
    "Command::new",
];

/// What makes a test say less than it seems to.
const BANNED_IN_TESTS: [&str; 4] = [
    concat!("#[ign", "ore"),
    concat!("#[should_", "panic"),
    "thread::sleep",
    "time::sleep",
];

#[test]
fn no_line_ends_in_white_space_and_every_file_ends_in_one_line_break() {
    let mut findings = Findings::default();
    for file in ours() {
        for (number, line) in file.text.split('\n').enumerate() {
            if line.ends_with([' ', '\t', '\r']) {
                findings.add(format!("{}:{}", file.path, number + 1));
            }
        }
        let ends_well = file.text.ends_with('\n') && !file.text.ends_with("\n\n");
        if !file.text.is_empty() && !ends_well {
            findings.add(format!("{}: the end", file.path));
        }
    }
    findings.assert_none("no trailing white space");
}

#[test]
fn no_path_of_a_machine_is_written_down() {
    let mut findings = Findings::default();
    for file in text_files() {
        for (number, line) in file.text.lines().enumerate() {
            for path in MACHINE_PATHS.iter().filter(|path| line.contains(*path)) {
                findings.add(format!("{}:{}: {path}", file.path, number + 1));
            }
        }
    }
    findings.assert_none("nothing in here depends on where it was written");
}

#[test]
fn lines_of_code_fit_into_a_hundred_columns() {
    let mut findings = Findings::default();
    for file in ours().filter(|file| file.path.ends_with(".rs") || file.path.ends_with(".py")) {
        for (number, line) in file.text.lines().enumerate() {
            let length = line.chars().count();
            if length > LINE_CHARACTERS_MAX {
                findings.add(format!("{}:{}: {length}", file.path, number + 1));
            }
        }
    }
    findings.assert_none("at most 100 columns");
}

#[test]
fn nothing_outside_tests_panics() {
    let mut findings = Findings::default();
    for file in product_code() {
        for (number, line) in code_lines(&file.text) {
            for word in BANNED_IN_CODE.iter().filter(|word| line.contains(*word)) {
                findings.add(format!("{}:{number}: {word}", file.path));
            }
        }
    }
    findings.assert_none("code returns errors; only tests unwrap");
}

#[test]
fn functions_write_no_files_and_leave_nothing_running() {
    let mut findings = Findings::default();
    let elsewhere = [
        "functions/cli/",
        "functions/verify/",
        "/examples/",
        "/tests/",
        "/tests.rs",
        "scripted.rs",
    ];
    let functions = ours().filter(|file| {
        let is_source = file.path.starts_with("functions/") && file.path.ends_with(".rs");
        is_source && !elsewhere.iter().any(|part| file.path.contains(part))
    });
    let mut count = 0;
    for file in functions {
        count += 1;
        for (number, line) in code_lines(&file.text) {
            for word in BANNED_IN_FUNCTIONS
                .iter()
                .filter(|word| line.contains(*word))
            {
                findings.add(format!("{}:{number}: {word}", file.path));
            }
        }
    }
    assert!(count > 50, "{count} files were looked at");
    findings
        .assert_none("Lambda's code folder is read-only, and a process is frozen at its answer");
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    let mut findings = Findings::default();
    for file in ours().filter(|file| file.path.ends_with(".rs")) {
        for (number, line) in file.text.lines().enumerate() {
            let line = line.trim_start();
            if line.starts_with("#[allow") || line.starts_with("#![allow") {
                findings.add(format!("{}:{}", file.path, number + 1));
            }
        }
    }
    findings.assert_none("`#[expect(..., reason = ...)]` instead of `#[allow]`");
}

#[test]
fn no_test_is_switched_off_expects_a_panic_or_sleeps() {
    let mut findings = Findings::default();
    let rust = ours().filter(|file| file.path.ends_with(".rs"));
    for file in rust.filter(|file| !file.path.ends_with("tidy/sources.rs")) {
        for (number, line) in file.text.lines().enumerate() {
            for word in BANNED_IN_TESTS.iter().filter(|word| line.contains(*word)) {
                findings.add(format!("{}:{}: {word}", file.path, number + 1));
            }
        }
    }
    findings.assert_none("tests run, check, and wait for what they wait for");
}

#[test]
fn every_library_says_what_it_is() {
    let mut findings = Findings::default();
    for file in text_files() {
        let is_root = file.path.ends_with("src/lib.rs") || file.path.ends_with("src/main.rs");
        if is_root && !file.text.starts_with("//! ") {
            findings.add(file.path);
        }
    }
    findings.assert_none("a crate begins with what it is");
}

fn ours() -> impl Iterator<Item = SourceFile> {
    text_files()
        .into_iter()
        .filter(|file| {
            !MADE_ELSEWHERE
                .iter()
                .any(|ending| file.path.ends_with(ending))
        })
        .filter(|file| !file.path.starts_with("tests/corpus/"))
}

/// Code that runs in production: not `tests/`, and not what is compiled for tests only.
pub(super) fn product_code() -> Vec<SourceFile> {
    let files: Vec<SourceFile> = ours()
        .filter(|file| file.path.starts_with("functions/") && file.path.contains("/src/"))
        .filter(|file| file.path.ends_with(".rs"))
        .collect();
    let for_tests: Vec<String> = files.iter().flat_map(modules_for_tests).collect();
    let is_product = |file: &SourceFile| {
        let stem = file.path.trim_end_matches(".rs");
        !for_tests
            .iter()
            .any(|module| stem == module || stem.starts_with(&format!("{module}/")))
    };
    files.into_iter().filter(is_product).collect()
}

/// The modules that a file declares for tests only, as paths without the ending.
fn modules_for_tests(file: &SourceFile) -> Vec<String> {
    let (folder, name) = file.path.rsplit_once('/').unwrap_or_default();
    let folder = match name {
        "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
        other => format!("{folder}/{}", other.trim_end_matches(".rs")),
    };
    let lines: Vec<&str> = file.text.lines().map(str::trim).collect();
    lines
        .windows(2)
        .filter_map(|pair| {
            let [condition, declaration] = pair else {
                return None;
            };
            let declared = declaration
                .trim_start_matches("pub ")
                .strip_prefix("mod ")?;
            let module = declared.strip_suffix(';')?;
            is_test_condition(condition).then(|| format!("{folder}/{module}"))
        })
        .collect()
}

fn is_test_condition(line: &str) -> bool {
    line == "#[cfg(test)]" || line.starts_with("#[cfg(any(test,")
}

/// The numbered lines before the tests of a file, without comments. Tests stand last.
pub(super) fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines.windows(2).position(|pair| {
        matches!(pair, [condition, module] if is_test_condition(condition)
            && module.contains("mod ") && module.ends_with('{'))
    });
    lines
        .into_iter()
        .enumerate()
        .take(tests.unwrap_or(usize::MAX))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(number, line)| (number + 1, line))
}
