//! HTML shown as text (Q-17). One pass, no tree, no recursion: libraries that build a tree run
//! out of stack or time on hostile mail (100,000 nested elements or attributes).

use super::html_list::Lists;
use super::html_references::decoded;
use super::html_tag::Tag;

/// How far into a document its own character set declaration is looked for, in bytes: the
/// Encoding Standard's prescan.
const DECLARATION_WITHIN_BYTES: usize = 1_024;

/// The character set that an HTML document declares for itself, if it does.
pub(crate) fn declared_charset(document: &[u8]) -> Option<String> {
    let head = document.get(..document.len().min(DECLARATION_WITHIN_BYTES))?;
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let (_, after) = head.split_once("charset=")?;
    let after = after.trim_start_matches(['"', '\'', ' ']);
    let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || "-_:.".contains(c)))?;
    after
        .get(..end)
        .filter(|label| !label.is_empty())
        .map(str::to_owned)
}

/// A document shown as text.
pub(crate) struct Shown {
    pub(crate) text: String,
    /// Whether a comment, an element that is not shown, or a tag never ends and took the rest of
    /// the document with it, as it does where readers show it.
    pub(crate) is_cut: bool,
}

/// The text of a document: blocks on lines of their own, link targets behind their texts,
/// `[...]` for the words that stand in for an image. Nothing that a reader could see is left out;
/// styles and scripts are.
pub(crate) fn to_text(document: &str) -> Shown {
    let mut text = Text::default();
    let mut scanner = Scanner::of(document);
    let mut room = document.len().saturating_mul(COUNTED_TIMES_MAX);
    while let Some(piece) = scanner.next_piece() {
        match piece {
            Piece::Text(content) => text.push_content(content),
            Piece::Tag(tag) => {
                if tag.name() == "ol" && !tag.is_end && Lists::needs_count(&tag) {
                    text.lists.count = scanner.items_ahead(&mut room);
                }
                if !tag.is_end && ["script", "style", "title", "template"].contains(&tag.name()) {
                    scanner.skip_past_end_of(tag.name());
                } else {
                    text.apply(&tag);
                }
            }
        }
    }
    Shown {
        text: text.finish(),
        is_cut: scanner.is_cut,
    }
}

/// Elements that show something which is no text.
const PICTURES: [&str; 7] = ["img", "svg", "object", "embed", "video", "canvas", "iframe"];

/// Whether a document shows something that cannot be shown as text.
pub(crate) fn has_pictures(document: &str) -> bool {
    let mut scanner = Scanner::of(document);
    while let Some(piece) = scanner.next_piece() {
        match piece {
            Piece::Tag(tag) if PICTURES.contains(&tag.name()) => return true,
            Piece::Tag(_) | Piece::Text(_) => {}
        }
    }
    false
}

/// How often a document is read to count items ahead, at most.
const COUNTED_TIMES_MAX: usize = 4;

enum Piece<'d> {
    Text(&'d str),
    Tag(Tag<'d>),
}

struct Scanner<'d> {
    rest: &'d str,
    /// Whether quotation marks in tags were closed so far. After one that was not, they are no
    /// longer looked at, which also keeps the scan linear.
    quotes_close: bool,
    /// Whether something that never ends took the rest.
    is_cut: bool,
}

impl<'d> Scanner<'d> {
    fn of(document: &'d str) -> Self {
        Self {
            rest: document,
            quotes_close: true,
            is_cut: false,
        }
    }

    /// What stands behind the end of something that is not shown; nothing where it never ends.
    fn behind(&mut self, end: Option<&'d str>, inside: &str) -> &'d str {
        self.is_cut = self.is_cut || (end.is_none() && !inside.trim().is_empty());
        end.unwrap_or_default()
    }

    fn next_piece(&mut self) -> Option<Piece<'d>> {
        loop {
            let second = self.rest.as_bytes().get(1).copied();
            match (self.rest.as_bytes().first()?, second) {
                (b'<', Some(b'!' | b'?')) => self.skip_declaration(),
                (b'<', Some(b'/' | b'a'..=b'z' | b'A'..=b'Z')) => {
                    return Some(Piece::Tag(self.tag()));
                }
                _ => {
                    // A `<` that begins nothing is text.
                    let from = self.rest.chars().next()?.len_utf8();
                    let end = self.rest.get(from..).and_then(|rest| rest.find('<'));
                    let (content, rest) = self
                        .rest
                        .split_at(end.map_or(self.rest.len(), |end| from + end));
                    self.rest = rest;
                    return Some(Piece::Text(content));
                }
            }
        }
    }

    /// How many items the list has that begins here; `None` where there is no room left to count
    /// them.
    fn items_ahead(&self, room: &mut usize) -> Option<i32> {
        let mut ahead = Scanner {
            quotes_close: self.quotes_close,
            ..Scanner::of(self.rest)
        };
        let (mut depth, mut items) = (0_usize, 0_i32);
        while let Some(piece) = ahead.next_piece() {
            if self.rest.len() - ahead.rest.len() > *room {
                *room = 0;
                return None;
            }
            let Piece::Tag(tag) = piece else {
                continue;
            };
            match (tag.name(), tag.is_end) {
                ("ul" | "ol" | "menu", false) => depth += 1,
                ("ul" | "ol" | "menu", true) if depth == 0 => break,
                ("ul" | "ol" | "menu", true) => depth -= 1,
                ("li", false) if depth == 0 => items = items.saturating_add(1),
                _ => {}
            }
        }
        *room -= self.rest.len() - ahead.rest.len();
        Some(items)
    }

    fn skip_declaration(&mut self) {
        let (start, end) = if self.rest.starts_with("<!--") {
            ("<!--", "-->")
        } else {
            ("<!", ">")
        };
        let behind = self.rest.split_once(end).map(|(_, after)| after);
        let inside = self.rest.get(start.len()..).unwrap_or_default();
        self.rest = self.behind(behind, inside);
    }

    fn skip_past_end_of(&mut self, name: &str) {
        let mut rest = self.rest;
        while let Some((_, after)) = rest.split_once("</") {
            let found = after
                .get(..name.len())
                .is_some_and(|n| n.eq_ignore_ascii_case(name));
            rest = after;
            if found {
                self.rest = after.split_once('>').map_or("", |(_, after)| after);
                return;
            }
        }
        self.rest = self.behind(None, self.rest);
    }

    fn tag(&mut self) -> Tag<'d> {
        let end = self.tag_end();
        let inside = self.rest.get(1..end).unwrap_or_default();
        self.rest = self.behind(self.rest.get(end + 1..), inside);
        let name_and_more = inside.strip_prefix('/');
        let is_end = name_and_more.is_some();
        let inside = name_and_more.unwrap_or(inside);
        let length = inside
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(inside.len());
        let (name, attributes) = inside.split_at(length);
        Tag {
            lower_name: name.to_ascii_lowercase(),
            is_end,
            attributes,
        }
    }

    fn tag_end(&mut self) -> usize {
        if self.quotes_close {
            let mut quote = None;
            for (at, byte) in self.rest.bytes().enumerate() {
                match (quote, byte) {
                    (None, b'"' | b'\'') => quote = Some(byte),
                    (Some(open), _) if open == byte => quote = None,
                    (None, b'>') => return at,
                    _ => {}
                }
            }
            self.quotes_close = false;
        }
        self.rest.find('>').unwrap_or(self.rest.len())
    }
}

/// The text so far, and the white space that the next content will bring with it.
#[derive(Default)]
struct Text {
    written: String,
    /// Line breaks owed before the next content.
    breaks: usize,
    has_space: bool,
    has_cell: bool,
    preformatted: usize,
    /// The target of the open link, and where its text begins.
    link: Option<(String, usize)>,
    lists: Lists,
}

impl Text {
    fn push_content(&mut self, content: &str) {
        let content = decoded(content, false);
        for c in content.chars() {
            match c {
                '\n' if self.preformatted > 0 => self.break_lines(self.breaks + 1),
                '\r' if self.preformatted > 0 => {}
                ' ' | '\t' | '\r' | '\n' | '\u{c}' if self.preformatted == 0 => {
                    self.has_space = true;
                }
                _ => self.push_visible(c),
            }
        }
    }

    fn push_visible(&mut self, c: char) {
        let is_line_start = self.breaks > 0 || self.written.is_empty();
        if !self.written.is_empty() {
            self.written.extend(std::iter::repeat_n('\n', self.breaks));
        }
        if !is_line_start && self.has_cell {
            self.written.push_str("  ");
        } else if !is_line_start && self.has_space {
            self.written.push(' ');
        }
        (self.breaks, self.has_space, self.has_cell) = (0, false, false);
        self.written.push(if c == '\u{a0}' { ' ' } else { c });
    }

    /// Owes at least this many line breaks, at most one empty line, but keeps them all in
    /// preformatted text.
    fn break_lines(&mut self, count: usize) {
        let most = if self.preformatted > 0 { usize::MAX } else { 2 };
        self.breaks = self.breaks.max(count.min(most));
        self.has_cell = false;
    }

    fn apply(&mut self, tag: &Tag<'_>) {
        match (tag.name(), tag.is_end) {
            ("br", _) => self.break_lines(self.breaks + 1),
            ("ul" | "ol" | "menu", is_end) => {
                if is_end {
                    self.lists.end();
                } else {
                    self.lists.begin(tag);
                }
                self.break_lines(if self.lists.are_nested() { 1 } else { 2 });
            }
            ("p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "table" | "hr" | "blockquote", _) => {
                self.break_lines(2)
            }
            ("pre", is_end) => {
                self.preformatted = if is_end {
                    self.preformatted.saturating_sub(1)
                } else {
                    self.preformatted + 1
                };
                self.break_lines(2);
            }
            ("td" | "th", false) => self.has_cell |= self.breaks == 0,
            ("li", false) => {
                self.break_lines(1);
                let marker = self.lists.next_marker(tag);
                marker.chars().for_each(|c| self.push_visible(c));
                self.has_space = true;
            }
            (
                "div" | "tr" | "li" | "dl" | "dt" | "dd" | "section" | "article" | "header"
                | "footer" | "address" | "center" | "form" | "fieldset" | "option" | "body"
                | "html" | "caption" | "main" | "nav" | "aside" | "figure" | "figcaption",
                _,
            ) => {
                self.break_lines(1);
            }
            ("img", false) => {
                if let Some(words) = tag
                    .attribute("alt")
                    .filter(|words| !words.trim().is_empty())
                {
                    format!("[{}]", words.trim())
                        .chars()
                        .for_each(|c| self.push_visible(c));
                }
            }
            ("a", is_end) => self.link(tag, is_end),
            _ => {}
        }
    }

    fn link(&mut self, tag: &Tag<'_>, is_end: bool) {
        if let Some((target, start)) = self.link.take() {
            let shown = self.written.get(start..).unwrap_or_default().trim();
            let is_shown = target.trim_start_matches("mailto:") == shown;
            if !is_shown && !shown.is_empty() {
                self.has_space = true;
                format!("<{target}>")
                    .chars()
                    .for_each(|c| self.push_visible(c));
            }
        }
        let leads_somewhere =
            |target: &String| !target.is_empty() && !target.starts_with(['#', '?']);
        if !is_end && let Some(target) = tag.attribute("href").filter(leads_somewhere) {
            self.link = Some((target.trim().to_owned(), self.written.len()));
        }
    }

    fn finish(mut self) -> String {
        if !self.written.is_empty() {
            self.written.push('\n');
        }
        self.written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_html_as_a_reader_would_see_it_q_17() {
        let html = "<html><head><title>t</title><style>p{}</style></head><body>\
            <h1>お知らせ</h1>\n<p>髙﨑様<br>本日は<a href=\"https://x.test/a?b=1&amp;c=2\">こちら</a>を\
            <b>ご確認</b>。</p><ul><li>一</li><li>二</li></ul><table><tr><td>品名</td><td>数量</td></tr>\
            <tr><td>A</td>\n<td>2</td></tr></table><img src=cid:x alt=ロゴ><pre>a  b\n\n\n c</pre>\
            <blockquote>引用</blockquote>&nbsp;&euro;&#x9ad9;&unknown; a < b & c<!-- no -->\
            <script>no</script>\n\
            <a href='mailto:a@b.test'>a@b.test</a>";
        let expected = "お知らせ\n\n髙﨑様\n本日はこちら <https://x.test/a?b=1&c=2>をご確認。\n\n- 一\n- 二\n\n\
            品名  数量\nA  2\n\n[ロゴ]\n\na  b\n\n\n c\n\n引用\n\n €髙&unknown; a < b & c a@b.test\n";
        assert_eq!(to_text(html).text, expected);
    }

    /// HTML Standard 4.4.5 to 4.4.8: the number is what a reader of the mail sees.
    #[test]
    fn items_of_ordered_lists_have_their_numbers() {
        for (html, expected) in [
            ("<ol><li>甲<li>乙</ol>", "1. 甲\n2. 乙\n"),
            (
                "<ol start=\"3\"><li>x</li><li value=7>y</li><li>z</li></ol>",
                "3. x\n7. y\n8. z\n",
            ),
            (
                "<ol type=\"a\"><li>x</ol><ol type=A start=27><li>y</ol>",
                "a. x\n\nAA. y\n",
            ),
            (
                "<ol type=i start=4><li>x</ol><ol type=I><li>y</ol>",
                "iv. x\n\nI. y\n",
            ),
            ("<ol><li>x<ul><li>y</ul><li>z</ol>", "1. x\n- y\n2. z\n"),
            (
                "<ol><li>x<ol type=a><li>y</ol><li>z</ol>",
                "1. x\na. y\n2. z\n",
            ),
            ("<ol start=3 reversed><li>x<li>y</ol>", "3. x\n2. y\n"),
            (
                "<ol reversed><li>x<ul><li>a</ul><li>y</ol>",
                "2. x\n- a\n1. y\n",
            ),
            (
                "<ol style='list-style-type: lower-alpha'><li>x</ol>",
                "a. x\n",
            ),
            ("<ol style='list-style:none'><li>第1条 x</ol>", "第1条 x\n"),
            ("<ol start=0><li>x<li>y</ol>", "0. x\n1. y\n"),
            ("<li>x", "- x\n"),
        ] {
            assert_eq!(to_text(html).text, expected, "{html}");
        }
    }

    /// HTML Standard 13.2.5: what never ends takes the rest, and that is said.
    #[test]
    fn what_never_ends_takes_the_rest_and_is_noted() {
        for (html, text, is_cut) in [
            ("<p>a<!-- b --><p>c", "a\n\nc\n", false),
            ("<p>a<!-- b <p>c", "a\n", true),
            ("<p>a<!--", "a\n", false),
            ("<p>a<style>p{} c", "a\n", true),
            ("<p>a<title>b", "a\n", true),
            ("<p>a<img src=", "a\n", true),
            ("<p>a<!DOCTYPE", "a\n", true),
        ] {
            let shown = to_text(html);
            assert_eq!(
                (shown.text.as_str(), shown.is_cut),
                (text, is_cut),
                "{html}"
            );
        }
    }

    #[test]
    fn pictures_are_told_from_text() {
        assert!(has_pictures("<p>&nbsp;<IMG src='cid:x'></p>"));
        assert!(!has_pictures("<p>&lt;img&gt;<!-- <img> --></p>"));
    }

    #[test]
    fn hostile_html_costs_linear_time() {
        for html in [
            format!("{}x", "<div>".repeat(100_000)),
            format!("{}x", "<table><tr><td>".repeat(50_000)),
            format!("<p {}>x", "a=1 ".repeat(200_000)),
            format!("{}x", "<a \"".repeat(200_000)),
            format!("{}x", "<img alt='".repeat(100_000)),
            "<!--".repeat(200_000),
            "<script>".repeat(200_000),
            "&".repeat(500_000),
            "<".repeat(500_000),
            "<a href=x>".repeat(50_000),
            "<ol reversed><li>".repeat(50_000),
            "<ol type=A start=2147483647><li>".repeat(50_000),
        ] {
            to_text(&html);
        }
    }

    #[test]
    fn finds_the_character_set_that_the_document_declares() {
        for (html, expected) in [
            ("<meta charset=\"Shift_JIS\">", Some("shift_jis")),
            (
                "<meta http-equiv=x content='text/html; charset=iso-2022-jp'>",
                Some("iso-2022-jp"),
            ),
            ("<p>none", None),
        ] {
            assert_eq!(declared_charset(html.as_bytes()).as_deref(), expected);
        }
    }
}
