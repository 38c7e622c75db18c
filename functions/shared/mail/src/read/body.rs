//! Which parts are the body, and the body as text (Q-17, I-008, I-069).

use std::borrow::Cow;

use domain::{BodySource, Charset, CharsetReason, Damage};

use super::charset;
use super::html;
use super::structure::Part;

/// The body of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body<'m> {
    /// The text, lines ending with `\n`. Controls and direction marks are left in it.
    pub text: String,
    /// What the text was made from.
    pub source: BodySource,
    /// In which character set it was read; absent where there is no body.
    pub charset: Option<Charset>,
    /// The exact bytes of the HTML part, transfer encoding taken off (I-069).
    pub html: Option<Cow<'m, [u8]>>,
}

/// The body as text.
#[derive(Debug)]
pub(crate) struct BodyText {
    pub(crate) text: String,
    pub(crate) source: BodySource,
    pub(crate) charset: Option<Charset>,
    pub(crate) damages: Vec<Damage>,
}

/// The parts that make up the body, in order. Mailers that let one drop a file between two
/// paragraphs write several.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Selection {
    sections: Vec<Section>,
}

/// One piece of the body in one or both forms.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Section {
    plain: Vec<usize>,
    html: Vec<usize>,
}

impl Selection {
    /// Whether a part is printed or embedded as the body, and so is no attachment. Of several
    /// HTML parts only the first is embedded as the body; the others are listed.
    pub(crate) fn is_body(&self, part: usize) -> bool {
        self.html() == Some(part)
            || self
                .sections
                .iter()
                .any(|section| section.plain.contains(&part))
    }

    pub(crate) fn html(&self) -> Option<usize> {
        self.sections
            .iter()
            .flat_map(|section| &section.html)
            .copied()
            .next()
    }
}

/// Chooses the parts of the body. Recursion follows the tree, whose depth is bounded.
pub(crate) fn select(parts: &[Part]) -> Selection {
    Selection {
        sections: sections_of(parts, 0),
    }
}

fn sections_of(parts: &[Part], index: usize) -> Vec<Section> {
    let Some(part) = parts.get(index) else {
        return Vec::new();
    };
    let Some(children) = &part.children else {
        return leaf_section(part, index);
    };
    match part.media_type.value.as_str() {
        "multipart/alternative" => {
            let mut merged = Section::default();
            for section in children.iter().flat_map(|child| sections_of(parts, *child)) {
                merged.plain.extend(section.plain);
                merged.html.extend(section.html);
            }
            vec![merged]
        }
        "multipart/related" => {
            let start = part.media_type.parameter("start");
            let start = start.as_deref().map(|id| id.trim_matches(['<', '>']));
            let is_start = |child: &&usize| {
                start.is_some() && parts.get(**child).and_then(|p| p.content_id.as_deref()) == start
            };
            let root = children.iter().find(is_start).or(children.first());
            root.map(|child| sections_of(parts, *child))
                .unwrap_or_default()
        }
        "multipart/signed" | "multipart/report" => children
            .first()
            .map(|child| sections_of(parts, *child))
            .unwrap_or_default(),
        _ => children
            .iter()
            .flat_map(|child| sections_of(parts, *child))
            .collect(),
    }
}

fn leaf_section(part: &Part, index: usize) -> Vec<Section> {
    if part.is_attachment() || part.file_name().is_some() {
        return Vec::new();
    }
    match part.media_type.value.as_str() {
        "text/plain" => vec![Section {
            plain: vec![index],
            html: Vec::new(),
        }],
        "text/html" => vec![Section {
            plain: Vec::new(),
            html: vec![index],
        }],
        _ => Vec::new(),
    }
}

/// Reads the body that was selected; `content` gives the decoded content of a part.
pub(crate) fn read<'m>(
    parts: &[Part],
    selection: &Selection,
    content: impl Fn(usize) -> Cow<'m, [u8]>,
) -> BodyText {
    let mut body = BodyText {
        text: String::new(),
        source: BodySource::Empty,
        charset: None,
        damages: Vec::new(),
    };
    for section in &selection.sections {
        let plain = read_plain(parts, &section.plain, &content);
        let has_text = plain.iter().any(|(text, _)| !text.trim().is_empty());
        let is_html = !has_text && !section.html.is_empty();
        let texts = if is_html {
            read_html(parts, &section.html, &content)
        } else {
            plain
        };
        for (text, charset) in texts {
            body.push(&text, charset, is_html);
        }
    }
    if body.text.trim().is_empty() {
        body.source = BodySource::Empty;
    }
    body
}

impl BodyText {
    fn push(&mut self, text: &str, charset: Charset, is_html: bool) {
        self.source = match (self.source, is_html) {
            (BodySource::HtmlAsText, _) | (_, true) => BodySource::HtmlAsText,
            (BodySource::PlainText | BodySource::Empty, false) => BodySource::PlainText,
        };
        match charset.reason {
            CharsetReason::AsLabelled => {}
            CharsetReason::NoLabel | CharsetReason::UnknownLabel | CharsetReason::WrongLabel => {
                self.damages.push(Damage::CharsetGuessed);
            }
            CharsetReason::Undecodable => self.damages.push(Damage::CharsetBroken),
        }
        if self.charset.as_ref().is_none_or(Charset::is_as_labelled) {
            self.charset = Some(charset);
        }
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        push_with_line_feeds(text, &mut self.text);
    }
}

fn read_plain<'m>(
    parts: &[Part],
    plain: &[usize],
    content: &impl Fn(usize) -> Cow<'m, [u8]>,
) -> Vec<(String, Charset)> {
    plain
        .iter()
        .filter_map(|index| Some((*index, parts.get(*index)?)))
        .map(|(index, part)| {
            let label = part.media_type.parameter("charset");
            let content = content(index);
            let (text, charset) = charset::decode(&content, label.as_deref());
            (text.into_owned(), charset)
        })
        .collect()
}

fn read_html<'m>(
    parts: &[Part],
    html: &[usize],
    content: &impl Fn(usize) -> Cow<'m, [u8]>,
) -> Vec<(String, Charset)> {
    html.iter()
        .filter_map(|index| Some((*index, parts.get(*index)?)))
        .map(|(index, part)| {
            let content = content(index);
            let label = part
                .media_type
                .parameter("charset")
                .or_else(|| html::declared_charset(&content));
            let (text, charset) = charset::decode(&content, label.as_deref());
            (html::to_text(&text), charset)
        })
        .collect()
}

/// CRLF and lone CR become LF.
fn push_with_line_feeds(text: &str, into: &mut String) {
    let mut rest = text;
    while let Some(position) = rest.find('\r') {
        let (line, after) = rest.split_at(position);
        into.push_str(line);
        into.push('\n');
        rest = after.get(1..).unwrap_or_default();
        rest = rest.strip_prefix('\n').unwrap_or(rest);
    }
    into.push_str(rest);
}
