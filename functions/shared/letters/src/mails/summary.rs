//! The summary of a mail to many, in place of a mail for each certificate.

use std::collections::BTreeMap;

use domain::times::spoken;
use domain::{Bilingual, EmailAddress, Named, Outcome, Recipient, Serial, Sha256Digest, ZoneName};
use jiff::Timestamp;

use super::Letterhead;
use super::notice::{Automatic, Notice, listed, listed_words, shown};
use crate::words::outcome_words;

pub(super) const TEXT: &str = include_str!("summary.txt");

/// That all recipients of a mail have their outcomes: in place of a mail for each of them.
#[derive(Debug, Clone, Copy)]
pub struct SummaryNotice<'a> {
    /// Who gets it: the registered sender.
    pub to: &'a EmailAddress,
    /// The company of the account, for the salutation.
    pub account: &'a str,
    /// The subject of the mail.
    pub subject: &'a str,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// The account's zone, in which times are shown (I-006).
    pub zone: &'a ZoneName,
    /// Where its certificates are listed.
    pub link: &'a str,
    /// What became of it, in the order of its recipients.
    pub dispatches: &'a [SummarizedDispatch],
}

/// One dispatch in a summary.
#[derive(Debug, Clone)]
pub struct SummarizedDispatch {
    /// Its serial.
    pub serial: Serial,
    /// Its recipient.
    pub recipient: Recipient,
    /// Its outcome.
    pub outcome: Outcome,
    /// Of its certificate, if it has one.
    pub certificate: Option<Sha256Digest>,
}

/// One mail about the certificates of many recipients: each with its outcome, serial and digest,
/// and where they are. What an outcome means is said once.
#[must_use]
pub fn summary_notice(letterhead: &Letterhead<'_>, notice: &SummaryNotice<'_>) -> Vec<u8> {
    let outcomes = meanings(notice.dispatches);
    let accepted = spoken(notice.accepted_at, notice.zone);
    let dispatches: Vec<String> = notice.dispatches.iter().map(line).collect();
    Notice {
        kind: "summary",
        to: notice.to,
        automatic: Automatic::Generated,
        fields: &[],
        template: TEXT,
        values: &[
            ("account", notice.account),
            ("count", &notice.dispatches.len().to_string()),
            ("subject", &shown(notice.subject)),
            ("accepted_japanese", &accepted.japanese),
            ("accepted_english", &accepted.english),
            ("link", notice.link),
            ("outcomes_japanese", &outcomes.japanese),
            ("outcomes_english", &outcomes.english),
            ("dispatches", &listed(&dispatches)),
        ],
    }
    .write(letterhead)
}

/// What each outcome that occurs means.
fn meanings(dispatches: &[SummarizedDispatch]) -> Bilingual {
    let outcomes = dispatches
        .iter()
        .map(|one| (one.outcome.name(), one.outcome));
    let outcomes: BTreeMap<&str, Outcome> = outcomes.collect();
    let meanings = outcomes.into_iter().map(|(name, outcome)| {
        let words = outcome_words(outcome);
        let japanese = format!("{name}: {}", words.japanese);
        Bilingual::new(japanese, format!("{name}: {}", words.english))
    });
    listed_words(&meanings.collect::<Vec<_>>())
}

fn line(one: &SummarizedDispatch) -> String {
    let certificate = one.certificate.map_or_else(
        || "証明書なし / No certificate".to_owned(),
        |digest| format!("SHA-256 {digest}"),
    );
    let SummarizedDispatch {
        serial, recipient, ..
    } = one;
    let outcome = one.outcome.name();
    format!("{serial}  {recipient}\n  {outcome}\n  {certificate}")
}
