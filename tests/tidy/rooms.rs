//! The same rooms on every floor: a folder is one of these, and a step imports parts, never a step.

use super::repository::{Findings, folders_in};
use super::sources::{code_lines, product_code};

/// The rooms, in the order of a dispatch's life.
const ROOMS: [&str; 9] = [
    "intake", "dispatch", "answers", "contract", "account", "access", "billing", "certify",
    "copies",
];

/// What the crate of the rules has beside the rooms.
const BESIDE_THE_RULES: [&str; 1] = ["authentication"];

/// What the crate of the steps has beside the rooms.
const BESIDE_THE_ROOMS: [&str; 3] = ["operator", "ports", "wire"];

/// The steps: what a function, a page or the operator's program runs.
const STEPS: [&str; 11] = [
    "intake::parse_mail",
    "dispatch::deliver",
    "dispatch::record_event",
    "answers::take_answer",
    "answers::take_link_answer",
    "answers::show_offer",
    "account::expire_accounts",
    "certify::compose_certificate",
    "certify::sign_certificate",
    "certify::renew_timestamps",
    "copies::",
];

/// The door brings each mail to one of two steps.
const DOOR: &str = "intake/receive_mail.rs";

/// A part, though it lies beside steps.
const PART_OF_COPIES: &str = "copies::entitlement";

#[test]
fn a_folder_of_rules_or_steps_is_a_room() {
    let mut findings = Findings::default();
    for (floor, beside) in [
        ("domain", BESIDE_THE_RULES.as_slice()),
        ("workflow", &BESIDE_THE_ROOMS),
    ] {
        let folder = format!("functions/shared/{floor}/src");
        let rooms = folders_in(&folder);
        assert!(rooms.len() >= 6, "{folder} has {} folders", rooms.len());
        for room in rooms {
            if !ROOMS.contains(&room.as_str()) && !beside.contains(&room.as_str()) {
                findings.add(format!("{folder}/{room}"));
            }
        }
    }
    findings.assert_none("the rooms are from one list");
}

#[test]
fn a_step_imports_parts_and_never_a_step() {
    let mut findings = Findings::default();
    let mut looked_at = 0;
    for file in product_code() {
        let is_a_floor_up = !file.path.contains("functions/shared/workflow/src/");
        if is_a_floor_up || file.path.ends_with(DOOR) {
            continue;
        }
        looked_at += 1;
        for (number, line) in code_lines(&file.text) {
            if imports_a_step(line) {
                findings.add(format!("{}:{number}", file.path));
            }
        }
    }
    assert!(looked_at > 50, "{looked_at} files were looked at");
    findings.assert_none("what two steps share is a part of its room");
}

#[test]
fn an_import_of_a_step_is_told_from_one_of_a_part() {
    for (line, expected) in [
        ("use crate::intake::parse_mail::Taken;", true),
        ("use crate::copies::send_copies::SendCopies;", true),
        ("use crate::copies::entitlement::gets_copy;", false),
        ("use crate::intake::authenticate::authenticate;", false),
        ("use crate::certify::signing::because;", false),
    ] {
        assert_eq!(imports_a_step(line), expected, "{line}");
    }
}

fn imports_a_step(line: &str) -> bool {
    let Some(path) = line.trim_start().strip_prefix("use crate::") else {
        return false;
    };
    !path.starts_with(PART_OF_COPIES) && STEPS.iter().any(|step| path.starts_with(step))
}
