//! One program verifies certificates of every version that it knows.

use attacks::genuine::{Authorities, FONTS, OPERATOR, Render, draft_by, looked_at, products};
use attacks::pdf::{find, overwrite};
use certificate::render;
use certificate::testing::{render_with_other_record, render_with_other_template};
use verifier::{Finding, Reader, Report, Trust, Verdict, verify};

const VERSIONS: [(&str, Render); 3] = [
    ("today", render),
    ("another template", render_with_other_template),
    ("another record", render_with_other_record),
];

fn report(draft: Vec<u8>) -> Report {
    let authorities = Authorities::genuine();
    let trust = Trust::from_json(&authorities.trust_file(OPERATOR)).unwrap();
    let reader = Reader {
        trust: &trust,
        at: looked_at(),
        fonts: Some(&FONTS),
    };
    verify(&authorities.archive(draft), &reader)
}

#[test]
fn certificates_of_all_versions_and_products_are_authentic_x_1() {
    for (name, evidence, mail) in products() {
        for (version, render) in VERSIONS {
            let report = report(draft_by(render, &evidence, &mail));
            let findings = report.findings();
            assert_eq!(
                report.verdict(),
                Verdict::Authentic,
                "{name}, {version}: {findings:?}"
            );
            assert_eq!(report.facts.serial, Some(evidence.serial.to_string()));
        }
    }
}

/// Nobody can say what such a file should look like; nothing speaks against it.
#[test]
fn a_certificate_of_an_unknown_version_is_incomplete_and_the_version_is_named() {
    let (_, evidence, mail) = &products()[0];
    let with = |render: Render, needle: &[u8], to: &[u8]| {
        let mut draft = draft_by(render, evidence, mail);
        let at = find(&draft, needle, 0) + needle.len() - to.len();
        overwrite(&mut draft, at..at + to.len(), to);
        report(draft)
    };
    let other = "\"TemplateVersion\": \"test-1".as_bytes();
    let report = with(render_with_other_template, other, b"9");
    assert_eq!(
        report.verdict(),
        Verdict::Incomplete,
        "{:?}",
        report.findings()
    );
    let expected = Finding::OtherTemplate("test-9".to_owned());
    assert!(
        report
            .findings()
            .iter()
            .any(|(_, finding)| *finding == expected)
    );

    let report = with(render, b"\"Version\": 3", b"9");
    assert_eq!(
        report.verdict(),
        Verdict::Incomplete,
        "{:?}",
        report.findings()
    );
    let findings = report.findings().iter();
    let findings: Vec<String> = findings.map(|(_, one)| format!("{one:?}")).collect();
    let is_named = |one: &String| one.starts_with("UnknownEvidence") && one.contains("version 9");
    assert!(findings.iter().any(is_named), "{findings:?}");
}
