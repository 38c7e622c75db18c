//! A corpus of genuine and attacked certificates, each with the verdict that it must get.
//!
//! The files are made by code, so that the corpus follows the format and every attack says what it
//! does. [`all`] gives the cases; `make judges` writes them as files and asks the judges. The
//! attacks are those of the literature: incremental saving, signature wrapping and universal
//! forgery ("1 Trillion Dollar Refund", CCS 2019), and shadow attacks ("Shadow Attacks", NDSS
//! 2021).
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a generator of test files fails loudly"
)]

mod behind;
pub mod clocks;
mod contents;
pub mod contradictions;
pub mod costly;
pub mod der;
mod flips;
mod forgeries;
pub mod genuine;
mod issuers;
pub mod mutations;
pub mod objects;
pub mod pdf;
mod renewal;
mod shadows;
mod stamps;
mod story;
mod updates;

use domain::Sha256Digest;
use genuine::{Authorities, OPERATOR, draft, fingerprint_of, looked_at, original, trust_file};
use jiff::Timestamp;
use std::sync::LazyLock;

/// The verdict that a case must get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Exit code 0.
    Authentic,
    /// Exit code 1.
    Altered,
    /// Exit code 2.
    Untrusted,
    /// Exit code 3.
    Incomplete,
}

impl Expected {
    /// The word that the verifier uses.
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

/// A file, and what must be said of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// Unique, and good as a file name.
    pub name: String,
    /// The file.
    pub pdf: Vec<u8>,
    /// Roots of signer and authorities that the reader trusts, as PEM.
    pub trusted: Vec<String>,
    /// The certificates that the reader knows to sign for the operator. A reader who knows none
    /// has the roots alone.
    pub signers: Vec<Sha256Digest>,
    /// When the reader looks.
    pub at: Timestamp,
    /// What must come out.
    pub expected: Expected,
}

impl Case {
    /// A file that the readers of genuine certificates look at.
    fn new(name: impl Into<String>, pdf: Vec<u8>, expected: Expected) -> Self {
        Self {
            name: name.into(),
            pdf,
            trusted: GENUINE.authorities.trusted(&[0, 1]),
            signers: vec![fingerprint_of(&GENUINE.authorities.signer)],
            at: looked_at(),
            expected,
        }
    }

    /// The trust file of the reader, or the roots alone; `None` for one who trusts nobody.
    #[must_use]
    pub fn trust_file(&self) -> Option<String> {
        if self.trusted.is_empty() {
            None
        } else if self.signers.is_empty() {
            Some(self.trusted.concat())
        } else {
            Some(trust_file(OPERATOR, &self.signers, &self.trusted))
        }
    }

    fn altered(name: impl Into<String>, pdf: Vec<u8>) -> Self {
        Self::new(name, pdf, Expected::Altered)
    }
}

/// The certificate that most attacks start from.
pub struct Genuine {
    /// Who signed and stamped it.
    pub authorities: Authorities,
    /// The mail in it.
    pub original: Vec<u8>,
    /// Unsigned.
    pub draft: Vec<u8>,
    /// With signature and one timestamp.
    pub signed: Vec<u8>,
    /// With validation data and a second timestamp: what leaves the service.
    pub archived: Vec<u8>,
}

/// Made once.
pub static GENUINE: LazyLock<Genuine> = LazyLock::new(|| {
    let (authorities, original) = (Authorities::genuine(), original());
    let draft = draft(&original);
    Genuine {
        signed: authorities.sign(draft.clone()).into_bytes(),
        archived: authorities.archive(draft.clone()),
        authorities,
        original,
        draft,
    }
});

/// The whole corpus. The names are in the order of the attacks' kinds.
#[must_use]
pub fn all() -> Vec<Case> {
    let cases = [
        clocks::genuine(),
        flips::all(),
        updates::all(),
        shadows::all(),
        forgeries::all(),
        issuers::all(),
        clocks::attacks(),
        behind::all(),
        stamps::all(),
        contents::all(),
        contents::answers(),
        contradictions::all(),
    ];
    cases.into_iter().flatten().collect()
}
