//! The way back: from `evidence.json` and the embedded mails to the unsigned certificate.
//! When the result is the signed file's first revision, nothing else hides in it.

use paper::FontSet;

use crate::embed::{Surroundings, digest_of};
use crate::embedded::Embedded;
use crate::formats::VersionedRecord;
use crate::rebuild_error::RebuildError;

/// Makes the unsigned certificate again, byte for byte: what was signed, without the signature.
/// Every digest is computed and compared.
///
/// # Errors
/// When `evidence_json` is not what a known version writes, or a file is not the one that it names;
/// see [`RebuildError`].
pub fn rebuild(
    evidence_json: &[u8],
    embedded: Embedded<'_>,
    fonts: &FontSet,
) -> Result<Vec<u8>, RebuildError> {
    let record = VersionedRecord::from_json(evidence_json)?;
    let again = rebuild_named(&record, evidence_json, embedded, fonts)?;
    for file in record.mails(embedded) {
        if digest_of(&file.bytes) != file.digest {
            return Err(RebuildError::File(file.name.into_owned()));
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
/// with [`VersionedRecord::files`] elsewhere: here they are taken to be the mails that are named
/// there. The result is the certificate of these mails only if they are.
///
/// # Errors
/// As [`rebuild`]; [`RebuildError::Spelling`] too where `record` is not what `evidence_json` says.
pub fn rebuild_named<'a>(
    record: &VersionedRecord,
    evidence_json: &[u8],
    embedded: Embedded<'a>,
    fonts: &FontSet,
) -> Result<Rebuilt<'a>, RebuildError> {
    if !record.has_template() {
        let version = record.template_version().to_owned();
        return Err(RebuildError::Template(version));
    }
    if record.to_json() != evidence_json {
        return Err(RebuildError::Spelling);
    }
    let surroundings = record.draw(embedded, fonts)?;
    let original = embedded.original.map(|mail| mail.eml);
    Ok(Rebuilt {
        surroundings,
        original: original.unwrap_or_default(),
    })
}
