//! The warning notice: why a mail was not accepted (P-013).

use domain::{EmailAddress, Refusal, Serial};

use super::Letterhead;
use super::notice::{Automatic, Notice, listed_words, shown};
use crate::words::refusal_words;

pub(super) const TEXT: &str = include_str!("refusal.txt");

/// Why a mail was not accepted.
#[derive(Debug, Clone, Copy)]
pub struct RefusalNotice<'a> {
    /// The registered sender.
    pub sender: &'a EmailAddress,
    /// The company of the account.
    pub company: &'a str,
    /// The number given at intake, to refused mails too (P-071).
    pub serial: &'a Serial,
    /// The subject of the refused mail.
    pub subject: &'a str,
    /// Its Message-ID as sent, for In-Reply-To.
    pub message_id: Option<&'a str>,
    /// All the reasons, at least one.
    pub refusals: &'a [Refusal],
}

/// The warning notice of P-013: every reason at once, and for each what to do.
#[must_use]
pub fn refusal_notice(letterhead: &Letterhead<'_>, notice: &RefusalNotice<'_>) -> Vec<u8> {
    let serial = notice.serial.to_string();
    let reasons: Vec<_> = notice.refusals.iter().map(refusal_words).collect();
    let reasons = listed_words(&reasons);
    let mut fields = vec![("X-Akashi-Serial", serial.as_str())];
    if let Some(id) = notice.message_id.filter(|id| is_message_id(id)) {
        fields.extend([("In-Reply-To", id), ("References", id)]);
    }
    Notice {
        kind: "refusal",
        to: notice.sender,
        automatic: Automatic::Replied,
        fields: &fields,
        template: TEXT,
        values: &[
            ("company", &shown(notice.company)),
            ("sender", notice.sender.as_str()),
            ("subject", &shown(notice.subject)),
            ("serial", &serial),
            ("reasons_japanese", &reasons.japanese),
            ("reasons_english", &reasons.english),
        ],
    }
    .write(letterhead)
}

fn is_message_id(id: &str) -> bool {
    id.starts_with('<')
        && id.ends_with('>')
        && id.len() <= 250
        && id.bytes().all(|byte| byte.is_ascii_graphic())
}
