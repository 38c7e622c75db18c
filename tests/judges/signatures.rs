//! What `pades` signs, before independent judges: both kinds of key, every kind of certificate of
//! a contract, and every kind of damage.
#![expect(clippy::expect_used, reason = "tests fail loudly")]

use std::path::Path;
use std::sync::Arc;

use certificate::{FONT_FILES, Font, FontSet, render, sample};
use jiff::Timestamp;
use judges::Case;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use pades::testing::{Purpose, TestKey, TestSigner, TestTimestampAuthority, archive, to_pem};

/// While the answers of OCSP responders hold that are in the documents; nobody answers any more.
const HOURS_LATER: &str = "2026-07-08T12:00:00Z";
const YEARS_LATER: &str = "2031-01-01T00:00:00Z";

fn now() -> Timestamp {
    "2026-07-08T09:10:11Z".parse().expect("a time")
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
    let date = DateTime::new(2026).month(7).day(8).hour(9).minute(10);
    let date = date.second(11).utc_offset_hour(0).utc_offset_minute(0);
    let metadata = Metadata::new().title("Test".into()).language("ja".into());
    document.set_metadata(metadata.creation_date(date).document_id("test".into()));
    let page = PageSettings::from_wh(595.0, 842.0).expect("a page");
    document.start_page_with(page).finish();
    document.finish().expect("a document")
}

/// A signed page, and the roots of its signer and of both timestamp authorities. The signer's and
/// the first authority's certificates end within the year, the second one's in 2049.
fn signed(key: TestKey) -> (Vec<u8>, [String; 3]) {
    signed_draft(empty_page(), key)
}

fn signed_draft(draft: Vec<u8>, key: TestKey) -> (Vec<u8>, [String; 3]) {
    let ends = ["20200101000000Z", "20261231235959Z"];
    let signer = TestSigner::valid(key, ends);
    let stampers = [
        TestTimestampAuthority::with_certificate(1, Purpose::Timestamps, ends),
        TestTimestampAuthority::new(2),
    ];
    let document = archive(draft, &signer, &stampers, now());
    let root = signer.pem.last().expect("a chain has a root").clone();
    let [one, two] = &stampers;
    let roots = [root, root_of(one), root_of(two)];
    (document.into_bytes(), roots)
}

fn root_of(authority: &TestTimestampAuthority) -> String {
    let roots = authority.authority.trusted_roots.first();
    to_pem(roots.expect("an authority has a root").as_der())
}

#[test]
fn judges_find_nothing_wrong_with_either_kind_of_key() {
    for (name, key) in [("p-256", TestKey::p256(7)), ("rsa-3072", TestKey::rsa())] {
        let (document, roots) = signed(key);
        let case = Case::new(name, &document, &roots);
        assert_eq!(case.objections(), [""; 0], "{name}");
        assert_eq!(case.conformance_at(HOURS_LATER), [""; 0], "{name}");
    }
}

/// the certificates of the signer and of the first authority are long past their end.
#[test]
fn a_judge_believes_it_after_the_signers_and_the_first_authoritys_certificates_have_ended() {
    for (name, key) in [
        ("p-256-later", TestKey::p256(7)),
        ("rsa-3072-later", TestKey::rsa()),
    ] {
        let (document, roots) = signed(key);
        let case = Case::new(name, &document, &roots);
        assert_eq!(case.archive(YEARS_LATER), [""; 0], "{name}");
    }
}

/// The same judge does not believe it without what the second authority vouches for.
#[test]
fn a_judge_who_does_not_trust_the_second_authority_objects_years_later() {
    let (document, [signer, one, _]) = signed(TestKey::p256(7));
    let case = Case::new("one-authority-later", &document, &[signer, one]);
    assert_ne!(case.archive(YEARS_LATER), [""; 0]);
}

/// The pinned fonts.
fn fonts() -> FontSet {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.local/fonts");
    let fonts = FONT_FILES.iter().map(|(name, role)| Font {
        bytes: Arc::new(std::fs::read(folder.join(name)).expect("a pinned font")),
        role: *role,
    });
    FontSet::new(fonts.collect()).expect("the pinned fonts are fonts")
}

#[test]
fn judges_find_nothing_wrong_with_any_certificate_of_a_contract_p_033_p_034_p_051() {
    let fonts = fonts();
    for (name, evidence) in sample::contract::all() {
        let files = sample::contract::files(&evidence);
        let draft = render(&evidence, files, &fonts).expect("a certificate");
        let (document, roots) = signed_draft(draft, TestKey::rsa());
        let case = Case::new(&format!("contract-{name}"), &document, &roots);
        assert_eq!(case.objections(), [""; 0], "{name}");
        let serial = evidence.serial.to_string();
        assert!(case.pages().concat().contains(&serial), "{name}");
        if let Some(original) = files.original {
            assert_eq!(case.embedded_file("original.eml"), original.eml, "{name}");
        }
        if let Some(answer) = files.answer {
            assert_eq!(case.embedded_file("answer.eml"), answer.eml, "{name}");
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
        assert_ne!(case.conformance(), [""; 0], "pyHanko, {name}");
    }
}

#[test]
fn judges_find_what_was_added_after_signing() {
    let (mut document, roots) = signed(TestKey::p256(7));
    document.extend(b"\n% added afterwards\n%%EOF\n");
    let case = Case::new("added", &document, &roots);
    assert_ne!(case.signature(), [""; 0]);
    assert_ne!(case.conformance(), [""; 0]);
}

#[test]
fn a_judge_who_trusts_another_authority_objects_x_2() {
    let (document, [root, ..]) = signed(TestKey::p256(7));
    let other = root_of(&TestTimestampAuthority::new(3));
    let case = Case::new("other-authority", &document, &[root, other]);
    assert_ne!(case.conformance(), [""; 0]);
}
