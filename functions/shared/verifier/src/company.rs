//! What the validation data holds: nothing but what the signer and the timestamps need. Anybody
//! gets a timestamp over anything from a public authority, so that a file could be given to its
//! reader with certificates in it that say what somebody wrote into them.

use crate::report::{Check, Finding, Report};
use crate::revocation::ValidationData;
use jiff::Timestamp;
use pades::inspect::{InspectedToken, Inspector};
use pades::{Certificate, Work};
use std::collections::BTreeMap;

/// Whose company it is.
pub(crate) struct Hosts<'a> {
    /// The signer's chain.
    pub(crate) chain: &'a [Certificate],
    /// The tokens whose signatures hold, with their positions.
    pub(crate) tokens: &'a [(usize, InspectedToken)],
    /// Roots of timestamp authorities that the reader trusts.
    pub(crate) roots: &'a [Certificate],
    /// What the clocks say whose authorities are trusted or named.
    pub(crate) times: &'a [Timestamp],
}

/// Checks that each certificate is a signer's, one of a token or below one of these, and that each
/// answer and each list is about such certificates, by somebody who could speak for them when the
/// clocks were asked whose authorities are trusted or named.
///
/// Each look at a certificate of the file is spent from the inspector's budget, and without budget
/// nothing is said here: that it ran out is a finding of its own.
pub(crate) fn check(
    data: &ValidationData,
    hosts: &Hosts<'_>,
    inspector: &Inspector,
    report: &mut Report,
) {
    let Hosts {
        chain,
        tokens,
        roots,
        times,
    } = *hosts;
    let looked = |amount| inspector.spend(Work::Certificates, amount);
    // Renewals of a century have the same few certificates in their tokens.
    let of_tokens = tokens.iter().flat_map(|(_, token)| token.certificates());
    let of_tokens: BTreeMap<&[u8], &Certificate> =
        of_tokens.map(|one| (one.as_der(), one)).collect();
    let known = chain.iter().chain(roots);
    let known: BTreeMap<&[u8], &Certificate> = known.map(|one| (one.as_der(), one)).collect();
    let is_known = |one: &Certificate| {
        known.contains_key(one.as_der())
            || of_tokens.contains_key(one.as_der())
            // The root that ends the line of a token.
            || (one.is_self_issued()
                && looked(of_tokens.len())
                && of_tokens.values().any(|other| inspector.is_issuer(one, other)))
    };
    let (mut vouched, mut left): (Vec<&Certificate>, Vec<&Certificate>) =
        data.certificates.iter().partition(|one| is_known(one));
    vouched.extend(known.values());
    let mut next = 0;
    while let Some(issuer) = vouched.get(next).copied()
        && !left.is_empty()
    {
        if !looked(left.len()) {
            return;
        }
        let (below, others): (Vec<&Certificate>, Vec<&Certificate>) = left
            .into_iter()
            .partition(|one| inspector.is_issuer(issuer, one));
        left = others;
        vouched.extend(below);
        next += 1;
    }
    let finding = match left.first() {
        Some(stranger) => Finding::CertificateUnknown(stranger.subject()),
        None if times.is_empty() => return,
        None => {
            let of_file = chain.iter().chain(&data.certificates);
            let of_file: BTreeMap<&[u8], &Certificate> =
                of_file.map(|one| (one.as_der(), one)).collect();
            let of_file: Vec<&Certificate> = of_file.into_values().collect();
            let Some(pairs) = pairs(&of_file, roots, inspector) else {
                return;
            };
            if data.is_about(&pairs, times, inspector) {
                return;
            }
            Finding::RevocationDataUnknown
        }
    };
    if inspector.budget().exhausted().is_none() {
        report.find(Check::Revocation, finding);
    }
}

/// All certificates of the file with those that may have issued them, by their names. `None` where
/// there is no budget left.
fn pairs<'c>(
    of_file: &[&'c Certificate],
    roots: &'c [Certificate],
    inspector: &Inspector,
) -> Option<Vec<(&'c Certificate, &'c Certificate)>> {
    let mut pairs = Vec::new();
    for issuer in of_file.iter().copied().chain(roots) {
        let known = pairs.len();
        let below = of_file.iter().filter(|one| one.names_as_issuer(issuer));
        pairs.extend(below.map(|one| (*one, issuer)));
        if !inspector.spend(Work::Certificates, pairs.len() - known) {
            return None;
        }
    }
    Some(pairs)
}
