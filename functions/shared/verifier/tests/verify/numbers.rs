//! The table of checks in `README.md` is that of the code, and its tests exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use verifier::{BUDGET, NUMBERS};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The cells of the lines of tables whose first cell begins so.
fn rows(text: &str, start: &str) -> Vec<Vec<String>> {
    let rows = text.lines().filter(|line| line.starts_with(start));
    rows.map(|line| {
        let cells = line.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().to_owned()).collect()
    })
    .collect()
}

fn readme() -> String {
    fs::read_to_string(folder().join("README.md")).unwrap()
}

#[test]
fn every_number_is_a_check_of_the_code_and_the_other_way_round() {
    let said: Vec<(String, String)> = rows(&readme(), "| V-")
        .into_iter()
        .map(|row| (row[0].clone(), row[1].trim_matches('`').to_owned()))
        .collect();
    let numbers = NUMBERS.iter();
    let known: Vec<(String, String)> = numbers
        .map(|(number, part)| (number.to_string(), part.name().to_owned()))
        .collect();
    assert_eq!(said, known);
}

#[test]
fn every_test_that_holds_a_check_exists() {
    let tests = names_of_tests();
    for row in rows(&readme(), "| V-") {
        let named: Vec<&str> = row.last().unwrap().split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "{}: a test holds it", row[0]);
        for name in named {
            assert!(tests.contains(name), "{}: {name}", row[0]);
        }
    }
    assert!(!tests.contains("a_test_that_nobody_wrote"));
}

#[test]
fn the_table_of_work_is_that_of_the_code() {
    let said: Vec<(String, u64)> = rows(&readme(), "| work `")
        .into_iter()
        .map(|row| {
            let name = row[0].split('`').nth(1).unwrap().to_owned();
            (name, row[1].replace(',', "").parse().unwrap())
        })
        .collect();
    let known: Vec<(String, u64)> = BUDGET
        .iter()
        .map(|(work, limit)| (work.name().to_owned(), *limit))
        .collect();
    assert_eq!(said, known);
}

/// Of this crate and of those whose code it relies on.
fn names_of_tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let root = folder().join("../../..");
    for place in [
        "functions/shared/verifier",
        "functions/shared/pades/src",
        "functions/shared/certificate/src",
        "functions/verify",
        "tests/corpus/attacks/src",
        "tests/fuzz/src",
    ] {
        collect(&root.join(place), &mut names);
    }
    names
}

fn collect(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            let is_test = |line: &&str| line.starts_with("#[test]");
            for at in (0..lines.len()).filter(|at| is_test(&lines[*at])) {
                let name = lines[at..].iter().find_map(|line| line.strip_prefix("fn "));
                let name = name.and_then(|name| name.split('(').next());
                names.extend(name.map(str::to_owned));
            }
        }
    }
}
