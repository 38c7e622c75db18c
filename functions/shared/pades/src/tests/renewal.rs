//! Renewals: one more pair of validation data and document timestamp, before the last one ages.

use super::fixtures::{NONCE, now, sign, small_draft};
use crate::revocation::{RevocationEvidence, ocsp_request};
use crate::testing::{Purpose, TestAuthority, TestKey, TestSigner, TestTimestampAuthority};
use crate::{
    ArchivedPdf, Certificate, Error, SignedPdf, SignerChain, TimeWindow, TimestampRequest,
    TimestampToken, ValidationData, read_back, signer_chain, versions,
};
use jiff::{SignedDuration, Timestamp};
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

fn stamp(imprint: [u8; 32], tsa: &TestTimestampAuthority, at: Timestamp) -> TimestampToken {
    let request = TimestampRequest::new(imprint, NONCE);
    let response = tsa.answer(&request.to_der().unwrap(), at);
    let tolerance = SignedDuration::from_mins(1);
    let window = TimeWindow {
        earliest: at - tolerance,
        latest: at + tolerance,
    };
    request.accept(&response, &tsa.authority, window).unwrap()
}

fn path(tsa: &TestTimestampAuthority, at: Timestamp) -> Vec<Certificate> {
    stamp([7; 32], tsa, at).certificate_path().to_vec()
}

fn prove(
    data: &mut ValidationData,
    path: &[Certificate],
    issuers: &[TestAuthority],
    at: Timestamp,
) {
    data.add_path(path);
    for (certificate, issuer) in data.clone().unproven(path, at) {
        let mut known = issuers.iter();
        let authority = known.find(|one| one.certificate() == *issuer).unwrap();
        let request = ocsp_request(certificate, issuer).unwrap();
        let response = authority.answer_ocsp(&request, at);
        let evidence = RevocationEvidence::from_ocsp_response(&response).unwrap();
        data.add_evidence(evidence, certificate, issuer, at)
            .unwrap();
    }
}

fn stamped(
    signed: SignedPdf,
    data: ValidationData,
    tsa: &TestTimestampAuthority,
    at: Timestamp,
) -> Result<ArchivedPdf, Error> {
    let prepared = signed.with_validation_data(data)?.prepare_timestamp()?;
    let token = stamp(prepared.imprint(), tsa, at);
    prepared.with_timestamp(&token)
}

fn archived() -> (Vec<u8>, TestSigner) {
    let (signer, stampers) = (TestSigner::new(TestKey::p256(7)), aging());
    let signed = sign(small_draft(), &signer, &stampers[0]).unwrap();
    let mut data = ValidationData::default();
    prove(
        &mut data,
        signer.chain.certificates(),
        &signer.issuers,
        now(),
    );
    for tsa in &stampers {
        prove(&mut data, &path(tsa, now()), &tsa.issuers, now());
    }
    let document = stamped(signed, data, &stampers[1], now()).unwrap();
    (document.into_bytes(), signer)
}

/// Renews by this authority, with proof for the stamp before as its authority has it then.
fn renewed(
    pdf: &[u8],
    chain: &SignerChain,
    tsa: &TestTimestampAuthority,
    at: Timestamp,
) -> Result<Vec<u8>, Error> {
    let (document, report) = ArchivedPdf::read(pdf.to_vec(), chain, &known())?;
    let mut data = ValidationData::read(pdf)?.unwrap();
    let issuers: Vec<TestAuthority> = aging().into_iter().flat_map(|one| one.issuers).collect();
    prove(
        &mut data,
        &report.stamps.last().unwrap().certificate_path,
        &issuers,
        at,
    );
    prove(&mut data, &path(tsa, at), &issuers, at);
    Ok(stamped(document.into_signed(), data, tsa, at)?.into_bytes())
}

#[test]
fn each_renewal_extends_the_file_and_outlives_the_certificates_before_x_2() {
    let (first, signer) = archived();
    let [tsa_1, tsa_2] = young();
    let second = renewed(&first, &signer.chain, &tsa_1, time("2030-01-01T00:00:00Z")).unwrap();
    let third = renewed(&second, &signer.chain, &tsa_2, time("2039-12-31T00:00:00Z")).unwrap();
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
    let late = renewed(
        &first,
        &signer.chain,
        &young()[0],
        time("2031-01-01T00:00:00Z"),
    )
    .unwrap();
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
    let at = time("2030-01-01T00:00:00Z");
    let (document, _) = ArchivedPdf::read(first.clone(), &signer.chain, &known()).unwrap();
    let mut data = ValidationData::read(&first).unwrap().unwrap();
    let [tsa, _] = young();
    prove(&mut data, &path(&tsa, at), &tsa.issuers, at);
    let pdf = stamped(document.into_signed(), data, &tsa, at)
        .unwrap()
        .into_bytes();
    let error = read_back(&pdf, &signer.chain, &known()).unwrap_err();
    assert!(matches!(error, Error::Revocation { .. }), "{error}");
}

#[test]
fn finds_flipped_bytes_and_cuts_in_renewals_too_x_1() {
    let (first, signer) = archived();
    let pdf = renewed(
        &first,
        &signer.chain,
        &young()[0],
        time("2030-01-01T00:00:00Z"),
    )
    .unwrap();
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
