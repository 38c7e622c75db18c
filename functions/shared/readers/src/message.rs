//! A mail to what a certificate says of it.

use certificate::{AttachmentRow, BodyText, HopRow, Message, Notices};
use domain::Sha256Digest;
use domain::limits::SUBJECT_BYTES_MAX;
use letters::mails::notices_around;
use mail::ParsedMail;
use sha2::{Digest, Sha256};

/// What a mail says.
#[must_use]
pub fn message(raw: &[u8], mail: &ParsedMail<'_>) -> Message {
    with_digest(raw, mail, digest_of(raw))
}

/// The same of a mail whose digest is known.
#[must_use]
pub(crate) fn with_digest(raw: &[u8], mail: &ParsedMail<'_>, digest: Sha256Digest) -> Message {
    let body = mail.body();
    Message {
        subject: mail.subject(),
        message_id: mail.message_id(),
        date_header: mail.date_header(),
        body_source: body.source,
        unshown_part: body.unshown.map(Into::into),
        body_charset: body.charset,
        body_text: BodyText::new(body.text),
        size_bytes: size_of(raw),
        digest,
        raw_header: mail.raw_header().to_vec(),
        damages: mail.damages(),
    }
}

/// A mail's parts other than its body.
#[must_use]
pub fn attachments(mail: &ParsedMail<'_>) -> Vec<AttachmentRow> {
    let attachments = mail.attachments();
    let names = mail::safe_names(&attachments);
    attachments
        .iter()
        .zip(names)
        .map(|(attachment, embedded_name)| AttachmentRow {
            name_as_sent: attachment.name_as_sent.clone(),
            embedded_name,
            content_type: attachment.content_type.clone(),
            content_id: attachment.content_id.clone(),
            size_bytes: attachment.size_bytes,
            digest: attachment.digest,
            is_inline: attachment.is_inline,
            damaged: attachment.is_damaged,
        })
        .collect()
}

/// The way that a mail's Received fields describe.
#[must_use]
pub fn hops(mail: &ParsedMail<'_>) -> Vec<HopRow> {
    let hops = mail.received_hops().into_iter();
    hops.map(|hop| HopRow {
        from_name: hop.from,
        from_ip: hop.ip.map(|ip| ip.to_string()),
        by: hop.by,
        at: hop.at,
        is_attested: hop.attested,
    })
    .collect()
}

/// The header block of a mail of ours, with the empty line that ends it (RFC 5322, section 2.1).
#[must_use]
pub fn header_of(mail: &[u8]) -> Option<&[u8]> {
    let end = mail.windows(4).position(|window| window == b"\r\n\r\n")?;
    mail.get(..end + 4)
}

/// Our notices and the message are the first part of the mail: files behind it are not read for
/// them. A text that is longer than this is certified without its notices; the mail is embedded.
const NOTICED_BYTES_MAX: usize = 512 * 1_024;

/// What the service wrote around a message when it handed it over.
#[must_use]
pub fn notices(delivered: &[u8], sent: &Message) -> Option<Notices> {
    let beginning = delivered.get(..NOTICED_BYTES_MAX).unwrap_or(delivered);
    let text = ParsedMail::parse(beginning).body().text;
    let (before, behind) = notices_around(sent.body_text.whole()?, &text)?;
    Some(Notices {
        before: before.to_owned(),
        behind: behind.to_owned(),
    })
}

/// As much of a subject as is kept; a mail may be one subject of 40 MB.
#[must_use]
pub fn kept_subject(mut subject: String) -> String {
    subject.truncate(subject.floor_char_boundary(SUBJECT_BYTES_MAX));
    subject
}

/// SHA-256.
#[must_use]
pub fn digest_of(bytes: &[u8]) -> Sha256Digest {
    Sha256Digest::new(Sha256::digest(bytes).into())
}

/// In bytes.
#[must_use]
pub fn size_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
