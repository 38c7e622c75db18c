//! A draft becomes a signed document that reads back.

use super::fixtures::{authority, draft_bytes, now, sign, signer, small_draft, untimestamped};
use crate::testing::{TestKey, TestSigner, TestTimestampAuthority};
use crate::{Error, ErrorKind, Level, read_back};
use sha2::{Digest, Sha256};

#[test]
fn signs_with_both_kinds_of_key_and_reads_back() {
    for key in [TestKey::p256(7), TestKey::rsa()] {
        let (signer, tsa) = (TestSigner::new(key), authority());
        let draft = small_draft();
        let signed = sign(draft.clone(), &signer, &tsa).unwrap();
        let chain = &signer.chain;
        assert_eq!(chain.key_algorithm(), signer.key.algorithm());
        assert_eq!(chain.public_key_der(), signer.key.public_key_der());
        let authorities = [tsa.authority];
        let report = read_back(signed.as_bytes(), &signer.chain, &authorities).unwrap();
        let own_report = signed.read_back(&signer.chain, &authorities).unwrap();
        assert_eq!(report, own_report);
        assert_eq!(report.signer, "CN=Akashi Test");
        assert_eq!(report.authority, "test-1");
        assert_eq!(report.timestamp, now());
        assert_eq!(report.level, Level::BT);
        assert_eq!(report.draft_bytes, draft.len());
        assert_eq!(report.draft_digest[..], Sha256::digest(&draft)[..]);
        assert_eq!(
            report.file_digest[..],
            Sha256::digest(signed.as_bytes())[..]
        );
    }
}

/// X-7: what was signed begins with the draft's own bytes, and is found again.
#[test]
fn keeps_the_drafts_bytes_whatever_line_end_they_have() {
    let (signer, tsa) = (signer(), authority());
    for line_end in ["", "\n", "\r", "\r\n"] {
        let draft = [small_draft(), line_end.into()].concat();
        let signed = sign(draft.clone(), &signer, &tsa).unwrap();
        assert!(signed.as_bytes().starts_with(&draft));
        let authorities = [tsa.authority.clone()];
        let report = read_back(signed.as_bytes(), &signer.chain, &authorities).unwrap();
        assert_eq!(report.draft_bytes, draft.len());
    }
}

#[test]
fn makes_the_same_bytes_from_the_same_input() {
    let first = sign(small_draft(), &signer(), &authority()).unwrap();
    let second = sign(small_draft(), &signer(), &authority()).unwrap();
    assert!(first == second);
}

#[test]
fn leaves_a_form_with_one_invisible_field_that_another_reader_finds() {
    let signed = sign(small_draft(), &signer(), &authority()).unwrap();
    let document = lopdf::Document::load_mem(signed.as_bytes()).unwrap();
    let form = document
        .catalog()
        .unwrap()
        .get(b"AcroForm")
        .unwrap()
        .as_dict()
        .unwrap();
    assert_eq!(form.get(b"SigFlags").unwrap().as_i64().unwrap(), 3);
    let fields = form.get(b"Fields").unwrap().as_array().unwrap();
    let field = document
        .get_dictionary(fields[0].as_reference().unwrap())
        .unwrap();
    assert_eq!(field.get(b"F").unwrap().as_i64().unwrap(), 132);
    let page = document.page_iter().next().unwrap();
    assert_eq!(field.get(b"P").unwrap().as_reference().unwrap(), page);
    let annotations = document
        .get_dictionary(page)
        .unwrap()
        .get(b"Annots")
        .unwrap();
    assert_eq!(annotations.as_array().unwrap(), fields);
    let signature = field.get(b"V").unwrap().as_reference().unwrap();
    let signature = document.get_dictionary(signature).unwrap();
    assert_eq!(
        signature.get(b"M").unwrap().as_str().unwrap(),
        b"D:20260708091011Z"
    );
    assert_eq!(
        signature.get(b"Name").unwrap().as_str().unwrap(),
        b"Akashi (test)"
    );
    let reason = lopdf::decode_text_string(signature.get(b"Reason").unwrap()).unwrap();
    assert_eq!(reason, "配達の証明");
}

#[test]
fn accepts_either_of_two_authorities_and_no_third_one() {
    let signer = signer();
    let [first, second, third] = [1, 2, 3].map(TestTimestampAuthority::new);
    let trusted = [first.authority.clone(), second.authority.clone()];
    let signed = sign(small_draft(), &signer, &second).unwrap();
    let report = read_back(signed.as_bytes(), &signer.chain, &trusted).unwrap();
    assert_eq!(report.authority, "test-2");
    let signed = sign(small_draft(), &signer, &third).unwrap();
    let error = read_back(signed.as_bytes(), &signer.chain, &trusted).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Untrusted);
    let error = read_back(signed.as_bytes(), &signer.chain, &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Untrusted);
}

#[test]
fn refuses_a_signature_of_another_key() {
    let signer = signer();
    let other = TestKey::p256(8);
    let error = untimestamped(
        small_draft(),
        &TestSigner {
            key: other,
            ..signer
        },
    )
    .unwrap_err();
    assert!(matches!(error, Error::WrongSignature));
}

#[test]
fn finds_a_document_signed_by_another_signer() {
    let other = TestSigner::new(TestKey::p256(9));
    let tsa = authority();
    let signed = sign(small_draft(), &other, &tsa).unwrap();
    let error = read_back(signed.as_bytes(), &signer().chain, &[tsa.authority]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Untrusted);
}

#[test]
fn signs_a_large_draft() {
    let (signer, tsa) = (signer(), authority());
    let signed = sign(draft_bytes(vec![0x5A; 7_000_000]), &signer, &tsa).unwrap();
    read_back(signed.as_bytes(), &signer.chain, &[tsa.authority]).unwrap();
}
