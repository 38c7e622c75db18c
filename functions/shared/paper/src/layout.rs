//! Document to pages: page breaks, and what is on each page. A4, black and gray, distances in
//! points from the top left corner.

mod blocks;
mod flow;
mod styles;

use crate::document::{Block, Document, Field};
use crate::fonts::FontSet;
use crate::pages::{PAGE_WIDTH, Pages, Rule};
use crate::structure::{Artifact, Kind, Mark};
use crate::typeset::Line;
use crate::words::Words;

use self::flow::{Flow, marked};
use self::styles::{
    BANNER, FIELDS_KEPT_HEIGHT, FOOT, FOOTER, GRAY, HEAD, LABEL, LABEL_ENGLISH, LEFT, RIGHT,
    style_of,
};

/// Lays out a document. Total: every document has pages.
#[must_use]
pub fn lay_out(document: &Document, fonts: &FontSet) -> Pages {
    let mut flow = Flow::new(fonts);
    let banner = document.banner.map(|words| flow.set_banner(words));
    for (index, block) in document.blocks.iter().enumerate() {
        if let Some(gap) = gap_before(block) {
            flow.gap(gap);
            flow.need(together(document.blocks.get(index..).unwrap_or_default()));
        }
        flow.block(block);
    }
    flow.footers(document.title, &document.number);
    for (x, lines) in banner.into_iter().flatten() {
        flow.put_on_top(x, lines);
    }
    let Flow {
        setter,
        pages,
        bookmarks,
        structure,
        ..
    } = flow;
    fonts.keep(setter);
    Pages {
        pages,
        bookmarks,
        structure,
    }
}

impl Flow<'_> {
    /// The words on top of each page, which are read once, before all others.
    fn set_banner(&mut self, words: Words) -> [(f32, Vec<Line>); 2] {
        let paragraph = self.element(Kind::Paragraph);
        let [japanese, english] = self.both(paragraph, words, [BANNER, BANNER], RIGHT - LEFT);
        let width = japanese.first().map_or(0.0, |line| line.width);
        let english_x = LEFT + width + BANNER.size / 3.0;
        [(LEFT, japanese), (english_x, english)]
    }

    /// Puts lines above what is on each page.
    fn put_on_top(&mut self, x: f32, lines: Vec<Line>) {
        let place = |line: Line| (x, HEAD + line.style.baseline(), line);
        let again = marked(lines.clone(), Mark::Artifact(Artifact::Header));
        let mut pages = self.pages.iter_mut();
        if let Some(page) = pages.next() {
            let behind = page
                .texts
                .iter()
                .take_while(|(_, _, line)| line.style == BANNER);
            let at = behind.count();
            page.texts.splice(at..at, lines.into_iter().map(place));
        }
        for page in pages {
            page.texts.extend(again.iter().cloned().map(place));
        }
    }

    fn footers(&mut self, title: Words, document_number: &str) {
        let count = self.pages.len();
        let mark = Mark::Artifact(Artifact::Footer);
        let title = title.both();
        let title = self.set(&title, FOOTER, RIGHT - LEFT, mark);
        let document_number = self.set(document_number, FOOTER, RIGHT - LEFT, mark);
        for index in 0..count {
            let number = format!("{} / {count}", index + 1);
            let number = self.set(&number, FOOTER, RIGHT - LEFT, mark);
            let Some(page) = self.pages.get_mut(index) else {
                continue;
            };
            page.rules.push(Rule {
                x: LEFT,
                y: FOOT - 6.0,
                width: RIGHT - LEFT,
                height: 0.25,
                gray: GRAY,
            });
            let lines = title.iter().chain(&document_number).chain(&number).cloned();
            let starts = [
                LEFT,
                PAGE_WIDTH / 2.0 + 40.0,
                RIGHT - number.first().map_or(0.0, |line| line.width),
            ];
            for (line, x) in lines.zip(starts) {
                page.texts.push((x, FOOT + line.style.baseline(), line));
            }
        }
    }
}

/// The space above what begins something; `None` for what only goes on.
fn gap_before(block: &Block) -> Option<f32> {
    match block {
        Block::Part { .. } => Some(34.0),
        Block::Heading { .. } => Some(24.0),
        Block::Subheading { .. } => Some(10.0),
        Block::Masthead { .. }
        | Block::Outcome { .. }
        | Block::Fields(_)
        | Block::Table { .. }
        | Block::List(_)
        | Block::Quotation { .. }
        | Block::Remark(_) => None,
    }
}

/// The height of a heading with the beginning of what it heads, so that it never stands alone at
/// the foot of a page.
fn together(blocks: &[Block]) -> f32 {
    let rest = blocks.get(1..).unwrap_or_default();
    match blocks.first() {
        Some(Block::Part { .. }) => 56.0 + together(rest),
        Some(Block::Heading { .. }) => 29.0 + together(rest),
        Some(Block::Subheading { .. }) => 27.0 + together(rest),
        Some(Block::Remark(_)) => 30.0 + together(rest),
        Some(Block::Table { .. }) => 90.0,
        Some(Block::Fields(fields)) => kept_height(fields),
        Some(Block::Quotation { .. } | Block::List(_)) => 56.0,
        Some(Block::Masthead { .. } | Block::Outcome { .. }) | None => 0.0,
    }
}

/// About the height of a few fields, which are not divided between pages; of many, only the first
/// must stand below their heading.
fn kept_height(fields: &[Field]) -> f32 {
    let height = |field: &Field| {
        let lines = field.value.iter().map(|value| style_of(value.tone).leading);
        lines
            .sum::<f32>()
            .max(LABEL.leading + LABEL_ENGLISH.leading)
            + 6.0
    };
    let height: f32 = fields.iter().map(height).sum();
    if height <= FIELDS_KEPT_HEIGHT {
        height
    } else {
        56.0
    }
}
