//! Where in an HTML document something can be put so that a reader sees it. The document is read
//! as octets, in any character set whose ASCII stands for itself, and by the rules of the HTML
//! Standard for what is a tag: not in comments, scripts and the like, nor in quoted values.

use std::ops::Range;

use memchr::{memchr, memmem};

/// Places in a document, as offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Places {
    /// Before all that is shown: behind the start tag of the body, or behind the head.
    pub(super) before: usize,
    /// Behind all that is shown: before the last end tag of the body or of the document, or at the
    /// end.
    pub(super) behind: usize,
    /// Whether what stands at the very end is seen, too: nothing is open that would swallow it.
    pub(super) is_open_ended: bool,
}

/// Reads a document once, in linear time.
pub(super) fn places(document: &[u8]) -> Places {
    let mut scanner = Scanner {
        document,
        position: mark_length(document),
    };
    let mut before = None;
    let (mut body_end, mut document_end) = (None, None);
    let mut head_end = scanner.position;
    while let Some(token) = scanner.next_token() {
        match &token.kind {
            Kind::Text if is_blank(scanner.octets(&token.range)) => {}
            Kind::Comment => {}
            Kind::Start(name) if before.is_none() && name == b"body" => {
                before = Some(token.range.end);
            }
            Kind::Start(name) | Kind::End(name) if before.is_none() && is_of_head(name) => {
                head_end = token.range.end;
            }
            // One before all that is shown ends nothing.
            Kind::End(name) if name == b"body" => {
                body_end = before.map(|_| token.range.start);
            }
            Kind::End(name) if name == b"html" => document_end = Some(token.range.start),
            Kind::Text | Kind::Start(_) | Kind::End(_) => {
                before.get_or_insert(head_end);
            }
        }
    }
    let before = before.unwrap_or(head_end);
    let behind = [body_end, document_end];
    let behind = behind.into_iter().flatten().find(|place| *place >= before);
    Places {
        before,
        behind: behind.unwrap_or(scanner.position).max(before),
        is_open_ended: scanner.position == document.len(),
    }
}

/// Elements that stand before the body (HTML Standard section 13.2.6.4.4).
fn is_of_head(name: &[u8]) -> bool {
    let names: [&[u8]; 11] = [
        b"html",
        b"head",
        b"base",
        b"basefont",
        b"bgsound",
        b"link",
        b"meta",
        b"noscript",
        b"script",
        b"style",
        b"title",
    ];
    names.contains(&name)
}

/// Elements in which no tag counts but their own end tag (HTML Standard section 13.2.5.2 and
/// 13.2.5.3).
fn holds_no_tags(name: &[u8]) -> bool {
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

fn mark_length(document: &[u8]) -> usize {
    if document.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    }
}

fn is_blank(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_whitespace)
}

enum Kind {
    Text,
    /// A comment, a document type, or what is taken for a comment.
    Comment,
    /// The name in lower case.
    Start(Vec<u8>),
    End(Vec<u8>),
}

struct Token {
    kind: Kind,
    range: Range<usize>,
}

/// Stops before a construct that does not end: what stands behind it is in it, or lost.
struct Scanner<'d> {
    document: &'d [u8],
    position: usize,
}

impl<'d> Scanner<'d> {
    fn octets(&self, range: &Range<usize>) -> &'d [u8] {
        self.document.get(range.clone()).unwrap_or_default()
    }

    fn rest(&self) -> &'d [u8] {
        self.document.get(self.position..).unwrap_or_default()
    }

    fn next_token(&mut self) -> Option<Token> {
        let rest = self.rest();
        let (kind, length) = match rest {
            [] => return None,
            [b'<', b'!', b'-', b'-', ..] => (Kind::Comment, comment_length(rest)?),
            [b'<', b'!' | b'?', ..] => (Kind::Comment, memchr(b'>', rest)? + 1),
            [b'<', b'/', letter, ..] if letter.is_ascii_alphabetic() => {
                (Kind::End(name_of(rest, 2)), tag_length(rest)?)
            }
            // HTML Standard section 13.2.5.7: anything else behind `</` is a comment.
            [b'<', b'/', ..] => (Kind::Comment, memchr(b'>', rest)? + 1),
            [b'<', letter, ..] if letter.is_ascii_alphabetic() => {
                let name = name_of(rest, 1);
                let length = self.element_length(&name)?;
                (Kind::Start(name), length)
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

    /// Of a start tag; of the whole element where its content holds no tags.
    fn element_length(&self, name: &[u8]) -> Option<usize> {
        let rest = self.rest();
        let tag = tag_length(rest)?;
        if name == b"plaintext" {
            return None;
        }
        if !holds_no_tags(name) {
            return Some(tag);
        }
        let mut from = tag;
        loop {
            let content = rest.get(from..)?;
            from += memmem::find(content, b"</")?;
            let end = rest.get(from..)?;
            if name_of(end, 2) == name {
                return Some(from + tag_length(end)?);
            }
            from += 2;
        }
    }
}

/// `<!-->` and `<!--->` are comments, too, and `--!>` ends one (HTML Standard section 13.2.5.43 to
/// 13.2.5.51).
fn comment_length(rest: &[u8]) -> Option<usize> {
    let inside = rest.get(4..)?;
    for (short, length) in [(&b">"[..], 5), (&b"->"[..], 6)] {
        if inside.starts_with(short) {
            return Some(length);
        }
    }
    memmem::find_iter(inside, b"--").find_map(|at| {
        let behind = inside.get(at + 2..)?;
        match behind {
            [b'>', ..] => Some(4 + at + 3),
            [b'!', b'>', ..] => Some(4 + at + 4),
            // `--->`: the last two of three hyphens.
            [b'-', b'>', ..] => Some(4 + at + 4),
            _ => None,
        }
    })
}

/// The name of the tag, in lower case.
fn name_of(tag: &[u8], start: usize) -> Vec<u8> {
    let inside = tag.get(start..).unwrap_or_default();
    let is_end = |octet: &u8| octet.is_ascii_whitespace() || b"/>".contains(octet);
    let end = inside.iter().position(is_end);
    let name = inside.get(..end.unwrap_or(inside.len()));
    // No name that matters is longer.
    let name = name.unwrap_or_default();
    let name = name.get(..name.len().min(NAME_LENGTH_MAX));
    name.unwrap_or_default().to_ascii_lowercase()
}

const NAME_LENGTH_MAX: usize = 20;

/// Up to the `>` that ends the tag: one in a quoted value does not, and a quotation mark counts
/// where a value begins only (HTML Standard section 13.2.5.32 to 13.2.5.39).
fn tag_length(tag: &[u8]) -> Option<usize> {
    let mut place = Place::Between;
    for (at, octet) in tag.iter().enumerate().skip(1) {
        place = match (place, *octet) {
            (Place::Quoted(quote), octet) if octet == quote => Place::Between,
            (Place::Quoted(_), _) => place,
            (_, b'>') => return Some(at + 1),
            (Place::Between, b'=') => Place::BeforeValue,
            (Place::BeforeValue, quote @ (b'"' | b'\'')) => Place::Quoted(quote),
            (Place::BeforeValue, octet) if octet.is_ascii_whitespace() => Place::BeforeValue,
            (Place::BeforeValue, _) => Place::Value,
            (Place::Value, octet) if octet.is_ascii_whitespace() => Place::Between,
            (Place::Between | Place::Value, _) => place,
        };
    }
    None
}

#[derive(Clone, Copy)]
enum Place {
    /// In a name, or around one.
    Between,
    BeforeValue,
    Value,
    Quoted(u8),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `[` and `]` stand at the places.
    #[track_caller]
    fn check(marked: &str) {
        let document = marked.replace(['[', ']'], "");
        let places = places(document.as_bytes());
        let mut shown = document.clone();
        shown.insert(places.behind, ']');
        shown.insert(places.before, '[');
        assert_eq!(shown, marked);
    }

    #[test]
    fn a_notice_stands_before_and_behind_all_that_is_shown() {
        for marked in [
            "[]",
            "[a]",
            "[<p>a</p>]",
            "<html>[<p>a</p>]</html>",
            "<html><body>[a]</body></html>",
            "<!DOCTYPE html>\n<HTML><Head><meta a=b></HEAD>\n<BODY\nlang=ja>[a]</Body>\n</html>",
            "<html><head><title></body><body></title></head>[\na]",
            "<head><style>a > b {}</style></head>[<p>a]",
            "<head>[<p>a<body>b]</body>",
            "<body title=\"</body> > \" class='>' data=a\"b>[a]</body>",
            "<body>[a<p title='</body>'>]</body>b</html>",
            "<body>[a<!-- </body> -->b]</body>",
            "<body>[a]</body><!-- </body> -->",
            "<!-- <body> --><body>[a]</body>",
            "<!--> <body>[a]</body>",
            "<!-- a --!><body>[a]</body>",
            "<!-- a ---><body>[a]</body>",
            "<body>[<script>'</body>'</scripty></script >a]",
            "<body>[<textarea></body></textarea>a]</html>",
            "<body>[a</body>b]</body>",
            "[</body><p>a]",
            "[a < b > c]",
            "[</>a</ b>]",
        ] {
            check(marked);
        }
    }

    /// Conditional comments are comments to all but old versions of Outlook; those that are shown
    /// to the others are none.
    #[test]
    fn conditional_comments_hide_no_place() {
        let document = "<html><head><!--[if mso]><body><![endif]--></head>\
                        <body><![if !mso]>a<![endif]></body>";
        let places = places(document.as_bytes());
        assert!(document[places.before..].starts_with("<![if !mso]>a"));
        assert!(document[places.behind..].starts_with("</body>"));
    }

    #[test]
    fn what_does_not_end_swallows_no_notice() {
        for (marked, is_open_ended) in [
            ("<body>[a]<!-- b", false),
            ("<body>[a]<!--", false),
            ("<body>[a]<script>b</body>", false),
            ("<body>[a]<plaintext>b</body>", false),
            ("<body>[a]<p title=\"b", false),
            ("<style>b", false),
            ("<body>[a]", true),
        ] {
            if marked.contains('[') {
                check(marked);
            }
            let document = marked.replace(['[', ']'], "");
            let places = places(document.as_bytes());
            assert_eq!(places.is_open_ended, is_open_ended, "{marked}");
        }
    }

    #[test]
    fn a_byte_order_mark_stays_first() {
        assert_eq!(places("\u{feff}a".as_bytes()).before, 3);
    }

    #[test]
    fn hostile_html_costs_linear_time() {
        for html in [
            "<!--".repeat(500_000),
            "<".repeat(1_000_000),
            "</".repeat(500_000),
            "<a \"".repeat(500_000),
            "<script></".repeat(200_000),
            "<body></body>".repeat(100_000),
            format!("<!--{}", "--".repeat(500_000)),
            format!("<style>{}", "</styl".repeat(200_000)),
        ] {
            places(html.as_bytes());
        }
    }
}
