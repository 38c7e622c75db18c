//! Whether all of a certificate was read by the readers of today. A contract waits for its answer
//! for up to 90 days, and what was read at its acceptance may have been read by others.

use bytes::Bytes;
use certificate::{AnswerSection, Evidence};
use domain::Sha256Digest;
use mail::ParsedMail;
use readers::{
    EARLIER_READERS, EmbeddedMail, EmbeddedMails, READER_VERSION, Standing, digest_of, reread,
};
use tracing::warn;

/// What a certificate embeds.
pub(super) struct Mails<'m> {
    pub(super) original: Option<Mail<'m>>,
    pub(super) delivered: Option<&'m [u8]>,
    pub(super) answer: Option<Mail<'m>>,
    pub(super) others: &'m [Bytes],
}

/// A mail with its HTML part.
#[derive(Clone, Copy)]
pub(super) struct Mail<'m> {
    pub(super) raw: &'m [u8],
    pub(super) parsed: &'m ParsedMail<'m>,
    pub(super) html: Option<&'m [u8]>,
}

/// The version of the readers that a certificate names: by the same comparison, a verifier of today
/// finds no difference in it. The evidence was collected from these very bytes a moment ago, so
/// that large mails are not hashed again.
pub(super) fn version(evidence: &Evidence, mails: &Mails<'_>) -> u32 {
    let delivered = mails.delivered.map(|raw| (raw, ParsedMail::parse(raw)));
    let others = mails.others.iter();
    let others: Vec<_> = others
        .map(|eml| (eml.as_ref(), ParsedMail::parse(eml)))
        .collect();
    let others: Vec<EmbeddedMail<'_>> = others.iter().map(without_html).collect();
    let digest = evidence.message().map(|message| message.digest);
    let answered = evidence.answer().and_then(AnswerSection::mail);
    let answered = answered.map(|mail| mail.message.digest);
    let mails = EmbeddedMails {
        original: mails.original.map(|mail| embedded(mail, digest)),
        delivered: delivered.as_ref().map(without_html),
        answer: mails.answer.map(|mail| embedded(mail, answered)),
        others: &others,
    };
    let values = reread(evidence, &mails);
    let differs = values
        .iter()
        .find(|value| matches!(value.standing, Standing::Differs(_)));
    match differs {
        None => READER_VERSION,
        Some(value) => {
            warn!(value = value.name, "a value was read by earlier readers");
            EARLIER_READERS
        }
    }
}

fn embedded(mail: Mail<'_>, digest: Option<Sha256Digest>) -> EmbeddedMail<'_> {
    EmbeddedMail {
        raw: mail.raw,
        parsed: mail.parsed,
        digest: digest.unwrap_or_else(|| digest_of(mail.raw)),
        html: mail.html,
    }
}

fn without_html<'m>((raw, parsed): &'m (&'m [u8], ParsedMail<'m>)) -> EmbeddedMail<'m> {
    let mail = Mail {
        raw,
        parsed,
        html: None,
    };
    embedded(mail, None)
}
