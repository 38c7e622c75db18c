//! The notice of a mail that was accepted: what was understood, and what it costs.

use domain::times::spoken;
use domain::{Bilingual, EmailAddress, Points, Recipient, Serial, Words, ZoneName};
use jiff::Timestamp;

use super::Letterhead;
use super::notice::{Automatic, Notice, listed, shown, written};

pub(super) const TEXT: &str = include_str!("acceptance.txt");

/// That a mail was accepted.
#[derive(Debug, Clone, Copy)]
pub struct AcceptanceNotice<'a> {
    /// The registered sender.
    pub sender: &'a EmailAddress,
    /// The company of the account.
    pub company: &'a str,
    /// Why the sender is told.
    pub reason: AcceptanceReason,
    /// The subject of the mail, of a contract without its destinations.
    pub subject: &'a str,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// Until when an answer counts, if one is awaited.
    pub answer_until: Option<Timestamp>,
    /// The account's zone, in which times are shown (I-006).
    pub zone: &'a ZoneName,
    /// What each dispatch costs.
    pub price_each: Points,
    /// Its dispatches, each with its recipient.
    pub dispatches: &'a [(Serial, Recipient)],
}

/// Why the sender is told of an acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptanceReason {
    /// Only SPF vouches for the recipients.
    OnlySpf,
    /// The account wants to be told.
    Setting,
}

/// What was accepted: for whom as it was understood, under which serials, until when an answer
/// counts, and for how many points. Who mistyped a number sees it here and nowhere else.
#[must_use]
pub fn acceptance_notice(letterhead: &Letterhead<'_>, notice: &AcceptanceNotice<'_>) -> Vec<u8> {
    let dispatches = notice.dispatches.iter();
    let dispatches: Vec<String> = dispatches
        .map(|(serial, recipient)| format!("{serial}  {}", written(recipient)))
        .collect();
    let reason = reason_words(notice.reason);
    let terms = terms(notice);
    Notice {
        kind: "acceptance",
        to: notice.sender,
        automatic: Automatic::Replied,
        fields: &[],
        template: TEXT,
        values: &[
            ("company", &shown(notice.company)),
            ("sender", notice.sender.as_str()),
            ("reason_japanese", reason.japanese),
            ("reason_english", reason.english),
            ("subject", &shown(notice.subject)),
            ("terms_japanese", &terms.japanese),
            ("terms_english", &terms.english),
            ("dispatches", &listed(&dispatches)),
        ],
    }
    .write(letterhead)
}

fn reason_words(reason: AcceptanceReason) -> Words {
    match reason {
        AcceptanceReason::OnlySpf => Words::new(
            "宛先（To）にはメールの電子署名（DKIM）が付いておらず、送信元サーバーの確認（SPF）だけで受け付けたため、念のためお知らせします。",
            "No DKIM signature covers its recipients (To); it was accepted because your mail \
             server was recognized (SPF), so we let you know.",
        ),
        AcceptanceReason::Setting => Words::new(
            "読み取った宛先が正しいか、お確かめください。",
            "Please check that the recipients are as you meant them.",
        ),
    }
}

/// When, until when and for how much; a line for each.
fn terms(notice: &AcceptanceNotice<'_>) -> Bilingual {
    let accepted = spoken(notice.accepted_at, notice.zone);
    let each = notice.price_each;
    let all = each.times(notice.dispatches.len());
    let mut japanese = vec![format!("受付日時: {}", accepted.japanese)];
    let mut english = vec![format!("Accepted: {}", accepted.english)];
    if let Some(until) = notice.answer_until {
        let until = spoken(until, notice.zone);
        japanese.push(format!("回答期限: {}", until.japanese));
        english.push(format!("Answer by: {}", until.english));
    }
    japanese.push(format!("確保したポイント: {all}（宛先1件につき{each}）"));
    english.push(format!(
        "Points reserved: {all} ({each} for each recipient)"
    ));
    Bilingual::new(japanese.join("\n"), english.join("\n"))
}
