//! The same said twice, in Japanese and in English, as everything that people read is.

use std::fmt;

use crate::Named;

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

/// A language that people are written to in. Both are always written; this one comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Japanese.
    #[default]
    Japanese,
    /// English.
    English,
}

impl Language {
    /// Each language.
    pub const ALL: [Self; 2] = [Self::Japanese, Self::English];

    /// Both texts, that in this language first.
    ///
    /// ```
    /// assert_eq!(domain::Language::English.first("はい", "Yes"), ["Yes", "はい"]);
    /// ```
    #[must_use]
    pub fn first<T>(self, japanese: T, english: T) -> [T; 2] {
        match self {
            Self::Japanese => [japanese, english],
            Self::English => [english, japanese],
        }
    }
}

impl Named for Language {
    const VALUES: &'static [Self] = &Self::ALL;

    // BCP 47 tags; used in settings and stored items.
    fn name(self) -> &'static str {
        match self {
            Self::Japanese => "ja",
            Self::English => "en",
        }
    }
}
