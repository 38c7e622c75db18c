//! Whether all of a certificate was read by the readers of today. A contract waits for its answer
//! for up to 90 days, and what was read at its acceptance may have been read by others.

use bytes::Bytes;
use certificate::Evidence;
use mail::ParsedMail;
use readers::{
    EARLIER_READERS, EmbeddedMail, EmbeddedMails, READER_VERSION, Standing, digest_of, reread,
};
use tracing::warn;

/// What a certificate embeds.
pub(super) struct Mails<'m> {
    pub(super) original: Option<(&'m [u8], &'m ParsedMail<'m>, Option<&'m [u8]>)>,
    pub(super) delivered: Option<&'m [u8]>,
    pub(super) answer: Option<(&'m [u8], &'m ParsedMail<'m>, Option<&'m [u8]>)>,
    pub(super) others: &'m [Bytes],
}

/// The version of the readers that a certificate names: by the same comparison, a verifier of today
/// finds no difference in it.
pub(super) fn version(evidence: &Evidence, mails: &Mails<'_>) -> u32 {
    let with_html = |(raw, parsed, html)| EmbeddedMail {
        raw,
        parsed,
        digest: digest_of(raw),
        html,
    };
    let parsed = |raw| (raw, ParsedMail::parse(raw));
    let delivered = mails.delivered.map(parsed);
    let others: Vec<_> = mails
        .others
        .iter()
        .map(|eml| parsed(eml.as_ref()))
        .collect();
    let others: Vec<EmbeddedMail<'_>> = others
        .iter()
        .map(|(raw, parsed)| with_html((*raw, parsed, None)))
        .collect();
    let mails = EmbeddedMails {
        original: mails.original.map(with_html),
        delivered: delivered
            .as_ref()
            .map(|(raw, parsed)| with_html((*raw, parsed, None))),
        answer: mails.answer.map(with_html),
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
