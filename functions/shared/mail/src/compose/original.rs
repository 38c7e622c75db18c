//! The content of an inbound mail inside an outgoing one: verbatim wherever that can travel, else
//! in base64. The decoded content never changes.

use memchr::{memchr, memchr_iter};

use super::writer::Writer;
use crate::read::ParsedMail;
use crate::read::header::{fields, slice};
use crate::read::message::whole;
use crate::read::structure::Part;

/// Longest line that SMTP passes on, in octets without CRLF (RFC 5321 section 4.5.3.1.6).
const LINE_LENGTH_MAX: usize = 998;

/// Writes the root part of a mail as a part: its Content fields, the empty line, its content.
/// `boundary` is the prefix of the boundaries that are needed.
pub(crate) fn write(mail: &ParsedMail<'_>, boundary: &str, writer: &mut Writer) {
    let Some(root) = mail.parts.first() else {
        return;
    };
    if can_travel(slice(&mail.message, whole(root))) {
        let is_content = |name: &[u8]| {
            name.get(..8)
                .is_some_and(|start| start.eq_ignore_ascii_case(b"content-"))
        };
        let end = root.header.end;
        for field in fields(&mail.message, mail.start).take_while(|field| field.whole.end <= end) {
            if is_content(field.name(&mail.message)) {
                writer.bytes(slice(&mail.message, field.whole));
            }
        }
        writer.text("\r\n");
        writer.bytes(slice(&mail.message, root.body.clone()));
        return;
    }
    Rebuild {
        mail,
        boundary,
        writer,
        number: 0,
    }
    .part(0);
}

/// Whether these bytes arrive as they are: seven bits, no NUL, CRLF only, no long line.
fn can_travel(bytes: &[u8]) -> bool {
    bytes.is_ascii() && memchr(0, bytes).is_none() && lines_can_travel(bytes)
}

fn lines_can_travel(bytes: &[u8]) -> bool {
    let mut line_start = 0;
    for line_feed in memchr_iter(b'\n', bytes) {
        let line = slice(bytes, line_start..line_feed);
        let Some(content) = line.strip_suffix(b"\r") else {
            return false;
        };
        if content.len() > LINE_LENGTH_MAX {
            return false;
        }
        line_start = line_feed + 1;
    }
    let last = slice(bytes, line_start..bytes.len());
    let carriage_returns = memchr_iter(b'\r', bytes).count();
    let line_feeds = memchr_iter(b'\n', bytes).count();
    // Each LF has a CR before it; more CRs than that are lone ones.
    last.len() <= LINE_LENGTH_MAX && carriage_returns == line_feeds
}

/// Writes part by part, those that can travel verbatim.
struct Rebuild<'r, 'a> {
    mail: &'r ParsedMail<'a>,
    boundary: &'r str,
    writer: &'r mut Writer,
    number: usize,
}

impl Rebuild<'_, '_> {
    /// Recursion follows the tree, whose depth is bounded.
    fn part(&mut self, index: usize) {
        let Some(part) = self.mail.parts.get(index) else {
            return;
        };
        let bytes = slice(&self.mail.message, whole(part));
        if index > 0 && can_travel(bytes) {
            self.writer.bytes(bytes);
            return;
        }
        match &part.children {
            Some(children) => self.multipart(part, children),
            None => self.leaf(index, part),
        }
    }

    fn multipart(&mut self, part: &Part, children: &[usize]) {
        self.number += 1;
        let boundary = format!("{}.{}", self.boundary, self.number);
        self.content_type(part, Some(&boundary));
        self.writer.text("\r\n");
        for child in children {
            self.writer.text(&format!("--{boundary}\r\n"));
            self.part(*child);
            self.writer.text("\r\n");
        }
        self.writer.text(&format!("--{boundary}--\r\n"));
    }

    fn leaf(&mut self, index: usize, part: &Part) {
        self.content_type(part, None);
        if !part.disposition.value.is_empty() {
            let disposition = part.disposition.to_field_value(None);
            self.writer.field("Content-Disposition", &disposition);
        }
        if let Some(id) = &part.content_id {
            self.writer.field("Content-ID", &format!("<{id}>"));
        }
        self.writer
            .text("Content-Transfer-Encoding: base64\r\n\r\n");
        self.writer.base64(&self.mail.content(index));
    }

    fn content_type(&mut self, part: &Part, boundary: Option<&str>) {
        let value = part.media_type.to_field_value(boundary);
        self.writer.field("Content-Type", &value);
    }
}
