//! Files that were made to cost much are refused at the price of an operation or two: what is
//! counted is the work, not the time.

use crate::corpus::report;
use attacks::all;
use attacks::costly::COSTLY;
use verifier::{BUDGET, Check, Finding, Report, Verdict, Work};

fn of(name: &str) -> Report {
    let case = COSTLY.iter().find(|case| case.name == name).unwrap();
    report(case)
}

fn spent(report: &Report, work: Work) -> u64 {
    report.facts.work.get(&work).copied().unwrap_or_default()
}

/// The last operation of a budget is the one that was refused, so what was asked for may be more
/// than the limit by that one.
#[test]
fn every_costly_file_gets_its_verdict_within_the_budget_x_1() {
    for case in COSTLY.iter() {
        let report = report(case);
        let findings = report.findings();
        assert_eq!(
            report.verdict().word(),
            case.expected.word(),
            "{}: {findings:?}",
            case.name
        );
        for (work, limit) in BUDGET {
            let is_told = findings
                .iter()
                .any(|(_, one)| *one == Finding::TooMuchWork(work));
            let spent = spent(&report, work);
            assert!(
                spent <= limit || is_told,
                "{}: {} {work:?} of {limit}",
                case.name,
                spent
            );
        }
    }
}

#[test]
fn a_token_of_too_many_certificates_is_not_read() {
    for name in ["costly-certificates-of-one-name", "costly-chain"] {
        let genuine = GENUINE_WORK;
        let report = of(name);
        assert!(
            spent(&report, Work::Signatures) <= genuine,
            "{name}: {:?}",
            report.facts.work
        );
        let told = report.findings().iter();
        assert_eq!(
            told.filter(|(_, one)| is_too_many(one)).count(),
            1,
            "{name}"
        );
    }
}

fn is_too_many(finding: &Finding) -> bool {
    matches!(finding, Finding::Token { problem, .. } if problem.contains("more than a token"))
}

/// What the genuine certificate takes, with room for one more stamp.
const GENUINE_WORK: u64 = 40;

#[test]
fn a_certificate_takes_a_fraction_of_its_budget() {
    for case in all().iter().filter(|case| case.name.starts_with("genuine")) {
        let report = report(case);
        for (work, limit) in BUDGET {
            let spent = spent(&report, work);
            assert!(spent * 10 <= limit, "{}: {spent} {work:?}", case.name);
        }
        assert!(spent(&report, Work::Signatures) <= GENUINE_WORK);
    }
}

#[test]
fn answers_of_false_responders_run_out_of_the_budget() {
    for name in ["costly-responders", "costly-pool"] {
        let report = of(name);
        let told = report.findings().iter();
        let told = told.filter(|(_, one)| matches!(one, Finding::TooMuchWork(_)));
        assert_eq!(told.count(), 1, "{name}: {:?}", report.findings());
    }
}

/// Nobody makes 3,400 pages for somebody whom nobody trusts.
#[test]
fn pages_are_made_for_a_signer_who_is_trusted() {
    let stranger = of("costly-lines-of-a-stranger");
    assert_eq!(spent(&stranger, Work::Characters), 0);
    for check in [Check::Pages, Check::Senders, Check::Values] {
        let expected = (check, Finding::NotMade(check));
        assert!(stranger.findings().contains(&expected), "{check:?}");
    }
    let trusted = of("costly-lines-of-a-trusted-signer");
    assert!(spent(&trusted, Work::Characters) > 2_500_000);
    let expected = (Check::Pages, Finding::TooMuchWork(Work::Characters));
    assert!(trusted.findings().contains(&expected));
    assert_eq!(expected.1.verdict(), Some(Verdict::Incomplete));
    let mut untrusted = all()
        .into_iter()
        .find(|case| case.name == "genuine")
        .unwrap();
    untrusted.trusted.clear();
    assert_eq!(spent(&report(&untrusted), Work::Characters), 0);
}
