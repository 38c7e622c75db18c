//! What the mails of our own accord share: their fields, and how they show what others wrote.

use domain::{Bilingual, EmailAddress, MobileNumber, Recipient};
use mail::visible;

use super::Letterhead;
use super::footer::footer;
use super::writer::{Writer, shortened};
use crate::template::{Template, fill};

/// Our fields and a text take about this much.
pub(super) const NOTICE_ROOM_BYTES: usize = 8_192;

/// Longest subject that a notice repeats, in characters.
const SUBJECT_LENGTH_CHARS_MAX: usize = 200;

/// Why no person wrote a mail (RFC 3834 section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Automatic {
    /// It answers a mail.
    Replied,
    /// It came about by itself.
    Generated,
}

/// A mail of our own that is written from a template.
pub(super) struct Notice<'n> {
    /// Tells mails of one letterhead apart.
    pub(super) kind: &'static str,
    pub(super) to: &'n EmailAddress,
    pub(super) automatic: Automatic,
    /// Fields beside those that every notice has, in their order.
    pub(super) fields: &'n [(&'static str, &'n str)],
    /// Subject and text.
    pub(super) template: &'static str,
    /// What fills the gaps of both.
    pub(super) values: &'n [(&'n str, &'n str)],
}

impl Notice<'_> {
    /// The mail.
    pub(super) fn write(&self, letterhead: &Letterhead<'_>) -> Vec<u8> {
        let template = Template::read(self.template, letterhead.language);
        let mut writer = Writer::begin(letterhead, self.kind, NOTICE_ROOM_BYTES);
        address(&mut writer, letterhead, self.to);
        writer.subject(&fill(&template.subject, self.values));
        let automatic = match self.automatic {
            Automatic::Replied => "auto-replied",
            Automatic::Generated => "auto-generated",
        };
        writer.field("Auto-Submitted", automatic);
        for (name, value) in self.fields {
            writer.field(name, value);
        }
        writer.field("MIME-Version", "1.0");
        let text = fill(&template.text, self.values) + &footer(letterhead.operator);
        writer.text_part(&text);
        writer.finish()
    }
}

/// From an address that takes no mail: an answer to a notice is not a registered mail.
pub(super) fn address(writer: &mut Writer, letterhead: &Letterhead<'_>, to: &EmailAddress) {
    let from = format!("no-reply@{}", letterhead.service_domain);
    writer.address_field("From", Some("Akashi"), &from);
    writer.to(to);
}

/// A text that somebody else wrote, on one line and not too long.
pub(super) fn shown(subject: &str) -> String {
    shortened(&visible(subject), SUBJECT_LENGTH_CHARS_MAX)
}

/// A recipient as people write addresses and numbers.
pub(super) fn written(recipient: &Recipient) -> String {
    let mobile = recipient.mobile().map(MobileNumber::written);
    let mail = recipient.mail().map(ToString::to_string);
    let parts: Vec<String> = mail.into_iter().chain(mobile).collect();
    parts.join(" / ")
}

/// One line for each text.
pub(super) fn listed(texts: &[String]) -> String {
    let lines: Vec<String> = texts.iter().map(|text| format!("- {text}")).collect();
    lines.join("\n")
}

/// A list in each language.
pub(super) fn listed_words(words: &[Bilingual]) -> Bilingual {
    let japanese: Vec<String> = words.iter().map(|both| both.japanese.clone()).collect();
    let english: Vec<String> = words.iter().map(|both| both.english.clone()).collect();
    Bilingual::new(listed(&japanese), listed(&english))
}
