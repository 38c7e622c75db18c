//! What the search for paths may cost.

/// Certificates that the searches of one verification look at: a file renewed twice a year for a
/// century has 200 timestamps and 1,000 certificates.
const CERTIFICATES_MAX: usize = 1_000_000;
/// Signatures that they check, each in at most half a millisecond.
const SIGNATURES_MAX: usize = 2_048;

/// What is left for the searches of one verification, counted in operations, so that it is the same
/// on every machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathBudget {
    certificates_left: usize,
    signatures_left: usize,
}

impl Default for PathBudget {
    fn default() -> Self {
        Self {
            certificates_left: CERTIFICATES_MAX,
            signatures_left: SIGNATURES_MAX,
        }
    }
}

impl PathBudget {
    /// Certificates that were looked at so far.
    #[must_use]
    pub fn certificates_looked_at(&self) -> usize {
        CERTIFICATES_MAX - self.certificates_left
    }

    /// Signatures of certificates that were checked so far; at most 2,048.
    #[must_use]
    pub fn signatures_checked(&self) -> usize {
        SIGNATURES_MAX - self.signatures_left
    }

    /// Takes one certificate to look at; `None` when there is nothing left for it.
    pub(crate) fn look(&mut self) -> Option<()> {
        self.certificates_left = self.certificates_left.checked_sub(1)?;
        Some(())
    }

    /// Takes one signature to check; `None` when there is nothing left for it.
    pub(crate) fn verify(&mut self) -> Option<()> {
        self.signatures_left = self.signatures_left.checked_sub(1)?;
        Some(())
    }
}
