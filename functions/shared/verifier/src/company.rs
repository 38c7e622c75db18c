//! What the validation data holds: nothing but what the signer and the timestamps need. Anybody gets
//! a timestamp over anything from a public authority, so that a file could be given to its reader
//! with certificates in it that say what somebody wrote into them.

use crate::report::{Check, Finding, Report};
use crate::revocation::ValidationData;
use jiff::Timestamp;
use pades::Certificate;
use pades::inspect::{InspectedToken, Inspector};

/// Signatures that are checked at most. A certificate renewed for a century needs fewer than this.
const CHECKS_MAX: usize = 2_048;

/// Checks that each certificate is a signer's, one of a token or below one of these, and that each
/// answer and each list is about such certificates, by somebody who could speak for them when the
/// clocks were asked whose authorities are trusted or named.
pub(crate) fn check(
    data: &ValidationData,
    known: &[&Certificate],
    tokens: &[(usize, InspectedToken)],
    times: &[Timestamp],
    inspector: &Inspector,
    report: &mut Report,
) {
    let of_tokens = || tokens.iter().flat_map(|(_, token)| token.certificates());
    let is_known = |one: &Certificate| {
        known.contains(&one)
            || of_tokens().any(|other| other == one)
            // The root that ends the line of a token.
            || (one.is_self_issued() && of_tokens().any(|other| inspector.is_issuer(one, other)))
    };
    let (mut vouched, mut left): (Vec<&Certificate>, Vec<&Certificate>) =
        data.certificates.iter().partition(|one| is_known(one));
    vouched.extend(known);
    let mut checks_left = CHECKS_MAX;
    loop {
        let is_below = |one: &&Certificate| {
            vouched.iter().any(|issuer| {
                one.names_as_issuer(issuer) && {
                    checks_left = checks_left.saturating_sub(1);
                    checks_left > 0 && inspector.is_issuer(issuer, one)
                }
            })
        };
        let (below, others): (Vec<&Certificate>, Vec<&Certificate>) =
            left.into_iter().partition(is_below);
        left = others;
        if below.is_empty() {
            break;
        }
        vouched.extend(below);
    }
    let mut find = |finding| report.find(Check::Changes, finding);
    if let Some(stranger) = left.first() {
        find(Finding::CertificateUnknown(stranger.subject()));
    } else if !times.is_empty() && !data.is_about(&vouched, times, inspector) {
        find(Finding::RevocationDataUnknown);
    }
}
