//! What composes the blocks of a certificate, one after another.

use paper::{Block, Extent, Screen, Words};

use super::sections::{Numbers, Section};
use crate::limits::{BODY_LINES_MAX, HEADER_LINES_MAX, RECORD_LINES_MAX, VALUE_LINES_MAX};
use crate::record::file_row::FileRow;
use crate::record::v3::Evidence;

/// Lines of quoted text as wide as `layout` sets them, in ems of their size, so that the cut
/// after so many lines falls where the pages have about as many.
pub(super) const BODY: Extent = Extent {
    lines_max: BODY_LINES_MAX,
    width: 48.0,
};
pub(super) const HEADER: Extent = Extent {
    lines_max: HEADER_LINES_MAX,
    width: 60.0,
};
pub(super) const RECORD: Extent = Extent {
    lines_max: RECORD_LINES_MAX,
    width: 60.0,
};
pub(super) const VALUE: Extent = Extent {
    lines_max: VALUE_LINES_MAX,
    width: 34.0,
};

/// A certificate as far as it is composed.
pub(super) struct Composer<'e> {
    pub(super) version: &'e str,
    pub(super) evidence: &'e Evidence,
    pub(super) files: &'e [FileRow],
    pub(super) screen: Screen<'e>,
    pub(super) blocks: Vec<Block>,
    pub(super) section: usize,
    /// Which number each section has that sentences point at.
    pub(super) numbers: Numbers,
}

impl Composer<'_> {
    /// Begins a section that sentences point at.
    pub(super) fn section(&mut self, section: Section, words: Words) {
        self.heading(words);
        self.name_section(section);
    }

    /// Says which section was begun last.
    pub(super) fn name_section(&mut self, section: Section) {
        self.numbers.note(section, self.section);
    }

    /// The number of a section that was begun; 0 of any other.
    pub(super) fn section_of(&self, section: Section) -> usize {
        self.numbers.of(section).unwrap_or_default()
    }

    /// Puts the numbers into the sentences that point at sections.
    pub(super) fn fill_numbers(&mut self) {
        for block in &mut self.blocks {
            match block {
                Block::Outcome { note, .. } => self.numbers.fill(note),
                Block::Remark(words) => self.numbers.fill(words),
                Block::List(items) => items.iter_mut().for_each(|item| self.numbers.fill(item)),
                Block::Masthead { .. }
                | Block::Part { .. }
                | Block::Heading { .. }
                | Block::Subheading { .. }
                | Block::Fields(_)
                | Block::Table { .. }
                | Block::Quotation { .. } => {}
            }
        }
    }
}
