//! A number that is cited is a requirement that exists. `requirements.txt` beside this file lists
//! the numbers of the project's requirements list.

use std::collections::BTreeSet;

use super::repository::{Findings, read, text_files};

/// Elliptic curves look like requirements of the P list.
const CURVES: [&str; 3] = ["P-256", "P-384", "P-521"];

/// The lists of the requirements.
const LISTS: [char; 7] = ['I', 'P', 'S', 'C', 'D', 'Q', 'X'];

#[test]
fn every_requirement_that_is_cited_exists() {
    let known = known();
    let mut findings = Findings::default();
    for file in text_files()
        .iter()
        .filter(|file| is_prose_of_ours(&file.path))
    {
        for (index, line) in file.text.lines().enumerate() {
            for number in cited(line).into_iter().chain(cited_in_name(line)) {
                if !known.contains(&number) && !CURVES.contains(&number.as_str()) {
                    findings.add(format!("{}:{}: {number}", file.path, index + 1));
                }
            }
        }
    }
    findings.assert_none("requirements are cited by numbers that exist");
}

#[test]
fn numbers_are_found_where_they_are_cited_and_nowhere_else() {
    for (text, expected) in [
        (
            "the price (I-042, Q-12) of X-9..X-11",
            vec!["I-042", "Q-12", "X-9", "X-11"],
        ),
        (
            "SHA-256, UTF-8, X-SES-Spam, AKASHI-12, K7Q2-000123, 1Q-3",
            vec![],
        ),
        ("the curve P-256", vec!["P-256"]),
    ] {
        assert_eq!(cited(text), expected, "{text}");
    }
    let name = "    fn refuses_what_is_too_large_i_066_q_2() {";
    assert_eq!(cited_in_name(name), ["I-066", "Q-2"]);
    assert!(cited_in_name("    let mail_x_1 = 1;").is_empty());
}

fn known() -> BTreeSet<String> {
    let list = read("tests/tidy/requirements.txt");
    list.split_whitespace().map(str::to_owned).collect()
}

fn is_prose_of_ours(path: &str) -> bool {
    [".rs", ".py", ".md", ".yaml"]
        .iter()
        .any(|ending| path.ends_with(ending))
        && path != "tests/tidy/requirements.rs"
}

/// Numbers in running text: `I-042`.
fn cited(line: &str) -> Vec<String> {
    let mut numbers = Vec::new();
    for (position, _) in line.match_indices('-') {
        let (before, after) = line.split_at(position);
        let digits: String = after
            .chars()
            .skip(1)
            .take_while(char::is_ascii_digit)
            .collect();
        let mut letters = before.chars().rev();
        let (list, earlier) = (letters.next(), letters.next());
        let ends = after
            .chars()
            .nth(digits.len() + 1)
            .is_none_or(|c| !c.is_alphanumeric());
        let stands_alone = earlier.is_none_or(|c| !c.is_alphanumeric() && c != '-' && c != '_');
        match list.filter(|list| LISTS.contains(list)) {
            Some(list) if (1..=3).contains(&digits.len()) && ends && stands_alone => {
                numbers.push(format!("{list}-{digits}"));
            }
            _ => {}
        }
    }
    numbers
}

/// Numbers at the end of a function's name: `..._i_042_q_12(`.
fn cited_in_name(line: &str) -> Vec<String> {
    let Some((_, rest)) = line.split_once("fn ") else {
        return Vec::new();
    };
    let name: String = rest
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    let words: Vec<&str> = name.split('_').collect();
    words
        .windows(2)
        .filter_map(|pair| {
            let [list, digits] = pair else { return None };
            let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            let list: char = list.parse::<char>().ok()?.to_ascii_uppercase();
            (is_number && LISTS.contains(&list)).then(|| format!("{list}-{digits}"))
        })
        .collect()
}
