//! What comes along in a token: the writer brings what it takes into the form that the verifier
//! believes, and the verifier believes no other.

use crate::corpus::report;
use attacks::clocks::{TokenVariant, tokens, with_last_token};
use attacks::genuine::signed_at;
use attacks::{Case, GENUINE};
use jiff::ToSpan;
use pades::{TimeWindow, TokenProblem};
use verifier::Verdict;

#[test]
fn a_token_is_believed_in_the_form_that_the_writer_gives_it_and_in_no_other() {
    let [_, stamper] = &GENUINE.authorities.stampers;
    let window = TimeWindow {
        earliest: signed_at() - 5.seconds(),
        latest: signed_at() + 5.seconds(),
    };
    let (mut taken, mut refused) = (0, 0);
    for TokenVariant {
        case,
        response,
        request,
    } in tokens()
    {
        let name = &case.name;
        let found = report(&case);
        let findings = found.findings();
        assert_eq!(found.verdict(), Verdict::Altered, "{name}: {findings:?}");
        match request.accept(&response, &stamper.authority, window) {
            Ok(token) => {
                let pdf = with_last_token(token.as_der());
                assert!(pdf == GENUINE.archived, "{name}");
                let verdict = report(&Case { pdf, ..case }).verdict();
                assert_eq!(verdict, Verdict::Authentic);
                taken += 1;
            }
            Err(pades::Error::Timestamp { problem, .. }) => {
                // Without its issuer it leads nowhere.
                assert_eq!(problem, TokenProblem::UntrustedChain, "{name}");
                refused += 1;
            }
            Err(error) => panic!("{name}: {error}"),
        }
    }
    assert_eq!((taken, refused), (11, 1));
}
