//! Fixed texts in two languages.

/// A fixed text in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// In Japanese.
    pub japanese: &'static str,
    /// In English.
    pub english: &'static str,
}

impl Words {
    /// A text from its two languages.
    #[must_use]
    pub const fn new(japanese: &'static str, english: &'static str) -> Self {
        Self { japanese, english }
    }

    /// Both on one line.
    #[must_use]
    pub fn both(self) -> String {
        format!("{} {}", self.japanese, self.english)
    }
}
