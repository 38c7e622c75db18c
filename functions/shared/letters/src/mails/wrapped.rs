//! A mail that carries the content of another one unchanged, behind a block of ours.

use domain::{EmailAddress, Serial};
use mail::ParsedMail;

use super::notice::NOTICE_ROOM_BYTES;
use super::writer::{Writer, boundary};
use super::{Letterhead, original};

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
    /// Stands outside the certified content (I-064).
    pub(super) notice: String,
}

impl Wrapped<'_, '_> {
    /// The mail. No trace, signature or Bcc field of the original is copied.
    pub(super) fn write(&self, letterhead: &Letterhead<'_>) -> Vec<u8> {
        let original = self.original;
        let boundary = boundary(letterhead, original.bytes());
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
        writer.field("MIME-Version", "1.0");
        writer.field(
            "Content-Type",
            &format!("multipart/mixed;\r\n boundary=\"{boundary}\""),
        );
        writer.text(&format!(
            "\r\n--{boundary}\r\nContent-Disposition: inline\r\n"
        ));
        writer.text_part(&self.notice);
        writer.text(&format!("--{boundary}\r\n"));
        original::write(original, &boundary, &mut writer);
        writer.text(&format!("\r\n--{boundary}--\r\n"));
        writer.finish()
    }
}

/// The sender as a notice names them: name and address, the address once.
pub(super) fn sender_line(sender: &EmailAddress, name: Option<&str>) -> String {
    let sender = sender.as_str();
    match name {
        Some(name) if name != sender => format!("{name} <{sender}>"),
        _ => sender.to_owned(),
    }
}
