//! No text in JSON crosses a port: what steps and stores give each other has types.

use super::repository::Findings;
use super::sources::{code_lines, product_code};

/// Fields that were texts in JSON, and are not any more.
const TYPED: [&str; 2] = ["authentication", "reasons"];

#[test]
fn what_crosses_a_port_has_a_type_and_is_no_json() {
    let mut findings = Findings::default();
    let mut looked_at = 0;
    for file in product_code() {
        if !file.path.contains("functions/shared/workflow/src/ports") {
            continue;
        }
        looked_at += 1;
        for (number, line) in code_lines(&file.text) {
            if is_json_field(line) {
                findings.add(format!("{}:{number}", file.path));
            }
        }
    }
    assert!(looked_at > 5, "{looked_at} files were looked at");
    findings.assert_none("a field of a port is typed; the tables write it down");
}

#[test]
fn a_field_of_json_is_told_from_others() {
    for (line, expected) in [
        ("    pub authentication: String,", true),
        ("        reasons: String,", true),
        ("    pub offer_json: Option<String>,", true),
        ("    pub authentication: AuthenticationEvidence,", false),
        ("        reasons: Vec<Refusal>,", false),
        ("    pub subject: String,", false),
    ] {
        assert_eq!(is_json_field(line), expected, "{line}");
    }
}

fn is_json_field(line: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let Some((name, of)) = line.split_once(": ") else {
        return false;
    };
    of.contains("String") && (TYPED.contains(&name) || name.ends_with("_json"))
}
