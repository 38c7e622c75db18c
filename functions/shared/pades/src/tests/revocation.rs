//! What issuers say of certificates, and each way in which it counts for nothing.

use super::fixtures::{now, signer};
use crate::revocation::{RevocationEvidence, Status, ocsp_request};
use crate::testing::{
    OcspAnswer, OcspResponder, TestAuthority, TestKey, TestStatus, generalized_time,
};
use crate::{Certificate, Error, ErrorKind, RevocationProblem};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

/// A certificate, its issuer's, and who can answer for it.
fn case() -> (Certificate, Certificate, TestAuthority) {
    let signer = signer();
    let [leaf, issuing, _] = signer.chain.certificates() else {
        panic!("a chain of three")
    };
    (leaf.clone(), issuing.clone(), signer.issuers[0].clone())
}

fn answer(change: impl FnOnce(&mut OcspAnswer)) -> Vec<u8> {
    let (leaf, issuing, authority) = case();
    authority.answer_ocsp_with(&ocsp_request(&leaf, &issuing).unwrap(), now(), change)
}

fn judge(der: &[u8], at: Timestamp) -> Result<Status, RevocationProblem> {
    let (leaf, issuing, _) = case();
    let found = RevocationEvidence::from_ocsp_response(der)
        .and_then(|evidence| evidence.check(&leaf, &issuing, at));
    found.map_err(problem)
}

fn problem(error: Error) -> RevocationProblem {
    assert_eq!(error.kind(), ErrorKind::Later);
    let Error::Revocation { problem, .. } = error else {
        panic!("{error:?}")
    };
    problem
}

#[test]
fn believes_the_issuer_and_its_responder() {
    for responder in [OcspResponder::Delegate, OcspResponder::Issuer] {
        let response = answer(|answer| answer.responder = responder);
        assert_eq!(judge(&response, now()), Ok(Status::Good), "{responder:?}");
    }
}

#[test]
fn tells_revoked_from_unknown() {
    let since = generalized_time(now() - SignedDuration::from_hours(1));
    let response = answer(|answer| answer.status = TestStatus::Revoked(since));
    let at = now() - SignedDuration::from_hours(1);
    assert_eq!(judge(&response, now()), Ok(Status::Revoked { at }));
    let response = answer(|answer| answer.status = TestStatus::Unknown);
    assert_eq!(judge(&response, now()), Ok(Status::Unknown));
}

#[test]
fn reads_fractions_of_a_second() {
    let response = answer(|answer| {
        answer.this_update = "20260708091011.123456Z".to_owned();
        answer.next_update = Some("20260708101011.5Z".to_owned());
    });
    assert_eq!(judge(&response, now()), Ok(Status::Good));
}

#[test]
fn holds_between_this_update_and_next_update() {
    let hours = SignedDuration::from_hours;
    let minutes = SignedDuration::from_mins;
    for (at, is_current) in [
        (now(), true),
        (now() - minutes(5), true),
        (now() - minutes(6), false),
        (now() + hours(24), true),
        (now() + hours(24) + SignedDuration::from_secs(1), false),
    ] {
        assert_eq!(judge(&answer(|_| {}), at).is_ok(), is_current, "{at}");
        let endless = answer(|answer| answer.next_update = None);
        assert_eq!(judge(&endless, at).is_ok(), is_current, "{at}, no end");
    }
}

#[test]
fn refuses_a_stranger_and_a_certificate_for_something_else() {
    for responder in [OcspResponder::Stranger, OcspResponder::NotDelegate] {
        let response = answer(|answer| answer.responder = responder);
        let found = judge(&response, now());
        assert_eq!(found, Err(RevocationProblem::Stranger), "{responder:?}");
    }
}

#[test]
fn refuses_a_broken_signature() {
    let response = answer(|answer| answer.breaks_signature = true);
    let found = judge(&response, now());
    assert_eq!(found, Err(RevocationProblem::WrongSignature));
}

#[test]
fn refuses_an_answer_about_another_certificate() {
    let (_, issuing, authority) = case();
    let root = signer().chain.certificates()[2].clone();
    let response = authority.answer_ocsp(&ocsp_request(&issuing, &root).unwrap(), now());
    let found = judge(&response, now());
    assert_eq!(found, Err(RevocationProblem::OtherCertificate));
}

#[test]
fn reports_what_a_responder_refuses() {
    let response = answer(|answer| answer.refusal = Some(3));
    let found = judge(&response, now());
    assert_eq!(found, Err(RevocationProblem::Refused { status: 3 }));
}

#[test]
fn refuses_garbage_and_every_truncation() {
    let good = answer(|_| {});
    let doubled = [good.clone(), vec![0]].concat();
    for bad in [b"".as_slice(), b"<html>502</html>", &doubled] {
        assert!(matches!(
            judge(bad, now()),
            Err(RevocationProblem::Unreadable(_))
        ));
    }
    for length in 0..good.len() {
        judge(&good[..length], now()).unwrap_err();
    }
}

/// Wherever a bit of the response flips, it is refused or still says just the same.
#[test]
fn a_flipped_bit_never_changes_what_is_said() {
    let since = generalized_time(now());
    let revoked = answer(|answer| answer.status = TestStatus::Revoked(since));
    for index in 0..revoked.len() {
        let mut bad = revoked.clone();
        bad[index] ^= 1 << (index % 8);
        if let Ok(status) = judge(&bad, now()) {
            assert_eq!(status, Status::Revoked { at: now() }, "byte {index}");
        }
    }
}

#[test]
fn believes_a_revocation_list_of_the_issuer_only() {
    let (leaf, issuing, authority) = case();
    let judge = |der: &[u8], at| {
        let list = RevocationEvidence::from_crl(der).unwrap();
        list.check(&leaf, &issuing, at).map_err(problem)
    };
    let week = SignedDuration::from_hours(168);
    let empty = authority.revocation_list(now(), &[]);
    assert_eq!(judge(&empty, now()), Ok(Status::Good));
    assert_eq!(judge(&empty, now() + week), Ok(Status::Good));
    let late = judge(&empty, now() + week + SignedDuration::from_secs(1));
    assert!(matches!(late, Err(RevocationProblem::NotCurrent { .. })));
    let others = authority.revocation_list(now(), &[1, 2, 4]);
    assert_eq!(judge(&others, now()), Ok(Status::Good));
    let revoked = authority.revocation_list(now(), &[2, 3]);
    assert_eq!(judge(&revoked, now()), Ok(Status::Revoked { at: now() }));
    let stranger = TestAuthority::root("Test Issuing", TestKey::p256(8));
    let list = stranger.revocation_list(now(), &[]);
    assert_eq!(judge(&list, now()), Err(RevocationProblem::WrongSignature));
    let root = &signer().issuers[1];
    let list = root.revocation_list(now(), &[]);
    let found = judge(&list, now());
    assert_eq!(found, Err(RevocationProblem::OtherCertificate));
}

#[test]
fn finds_the_addresses_in_a_certificate() {
    let (leaf, _, authority) = case();
    assert_eq!(leaf.ocsp_addresses(), [authority.ocsp_address()]);
    assert_eq!(leaf.crl_addresses(), [authority.crl_address()]);
}

proptest! {
    #[test]
    fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(RevocationEvidence::from_ocsp_response(&bytes).is_err());
        prop_assert!(RevocationEvidence::from_crl(&bytes).is_err());
    }
}
