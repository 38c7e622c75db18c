//! What SPF says of the envelope's return path (RFC 7208). Whoever receives the mail checks it,
//! because only they see who delivers it.

use crate::Named;

/// The word of the receiving side on SPF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpfResult {
    /// The server may send for the domain of the return path.
    Pass,
    /// It may not.
    Fail,
    /// The domain does not say who may.
    NoPolicy,
    /// It could not be checked.
    NotChecked,
    /// Nothing was said, or a word that the service does not know.
    Unknown,
}

impl SpfResult {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Pass,
        Self::Fail,
        Self::NoPolicy,
        Self::NotChecked,
        Self::Unknown,
    ];
}

impl Named for SpfResult {
    const VALUES: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::NoPolicy => "no_policy",
            Self::NotChecked => "not_checked",
            Self::Unknown => "unknown",
        }
    }
}
