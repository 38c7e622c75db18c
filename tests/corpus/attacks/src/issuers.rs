//! Who signed: forged pages, each well signed and stamped, by somebody whom the same authority has
//! certified. The pages name the signer as it is, but for those that say otherwise.

use crate::forgeries::impostor;
use crate::genuine::{Authorities, OPERATOR, draft_of, evidence, fingerprint_of, named};
use crate::{Case, Expected, GENUINE};
use pades::testing::{Purpose, TestKey, TestSigner};

pub(crate) fn all() -> Vec<Case> {
    [of_the_same_root(), known()].concat()
}

/// Anybody with a certificate below the root that the reader trusts.
fn of_the_same_root() -> Vec<Case> {
    let somebody = |purpose| TestSigner::of_purpose(TestKey::p256(41), purpose);
    let signers = [
        // These certificates are for something else, and the file is not one of ours.
        (
            "of-a-web-server",
            somebody(Purpose::WebServer),
            Expected::Altered,
        ),
        (
            "of-timestamps",
            somebody(Purpose::Timestamps),
            Expected::Altered,
        ),
        ("of-ocsp", somebody(Purpose::Responder), Expected::Altered),
        ("of-code", somebody(Purpose::Code), Expected::Altered),
        (
            "of-certificates",
            somebody(Purpose::Authority),
            Expected::Altered,
        ),
        (
            "the-authority-itself",
            TestSigner::of_authority(),
            Expected::Altered,
        ),
        // These sign documents, but not for the operator.
        (
            "of-other-documents",
            somebody(Purpose::Documents),
            Expected::Untrusted,
        ),
        (
            "of-another-key",
            TestSigner::new(TestKey::p256(9)),
            Expected::Untrusted,
        ),
        ("of-names-alone", impostor(), Expected::Untrusted),
    ];
    let case = |(name, signer, expected)| {
        Case::new(
            format!("issuer-{name}"),
            signed_by(signer, OPERATOR),
            expected,
        )
    };
    signers.into_iter().map(case).collect()
}

/// The signer is known, and something else is wrong, or not.
fn known() -> Vec<Case> {
    let genuine = || GENUINE.authorities.signer.clone();
    let other = TestSigner::of_purpose(TestKey::p256(41), Purpose::Documents);
    let with_roots_alone = Case {
        signers: Vec::new(),
        ..Case::new(
            "issuer-genuine-for-a-reader-of-roots",
            GENUINE.archived.clone(),
            Expected::Untrusted,
        )
    };
    let with_a_purpose = Case {
        signers: vec![fingerprint_of(&other)],
        ..Case::new(
            "issuer-genuine-with-a-purpose",
            signed_by(other.clone(), OPERATOR),
            Expected::Authentic,
        )
    };
    let of_two = Case {
        signers: vec![fingerprint_of(&other), fingerprint_of(&genuine())],
        ..Case::new(
            "issuer-genuine-of-two",
            GENUINE.archived.clone(),
            Expected::Authentic,
        )
    };
    // Both sign for the operator, and the pages name the other one.
    let swapped = Authorities {
        signer: other.clone(),
        ..Authorities::genuine()
    };
    let swapped = Case {
        signers: vec![fingerprint_of(&other), fingerprint_of(&genuine())],
        ..Case::altered(
            "issuer-of-two-swapped",
            swapped.archive(GENUINE.draft.clone()),
        )
    };
    vec![
        with_roots_alone,
        with_a_purpose,
        of_two,
        swapped,
        Case::altered(
            "issuer-of-another-name",
            signed_by(genuine(), "べつの証明サービス"),
        ),
    ]
}

/// A certificate with pages that name this signer and this operator.
fn signed_by(signer: TestSigner, operator: &str) -> Vec<u8> {
    let mut evidence = named(evidence(&GENUINE.original), &signer);
    evidence.issuer.operator = operator.to_owned();
    let authorities = Authorities {
        signer,
        ..Authorities::genuine()
    };
    authorities.archive(draft_of(&evidence, &GENUINE.original))
}
