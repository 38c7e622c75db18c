//! What somebody puts behind a finished certificate, and words that nobody demanded (section
//! "nothing that nobody signed"). Anybody gets a timestamp from a public authority, so most of
//! these are stamped by the genuine ones.

use crate::genuine::{appearance, signed_at};
use crate::pdf::{find, insert_before_last, object, referred, size, stream, update};
use crate::renewal::{answers, with_stamp, with_validation_data};
use crate::updates::{STAMP, with_field};
use crate::{Case, Expected, GENUINE};
use jiff::ToSpan;
use pades::SignatureDictionary;
use pades::testing::TestTimestampAuthority;

pub(crate) fn all() -> Vec<Case> {
    [revisions(), names(), words(), strangers()].concat()
}

/// Validation data as it would be for a renewal by this authority.
fn with_data(pdf: &[u8], stamper: &TestTimestampAuthority) -> Vec<u8> {
    let path = stamper.path();
    let responses = answers(&path, &stamper.issuers, signed_at() + 1.hours(), |_| {});
    with_validation_data(pdf, &path, &responses)
}

fn revisions() -> Vec<Case> {
    let pdf = &GENUINE.archived;
    let [_, stamper] = &GENUINE.authorities.stampers;
    let at = signed_at() + 1.hours();
    let data = with_data(pdf, stamper);
    let stamped = |pdf: &[u8], name: &str| with_stamp(pdf, name, stamper, at);
    let (page, new) = (referred(pdf, "/P"), size(pdf));
    // A form field that people can read and fill in, below the pages' text.
    let read_and_accepted = {
        let catalog = referred(pdf, "/Root");
        let form = object(pdf, catalog);
        let end = find(&form, b"]", find(&form, b"/Fields[", 0));
        let reference = format!(" {new} 0 R");
        let form = [&form[..end], reference.as_bytes(), &form[end..]].concat();
        let widget = format!(
            "<</Type/Annot/Subtype/Widget/FT/Tx/T(Read and accepted)/V(Yes)/F 4\
             /Rect[50 50 300 70]/P {page} 0 R>>"
        );
        let annotations = insert_before_last(&object(pdf, page), b"]", &reference);
        let objects = [(catalog, form), (page, annotations), (new, widget.into())];
        update(pdf, &objects, "")
    };
    let data_twice = with_data(&data, &GENUINE.authorities.stampers[0]);
    let hidden = update(&data, &[(size(&data), stream("", b"Paid in full"))], "");
    let cut = with_data(&GENUINE.signed, stamper);
    let cases = [
        ("a-field-read-and-accepted", read_and_accepted.clone()),
        (
            "a-field-read-and-accepted-and-stamped",
            stamped(&read_and_accepted, "Timestamp2"),
        ),
        ("validation-data", data.clone()),
        ("validation-data-twice", stamped(&data_twice, "Timestamp2")),
        ("a-stamp-without-data", stamped(pdf, "Timestamp2")),
        (
            "two-stamps-over-one-data",
            stamped(&stamped(&data, "Timestamp2"), "Timestamp3"),
        ),
        (
            "a-hidden-stream-and-stamped",
            stamped(&hidden, "Timestamp2"),
        ),
        ("validation-data-instead-of-a-stamp", cut),
    ];
    let altered = |(name, pdf): (&str, Vec<u8>)| Case::altered(format!("behind-{name}"), pdf);
    cases.into_iter().map(altered).collect()
}

/// Fields have the names that the service gives them.
fn names() -> Vec<Case> {
    let [_, stamper] = &GENUINE.authorities.stampers;
    let at = signed_at() + 1.hours();
    let data = with_data(&GENUINE.archived, stamper);
    let named = |name: &str| {
        let pdf = with_stamp(&data, name, stamper, at);
        let name = name.to_lowercase().replace(' ', "-");
        Case::altered(format!("behind-a-field-named-{name}"), pdf)
    };
    let others = ["Timestamp3", "Signature2", "Read and accepted"];
    let mut cases: Vec<Case> = others.into_iter().map(named).collect();
    let dictionary = format!("{STAMP}/Reason(Read and accepted)/ByteRange[0 0 0 0]/Contents<00>>>");
    let reason = with_field(&data, "Timestamp2", "", &dictionary);
    cases.push(Case::altered("behind-a-stamp-with-a-reason", reason));
    // What the service itself would do.
    let renewed = with_stamp(&data, "Timestamp2", stamper, at);
    cases.push(Case::new("behind-a-renewal", renewed, Expected::Authentic));
    cases
}

/// Well signed, but the signature says something else than the evidence demands.
fn words() -> Vec<Case> {
    type Change = fn(&mut SignatureDictionary);
    let changes: [(&str, Change); 6] = [
        ("a-reason", |words| {
            words.reason = Some("Read and accepted".to_owned());
        }),
        ("a-reason-with-another-serial", |words| {
            let reason = "Evidence of registered e-mail K7Q2-000124";
            words.reason = Some(reason.to_owned());
        }),
        ("no-reason", |words| words.reason = None),
        ("another-name", |words| {
            words.name = "Tokyo District Court".to_owned()
        }),
        ("a-location", |words| {
            words.location = Some("Tokyo".to_owned())
        }),
        ("another-contact", |words| {
            words.contact = Some("mail@bank.test".to_owned());
        }),
    ];
    let (authorities, draft) = (&GENUINE.authorities, &GENUINE.draft);
    let case = |(name, change): (&str, Change)| {
        let mut words = appearance(draft);
        change(&mut words);
        let signed = authorities.sign_saying(draft.clone(), &words);
        let pdf = authorities.archive_signed(signed, signed_at());
        Case::altered(format!("behind-words-{name}"), pdf)
    };
    changes.into_iter().map(case).collect()
}

/// Stamps in the form of the service, by somebody whom neither the reader trusts nor the evidence
/// names: they cover nothing.
fn strangers() -> Vec<Case> {
    let stranger = TestTimestampAuthority::new(9);
    let at = signed_at() + 1.hours();
    let appended = with_data(&GENUINE.archived, &stranger);
    let appended = with_stamp(&appended, "Timestamp2", &stranger, at);
    // In the place of the second timestamp.
    let instead = {
        let mut authorities = GENUINE.authorities.clone();
        authorities.stampers[1] = stranger.clone();
        authorities.archive(GENUINE.draft.clone())
    };
    vec![
        Case::new(
            "behind-a-stamp-of-a-stranger",
            appended,
            Expected::Incomplete,
        ),
        Case::new(
            "behind-a-stranger-as-second-clock",
            instead,
            Expected::Incomplete,
        ),
    ]
}
