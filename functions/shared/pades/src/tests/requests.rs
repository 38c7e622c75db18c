//! Signer chains and certification requests.

use super::fixtures::signer;
use crate::csr::CertificationRequest;
use crate::testing::{Purpose, Template, TestAuthority, TestKey, TestSigner, VALID, to_pem};
use crate::{Certificate, Error, SignerChain};
use der::{Decode, DecodePem};
use jiff::Timestamp;
use proptest::prelude::*;
use x509_cert::request::CertReq;

fn template(name: &str, purpose: Purpose) -> Template<'_> {
    Template {
        name,
        purpose,
        validity: VALID,
        serial: 9,
    }
}

#[test]
fn reads_a_chain_from_one_text_or_several() {
    let TestSigner { pem, chain, .. } = signer();
    let together = pem.join("some words between\n").replace('\n', "\r\n");
    let again = SignerChain::from_pem(&[together]).unwrap();
    assert_eq!(again.certificates(), chain.certificates());
    assert_eq!(chain.subject(), "CN=Akashi Test");
    assert_eq!(
        chain.not_after(),
        "2049-12-31T23:59:59Z".parse::<Timestamp>().unwrap()
    );
}

#[test]
fn refuses_a_chain_in_another_order_or_with_a_gap() {
    let TestSigner { pem, .. } = signer();
    for order in [[1, 0, 2], [0, 2, 1], [0, 2, 2], [2, 1, 0]] {
        let texts: Vec<&str> = order.iter().map(|index| pem[*index].as_str()).collect();
        let error = SignerChain::from_pem(&texts).unwrap_err();
        assert!(matches!(error, Error::Chain { .. }), "{order:?}: {error}");
    }
    SignerChain::from_pem(&pem[..2]).unwrap();
}

#[test]
fn refuses_a_certificate_that_only_claims_its_issuer() {
    let [real, fake] = [21, 22].map(|seed| TestAuthority::root("Root", TestKey::p256(seed)));
    let leaf = fake.issue(
        &template("Leaf", Purpose::Signer),
        &TestKey::p256(7).public_key_der(),
    );
    let texts = [to_pem(&leaf), to_pem(real.certificate_der())];
    let error = SignerChain::from_pem(&texts).unwrap_err();
    assert!(error.to_string().contains("did not sign it"), "{error}");
}

#[test]
fn refuses_certificates_that_may_not_do_what_they_do() {
    let root = TestAuthority::root("Root", TestKey::p256(21));
    let key = TestKey::p256(7).public_key_der();
    let not_a_signer = root.issue(&template("Leaf", Purpose::Authority), &key);
    let error = SignerChain::from_pem(&[to_pem(&not_a_signer), to_pem(root.certificate_der())]);
    assert!(matches!(
        error.unwrap_err(),
        Error::Chain { position: 0, .. }
    ));
    let not_an_issuer = root.intermediate(&template("Issuing", Purpose::Signer), TestKey::p256(22));
    let leaf = not_an_issuer.issue(&template("Leaf", Purpose::Signer), &key);
    let texts = [
        leaf.as_slice(),
        not_an_issuer.certificate_der(),
        root.certificate_der(),
    ];
    let error = SignerChain::from_pem(&texts.map(to_pem)).unwrap_err();
    assert!(matches!(error, Error::Chain { position: 1, .. }), "{error}");
}

#[test]
fn refuses_a_leaf_key_of_2048_bits() {
    let modulus = [[0xC1; 1].as_slice(), &[0x55; 254], &[0x01]].concat();
    let root = TestAuthority::root("Root", TestKey::p256(21));
    let leaf = root.issue(
        &template("Leaf", Purpose::Signer),
        &rsa_public_key(&modulus),
    );
    let error = SignerChain::from_pem(&[to_pem(&leaf), to_pem(root.certificate_der())]);
    assert!(matches!(error.unwrap_err(), Error::Unsupported { .. }));
    let error = CertificationRequest::new(&rsa_public_key(&modulus), "CN=x").unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }));
}

fn rsa_public_key(modulus: &[u8]) -> Vec<u8> {
    use crate::testing::{integer, tlv};
    let rsa_encryption = [6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1, 5, 0];
    let key = tlv(0x30, &[&integer(modulus), &integer(&[1, 0, 1])]);
    tlv(
        0x30,
        &[&tlv(0x30, &[&rsa_encryption]), &tlv(0x03, &[&[0], &key])],
    )
}

/// RFC 5280 section 4.1.2.5: this date means that there is no end.
#[test]
fn reads_a_validity_without_end() {
    let root = TestAuthority::root("Root", TestKey::p256(21));
    let validity = ["20200101000000Z", "99991231235959Z"];
    let template = Template {
        validity,
        ..template("Leaf", Purpose::Signer)
    };
    let leaf = root.issue(&template, &TestKey::p256(7).public_key_der());
    assert_eq!(
        Certificate::from_der(&leaf).unwrap().not_after(),
        Timestamp::MAX
    );
}

#[test]
fn refuses_texts_that_are_no_chain() {
    for text in [
        "",
        "hello",
        "-----BEGIN CERTIFICATE-----",
        "-----END CERTIFICATE-----",
    ] {
        assert!(matches!(
            SignerChain::from_pem(&[text]).unwrap_err(),
            Error::Text { .. }
        ));
    }
    assert!(SignerChain::from_pem::<&str>(&[]).is_err());
    let pem = to_pem(&[0x30, 0x00]);
    assert!(matches!(
        SignerChain::from_pem(&[pem]).unwrap_err(),
        Error::Der { .. }
    ));
}

#[test]
fn refuses_another_chain_than_the_one_prepared_for() {
    let other = TestSigner::new(TestKey::p256(9));
    let signer = signer();
    let draft = crate::Draft::new(super::fixtures::small_draft()).unwrap();
    let prepared = draft
        .prepare(&signer.chain, &super::fixtures::appearance())
        .unwrap();
    let signature = other.key.sign_digest(&prepared.digest());
    let error = prepared
        .with_signature(&other.chain, &signature)
        .unwrap_err();
    assert!(matches!(error, Error::WrongChain));
}

#[test]
fn requests_a_certificate_for_both_kinds_of_key() {
    for key in [TestKey::p256(7), TestKey::rsa()] {
        let spki = key.public_key_der();
        let request = CertificationRequest::new(&spki, "CN=Akashi 証明,O=Example,C=JP").unwrap();
        assert_eq!(request.key_algorithm(), key.algorithm());
        let signature = key.sign_digest(&request.digest());
        let pem = request
            .with_signature(&signature)
            .unwrap()
            .to_pem()
            .unwrap();
        assert!(pem.ends_with("-----END CERTIFICATE REQUEST-----\n"));
        let again = CertReq::from_pem(&pem).unwrap();
        assert_eq!(
            again.info.subject.to_string(),
            "CN=Akashi 証明,O=Example,C=JP"
        );
        let again =
            spki::SubjectPublicKeyInfoOwned::from_der(&spki).unwrap() == again.info.public_key;
        assert!(again);
    }
}

#[test]
fn refuses_a_request_signed_by_another_key() {
    let request = CertificationRequest::new(&TestKey::p256(7).public_key_der(), "CN=x").unwrap();
    let signature = TestKey::p256(8).sign_digest(&request.digest());
    assert!(matches!(
        request.with_signature(&signature).unwrap_err(),
        Error::WrongSignature
    ));
}

#[test]
fn refuses_subjects_that_are_no_name() {
    let key = TestKey::p256(7).public_key_der();
    for subject in ["", "Akashi", "=x", "nonsense=x", "C=日本"] {
        let error = CertificationRequest::new(&key, subject).unwrap_err();
        assert!(matches!(error, Error::Text { .. }), "{subject}");
    }
}

proptest! {
    #[test]
    fn never_panics_on_a_subject(subject in "([A-Za-z.0-9]{0,3}=?[ -~あ\\\\,+#\"]{0,6},?){0,3}") {
        let key = TestKey::p256(7).public_key_der();
        drop(CertificationRequest::new(&key, &subject));
    }

    #[test]
    fn never_panics_on_a_certificate(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Certificate::from_der(&bytes).is_err());
    }
}
