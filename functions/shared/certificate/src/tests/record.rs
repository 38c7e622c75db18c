//! `evidence.json`: both directions, its schema, and the way back to the certificate.

use domain::{AnswerDeadline, Damage, EtsiEvent, Points, Recipient, Sha256Digest, SignatureResult};
use jiff::Timestamp;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};

use super::{HTML, fonts, only_original, position};
use crate::{
    BodyText, Embedded, EmbeddedMail, Evidence, FileRow, ProductEvidence, Purpose,
    RECORD_BYTES_MAX, RebuildError, Record, RecordError, Reply, TEMPLATE_VERSION, VersionedRecord,
    embed, rebuild, rebuild_named, render, sample, text_of,
};

/// Every sample with the mails that belong to it.
pub(super) fn samples() -> Vec<(&'static str, Evidence, Embedded<'static>)> {
    let contracts = sample::contract::all().map(|(name, evidence)| {
        let files = sample::contract::files(&evidence);
        (name, evidence, files)
    });
    let without_html = only_original(sample::ORIGINAL, None);
    let mut of_a_trial = sample::evidence();
    of_a_trial.issuer.purpose = Purpose::Test;
    let mut samples = vec![
        ("mail_of_a_trial", of_a_trial, HTML),
        ("mail", sample::evidence(), HTML),
        ("mail_without_html", sample::evidence(), without_html),
    ];
    samples.extend(contracts);
    samples
}

pub(super) fn record(evidence: &Evidence, embedded: Embedded<'_>) -> Record {
    Record::new(evidence.clone(), embedded)
}

fn versioned(record: Record) -> VersionedRecord {
    VersionedRecord::V3(Box::new(record))
}

#[test]
fn evidence_json_reads_as_it_was_written_x_6() {
    let json = record(&sample::evidence(), HTML).to_json();
    insta::assert_snapshot!("evidence_json_of_a_mail", String::from_utf8(json).unwrap());
    for (name, evidence, embedded) in samples() {
        let record = record(&evidence, embedded);
        let read = VersionedRecord::from_json(&record.to_json()).unwrap();
        assert_eq!(read, versioned(record), "{name}");
        let VersionedRecord::V3(read) = read else {
            panic!("{name}");
        };
        let text = text_of(&read.evidence, embedded, fonts());
        assert_eq!(text, text_of(&evidence, embedded, fonts()), "{name}");
    }
}

#[test]
fn the_certificate_embeds_the_evidence_that_it_shows_x_6() {
    for (name, evidence, embedded) in samples() {
        let pdf = render(&evidence, embedded, fonts()).unwrap();
        let json = record(&evidence, embedded).to_json();
        assert!(position(&pdf, &json).is_some(), "{name}");
        for expected in [
            "/F(evidence.json)",
            "/AFRelationship/Data",
            "/Subtype/application#2Fjson",
        ] {
            assert!(position(&pdf, expected.as_bytes()).is_some(), "{name}");
        }
        let text = text_of(&evidence, embedded, fonts());
        let digest = embed::digest_of(&json).to_string();
        assert!(text.contains(&digest), "{name}: {digest}\n{text}");
        for file in record(&evidence, embedded).files {
            assert!(text.contains(&format!("| {} |", file.name)), "{name}");
            assert!(text.contains(&file.digest.to_string()), "{name}");
        }
    }
}

#[test]
fn the_certificate_is_made_again_from_its_files_byte_for_byte_x_7() {
    for (name, evidence, embedded) in samples() {
        let pdf = render(&evidence, embedded, fonts()).unwrap();
        let json = record(&evidence, embedded).to_json();
        let again = rebuild(&json, embedded, fonts()).unwrap();
        assert!(pdf == again, "{name}");
    }
}

#[test]
fn nothing_is_made_again_from_other_files_or_another_spelling_x_7() {
    let evidence = sample::evidence();
    let json = record(&evidence, HTML).to_json();
    let text = String::from_utf8(json.clone()).unwrap();
    let other = |eml, html_part| Embedded {
        original: Some(EmbeddedMail { eml, html_part }),
        ..HTML
    };
    let flipped = [&sample::ORIGINAL[..sample::ORIGINAL.len() - 1], b"x"].concat();
    for (files, name) in [
        (other(&flipped, Some(sample::HTML)), "original.eml"),
        (other(sample::ORIGINAL, Some(b"<p>")), "body.html"),
        (other(sample::ORIGINAL, None), "body.html"),
        (
            Embedded {
                delivered: Some(b"another"),
                ..HTML
            },
            "delivered.eml",
        ),
    ] {
        let refused = rebuild(&json, files, fonts());
        assert!(
            matches!(&refused, Err(RebuildError::File(file)) if file == name),
            "{refused:?}"
        );
    }
    for other in [
        text.replace(":\n", ": \n"),
        text.replace("  \"Serial", "\"Serial").replace(": ", ":"),
        text.replace("follow the vocabulary", "follow a vocabulary"),
        format!("{text} "),
    ] {
        let refused = rebuild(other.as_bytes(), HTML, fonts());
        let is_refused = matches!(refused, Err(RebuildError::Spelling));
        assert_eq!(is_refused, other != text, "{refused:?}");
    }
    let older = text.replace(TEMPLATE_VERSION, "2026-01");
    let refused = rebuild(older.as_bytes(), HTML, fonts());
    assert!(matches!(refused, Err(RebuildError::Template(version)) if version == "2026-01"));
    assert!(matches!(
        rebuild(&json, Embedded::default(), fonts()),
        Err(RebuildError::Render(_))
    ));
}

#[test]
fn the_first_byte_that_differs_is_found_without_a_copy_x_7() {
    let evidence = sample::evidence();
    let draft = render(&evidence, HTML, fonts()).unwrap();
    let record = record(&evidence, HTML);
    // The message as it stands in the draft, as a verifier has it.
    let at = memchr::memmem::find(&draft, sample::ORIGINAL).unwrap();
    let end = at + sample::ORIGINAL.len();
    let embedded = only_original(&draft[at..end], Some(sample::HTML));
    let json = record.to_json();
    let again = rebuild_named(&versioned(record.clone()), &json, embedded, fonts()).unwrap();
    assert_eq!(again.first_difference(&draft), None);
    assert!(again.to_bytes() == draft);
    for place in [0, at - 1, at, end - 1, end, draft.len() - 1] {
        let mut other = draft.clone();
        other[place] ^= 1;
        assert_eq!(again.first_difference(&other), Some(place));
        assert_eq!(again.first_difference(&draft[..place]), Some(place));
    }
    let longer = [&draft[..], b"\n"].concat();
    assert_eq!(again.first_difference(&longer), Some(draft.len()));
}

#[test]
fn a_file_that_the_evidence_does_not_name_is_refused_x_7() {
    let evidence = sample::evidence();
    let record = record(&evidence, HTML);
    let json = record.to_json();
    let mut flipped = sample::ORIGINAL.to_vec();
    flipped[0] ^= 1;
    let is_refused =
        |refused| matches!(refused, Err(RebuildError::File(file)) if file == "original.eml");
    let cut = sample::ORIGINAL.len() - 1;
    for eml in [&flipped[..], &sample::ORIGINAL[..cut]] {
        let files = only_original(eml, Some(sample::HTML));
        assert!(is_refused(rebuild(&json, files, fonts())));
    }
    // The size is in the evidence as well, whoever compares the digests.
    let shorter = only_original(&sample::ORIGINAL[..cut], Some(sample::HTML));
    let refused = rebuild_named(&versioned(record.clone()), &json, shorter, fonts());
    assert!(is_refused(refused.map(|again| again.to_bytes())));
    let mut another = record.clone();
    another.files.clear();
    let refused = rebuild_named(&versioned(another), &json, HTML, fonts());
    assert!(matches!(refused, Err(RebuildError::Spelling)));
}

#[test]
fn refuses_what_is_no_evidence_json_with_a_clear_error() {
    let text = String::from_utf8(record(&sample::evidence(), HTML).to_json()).unwrap();
    let deep = format!("{{\"Version\": 3, \"x\": {}", "[".repeat(100_000));
    for (other, expected) in [
        (
            text.replace("\"Version\": 3", "\"Version\": 2"),
            "version 2",
        ),
        (text.replace("\"Zone", "\"Zones"), "unchanged"),
        (text.replace("\"TimeZone\"", "\"Zone\""), "unknown field"),
        (text.replace("Asia/Tokyo", "Asia/Nowhere"), "Nowhere"),
        (text.replace("RelayToNonERDS", "Opened"), "event"),
        (text.replace("K7Q2-000123", "K7Q2-123"), "Serial"),
        (text[..text.len() / 2].to_owned(), "EOF"),
        (deep, "32 deep"),
        (String::new(), "EOF"),
    ] {
        let read = VersionedRecord::from_json(other.as_bytes());
        if other == text {
            assert!(read.is_ok());
            continue;
        }
        let message = match read.unwrap_err() {
            RecordError::Content(error) => error.to_string(),
            error @ (RecordError::TooLarge(_)
            | RecordError::TooManyValues
            | RecordError::TooDeep
            | RecordError::Version(_)) => error.to_string(),
        };
        assert!(message.contains(expected), "{message} {expected}");
    }
    let huge = vec![b' '; RECORD_BYTES_MAX + 1];
    assert!(matches!(
        VersionedRecord::from_json(&huge),
        Err(RecordError::TooLarge(_))
    ));
}

#[test]
fn a_text_of_megabytes_is_kept_in_part_and_its_size_is_said() {
    let mut evidence = sample::evidence();
    sample::message_of(&mut evidence).body_text = BodyText::new("\u{300}".repeat(3 << 20));
    let text = text_of(&evidence, HTML, fonts());
    assert!(text.contains("of 6,291,456 bytes are shown above."));
    assert!(record(&evidence, HTML).to_json().len() < 3 << 20);
    let pdf = render(&evidence, HTML, fonts()).unwrap();
    let json = record(&evidence, HTML).to_json();
    assert!(pdf == rebuild(&json, HTML, fonts()).unwrap());
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a-z\\\\\"\u{0}-\u{1f}\u{e000}😀]{0,20}"]
}

fn times() -> impl Strategy<Value = Timestamp> {
    (
        Timestamp::MIN.as_second()..Timestamp::MAX.as_second(),
        0..1_000_000_000_i32,
    )
        .prop_map(|(second, nanosecond)| Timestamp::new(second, nanosecond).unwrap())
}

/// One of the samples with other values.
fn records() -> impl Strategy<Value = Record> {
    let sample = proptest::sample::select(samples());
    let values = (
        proptest::collection::vec(texts(), 12),
        proptest::collection::vec(times(), 6),
        proptest::collection::vec(any::<u8>(), 0..60),
        proptest::option::of(texts()),
        any::<[u8; 32]>(),
        any::<(u32, u64, bool)>(),
        prop_oneof![
            Just(None),
            proptest::sample::select(EtsiEvent::ALL.to_vec()).prop_map(Some)
        ],
        1..=2_160_u16,
    );
    (sample, values).prop_map(|((_, mut evidence, files), values)| {
        let (texts, times, octets, optional, digest, (price, size, flag), event, hours) = values;
        let digest = Sha256Digest::new(digest);
        evidence.issued_at = times[0];
        evidence.accepted_at = times[1];
        evidence.settled_at = times[2];
        evidence.outcome.japanese.clone_from(&texts[0]);
        evidence.account.company.clone_from(&texts[1]);
        evidence.account.contact.clone_from(&texts[2]);
        let origin = sample::origin_of(&mut evidence);
        origin.sender.display_name.clone_from(&optional);
        origin.authentication.relied_on = usize::try_from(size).ok();
        if let Some(signature) = origin.authentication.signatures.first_mut() {
            signature.result = SignatureResult::TemporaryError(texts[5].clone());
            signature.dns_records.clone_from(&texts);
        }
        if evidence.message().is_some() {
            let message = sample::message_of(&mut evidence);
            message.subject.clone_from(&texts[3]);
            message.body_text = BodyText::new(texts[4].clone());
            message.raw_header.clone_from(&octets);
            message.damages = vec![Damage::Html; usize::from(flag)];
            message.digest = digest;
            message.size_bytes = size;
            if let Some(row) = sample::attachments_of(&mut evidence).first_mut() {
                row.name_as_sent.clone_from(&optional);
                row.is_inline = flag;
            }
        }
        evidence.price = Points::new(price);
        if let Some(row) = evidence.events.last_mut() {
            row.at = times[3];
            row.recorded_at = times[4];
            row.etsi = event;
            row.verbatim.clone_from(&optional);
            row.description_english.clone_from(&texts[6]);
        }
        if flag {
            evidence.recipient = Recipient::Mail("x+y@xn--p8j9a0d9c9a.test".parse().unwrap());
        }
        let header = flag.then_some(octets);
        change_product(&mut evidence.product, header, digest, hours, times[5]);
        Record {
            template_version: texts[7].clone(),
            evidence,
            files: vec![
                FileRow {
                    name: texts[8].clone(),
                    content_type: texts[9].clone(),
                    size_bytes: size,
                    digest,
                };
                usize::from(files.answer.is_some())
            ],
        }
    })
}

fn change_product(
    product: &mut ProductEvidence,
    header: Option<Vec<u8>>,
    digest: Sha256Digest,
    hours: u16,
    at: Timestamp,
) {
    match product {
        ProductEvidence::Mail(mail) => mail.delivered.raw_header = header,
        ProductEvidence::Contract(contract) => {
            contract.deadline = AnswerDeadline::from_hours(hours).unwrap();
            contract.answer_until = at;
            if let Reply::Answered(answer) = &mut contract.reply {
                answer.received_at = at;
            }
        }
        ProductEvidence::Addendum(addendum) => addendum.main.digest = digest,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_is_what_was_written(record in records()) {
        let json = record.to_json();
        assert_eq!(VersionedRecord::from_json(&json).unwrap(), versioned(record));
        assert_eq!(VersionedRecord::from_json(&json).unwrap().to_json(), json);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        position in 0..10_000_usize,
        other in proptest::collection::vec(any::<u8>(), 0..8),
    ) {
        let mut json = record(&sample::evidence(), HTML).to_json();
        let start = position % json.len();
        let end = (start + other.len()).min(json.len());
        json.splice(start..end, other);
        if let Ok(record) = VersionedRecord::from_json(&json) {
            // Pages are made of whatever could be read.
            assert_eq!(VersionedRecord::from_json(&record.to_json()).unwrap(), record);
        }
    }
}
