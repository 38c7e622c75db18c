//! The same said twice, in Japanese and in English, as everything that people read is.

use std::fmt;

/// Words that never change.
///
/// ```
/// const GREETING: domain::Words = domain::Words::new("はい", "Yes");
/// assert_eq!(GREETING.to_string(), "はい / Yes");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// In Japanese.
    pub japanese: &'static str,
    /// In English.
    pub english: &'static str,
}

impl Words {
    /// The same in Japanese and in English.
    #[must_use]
    pub const fn new(japanese: &'static str, english: &'static str) -> Self {
        Self { japanese, english }
    }
}

/// One behind the other, where both stand on one line.
impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.japanese, self.english)
    }
}

/// Words in which something is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bilingual {
    /// In Japanese.
    pub japanese: String,
    /// In English.
    pub english: String,
}

impl Bilingual {
    /// The same in Japanese and in English.
    #[must_use]
    pub fn new(japanese: impl Into<String>, english: impl Into<String>) -> Self {
        Self {
            japanese: japanese.into(),
            english: english.into(),
        }
    }
}

impl From<Words> for Bilingual {
    fn from(words: Words) -> Self {
        Self::new(words.japanese, words.english)
    }
}
