//! A mail that carries the message of somebody else, a few lines of ours before it and the rest of
//! what we say behind it (I-064).

use domain::limits::DELIVERED_SIZE_BYTES_MAX;
use domain::{EmailAddress, FileReason, Serial};
use mail::{ParsedMail, visible_within_line};

use super::guidance::Guidance;
use super::notice::NOTICE_ROOM_BYTES;
use super::parts::{self, MessageFile};
use super::shape::{self, Plan};
use super::writer::{Boundaries, NAME_LENGTH_CHARS_MAX, Writer, shortened};
use super::{Letterhead, changes};

/// What is wrapped, and in what.
pub(super) struct Wrapped<'w, 'a> {
    /// Tells mails of one letterhead apart.
    pub(super) kind: &'static str,
    pub(super) original: &'w ParsedMail<'a>,
    /// Our address, under the sender's name.
    pub(super) from: &'w str,
    pub(super) sender: &'w EmailAddress,
    pub(super) sender_name: Option<&'w str>,
    pub(super) reply_to: &'w EmailAddress,
    pub(super) recipient: &'w EmailAddress,
    pub(super) subject: &'w str,
    pub(super) references: Option<String>,
    pub(super) serial: &'w Serial,
    pub(super) guidance: Guidance,
}

impl Wrapped<'_, '_> {
    /// The mail. No trace, signature or Bcc field of the original is copied.
    pub(super) fn write(self, letterhead: &Letterhead<'_>) -> Vec<u8> {
        let planned = shape::together(self.original, &self.guidance);
        let written = planned.map(|plan| self.written(letterhead, &plan));
        let is_too_large = |mail: &Vec<u8>| mail.len() > DELIVERED_SIZE_BYTES_MAX;
        let reason = match written {
            Ok(mail) if is_too_large(&mail) => FileReason::Size,
            Ok(mail) => return mail,
            Err(reason) => reason,
        };
        let guidance = self.guidance.naming_the_file();
        let plan = shape::as_file(reason, &guidance);
        Self { guidance, ..self }.written(letterhead, &plan)
    }

    fn written(&self, letterhead: &Letterhead<'_>, plan: &Plan<'_>) -> Vec<u8> {
        let original = self.original;
        let capacity = original.bytes().len() + NOTICE_ROOM_BYTES;
        let mut writer = Writer::begin(letterhead, self.kind, capacity);
        let name = self.sender_name.unwrap_or(self.sender.as_str());
        writer.address_field("From", Some(name), self.from);
        writer.address_field("Reply-To", None, &self.reply_to.to_wire());
        writer.to(self.recipient);
        writer.subject(self.subject);
        if let Some(references) = &self.references {
            writer.field("References", references);
        }
        writer.field("X-Akashi-Serial", &self.serial.to_string());
        writer.field(changes::FIELD, &changes::written(&plan.changes));
        writer.field("MIME-Version", "1.0");
        let message = MessageFile {
            original,
            sender: self.sender,
            sender_name: self.sender_name,
            recipient: self.recipient,
            subject: self.subject,
        };
        let mut boundaries = Boundaries::new(letterhead, original.bytes());
        parts::write(&plan.root, &message, &mut boundaries, &mut writer);
        writer.finish()
    }
}

/// A name within a line of ours, no longer than in a From field, and unable to turn the line.
pub(super) fn name_within_line(name: &str) -> String {
    shortened(&visible_within_line(name), NAME_LENGTH_CHARS_MAX)
}

/// The sender as a notice names them: name and address, the address once.
pub(super) fn sender_line(sender: &EmailAddress, name: Option<&str>) -> String {
    let sender = sender.as_str();
    match name {
        Some(name) if name != sender => format!("{} <{sender}>", name_within_line(name)),
        _ => sender.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_bounded_and_cannot_turn_the_line_that_it_stands_in() {
        let sender: EmailAddress = "a@b.test".parse().expect("an address");
        for (name, expected) in [
            (
                "\u{202e}a\u{2066}\u{200f}",
                "[U+202E]a[U+2066][U+200F] <a@b.test>".to_owned(),
            ),
            ("a\nb", "a[U+000A]b <a@b.test>".to_owned()),
            (
                &"あ".repeat(121),
                format!("{}… <a@b.test>", "あ".repeat(120)),
            ),
            ("a@b.test", "a@b.test".to_owned()),
        ] {
            assert_eq!(sender_line(&sender, Some(name)), expected);
        }
    }
}
