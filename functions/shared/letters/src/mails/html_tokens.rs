//! What an HTML document consists of, by the rules of the HTML Standard for what is a tag.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memmem};

/// Elements in which no tag counts but their own end tag (HTML Standard section 13.2.5.2 and
/// 13.2.5.3).
pub(super) fn holds_no_tags(name: &[u8]) -> bool {
    let names: [&[u8]; 8] = [
        b"script",
        b"style",
        b"title",
        b"textarea",
        b"xmp",
        b"iframe",
        b"noembed",
        b"noframes",
    ];
    names.contains(&name)
}

/// What a token is.
pub(super) enum Kind {
    Text,
    /// A comment, a document type, or what is taken for a comment.
    Comment,
    /// A start tag, its name in lower case; the whole element where its content holds no tags.
    Start {
        name: Vec<u8>,
        /// Whether `/` stands before its `>`, which ends elements of SVG.
        is_self_closing: bool,
    },
    End(Vec<u8>),
}

/// One after another they make up the document.
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

/// Stops before a construct that does not end: what stands behind it is in it, or lost.
pub(super) struct Scanner<'d> {
    document: &'d [u8],
    position: usize,
    is_lost: bool,
}

impl<'d> Scanner<'d> {
    pub(super) fn new(document: &'d [u8], position: usize) -> Self {
        Self {
            document,
            position,
            is_lost: false,
        }
    }

    /// Whether it stopped where browsers read on by rules that are not followed here.
    pub(super) fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// Behind the last token.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    pub(super) fn octets(&self, range: &Range<usize>) -> &'d [u8] {
        self.document.get(range.clone()).unwrap_or_default()
    }

    fn rest(&self) -> &'d [u8] {
        self.document.get(self.position..).unwrap_or_default()
    }

    pub(super) fn next_token(&mut self) -> Option<Token> {
        let rest = self.rest();
        let (kind, length) = match rest {
            [] => return None,
            [b'<', b'!', b'-', b'-', ..] => (Kind::Comment, comment_length(rest)?),
            [b'<', b'!' | b'?', ..] => (Kind::Comment, memchr(b'>', rest)? + 1),
            [b'<', b'/', letter, ..] if letter.is_ascii_alphabetic() => {
                (Kind::End(name_of(rest, 2)), tag_end(rest)?.length)
            }
            // HTML Standard section 13.2.5.7: anything else behind `</` is a comment.
            [b'<', b'/', ..] => (Kind::Comment, memchr(b'>', rest)? + 1),
            [b'<', letter, ..] if letter.is_ascii_alphabetic() => {
                let name = name_of(rest, 1);
                let tag = tag_end(rest)?;
                let length = tag.length + self.held_length(&name, tag.length)?;
                let is_self_closing = tag.is_self_closing;
                let start = Kind::Start {
                    name,
                    is_self_closing,
                };
                (start, length)
            }
            [_, behind @ ..] => {
                let length = memchr(b'<', behind).map_or(rest.len(), |at| at + 1);
                (Kind::Text, length)
            }
        };
        let range = self.position..self.position + length;
        self.position = range.end;
        Some(Token { kind, range })
    }

    /// Of the content and the end tag of an element whose content holds no tags.
    fn held_length(&mut self, name: &[u8], tag_length: usize) -> Option<usize> {
        if name == b"plaintext" {
            return None;
        }
        if !holds_no_tags(name) {
            return Some(0);
        }
        let behind = self.rest().get(tag_length..)?;
        let length = content_length(behind, name)?;
        let (content, end) = behind.split_at_checked(length)?;
        // Section 13.2.5.20 to 13.2.5.31: a comment in a script can make its end tag none.
        if name == b"script" && memmem::find(content, b"<!--").is_some() {
            self.is_lost = true;
            return None;
        }
        Some(length + tag_end(end)?.length)
    }
}

/// Up to the end tag of this name, where no other tag counts.
pub(super) fn content_length(behind: &[u8], name: &[u8]) -> Option<usize> {
    memmem::find_iter(behind, b"</").find(|at| {
        let end = behind.get(*at + 2..).unwrap_or_default();
        let (found, delimiter) = end.split_at_checked(name.len()).unwrap_or_default();
        let is_delimiter = |octet: &u8| octet.is_ascii_whitespace() || b"/>".contains(octet);
        found.eq_ignore_ascii_case(name) && delimiter.first().is_some_and(is_delimiter)
    })
}

/// `-->` and `--!>` end a comment, and so does `>` or `->` at its very beginning (HTML Standard
/// section 13.2.5.43 to 13.2.5.51).
fn comment_length(rest: &[u8]) -> Option<usize> {
    let inside = rest.get(4..)?;
    let mut ends = memchr_iter(b'>', inside);
    let end = ends.find(|at| {
        let content = inside.get(..*at).unwrap_or_default();
        let content_end = content.strip_suffix(b"!").unwrap_or(content);
        [&b""[..], b"-"].contains(&content) || content_end.ends_with(b"--")
    });
    end.map(|at| 4 + at + 1)
}

/// The name of the tag, in lower case.
fn name_of(tag: &[u8], start: usize) -> Vec<u8> {
    let inside = tag.get(start..).unwrap_or_default();
    let is_end = |octet: &u8| octet.is_ascii_whitespace() || b"/>".contains(octet);
    let end = inside.iter().position(is_end);
    let name = inside.get(..end.unwrap_or(inside.len()));
    name.unwrap_or_default().to_ascii_lowercase()
}

/// Where a tag ends.
struct TagEnd {
    length: usize,
    is_self_closing: bool,
}

/// Up to the `>` that ends the tag: one in a quoted value does not, and a quotation mark counts
/// where a value begins only, which is behind the `=` of an attribute that has a name.
fn tag_end(tag: &[u8]) -> Option<TagEnd> {
    let mut place = Place::TagName;
    for (at, octet) in tag.iter().enumerate().skip(1) {
        // The `/` of an end tag stands before its name.
        if at == 1 && *octet == b'/' {
            continue;
        }
        match (place, *octet) {
            (Place::Quoted(_), _) => {}
            (_, b'>') => {
                return Some(TagEnd {
                    length: at + 1,
                    is_self_closing: place == Place::Slash,
                });
            }
            _ => {}
        }
        place = place.behind(*octet);
    }
    None
}

/// The states of a tokenizer in a tag (HTML Standard section 13.2.5.8 and 13.2.5.32 to 13.2.5.40).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    TagName,
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Quoted(u8),
    Unquoted,
    AfterQuoted,
    Slash,
}

impl Place {
    /// The state behind an octet that does not end the tag.
    fn behind(self, octet: u8) -> Self {
        let is_blank = octet.is_ascii_whitespace();
        match (self, octet) {
            (Self::Quoted(quote), _) if octet == quote => Self::AfterQuoted,
            (Self::Quoted(_), _) => self,
            (Self::BeforeValue, b'"' | b'\'') => Self::Quoted(octet),
            (Self::BeforeValue, _) if is_blank => self,
            (Self::BeforeValue, _) => Self::Unquoted,
            (Self::Unquoted, _) if is_blank => Self::BeforeName,
            (Self::Unquoted, _) => self,
            (_, b'/') => Self::Slash,
            (Self::Name | Self::AfterName, b'=') => Self::BeforeValue,
            (Self::Name | Self::AfterName, _) if is_blank => Self::AfterName,
            (_, _) if is_blank => Self::BeforeName,
            (Self::TagName, _) => self,
            // An `=` where a name is due is the beginning of one.
            (
                Self::BeforeName | Self::Name | Self::AfterName | Self::AfterQuoted | Self::Slash,
                _,
            ) => Self::Name,
        }
    }
}
