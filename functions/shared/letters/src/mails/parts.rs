//! The parts of a delivered mail as octets.

use domain::EmailAddress;
use mail::ParsedMail;

use super::content::{Html, PlainText};
use super::guidance::FILE_NAME;
use super::original::{self, can_travel};
use super::protection::has_many_parts;
use super::shape::Node;
use super::writer::{Boundaries, Writer};

/// What a message that goes as a file is known by.
pub(super) struct MessageFile<'w, 'a> {
    pub(super) original: &'w ParsedMail<'a>,
    pub(super) sender: &'w EmailAddress,
    pub(super) sender_name: Option<&'w str>,
    pub(super) recipient: &'w EmailAddress,
    pub(super) subject: &'w str,
}

/// Writes a part: its fields, the empty line, its content. Recursion follows the plan, which has
/// three levels.
pub(super) fn write(
    node: &Node<'_>,
    message: &MessageFile<'_, '_>,
    boundaries: &mut Boundaries,
    writer: &mut Writer,
) {
    match node {
        Node::Text(text) => write_text(text, writer),
        Node::Html(html) => write_html(html, writer),
        Node::Original(part) => original::write(*part, boundaries, writer),
        Node::File(part) => original::write_as_file(*part, boundaries, writer),
        Node::Message => write_message(message, writer),
        Node::Multipart { subtype, parts } => {
            let boundary = boundaries.next();
            // RFC 2387 section 3.1.
            let root = match *subtype {
                "related" => "type=\"text/html\";\r\n ",
                _ => "",
            };
            writer.field(
                "Content-Type",
                &format!("multipart/{subtype};\r\n {root}boundary=\"{boundary}\""),
            );
            writer.text("\r\n");
            for part in parts {
                writer.text(&format!("--{boundary}\r\n"));
                write(part, message, boundaries, writer);
                writer.text("\r\n");
            }
            writer.text(&format!("--{boundary}--\r\n"));
        }
    }
}

fn write_text(text: &PlainText, writer: &mut Writer) {
    let mut kind = String::from("text/plain; charset=utf-8");
    if let Some(flow) = text.flow {
        kind.push_str("; format=flowed");
        if flow.deletes_space {
            kind.push_str("; delsp=yes");
        }
    }
    writer.field("Content-Type", &kind);
    writer.text_content(&text.text);
}

fn write_html(html: &Html<'_>, writer: &mut Writer) {
    let charset = html.charset.as_deref();
    let charset = charset.map(|label| format!("; charset=\"{label}\""));
    let kind = format!("text/html{}", charset.unwrap_or_default());
    writer.field("Content-Type", &kind);
    for field in html.part.into_iter().flat_map(original::fields_of_place) {
        writer.bytes(field);
    }
    writer.text("Content-Transfer-Encoding: base64\r\n\r\n");
    writer.base64(&html.bytes);
}

/// As `message/rfc822`, which a mailer opens and whose signature it checks. That may not be encoded
/// (RFC 2046 section 5.2.1), so one with octets or lines that do not travel goes as octets, and so
/// does one of more parts than the provider takes.
fn write_message(message: &MessageFile<'_, '_>, writer: &mut Writer) {
    let mut header = Writer::empty();
    let name = message.sender_name;
    header.address_field("From", name, &message.sender.to_wire());
    header.to(message.recipient);
    header.subject(message.subject);
    let date = message.original.date_header();
    let id = message.original.message_id();
    for (name, value) in [("Date", date), ("Message-ID", id)] {
        let is_written = |value: &String| value.is_ascii() && can_travel(value.as_bytes());
        if let Some(value) = value.filter(is_written) {
            header.field(name, &value);
        }
    }
    let file = original::message(message.original, header);
    let is_message = can_travel(&file) && !has_many_parts(message.original);
    let kind = if is_message {
        "message/rfc822"
    } else {
        "application/octet-stream"
    };
    writer.field("Content-Type", &format!("{kind}; name=\"{FILE_NAME}\""));
    writer.field(
        "Content-Disposition",
        &format!("attachment; filename=\"{FILE_NAME}\""),
    );
    if is_message {
        writer.text("\r\n");
        writer.bytes(&file);
    } else {
        writer.text("Content-Transfer-Encoding: base64\r\n\r\n");
        writer.base64(&file);
    }
}
