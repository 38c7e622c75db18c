//! Is this file a certificate as the service issued it? One verdict, with every reason (X-1).
//!
//! [`verify`] takes the bytes of the file, whom the reader trusts ([`Trust`]), and a time. There is
//! no network, no clock, no file and no AWS here, so that the answer can be had when the operator
//! is gone, and always is the same.
//!
//! Invariants: every input gets a verdict, none makes the crate panic, and [`limits`](crate) bound
//! what it costs. What the crate does not fully understand is never authentic: a file must be built
//! just as the service builds it, which leaves no room for what two readers see differently. Each
//! kind of work has a budget ([`BUDGET`]); what runs out is a finding.
//!
//! The checks, in their order: the revisions and every byte of them (`revisions`), what each
//! revision changed (`changes`, `byte_range`), the signature, the timestamps from the newest to the
//! oldest (`clocks`), the times and the words that they have to fit (`times`,
//! `signature_words`), what the validation data holds (`company`), the signer (`signer`,
//! `revocation`, `trust`), and the embedded files against the evidence (`embedded`). Only for a
//! signer who is trusted the pages are made again (`pages`), the senders' signatures verified
//! (`senders`), and every value compared that follows from embedded mails and records
//! (`recompute`). `numbers` gives each check its number, and `README.md` says what it is and which
//! test holds it. All but the first two may be made side by side ([`Verification`]).
//!
//! ```
//! use verifier::{Reader, Trust, Verdict, verify};
//! let at = "2046-01-01T00:00:00Z".parse()?;
//! let reader = Reader { trust: &Trust::default(), at, fonts: None };
//! assert_eq!(verify(b"not a PDF", &reader).verdict(), Verdict::Altered);
//! # Ok::<(), jiff::Error>(())
//! ```

mod byte_range;
mod changes;
mod clocks;
mod company;
mod embedded;
mod language;
mod limits;
mod numbers;
mod object;
mod pages;
mod reader;
mod recompute;
mod report;
mod revisions;
mod revocation;
mod senders;
mod signature_words;
mod signer;
mod structure;
mod times;
mod trust;
mod verdict;
mod verification;
mod widget;
pub mod wording;
mod work;

use revisions::File;

pub use embedded::EmbeddedFile;
pub use limits::{BUDGET, FILE_BYTES_MAX, REVISIONS_MAX};
pub use numbers::{NUMBERS, Number};
pub use object::Deviation;
pub use reader::Reader;
pub use readers::{Basis, Difference, READER_VERSION, Standing, Value};
pub use report::{Check, CheckResult, Facts, Finding, Report, TimestampFact};
pub use trust::{
    AuthorityEntry, OperatorEntry, SignerEntry, TRUST_BYTES_MAX, Trust, TrustError, TrustFile,
    ValueProblem,
};
pub use verdict::Verdict;
pub use verification::{LoadFonts, Verification};
pub use work::Work;

/// Checks everything about a file.
#[must_use]
pub fn verify(pdf: &[u8], reader: &Reader<'_>) -> Report {
    Verification::open(pdf, *reader).finish()
}

/// The embedded files, whatever the verdict on the file is.
///
/// # Errors
/// Where the file, or an embedded one, is not built as the service builds them.
pub fn embedded_files(pdf: &[u8]) -> Result<Vec<EmbeddedFile<'_>>, Deviation> {
    embedded::read(&File::read(pdf)?)
}
