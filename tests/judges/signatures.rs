//! What `pades` signs, before independent judges: certificates of every kind with both kinds of
//! key, today and years later, renewals, and every kind of damage.
#![expect(clippy::expect_used, reason = "tests fail loudly")]

use attacks::genuine::{FONTS, digest, root_of};
use certificate::{Embedded, EmbeddedMail, Evidence, OutcomeWords, render, sample};
use domain::limits::MESSAGE_SIZE_BYTES_MAX;
use domain::{Named, Outcome};
use jiff::Timestamp;
use judges::{Case, Question, ask_pyhanko};
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use pades::testing::{Purpose, TestKey, TestSigner, TestTimestampAuthority, archive, renew};

/// While the answers of OCSP responders hold that are in the documents; nobody answers any more.
const HOURS_LATER: &str = "2026-12-24T12:00:00Z";
/// After the certificates of the signer and of the first authority have ended.
const YEARS_LATER: &str = "2031-01-01T00:00:00Z";
const ENDS_WITH_2026: [&str; 2] = ["20200101000000Z", "20261231235959Z"];
const ENDS_WITH_2030: [&str; 2] = ["20200101000000Z", "20301231235959Z"];

fn now() -> Timestamp {
    "2026-12-24T05:07:00Z".parse().expect("a time")
}

fn empty_page() -> Vec<u8> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A3_B)
        .finish()
        .expect("a configuration");
    let settings = krilla::SerializeSettings {
        configuration,
        ..Default::default()
    };
    let mut document = krilla::Document::new_with(settings);
    let date = DateTime::new(2026).month(12).day(24).hour(5).minute(7);
    let date = date.second(0).utc_offset_hour(0).utc_offset_minute(0);
    let metadata = Metadata::new().title("Test".into()).language("ja".into());
    document.set_metadata(metadata.creation_date(date).document_id("test".into()));
    let page = PageSettings::from_wh(595.0, 842.0).expect("a page");
    document.start_page_with(page).finish();
    document.finish().expect("a document")
}

/// Both kinds, with names.
fn keys() -> [(&'static str, TestKey); 2] {
    [("p-256", TestKey::p256(7)), ("rsa-3072", TestKey::rsa())]
}

/// A signed page, and the roots of its signer and of both timestamp authorities. The signer's and
/// the first authority's certificates end within the month, the second one's in 2049.
fn signed(key: TestKey) -> (Vec<u8>, [String; 3]) {
    signed_draft(empty_page(), key)
}

fn signed_draft(draft: Vec<u8>, key: TestKey) -> (Vec<u8>, [String; 3]) {
    let signer = TestSigner::valid(key, ENDS_WITH_2026);
    let stampers = [stamper(1, ENDS_WITH_2026), TestTimestampAuthority::new(2)];
    let document = archive(draft, &signer, &stampers, now());
    (document.into_bytes(), roots(&signer, &stampers))
}

fn stamper(seed: u8, validity: [&str; 2]) -> TestTimestampAuthority {
    TestTimestampAuthority::with_certificate(seed, Purpose::Timestamps, validity)
}

fn roots(signer: &TestSigner, stampers: &[TestTimestampAuthority; 2]) -> [String; 3] {
    let root = signer.pem.last().expect("a chain has a root").clone();
    let [one, two] = stampers.each_ref().map(|one| root_of(&one.authority));
    [root, one, two]
}

/// A certificate's content and the mail that it is about.
struct Sample {
    name: String,
    evidence: Evidence,
    original: Vec<u8>,
}

impl Sample {
    fn new(name: &str, evidence: Evidence) -> Self {
        let (name, original) = (name.to_owned(), sample::ORIGINAL.to_vec());
        Self {
            name,
            evidence,
            original,
        }
    }

    /// The mails that go into it. Those of the samples of contracts are what they say themselves.
    fn files(&self) -> Embedded<'_> {
        let files = sample::contract::files(&self.evidence);
        let original = files.original.map(|mail| EmbeddedMail {
            eml: &self.original,
            ..mail
        });
        Embedded { original, ..files }
    }
}

/// Every outcome of a mail that is certified, every look, the largest mail, every contract.
fn samples() -> Vec<Sample> {
    let outcomes = [
        Outcome::Relayed,
        Outcome::Noex,
        Outcome::Undelivered,
        Outcome::Unconfirmed {
            provider_accepted: true,
        },
        Outcome::Unconfirmed {
            provider_accepted: false,
        },
    ];
    let mails = outcomes.map(|outcome| {
        let words = letters::words::outcome_words(outcome);
        let mut evidence = sample::evidence();
        evidence.outcome = OutcomeWords {
            code: outcome.name().to_owned(),
            japanese: words.japanese.to_owned(),
            english: words.english.to_owned(),
        };
        if outcome != Outcome::Relayed {
            evidence.events = sample::contract::noex().events;
        }
        Sample::new(&format!("mail-{}", outcome.name()), evidence)
    });
    let looks = sample::variants();
    let looks = looks
        .into_iter()
        .map(|(name, evidence)| Sample::new(name, evidence));
    let contracts = sample::contract::all();
    let contracts = contracts
        .into_iter()
        .map(|(name, evidence)| Sample::new(&format!("contract-{name}"), evidence));
    let all = mails.into_iter().chain(looks).chain(contracts);
    all.chain([largest()]).collect()
}

/// A mail of 5 MiB.
fn largest() -> Sample {
    let mut largest = Sample::new("largest", sample::evidence());
    let size = usize::try_from(MESSAGE_SIZE_BYTES_MAX).expect("a size");
    largest.original.resize(size, b'x');
    let message = sample::message_of(&mut largest.evidence);
    message.size_bytes = MESSAGE_SIZE_BYTES_MAX;
    message.digest = digest(&largest.original);
    largest
}

/// The measure of issue 4: over 20 certificates, of all kinds and with both kinds of key. Nobody
/// answers any more; then the certificates of the signer and of the first authority end.
#[test]
fn judges_find_nothing_wrong_with_certificates_of_any_kind_x_5_x_8_p_033_p_034_p_051() {
    let mut cases = Vec::new();
    for sample in samples() {
        let files = sample.files();
        let draft = render(&sample.evidence, files, &FONTS).expect("a certificate");
        for (key_name, key) in keys() {
            let (document, roots) = signed_draft(draft.clone(), key);
            let name = format!("{}-{key_name}", sample.name);
            let case = Case::new(&name, &document, &roots);
            assert_eq!(case.structure(), [""; 0], "{name}");
            assert_eq!(case.signature(), [""; 0], "{name}");
            cases.push((name, case));
        }
        let (name, case) = cases.last().expect("a case");
        let serial = sample.evidence.serial.to_string();
        assert!(case.pages().concat().contains(&serial), "{name}");
        let mails = [
            ("original.eml", "body.html", files.original),
            ("answer.eml", "answer.html", files.answer),
        ];
        for (eml, html, mail) in mails {
            let Some(mail) = mail else { continue };
            assert_eq!(case.embedded_file(eml), mail.eml, "{name}");
            let part = mail.html_part.expect("a part");
            assert_eq!(case.embedded_file(html), part, "{name}");
        }
    }
    assert!(cases.len() >= 30, "{} certificates", cases.len());
    for (question, time) in [
        (Question::Revocation, HOURS_LATER),
        (Question::Archive, YEARS_LATER),
    ] {
        let questions: Vec<_> = cases
            .iter()
            .map(|(_, case)| (case, question, time))
            .collect();
        for (said, (name, _)) in ask_pyhanko(&questions).into_iter().zip(&cases) {
            assert_eq!(said, [""; 0], "{name}, {question:?}");
        }
    }
}

/// The same judge does not believe it without what the second authority vouches for.
#[test]
fn a_judge_who_does_not_trust_the_second_authority_objects_years_later() {
    let (document, [signer, one, _]) = signed(TestKey::p256(7));
    let case = Case::new("one-authority-later", &document, &[signer, one]);
    assert_ne!(case.ask_pyhanko(Question::Archive, YEARS_LATER), [""; 0]);
}

/// Nor when the answers of the responders that are in it have aged, and nothing vouches for them.
#[test]
fn a_judge_who_may_not_look_back_objects_when_the_answers_have_aged() {
    let (document, roots) = signed(TestKey::p256(7));
    let case = Case::new("aged", &document, &roots);
    let days_later = "2026-12-27T00:00:00Z";
    assert_ne!(case.ask_pyhanko(Question::Revocation, days_later), [""; 0]);
}

/// the certificates of both authorities are past their end, and the first one has another by
/// now. The renewal vouches for what was before it; a second one vouches for the first.
#[test]
fn a_judge_believes_a_renewed_one_after_both_authorities_certificates_have_ended() {
    for (name, key) in keys() {
        let signer = TestSigner::valid(key, ENDS_WITH_2030);
        let stampers = [1, 2].map(|seed| stamper(seed, ENDS_WITH_2030));
        let next = [
            stamper(1, ["20290101000000Z", "20401231235959Z"]),
            stamper(2, ["20390101000000Z", "20491231235959Z"]),
        ];
        let [_, last] = &stampers;
        let [one, two] = &next;
        let time = |text: &str| text.parse::<Timestamp>().expect("a time");
        let document = archive(empty_page(), &signer, &stampers, now());
        let once = renew(document.clone(), last, one, time("2030-01-01T00:00:00Z"));
        let twice = renew(once.clone(), one, two, time("2039-12-31T00:00:00Z"));
        let late = renew(document.clone(), last, one, time("2031-01-02T00:00:00Z"));
        // Nobody was asked then about the certificate of the stamp before.
        let unproven = renew(document.clone(), one, one, time("2030-01-01T00:00:00Z"));
        let roots = roots(&signer, &stampers);
        let case = |kind: &str, pdf: &[u8]| Case::new(&format!("{kind}-{name}"), pdf, &roots);
        let never = case("not-renewed", document.as_bytes());
        let once = case("renewed", once.as_bytes());
        let twice = case("renewed-twice", twice.as_bytes());
        let late = case("renewed-too-late", late.as_bytes());
        let unproven = case("renewed-unproven", unproven.as_bytes());
        let asked = [
            (&never, "2029-06-01T00:00:00Z", true),
            (&never, "2039-01-01T00:00:00Z", false),
            (&once, "2039-01-01T00:00:00Z", true),
            (&once, "2046-01-01T00:00:00Z", false),
            (&twice, "2046-01-01T00:00:00Z", true),
            (&late, "2039-01-01T00:00:00Z", false),
            (&unproven, "2039-01-01T00:00:00Z", false),
        ];
        let questions = asked.map(|(case, time, _)| (case, Question::Archive, time));
        for (said, (_, time, passes)) in ask_pyhanko(&questions).into_iter().zip(asked) {
            assert_eq!(said.is_empty(), passes, "{name}, {time}: {said:?}");
        }
        for case in [once, twice] {
            assert_eq!(case.structure(), [""; 0], "{name}");
            assert_eq!(case.signature(), [""; 0], "{name}");
        }
    }
}

#[test]
fn judges_find_a_flipped_byte_anywhere_in_what_is_signed() {
    let (document, roots) = signed(TestKey::p256(7));
    let contents = b"/Contents<";
    let signature = document
        .windows(contents.len())
        .position(|window| window == contents)
        .expect("a signature");
    // In what the draft says, in the dictionary of the signature, and in the container itself.
    for (name, position) in [
        ("draft", 100),
        ("dictionary", signature - 20),
        ("container", signature + 12),
    ] {
        let mut changed = document.clone();
        let byte = changed.get_mut(position).expect("a byte");
        *byte = if *byte == b'0' { b'1' } else { b'0' };
        let case = Case::new(&format!("flipped-{name}"), &changed, &roots);
        assert_ne!(case.signature(), [""; 0], "pdfsig, {name}");
        assert_ne!(
            case.ask_pyhanko(Question::Trust, HOURS_LATER),
            [""; 0],
            "pyHanko, {name}"
        );
    }
}

#[test]
fn judges_find_what_was_added_after_signing() {
    let (mut document, roots) = signed(TestKey::p256(7));
    document.extend(b"\n% added afterwards\n%%EOF\n");
    let case = Case::new("added", &document, &roots);
    assert_ne!(case.signature(), [""; 0]);
    assert_ne!(case.ask_pyhanko(Question::Trust, HOURS_LATER), [""; 0]);
}

#[test]
fn a_judge_who_trusts_another_authority_objects_x_2() {
    let (document, [root, ..]) = signed(TestKey::p256(7));
    let other = root_of(&TestTimestampAuthority::new(3).authority);
    let case = Case::new("other-authority", &document, &[root, other]);
    assert_ne!(case.ask_pyhanko(Question::Trust, HOURS_LATER), [""; 0]);
}
