//! Renewals: one more pair of validation data and document timestamp, before the last one ages.

use super::fixtures::{now, sign, small_draft};
use crate::testing::{Purpose, TestKey, TestSigner, TestTimestampAuthority, archive, renew};
use crate::{ArchivedPdf, Error, SignerChain, ValidationData, read_back, signer_chain, versions};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// Authorities whose own certificates end with 2030 at the latest.
fn aging() -> [TestTimestampAuthority; 2] {
    [1, 2].map(|seed| certified(seed, ["20200101000000Z", "20301231235959Z"]))
}

/// The same authorities with the certificates that they got afterwards.
fn young() -> [TestTimestampAuthority; 2] {
    [1, 2].map(|seed| certified(seed, ["20290101000000Z", "20401231235959Z"]))
}

fn certified(seed: u8, validity: [&str; 2]) -> TestTimestampAuthority {
    TestTimestampAuthority::with_certificate(seed, Purpose::Timestamps, validity)
}

fn known() -> Vec<crate::TimestampAuthority> {
    aging().map(|tsa| tsa.authority).to_vec()
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn archived() -> (Vec<u8>, TestSigner) {
    let signer = TestSigner::new(TestKey::p256(7));
    let document = archive(small_draft(), &signer, &aging(), now());
    (document.into_bytes(), signer)
}

/// Renews the stamp of `last` by `next`.
fn renewed(
    pdf: &[u8],
    chain: &SignerChain,
    [last, next]: [&TestTimestampAuthority; 2],
    at: &str,
) -> Vec<u8> {
    let (document, _) = ArchivedPdf::read(pdf.to_vec(), chain, &known()).unwrap();
    renew(document, last, next, time(at)).into_bytes()
}

#[test]
fn each_renewal_extends_the_file_and_outlives_the_certificates_before_x_2() {
    let (first, signer) = archived();
    let ([_, old_2], [tsa_1, tsa_2]) = (aging(), young());
    let at = "2030-01-01T00:00:00Z";
    let second = renewed(&first, &signer.chain, [&old_2, &tsa_1], at);
    let at = "2039-12-31T00:00:00Z";
    let third = renewed(&second, &signer.chain, [&tsa_1, &tsa_2], at);
    assert!(second.starts_with(&first) && third.starts_with(&second));
    let report = read_back(&third, &signer.chain, &known()).unwrap();
    let stamps: Vec<(&str, String)> = report
        .stamps
        .iter()
        .map(|stamp| (stamp.authority.as_str(), stamp.valid_until().to_string()))
        .collect();
    let (old, new) = ("2030-12-31T23:59:59Z", "2040-12-31T23:59:59Z");
    let expected = [("test-2", old), ("test-1", new), ("test-2", new)];
    assert_eq!(stamps, expected.map(|(name, end)| (name, end.to_owned())));
    let found = versions(&third).unwrap();
    for (version, bytes) in found.iter().zip([&first, &second, &third]) {
        assert_eq!(version.length_bytes, bytes.len());
        assert_eq!(version.digest[..], Sha256::digest(bytes)[..]);
    }
    assert_eq!(found.len(), 3);
}

#[test]
fn what_has_aged_is_not_renewed_any_more_x_2() {
    let (first, signer) = archived();
    let stampers = [&aging()[1], &young()[0]];
    let late = renewed(&first, &signer.chain, stampers, "2031-01-01T00:00:00Z");
    let error = read_back(&late, &signer.chain, &known()).unwrap_err();
    let expected = "a timestamp was renewed after its certificates had ended";
    assert!(
        matches!(error, Error::Untrusted(found) if found == expected),
        "{error}"
    );
}

#[test]
fn data_that_leaves_something_out_renews_nothing() {
    let (first, signer) = archived();
    let (document, _) = ArchivedPdf::read(first, &signer.chain, &known()).unwrap();
    let error = document
        .into_signed()
        .with_validation_data(ValidationData::default())
        .unwrap_err();
    let expected = "it has other validation data already";
    assert!(
        matches!(error, Error::Draft(found) if found == expected),
        "{error}"
    );
}

#[test]
fn without_proof_for_the_stamp_before_it_does_not_read_back() {
    let (first, signer) = archived();
    let [tsa, _] = young();
    // The stamp before is another authority's.
    let stampers = [&tsa, &tsa];
    let pdf = renewed(&first, &signer.chain, stampers, "2030-01-01T00:00:00Z");
    let error = read_back(&pdf, &signer.chain, &known()).unwrap_err();
    assert!(matches!(error, Error::Revocation { .. }), "{error}");
}

#[test]
fn finds_flipped_bytes_and_cuts_in_renewals_too_x_1() {
    let (first, signer) = archived();
    let stampers = [&aging()[1], &young()[0]];
    let pdf = renewed(&first, &signer.chain, stampers, "2030-01-01T00:00:00Z");
    for index in (0..pdf.len()).step_by(197) {
        let mut changed = pdf.clone();
        changed[index] ^= 1 << (index % 5);
        let found = read_back(&changed, &signer.chain, &known());
        assert!(found.is_err(), "byte {index}");
    }
    for length in (0..pdf.len()).step_by(211) {
        let found = read_back(&pdf[..length], &signer.chain, &known());
        assert!(found.is_err() || length == first.len(), "{length}");
    }
}

#[test]
fn the_signers_chain_is_in_the_file() {
    for key in [TestKey::p256(7), TestKey::rsa()] {
        let signer = TestSigner::new(key);
        let signed = sign(small_draft(), &signer, &aging()[0]).unwrap();
        let chain = signer_chain(signed.as_bytes()).unwrap();
        assert_eq!(chain.certificates(), signer.chain.certificates());
    }
    assert!(signer_chain(&small_draft()).is_err());
    let (pdf, signer) = archived();
    let found = signer_chain(&pdf).unwrap();
    assert_eq!(found.certificates(), signer.chain.certificates());
}
