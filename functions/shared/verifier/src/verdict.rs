//! What a file is worth.

use std::fmt;

/// What the file is worth. The worst that was found decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The certificate is what the service issued, and everything in it was checked.
    Authentic,
    /// Nothing speaks against the certificate, but something that should be checked cannot be.
    Incomplete,
    /// The file holds together, but nothing leads from it to somebody whom the reader trusts.
    Untrusted,
    /// The file is not as it was issued, or was never issued by such a service.
    Altered,
}

impl Verdict {
    /// The exit code of `akashi-verify`: 0, 1, 2, 3. A file that could not be judged has 4.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Authentic => 0,
            Self::Altered => 1,
            Self::Untrusted => 2,
            Self::Incomplete => 3,
        }
    }

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Authentic => "AUTHENTIC",
            Self::Altered => "ALTERED",
            Self::Untrusted => "UNTRUSTED",
            Self::Incomplete => "INCOMPLETE",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}
