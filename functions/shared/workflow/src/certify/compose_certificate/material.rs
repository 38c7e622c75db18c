//! What a certificate is made of, and how messages stand in it.

use std::collections::BTreeMap;

use certificate::{
    AttachmentRow, BodyText, DeliveredMessage, Message, Notices, OtherMail, OutcomeWords,
};
use domain::{
    Answer, Attempt, AuthenticationEvidence, Channel, Event, EventId, Named, Outcome, Sha256Digest,
    Terms,
};
use letters::links::Links;
use letters::mails::{changes_named_in, notices_around};
use letters::words;
use mail::ParsedMail;
use pades::TimestampAuthority;
use sha2::{Digest, Sha256};

use crate::Service;
use crate::ports::StoredDispatch;

/// What a certificate is made of.
pub(super) struct Material<'a> {
    pub(super) service: &'a Service,
    pub(super) links: &'a Links,
    /// The fingerprint of the signing certificate.
    pub(super) signer: Sha256Digest,
    pub(super) authorities: &'a [TimestampAuthority],
    /// The dispatch whose message it is about: of an addendum, the one that it adds to.
    pub(super) stored: &'a StoredDispatch,
    /// The addendum, if the certificate is one.
    pub(super) addendum: Option<&'a StoredDispatch>,
    pub(super) terms: &'a Terms,
    pub(super) events: &'a [Event],
    pub(super) subject: &'a str,
    pub(super) authentication: &'a AuthenticationEvidence,
    pub(super) raw: &'a [u8],
    pub(super) mail: &'a ParsedMail<'a>,
    pub(super) answer: Option<(&'a Event, &'a Answer)>,
    pub(super) answer_mail: Option<(&'a [u8], &'a ParsedMail<'a>)>,
    /// What is said of the mails that answer nothing, by their events.
    pub(super) others: &'a BTreeMap<EventId, OtherMail>,
    /// The mail as it was handed over.
    pub(super) delivered: Option<&'a [u8]>,
    pub(super) issued_at: jiff::Timestamp,
}

/// The mail as we handed it over, if we did.
pub(super) fn delivered(material: &Material<'_>, sent: &Message) -> Option<DeliveredMessage> {
    let stored = material.stored;
    let header = material.delivered.and_then(header_of);
    stored.delivered.as_ref().map(|delivered| DeliveredMessage {
        size_bytes: delivered.size_bytes,
        digest: delivered.digest,
        provider_message_id: provider_message_id(material, Channel::Mail),
        raw_header: header.map(<[u8]>::to_vec),
        changes: header.map(changes_named_in).unwrap_or_default(),
        notices: material.delivered.and_then(|mail| notices(mail, sent)),
    })
}

/// The header block with the empty line that ends it (RFC 5322, section 2.1).
fn header_of(mail: &[u8]) -> Option<&[u8]> {
    let end = mail.windows(4).position(|window| window == b"\r\n\r\n")?;
    mail.get(..end + 4)
}

/// Our notices and the message are the first part of the mail: files behind it are not read for
/// them. A text that is longer than this is certified without its notices; the mail is embedded.
const NOTICED_BYTES_MAX: usize = 512 * 1_024;

fn notices(delivered: &[u8], sent: &Message) -> Option<Notices> {
    let beginning = delivered.get(..NOTICED_BYTES_MAX).unwrap_or(delivered);
    let text = ParsedMail::parse(beginning).body().text;
    let (before, behind) = notices_around(sent.body_text.whole()?, &text)?;
    Some(Notices {
        before: before.to_owned(),
        behind: behind.to_owned(),
    })
}

/// The provider's id of a message, if it was known when the certificate was issued.
pub(super) fn provider_message_id(material: &Material<'_>, channel: Channel) -> Option<String> {
    match &material.stored.progress.leg(channel).attempt {
        Attempt::ProviderAccepted { message_id, at } if *at <= material.issued_at => {
            Some(message_id.to_string())
        }
        Attempt::ProviderAccepted { .. } | Attempt::NotYet | Attempt::Underway { .. } => None,
    }
}

/// The message as it came from the sender, under the subject that was kept at the intake.
pub(super) fn original(material: &Material<'_>) -> Message {
    Message {
        subject: material.subject.to_owned(),
        ..message(material.raw, material.mail)
    }
}

/// How a dispatch ended, or did before its addendum.
pub(super) fn outcome_words(material: &Material<'_>, outcome: Outcome) -> OutcomeWords {
    let answer = material.answer.map(|(_, answer)| answer);
    let words = words::settled_words(&material.stored.dispatch, outcome, answer, material.events);
    OutcomeWords {
        code: outcome.name().to_owned(),
        japanese: words.japanese,
        english: words.english,
    }
}

pub(super) fn message(raw: &[u8], mail: &ParsedMail<'_>) -> Message {
    let body = mail.body();
    Message {
        subject: mail.subject(),
        message_id: mail.message_id(),
        date_header: mail.date_header(),
        body_source: body.source,
        unshown_part: body.unshown.map(Into::into),
        body_charset: body.charset,
        body_text: BodyText::new(body.text),
        size_bytes: size(raw),
        digest: digest(raw),
        raw_header: mail.raw_header().to_vec(),
        damages: mail.damages(),
    }
}

pub(super) fn attachments(mail: &ParsedMail<'_>) -> Vec<AttachmentRow> {
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

pub(super) fn digest(bytes: &[u8]) -> Sha256Digest {
    Sha256Digest::new(Sha256::digest(bytes).into())
}

pub(super) fn size(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
