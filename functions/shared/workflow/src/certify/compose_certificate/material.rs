//! What a certificate is made of, and how messages stand in it.

use std::collections::BTreeMap;

use certificate::{DeliveredMessage, Message, OtherMail, OutcomeWords};
use domain::{
    Answer, Attempt, AuthenticationEvidence, Channel, Event, EventId, Outcome, Sha256Digest, Terms,
};
use letters::links::Links;
use letters::mails::changes_named_in;
use mail::ParsedMail;
use pades::TimestampAuthority;
use readers::{header_of, message, notices};

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
    readers::outcome_words(
        &material.stored.dispatch.product,
        outcome,
        answer,
        material.events,
    )
}

/// A certificate says what was known when it was issued, however often it is composed. What led to
/// the outcome was known by then, whatever the clocks of two machines say.
pub(super) fn is_known_at_issue(event: &Event, issued_at: jiff::Timestamp) -> bool {
    !event.is_supplementary || event.recorded_at <= issued_at
}
