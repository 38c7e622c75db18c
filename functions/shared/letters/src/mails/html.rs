//! Where in an HTML document something can be put so that a reader sees it. The document is read
//! as octets, in any character set whose ASCII stands for itself, and by the rules of the HTML
//! Standard for what is a tag: not in comments, scripts and the like, nor in quoted values.

use super::html_open::Open;
use super::html_tokens::{Kind, Scanner, content_length};

/// Places in a document, as offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Places {
    /// Before all that is shown: behind the start tag of the body, or behind the head.
    pub(super) before: usize,
    /// Behind all that is shown: before the last end tag of the body or of the document, or at the
    /// end.
    pub(super) behind: usize,
    /// The end tags that have to stand there first: what is open could hide what follows.
    pub(super) closing: Vec<u8>,
    /// Whether what stands at the very end is seen, too: nothing is open that would swallow it.
    pub(super) is_open_ended: bool,
}

/// Reads a document in linear time. `None` of one that browsers read in ways that are not followed
/// here, so that nobody can tell what of it is seen.
pub(super) fn places(document: &[u8]) -> Option<Places> {
    let mut scanner = Scanner::new(document, mark_length(document));
    let mut before = None;
    let (mut body_end, mut document_end) = (None, None);
    let mut head_end = scanner.position();
    while let Some(token) = scanner.next_token() {
        let (start, end) = (token.range.start, token.range.end);
        match &token.kind {
            Kind::Text if is_blank(scanner.octets(&token.range)) => {}
            Kind::Comment => {}
            Kind::Start { name, .. } if before.is_none() && name == b"body" => {
                before = Some(end);
            }
            // A reader that runs scripts shows nothing that stands in one.
            Kind::Start { name, .. } if name == b"noscript" => {
                is_read_either_way(document.get(end..)?).then_some(())?;
                before.get_or_insert(head_end);
            }
            Kind::Start { name, .. } | Kind::End(name) if before.is_none() && is_of_head(name) => {
                head_end = end;
            }
            // One before all that is shown ends nothing.
            Kind::End(name) if name == b"body" => {
                body_end = before.map(|_| start);
            }
            Kind::End(name) if name == b"html" => document_end = Some(start),
            Kind::Text | Kind::Start { .. } | Kind::End(_) => {
                before.get_or_insert(head_end);
            }
        }
    }
    if scanner.is_lost() {
        return None;
    }
    let before = before.unwrap_or(head_end);
    let behind = [body_end, document_end];
    let behind = behind.into_iter().flatten().find(|place| *place >= before);
    let behind = behind.unwrap_or(scanner.position()).max(before);
    let open = open_at(document, before, behind)?;
    Some(Places {
        before,
        behind,
        closing: open.closing,
        is_open_ended: scanner.position() == document.len() && open.is_empty_at_end,
    })
}

/// What is open where our last block stands.
struct OpenAt {
    closing: Vec<u8>,
    /// Whether what stands behind it leaves nothing open.
    is_empty_at_end: bool,
}

fn open_at(document: &[u8], before: usize, behind: usize) -> Option<OpenAt> {
    let mut scanner = Scanner::new(document, before);
    let mut open = Open::default();
    let mut closing = None;
    while let Some(token) = scanner.next_token() {
        if token.range.start >= behind && closing.is_none() {
            closing = Some(std::mem::take(&mut open).closing());
        }
        match token.kind {
            Kind::Text | Kind::Comment => {}
            Kind::Start {
                name,
                is_self_closing,
            } => open.start(name, is_self_closing)?,
            Kind::End(name) => open.end(&name)?,
        }
    }
    Some(OpenAt {
        is_empty_at_end: closing.is_none() || open.is_empty(),
        closing: closing.unwrap_or_else(|| open.closing()),
    })
}

/// Whether the content of a `noscript` ends where a reader ends it that runs scripts, to which it
/// is text, as well as where one does that runs none. `behind` begins with the content.
fn is_read_either_way(behind: &[u8]) -> bool {
    let content = content_length(behind, b"noscript").and_then(|length| behind.get(..length));
    let Some(content) = content else {
        return false;
    };
    let mut scanner = Scanner::new(content, 0);
    while let Some(token) = scanner.next_token() {
        if matches!(&token.kind, Kind::Start { name, .. } if name == b"noscript") {
            return false;
        }
    }
    scanner.position() == content.len()
}

/// Elements that stand before the body (HTML Standard section 13.2.6.4.4).
fn is_of_head(name: &[u8]) -> bool {
    let names: [&[u8]; 10] = [
        b"html",
        b"head",
        b"base",
        b"basefont",
        b"bgsound",
        b"link",
        b"meta",
        b"script",
        b"style",
        b"title",
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

#[cfg(test)]
mod tests {
    use super::*;

    /// `[` and `]` stand at the places.
    #[track_caller]
    fn check(marked: &str) {
        let document = marked.replace(['[', ']'], "");
        let places = places(document.as_bytes()).expect("places");
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
            // An `=` where a name is due is one, and quotation marks in a name are letters.
            "<html =\">[]<!--\"><body>a</body>",
            "<html a/=\"><body>[\">a]</body>",
            "<html a=b =\"><body>[\">a]</body>",
            "<html a='b'=\"><body>[\">a]</body>",
            "[<html=\"><body>\">a]</body>",
            "<html a =\"><body>\"><body b = '>'>[a]</body>",
            // Hyphens that begin and end a comment at once.
            "<!---!><body>--><body>[a]</body>",
            "<!-- a ---!><body>[a]</body>",
            "<!---><body>[a]</body>",
            "<!--!><body>--><body>[a]</body>",
            // A reader that runs scripts does not look into it.
            "<head>[<noscript><p>a</noscript></head><body>b]</body>",
            "<body>[<svg viewBox=\"0 0 1 1\"><path d='M0 0'/></svg>a]</body>",
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
        let places = places(document.as_bytes()).expect("places");
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
            let places = places(document.as_bytes()).expect("places");
            assert_eq!(places.is_open_ended, is_open_ended, "{marked}");
        }
    }

    #[track_caller]
    fn check_closing(document: &str, expected: &str) {
        let places = places(document.as_bytes()).expect("places");
        assert_eq!(
            String::from_utf8_lossy(&places.closing),
            expected,
            "{document}"
        );
    }

    #[test]
    fn what_is_left_open_ends_before_our_block() {
        for (document, expected) in [
            ("<body><div style=\"display:none\">a</body>", "</div>"),
            ("<div hidden>a", "</div>"),
            ("<details><summary>a</summary>b", "</details>"),
            ("<select><option>a", "</option></select>"),
            ("<template>a", "</template>"),
            ("<table><tr><td><b>a", "</b></td></tr></table>"),
            ("<svg><g><path/>", "</g></svg>"),
            // What a browser ignores closes nothing.
            ("<span hidden><div></span>", "</div></span>"),
            ("<p><b hidden></p>", "</b></p>"),
            ("<span hidden><td><p></td>a", "</p></span>"),
            ("<div/>a", "</div>"),
            ("a</body><div hidden>", ""),
        ] {
            check_closing(document, expected);
        }
    }

    #[test]
    fn what_has_no_end_tag_or_is_in_order_needs_none() {
        for document in [
            "<body><p>a<p>b<br>c<img src=x></body>",
            "<div><p>a<ul><li>b<li>c</ul></div>",
            "<table><tr><td>a<td>b<tr><td><p>c</table>",
            "<p><b>a</b><o:p></o:p></p><hr>",
            "<style>a</style><textarea><div></textarea>",
        ] {
            check_closing(document, "");
        }
    }

    #[test]
    fn only_a_document_that_leaves_nothing_open_is_followed_by_another() {
        for (document, is_open_ended) in [
            ("<div>a</div></body>", true),
            ("<body>a</body><div hidden>", false),
        ] {
            let places = places(document.as_bytes()).expect("places");
            assert_eq!(places.is_open_ended, is_open_ended, "{document}");
        }
    }

    #[test]
    fn what_browsers_read_by_other_rules_has_no_places() {
        for document in [
            "<head><script><!--<script></script><body>a</body>",
            "<frameset><frame src=x></frameset>",
            "<svg><style><!--</style></svg><!-- --><body>",
            "<svg><title>a</title></svg>",
            "<svg><foreignObject><div>a",
            "<math><mi>a</mi></math>",
            "<svg><desc>a",
            "<select><title></select><!--</title>",
            "<noscript><!--</noscript><p>a-->",
            "<noscript>a",
            &"<i>".repeat(1_001),
        ] {
            assert_eq!(places(document.as_bytes()), None, "{document}");
        }
    }

    #[test]
    fn a_byte_order_mark_stays_first() {
        assert_eq!(
            places("\u{feff}a".as_bytes()).map(|places| places.before),
            Some(3)
        );
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
            format!("{}{}", "<p><li>".repeat(400), "</div>".repeat(200_000)),
            "<div></body>".repeat(900),
            "<noscript>".repeat(100_000) + "</noscript>",
        ] {
            places(html.as_bytes());
        }
    }
}
