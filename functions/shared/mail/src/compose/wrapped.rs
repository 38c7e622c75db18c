//! A mail that carries the content of another one unchanged, behind a block of ours.

use domain::{EmailAddress, Serial};

use super::writer::{Writer, boundary};
use super::{Letterhead, original};
use crate::read::ParsedMail;

/// What is wrapped, and in what.
pub(crate) struct Wrapped<'w, 'a> {
    /// Tells mails of one letterhead apart.
    pub(crate) kind: &'static str,
    pub(crate) original: &'w ParsedMail<'a>,
    /// Our address, under the sender's name.
    pub(crate) from: &'w str,
    pub(crate) sender: &'w EmailAddress,
    pub(crate) sender_name: Option<&'w str>,
    pub(crate) reply_to: &'w EmailAddress,
    pub(crate) recipient: &'w EmailAddress,
    pub(crate) subject: &'w str,
    pub(crate) references: Option<String>,
    pub(crate) serial: &'w Serial,
    /// Stands outside the certified content (I-064).
    pub(crate) notice: String,
}

impl Wrapped<'_, '_> {
    /// The mail. No trace, signature or Bcc field of the original is copied.
    pub(crate) fn write(&self, letterhead: &Letterhead<'_>) -> Vec<u8> {
        let original = self.original;
        let boundary = boundary(letterhead, &original.message);
        let capacity = original.message.len() + NOTICE_ROOM_BYTES;
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

/// Our fields and the notice take about this much.
const NOTICE_ROOM_BYTES: usize = 8_192;

/// The sender as a notice names them: name and address, the address once.
pub(crate) fn sender_line(sender: &EmailAddress, name: Option<&str>) -> String {
    let sender = sender.as_str();
    match name {
        Some(name) if name != sender => format!("{name} <{sender}>"),
        _ => sender.to_owned(),
    }
}
