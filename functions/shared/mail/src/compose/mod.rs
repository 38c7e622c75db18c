//! Outgoing mail, as exact bytes: the same arguments give the same bytes. Everything is seven-bit
//! with lines ending with CRLF and no line longer than 998 octets, because that is what every
//! server passes on unchanged.

mod notices;
mod offer;
mod original;
mod relay;
mod wrapped;
mod writer;

use domain::{MailDomain, ThreadKey};
use jiff::Timestamp;

pub use notices::{
    AcceptanceNotice, CertificateCopy, LapseNotice, NotAttemptedNotice, RefusalNotice,
    SummarizedDispatch, SummaryNotice, UnvouchedNotice, acceptance_notice, certificate_copy,
    lapse_notice, not_attempted_notice, refusal_notice, summary_notice, unvouched_notice,
};
pub use offer::{ContractCopy, ContractParty, Offer, contract_copy, offer, thread_of_message_id};
pub use relay::{Relay, relay};

pub(crate) const RELAY_NOTICE: &str = include_str!("../../templates/relay_notice.txt");
pub(crate) const OFFER_NOTICE: &str = include_str!("../../templates/offer_notice.txt");
pub(crate) const CONTRACT_ADDENDUM: &str = include_str!("../../templates/contract_addendum.txt");
pub(crate) const CONTRACT_CERTIFICATE_SENDER: &str =
    include_str!("../../templates/contract_certificate_sender.txt");
pub(crate) const CONTRACT_CERTIFICATE_RECIPIENT: &str =
    include_str!("../../templates/contract_certificate_recipient.txt");
/// Below each certificate for a recipient, and in nothing that the sender gets.
pub(crate) const CONTRACT_ANSWER_AGAIN: &str =
    include_str!("../../templates/contract_answer_again.txt");
pub(crate) const REFUSAL_NOTICE: &str = include_str!("../../templates/refusal_notice.txt");
pub(crate) const UNVOUCHED_NOTICE: &str = include_str!("../../templates/unvouched_notice.txt");
pub(crate) const ACCEPTANCE_NOTICE: &str = include_str!("../../templates/acceptance_notice.txt");
pub(crate) const SUMMARY_NOTICE: &str = include_str!("../../templates/summary_notice.txt");
pub(crate) const CERTIFICATE_COPY: &str = include_str!("../../templates/certificate_copy.txt");
pub(crate) const NOT_ATTEMPTED_NOTICE: &str =
    include_str!("../../templates/not_attempted_notice.txt");
pub(crate) const LAPSE_WARNING: &str = include_str!("../../templates/lapse_warning.txt");

/// What every outgoing mail needs beside its content. Comes from the caller, so that a mail that
/// is composed twice is the same mail.
#[derive(Debug, Clone, Copy)]
pub struct Letterhead<'a> {
    /// Our domain, after the `@` of our addresses and Message-IDs.
    pub service_domain: &'a MailDomain,
    /// What makes this mail unique: the dispatch id, the submission for a refusal or summary,
    /// or account, warning and last use for a warning that an account lapses.
    /// ASCII letters, digits, `-` and `_`; anything else is left out. Message-ID and boundaries
    /// are made from it and the kind of mail.
    pub id: &'a str,
    /// What nobody can guess about the Message-ID of a dispatch's mails, so that a mail which
    /// refers to one was written by somebody who saw it.
    pub thread: Option<&'a ThreadKey>,
    /// The Date field.
    pub date: Timestamp,
}
