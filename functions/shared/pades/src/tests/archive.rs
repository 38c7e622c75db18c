//! From B-T to B-LTA, and each way in which a document does not get there.

use super::fixtures::{NONCE, draft_bytes, now, sign, signer, small_draft, window};
use crate::revocation::{RevocationEvidence, ocsp_request};
use crate::testing::{
    OcspAnswer, TestAuthority, TestKey, TestSigner, TestStatus, TestTimestampAuthority,
};
use crate::{
    ArchivedPdf, Certificate, Error, ErrorKind, Level, RevocationProblem, SignedPdf,
    TimestampRequest, TimestampToken, TokenProblem, ValidationData, read_back,
};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// Two authorities that know nothing of each other.
fn authorities() -> [TestTimestampAuthority; 2] {
    [1, 2].map(TestTimestampAuthority::new)
}

/// The path of the certificate that an authority stamps with.
fn path(tsa: &TestTimestampAuthority) -> Vec<Certificate> {
    stamp([7; 32], tsa).certificate_path().to_vec()
}

fn stamp(imprint: [u8; 32], tsa: &TestTimestampAuthority) -> TimestampToken {
    let request = TimestampRequest::new(imprint, NONCE);
    let response = tsa.answer(&request.to_der().unwrap(), now());
    request.accept(&response, &tsa.authority, window()).unwrap()
}

/// Asks the issuers about every certificate of a path; the answers go through `change`.
fn prove(
    data: &mut ValidationData,
    path: &[Certificate],
    issuers: &[TestAuthority],
    change: fn(&mut OcspAnswer),
) -> Result<(), Error> {
    data.add_path(path);
    for (certificate, issuer) in data.clone().unproven(path, now()) {
        let authority = issuers
            .iter()
            .find(|one| one.certificate() == *issuer)
            .unwrap();
        let request = ocsp_request(certificate, issuer)?;
        let response = authority.answer_ocsp_with(&request, now(), change);
        let evidence = RevocationEvidence::from_ocsp_response(&response)?;
        data.add_evidence(evidence, certificate, issuer, now())?;
    }
    Ok(())
}

fn complete(signer: &TestSigner, stampers: &[TestTimestampAuthority]) -> ValidationData {
    let mut data = ValidationData::default();
    let chain = signer.chain.certificates();
    prove(&mut data, chain, &signer.issuers, |_| {}).unwrap();
    for tsa in stampers {
        prove(&mut data, &path(tsa), &tsa.issuers, |_| {}).unwrap();
    }
    data
}

fn archive(
    signed: SignedPdf,
    data: ValidationData,
    second: &TestTimestampAuthority,
) -> Result<ArchivedPdf, Error> {
    let prepared = signed.with_validation_data(data)?.prepare_timestamp()?;
    let token = stamp(prepared.imprint(), second);
    prepared.with_timestamp(&token)
}

fn archived(draft: Vec<u8>, key: TestKey) -> (ArchivedPdf, TestSigner) {
    let (signer, stampers) = (TestSigner::new(key), authorities());
    let signed = sign(draft, &signer, &stampers[0]).unwrap();
    let data = complete(&signer, &stampers);
    (archive(signed, data, &stampers[1]).unwrap(), signer)
}

fn known() -> Vec<crate::TimestampAuthority> {
    authorities().map(|tsa| tsa.authority).to_vec()
}

#[test]
fn both_kinds_of_key_reach_b_lta_and_read_back_x_11() {
    for key in [TestKey::p256(7), TestKey::rsa()] {
        let (document, signer) = archived(small_draft(), key);
        let report = read_back(document.as_bytes(), &signer.chain, &known()).unwrap();
        assert_eq!(document.read_back(&signer.chain, &known()).unwrap(), report);
        assert_eq!(report.level, Level::BLTA);
        let [archived] = &report.stamps[..] else {
            panic!("there is one document timestamp");
        };
        assert_eq!(
            (report.authority.as_str(), archived.authority.as_str()),
            ("test-1", "test-2")
        );
        assert_eq!((report.timestamp, archived.timestamp), (now(), now()));
        assert_eq!(
            report.file_digest[..],
            Sha256::digest(document.as_bytes())[..]
        );
    }
}

#[test]
fn the_validation_data_can_be_read_from_the_file() {
    let (document, signer) = archived(small_draft(), TestKey::p256(7));
    let data = ValidationData::read(document.as_bytes()).unwrap().unwrap();
    // Three certificates of three chains; all but the roots have an answer, each by a responder.
    assert_eq!((data.certificates().len(), data.evidence().len()), (15, 6));
    data.prove(signer.chain.certificates(), now()).unwrap();
    for tsa in authorities() {
        data.prove(&path(&tsa), now()).unwrap();
    }
    assert_eq!(ValidationData::read(&small_draft()).unwrap(), None);
}

#[test]
fn makes_the_same_bytes_from_the_same_input() {
    let [first, second] =
        [(), ()].map(|()| archived(small_draft(), TestKey::p256(7)).0.into_bytes());
    assert!(first == second);
}

#[test]
fn another_reader_finds_two_fields_and_the_validation_data() {
    let (document, _) = archived(small_draft(), TestKey::p256(7));
    let document = lopdf::Document::load_mem(document.as_bytes()).unwrap();
    let catalog = document.catalog().unwrap();
    let form = catalog.get(b"AcroForm").unwrap().as_dict().unwrap();
    let fields = form.get(b"Fields").unwrap().as_array().unwrap();
    let page = document.page_iter().next().unwrap();
    let page = document.get_dictionary(page).unwrap();
    assert_eq!(page.get(b"Annots").unwrap().as_array().unwrap(), fields);
    assert_eq!(fields.len(), 2);
    let data = catalog.get(b"DSS").unwrap().as_reference().unwrap();
    let data = document.get_dictionary(data).unwrap();
    assert_eq!(data.get(b"Certs").unwrap().as_array().unwrap().len(), 15);
    assert_eq!(data.get(b"OCSPs").unwrap().as_array().unwrap().len(), 6);
    assert!(catalog.get(b"Perms").is_err(), "no DocMDP");
}

/// The first token over a new certificate of the second authority cannot be covered.
#[test]
fn a_token_that_the_data_does_not_prove_is_refused_and_the_way_back_is_open() {
    let (signer, stampers) = (signer(), authorities());
    let signed = sign(small_draft(), &signer, &stampers[0]).unwrap();
    let before = signed.clone();
    let data = complete(&signer, &stampers[..1]);
    let prepared = signed
        .with_validation_data(data)
        .unwrap()
        .prepare_timestamp()
        .unwrap();
    let token = stamp(prepared.imprint(), &stampers[1]);
    let unproven = prepared
        .validation_data()
        .prove(token.certificate_path(), now());
    assert_eq!(unproven.unwrap_err().kind(), ErrorKind::Later);
    let error = prepared.clone().with_timestamp(&token).unwrap_err();
    assert!(matches!(
        error,
        Error::Revocation {
            problem: RevocationProblem::Missing,
            ..
        }
    ));
    let back = prepared.into_signed();
    assert!(back == before);
    let data = complete(&signer, &stampers);
    let document = archive(back, data, &stampers[1]).unwrap();
    document.read_back(&signer.chain, &known()).unwrap();
}

#[test]
fn refuses_a_token_over_something_else() {
    let (signer, stampers) = (signer(), authorities());
    let signed = sign(small_draft(), &signer, &stampers[0]).unwrap();
    let data = complete(&signer, &stampers);
    let prepared = signed
        .with_validation_data(data)
        .unwrap()
        .prepare_timestamp()
        .unwrap();
    let error = prepared
        .with_timestamp(&stamp([7; 32], &stampers[1]))
        .unwrap_err();
    assert!(matches!(
        error,
        Error::Timestamp {
            problem: TokenProblem::WrongImprint,
            ..
        }
    ));
}

#[test]
fn never_takes_both_tokens_from_one_authority_x_11() {
    let (signer, stampers) = (signer(), authorities());
    let signed = sign(small_draft(), &signer, &stampers[0]).unwrap();
    let data = complete(&signer, &stampers);
    let document = archive(signed, data, &stampers[0]).unwrap();
    let error = document.read_back(&signer.chain, &known()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Untrusted, "{error}");
    // Nor where the same authority has two names.
    let mut names = [known(), known()].concat();
    for (name, authority) in ["a", "b", "c", "d"].iter().zip(&mut names) {
        authority.name = (*name).to_owned();
    }
    let error = document.read_back(&signer.chain, &names).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Untrusted, "{error}");
}

#[test]
fn refuses_data_that_lacks_a_certificate_or_an_answer() {
    let (signer, stampers) = (signer(), authorities());
    let chain = signer.chain.certificates();
    let mut partly = ValidationData::default();
    for tsa in &stampers {
        prove(&mut partly, &path(tsa), &tsa.issuers, |_| {}).unwrap();
    }
    let mut without_answers = partly.clone();
    without_answers.add_path(chain);
    for data in [partly, without_answers] {
        let signed = sign(small_draft(), &signer, &stampers[0]).unwrap();
        let document = archive(signed, data, &stampers[1]).unwrap();
        let error = document.read_back(&signer.chain, &known()).unwrap_err();
        assert!(matches!(error, Error::Revocation { .. }), "{error:?}");
    }
}

#[test]
fn takes_nothing_but_good_answers() {
    let chain = signer().chain.certificates().to_vec();
    for change in [
        (|answer: &mut OcspAnswer| answer.status = TestStatus::Unknown) as fn(&mut OcspAnswer),
        |answer| answer.status = TestStatus::Revoked("20260101000000Z".to_owned()),
        |answer| answer.next_update = Some("20260101000000Z".to_owned()),
    ] {
        let mut data = ValidationData::default();
        let error = prove(&mut data, &chain, &signer().issuers, change).unwrap_err();
        assert!(matches!(error, Error::Revocation { .. }), "{error:?}");
        assert!(data.evidence().is_empty());
    }
    assert_eq!(
        ValidationData::default().unproven(&chain, now()).len(),
        2,
        "all but the root"
    );
}

#[test]
fn answers_must_hold_when_the_document_is_stamped() {
    let (signer, stampers) = (signer(), authorities());
    let data = complete(&signer, &stampers);
    let chain = signer.chain.certificates();
    data.prove(chain, now() + SignedDuration::from_hours(24))
        .unwrap();
    let late = now() + SignedDuration::from_hours(25);
    assert!(data.prove(chain, late).is_err());
    assert_eq!(data.unproven(chain, late).len(), 2);
}

static ARCHIVED: LazyLock<(Vec<u8>, TestSigner)> = LazyLock::new(|| {
    let (document, signer) = archived(small_draft(), TestKey::p256(7));
    (document.into_bytes(), signer)
});

/// whatever is changed behind the signature, too.
#[test]
fn finds_flipped_bytes_everywhere() {
    let (pdf, signer) = &*ARCHIVED;
    for index in (0..pdf.len()).step_by(97) {
        let mut changed = pdf.clone();
        changed[index] ^= 1 << (index % 5);
        assert!(
            read_back(&changed, &signer.chain, &known()).is_err(),
            "byte {index}"
        );
    }
}

#[test]
fn refuses_what_was_added_or_cut_off() {
    let (pdf, signer) = &*ARCHIVED;
    for more in [b"\n".as_slice(), b" ", b"%", b"\n%%EOF\n"] {
        let longer = [pdf.as_slice(), more].concat();
        assert!(read_back(&longer, &signer.chain, &known()).is_err());
    }
    for length in (0..pdf.len()).step_by(211) {
        let cut = read_back(&pdf[..length], &signer.chain, &known());
        assert!(cut.is_err(), "{length}");
    }
}

#[test]
fn archives_a_large_draft() {
    let (document, signer) = archived(draft_bytes(vec![0x5A; 7_000_000]), TestKey::p256(7));
    document.read_back(&signer.chain, &known()).unwrap();
}
