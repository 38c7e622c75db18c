//! The text and the HTML of a message with the notices in them.

use domain::{BodySource, DeliveryChange, FileReason};
use mail::{BodySection, MailPart, ParsedMail};

use super::guidance::Guidance;
use super::html::places;
use super::inserted::{block_before, block_behind, plain_text};

/// A body, the notices in it.
pub(super) struct Content<'m> {
    pub(super) text: PlainText,
    pub(super) html: Option<Html<'m>>,
    /// What is otherwise than in the message, beside the notices.
    pub(super) changes: Vec<DeliveryChange>,
}

/// A text/plain part in UTF-8.
pub(super) struct PlainText {
    /// Lines ending with `\n`.
    pub(super) text: String,
    /// Whether its lines flow (RFC 3676), and whether the blank at their end is no text.
    pub(super) flow: Option<Flow>,
}

/// How lines flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flow {
    pub(super) deletes_space: bool,
}

/// A text/html part.
pub(super) struct Html<'m> {
    pub(super) bytes: Vec<u8>,
    /// The label of its character set; none where the sender wrote none.
    pub(super) charset: Option<String>,
    /// The part whose other fields it keeps, if it is made from one alone.
    pub(super) part: Option<MailPart<'m>>,
}

/// Writes the body anew, or says why that would lose something.
pub(super) fn with_notices<'m>(
    mail: &'m ParsedMail<'m>,
    sections: &[BodySection<'m>],
    guidance: &Guidance,
) -> Result<Content<'m>, FileReason> {
    let mut parts = sections
        .iter()
        .flat_map(|section| section.plain.iter().chain(&section.html));
    if parts.any(|part| part.is_encoding_damaged()) {
        return Err(FileReason::Unreadable);
    }
    let mut changes = vec![DeliveryChange::NoticeInText];
    let html = html_of(sections, guidance, &mut changes)?;
    let text = text_of(mail, sections, guidance, &mut changes)?;
    Ok(Content {
        text,
        html,
        changes,
    })
}

fn text_of<'m>(
    mail: &'m ParsedMail<'m>,
    sections: &[BodySection<'m>],
    guidance: &Guidance,
    changes: &mut Vec<DeliveryChange>,
) -> Result<PlainText, FileReason> {
    let body = mail.body();
    let has_html = sections.iter().any(|section| !section.html.is_empty());
    let has_plain = sections.iter().any(|section| !section.plain.is_empty());
    if body.source == BodySource::HtmlAsText || (has_html && !has_plain) {
        changes.push(DeliveryChange::TextFromHtml);
    }
    let mut is_converted = false;
    for part in sections.iter().flat_map(|section| &section.plain) {
        let read = part.text();
        if !read.is_whole() {
            return Err(FileReason::Unreadable);
        }
        is_converted |= read.charset.read_as != UTF_8 && !read.text.is_ascii();
    }
    if is_converted {
        changes.push(DeliveryChange::TextInUtf8);
    }
    // The lines of one part stay as its sender's mailer broke them.
    let only = match sections {
        [section] => match section.plain.as_slice() {
            [part] if body.source != BodySource::HtmlAsText => Some(*part),
            _ => None,
        },
        _ => None,
    };
    let flow = only.and_then(flow_of);
    let message = only.map_or(body.text, |part| part.text().text.clone());
    let (before, behind) = (guidance.text_before(), guidance.text_behind());
    let mut text = match flow {
        Some(_) => fixed(&before) + &message,
        None => before + &message,
    };
    if !message.is_empty() && !message.ends_with('\n') {
        text.push('\n');
    }
    // Its empty line ends a paragraph that flows.
    text.push_str(&match flow {
        Some(_) => fixed(&behind),
        None => behind,
    });
    Ok(PlainText { text, flow })
}

const UTF_8: &str = "UTF-8";

fn flow_of(part: MailPart<'_>) -> Option<Flow> {
    let says = |name, value: &str| {
        let parameter = part.parameter(name);
        parameter.is_some_and(|parameter| parameter.eq_ignore_ascii_case(value))
    };
    says("format", "flowed").then(|| Flow {
        deletes_space: says("delsp", "yes"),
    })
}

/// Lines of ours among lines that flow: none ends with a blank, and none begins as a quotation
/// (RFC 3676 section 4.4).
fn fixed(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let line = line.trim_end_matches(' ');
        let is_stuffed = line.starts_with([' ', '>']) || line.starts_with("From ");
        if is_stuffed {
            format!(" {line}")
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<String>>().join("\n")
}

/// A piece of the HTML: a document of the sender's, or a text of theirs that has none.
enum Piece<'m> {
    Document(MailPart<'m>),
    Text(String),
}

fn html_of<'m>(
    sections: &[BodySection<'m>],
    guidance: &Guidance,
    changes: &mut Vec<DeliveryChange>,
) -> Result<Option<Html<'m>>, FileReason> {
    let pieces: Vec<Piece<'m>> = sections.iter().flat_map(pieces_of).collect();
    let documents = pieces.iter().filter_map(|piece| match piece {
        Piece::Document(part) => Some(*part),
        Piece::Text(_) => None,
    });
    let documents: Vec<MailPart<'m>> = documents.collect();
    let Some(first) = documents.first() else {
        return Ok(None);
    };
    changes.push(DeliveryChange::NoticeInHtml);
    let label = first.parameter("charset");
    let has_label = |part: &MailPart<'m>| {
        let same = part.parameter("charset").map(|one| one.to_lowercase());
        same == label.as_ref().map(|one| one.to_lowercase())
    };
    let is_verbatim = (documents.len() == 1 || label.is_some() && documents.iter().all(has_label))
        && documents.iter().all(|part| takes_ascii(*part));
    let octets = |part: MailPart<'m>| -> Result<Vec<u8>, FileReason> {
        if is_verbatim {
            return Ok(part.content().into_owned());
        }
        let read = part.text();
        let whole = read.is_whole().then(|| read.text.replace('\n', "\r\n"));
        whole.map(String::into_bytes).ok_or(FileReason::Unreadable)
    };
    if !is_verbatim {
        let is_utf_8 = |part: &MailPart<'m>| part.text().charset.read_as == UTF_8;
        if !documents.iter().all(is_utf_8) {
            changes.push(DeliveryChange::HtmlInUtf8);
        }
    }
    Ok(Some(Html {
        bytes: joined(&pieces, octets, guidance)?,
        charset: if is_verbatim {
            label
        } else {
            Some("utf-8".to_owned())
        },
        part: (documents.len() == 1).then_some(*first),
    }))
}

/// The HTML of a section; its text where there is none, or where the HTML shows nothing.
fn pieces_of<'m>(section: &BodySection<'m>) -> Vec<Piece<'m>> {
    let documents = section.html.iter().copied().map(Piece::Document);
    let mut pieces: Vec<Piece<'m>> = documents.collect();
    if section.html.iter().any(|part| part.shows_something()) {
        return pieces;
    }
    let texts = section.plain.iter();
    let texts = texts
        .filter(|part| part.shows_something())
        .map(|part| Piece::Text(plain_text(&part.shown_text())));
    pieces.extend(texts);
    pieces
}

/// The documents one after another: a parser that comes to the end of one goes on in its body
/// (HTML Standard section 13.2.6.4.22). Notices and texts are put into them.
fn joined<'m>(
    pieces: &[Piece<'m>],
    octets: impl Fn(MailPart<'m>) -> Result<Vec<u8>, FileReason>,
    guidance: &Guidance,
) -> Result<Vec<u8>, FileReason> {
    let mut before = block_before(guidance);
    let mut bytes = Vec::new();
    let mut pieces = pieces.iter().peekable();
    while let Some(piece) = pieces.next() {
        let document = match piece {
            Piece::Text(text) => {
                before.push_str(text);
                continue;
            }
            Piece::Document(part) => octets(*part)?,
        };
        let places = places(&document).ok_or(FileReason::Structure)?;
        let mut behind = String::new();
        while let Some(Piece::Text(text)) = pieces.peek() {
            behind.push_str(text);
            pieces.next();
        }
        if pieces.peek().is_none() {
            behind.push_str(&block_behind(guidance));
        } else if !places.is_open_ended {
            // The next document would be swallowed.
            return Err(FileReason::Structure);
        }
        let (start, rest) = document.split_at(places.before);
        let (middle, end) = rest.split_at(places.behind - places.before);
        let (before_it, behind_it) = (before.as_bytes(), behind.as_bytes());
        for piece in [start, before_it, middle, &places.closing, behind_it, end] {
            bytes.extend_from_slice(piece);
        }
        before.clear();
    }
    Ok(bytes)
}

/// Character sets in which ASCII octets may stand for something else.
const STATEFUL: [&str; 8] = [
    "iso-2022",
    "csiso2022",
    "hz",
    "utf-7",
    "unicode-1-1-utf-7",
    "utf-16",
    "utf-32",
    "ucs-",
];

/// Whether ASCII can stand among the octets of a part and be read as such.
fn takes_ascii(part: MailPart<'_>) -> bool {
    let charset = &part.text().charset;
    // It may stand in the document itself.
    let label = charset.label.as_deref().unwrap_or_default();
    let read_as = &charset.read_as;
    let is_stateful = |name: &str| {
        let name = name.to_ascii_lowercase();
        STATEFUL.iter().any(|stateful| name.starts_with(stateful))
    };
    let is_token = label.len() <= LABEL_LENGTH_MAX
        && label
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || b"-_.:+".contains(&octet));
    is_token
        && !mail::is_unknown_charset(label)
        && !is_stateful(label)
        && !is_stateful(read_as)
        && !part.content().iter().any(|octet| [0, 0x1b].contains(octet))
}

/// Longer ones name no character set.
const LABEL_LENGTH_MAX: usize = 60;
