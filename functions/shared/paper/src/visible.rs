//! Texts in which every character can be shown: what the fonts do not cover, controls and
//! direction marks become `[U+XXXX]`, bytes that are no text become `[0xXX]`.
//!
//! A missing glyph would abort the export, and a direction mark would make a line lie; a sender
//! writes whatever they like, so every text of a document goes through here.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use crate::faces::Faces;
use crate::scripts::{Script, is_sign};

/// A text that the fonts can show. Lines end with `\n`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    /// Borrowed when it is a fixed text.
    text: Cow<'static, str>,
    /// Where a code stands for a character, in order: these are underlined, so that `[U+E000]`
    /// typed by the sender looks different.
    codes: Vec<Range<usize>>,
    /// Set when the text goes on.
    pub cut: Option<Cut>,
}

/// How much of a text is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Bytes of the text that are shown.
    pub shown_bytes: usize,
    /// Bytes of the whole text.
    pub total_bytes: usize,
}

/// How a text is brought to lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// One line: each line end is shown as its code.
    One,
    /// CR LF, LF and CR end a line.
    Text,
    /// CR LF and LF end a line; a CR alone is shown as its code.
    Raw,
}

/// The extent a text may take: lines of some width, in ems.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// Most lines.
    pub lines_max: usize,
    /// Of a line, in ems.
    pub width: f32,
}

/// Turns texts into shown texts and counts what was replaced.
pub struct Screen<'f> {
    fonts: &'f Faces,
    characters: BTreeMap<char, u64>,
    bytes: u64,
}

impl Shown {
    /// A fixed text, one line long. The fonts cover these: tests see to it.
    #[must_use]
    pub fn fixed(text: &'static str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            codes: Vec::new(),
            cut: None,
        }
    }

    /// A text of ours in which something was filled in that is ours, too. The fonts cover it.
    #[must_use]
    pub fn written(text: String) -> Self {
        Self {
            text: Cow::Owned(text),
            codes: Vec::new(),
            cut: None,
        }
    }

    /// The text, if it is a fixed one.
    pub(crate) fn as_fixed(&self) -> Option<&'static str> {
        match self.text {
            Cow::Borrowed(text) => Some(text),
            Cow::Owned(_) => None,
        }
    }

    /// The text, lines divided by `\n`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The lines, each with its codes. A line end at the end of the text begins no line.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (&str, Vec<Range<usize>>)> {
        let mut start = 0;
        let mut codes = self.codes.iter().peekable();
        self.text.split_terminator('\n').map(move |line| {
            let end = start + line.len();
            let mut of_line = Vec::new();
            while let Some(code) = codes.next_if(|code| code.end <= end) {
                of_line.push(code.start - start..code.end - start);
            }
            start = end + 1;
            (line, of_line)
        })
    }

    /// Appends a remark of ours.
    pub fn push_remark(&mut self, remark: &str) {
        self.text.to_mut().push_str(remark);
    }

    fn push_code(&mut self, code: std::fmt::Arguments<'_>) {
        let start = self.text.len();
        // Writing to a String cannot fail.
        let _ = self.text.to_mut().write_fmt(code);
        self.codes.push(start..self.text.len());
    }
}

impl<'f> Screen<'f> {
    pub(crate) fn new(fonts: &'f Faces) -> Self {
        Self {
            fonts,
            characters: BTreeMap::new(),
            bytes: 0,
        }
    }

    /// How often each character was shown by its code, by code point.
    #[must_use]
    pub fn characters(&self) -> &BTreeMap<char, u64> {
        &self.characters
    }

    /// How many bytes were shown by their value.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Shows a text, as much of it as fits.
    pub fn show(&mut self, text: &str, lines: Lines, extent: Extent) -> Shown {
        let mut pen = Pen::new(extent);
        let mut shown = Shown::default();
        shown.text.to_mut().reserve(text.len().min(1 << 20));
        if !self.feed(text, lines, &mut pen, &mut shown) {
            shown.cut = Some(Cut {
                shown_bytes: pen.consumed,
                total_bytes: text.len(),
            });
        }
        shown
    }

    /// Shows bytes that should be UTF-8, as much of them as fits.
    pub fn show_bytes(&mut self, bytes: &[u8], lines: Lines, extent: Extent) -> Shown {
        let mut pen = Pen::new(extent);
        let mut shown = Shown::default();
        for chunk in bytes.utf8_chunks() {
            let mut fits = self.feed(chunk.valid(), lines, &mut pen, &mut shown);
            for byte in chunk.invalid() {
                fits = fits && pen.advance(3.0, 1);
                if fits {
                    self.bytes += 1;
                    shown.push_code(format_args!("[0x{byte:02X}]"));
                }
            }
            if !fits {
                shown.cut = Some(Cut {
                    shown_bytes: pen.consumed,
                    total_bytes: bytes.len(),
                });
                break;
            }
        }
        shown
    }

    /// Appends a text; false when it did not fit.
    fn feed(&mut self, text: &str, lines: Lines, pen: &mut Pen, shown: &mut Shown) -> bool {
        let mut characters = text.chars().peekable();
        let mut base: Option<(char, u32)> = None;
        while let Some(character) = characters.next() {
            let bytes = character.len_utf8();
            let ends_line = match (character, lines) {
                ('\n', Lines::Text | Lines::Raw) | ('\r', Lines::Text) => true,
                ('\r', Lines::Raw) => characters.peek() == Some(&'\n'),
                _ => false,
            };
            if ends_line {
                let pair = character == '\r' && characters.next_if_eq(&'\n').is_some();
                if !pen.end_line(bytes + usize::from(pair)) {
                    return false;
                }
                shown.text.to_mut().push('\n');
                base = None;
                continue;
            }
            if character == '\t' {
                if !pen.advance(1.0, bytes) {
                    return false;
                }
                shown.text.to_mut().push_str("    ");
                base = None;
                continue;
            }
            let coverage = self.coverage_after(character, base);
            let width = if coverage == 0 {
                4.5
            } else {
                self.fonts.advance(character)
            };
            if !pen.advance(width, bytes) {
                return false;
            }
            if coverage == 0 {
                *self.characters.entry(character).or_default() += 1;
                shown.push_code(format_args!("[U+{:04X}]", u32::from(character)));
                base = None;
            } else {
                shown.text.to_mut().push(character);
                base = match base {
                    Some((first, _)) if stays_with_base(character) => Some((first, coverage)),
                    _ => Some((character, coverage)),
                };
            }
        }
        true
    }

    /// The faces that can show a character after `base`: a mark must come from the same face.
    fn coverage_after(&self, character: char, base: Option<(char, u32)>) -> u32 {
        if is_variation_selector(character) {
            return match base {
                // Text or emoji: both are drawn in black and white.
                Some((first, coverage))
                    if matches!(character, '\u{FE0E}' | '\u{FE0F}')
                        && (is_sign(first) || Script::Emoji.holds(first)) =>
                {
                    coverage
                }
                Some((first, coverage)) if self.fonts.covers_variant(first, character) => coverage,
                _ => 0,
            };
        }
        if !character.is_ascii() && is_invisible(character) || character.is_control() {
            return 0;
        }
        let coverage = self.fonts.coverage(character);
        match base {
            _ if !joins(character) => coverage,
            Some((_, of_base)) => coverage & of_base,
            // A mark without a letter before it would sit on whatever stands there.
            None if is_combining_mark(character) => 0,
            None => coverage,
        }
    }
}

/// Counts lines as the pages will roughly have them, so that the cut falls before layout.
struct Pen {
    extent: Extent,
    line: usize,
    x: f32,
    consumed: usize,
}

impl Pen {
    fn new(extent: Extent) -> Self {
        Self {
            extent,
            line: 1,
            x: 0.0,
            consumed: 0,
        }
    }

    fn advance(&mut self, width: f32, bytes: usize) -> bool {
        self.x += width;
        if self.x > self.extent.width {
            self.x = width;
            self.line += 1;
        }
        self.consume(bytes)
    }

    fn end_line(&mut self, bytes: usize) -> bool {
        self.x = 0.0;
        self.line += 1;
        self.consume(bytes)
    }

    fn consume(&mut self, bytes: usize) -> bool {
        let fits = self.line <= self.extent.lines_max;
        if fits {
            self.consumed += bytes;
        }
        fits
    }
}

/// What is shown with the character before it, in the same font.
pub(crate) fn stays_with_base(character: char) -> bool {
    joins(character) || is_variation_selector(character)
}

/// Marks, and the few letters that text layout keeps together with what stands before them: they
/// must come from the same font.
fn joins(character: char) -> bool {
    is_combining_mark(character)
        || matches!(character, '\u{FF9E}' | '\u{FF9F}' | '\u{0E33}' | '\u{0EB3}')
}

fn is_variation_selector(character: char) -> bool {
    matches!(character, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Characters without a picture of their own: they hide, turn or join what stands beside them
/// (Unicode's Default_Ignorable_Code_Point, line and paragraph separators, annotations), and
/// private ones, which PDF/A does not allow and whose picture is anybody's.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{FFFE}'..='\u{FFFF}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}'
        | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::fonts;

    const WIDE: Extent = Extent {
        lines_max: 100,
        width: 50.0,
    };

    fn show(text: &str, lines: Lines) -> Shown {
        fonts().screen().show(text, lines, WIDE)
    }

    #[test]
    fn line_ends_are_lines_in_text_and_codes_elsewhere() {
        for (text, lines, expected) in [
            ("a\r\nb\nc\rd", Lines::Text, "a\nb\nc\nd"),
            ("a\r\nb\nc\rd", Lines::Raw, "a\nb\nc[U+000D]d"),
            ("a\r\nb", Lines::One, "a[U+000D][U+000A]b"),
            ("a\tb", Lines::One, "a    b"),
        ] {
            assert_eq!(show(text, lines).as_str(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_mark_is_shown_only_on_a_letter_of_its_own_font() {
        for (text, expected) in [
            ("か\u{3099}", "か\u{3099}"),
            ("e\u{0301}", "e\u{0301}"),
            ("\u{3099}", "[U+3099]"),
            ("\n\u{0301}", "\n[U+0301]"),
            ("ą\u{3099}", "ą[U+3099]"),
            ("あ\u{093F}", "あ[U+093F]"),
            ("ą\u{FF9E}", "ą[U+FF9E]"),
            ("\u{FF9E}", "\u{FF9E}"),
            ("1\u{FE0F}\u{20E3}", "1[U+FE0F][U+20E3]"),
            ("❤\u{FE0F}☎\u{FE0E}", "❤\u{FE0F}☎\u{FE0E}"),
            ("مُ", "مُ"),
            ("م\u{0301}", "م[U+0301]"),
            ("葛\u{E0100}城", "葛\u{E0100}城"),
            ("葛\u{E01EE}城", "葛[U+E01EE]城"),
        ] {
            assert_eq!(show(text, Lines::Text).as_str(), expected, "{text:?}");
        }
    }

    #[test]
    fn codes_know_their_place_in_their_line() {
        let shown = show("ab\u{e000}\n\u{1}c", Lines::Text);
        let lines: Vec<_> = shown
            .lines()
            .map(|(line, codes)| (line, format!("{codes:?}")))
            .collect();
        assert_eq!(
            lines,
            [
                ("ab[U+E000]", "[2..10]".to_owned()),
                ("[U+0001]c", "[0..8]".to_owned())
            ]
        );
    }

    #[test]
    fn a_cut_text_says_how_much_of_it_is_shown() {
        let extent = Extent {
            lines_max: 2,
            width: 3.0,
        };
        let mut screen = fonts().screen();
        let shown = screen.show("漢字漢字漢字漢字", Lines::Text, extent);
        assert_eq!(shown.as_str(), "漢字漢字漢字");
        assert_eq!(
            shown.cut,
            Some(Cut {
                shown_bytes: 18,
                total_bytes: 24
            })
        );
        let shown = screen.show_bytes(
            b"a\xffb\r\n\r\nc",
            Lines::Raw,
            Extent {
                width: 9.0,
                ..extent
            },
        );
        assert_eq!(shown.as_str(), "a[0xFF]b\n");
        assert_eq!(
            shown.cut,
            Some(Cut {
                shown_bytes: 5,
                total_bytes: 8
            })
        );
    }
}
