//! Outgoing mail, as exact bytes: the same arguments give the same bytes. Everything is seven-bit
//! with lines ending with CRLF and no line longer than 998 octets, because that is what every
//! server passes on unchanged.
//!
//! Each kind of mail is a file, with the texts beside it: the subject on the first line, then what
//! is read. All that the service writes of its own accord is marked as automatic (RFC 3834), so
//! that no machine answers.

mod acceptance;
mod carried;
mod certificate;
mod changes;
mod content;
mod contract_certificate;
mod encoded_words;
mod failed_road;
mod footer;
mod guidance;
mod html;
mod html_open;
mod html_tokens;
mod inserted;
mod lapse;
mod late_bounce;
mod not_attempted;
mod notice;
mod notices;
mod offer;
mod original;
mod parts;
mod protection;
mod refusal;
mod relay;
mod shape;
mod summary;
mod thread;
mod unvouched;
mod wrapped;
mod writer;

use domain::{Language, MailDomain, Operator, ThreadKey};
use jiff::Timestamp;

pub use acceptance::{AcceptanceNotice, AcceptanceReason, acceptance_notice};
pub use carried::{Carried, Missing, carried};
pub use certificate::{CertificateCopy, certificate_copy};
pub use changes::changes_named_in;
pub use contract_certificate::{ContractCopy, ContractParty, contract_copy};
pub use failed_road::{FailedRoadNotice, failed_road_notice};
pub use lapse::{LapseNotice, lapse_notice};
pub use late_bounce::{LateBounceCopy, late_bounce_copy};
pub use not_attempted::{NotAttemptedNotice, not_attempted_notice};
pub use notices::notices_around;
pub use offer::{Offer, offer};
pub use refusal::{RefusalNotice, refusal_notice};
pub use relay::{Relay, relay};
pub use summary::{SummarizedDispatch, SummaryNotice, summary_notice};
pub use thread::thread_of_message_id;
pub use unvouched::{UnvouchedNotice, unvouched_notice};

/// What every outgoing mail needs beside its content. Comes from the caller, so that a mail that
/// is composed twice is the same mail.
#[derive(Debug, Clone, Copy)]
pub struct Letterhead<'a> {
    /// Our domain, after the `@` of our addresses and Message-IDs.
    pub service_domain: &'a MailDomain,
    /// Who runs the service; stands at the end of the mail.
    pub operator: &'a Operator,
    /// Which language comes first; the account's setting.
    pub language: Language,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Template;

    /// Every text that a mail of ours is made of.
    const TEXTS: [&str; 15] = [
        acceptance::TEXT,
        certificate::TEXT,
        contract_certificate::ADDENDUM,
        contract_certificate::ANSWER_AGAIN,
        contract_certificate::TO_RECIPIENT,
        contract_certificate::TO_SENDER,
        failed_road::TEXT,
        lapse::TEXT,
        late_bounce::TEXT,
        not_attempted::TEXT,
        offer::NOTICE,
        refusal::TEXT,
        relay::NOTICE,
        summary::TEXT,
        unvouched::TEXT,
    ];

    /// Parts of mails that have a subject already.
    const WITHOUT_SUBJECT: [&str; 3] = [
        contract_certificate::ANSWER_AGAIN,
        offer::NOTICE,
        relay::NOTICE,
    ];

    #[test]
    fn no_text_promises_an_effect_in_law_q_9() {
        for text in TEXTS {
            crate::promises::check(text);
        }
    }

    #[test]
    fn every_mail_of_our_own_has_a_subject_in_both_languages() {
        for text in TEXTS {
            let subject = Template::read(text, Language::Japanese).subject;
            let is_whole = !WITHOUT_SUBJECT.contains(&text);
            assert_eq!(subject.contains(" / "), is_whole, "{text}");
        }
    }
}
