//! Texts in which every character can be shown: what the fonts do not cover, controls and
//! direction marks become `[U+XXXX]`, bytes that are no text become `[0xXX]`.
//!
//! A missing glyph would abort the export, and a direction mark would make a line lie; a sender
//! writes whatever they like, so every text of a certificate goes through here.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

use crate::fonts::FontSet;

/// A text that the fonts can show. Lines end with `\n`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Shown {
    text: String,
    /// Where a code stands for a character, in order: these are underlined, so that `[U+E000]`
    /// typed by the sender looks different.
    codes: Vec<Range<usize>>,
    /// Set when the text goes on.
    pub(crate) cut: Option<Cut>,
}

/// How much of a text is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Bytes of the text that are shown.
    pub(crate) shown_bytes: usize,
    /// Bytes of the whole text.
    pub(crate) total_bytes: usize,
}

/// How a text is brought to lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    /// One line: each line end is shown as its code.
    One,
    /// CR LF, LF and CR end a line.
    Text,
    /// CR LF and LF end a line; a CR alone is shown as its code.
    Raw,
}

/// The extent a text may take: lines of some width, in ems.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) lines_max: usize,
    pub(crate) width: f32,
}

/// Turns texts into shown texts and counts what was replaced.
pub(crate) struct Screen<'f> {
    fonts: &'f FontSet,
    characters: BTreeMap<char, u64>,
    bytes: u64,
}

impl Shown {
    /// The text, lines divided by `\n`.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The lines, each with its codes.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (&str, Vec<Range<usize>>)> {
        let mut start = 0;
        let mut codes = self.codes.iter().peekable();
        self.text.split('\n').map(move |line| {
            let end = start + line.len();
            let mut of_line = Vec::new();
            while let Some(code) = codes.next_if(|code| code.end <= end) {
                of_line.push(code.start - start..code.end - start);
            }
            start = end + 1;
            (line, of_line)
        })
    }

    fn push_code(&mut self, code: std::fmt::Arguments<'_>) {
        let start = self.text.len();
        // Writing to a String cannot fail.
        let _ = self.text.write_fmt(code);
        self.codes.push(start..self.text.len());
    }
}

impl<'f> Screen<'f> {
    pub(crate) fn new(fonts: &'f FontSet) -> Self {
        Self {
            fonts,
            characters: BTreeMap::new(),
            bytes: 0,
        }
    }

    /// How often each character was shown by its code, by code point.
    pub(crate) fn characters(&self) -> &BTreeMap<char, u64> {
        &self.characters
    }

    /// How many bytes were shown by their value.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Shows a text, as much of it as fits.
    pub(crate) fn show(&mut self, text: &str, lines: Lines, extent: Extent) -> Shown {
        let mut pen = Pen::new(extent);
        let mut shown = Shown::default();
        shown.text.reserve(text.len().min(1 << 20));
        if !self.feed(text, lines, &mut pen, &mut shown) {
            shown.cut = Some(Cut {
                shown_bytes: pen.consumed,
                total_bytes: text.len(),
            });
        }
        shown
    }

    /// Shows bytes that should be UTF-8, as much of them as fits.
    pub(crate) fn show_bytes(&mut self, bytes: &[u8], lines: Lines, extent: Extent) -> Shown {
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
                shown.text.push('\n');
                base = None;
                continue;
            }
            if character == '\t' {
                if !pen.advance(1.0, bytes) {
                    return false;
                }
                shown.text.push_str("    ");
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
                shown.text.push(character);
                base = match base {
                    Some((first, _)) if joins(character) => Some((first, coverage)),
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
            None => 0,
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

/// Marks that are drawn on the character before them.
fn joins(character: char) -> bool {
    matches!(character,
        '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{302A}'..='\u{302F}'
        | '\u{3099}' | '\u{309A}' | '\u{FE20}'..='\u{FE2F}')
        || is_variation_selector(character)
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
