//! The languages of a report.

/// A language to report in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// 日本語
    Japanese,
    /// English
    English,
}

impl Language {
    pub(crate) fn of(self, japanese: &str, english: &str) -> String {
        match self {
            Self::Japanese => japanese.to_owned(),
            Self::English => english.to_owned(),
        }
    }
}
