//! What comes along in a token: the writer takes just what the verifier believes.

use crate::corpus::report;
use attacks::GENUINE;
use attacks::clocks::tokens;
use attacks::genuine::signed_at;
use jiff::ToSpan;
use pades::TimeWindow;
use verifier::Verdict;

/// What `accept` refuses gets into no certificate; what it takes must not be called altered.
#[test]
fn the_writer_refuses_the_tokens_that_the_verifier_calls_altered() {
    let [_, stamper] = &GENUINE.authorities.stampers;
    let window = TimeWindow {
        earliest: signed_at() - 5.seconds(),
        latest: signed_at() + 5.seconds(),
    };
    let (mut taken, mut refused) = (0, 0);
    for variant in tokens() {
        let name = &variant.case.name;
        let report = report(&variant.case);
        let verdict = report.verdict();
        let findings = report.findings();
        assert_eq!(
            verdict.word(),
            variant.case.expected.word(),
            "{name}: {findings:?}"
        );
        let accepted = variant
            .request
            .accept(&variant.response, &stamper.authority, window);
        match accepted {
            Ok(_) => {
                assert_eq!(verdict, Verdict::Authentic, "{name}");
                taken += 1;
            }
            Err(error) => {
                assert_eq!(verdict, Verdict::Altered, "{name}: {error}");
                refused += 1;
            }
        }
    }
    assert_eq!((taken, refused), (2, 5));
}
