//! The content of an inbound mail inside an outgoing one: verbatim wherever that can travel, else
//! in base64. The decoded content never changes.

use mail::{MailPart, ParsedMail};
use memchr::{memchr, memchr_iter};

use super::writer::Writer;

/// Longest line that SMTP passes on, in octets without CRLF (RFC 5321 section 4.5.3.1.6).
const LINE_LENGTH_MAX: usize = 998;

/// Writes the root part of a mail as a part: its Content fields, the empty line, its content.
/// `boundary` is the prefix of the boundaries that are needed.
pub(super) fn write(mail: &ParsedMail<'_>, boundary: &str, writer: &mut Writer) {
    let Some(root) = mail.root() else {
        return;
    };
    if can_travel(root.bytes()) {
        for field in root.content_fields() {
            writer.bytes(field);
        }
        writer.text("\r\n");
        writer.bytes(root.body());
        return;
    }
    let mut rebuild = Rebuild {
        boundary,
        writer,
        number: 0,
    };
    rebuild.rebuilt(root);
}

/// Whether these bytes arrive as they are: seven bits, no NUL, CRLF only, no long line.
fn can_travel(bytes: &[u8]) -> bool {
    bytes.is_ascii() && memchr(0, bytes).is_none() && lines_can_travel(bytes)
}

fn lines_can_travel(bytes: &[u8]) -> bool {
    let mut line_start = 0;
    for line_feed in memchr_iter(b'\n', bytes) {
        let line = bytes.get(line_start..line_feed).unwrap_or_default();
        let Some(content) = line.strip_suffix(b"\r") else {
            return false;
        };
        if content.len() > LINE_LENGTH_MAX {
            return false;
        }
        line_start = line_feed + 1;
    }
    let last = bytes.get(line_start..).unwrap_or_default();
    let carriage_returns = memchr_iter(b'\r', bytes).count();
    let line_feeds = memchr_iter(b'\n', bytes).count();
    // Each LF has a CR before it; more CRs than that are lone ones.
    last.len() <= LINE_LENGTH_MAX && carriage_returns == line_feeds
}

/// Writes part by part, those that can travel verbatim.
struct Rebuild<'r> {
    boundary: &'r str,
    writer: &'r mut Writer,
    number: usize,
}

impl Rebuild<'_> {
    /// Recursion follows the tree, whose depth is bounded.
    fn part(&mut self, part: MailPart<'_>) {
        if can_travel(part.bytes()) {
            self.writer.bytes(part.bytes());
        } else {
            self.rebuilt(part);
        }
    }

    fn rebuilt(&mut self, part: MailPart<'_>) {
        match part.children() {
            Some(children) => self.multipart(part, children),
            None => self.leaf(part),
        }
    }

    fn multipart<'m>(&mut self, part: MailPart<'m>, children: impl Iterator<Item = MailPart<'m>>) {
        self.number += 1;
        let boundary = format!("{}.{}", self.boundary, self.number);
        self.content_type(part, Some(&boundary));
        self.writer.text("\r\n");
        for child in children {
            self.writer.text(&format!("--{boundary}\r\n"));
            self.part(child);
            self.writer.text("\r\n");
        }
        self.writer.text(&format!("--{boundary}--\r\n"));
    }

    fn leaf(&mut self, part: MailPart<'_>) {
        self.content_type(part, None);
        if let Some(disposition) = part.content_disposition() {
            self.writer.field("Content-Disposition", &disposition);
        }
        if let Some(id) = part.content_id() {
            self.writer.field("Content-ID", &format!("<{id}>"));
        }
        self.writer
            .text("Content-Transfer-Encoding: base64\r\n\r\n");
        self.writer.base64(&part.content());
    }

    fn content_type(&mut self, part: MailPart<'_>, boundary: Option<&str>) {
        self.writer
            .field("Content-Type", &part.content_type(boundary));
    }
}
