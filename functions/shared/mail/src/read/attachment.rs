//! The parts beside the body (I-009, X-5), and names for them that are safe to embed.

use std::borrow::Cow;
use std::collections::BTreeSet;

use domain::Sha256Digest;

use super::encoding::TransferEncoding;
use super::header::slice;
use super::message::ParsedMail;

/// One part that is not the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment<'m> {
    /// The file name as sent, decoded but otherwise unchanged: it may hold paths, controls and
    /// direction marks.
    pub name_as_sent: Option<String>,
    /// The Content-ID without angle brackets, by which HTML refers to the part.
    pub content_id: Option<String>,
    /// The media type in lower case, e.g. `application/pdf`, without parameters.
    pub content_type: String,
    /// Size of the decoded content.
    pub size_bytes: u64,
    /// SHA-256 of the decoded content.
    pub digest: Sha256Digest,
    /// Whether it is shown inside the body rather than beside it.
    pub is_inline: bool,
    /// Whether its transfer encoding is broken, so that the content is what could be read.
    pub is_damaged: bool,
    encoding: TransferEncoding,
    encoded: &'m [u8],
}

impl Attachment<'_> {
    /// The decoded content, decoded each time.
    #[must_use]
    pub fn content(&self) -> Cow<'_, [u8]> {
        self.encoding.decode(self.encoded).bytes
    }
}

impl ParsedMail<'_> {
    /// Every part that holds content and is not the body, in order; the same content twice is two
    /// . Attached messages are one attachment each.
    #[must_use]
    pub fn attachments(&self) -> Vec<Attachment<'_>> {
        let parts = self.parts.iter().enumerate();
        parts
            .filter(|(index, part)| {
                !part.is_multipart() && !self.body_text().selection.is_body(*index)
            })
            .filter_map(|(index, _)| self.attachment(index))
            .collect()
    }

    fn attachment(&self, index: usize) -> Option<Attachment<'_>> {
        let (part, summary) = (self.parts.get(index)?, self.summary(index)?);
        Some(Attachment {
            name_as_sent: part.file_name(),
            content_id: part.content_id.clone(),
            content_type: part.media_type.value.clone(),
            size_bytes: summary.size_bytes,
            digest: summary.digest,
            is_inline: part.disposition.value == "inline"
                || (part.content_id.is_some() && !part.is_attachment()),
            is_damaged: summary.is_damaged,
            encoding: part.encoding(),
            encoded: slice(&self.message, part.body.clone()),
        })
    }
}

/// Longest safe name, in bytes: what file systems allow.
const NAME_LENGTH_BYTES_MAX: usize = 255;

/// A safe, unique file name for each attachment, in order: no path, no controls, no direction
/// marks, at most 255 bytes. Equal names get a number before the extension.
#[must_use]
pub fn safe_names(attachments: &[Attachment<'_>]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    attachments
        .iter()
        .enumerate()
        .map(|(index, attachment)| {
            let wanted = safe_name(attachment, index + 1);
            let (stem, extension) = split_extension(&wanted);
            let name = (1..)
                .map(|number: usize| {
                    let suffix = if number == 1 {
                        String::new()
                    } else {
                        format!(" ({number})")
                    };
                    let room = NAME_LENGTH_BYTES_MAX.saturating_sub(suffix.len() + extension.len());
                    format!("{}{suffix}{extension}", cut(stem, room))
                })
                // Names that differ only in case are one file on many systems.
                .find(|name| taken.insert(name.to_lowercase()));
            name.unwrap_or(wanted)
        })
        .collect()
}

fn safe_name(attachment: &Attachment<'_>, number: usize) -> String {
    let sent = attachment.name_as_sent.as_deref().unwrap_or_default();
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last
        .chars()
        .filter(|c| !is_unsafe(*c))
        .map(|c| if "<>:\"|?*".contains(c) { '_' } else { c })
        .collect();
    let trimmed = kept.trim_matches(|c: char| c == '.' || c.is_whitespace());
    if trimmed.is_empty() {
        format!("part-{number}{}", extension_of(&attachment.content_type))
    } else {
        trimmed.to_owned()
    }
}

fn is_unsafe(c: char) -> bool {
    c.is_control() || crate::text::is_invisible(c)
}

fn extension_of(content_type: &str) -> &'static str {
    match content_type {
        "text/plain" => ".txt",
        "text/html" => ".html",
        "message/rfc822" => ".eml",
        "application/pdf" => ".pdf",
        "image/png" => ".png",
        "image/jpeg" => ".jpg",
        "image/gif" => ".gif",
        "text/calendar" => ".ics",
        _ => ".bin",
    }
}

/// The extension with its dot, where it looks like one.
fn split_extension(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(at) if at > 0 && name.len() - at <= 16 => name.split_at(at),
        _ => (name, ""),
    }
}

fn cut(text: &str, length: usize) -> &str {
    let mut end = text.len().min(length);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attachment(name: Option<&str>, content_type: &str) -> Attachment<'static> {
        Attachment {
            name_as_sent: name.map(str::to_owned),
            content_id: None,
            content_type: content_type.to_owned(),
            size_bytes: 0,
            digest: Sha256Digest::new([0; 32]),
            is_inline: false,
            is_damaged: false,
            encoding: TransferEncoding::Identity,
            encoded: b"",
        }
    }

    #[test]
    fn names_are_safe_unique_and_short_q_18() {
        let long = format!("{}.pdf", "髙".repeat(200));
        let names = [
            Some("請求書.pdf"),
            Some("../../etc/請求書.PDF"),
            Some("C:\\x\\a\u{202e}fdp.exe\0"),
            Some("..."),
            None,
            Some("a:b?.txt"),
            Some(&long),
            Some(&long),
        ];
        let attachments: Vec<_> = names
            .into_iter()
            .map(|name| attachment(name, "application/pdf"))
            .collect();
        let safe = safe_names(&attachments);
        assert_eq!(
            safe[..6],
            [
                "請求書.pdf",
                "請求書 (2).PDF",
                "afdp.exe",
                "part-4.pdf",
                "part-5.pdf",
                "a_b_.txt"
            ]
        );
        for name in &safe[6..] {
            assert!(name.len() <= 255 && name.ends_with(".pdf"), "{name}");
        }
        assert_eq!(safe.iter().collect::<BTreeSet<_>>().len(), safe.len());
    }
}
