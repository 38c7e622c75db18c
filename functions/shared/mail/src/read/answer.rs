//! What matters of a mail that answers an offer (P-024, P-044, P-045).

use std::collections::BTreeSet;

use domain::glossary::{CONTACT, OPERATOR, PRIVACY};
use domain::limits::ANSWER_TEXT_BYTES_MAX;
use domain::{AutomaticMail, EmailAddress, Words};

use super::header::fields;
use super::message::{MACHINE_FIELDS, ParsedMail};
use super::received::{self, ReceivedHop};
use crate::text::shows_something;

/// Most message ids that are read of one answer: those of its In-Reply-To and the newest of its
/// References. Ours stands at or near the end.
const REFERENCES_MAX: usize = 100;

/// Longest message id, in octets: a header line holds 998, real ones have fewer than 200.
const MESSAGE_ID_LENGTH_MAX: usize = 250;

/// What machines write before the subject that they answer, in lower case.
const MACHINE_SUBJECTS: [&str; 22] = [
    "自動応答",
    "自動返信",
    "自動返信メール",
    "自動応答メール",
    "不在通知",
    "不在応答",
    "不在のお知らせ",
    "automatic reply",
    "automatic response",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto response",
    "auto-response",
    "autoresponse",
    "out of office",
    "out of the office",
    "out of office reply",
    "out of office autoreply",
    "vacation",
    "away from the office",
    "abwesenheitsnotiz",
];

/// Types of parts that sign the others.
const SIGNATURE_TYPES: [&str; 3] = [
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
];

/// What telephones write below every mail.
const TELEPHONE_LINES: [&str; 6] = [
    "iphoneから送信",
    "ipadから送信",
    "androidから送信",
    "スマートフォンから送信",
    "sent from my ",
    "get outlook for ",
];

fn is_signature_mark(line: &str) -> bool {
    matches!(line.trim(), "--" | "---" | "—" | "――")
}

fn is_of_telephone(line: &str) -> bool {
    let line = line.trim().to_lowercase();
    TELEPHONE_LINES.iter().any(|known| line.starts_with(known))
}

/// RFC 6522.
const REPORT: &[u8] = b"multipart/report";

impl ParsedMail<'_> {
    /// The messages that this one says it answers, angle brackets included: In-Reply-To first,
    /// then References, each once (P-044). At most 100.
    #[must_use]
    pub fn references(&self) -> Vec<String> {
        let ids_of = |name| -> Vec<String> {
            self.fields_named(name)
                .flat_map(|field| message_ids(&self.text_of(field)))
                .collect()
        };
        let replied_to = ids_of("In-Reply-To");
        let references = ids_of("References");
        let newest = references.len().saturating_sub(REFERENCES_MAX);
        let mut seen = BTreeSet::new();
        replied_to
            .into_iter()
            .chain(references.into_iter().skip(newest))
            .filter(|id| seen.insert(id.clone()))
            .take(REFERENCES_MAX)
            .collect()
    }

    /// Whether no person wrote this answer: all that [`automatic`](Self::automatic) knows,
    /// reports of servers and read receipts (RFC 6522), and the fields and subjects by which older
    /// machines mark their replies. `envelope_from` is the SMTP return path.
    ///
    /// `X-Auto-Response-Suppress` alone is not such a mark: it asks others not to reply
    /// (MS-OXCMAIL section 2.1.3.2.14), and mailers of people write it, too.
    #[must_use]
    pub fn automatic_answer(&self, envelope_from: &str) -> Option<AutomaticMail> {
        if self.is_report() {
            return Some(AutomaticMail::DeliveryReport);
        }
        let is_reply_of_machine = MACHINE_FIELDS
            .into_iter()
            .any(|name| self.keywords(name).any(|word| word != "no"));
        let is_delivered_to_machine = self
            .keywords("Delivered-To")
            .any(|word| word.starts_with("autoresponder"));
        if is_reply_of_machine || is_delivered_to_machine || self.has_subject_of_machine() {
            return Some(AutomaticMail::AutoSubmitted);
        }
        if self.is_of_mail_server(envelope_from) {
            return Some(AutomaticMail::DeliveryReport);
        }
        let is_auto_reply = |word: String| ["auto_reply", "auto-reply"].contains(&word.as_str());
        let mut preferences = self
            .keywords("Precedence")
            .chain(self.keywords("Preference"));
        if preferences.any(is_auto_reply) {
            return Some(AutomaticMail::Precedence);
        }
        self.automatic(envelope_from)
    }

    /// Whether the subject begins with words that machines put before the one that they answer, and
    /// people do not: they write `Re:`.
    fn has_subject_of_machine(&self) -> bool {
        let subject = self.subject().to_lowercase();
        let subject = subject.trim_start_matches(['[', '【', '(', '（', '<', '＜', ' ', '*']);
        MACHINE_SUBJECTS.iter().any(|words| {
            let behind = subject.strip_prefix(words);
            // The whole subject, or words before it.
            behind.is_some_and(|behind| {
                let behind = behind.trim_start();
                behind.is_empty()
                    || behind.starts_with([':', '：', ']', '】', ')', '）', '>', '＞'])
            })
        })
    }

    /// Whether a mail server itself is the sender.
    fn is_of_mail_server(&self, envelope_from: &str) -> bool {
        let from = self.from();
        let senders = [Some(envelope_from), from.as_ref().map(EmailAddress::as_str)];
        senders.into_iter().flatten().any(|sender| {
            let local_part = sender.trim().trim_start_matches('<').split('@').next();
            local_part.is_some_and(|name| name.eq_ignore_ascii_case("mailer-daemon"))
        })
    }

    /// Whether there is anything in the answer that its sender gave it: a word above the quotation
    /// and the signature, a file, or something that cannot be shown as text. A mail without
    /// any of that states no will.
    #[must_use]
    pub fn says_something(&self) -> bool {
        let words = self.own_words();
        let above_signature = words
            .lines()
            .take_while(|line| !is_signature_mark(line))
            .any(|line| shows_something(line) && !is_of_telephone(line));
        above_signature
            || self.unshown_part().is_some()
            || self.attachments().iter().any(|file| {
                let is_signature = SIGNATURE_TYPES.contains(&file.content_type.as_str());
                !file.is_inline && !is_signature && file.size_bytes > 0
            })
    }

    /// Whether the header says `multipart/report`, also where the parts of it got lost.
    fn is_report(&self) -> bool {
        fields(&self.message, self.start)
            .find(|field| field.is(&self.message, "Content-Type"))
            .is_some_and(|field| {
                let start = field.value(&self.message);
                let start = start.get(..REPORT.len()).unwrap_or_default();
                start.eq_ignore_ascii_case(REPORT)
            })
    }

    /// The words of the answer, verbatim, quotations included (P-024), cut at
    /// [`ANSWER_TEXT_BYTES_MAX`]; the whole mail is kept beside it.
    #[must_use]
    pub fn answer_text(&self) -> String {
        let text = &self.body_text().text;
        let end = text.floor_char_boundary(ANSWER_TEXT_BYTES_MAX);
        text.get(..end).unwrap_or_default().to_owned()
    }

    /// What stands above the quoted original, for display only: mailers quote in too many ways to
    /// be sure. Where nothing stands above it, the lines between the quoted ones, or below the end
    /// of an original of ours that is quoted without marks; empty where there are none.
    #[must_use]
    pub fn own_words(&self) -> String {
        let text = self.answer_text();
        let lines: Vec<&str> = text.lines().collect();
        let quotation = (0..lines.len()).find(|at| begins_quotation(&lines, *at));
        let above = lines.get(..quotation.unwrap_or(lines.len()));
        let above = above.unwrap_or_default().join("\n");
        let ends_with_original = quotation.is_some_and(|at| begins_original(&lines, at));
        if !above.trim().is_empty() {
            return above.trim().to_owned();
        }
        if ends_with_original {
            return below_original(&lines).trim().to_owned();
        }
        let is_own = |(at, line): &(usize, &&str)| !is_quoted(line) && !is_attribution(&lines, *at);
        let own: Vec<&str> = lines
            .iter()
            .enumerate()
            .filter(is_own)
            .map(|(_, line)| *line)
            .collect();
        own.join("\n").trim().to_owned()
    }

    /// The Received fields, the newest first (P-047); at most 100. Only what our receiving
    /// service wrote on top is attested; below it anybody may have written anything.
    #[must_use]
    pub fn received_hops(&self) -> Vec<ReceivedHop> {
        received::read(&self.message, self.start)
    }
}

/// The `<...>` of a field. Old mailers write words around them.
fn message_ids(value: &str) -> Vec<String> {
    let is_id = |id: &&str| {
        id.len() + 2 <= MESSAGE_ID_LENGTH_MAX
            && !id.is_empty()
            && id.bytes().all(|byte| byte.is_ascii_graphic())
    };
    value
        .split('<')
        .skip(1)
        .filter_map(|piece| Some(piece.split_once('>')?.0))
        .filter(is_id)
        .map(|id| format!("<{id}>"))
        .collect()
}

/// Lines that mailers put between an answer and what it answers.
const SEPARATORS: [&str; 10] = [
    "original message",
    "forwarded message",
    "begin forwarded message",
    "reply message",
    "元のメッセージ",
    "元のメール",
    "転送メッセージ",
    "転送されたメッセージ",
    "返信元メッセージ",
    "original appointment",
];

/// Field names of a quoted header block.
const SENDER_FIELDS: [&str; 3] = ["from:", "差出人:", "送信者:"];
const OTHER_FIELDS: [&str; 10] = [
    "sent:",
    "date:",
    "to:",
    "subject:",
    "送信日時:",
    "日時:",
    "日付:",
    "宛先:",
    "件名:",
    "送信済み:",
];

/// Whether the quoted original begins with this line.
fn begins_quotation(lines: &[&str], at: usize) -> bool {
    let Some(line) = lines.get(at) else {
        return false;
    };
    is_quoted(line) || is_attribution(lines, at) || begins_original(lines, at)
}

/// Whether the whole original follows, none of its lines marked.
fn begins_original(lines: &[&str], at: usize) -> bool {
    let rest = lines.get(at..).unwrap_or_default();
    rest.first().is_some_and(|line| is_separator(line)) || is_header_block(rest)
}

/// What stands below the last lines of a mail of ours, which name the operator: there some people
/// answer. Of an original that does not end so, nothing is told apart.
fn below_original(lines: &[&str]) -> String {
    let is_of = |line: &str, words: Words| line.trim_start().starts_with(&words.to_string());
    let end = lines.iter().rposition(|line| is_of(line, OPERATOR));
    let below = end.and_then(|end| lines.get(end + 1..)).unwrap_or_default();
    let is_ours = |line: &&&str| is_of(line, CONTACT) || is_of(line, PRIVACY);
    let ours = below.iter().take_while(is_ours).count();
    below.get(ours..).unwrap_or_default().join("\n")
}

fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with(['>', '＞'])
}

/// `-----Original Message-----`, or the line of underscores that Outlook writes.
fn is_separator(line: &str) -> bool {
    let line = line.trim();
    let is_rule = line.len() >= 20 && line.bytes().all(|byte| byte == b'_');
    let inside = line.trim_matches(|c: char| "-_=*ー― ".contains(c));
    let is_ruled = inside.len() < line.len();
    is_rule || (is_ruled && SEPARATORS.contains(&inside.to_lowercase().as_str()))
}

/// `On Mon, Jan 5, 2026 at 9:00, Taro <taro@example.jp> wrote:`, `2026年1月5日(月) 9:00 山田
/// <taro@example.jp>:` and the like, on one line or two, before quoted lines or the end.
fn is_attribution(lines: &[&str], at: usize) -> bool {
    let line = lines.get(at).map_or("", |line| line.trim());
    let next = lines.get(at + 1).map_or("", |line| line.trim());
    let begins = line.starts_with("On ") || line.contains(['@', '年', '/', '<']);
    let is_end = |line: &str| {
        line.ends_with("wrote:")
            || line.ends_with(">:")
            || line.ends_with("さんが書きました:")
            || line.ends_with("のメール:")
    };
    begins && (is_end(line) || (line.starts_with("On ") && is_end(next)))
}

/// `From:` or `差出人:` with another field of a mail in the next lines.
fn is_header_block(lines: &[&str]) -> bool {
    let field = |line: &str| {
        let line = line.trim_start_matches([' ', '\u{3000}', '*', '\t']);
        line.to_lowercase().replace('：', ":").replace("*", "")
    };
    let Some((first, rest)) = lines.split_first() else {
        return false;
    };
    let first = field(first);
    SENDER_FIELDS.iter().any(|name| first.starts_with(name))
        && rest.iter().take(4).any(|line| {
            let line = field(line);
            OTHER_FIELDS.iter().any(|name| line.starts_with(name))
        })
}
