//! One word for one thing on all that people read: `domain::glossary` says which, and why.

use domain::{Words, glossary};

use super::repository::{Findings, SourceFile, text_files};
use super::sources::{code_lines, product_code};

/// Each term with what must not stand for it, in lower case.
const SYNONYMS: [(Words, &[&str]); 6] = [
    (
        glossary::SERIAL,
        &[
            "証明書番号",
            "証明番号",
            "整理番号",
            "serial number",
            "certificate number",
        ],
    ),
    (
        glossary::SERVICE,
        &["当サービス", "このサービス", "弊サービス"],
    ),
    (glossary::SENDER, &["送信者", "発信者", "送り主"]),
    (
        glossary::RECIPIENT,
        &["受取人", "受領者", "相手方", "addressee"],
    ),
    (glossary::OUTCOME, &["結末"]),
    (
        glossary::ADDENDUM,
        &["補遺", "追記", "補足として", "追加の証明書"],
    ),
];

/// The crates whose texts people read.
const READ_BY_PEOPLE: [&str; 4] = ["letters", "web", "verifier", "certificate"];

#[test]
fn no_synonym_stands_for_a_term_of_the_glossary() {
    let mut findings = Findings::default();
    let (mut sources, mut templates) = (0, 0);
    for file in product_code().into_iter().filter(is_read_by_people) {
        sources += 1;
        for (number, line) in code_lines(&file.text) {
            for synonym in synonyms_in(line) {
                findings.add(format!("{}:{number}: {synonym}", file.path));
            }
        }
    }
    for file in text_files().into_iter().filter(is_read_by_people) {
        if !file.path.ends_with(".txt") {
            continue;
        }
        templates += 1;
        for (number, line) in file.text.lines().enumerate() {
            for synonym in synonyms_in(line) {
                findings.add(format!("{}:{}: {synonym}", file.path, number + 1));
            }
            if !names_its_serial(line) {
                findings.add(format!("{}:{}: {line}", file.path, number + 1));
            }
        }
    }
    assert!(sources > 40, "{sources} sources were looked at");
    assert!(templates >= 12, "{templates} templates were looked at");
    findings.assert_none("the word of `domain::glossary`");
}

#[test]
fn a_term_that_stands_alone_in_code_comes_from_the_glossary() {
    let mut findings = Findings::default();
    for file in product_code().into_iter().filter(is_read_by_people) {
        for (number, line) in code_lines(&file.text) {
            for (term, _) in SYNONYMS {
                if line.contains(&format!("\"{}\"", term.japanese)) {
                    findings.add(format!("{}:{number}: {}", file.path, term.japanese));
                }
            }
        }
    }
    findings.assert_none("`domain::glossary` has a constant for it");
}

#[test]
fn a_synonym_is_seen_in_both_languages() {
    for (line, expected) in [
        ("証明番号: {serial}", vec!["証明番号"]),
        (
            "Its Serial Number: 当サービス",
            vec!["serial number", "当サービス"],
        ),
        ("送信事業者の受付番号", vec![]),
        ("管理番号: {serial}", vec![]),
    ] {
        assert_eq!(synonyms_in(line), expected, "{line}");
    }
    for (line, expected) in [
        ("管理番号: {serial}", true),
        ("Serial of the offer: {main_serial}", true),
        ("Number: {serial}", false),
        ("追補の番号: {serial}", false),
        ("契約の証明書 {main_serial} への追補をお届けします。", true),
        ("Subject: 送信しませんでした / Not sent: {serial}", true),
    ] {
        assert_eq!(names_its_serial(line), expected, "{line}");
    }
}

fn is_read_by_people(file: &SourceFile) -> bool {
    READ_BY_PEOPLE.iter().any(|name| {
        file.path
            .starts_with(&format!("functions/shared/{name}/src/"))
    })
}

fn synonyms_in(line: &str) -> Vec<&'static str> {
    let line = line.to_lowercase();
    SYNONYMS
        .iter()
        .flat_map(|(_, synonyms)| synonyms.iter().copied())
        .filter(|synonym| line.contains(synonym))
        .collect()
}

/// A line that is a label and a serial has the glossary's label. Subjects are sentences.
fn names_its_serial(line: &str) -> bool {
    if line.starts_with("Subject: ") {
        return true;
    }
    let label = [": {serial}", ": {main_serial}"]
        .into_iter()
        .find_map(|value| line.strip_suffix(value));
    let term = glossary::SERIAL;
    label.is_none_or(|label| label.contains(term.japanese) || label.contains(term.english))
}
