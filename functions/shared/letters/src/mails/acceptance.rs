//! The notice of a mail that was accepted on SPF.

use domain::times::in_utc;
use domain::{EmailAddress, Recipient, Serial};
use jiff::Timestamp;

use super::Letterhead;
use super::notice::{Automatic, Notice, listed, shown};

pub(super) const TEXT: &str = include_str!("acceptance.txt");

/// That a mail was accepted whose recipients only SPF vouches for.
#[derive(Debug, Clone, Copy)]
pub struct AcceptanceNotice<'a> {
    /// The registered sender.
    pub sender: &'a EmailAddress,
    /// The subject of the mail.
    pub subject: &'a str,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// Its dispatches, each with its recipient.
    pub dispatches: &'a [(Serial, Recipient)],
}

/// What was accepted, for whom and under which serials.
#[must_use]
pub fn acceptance_notice(letterhead: &Letterhead<'_>, notice: &AcceptanceNotice<'_>) -> Vec<u8> {
    let dispatches = notice.dispatches.iter();
    let dispatches: Vec<String> = dispatches
        .map(|(serial, recipient)| format!("{serial}  {recipient}"))
        .collect();
    Notice {
        kind: "acceptance",
        to: notice.sender,
        automatic: Automatic::Replied,
        fields: &[],
        template: TEXT,
        values: &[
            ("sender", notice.sender.as_str()),
            ("subject", &shown(notice.subject)),
            ("accepted", &in_utc(notice.accepted_at)),
            ("dispatches", &listed(&dispatches)),
        ],
    }
    .write(letterhead)
}
