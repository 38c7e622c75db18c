//! Timestamp tokens that are accepted, and each way in which one is not.

use super::fixtures::{NONCE, authority, now, sign, signer, small_draft, untimestamped, window};
use crate::testing::{
    Answer, CertificateReference, Purpose, TEST_POLICY, TestTimestampAuthority, VALID, integer, tlv,
};
use crate::{
    Certificate, Error, ErrorKind, ObjectIdentifier, TimeWindow, TimestampAuthority,
    TimestampRequest, TimestampToken, TokenProblem,
};
use jiff::Timestamp;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

const OTHER_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.99999.9");

fn imprint() -> [u8; 32] {
    Sha256::digest(b"imprint").into()
}

fn request() -> TimestampRequest {
    TimestampRequest::new(imprint(), NONCE)
}

fn response(tsa: &TestTimestampAuthority, change: impl FnOnce(&mut Answer)) -> Vec<u8> {
    tsa.answer_with(&request().to_der().unwrap(), now(), change)
}

/// Asks, changes the answer, and returns why it was refused.
fn refusal(tsa: &TestTimestampAuthority, change: impl FnOnce(&mut Answer)) -> TokenProblem {
    problem(request().accept(&response(tsa, change), &tsa.authority, window()))
}

fn problem(result: Result<TimestampToken, Error>) -> TokenProblem {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Later);
    let Error::Timestamp { problem, .. } = error else {
        panic!("{error:?}")
    };
    problem
}

#[test]
fn accepts_a_good_token() {
    let tsa = authority();
    let token = request()
        .accept(&response(&tsa, |_| {}), &tsa.authority, window())
        .unwrap();
    assert_eq!(token.time(), now());
    assert_eq!(token.authority(), "test-1");
}

#[test]
fn accepts_a_grant_with_modifications_and_the_older_certificate_reference() {
    let tsa = authority();
    for change in [
        (|answer: &mut Answer| answer.status = 1) as fn(&mut Answer),
        |answer| answer.reference = CertificateReference::Version1,
    ] {
        request()
            .accept(&response(&tsa, change), &tsa.authority, window())
            .unwrap();
    }
}

/// RFC 3161 section 2.4.2 allows any number of digits.
#[test]
fn accepts_fractional_seconds() {
    let tsa = authority();
    for (text, expected) in [
        ("20260708091011.5Z", "2026-07-08T09:10:11.5Z"),
        ("20260708091011.123456Z", "2026-07-08T09:10:11.123456Z"),
        (
            "20260708091011.1234567899Z",
            "2026-07-08T09:10:11.123456789Z",
        ),
    ] {
        let response = response(&tsa, |answer| answer.time = text.to_owned());
        let token = request()
            .accept(&response, &tsa.authority, window())
            .unwrap();
        assert_eq!(token.time(), expected.parse::<Timestamp>().unwrap());
    }
}

#[test]
fn refuses_times_that_are_not_utc_in_full() {
    let tsa = authority();
    for text in [
        "",
        "Z",
        "20260708091011",
        "20260708091011.Z",
        "20260708091011,5Z",
        "20260708091011+0900",
        "2026070809101Z",
        "20261308091011Z",
        "20260230091011Z",
        "20260708241011Z",
        "20260708096011Z",
        "20260708091060Z",
        "20260708091011.5xZ",
        "2026070809１Z",
    ] {
        let found = refusal(&tsa, |answer| answer.time = text.to_owned());
        assert!(
            matches!(found, TokenProblem::Unreadable(_)),
            "{text}: {found}"
        );
    }
}

#[test]
fn accepts_a_token_that_openssl_made() {
    let root = include_str!("../../fixtures/openssl-timestamp-root.pem");
    let authority = TimestampAuthority {
        name: "openssl".into(),
        url: String::new(),
        trusted_roots: Certificate::all_from_pem(root).unwrap(),
        policy: Some(ObjectIdentifier::new_unwrap("1.3.6.1.4.1.99999.2")),
    };
    let response = include_bytes!("../../fixtures/openssl-timestamp-response.der");
    let time: Timestamp = "2026-11-22T02:55:49.577346Z".parse().unwrap();
    let window = TimeWindow {
        earliest: time,
        latest: time,
    };
    let token = request().accept(response, &authority, window).unwrap();
    assert_eq!(token.time(), time);
}

#[test]
fn refuses_another_imprint() {
    let found = refusal(&authority(), |answer| answer.imprint = vec![0; 32]);
    assert_eq!(found, TokenProblem::WrongImprint);
}

#[test]
fn refuses_another_nonce_or_none() {
    for nonce in [Some(integer(&[1])), Some(integer(&[])), None] {
        let found = refusal(&authority(), |answer| answer.nonce = nonce);
        assert_eq!(found, TokenProblem::WrongNonce);
    }
}

#[test]
fn takes_any_nonce_back() {
    let tsa = authority();
    for nonce in [0, 1, 0x7F, 0x80, 0xFF, 0x100, u64::MAX] {
        let request = TimestampRequest::new(imprint(), nonce);
        let response = tsa.answer(&request.to_der().unwrap(), now());
        request.accept(&response, &tsa.authority, window()).unwrap();
    }
}

#[test]
fn refuses_another_policy_and_asks_for_the_right_one() {
    let mut tsa = authority();
    tsa.authority.policy = Some(OTHER_POLICY);
    assert_eq!(refusal(&tsa, |_| {}), TokenProblem::WrongPolicy);
    let request = request().with_policy(tsa.authority.policy);
    let response = tsa.answer(&request.to_der().unwrap(), now());
    request.accept(&response, &tsa.authority, window()).unwrap();
    tsa.authority.policy = Some(TEST_POLICY);
    assert_eq!(
        problem(request.accept(&response, &tsa.authority, window())),
        TokenProblem::WrongPolicy
    );
}

#[test]
fn refuses_what_an_untrusted_authority_made() {
    let (tsa, other) = (authority(), TestTimestampAuthority::new(2));
    let response = response(&other, |_| {});
    let found = problem(request().accept(&response, &tsa.authority, window()));
    assert_eq!(found, TokenProblem::UntrustedChain);
    let nobody = TimestampAuthority {
        trusted_roots: Vec::new(),
        ..other.authority
    };
    let found = problem(request().accept(&response, &nobody, window()));
    assert_eq!(found, TokenProblem::UntrustedChain);
}

#[test]
fn refuses_a_certificate_that_was_not_valid_at_the_tokens_time() {
    for validity in [
        ["20200101000000Z", "20260708091010Z"],
        ["20260708091012Z", "20301231235959Z"],
    ] {
        let tsa = TestTimestampAuthority::with_certificate(1, Purpose::Timestamps, validity);
        assert_eq!(refusal(&tsa, |_| {}), TokenProblem::NotValidAtItsTime);
    }
}

#[test]
fn refuses_a_certificate_that_is_not_for_timestamps_only() {
    for purpose in [
        Purpose::Unspecified,
        Purpose::TimestampsNotCritical,
        Purpose::Signer,
    ] {
        let tsa = TestTimestampAuthority::with_certificate(1, purpose, VALID);
        assert_eq!(
            refusal(&tsa, |_| {}),
            TokenProblem::NotATimestampCertificate
        );
    }
}

#[test]
fn refuses_a_token_without_certificate_reference() {
    let found = refusal(&authority(), |answer| {
        answer.reference = CertificateReference::None
    });
    assert_eq!(found, TokenProblem::WrongCertificateReference);
}

#[test]
fn refuses_a_broken_signature() {
    let found = refusal(&authority(), |answer| answer.breaks_signature = true);
    assert_eq!(found, TokenProblem::WrongSignature);
}

#[test]
fn refuses_a_time_outside_the_window_and_takes_both_its_ends() {
    let tsa = authority();
    let answered_at = |time: Timestamp| {
        let response = tsa.answer(&request().to_der().unwrap(), time);
        request().accept(&response, &tsa.authority, window())
    };
    let TimeWindow { earliest, latest } = window();
    answered_at(earliest).unwrap();
    answered_at(latest).unwrap();
    let second = jiff::SignedDuration::from_secs(1);
    for time in [earliest - second, latest + second] {
        let found = problem(answered_at(time));
        assert_eq!(
            found,
            TokenProblem::OutsideWindow {
                time,
                earliest,
                latest
            }
        );
    }
}

#[test]
fn reports_a_rejection_with_the_authoritys_words() {
    let found = refusal(&authority(), |answer| answer.status = 2);
    assert_eq!(
        found,
        TokenProblem::Rejected {
            status: 2,
            text: "not today".into()
        }
    );
}

#[test]
fn refuses_garbage() {
    let tsa = authority();
    let good = response(&tsa, |_| {});
    let granted_without_token = [0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x00];
    let html = b"<html>502 Bad Gateway</html>".as_slice();
    let doubled = [good.clone(), vec![0]].concat();
    for response in [&[], html, &granted_without_token, doubled.as_slice()] {
        let found = problem(request().accept(response, &tsa.authority, window()));
        assert!(matches!(found, TokenProblem::Unreadable(_)), "{found}");
    }
    for length in 0..good.len() {
        let cut = good.get(..length).unwrap();
        request().accept(cut, &tsa.authority, window()).unwrap_err();
    }
}

/// Wherever a bit of the response flips, the response is refused or still says just the same.
#[test]
fn refuses_every_flipped_bit_that_matters() {
    let tsa = authority();
    let good = response(&tsa, |_| {});
    for index in 0..good.len() {
        let mut bad = good.clone();
        bad[index] ^= 1 << (index % 8);
        if let Ok(token) = request().accept(&bad, &tsa.authority, window()) {
            assert_eq!(token.time(), now(), "byte {index}");
        }
    }
}

/// No signature covers any of these, so the token that is embedded is the same without them.
#[test]
fn what_nobody_signed_is_left_out_of_a_token() {
    let (tsa, stranger) = (authority(), TestTimestampAuthority::new(2));
    let [issuing, root] = &tsa.issuers[..] else {
        panic!("two issuers");
    };
    let accept = |change: &dyn Fn(&mut Answer)| {
        let response = response(&tsa, change);
        let token = request().accept(&response, &tsa.authority, window());
        token.unwrap().as_der().to_vec()
    };
    let plain = accept(&|_| {});
    type Change<'a> = &'a dyn Fn(&mut Answer);
    let changes: [Change<'_>; 10] = [
        &|answer| answer.has_unsigned_attribute = true,
        &|answer| answer.certificates = vec![tlv(0xA1, &[&integer(&[1])])],
        &|answer| answer.certificates = vec![root.certificate_der().to_vec()],
        &|answer| answer.certificates = vec![issuing.certificate_der().to_vec()],
        &|answer| answer.certificates = vec![stranger.issuers[0].certificate_der().to_vec()],
        &|answer| answer.revocation = vec![tlv(0xA1, &[&integer(&[1])])],
        &|answer| answer.revocation = vec![issuing.revocation_list(now(), &[7])],
        &|answer| answer.has_null_parameters = true,
        &|answer| answer.has_higher_s = true,
        &|answer| answer.is_in_disorder = true,
    ];
    for (place, change) in changes.into_iter().enumerate() {
        assert!(accept(change) == plain, "change {place}");
    }
}

/// Nobody's path needs so many, and to read them would only cost time.
#[test]
fn refuses_a_token_with_a_crowd_of_certificates() {
    let tsa = authority();
    let found = refusal(&tsa, |answer| {
        answer.certificates = vec![tsa.issuers[0].certificate_der().to_vec(); 100];
    });
    let more = TokenProblem::Unreadable("it holds more than a token needs");
    assert_eq!(found, more);
}

/// EN 319 421 clause 7.7.2 asks for a second.
#[test]
fn refuses_a_clock_that_may_be_off_by_more_than_a_minute() {
    let seconds = |number: u8| tlv(0x30, &[&integer(&[number])]);
    let tsa = authority();
    for accuracy in [seconds(1), seconds(60), tlv(0x30, &[&[0x80, 1, 9]])] {
        let response = response(&tsa, |answer| answer.accuracy = accuracy);
        request()
            .accept(&response, &tsa.authority, window())
            .unwrap();
    }
    for accuracy in [seconds(61), tlv(0x30, &[&integer(&[60]), &[0x81, 1, 1]])] {
        let found = refusal(&tsa, |answer| answer.accuracy = accuracy);
        assert_eq!(found, TokenProblem::Inaccurate);
    }
    for accuracy in [&[0x02, 1, 0xFF][..], &[0x80, 2, 4, 0], &[0x82, 1, 1]] {
        let found = refusal(&tsa, |answer| answer.accuracy = tlv(0x30, &[accuracy]));
        assert!(matches!(found, TokenProblem::Unreadable(_)), "{found}");
    }
}

#[test]
fn refuses_a_token_over_another_signature() {
    let (signer, tsa) = (signer(), authority());
    let untimestamped = untimestamped(small_draft(), &signer).unwrap();
    let token = request()
        .accept(&response(&tsa, |_| {}), &tsa.authority, window())
        .unwrap();
    let error = untimestamped.with_timestamp(token).unwrap_err();
    assert!(matches!(
        error,
        Error::Timestamp {
            problem: TokenProblem::WrongImprint,
            ..
        }
    ));
}

#[test]
fn refuses_a_token_that_does_not_fit() {
    let (signer, mut tsa) = (signer(), authority());
    let room = crate::cms::container_bytes_max(&signer.chain);
    tsa.pad_certificate(room);
    let error = sign(small_draft(), &signer, &tsa).unwrap_err();
    let Error::ContentsTooSmall { needed, reserved } = error else {
        panic!("{error:?}")
    };
    assert_eq!(reserved, room);
    assert!(needed > reserved);
    assert_eq!(error.kind(), ErrorKind::Later);
}

proptest! {
    #[test]
    fn never_panics_on_a_response(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let tsa = authority();
        prop_assert!(request().accept(&bytes, &tsa.authority, window()).is_err());
    }
}
