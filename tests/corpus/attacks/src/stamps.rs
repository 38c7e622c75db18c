//! Clocks and times that do not fit each other, and revocation data that is too old (section
//! "clocks that are clocks"). All of these are signed by the genuine signer.

use crate::genuine::{appearance, draft_of, evidence, signed_at};
use crate::renewal::{answers, with_stamp, with_validation_data};
use crate::{Case, Expected, GENUINE};
use certificate::Evidence;
use jiff::{Timestamp, ToSpan};
use pades::testing::{OcspAnswer, OcspResponder, TestTimestampAuthority, generalized_time};

pub(crate) fn all() -> Vec<Case> {
    [clocks(), times(), revocation()].concat()
}

fn clocks() -> Vec<Case> {
    // Both timestamps of one authority, and both named.
    let mut alone = GENUINE.authorities.clone();
    alone.stampers[1] = alone.stampers[0].clone();
    let alone = alone.archive(GENUINE.draft.clone());
    // The first timestamp is a stranger's, the second one genuine.
    let mut stranger = GENUINE.authorities.clone();
    stranger.stampers[0] = TestTimestampAuthority::new(9);
    let stranger = stranger.archive(GENUINE.draft.clone());
    let [_, second] = &GENUINE.authorities.stampers;
    let falling = |by: i64| {
        let (data, at) = (everybody(|_| {}), signed_at());
        with_stamp(&data, "Timestamp1", second, at - by.seconds())
    };
    vec![
        Case::new("stamps-of-one-root", alone, Expected::Incomplete),
        Case::new("stamps-first-of-a-stranger", stranger, Expected::Incomplete),
        Case::altered("stamps-that-fall-by-an-hour", falling(3_600)),
        Case::altered("stamps-that-fall-by-three-seconds", falling(3)),
        // Each clock may be off by a second.
        Case::new(
            "stamps-as-accurate-as-clocks-are",
            falling(2),
            Expected::Authentic,
        ),
    ]
}

/// The signed certificate with what issuers say of everybody.
fn everybody(change: fn(&mut OcspAnswer)) -> Vec<u8> {
    let authorities = &GENUINE.authorities;
    let signer = &authorities.signer;
    let mut certificates = signer.chain.certificates().to_vec();
    let mut responses = answers(&certificates, &signer.issuers, signed_at(), change);
    for stamper in &authorities.stampers {
        let path = stamper.path();
        responses.extend(answers(&path, &stamper.issuers, signed_at(), |_| {}));
        certificates.extend(path);
    }
    with_validation_data(&GENUINE.signed, &certificates, &responses)
}

/// What the evidence says of times, against its first timestamp.
fn times() -> Vec<Case> {
    let authorities = &GENUINE.authorities;
    let archived = |draft: Vec<u8>, said: Timestamp| {
        let mut words = appearance(&draft);
        words.signing_time = said;
        let signed = authorities.sign_stamped_at(draft, &words, signed_at());
        authorities.archive_signed(signed, signed_at())
    };
    let evidence_of = |(name, change, expected): (&str, Change, Expected)| {
        let mut evidence = evidence(&GENUINE.original);
        change(&mut evidence);
        let draft = draft_of(&evidence, &GENUINE.original);
        Case::new(
            format!("times-{name}"),
            archived(draft, signed_at()),
            expected,
        )
    };
    let said = |name: &str, said: Timestamp| {
        Case::altered(
            format!("times-{name}"),
            archived(GENUINE.draft.clone(), said),
        )
    };
    let mut all: Vec<Case> = changed_times().into_iter().map(evidence_of).collect();
    all.push(said(
        "said-to-be-signed-a-day-before",
        signed_at() - 24.hours(),
    ));
    all.push(said(
        "said-to-be-signed-an-hour-after",
        signed_at() + 1.hours(),
    ));
    all
}

type Change = fn(&mut Evidence);

fn changed_times() -> [(&'static str, Change, Expected); 6] {
    [
        (
            "issued-three-days-before",
            |evidence| {
                evidence.issued_at = signed_at() - 72.hours();
            },
            Expected::Altered,
        ),
        (
            "issued-a-day-before",
            |evidence| {
                evidence.issued_at = signed_at() - 24.hours();
            },
            Expected::Authentic,
        ),
        (
            "issued-an-hour-after",
            |evidence| {
                evidence.issued_at = signed_at() + 1.hours();
            },
            Expected::Altered,
        ),
        (
            "an-event-of-tomorrow",
            |evidence| {
                let last = evidence.events.last_mut().expect("an event");
                last.at = signed_at() + 24.hours();
            },
            Expected::Altered,
        ),
        (
            "an-event-recorded-tomorrow",
            |evidence| {
                let last = evidence.events.last_mut().expect("an event");
                last.recorded_at = signed_at() + 24.hours();
            },
            Expected::Altered,
        ),
        (
            "settled-tomorrow",
            |evidence| {
                evidence.settled_at = signed_at() + 24.hours();
            },
            Expected::Altered,
        ),
    ]
}

/// Answers that are too old, or of somebody who may not answer: the service embeds none of those.
fn revocation() -> Vec<Case> {
    let [_, second] = &GENUINE.authorities.stampers;
    let case = |name: &str, change: fn(&mut OcspAnswer), expected| {
        let pdf = with_stamp(
            &everybody(change),
            "Timestamp1",
            second,
            signed_at() + 2.seconds(),
        );
        Case::new(format!("revocation-{name}"), pdf, expected)
    };
    vec![
        case("of-the-day", |_| {}, Expected::Authentic),
        case(
            "of-two-months-ago-that-holds-for-years",
            |answer| {
                answer.this_update = generalized_time(signed_at() - (60 * 24).hours());
                answer.next_update = Some(generalized_time(signed_at() + (1_500 * 24).hours()));
            },
            Expected::Incomplete,
        ),
        case(
            "that-ended-before",
            |answer| {
                answer.this_update = generalized_time(signed_at() - 48.hours());
                answer.next_update = Some(generalized_time(signed_at() - 1.hours()));
            },
            Expected::Incomplete,
        ),
        case(
            "of-somebody-who-may-not-answer",
            |answer| {
                answer.responder = OcspResponder::NotDelegate;
            },
            Expected::Altered,
        ),
        // Nobody signed it for this certificate, whether or not it is too old to count.
        case(
            "of-a-stranger-that-ended-before",
            |answer| {
                answer.responder = OcspResponder::Stranger;
                answer.this_update = generalized_time(signed_at() - 48.hours());
                answer.next_update = Some(generalized_time(signed_at() - 1.hours()));
            },
            Expected::Altered,
        ),
        case(
            "of-a-stranger-of-the-same-name",
            |answer| {
                answer.responder = OcspResponder::Stranger;
            },
            Expected::Altered,
        ),
    ]
}
