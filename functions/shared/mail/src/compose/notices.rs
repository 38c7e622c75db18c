//! What the service writes to its customers. All of it is marked as automatic (RFC 3834), so that
//! no machine answers.

use std::collections::BTreeMap;

use domain::{
    Account, Distrust, EmailAddress, NotAttempted, Outcome, Points, Recipient, Refusal, Serial,
    Sha256Digest, UnvouchedCount,
};
use jiff::Timestamp;

use super::writer::{Writer, boundary, shortened};
use super::{
    ACCEPTANCE_NOTICE, CERTIFICATE_COPY, LAPSE_WARNING, Letterhead, NOT_ATTEMPTED_NOTICE,
    REFUSAL_NOTICE, SUMMARY_NOTICE, UNVOUCHED_NOTICE,
};
use crate::visible;
use crate::wording::{
    Bilingual, distrust_words, fill, not_attempted_advice, outcome_words, refusal_words,
};

/// Why a mail was not accepted.
#[derive(Debug, Clone, Copy)]
pub struct RefusalNotice<'a> {
    /// The registered sender.
    pub sender: &'a EmailAddress,
    /// The number given at intake, to refused mails too (P-071).
    pub serial: &'a Serial,
    /// The subject of the refused mail.
    pub subject: &'a str,
    /// Its Message-ID as sent, for In-Reply-To.
    pub message_id: Option<&'a str>,
    /// All the reasons, at least one.
    pub refusals: &'a [Refusal],
}

/// That mails with this sender were refused, because nobody vouches for them. Nothing in it
/// comes from these mails: a forger may have written them.
#[derive(Debug, Clone, Copy)]
pub struct UnvouchedNotice<'a> {
    /// The registered sender.
    pub sender: &'a EmailAddress,
    /// How many there were, and when.
    pub count: &'a UnvouchedCount,
    /// Why the latest was refused.
    pub distrust: &'a Distrust,
}

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

/// A copy of a certificate.
#[derive(Debug, Clone, Copy)]
pub struct CertificateCopy<'a> {
    /// Who gets the copy: the registered sender.
    pub to: &'a EmailAddress,
    /// The company of the account, for the salutation.
    pub account: &'a str,
    /// The dispatch's serial.
    pub serial: &'a Serial,
    /// The recipient of the certified mail.
    pub recipient: &'a Recipient,
    /// Its subject.
    pub subject: &'a str,
    /// Its outcome.
    pub outcome: Outcome,
    /// The certificate, attached byte for byte (I-054).
    pub pdf: &'a [u8],
}

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

/// A dispatch that the service did not attempt.
#[derive(Debug, Clone, Copy)]
pub struct NotAttemptedNotice<'a> {
    /// The registered sender.
    pub sender: &'a EmailAddress,
    /// The dispatch's serial.
    pub serial: &'a Serial,
    /// The recipient of the mail.
    pub recipient: &'a Recipient,
    /// The subject of the mail.
    pub subject: &'a str,
    /// Why nothing was sent.
    pub reason: NotAttempted,
}

/// An account that is going to lapse, because nobody uses it (I-046).
#[derive(Debug, Clone, Copy)]
pub struct LapseNotice<'a> {
    /// Whose it is; the mail goes to its registered address (I-031).
    pub account: &'a Account,
    /// When it closes, unless it is used before.
    pub closes_at: Timestamp,
    /// The points that lapse with it.
    pub points: Points,
}

/// The warning notice of P-013: every reason at once, and for each what to do.
#[must_use]
pub fn refusal_notice(letterhead: &Letterhead<'_>, notice: &RefusalNotice<'_>) -> Vec<u8> {
    let mut writer = Writer::begin(letterhead, "refusal", NOTICE_ROOM_BYTES);
    address(&mut writer, letterhead, notice.sender);
    let serial = notice.serial.to_string();
    let subject = shown(notice.subject);
    writer.subject(&format!(
        "受け付けられませんでした / Not accepted: {subject}"
    ));
    writer.field("Auto-Submitted", "auto-replied");
    writer.field("X-Akashi-Serial", &serial);
    if let Some(id) = notice.message_id.filter(|id| is_message_id(id)) {
        writer.field("In-Reply-To", id);
        writer.field("References", id);
    }
    let reasons: Vec<_> = notice.refusals.iter().map(refusal_words).collect();
    let (japanese, english) = listed_words(&reasons);
    let text = fill(
        REFUSAL_NOTICE,
        &[
            ("sender", notice.sender.as_str()),
            ("subject", &subject),
            ("serial", &serial),
            ("reasons_japanese", &japanese),
            ("reasons_english", &english),
        ],
    );
    finish_text(writer, &text)
}

/// At most one an hour to one sender: how many mails were refused and when, without a word of
/// theirs.
#[must_use]
pub fn unvouched_notice(letterhead: &Letterhead<'_>, notice: &UnvouchedNotice<'_>) -> Vec<u8> {
    let mut writer = Writer::begin(letterhead, "unvouched", NOTICE_ROOM_BYTES);
    address(&mut writer, letterhead, notice.sender);
    writer.subject("差出人を確認できないメール / Mail that could not be confirmed as yours");
    writer.field("Auto-Submitted", "auto-generated");
    let (japanese, english) = listed_words(&distrust_words(notice.distrust));
    let refused_at = notice.count.refused_at.iter();
    let mut times: Vec<String> = refused_at.map(|time| in_utc(*time)).collect();
    if notice.count.more > 0 {
        let more = format!("ほか{0}通 / {0} more", notice.count.more);
        times.insert(times.len().saturating_sub(1), more);
    }
    let text = fill(
        UNVOUCHED_NOTICE,
        &[
            ("sender", notice.sender.as_str()),
            ("count", &notice.count.total().to_string()),
            ("times", &listed(&times)),
            ("reasons_japanese", &japanese),
            ("reasons_english", &english),
        ],
    );
    finish_text(writer, &text)
}

/// What was accepted, for whom and under which serials.
#[must_use]
pub fn acceptance_notice(letterhead: &Letterhead<'_>, notice: &AcceptanceNotice<'_>) -> Vec<u8> {
    let mut writer = Writer::begin(letterhead, "acceptance", NOTICE_ROOM_BYTES);
    address(&mut writer, letterhead, notice.sender);
    let subject = shown(notice.subject);
    writer.subject(&format!("受け付けました / Accepted: {subject}"));
    writer.field("Auto-Submitted", "auto-replied");
    let dispatches = notice.dispatches.iter();
    let dispatches: Vec<String> = dispatches
        .map(|(serial, recipient)| format!("{serial}  {recipient}"))
        .collect();
    let text = fill(
        ACCEPTANCE_NOTICE,
        &[
            ("sender", notice.sender.as_str()),
            ("subject", &subject),
            ("accepted", &in_utc(notice.accepted_at)),
            ("dispatches", &listed(&dispatches)),
        ],
    );
    finish_text(writer, &text)
}

fn in_utc(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn listed(texts: &[String]) -> String {
    let lines: Vec<String> = texts.iter().map(|text| format!("- {text}")).collect();
    lines.join("\n")
}

/// A list in Japanese and one in English.
fn listed_words(words: &[Bilingual]) -> (String, String) {
    let japanese: Vec<String> = words.iter().map(|both| both.japanese.clone()).collect();
    let english: Vec<String> = words.iter().map(|both| both.english.clone()).collect();
    (listed(&japanese), listed(&english))
}

/// What was not attempted and why; nothing is charged.
#[must_use]
pub fn not_attempted_notice(
    letterhead: &Letterhead<'_>,
    notice: &NotAttemptedNotice<'_>,
) -> Vec<u8> {
    let mut writer = Writer::begin(letterhead, "not-attempted", NOTICE_ROOM_BYTES);
    address(&mut writer, letterhead, notice.sender);
    let serial = notice.serial.to_string();
    writer.subject(&format!("送信しませんでした / Not sent: {serial}"));
    writer.field("Auto-Submitted", "auto-generated");
    writer.field("X-Akashi-Serial", &serial);
    let outcome = outcome_words(Outcome::NotAttempted(notice.reason));
    let advice = not_attempted_advice(notice.reason);
    let text = fill(
        NOT_ATTEMPTED_NOTICE,
        &[
            ("sender", notice.sender.as_str()),
            ("serial", &serial),
            ("recipient", &notice.recipient.to_string()),
            ("subject", &shown(notice.subject)),
            ("outcome_japanese", &outcome.japanese),
            ("outcome_english", &outcome.english),
            ("advice_japanese", &advice.japanese),
            ("advice_english", &advice.english),
        ],
    );
    finish_text(writer, &text)
}

/// When an account closes, which points lapse, and how to keep them (I-045, I-046). Times are
/// shown in the account's zone, with its distance from UTC.
#[must_use]
pub fn lapse_notice(letterhead: &Letterhead<'_>, notice: &LapseNotice<'_>) -> Vec<u8> {
    let account = notice.account;
    let mut writer = Writer::begin(letterhead, "lapse-warning", NOTICE_ROOM_BYTES);
    address(&mut writer, letterhead, &account.mail);
    let zone = account.settings.zone.time_zone();
    let shown_time = |time: Timestamp| {
        let zoned = time.to_zoned(zone.clone());
        zoned.strftime("%Y-%m-%d %H:%M (UTC%:z)").to_string()
    };
    writer.subject(&format!(
        "アカウントが終了します / Your account is going to close: {}",
        account.id
    ));
    writer.field("Auto-Submitted", "auto-generated");
    let text = fill(
        LAPSE_WARNING,
        &[
            ("company", &shown(&account.company)),
            ("contact", &shown(&account.contact)),
            ("account", account.id.as_str()),
            ("last_used", &shown_time(account.last_used_at)),
            ("closes", &shown_time(notice.closes_at)),
            ("points", &notice.points.to_string()),
        ],
    );
    finish_text(writer, &text)
}

/// A certificate by mail (I-035): the outcome in honest words, how to check the signature
/// (I-048), the certificate attached byte for byte.
#[must_use]
pub fn certificate_copy(letterhead: &Letterhead<'_>, copy: &CertificateCopy<'_>) -> Vec<u8> {
    let mut writer = Writer::begin_with_file(letterhead, "certificate", copy.pdf);
    address(&mut writer, letterhead, copy.to);
    let serial = copy.serial.to_string();
    writer.subject(&format!("証明書 / Certificate {serial}"));
    let outcome = outcome_words(copy.outcome);
    let text = fill(
        CERTIFICATE_COPY,
        &[
            ("account", copy.account),
            ("serial", &serial),
            ("recipient", &copy.recipient.to_string()),
            ("subject", &shown(copy.subject)),
            ("outcome_japanese", &outcome.japanese),
            ("outcome_english", &outcome.english),
        ],
    );
    write_with_certificate(writer, letterhead, &text, &serial, copy.pdf)
}

/// One mail about the certificates of many recipients: each with its outcome, serial and digest,
/// and where they are. What an outcome means is said once.
#[must_use]
pub fn summary_notice(letterhead: &Letterhead<'_>, notice: &SummaryNotice<'_>) -> Vec<u8> {
    let room_bytes = NOTICE_ROOM_BYTES + notice.dispatches.len() * SUMMARIZED_ROOM_BYTES;
    let mut writer = Writer::begin(letterhead, "summary", room_bytes);
    address(&mut writer, letterhead, notice.to);
    let subject = shown(notice.subject);
    writer.subject(&format!("証明書の一覧 / Certificates: {subject}"));
    writer.field("Auto-Submitted", "auto-generated");
    let outcomes = notice
        .dispatches
        .iter()
        .map(|one| (one.outcome.name(), one.outcome));
    let outcomes: BTreeMap<&str, Outcome> = outcomes.collect();
    let words = outcomes.into_iter().map(|(name, outcome)| {
        let Bilingual { japanese, english } = outcome_words(outcome);
        Bilingual {
            japanese: format!("{name}: {japanese}"),
            english: format!("{name}: {english}"),
        }
    });
    let (japanese, english) = listed_words(&words.collect::<Vec<_>>());
    let dispatches = notice.dispatches.iter().map(|one| {
        let SummarizedDispatch {
            serial, recipient, ..
        } = one;
        let certificate = one.certificate.map_or_else(
            || "証明書なし / No certificate".to_owned(),
            |digest| format!("SHA-256 {digest}"),
        );
        format!(
            "{serial}  {recipient}\n  {}\n  {certificate}",
            one.outcome.name()
        )
    });
    let text = fill(
        SUMMARY_NOTICE,
        &[
            ("account", notice.account),
            ("count", &notice.dispatches.len().to_string()),
            ("subject", &subject),
            ("accepted", &in_utc(notice.accepted_at)),
            ("link", notice.link),
            ("outcomes_japanese", &japanese),
            ("outcomes_english", &english),
            ("dispatches", &listed(&dispatches.collect::<Vec<_>>())),
        ],
    );
    finish_text(writer, &text)
}

/// The fields that mails with certificates share, a text and the file.
pub(crate) fn write_with_certificate(
    mut writer: Writer,
    letterhead: &Letterhead<'_>,
    text: &str,
    serial: &str,
    pdf: &[u8],
) -> Vec<u8> {
    writer.field("Auto-Submitted", "auto-generated");
    writer.field("X-Akashi-Serial", serial);
    writer.field("MIME-Version", "1.0");
    let boundary = boundary(letterhead, b"");
    writer.field(
        "Content-Type",
        &format!("multipart/mixed;\r\n boundary=\"{boundary}\""),
    );
    writer.text(&format!("\r\n--{boundary}\r\n"));
    writer.text_part(text);
    writer.text(&format!("--{boundary}\r\n"));
    writer.field(
        "Content-Type",
        &format!("application/pdf; name=\"{serial}.pdf\""),
    );
    let disposition = format!("attachment; filename=\"{serial}.pdf\"");
    writer.field("Content-Disposition", &disposition);
    writer.text("Content-Transfer-Encoding: base64\r\n\r\n");
    writer.base64(pdf);
    writer.text(&format!("--{boundary}--\r\n"));
    writer.finish()
}

const NOTICE_ROOM_BYTES: usize = 8_192;

/// What one dispatch takes in a summary, in base64.
const SUMMARIZED_ROOM_BYTES: usize = 512;

/// From an address that takes no mail: an answer to a notice is not a registered mail.
pub(crate) fn address(writer: &mut Writer, letterhead: &Letterhead<'_>, to: &EmailAddress) {
    let from = format!("no-reply@{}", letterhead.service_domain);
    writer.address_field("From", Some("Akashi"), &from);
    writer.to(to);
}

/// Longest subject that a notice repeats, in characters.
const SUBJECT_LENGTH_CHARS_MAX: usize = 200;

pub(crate) fn shown(subject: &str) -> String {
    shortened(&visible(subject), SUBJECT_LENGTH_CHARS_MAX)
}

fn finish_text(mut writer: Writer, text: &str) -> Vec<u8> {
    writer.field("MIME-Version", "1.0");
    writer.text_part(text);
    writer.finish()
}

fn is_message_id(id: &str) -> bool {
    id.starts_with('<')
        && id.ends_with('>')
        && id.len() <= 250
        && id.bytes().all(|byte| byte.is_ascii_graphic())
}
