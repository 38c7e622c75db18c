//! The way back: from `evidence.json` and the embedded mails to the unsigned certificate.
//! When the result is the signed file's first revision, nothing else hides in it.

use paper::FontSet;

use crate::embed::{self, File, Surroundings};
use crate::embedded::Embedded;
use crate::error::Error;
use crate::evidence::Evidence;
use crate::file_row::FileRow;
use crate::json::{Record, RecordError};
use crate::render::render_surroundings;
use crate::wording::TEMPLATE_VERSION;

/// Why a certificate could not be made again.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// `evidence.json` could not be read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The certificate was made with another template than [`TEMPLATE_VERSION`].
    #[error("rebuild a certificate of template {TEMPLATE_VERSION}: this one is of template {0}")]
    Template(String),
    /// `evidence.json` is not spelled as this service spells it, so it was not made by it.
    #[error("compare evidence.json with the one spelling that its content has")]
    Spelling,
    /// A file is not the one that `evidence.json` names, or is missing.
    #[error("match the file {0} with evidence.json")]
    File(String),
    /// The files do not fit the evidence, or the pages could not be made.
    #[error(transparent)]
    Render(#[from] Error),
}

impl Record {
    /// The record of a certificate that is made now, with these mails embedded. They are taken to
    /// be those that the evidence speaks of; [`crate::rebuild`] checks that.
    #[must_use]
    pub fn new(evidence: Evidence, embedded: Embedded<'_>) -> Self {
        let files = embed::mails(&evidence, embedded);
        Self {
            template_version: TEMPLATE_VERSION.to_owned(),
            files: files.iter().map(File::row).collect(),
            evidence,
        }
    }
}

/// Makes the unsigned certificate again, byte for byte: what was signed, without the signature.
/// Every digest is computed and compared.
///
/// # Errors
/// When `evidence_json` is not what this version writes, or a file is not the one that it names;
/// see [`RebuildError`].
pub fn rebuild(
    evidence_json: &[u8],
    embedded: Embedded<'_>,
    fonts: &FontSet,
) -> Result<Vec<u8>, RebuildError> {
    let record = Record::from_json(evidence_json)?;
    let again = rebuild_named(&record, evidence_json, embedded, fonts)?;
    for file in embed::mails(&record.evidence, embedded) {
        if embed::digest_of(&file.bytes) != file.digest {
            return Err(RebuildError::File(file.name.to_owned()));
        }
    }
    Ok(again.to_bytes())
}

/// A certificate made again, but for its largest part, the original message, which is not copied.
pub struct Rebuilt<'a> {
    surroundings: Surroundings,
    original: &'a [u8],
}

impl Rebuilt<'_> {
    /// The unsigned certificate.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.surroundings.with(self.original)
    }

    /// How many bytes at the start of `draft` are the same; `None` if it is the same certificate,
    /// byte for byte.
    #[must_use]
    pub fn first_difference(&self, draft: &[u8]) -> Option<usize> {
        let mut at = 0;
        for part in self.surroundings.parts(self.original) {
            let there = draft.get(at..).unwrap_or_default();
            let there = there.get(..part.len()).unwrap_or(there);
            // A message that was taken out of this very draft need not be compared with itself.
            if !std::ptr::eq(part, there) && part != there {
                let pairs = part.iter().zip(there);
                return Some(at + pairs.take_while(|(one, other)| one == other).count());
            }
            at += part.len();
        }
        (at != draft.len()).then_some(at)
    }
}

/// As [`rebuild`], for who has read the evidence already and compares the digests of the mails
/// with [`Record::files`] elsewhere: here they are taken to be the mails that are named there. The
/// result is the certificate of these mails only if they are.
///
/// # Errors
/// As [`rebuild`]; [`RebuildError::Spelling`] too where `record` is not what `evidence_json` says.
pub fn rebuild_named<'a>(
    record: &Record,
    evidence_json: &[u8],
    embedded: Embedded<'a>,
    fonts: &FontSet,
) -> Result<Rebuilt<'a>, RebuildError> {
    if record.template_version != TEMPLATE_VERSION {
        return Err(RebuildError::Template(record.template_version.clone()));
    }
    if record.to_json() != evidence_json {
        return Err(RebuildError::Spelling);
    }
    embed::check(&record.evidence, embedded)?;
    let files = embed::mails(&record.evidence, embedded);
    let rows: Vec<FileRow> = files.iter().map(File::row).collect();
    if rows != record.files {
        let named = record.files.iter().find(|row| !rows.contains(row));
        let given = rows.iter().find(|row| !record.files.contains(row));
        let name = named.or(given).map(|row| row.name.clone());
        return Err(RebuildError::File(name.unwrap_or_default()));
    }
    let surroundings = render_surroundings(&record.evidence, embedded, fonts)?;
    let original = embedded.original.map(|mail| mail.eml);
    Ok(Rebuilt {
        surroundings,
        original: original.unwrap_or_default(),
    })
}
