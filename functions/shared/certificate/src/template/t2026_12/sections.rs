//! Sections by name: sentences that point at one get its number from where it stands.

use paper::{Bilingual, Block, Shown, Words};

use super::Composer;

/// A section that sentences point at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// The message as it came from the sender.
    Message,
    /// Its attachments.
    Attachments,
    /// What was seen.
    Log,
    /// The signature of the sender's domain.
    Authentication,
    /// The keys of signatures.
    Keys,
    /// What the certificate does not state.
    NotStated,
    /// The certificate that an addendum adds to.
    Main,
    /// Who issues, with what, and under which versions.
    Versions,
}

impl Section {
    const ALL: [Self; 8] = [
        Self::Message,
        Self::Attachments,
        Self::Log,
        Self::Authentication,
        Self::Keys,
        Self::NotStated,
        Self::Main,
        Self::Versions,
    ];

    /// What stands for its number in sentences of ours.
    const fn placeholder(self) -> &'static str {
        match self {
            Self::Message => "{message}",
            Self::Attachments => "{attachments}",
            Self::Log => "{log}",
            Self::Authentication => "{authentication}",
            Self::Keys => "{keys}",
            Self::NotStated => "{not_stated}",
            Self::Main => "{main}",
            Self::Versions => "{versions}",
        }
    }
}

/// Which number each of these sections has.
#[derive(Debug, Default)]
pub(super) struct Numbers(Vec<(Section, usize)>);

impl Composer<'_> {
    /// Begins a section that sentences point at.
    pub(super) fn section(&mut self, section: Section, words: Words) {
        self.heading(words);
        self.name_section(section);
    }

    /// Says which section was begun last.
    pub(super) fn name_section(&mut self, section: Section) {
        self.numbers.0.push((section, self.section));
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
                Block::List(items) => items.iter_mut().for_each(|item| self.numbers.fill(item)),
                Block::Masthead { .. }
                | Block::Part { .. }
                | Block::Heading { .. }
                | Block::Subheading { .. }
                | Block::Fields(_)
                | Block::Table { .. }
                | Block::Quotation { .. }
                | Block::Remark(_) => {}
            }
        }
    }
}

impl Numbers {
    fn of(&self, section: Section) -> Option<usize> {
        let mut known = self.0.iter();
        known.find_map(|(known, number)| (*known == section).then_some(*number))
    }

    /// Only sentences of ours come here: what others wrote may hold a placeholder.
    fn fill(&self, words: &mut Bilingual) {
        for text in [&mut words.japanese, &mut words.english] {
            if text.as_str().contains('{') {
                *text = Shown::written(self.filled(text.as_str()));
            }
        }
    }

    fn filled(&self, text: &str) -> String {
        let mut filled = text.to_owned();
        for section in Section::ALL {
            if let Some(number) = self.of(section) {
                filled = filled.replace(section.placeholder(), &number.to_string());
            }
        }
        filled
    }
}
