//! Drafts, signed documents and times that the tests share.

use crate::testing::{TestKey, TestSigner, TestTimestampAuthority};
use crate::{
    Draft, Error, SignatureDictionary, SignedPdf, TimeWindow, TimestampRequest, Untimestamped,
};
use jiff::{Timestamp, ToSpan};
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;

pub(super) const NONCE: u64 = 0x8000_0000_1234_5678;

pub(super) fn now() -> Timestamp {
    "2026-07-08T09:10:11Z".parse().unwrap()
}

pub(super) fn window() -> TimeWindow {
    TimeWindow {
        earliest: now() - 5.seconds(),
        latest: now() + 5.seconds(),
    }
}

/// A PDF/A-3b of two empty pages with an attachment, as the certificate crate makes them.
pub(super) fn draft_bytes(attachment: Vec<u8>) -> Vec<u8> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A3_B)
        .finish()
        .unwrap();
    let settings = krilla::SerializeSettings {
        configuration,
        ..Default::default()
    };
    let mut document = krilla::Document::new_with(settings);
    let date = DateTime::new(2026)
        .month(7)
        .day(8)
        .hour(9)
        .minute(10)
        .second(11);
    let date = date.utc_offset_hour(0).utc_offset_minute(0);
    let metadata = Metadata::new().title("Test".into()).language("ja".into());
    document.set_metadata(metadata.creation_date(date).document_id("test".into()));
    for _ in 0..2 {
        document
            .start_page_with(PageSettings::from_wh(595.0, 842.0).unwrap())
            .finish();
    }
    document.embed_file(EmbeddedFile {
        path: "original.eml".into(),
        mime_type: MimeType::new("message/rfc822"),
        description: Some("The original".into()),
        association_kind: AssociationKind::Source,
        data: attachment.into(),
        modification_date: Some(date),
        compress: Some(false),
        location: None,
    });
    document.finish().unwrap()
}

pub(super) fn small_draft() -> Vec<u8> {
    draft_bytes(b"Subject: test\r\n\r\nHello\r\n".to_vec())
}

pub(super) fn signer() -> TestSigner {
    TestSigner::new(TestKey::p256(7))
}

pub(super) fn authority() -> TestTimestampAuthority {
    TestTimestampAuthority::new(1)
}

pub(super) fn appearance() -> SignatureDictionary {
    SignatureDictionary {
        signing_time: now(),
        name: "Akashi (test)".into(),
        reason: Some("配達の証明".into()),
        location: None,
        contact: Some("https://example.test/\\".into()),
    }
}

pub(super) fn untimestamped(draft: Vec<u8>, signer: &TestSigner) -> Result<Untimestamped, Error> {
    let prepared = Draft::new(draft)?.prepare(&signer.chain, &appearance())?;
    let signature = signer.key.sign_digest(&prepared.digest());
    prepared.with_signature(&signer.chain, &signature)
}

pub(super) fn sign(
    draft: Vec<u8>,
    signer: &TestSigner,
    authority: &TestTimestampAuthority,
) -> Result<SignedPdf, Error> {
    let untimestamped = untimestamped(draft, signer)?;
    let request = TimestampRequest::new(untimestamped.imprint(), NONCE);
    let response = authority.answer(&request.to_der()?, now());
    untimestamped.with_timestamp(request.accept(&response, &authority.authority, window())?)
}
