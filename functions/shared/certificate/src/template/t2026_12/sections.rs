//! Sections by name: sentences that point at one get its number from where it stands.

use paper::{Bilingual, Shown};

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
    /// What the service wrote into the delivered mail.
    Notices,
    /// Who issues, with what, and under which versions.
    Versions,
}

impl Section {
    const ALL: [Self; 9] = [
        Self::Message,
        Self::Attachments,
        Self::Log,
        Self::Authentication,
        Self::Keys,
        Self::NotStated,
        Self::Main,
        Self::Notices,
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
            Self::Notices => "{notices}",
            Self::Versions => "{versions}",
        }
    }
}

/// Which number each of these sections has.
#[derive(Debug, Default)]
pub(super) struct Numbers(Vec<(Section, usize)>);

impl Numbers {
    /// Says which number a section has.
    pub(super) fn note(&mut self, section: Section, number: usize) {
        self.0.push((section, number));
    }

    /// The number of a section, if it was begun; of several the first.
    pub(super) fn of(&self, section: Section) -> Option<usize> {
        let mut known = self.0.iter();
        known.find_map(|(known, number)| (*known == section).then_some(*number))
    }

    /// Only sentences of ours come here: what others wrote may hold a placeholder.
    pub(super) fn fill(&self, words: &mut Bilingual) {
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
