//! The way back: from `evidence.json` and the embedded mails to the unsigned certificate.
//! When the result is the signed file's first revision, nothing else hides in it.

use crate::embed::{self, File};
use crate::fonts::FontSet;
use crate::json::{FileRow, Record, RecordError};
use crate::{Embedded, Error, TEMPLATE_VERSION, render};

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
    if record.template_version != TEMPLATE_VERSION {
        return Err(RebuildError::Template(record.template_version));
    }
    if record.to_json() != evidence_json {
        return Err(RebuildError::Spelling);
    }
    embed::check(&record.evidence, embedded)?;
    let files = embed::mails(&record.evidence, embedded);
    for file in &files {
        if embed::digest_of(&file.bytes) != file.digest {
            return Err(RebuildError::File(file.name.to_owned()));
        }
    }
    let rows: Vec<FileRow> = files.iter().map(File::row).collect();
    if rows != record.files {
        let named = record.files.iter().find(|row| !rows.contains(row));
        let given = rows.iter().find(|row| !record.files.contains(row));
        let name = named.or(given).map(|row| row.name.clone());
        return Err(RebuildError::File(name.unwrap_or_default()));
    }
    Ok(render(&record.evidence, embedded, fonts)?)
}
