//! A stable name is spelled once, where its value is: what stored items, options, pages and output
//! show is the same.

use super::repository::Findings;
use super::sources::{code_lines, product_code};

const DOMAIN: &str = "functions/shared/domain/src/";

#[test]
fn a_closed_list_of_values_has_stable_names() {
    let mut findings = Findings::default();
    let mut lists = 0;
    for file in product_code() {
        if !file.path.starts_with(DOMAIN) {
            continue;
        }
        for (number, of) in listed_types(&file.text) {
            lists += 1;
            if !file.text.contains(&format!("impl Named for {of} {{")) {
                findings.add(format!("{}:{number}: {of}", file.path));
            }
        }
    }
    assert!(lists > 15, "{lists} lists were looked at");
    findings.assert_none("what has `ALL` implements `Named`");
}

#[test]
fn a_stable_name_is_spelled_in_domain_alone() {
    let mut findings = Findings::default();
    for file in product_code() {
        if file.path.starts_with(DOMAIN) {
            continue;
        }
        for (number, line) in code_lines(&file.text) {
            if spells_names(line) {
                findings.add(format!("{}:{number}", file.path));
            }
        }
    }
    findings.assert_none("`domain::Named` instead of a function that names values");
}

#[test]
fn lists_and_functions_that_name_are_seen() {
    let text = "impl A {\n    pub const ALL: [Self; 2] = [];\n}\nimpl B {\n    fn f() {}\n}\n";
    assert_eq!(listed_types(text), [(2, "A")]);
    for (line, expected) in [
        ("fn bounce_name(kind: BounceKind) -> &'static str {", true),
        (
            "pub(super) fn status_name(status: AccountStatus) -> &'static str {",
            true,
        ),
        ("fn kept_name(name: &str) -> String {", false),
        ("fn name(self) -> &'static str {", false),
    ] {
        assert_eq!(spells_names(line), expected, "{line}");
    }
}

/// The types of a file that list all their values, with the line of the list.
fn listed_types(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut of = None;
    for (number, line) in code_lines(text) {
        if let Some(head) = line.strip_prefix("impl ") {
            of = head.strip_suffix(" {");
        }
        if line.trim_start().starts_with("pub const ALL: [Self;") {
            found.extend(of.map(|of| (number, of)));
        }
    }
    found
}

fn spells_names(line: &str) -> bool {
    let function = line.split_once("fn ").map(|(_, function)| function);
    let Some((name, rest)) = function.and_then(|function| function.split_once('(')) else {
        return false;
    };
    name.ends_with("_name") && rest.contains("-> &'static str")
}
