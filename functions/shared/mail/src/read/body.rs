//! Which parts are the body, and the body as text (Q-17, I-008, I-069).

use std::borrow::Cow;

use domain::{BodySource, Charset, Damage, UnshownPart};

use super::charset::{self, Text};
use super::structure::Part;
use super::{flowed, html, unshown};
use crate::text::{push_with_line_feeds, shows_something};

/// The body of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body<'m> {
    /// The text, lines ending with `\n`. Controls and direction marks are left in it.
    pub text: String,
    /// What the text was made from.
    pub source: BodySource,
    /// The part that stands in the place of a text and cannot be shown; only there where the
    /// source is [`BodySource::Unshown`].
    pub unshown: Option<UnshownPart>,
    /// In which character set the text was read; absent where there is no body.
    pub charset: Option<Charset>,
    /// The exact bytes of the HTML part, transfer encoding taken off (I-069).
    pub html: Option<Cow<'m, [u8]>>,
}

/// The body as text, and the parts that it was made from.
#[derive(Debug)]
pub(crate) struct BodyText {
    pub(crate) selection: Selection,
    pub(crate) text: String,
    pub(crate) source: BodySource,
    pub(crate) unshown: Option<UnshownPart>,
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

    /// Plain parts and HTML parts of each section.
    pub(crate) fn sections(&self) -> impl Iterator<Item = (&[usize], &[usize])> {
        let sections = self.sections.iter().filter(|section| section.has_parts());
        sections.map(|section| (section.plain.as_slice(), section.html.as_slice()))
    }

    pub(crate) fn html(&self) -> Option<usize> {
        self.sections
            .iter()
            .flat_map(|section| &section.html)
            .copied()
            .next()
    }
}

/// Which leaves may be the body. Where one choice shows nothing, the next one is tried: a body may
/// have a file name (RFC 2183 section 2.3), and a mail that is one text part is that text, whatever
/// its disposition says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Choice {
    /// Plain text and HTML without a file name.
    Unnamed,
    /// Those with one, too, and text of other types (RFC 2046 section 4.1.4).
    Named,
    /// The one part that there is.
    Only,
}

const CHOICES: [Choice; 3] = [Choice::Unnamed, Choice::Named, Choice::Only];

/// Chooses the parts of the body. Recursion follows the tree, whose depth is bounded.
fn select(parts: &[Part], choice: Choice) -> Selection {
    Selection {
        sections: sections_of(parts, 0, choice),
    }
}

fn sections_of(parts: &[Part], index: usize, choice: Choice) -> Vec<Section> {
    let Some(part) = parts.get(index) else {
        return Vec::new();
    };
    let Some(children) = &part.children else {
        return leaf_section(part, index, choice, parts.len() == 1);
    };
    let of_child = |child: &usize| sections_of(parts, *child, choice);
    match part.media_type.value.as_str() {
        "multipart/alternative" => {
            let mut merged = Section::default();
            for section in children.iter().flat_map(of_child) {
                merged.plain.extend(section.plain);
                merged.html.extend(section.html);
            }
            vec![merged]
        }
        "multipart/related" => of_related(parts, part, children, of_child),
        "multipart/signed" | "multipart/report" => {
            children.first().map(of_child).unwrap_or_default()
        }
        _ => children.iter().flat_map(of_child).collect(),
    }
}

/// The root is the part that `start` names, or the first one (RFC 2387 section 3.2). Where there is
/// no text in it, it is one of the type that `type` names, or any that is text.
fn of_related(
    parts: &[Part],
    part: &Part,
    children: &[usize],
    of_child: impl Fn(&usize) -> Vec<Section>,
) -> Vec<Section> {
    let part_at = |child: &usize| parts.get(*child);
    let start = part.media_type.parameter("start");
    let start = start.as_deref().map(|id| id.trim_matches(['<', '>']));
    let is_start = |child: &&usize| {
        start.is_some() && part_at(child).and_then(|part| part.content_id.as_deref()) == start
    };
    let root_type = part.media_type.parameter("type");
    let root_type = root_type.map(|name| name.trim().to_ascii_lowercase());
    let is_of_type = |child: &&usize| {
        root_type.is_some()
            && part_at(child).map(|part| &part.media_type.value) == root_type.as_ref()
    };
    let root = children.iter().find(is_start).or(children.first());
    let typed = children
        .iter()
        .find(is_of_type)
        .filter(|child| Some(*child) != root);
    let others = children.iter();
    let others = others.filter(|child| Some(*child) != root && Some(*child) != typed);
    let mut sections = root.into_iter().chain(typed).chain(others).map(of_child);
    sections
        .find(|sections| sections.iter().any(Section::has_parts))
        .unwrap_or_default()
}

fn leaf_section(part: &Part, index: usize, choice: Choice, is_only: bool) -> Vec<Section> {
    let is_named = part.file_name().is_some();
    let is_allowed = match choice {
        Choice::Unnamed => !part.is_attachment() && !is_named,
        Choice::Named => !part.is_attachment(),
        Choice::Only => !part.is_attachment() || is_only,
    };
    let plain = || Section {
        plain: vec![index],
        html: Vec::new(),
    };
    match part.media_type.value.as_str() {
        _ if !is_allowed => Vec::new(),
        "text/plain" => vec![plain()],
        "text/html" => vec![Section {
            plain: Vec::new(),
            html: vec![index],
        }],
        other if other.starts_with("text/") && choice > Choice::Unnamed => vec![plain()],
        _ => Vec::new(),
    }
}

/// Reads the body; `content` gives the decoded content of a part.
pub(crate) fn read<'m>(parts: &[Part], content: impl Fn(usize) -> Cow<'m, [u8]>) -> BodyText {
    let mut tried = None;
    for choice in CHOICES {
        let selection = select(parts, choice);
        if tried
            .as_ref()
            .is_some_and(|body: &BodyText| body.selection == selection)
        {
            continue;
        }
        let body = read_selection(parts, selection, &content);
        if body.source.has_text() {
            return body;
        }
        tried.get_or_insert(body);
    }
    let mut body = tried.unwrap_or_else(|| BodyText::of(Selection::default()));
    let is_body = |index| body.selection.is_body(index);
    body.unshown = unshown::find(parts, is_body, &content);
    if body.unshown.is_some() {
        body.source = BodySource::Unshown;
    }
    body
}

fn read_selection<'m>(
    parts: &[Part],
    selection: Selection,
    content: &impl Fn(usize) -> Cow<'m, [u8]>,
) -> BodyText {
    let mut body = BodyText::of(selection.clone());
    for section in &selection.sections {
        let plain = read_plain(parts, &section.plain, content);
        let shows = |texts: &[Text<'_>]| texts.iter().any(|one| shows_something(&one.text));
        let html = if shows(&plain) {
            Vec::new()
        } else {
            read_html(parts, &section.html, content)
        };
        let is_html = plain.is_empty() || shows(&html);
        for text in if is_html { &html } else { &plain } {
            body.push(text, is_html);
        }
    }
    if !shows_something(&body.text) {
        body.source = BodySource::Empty;
    }
    body
}

impl Section {
    fn has_parts(&self) -> bool {
        !self.plain.is_empty() || !self.html.is_empty()
    }
}

impl BodyText {
    fn of(selection: Selection) -> Self {
        Self {
            selection,
            text: String::new(),
            source: BodySource::Empty,
            unshown: None,
            charset: None,
            damages: Vec::new(),
        }
    }

    fn push(&mut self, text: &Text<'_>, is_html: bool) {
        self.source = match (self.source, is_html) {
            (BodySource::HtmlAsText, _) | (_, true) => BodySource::HtmlAsText,
            (BodySource::PlainText | BodySource::Unshown | BodySource::Empty, false) => {
                BodySource::PlainText
            }
        };
        self.damages.extend(text.damages());
        if text.text.contains("\r\r\n") {
            self.damages.push(Damage::DoubledCarriageReturns);
        }
        if self.charset.as_ref().is_none_or(Charset::is_as_labelled) {
            self.charset = Some(text.charset.clone());
        }
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        push_with_line_feeds(&text.text, &mut self.text);
    }
}

fn read_plain<'m>(
    parts: &[Part],
    plain: &[usize],
    content: &impl Fn(usize) -> Cow<'m, [u8]>,
) -> Vec<Text<'static>> {
    let parts = plain
        .iter()
        .filter_map(|index| Some((*index, parts.get(*index)?)));
    parts
        .map(|(index, part)| {
            let label = part.media_type.parameter("charset");
            let content = content(index);
            let read = charset::decode(&content, label.as_deref(), None);
            let unflowed = flowed::undo(&read.text, &part.media_type);
            with_text(&read, unflowed.unwrap_or_else(|| read.text.to_string()))
        })
        .collect()
}

fn read_html<'m>(
    parts: &[Part],
    html: &[usize],
    content: &impl Fn(usize) -> Cow<'m, [u8]>,
) -> Vec<Text<'static>> {
    let parts = html
        .iter()
        .filter_map(|index| Some((*index, parts.get(*index)?)));
    parts
        .map(|(index, part)| {
            let content = content(index);
            let label = part
                .media_type
                .parameter("charset")
                .or_else(|| html::declared_charset(&content));
            let read = charset::decode(&content, label.as_deref(), None);
            let shown = html::to_text(&read.text);
            Text {
                is_cut: shown.is_cut,
                ..with_text(&read, shown.text)
            }
        })
        .collect()
}

fn with_text(read: &Text<'_>, text: String) -> Text<'static> {
    Text {
        text: Cow::Owned(text),
        charset: read.charset.clone(),
        has_open_line: read.has_open_line,
        is_cut: read.is_cut,
    }
}
