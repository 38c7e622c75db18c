//! The notice of a dispatch that was not attempted.

use domain::{EmailAddress, NotAttempted, Outcome, Recipient, Serial};

use super::Letterhead;
use super::notice::{Automatic, Notice, shown, written};
use crate::words::{not_attempted_advice, outcome_words};

pub(super) const TEXT: &str = include_str!("not_attempted.txt");

/// A dispatch that the service did not attempt.
#[derive(Debug, Clone, Copy)]
pub struct NotAttemptedNotice<'a> {
    /// The registered sender.
    pub sender: &'a EmailAddress,
    /// The company of the account.
    pub company: &'a str,
    /// The dispatch's serial.
    pub serial: &'a Serial,
    /// The recipient of the mail.
    pub recipient: &'a Recipient,
    /// The subject of the mail.
    pub subject: &'a str,
    /// Why nothing was sent.
    pub reason: NotAttempted,
}

/// What was not attempted and why; nothing is charged.
#[must_use]
pub fn not_attempted_notice(
    letterhead: &Letterhead<'_>,
    notice: &NotAttemptedNotice<'_>,
) -> Vec<u8> {
    let serial = notice.serial.to_string();
    let outcome = outcome_words(Outcome::NotAttempted(notice.reason));
    let advice = not_attempted_advice(notice.reason);
    Notice {
        kind: "not-attempted",
        to: notice.sender,
        automatic: Automatic::Generated,
        fields: &[("X-Akashi-Serial", &serial)],
        template: TEXT,
        values: &[
            ("company", &shown(notice.company)),
            ("sender", notice.sender.as_str()),
            ("serial", &serial),
            ("recipient", &written(notice.recipient)),
            ("subject", &shown(notice.subject)),
            ("outcome_japanese", outcome.japanese),
            ("outcome_english", outcome.english),
            ("advice_japanese", advice.japanese),
            ("advice_english", advice.english),
        ],
    }
    .write(letterhead)
}
