//! Timestamps: what still holds without one of them, and what does not hold.

use crate::genuine::{
    Authorities, draft_of, evidence, fingerprint_of, named, root_of, signed_at, stamp, token_of,
};
use crate::pdf::{find, find_last, overwrite};
use crate::renewal::renew;
use crate::{Case, Expected, GENUINE};
use jiff::{Timestamp, ToSpan};
use pades::TimestampRequest;
use pades::testing::{
    Answer, Purpose, Template, TestAuthority, TestKey, TestSigner, TestTimestampAuthority, VALID,
};
use sha2::{Digest, Sha256};
use std::ops::Range;

/// Nothing is wrong with these.
pub(crate) fn genuine() -> Vec<Case> {
    let authorities = &GENUINE.authorities;
    let pdf = GENUINE.archived.clone();
    let trusting = |name: &str, stampers: &[usize], expected| Case {
        trusted: authorities.trusted(stampers),
        ..Case::new(name, pdf.clone(), expected)
    };
    let mut rsa = Authorities::genuine();
    rsa.signer = TestSigner::new(TestKey::rsa());
    let of_rsa = named(evidence(&GENUINE.original), &rsa.signer);
    let of_rsa = rsa.archive(draft_of(&of_rsa, &GENUINE.original));
    vec![
        Case::new("genuine", pdf.clone(), Expected::Authentic),
        Case {
            signers: vec![fingerprint_of(&rsa.signer)],
            ..Case::new("genuine-rsa", of_rsa, Expected::Authentic)
        },
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
    let [_, second] = &short.stampers;
    let renewed = |pdf: &[u8], name, proven: &[&TestTimestampAuthority], at: &str| {
        renew(pdf, name, proven, time(at))
    };
    let first_name = "Timestamp2";
    let at = "2026-11-25T00:00:00Z";
    let unproven = renewed(&stale.pdf, first_name, &[&third], at);
    let once = renewed(&stale.pdf, first_name, &[second, &third], at);
    let at = "2029-06-01T00:00:00Z";
    let twice = renewed(&once, "Timestamp3", &[&third, &fourth], at);
    let at = "2026-12-05T00:00:00Z";
    let late = renewed(&stale.pdf, first_name, &[second, &fourth], at);
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
            &once,
            "2028-01-01T00:00:00Z",
            both.clone(),
            Expected::Authentic,
        ),
        // Nobody was asked on that day whether the clock before was revoked: who had got hold of
        // its key could have made its timestamp then, with an earlier time.
        looking(
            "clock-renewed-without-proof",
            &unproven,
            "2028-01-01T00:00:00Z",
            both.clone(),
            Expected::Incomplete,
        ),
        looking(
            "clock-renewed-but-ended",
            &once,
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
    let other = with_last_token(token.as_der());
    // The token of the document in the place of none: the room is all zeros.
    let empty = with_last_token(&[]);
    let rest = [
        early,
        fresh,
        stale,
        Case::altered("clock-token-of-another-file", other),
        Case::altered("clock-token-missing", empty),
    ];
    let tokens = tokens().into_iter().map(|variant| variant.case);
    renewals.into_iter().chain(rest).chain(tokens).collect()
}

/// What an authority may answer, which is brought into the one form before it is embedded.
pub struct TokenVariant {
    /// The genuine certificate with this answer's token as its last, in the form in which it came.
    pub case: Case,
    /// What the authority answered to [`Self::request`].
    pub response: Vec<u8>,
    /// What it was asked.
    pub request: TimestampRequest,
}

type Change<'a> = Box<dyn Fn(&mut Answer) + 'a>;

/// Nothing covers what comes along in the last token of a file, or how it is written: whoever has
/// the file could change that, and an authority could send it.
#[must_use]
pub fn tokens() -> Vec<TokenVariant> {
    let [_, stamper] = &GENUINE.authorities.stampers;
    let (issuing, root) = (&stamper.issuers[0], &stamper.issuers[1]);
    let stranger = TestAuthority::root("Somebody", TestKey::p256(61));
    let unsigned = stranger.intermediate(
        &Template {
            name: "Somebody Else",
            purpose: Purpose::Authority,
            validity: VALID,
            serial: 2,
        },
        TestKey::p256(62),
    );
    // The name is right, the key is not.
    let impostor = TestAuthority::root("Test TSA Issuing 2", TestKey::p256(63));
    let list = |authority: &TestAuthority| authority.revocation_list(signed_at(), &[77]);
    let changes: [(&str, Change<'_>); 12] = [
        (
            "with-lists",
            Box::new(|answer| answer.revocation = vec![list(issuing), list(root)]),
        ),
        (
            "with-its-root",
            Box::new(|answer| answer.certificates = vec![root.certificate_der().to_vec()]),
        ),
        (
            "with-its-issuer-twice",
            Box::new(|answer| answer.certificates = vec![issuing.certificate_der().to_vec()]),
        ),
        (
            "without-its-issuer",
            Box::new(|answer| answer.leaves_issuer_out = true),
        ),
        (
            "in-another-order",
            Box::new(|answer| answer.is_in_disorder = true),
        ),
        (
            "with-parameters",
            Box::new(|answer| answer.has_null_parameters = true),
        ),
        (
            "with-the-other-s",
            Box::new(|answer| answer.has_higher_s = true),
        ),
        (
            "with-an-unsigned-attribute",
            Box::new(|answer| answer.has_unsigned_attribute = true),
        ),
        (
            "with-a-certificate-of-a-stranger",
            Box::new(|answer| answer.certificates = vec![unsigned.certificate_der().to_vec()]),
        ),
        (
            "with-a-list-of-a-stranger",
            Box::new(|answer| answer.revocation = vec![list(&stranger)]),
        ),
        (
            "with-a-list-of-an-impostor",
            Box::new(|answer| answer.revocation = vec![list(&impostor)]),
        ),
        (
            "with-something-for-a-list",
            // `OtherRevocationInfoFormat`
            Box::new(|answer| answer.revocation = vec![vec![0xA1, 0x02, 0x05, 0x00]]),
        ),
    ];
    let variants = changes.into_iter();
    variants
        .map(|(name, change)| variant(name, stamper, change))
        .collect()
}

/// What the authority answers about the genuine certificate after a change.
fn variant(
    name: &str,
    stamper: &TestTimestampAuthority,
    change: impl FnOnce(&mut Answer),
) -> TokenVariant {
    let pdf = &GENUINE.archived;
    let room = last_token(pdf);
    let digest = Sha256::new_with_prefix(&pdf[..room.start - 1])
        .chain_update(&pdf[room.end + 1..])
        .finalize();
    let request = TimestampRequest::new(digest.into(), 0x8000_0000_1234_5678);
    let asked = request.to_der().expect("a request");
    let response = stamper.answer_with(&asked, signed_at() + 2.seconds(), change);
    let pdf = with_last_token(token_of(&response));
    TokenVariant {
        case: Case::altered(format!("clock-token-{name}"), pdf),
        response,
        request,
    }
}

/// The digits of the last token and the zeros behind them.
fn last_token(pdf: &[u8]) -> Range<usize> {
    let start = find(pdf, b"/Contents<", find_last(pdf, b"/Type/DocTimeStamp")) + 10;
    start..find(pdf, b">", start)
}

/// The genuine certificate with another last token.
#[must_use]
pub fn with_last_token(token: &[u8]) -> Vec<u8> {
    let mut pdf = GENUINE.archived.clone();
    let room = last_token(&pdf);
    let digits: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
    pdf[room.clone()].fill(b'0');
    let end = room.start + digits.len();
    assert!(end <= room.end, "the token is too long");
    overwrite(&mut pdf, room.start..end, digits.as_bytes());
    pdf
}
