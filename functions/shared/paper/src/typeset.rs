//! One paragraph to lines of positioned glyphs: shaping, line breaking with kinsoku, and breaks
//! anywhere in strings that have no other place to break.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use krilla::surface::Location;
use krilla::text::GlyphId;
use parley::fontique::Language;
use parley::style::{
    FontFamily, FontFamilyName, FontFeatures, LineBreak, OverflowWrap, StyleProperty,
};
use parley::{FontContext, Layout, LayoutContext, RangedBuilder};

use crate::faces::Faces;
use crate::structure::{Artifact, Mark};
use crate::visible::stays_with_base;

/// Longest piece of a line that is laid out at once, in bytes, so that a line of megabytes takes
/// no more memory than a page.
const WINDOW_BYTES: usize = 8_192;

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Style {
    pub(crate) is_bold: bool,
    /// In points.
    pub(crate) size: f32,
    /// Distance from line to line, in points.
    pub(crate) leading: f32,
    /// 0 is black.
    pub(crate) gray: u8,
    /// Whether a line may end after any character: records have no words.
    pub(crate) breaks_anywhere: bool,
}

/// A set line.
#[derive(Debug, Clone)]
pub struct Line {
    pub(crate) runs: Vec<Run>,
    /// From where to where codes stand, to be underlined; x in points.
    pub codes: Vec<(f32, f32)>,
    pub(crate) style: Style,
    /// What it belongs to; who set it says so.
    pub(crate) mark: Mark,
    /// In points.
    pub width: f32,
}

/// Glyphs of one font, side by side; from left to right, all that stand together.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) face: usize,
    /// From the start of the line, in points.
    pub(crate) x: f32,
    pub(crate) glyphs: Arc<[PlacedGlyph]>,
    /// What the glyphs' ranges point into: the text, and a space behind it.
    pub(crate) text: Arc<str>,
}

/// A glyph and the text it stands for; distances in ems.
#[derive(Debug, Clone)]
pub(crate) struct PlacedGlyph {
    id: u32,
    text_start: u32,
    text_end: u32,
    advance: f32,
    offset: (f32, f32),
}

/// Scratch space of the layout library.
pub(crate) struct Setter {
    context: FontContext,
    layouts: LayoutContext<Ink>,
    layout: Layout<Ink>,
    /// The set lines of fixed texts, by text, style and width. They are most of a certificate of
    /// a short message. Nothing a customer wrote is ever kept here.
    fixed: BTreeMap<(&'static str, StyleKey, u32), Vec<Line>>,
}

/// Marks codes within a text.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Ink {
    is_code: bool,
}

type StyleKey = (bool, bool, u8, u32, u32);

impl Style {
    /// The same style in a form that can be ordered.
    fn key(&self) -> StyleKey {
        let Self {
            is_bold,
            size,
            leading,
            gray,
            breaks_anywhere,
        } = *self;
        (
            is_bold,
            breaks_anywhere,
            gray,
            size.to_bits(),
            leading.to_bits(),
        )
    }

    /// From the top of a line to its baseline. Taken from the size alone, so that lines of
    /// different fonts keep their distance.
    pub(crate) fn baseline(&self) -> f32 {
        self.leading / 2.0 + 0.36 * self.size
    }
}

#[cfg(any(test, feature = "testing"))]
impl Line {
    /// What the glyphs stand for, but for the space behind the text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for run in &self.runs {
            let mut last = None;
            for glyph in run.glyphs.iter() {
                let range = glyph.text_start as usize..glyph.text_end as usize;
                let is_in_text = range.end < run.text.len();
                if is_in_text && last.as_ref() != Some(&range) {
                    text.push_str(run.text.get(range.clone()).unwrap_or_default());
                }
                last = Some(range);
            }
        }
        text
    }

    /// Whether a character has no picture.
    #[must_use]
    pub fn has_missing_glyph(&self) -> bool {
        self.runs
            .iter()
            .flat_map(|run| run.glyphs.iter())
            .any(|glyph| glyph.id == 0)
    }
}

impl Setter {
    pub(crate) fn new(context: FontContext) -> Self {
        Self {
            context,
            layouts: LayoutContext::new(),
            layout: Layout::new(),
            fixed: BTreeMap::new(),
        }
    }

    /// Sets one line of text, broken where `width` points are full, and appends the result.
    pub(crate) fn set(
        &mut self,
        fonts: &Faces,
        (text, codes): (&str, &[Range<usize>]),
        style: Style,
        width: f32,
        lines: &mut Vec<Line>,
    ) {
        let mut start = 0;
        loop {
            let end = text.floor_char_boundary(start + WINDOW_BYTES);
            let Some(window) = text.get(start..end) else {
                return;
            };
            let of_window = codes.iter().filter_map(|code| {
                let (from, to) = (code.start.max(start), code.end.min(end));
                (from < to).then(|| from - start..to - start)
            });
            let last_line_start = self.set_window(fonts, window, of_window, style, width, lines);
            if end == text.len() {
                if let Some(line) = lines.last_mut() {
                    line.divide(fonts);
                }
                return;
            }
            // The last line of the window is not full yet: it is set again with what follows.
            if last_line_start == 0 {
                start = end;
            } else {
                lines.pop();
                start += last_line_start;
            }
        }
    }

    /// Sets a fixed text, which is one line long.
    pub(crate) fn set_fixed(
        &mut self,
        fonts: &Faces,
        text: &'static str,
        style: Style,
        width: f32,
    ) -> Vec<Line> {
        let key = (text, style.key(), width.to_bits());
        if let Some(lines) = self.fixed.get(&key) {
            return lines.clone();
        }
        let mut lines = Vec::new();
        self.set(fonts, (text, &[]), style, width, &mut lines);
        self.fixed.insert(key, lines.clone());
        lines
    }

    /// Returns where the last line begins.
    fn set_window(
        &mut self,
        fonts: &Faces,
        text: &str,
        codes: impl IntoIterator<Item = Range<usize>>,
        style: Style,
        width: f32,
        lines: &mut Vec<Line>,
    ) -> usize {
        if text.is_empty() {
            lines.push(Line::empty(style));
            return 0;
        }
        let apart: Vec<(Range<usize>, &str)> = runs_apart(fonts, text)
            .into_iter()
            .filter_map(|(range, face)| Some((range, fonts.lend_face(face, &mut self.context)?)))
            .collect();
        let mut builder = self
            .layouts
            .ranged_builder(&mut self.context, text, 1.0, false);
        push_style(&mut builder, fonts, style);
        for code in codes {
            builder.push(StyleProperty::Brush(Ink { is_code: true }), code);
        }
        for (range, family) in apart {
            let family = FontFamily::Single(FontFamilyName::named(family));
            builder.push(StyleProperty::FontFamily(family), range);
        }
        builder.build_into(&mut self.layout, text);
        self.layout.break_all_lines(Some(width));
        let shared: Arc<str> = Arc::from(format!("{text} "));
        let first_line = lines.len();
        let mut last_line_start = 0;
        for line in self.layout.lines() {
            last_line_start = line.text_range().start;
            lines.push(harvest(&line, self.layout.styles(), fonts, style, &shared));
        }
        let missing: Vec<Range<usize>> = lines
            .iter()
            .skip(first_line)
            .flat_map(Line::missing)
            .collect();
        if missing.is_empty() {
            return last_line_start;
        }
        // A document must not fail for a glyph, whatever made it missing: the characters are
        // replaced as `visible` would have done, had it known.
        lines.truncate(first_line);
        let (text, codes) = with_codes(text, &missing);
        self.set_window(fonts, &text, codes, style, width, lines);
        0
    }
}

impl Line {
    fn empty(style: Style) -> Self {
        Self {
            runs: Vec::new(),
            codes: Vec::new(),
            style,
            mark: Mark::Artifact(Artifact::Blank),
            width: 0.0,
        }
    }

    /// Ends the text with a space that takes no room, so that what is read next is another word
    /// (ISO 32000-1, 14.8.2.5).
    fn divide(&mut self, fonts: &Faces) {
        let Some(run) = self.runs.last_mut() else {
            return;
        };
        let end = run.text.len().saturating_sub(1);
        let text = run.text.get(..end).unwrap_or_default();
        if text.ends_with(char::is_whitespace) {
            return;
        }
        let range = (u32::try_from(end), u32::try_from(run.text.len()));
        let (Ok(text_start), Ok(text_end)) = range else {
            return;
        };
        let space = |(id, advance)| PlacedGlyph {
            id,
            text_start,
            text_end,
            advance,
            offset: (0.0, 0.0),
        };
        let ends_here = run
            .glyphs
            .last()
            .is_some_and(|last| last.text_end == text_start);
        if let (true, Some(glyph)) = (ends_here, fonts.space(run.face)) {
            run.glyphs = run.glyphs.iter().cloned().chain([space(glyph)]).collect();
            return;
        }
        let text = Arc::clone(&run.text);
        let face = fonts
            .regular()
            .and_then(|face| Some((face, fonts.space(face)?)));
        self.runs.extend(face.map(|(face, glyph)| Run {
            face,
            x: self.width,
            glyphs: [space(glyph)].into(),
            text,
        }));
    }

    /// The runs in the order of their text, not of their places.
    pub(crate) fn runs_as_read(&self) -> Vec<&Run> {
        let start = |run: &&Run| run.glyphs.iter().map(|glyph| glyph.text_start).min();
        let mut runs: Vec<&Run> = self.runs.iter().collect();
        if runs.len() > 1 {
            runs.sort_by_key(start);
        }
        runs
    }

    /// The characters for which no font had a glyph.
    fn missing(&self) -> impl Iterator<Item = Range<usize>> {
        let glyphs = self.runs.iter().flat_map(|run| run.glyphs.iter());
        let missing = glyphs.filter(|glyph| glyph.id == 0);
        missing.map(|glyph| glyph.text_start as usize..glyph.text_end as usize)
    }
}

/// Replaces characters other than ASCII in these ranges, which may come in any order and
/// repeatedly, by their codes.
fn with_codes(text: &str, missing: &[Range<usize>]) -> (String, Vec<Range<usize>>) {
    let (mut result, mut codes) = (String::new(), Vec::new());
    for (index, character) in text.char_indices() {
        if character.is_ascii() || !missing.iter().any(|range| range.contains(&index)) {
            result.push(character);
        } else {
            let start = result.len();
            result.push_str(&format!("[U+{:04X}]", u32::from(character)));
            codes.push(start..result.len());
        }
    }
    (result, codes)
}

/// Where characters stand that the regular font does not have, and letters with marks that it
/// cannot place. Their font is told to the layout library, which would otherwise take a letter
/// and its accent from a font that has no place for the accent, or look into whatever fonts it
/// happens to know. Marks stay with their letter.
fn runs_apart(fonts: &Faces, text: &str) -> Vec<(Range<usize>, usize)> {
    let mut runs: Vec<(Range<usize>, usize)> = Vec::new();
    if text.is_ascii() {
        return runs;
    }
    let mut push = |range: Range<usize>, face: usize| match runs.last_mut() {
        Some((run, last)) if *last == face && run.end == range.start => run.end = range.end,
        Some(_) | None => runs.push((range, face)),
    };
    let mut base: Option<(usize, char, Option<usize>)> = None;
    for (start, character) in text.char_indices() {
        let end = start + character.len_utf8();
        if !stays_with_base(character) {
            let face = if character.is_ascii() {
                None
            } else {
                fonts.face_apart(character)
            };
            if let Some(face) = face {
                push(start..end, face);
            }
            base = Some((start, character, face));
            continue;
        }
        match base {
            Some((_, _, Some(face))) => push(start..end, face),
            Some((at, letter, None)) if letter < FIRST_EAST_ASIAN => {
                let face = fonts.face_of_marked(letter, character);
                if let Some(face) = face {
                    push(at..end, face);
                }
                base = Some((at, letter, face));
            }
            Some(_) | None => {}
        }
    }
    runs
}

/// From here on, letters and their marks are those of Chinese, Japanese and Korean.
const FIRST_EAST_ASIAN: char = '\u{2E80}';

fn push_style(builder: &mut RangedBuilder<'_, Ink>, fonts: &Faces, style: Style) {
    let families = if style.is_bold {
        &fonts.bold_families
    } else {
        &fonts.regular_families
    };
    let families: Vec<FontFamilyName<'_>> = families
        .iter()
        .map(|family| FontFamilyName::named(family))
        .collect();
    builder.push_default(StyleProperty::FontFamily(FontFamily::List(families.into())));
    builder.push_default(StyleProperty::FontSize(style.size));
    builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::Anywhere));
    // Japanese rules for where a line may break.
    builder.push_default(StyleProperty::Locale(Language::parse("ja").ok()));
    if style.breaks_anywhere {
        builder.push_default(StyleProperty::LineBreak(LineBreak::Anywhere));
    }
    // Each character keeps a picture of its own.
    builder.push_default(StyleProperty::FontFeatures(FontFeatures::from(
        "\"liga\" 0, \"kern\" 0",
    )));
}

/// A run that may go on.
struct Gathered {
    face: usize,
    is_rtl: bool,
    x: f32,
    glyphs: Vec<PlacedGlyph>,
}

fn harvest(
    line: &parley::layout::Line<'_, Ink>,
    styles: &[parley::layout::Style<Ink>],
    fonts: &Faces,
    style: Style,
    text: &Arc<str>,
) -> Line {
    let mut harvested = Line::empty(style);
    let mut x = 0.0;
    let mut gathered: Vec<Gathered> = Vec::new();
    for run in line.runs() {
        let Some(face) = fonts.face_of_blob(run.font().data.id()) else {
            continue;
        };
        let is_rtl = run.is_rtl();
        // The layout library begins a run with each script. What Japanese mixes in every sentence
        // is one run on a page, which halves the text objects that are written.
        let goes_on = |last: &mut Gathered| last.face == face && !last.is_rtl && !is_rtl;
        let mut whole = gathered.pop_if(goes_on).unwrap_or(Gathered {
            face,
            is_rtl,
            x,
            glyphs: Vec::new(),
        });
        for cluster in run.visual_clusters() {
            let range = cluster.text_range();
            let start_x = x;
            for glyph in cluster.glyphs() {
                whole.glyphs.push(PlacedGlyph {
                    id: glyph.id,
                    text_start: u32::try_from(range.start).unwrap_or_default(),
                    text_end: u32::try_from(range.end).unwrap_or_default(),
                    advance: glyph.advance / style.size,
                    offset: (glyph.x / style.size, glyph.y / style.size),
                });
                x += glyph.advance;
            }
            let ink = styles.get(usize::from(cluster.style_index()));
            if ink.is_some_and(|style| style.brush.is_code) {
                push_code(&mut harvested.codes, start_x, x);
            }
        }
        gathered.push(whole);
    }
    harvested.runs = gathered
        .into_iter()
        .map(|run| Run {
            face: run.face,
            x: run.x,
            glyphs: run.glyphs.into(),
            text: Arc::clone(text),
        })
        .collect();
    harvested.width = x;
    harvested
}

fn push_code(codes: &mut Vec<(f32, f32)>, start: f32, end: f32) {
    match codes.last_mut() {
        Some(last) if (last.1 - start).abs() < 0.01 => last.1 = end,
        Some(_) | None => codes.push((start, end)),
    }
}

impl krilla::text::Glyph for PlacedGlyph {
    fn glyph_id(&self) -> GlyphId {
        GlyphId::new(self.id)
    }

    fn text_range(&self) -> Range<usize> {
        self.text_start as usize..self.text_end as usize
    }

    fn x_advance(&self, size: f32) -> f32 {
        self.advance * size
    }

    fn x_offset(&self, size: f32) -> f32 {
        self.offset.0 * size
    }

    fn y_offset(&self, size: f32) -> f32 {
        self.offset.1 * size
    }

    fn y_advance(&self, _size: f32) -> f32 {
        0.0
    }

    fn location(&self) -> Option<Location> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::fonts;

    const PLAIN: Style = Style {
        is_bold: false,
        size: 10.0,
        leading: 15.0,
        gray: 0,
        breaks_anywhere: false,
    };

    fn set(text: &str, width: f32) -> Vec<String> {
        let mut setter = fonts().lend();
        let mut lines = Vec::new();
        setter.set(fonts().faces(), (text, &[]), PLAIN, width, &mut lines);
        fonts().keep(setter);
        assert!(lines.iter().all(|line| !line.has_missing_glyph()));
        lines.iter().map(Line::text).collect()
    }

    #[test]
    fn a_glyph_that_is_missing_after_all_becomes_a_code() {
        assert_eq!(set("aᠠb", 500.0), ["a[U+1820]b"]);
    }

    #[test]
    fn an_accent_comes_from_a_font_that_knows_its_place() {
        let faces = |text: &str| {
            let mut setter = fonts().lend();
            let mut lines = Vec::new();
            setter.set(fonts().faces(), (text, &[]), PLAIN, 500.0, &mut lines);
            fonts().keep(setter);
            let runs = lines.iter().flat_map(|line| &line.runs);
            runs.map(|run| run.face).collect::<Vec<_>>()
        };
        let (japanese, latin) = (faces("\u{3b1}"), faces("\u{456}"));
        assert_ne!(japanese, latin);
        // Composed and decomposed.
        assert_eq!(faces("\u{3ac}"), latin);
        assert_eq!(faces("\u{3b1}\u{301}"), latin);
        assert_eq!(faces("か\u{3099}"), japanese);
    }

    #[test]
    fn a_line_of_many_windows_is_set_like_one() {
        let text = "契約の解除についての通知です。".repeat(2_000);
        let lines = set(&text, 300.0);
        assert_eq!(lines.concat(), text);
        let (last, full) = lines.split_last().unwrap();
        assert!(
            full.iter()
                .all(|line| (27..=30).contains(&line.chars().count())),
            "{last}"
        );
    }

    #[test]
    fn the_scripts_of_a_japanese_line_are_one_run() {
        let runs = |text: &str| {
            let mut setter = fonts().lend();
            let mut lines = Vec::new();
            setter.set(fonts().faces(), (text, &[]), PLAIN, 500.0, &mut lines);
            fonts().keep(setter);
            lines.iter().map(|line| line.runs.len()).collect::<Vec<_>>()
        };
        assert_eq!(runs("契約のカタログ Catalog 2026、第3版"), [1]);
    }

    #[test]
    fn breaks_a_string_without_spaces_where_the_line_is_full() {
        let lines = set(&"0123456789abcdef".repeat(20), 100.0);
        assert_eq!(lines.concat(), "0123456789abcdef".repeat(20));
        assert!(lines.len() > 15);
    }
}
