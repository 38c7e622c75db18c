//! The content of an inbound mail inside an outgoing one: verbatim wherever that can travel, else
//! in base64. The decoded content never changes.

use mail::{MailPart, ParsedMail, visible};
use memchr::{memchr, memchr_iter};

use super::writer::{Boundaries, NAME_LENGTH_CHARS_MAX, Writer, shortened};

/// Longest line that SMTP passes on, in octets without CRLF (RFC 5321 section 4.5.3.1.6).
const LINE_LENGTH_MAX: usize = 998;

const ID: &[u8] = b"content-id:";

/// The name of a message that has none.
const FILE_NAME: &str = "attached.eml";

/// Writes a part of a mail as a part: its Content fields, the empty line, its content. `boundaries`
/// are those that are needed.
pub(super) fn write(part: MailPart<'_>, boundaries: &mut Boundaries, writer: &mut Writer) {
    let mut rebuild = Rebuild { boundaries, writer };
    if part.is_root() && can_travel(part.bytes()) {
        // Its header is that of the mail.
        root(part, rebuild.writer);
        return;
    }
    if part.is_root() {
        rebuild.rebuilt(part);
    } else {
        rebuild.part(part);
    }
}

/// The same of a leaf, as a file beside the text whatever its sender called it.
pub(super) fn write_as_file(part: MailPart<'_>, boundaries: &mut Boundaries, writer: &mut Writer) {
    let disposition = part.content_disposition().unwrap_or_default();
    let parameters = disposition.find(';').and_then(|at| disposition.get(at..));
    let disposition = format!("attachment{}", parameters.unwrap_or_default());
    let mut rebuild = Rebuild { boundaries, writer };
    rebuild.leaf_of(part, Some(disposition));
}

/// Whether a part can be written so that its content is what it was. Octets whose encoding is not
/// known can only stay as they are.
pub(super) fn can_be_kept(part: MailPart<'_>) -> bool {
    can_travel(part.bytes())
        || match part.children() {
            Some(mut children) => children.all(can_be_kept),
            None => can_be_rebuilt(part),
        }
}

/// The same of a leaf whose fields change.
pub(super) fn can_be_rebuilt(part: MailPart<'_>) -> bool {
    !part.is_encoding_unknown()
}

/// Fields by which others refer to a part, or which say what it is about, that can travel.
pub(super) fn fields_of_place(part: MailPart<'_>) -> impl Iterator<Item = &[u8]> {
    let fields = part.content_fields();
    fields.filter(|field| is_of_place(field) && field.ends_with(b"\r\n") && can_travel(field))
}

fn is_of_place(field: &[u8]) -> bool {
    let names = [
        "content-id:",
        "content-location:",
        "content-base:",
        "content-language:",
        "content-description:",
    ];
    names.iter().any(|name| {
        let start = field.get(..name.len()).unwrap_or_default();
        start.eq_ignore_ascii_case(name.as_bytes())
    })
}

/// A message as a file: the fields by which a reader knows it, and its content, octet for octet, so
/// that a signature holds.
///
/// Trace fields, signatures of servers and Bcc stay out, and so do the other recipients: the mail
/// around it names nobody but this one.
pub(super) fn message(mail: &ParsedMail<'_>, header: Writer) -> Vec<u8> {
    let mut writer = header;
    writer.field("MIME-Version", "1.0");
    if let Some(part) = mail.root() {
        root(part, &mut writer);
    }
    writer.finish()
}

fn root(part: MailPart<'_>, writer: &mut Writer) {
    for field in part.content_fields() {
        writer.bytes(field);
        // The last one of a mail that was cut off.
        if !field.ends_with(b"\n") {
            writer.text("\r\n");
        }
    }
    writer.text("\r\n");
    writer.bytes(part.body());
}

fn is_never_encoded(part: MailPart<'_>) -> bool {
    let kind = part.media_type();
    kind.starts_with("message/") || kind.starts_with("multipart/")
}

/// Whether these bytes arrive as they are: seven bits, no NUL, CRLF only, no long line.
pub(super) fn can_travel(bytes: &[u8]) -> bool {
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
    boundaries: &'r mut Boundaries,
    writer: &'r mut Writer,
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
        let boundary = self.boundaries.next();
        self.content_type(part, Some(&boundary));
        self.fields_of_place(part);
        self.writer.text("\r\n");
        for child in children {
            self.writer.text(&format!("--{boundary}\r\n"));
            self.part(child);
            self.writer.text("\r\n");
        }
        self.writer.text(&format!("--{boundary}--\r\n"));
    }

    fn leaf(&mut self, part: MailPart<'_>) {
        self.leaf_of(part, part.content_disposition());
    }

    fn leaf_of(&mut self, part: MailPart<'_>, disposition: Option<String>) {
        if is_never_encoded(part) {
            self.message(part);
            return;
        }
        self.content_type(part, None);
        if let Some(disposition) = disposition {
            self.writer.field("Content-Disposition", &disposition);
        }
        self.fields_of_place(part);
        self.base64(&part.content());
    }

    /// As octets, under a name by which a mailer opens it: a message or a multipart may not be
    /// encoded (RFC 2046 section 5.2.1, RFC 2045 section 6.4). The boundary of a multipart is in
    /// its fields.
    fn message(&mut self, part: MailPart<'_>) {
        let name = part.file_name().map(|name| visible(&name));
        let name = shortened(&name.unwrap_or_default(), NAME_LENGTH_CHARS_MAX);
        let name = match name.trim() {
            "" => FILE_NAME.to_owned(),
            name if name.to_ascii_lowercase().ends_with(".eml") => name.to_owned(),
            name => format!("{name}.eml"),
        };
        let kind = mail::field_value("application/octet-stream", &[("name", &name)]);
        self.writer.field("Content-Type", &kind);
        let disposition = mail::field_value("attachment", &[("filename", &name)]);
        self.writer.field("Content-Disposition", &disposition);
        self.fields_of_place(part);
        let mut file = Writer::empty();
        if part.media_type().starts_with("multipart/") {
            root(part, &mut file);
        } else {
            file.bytes(&part.content());
        }
        self.base64(&file.finish());
    }

    fn base64(&mut self, content: &[u8]) {
        self.writer
            .text("Content-Transfer-Encoding: base64\r\n\r\n");
        self.writer.base64(content);
    }

    fn fields_of_place(&mut self, part: MailPart<'_>) {
        let is_id = |field: &[u8]| {
            let name = field.get(..ID.len()).unwrap_or_default();
            name.eq_ignore_ascii_case(ID)
        };
        let mut has_id = false;
        for field in fields_of_place(part) {
            has_id |= is_id(field);
            self.writer.bytes(field);
        }
        // The HTML refers to it even where the field itself cannot travel.
        if let Some(id) = part.content_id().filter(|_| !has_id) {
            self.writer.field("Content-ID", &format!("<{id}>"));
        }
    }

    fn content_type(&mut self, part: MailPart<'_>, boundary: Option<&str>) {
        self.writer
            .field("Content-Type", &part.content_type(boundary));
    }
}
