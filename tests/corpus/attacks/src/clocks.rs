//! Timestamps: what still holds without one of them, and what does not hold.

use crate::genuine::{Authorities, root_of, signed_at, stamp};
use crate::pdf::{find, find_last, overwrite};
use crate::renewal::renew;
use crate::{Case, Expected, GENUINE};
use jiff::{Timestamp, ToSpan};
use pades::testing::{Purpose, TestTimestampAuthority};

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
        Case::new(
            "genuine-rsa",
            rsa.archive(GENUINE.draft.clone()),
            Expected::Authentic,
        ),
        trusting(
            "genuine-without-the-second-clock",
            &[0],
            Expected::Authentic,
        ),
        trusting("genuine-without-the-first-clock", &[1], Expected::Authentic),
        trusting("genuine-without-any-clock", &[], Expected::Untrusted),
        Case::new(
            "genuine-with-one-timestamp",
            GENUINE.signed.clone(),
            Expected::Incomplete,
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "a list of cases")]
pub(crate) fn attacks() -> Vec<Case> {
    let short = Authorities::short_lived();
    let stale = short.archive(GENUINE.draft.clone());
    let early = Case {
        at: signed_at() - 1.hours(),
        ..Case::new(
            "clock-of-the-future",
            GENUINE.archived.clone(),
            Expected::Untrusted,
        )
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
    // Renewed before the clocks of the certificate ended, and again; looked at when all of them but
    // the last have ended.
    let third = TestTimestampAuthority::with_certificate(
        3,
        Purpose::Timestamps,
        ["20260101000000Z", "20300101000000Z"],
    );
    let fourth = TestTimestampAuthority::new(4);
    let time = |text: &str| -> Timestamp { text.parse().expect("a time") };
    let renewed = renew(
        &stale.pdf,
        "Timestamp2",
        &third,
        time("2026-11-25T00:00:00Z"),
    );
    let twice = renew(
        &renewed,
        "Timestamp3",
        &fourth,
        time("2029-06-01T00:00:00Z"),
    );
    let late = renew(
        &stale.pdf,
        "Timestamp2",
        &fourth,
        time("2026-12-05T00:00:00Z"),
    );
    let roots = |stampers: &[&TestTimestampAuthority]| {
        let others = stampers.iter().map(|one| root_of(&one.authority));
        short
            .trusted(&[0, 1])
            .into_iter()
            .chain(others)
            .collect::<Vec<_>>()
    };
    let looking = |name: &str, pdf: &[u8], at: &str, trusted, expected| Case {
        at: time(at),
        trusted,
        ..Case::new(name, pdf.to_vec(), expected)
    };
    let (both, at) = (roots(&[&third, &fourth]), "2046-01-01T00:00:00Z");
    let renewals = [
        looking(
            "clock-renewed",
            &renewed,
            "2028-01-01T00:00:00Z",
            both.clone(),
            Expected::Authentic,
        ),
        looking(
            "clock-renewed-but-ended",
            &renewed,
            at,
            both.clone(),
            Expected::Untrusted,
        ),
        looking(
            "clock-renewed-twice",
            &twice,
            at,
            both.clone(),
            Expected::Authentic,
        ),
        looking(
            "clock-renewed-by-a-stranger",
            &twice,
            at,
            roots(&[&third]),
            Expected::Untrusted,
        ),
        // The new clock is good, but by its time nothing says whether the signer was revoked.
        looking(
            "clock-renewed-too-late",
            &late,
            at,
            both,
            Expected::Incomplete,
        ),
    ];
    // A token of the right authority, over another file.
    let token = stamp([7; 32], &GENUINE.authorities.stampers[1], signed_at());
    let mut other = GENUINE.archived.clone();
    let digits: String = token
        .as_der()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let at = find(
        &other,
        b"/Contents<",
        find_last(&other, b"/Type/DocTimeStamp"),
    ) + 10;
    overwrite(&mut other, at..at + digits.len(), digits.as_bytes());
    // The token of the document in the place of none: the room is all zeros.
    let mut empty = GENUINE.archived.clone();
    let end = find(&empty, b">", at);
    empty[at..end].fill(b'0');
    let rest = [
        early,
        fresh,
        stale,
        Case::altered("clock-token-of-another-file", other),
        Case::altered("clock-token-missing", empty),
    ];
    renewals.into_iter().chain(rest).collect()
}
