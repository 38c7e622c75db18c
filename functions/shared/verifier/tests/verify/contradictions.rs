//! An operator's own forgeries: evidence against what is embedded.

use attacks::contradictions::CONTRADICTIONS;
use verifier::wording::{self, Language};
use verifier::{Finding, Standing, Verdict};

use crate::corpus::{report, report_with};

#[test]
fn a_value_that_contradicts_what_is_embedded_is_altered_and_named_x_1() {
    let mut wrong = Vec::new();
    for one in CONTRADICTIONS.iter() {
        let report = report(&one.case);
        let findings = report.findings();
        let is_named = findings.iter().any(|(_, finding)| {
            matches!(finding, Finding::ValueDiffers { name, .. } if name == one.value)
        });
        if !is_named || report.verdict() != Verdict::Altered {
            wrong.push(format!("{}, {}: {findings:?}", one.case.name, one.value));
        }
    }
    assert_eq!(wrong, [""; 0], "{}", wrong.join("\n"));
}

/// A mended reader condemns no genuine certificate: the same difference is told, and is no
/// alteration.
#[test]
fn what_other_readers_read_is_incomplete_and_told() {
    for (name, verdict) in [
        ("readers-earlier-and-the-same", Verdict::Authentic),
        ("readers-earlier-and-another-text", Verdict::Incomplete),
        ("readers-later-and-another-text", Verdict::Incomplete),
        ("readers-earlier-and-another-size", Verdict::Altered),
    ] {
        let case = attacks::all()
            .into_iter()
            .find(|case| case.name == name)
            .unwrap();
        let report = report(&case);
        assert_eq!(report.verdict(), verdict, "{name}: {:?}", report.findings());
        let is_told = report.findings().iter().any(|(_, finding)| {
            let sentence = wording::finding(finding, Language::English);
            sentence.contains("Product.Mail.UserContentInfo")
        });
        assert_eq!(is_told, verdict != Verdict::Authentic, "{name}");
    }
}

/// The reader is told what is only the operator's word.
#[test]
fn a_report_says_of_each_value_whether_it_was_recomputed() {
    let case = attacks::all()
        .into_iter()
        .find(|case| case.name == "genuine")
        .unwrap();
    let report = report_with(&case, None);
    let standing = |name: &str| {
        let mut values = report.facts.values.iter();
        let value = values.find(|value| value.name == name);
        value.map(|value| value.standing.clone())
    };
    for name in [
        "Origin.Mail.SenderDetails.Address",
        "RecipientDetails",
        "Product.Mail.UserContentInfo.BodyText",
        "Product.Mail.Attachments[1]",
        "Product.Mail.Delivered.Notices",
        "Events[3]",
        "Outcome.Code",
    ] {
        assert_eq!(standing(name), Some(Standing::Recomputed), "{name}");
    }
    for name in ["IssueTime", "PricePoints", "Account", "Events[1]"] {
        assert_eq!(standing(name), Some(Standing::OperatorsWord), "{name}");
    }
    let words = wording::values(&report.facts.values, Language::English);
    assert!(words.contains("only the operator's word: "), "{words}");
}
