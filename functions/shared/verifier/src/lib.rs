//! Is this file a certificate as the service issued it? One verdict, with every reason (X-1).
//!
//! [`verify`] takes the bytes of the file, the roots that the reader trusts, and a time. There is
//! no network, no clock, no file and no AWS here, so that the answer can be had when the operator
//! is gone, and always is the same.
//!
//! Invariants: every input gets a verdict, none makes the crate panic, and [`limits`](crate) bound
//! what it costs. What the crate does not fully understand is never authentic: a file must be built
//! just as the service builds it, which leaves no room for what two readers see differently.
//!
//! The checks, in their order: the revisions and every byte of them (`revisions`), what each
//! revision changed (`changes`, `byte_range`), the signature, the timestamps from the newest to the
//! oldest (`clocks`), the signer (`signer`, `revocation`), the embedded files and the pages
//! against the evidence (`embedded`, `pages`), and the senders' signatures (`senders`).
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
mod embedded;
mod limits;
mod object;
mod pages;
mod report;
mod revisions;
mod revocation;
mod senders;
mod signer;
mod trust;
pub mod wording;

use byte_range::{Covered, Digests};
use certificate::{FontSet, Record};
use changes::Layers;
use clocks::Judge;
use jiff::Timestamp;
use pades::inspect::{DocumentSignature, InspectedToken, Inspector};
use revisions::File;
use revocation::ValidationData;
use sha2::{Digest, Sha256};

pub use embedded::EmbeddedFile;
pub use limits::{FILE_BYTES_MAX, REVISIONS_MAX};
pub use object::Deviation;
pub use report::{Check, CheckResult, Facts, Finding, Report, TimestampFact, Verdict};
pub use trust::Trust;

/// Who looks at the file, and when.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// Whom the reader trusts.
    pub trust: &'a Trust,
    /// When the reader looks; certificates of timestamps that ended before do not count.
    pub at: Timestamp,
    /// The fonts of the service, to make the pages again. Without them that check is not possible.
    pub fonts: Option<&'a FontSet>,
}

/// Half of a verification; each is called once, on any thread.
pub type Half<'h> = &'h mut (dyn FnMut() + Send);

/// Checks everything about a file.
#[must_use]
pub fn verify(pdf: &[u8], reader: &Reader<'_>) -> Report {
    verify_in_halves(pdf, reader, |one, other| {
        one();
        other();
    })
}

/// As [`verify`], for a program with threads: `run` calls both halves, side by side if it likes.
/// The checks of a half that it does not call are not made, and the verdict says so. The first
/// half also finds the file's digest.
#[must_use]
pub fn verify_in_halves(
    pdf: &[u8],
    reader: &Reader<'_>,
    run: impl FnOnce(Half<'_>, Half<'_>),
) -> Report {
    let mut report = Report::new();
    report.facts.file_bytes = pdf.len();
    let Some((file, layers)) = open(pdf, &mut report) else {
        report.facts.file_digest = Sha256::digest(pdf).into();
        return report;
    };
    let data = match layers.validation.as_ref() {
        None => ValidationData::default(),
        Some(validation) => {
            if !validation.is_covered {
                report.find(Check::Revocation, Finding::UncoveredValidationData);
            }
            ValidationData::read(&file, validation).unwrap_or_else(|deviation| {
                report.find(Check::Revocation, Finding::Change(deviation));
                ValidationData::default()
            })
        }
    };
    let content = read_content(&file, &mut report);
    // Of equal weight: one hashes the file and the bodies that senders signed, the other hashes the
    // embedded files and makes the pages.
    let (mut one, mut other) = (Report::new(), Report::new());
    run(
        &mut || {
            let digests = Digests::new(pdf, layers.signature.gap.start);
            one.facts.file_digest = digests.of_file();
            check_signature(&layers, &digests, &data, reader, &mut one);
            if let Some((files, record)) = &content {
                senders::check(files, record, &mut one);
            }
        },
        &mut || {
            if let Some((files, record)) = &content {
                check_pages(&file, files, record, reader, &mut other);
            }
        },
    );
    report.facts.file_digest = one.facts.file_digest;
    report.join(one);
    report.join(other);
    report
}

/// The embedded files, whatever the verdict on the file is.
///
/// # Errors
/// Where the file, or an embedded one, is not built as the service builds them.
pub fn embedded_files(pdf: &[u8]) -> Result<Vec<EmbeddedFile<'_>>, Deviation> {
    embedded::read(&File::read(pdf)?)
}

fn open<'a>(pdf: &'a [u8], report: &mut Report) -> Option<(File<'a>, Layers)> {
    let refusal = if !pdf.starts_with(b"%PDF-") {
        Some(Finding::NotAPdf)
    } else if pdf.len() > FILE_BYTES_MAX {
        Some(Finding::TooLarge)
    } else {
        None
    };
    report.made(Check::Structure);
    if let Some(refusal) = refusal {
        report.find(Check::Structure, refusal);
        return None;
    }
    let file = File::read(pdf)
        .map_err(|deviation| report.find(Check::Structure, Finding::Structure(deviation)));
    let file = file.ok()?;
    report.made(Check::Changes);
    let layers = changes::read(&file)
        .map_err(|deviation| report.find(Check::Changes, Finding::Change(deviation)));
    Some((file, layers.ok()?))
}

fn check_signature(
    layers: &Layers,
    digests: &Digests<'_>,
    data: &ValidationData,
    reader: &Reader<'_>,
    report: &mut Report,
) {
    report.made(Check::Signature);
    let digest = digests.of(&layers.signature);
    let inspector = Inspector::default();
    let signature = match inspector.signature(&layers.signature.container, &digest) {
        Ok(signature) => signature,
        Err(error) => {
            report.find(Check::Signature, Finding::Signature(error.to_string()));
            return;
        }
    };
    report.facts.signer = Some(signature.chain().subject());
    report.made(Check::Timestamps);
    let tokens = tokens(&inspector, &signature, &layers.stamps, digests, report);
    let judge = Judge {
        roots: &reader.trust.timestamps,
        data,
        inspector: &inspector,
        at: reader.at,
    };
    let proof = judge.judge(&tokens, report);
    report.facts.signed_before = proof.existed_at;
    let trusted = (&reader.trust.signers[..], data, &inspector);
    signer::check(signature.chain(), &proof, trusted, reader.at, report);
}

/// All tokens whose own signatures hold, with their positions.
fn tokens(
    inspector: &Inspector,
    signature: &DocumentSignature,
    stamps: &[Covered],
    digests: &Digests<'_>,
    report: &mut Report,
) -> Vec<(usize, InspectedToken)> {
    let mut tokens = Vec::new();
    let mut take = |position, checked| match checked {
        Ok(token) => tokens.push((position, token)),
        Err(problem) => {
            let problem = format!("{problem}");
            report.find(Check::Timestamps, Finding::Token { position, problem });
        }
    };
    if let Some(token) = signature.token() {
        let imprint = Sha256::digest(signature.value()).into();
        take(0, inspector.token(token, &imprint));
    }
    for (index, stamp) in stamps.iter().enumerate() {
        take(
            index + 1,
            inspector.token(&stamp.container, &digests.of(stamp)),
        );
    }
    if tokens.is_empty() {
        report.find(Check::Timestamps, Finding::NoTimestamp);
    }
    tokens
}

/// The embedded files, and what the certificate says.
fn read_content<'f>(
    file: &'f File<'_>,
    report: &mut Report,
) -> Option<(Vec<EmbeddedFile<'f>>, Record)> {
    let files = match embedded::read(file) {
        Ok(files) => files,
        Err(deviation) => {
            report.made(Check::EmbeddedFiles);
            report.find(Check::EmbeddedFiles, Finding::Files(deviation));
            return None;
        }
    };
    let name_and_size = |file: &EmbeddedFile<'_>| (file.name.clone(), file.bytes.len());
    report.facts.files = files.iter().map(name_and_size).collect();
    let record = pages::evidence(&files, report)?;
    Some((files, record))
}

fn check_pages(
    file: &File<'_>,
    files: &[EmbeddedFile<'_>],
    record: &Record,
    reader: &Reader<'_>,
    report: &mut Report,
) {
    let hashed = pages::check_files(files, record, report);
    let draft = file
        .revisions
        .first()
        .map(|revision| file.bytes(&revision.span));
    pages::check(
        draft.unwrap_or_default(),
        (files, &hashed),
        record,
        reader.fonts,
        report,
    );
}
