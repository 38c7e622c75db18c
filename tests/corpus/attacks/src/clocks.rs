//! Timestamps: what still holds without one of them, and what does not hold.

use crate::genuine::{Authorities, signed_at, stamp};
use crate::pdf::{find, find_last, overwrite};
use crate::{Case, Expected, GENUINE};
use jiff::ToSpan;

/// Nothing is wrong with these.
pub(crate) fn genuine() -> Vec<Case> {
    let authorities = &GENUINE.authorities;
    let pdf = GENUINE.archived.clone();
    let trusting = |name: &str, stampers: &[usize], expected| Case {
        trusted: authorities.trusted(stampers),
        ..Case::new(name, pdf.clone(), expected)
    };
    let mut rsa = Authorities::genuine();
    rsa.signer = pades::testing::TestSigner::new(pades::testing::TestKey::rsa());
    vec![
        Case::new("genuine", pdf.clone(), Expected::Authentic),
        Case::new("genuine-rsa", rsa.archive(GENUINE.draft.clone()), Expected::Authentic),
        trusting("genuine-without-the-second-clock", &[0], Expected::Authentic),
        trusting("genuine-without-the-first-clock", &[1], Expected::Authentic),
        trusting("genuine-without-any-clock", &[], Expected::Untrusted),
        Case::new("genuine-with-one-timestamp", GENUINE.signed.clone(), Expected::Incomplete),
    ]
}

pub(crate) fn attacks() -> Vec<Case> {
    let short = Authorities::short_lived();
    let stale = short.archive(GENUINE.draft.clone());
    let early = Case {
        at: signed_at() - 1.hours(),
        ..Case::new("clock-of-the-future", GENUINE.archived.clone(), Expected::Untrusted)
    };
    let fresh = Case {
        at: signed_at() + 24.hours(),
        trusted: short.trusted(&[0, 1]),
        ..Case::new("clock-still-valid", stale.clone(), Expected::Authentic)
    };
    let stale = Case {
        trusted: short.trusted(&[0, 1]),
        ..Case::new("clock-stale", stale, Expected::Untrusted)
    };
    // A token of the right authority, over another file.
    let token = stamp([7; 32], &GENUINE.authorities.stampers[1], signed_at());
    let mut other = GENUINE.archived.clone();
    let digits: String = token.as_der().iter().map(|byte| format!("{byte:02x}")).collect();
    let at = find(&other, b"/Contents<", find_last(&other, b"/Type/DocTimeStamp")) + 10;
    overwrite(&mut other, at..at + digits.len(), digits.as_bytes());
    // The token of the document in the place of none: the room is all zeros.
    let mut empty = GENUINE.archived.clone();
    let end = find(&empty, b">", at);
    empty[at..end].fill(b'0');
    vec![
        early,
        fresh,
        stale,
        Case::altered("clock-token-of-another-file", other),
        Case::altered("clock-token-missing", empty),
    ]
}
