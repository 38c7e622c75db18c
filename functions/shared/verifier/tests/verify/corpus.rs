//! The corpus of attacks, and every sentence that a report can say.

use attacks::genuine::FONTS;
use attacks::{Case, all};
use certificate::Purpose;
use paper::FontSet;
use std::collections::BTreeSet;
use std::thread;
use verifier::wording::{self, Language};
use verifier::{Check, CheckResult, Finding, Reader, Report, Trust, Verdict, Verification, verify};

pub(crate) fn report(case: &Case) -> Report {
    report_with(case, Some(&FONTS))
}

pub(crate) fn report_with(case: &Case, fonts: Option<&FontSet>) -> Report {
    as_read(case, fonts, |reader| verify(&case.pdf, reader))
}

fn as_read<T>(case: &Case, fonts: Option<&FontSet>, read: impl FnOnce(&Reader<'_>) -> T) -> T {
    let trust = case.trust_file();
    let trust = trust.map_or_else(Trust::default, |file| Trust::read(file.as_bytes()).unwrap());
    let reader = Reader {
        trust: &trust,
        at: case.at,
        fonts,
    };
    read(&reader)
}

/// All that came out otherwise, with the reasons that were given.
#[test]
fn every_case_of_the_corpus_gets_its_verdict_x_15() {
    let (mut wrong, mut names) = (Vec::new(), BTreeSet::new());
    for case in all() {
        let report = report(&case);
        if report.verdict().word() != case.expected.word() {
            let (verdict, findings) = (report.verdict(), report.findings());
            wrong.push(format!(
                "{}: {verdict}: {findings:?} {:?}",
                case.name,
                report.results()
            ));
        }
        assert!(
            names.insert(case.name.clone()),
            "{} is there twice",
            case.name
        );
    }
    assert_eq!(wrong, [""; 0], "{}", wrong.join("\n"));
    assert!(names.len() > 100, "{} cases", names.len());
}

#[test]
fn any_number_of_threads_come_to_the_same_report() {
    for case in all() {
        let by_one = report(&case);
        let by_four = as_read(&case, Some(&FONTS), |reader| {
            let verification = Verification::open(&case.pdf, *reader);
            thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| verification.work());
                }
            });
            verification.finish()
        });
        assert_eq!(by_four, by_one, "{}", case.name);
    }
}

#[test]
fn an_authentic_file_passed_every_check_and_others_say_why_not() {
    for case in all() {
        let report = report_with(&case, Some(&FONTS));
        let results = report.results();
        assert_eq!(results.len(), Check::ALL.len());
        let all_passed = results
            .iter()
            .all(|(_, result)| *result == CheckResult::Passed);
        let is_authentic = report.verdict() == Verdict::Authentic;
        assert_eq!(all_passed, is_authentic, "{}: {results:?}", case.name);
        let reasons = report
            .findings()
            .iter()
            .filter(|(_, one)| one.verdict().is_some());
        assert_eq!(reasons.count() == 0, is_authentic, "{}", case.name);
        for (_, finding) in report.findings() {
            let japanese = wording::finding(finding, Language::Japanese);
            let english = wording::finding(finding, Language::English);
            assert!(
                japanese.ends_with('。') && !japanese.is_ascii(),
                "{japanese}"
            );
            assert!(english.ends_with('.'), "{english}");
        }
    }
}

/// Trust says nothing: the reader learns which root to compare.
#[test]
fn a_reader_without_roots_is_told_the_fingerprint_of_the_signers_root() {
    let mut case = all()
        .into_iter()
        .find(|case| case.name == "genuine")
        .unwrap();
    case.trusted.clear();
    let report = report(&case);
    assert_eq!(report.verdict(), Verdict::Untrusted);
    let root = attacks::GENUINE
        .authorities
        .signer
        .chain
        .certificates()
        .last()
        .unwrap();
    let fingerprint = hex::encode(root.fingerprint());
    let sentences = report.findings().iter();
    let mut sentences = sentences.map(|(_, one)| wording::finding(one, Language::English));
    assert!(sentences.any(|sentence| sentence.contains(&fingerprint)));
}

#[test]
fn a_signature_that_gives_another_result_is_told_in_the_words_of_certificates_x_4() {
    let case = all()
        .into_iter()
        .find(|case| case.name == "content-dkim-that-does-not-hold")
        .unwrap();
    let report = report(&case);
    let sentences = report.findings().iter();
    let mut sentences = sentences.map(|(_, one)| wording::finding(one, Language::English));
    let sentence = sentences.find(|sentence| sentence.contains("verified again"));
    let sentence = sentence.unwrap();
    assert!(sentence.contains("says \"It holds for "), "{sentence}");
    assert!(
        sentence.contains("gives \"It does not count: "),
        "{sentence}"
    );
}

/// The file is as it was issued, and it was issued as a test: nobody takes it for evidence.
#[test]
fn a_certificate_of_a_trial_is_named_a_test() {
    for (name, is_test) in [("genuine", false), ("genuine-of-a-trial", true)] {
        let case = all().into_iter().find(|case| case.name == name).unwrap();
        let report = report(&case);
        assert_eq!(report.verdict(), Verdict::Authentic, "{name}");
        let findings = report.findings().iter();
        let told = findings.filter(|(_, finding)| *finding == Finding::IssuedAsTest);
        assert_eq!(told.count(), usize::from(is_test), "{name}");
        let purpose = [Purpose::Evidence, Purpose::Test][usize::from(is_test)];
        assert_eq!(report.facts.purpose, Some(purpose), "{name}");
    }
}
