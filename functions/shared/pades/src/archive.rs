//! From B-T on: validation data, and a document timestamp over all of it (EN 319 142-1 clause
//! 5.4.3). Each is a revision of its own behind the signed one.

use crate::document::SignedPdf;
use crate::hashed_draft::HashedDraft;
use crate::incremental::Document;
use crate::key::Verified;
use crate::signature_field::write_contents;
use crate::stamp::Stamp;
use crate::{
    Error, SignatureReport, SignerChain, TimestampAuthority, TimestampToken, TokenProblem,
    ValidationData, cms, validation, verify,
};
use std::ops::Range;

impl SignedPdf {
    /// Adds certificates and revocation data as `/DSS`: PAdES B-LT.
    ///
    /// # Errors
    /// [`Error::Draft`] where the document has validation data that this data does not begin with;
    /// [`Error::Pdf`], which no document of this crate is known to cause.
    pub fn with_validation_data(self, data: ValidationData) -> Result<ValidatedPdf, Error> {
        let (mut pdf, draft, mut verified) = self.into_parts();
        let tail = validation::update(&pdf, &data)?;
        let signed_bytes = pdf.len();
        // Room for the timestamp as well: the file would be moved again for it.
        pdf.reserve_exact(tail.len() + 2 * cms::TOKEN_BYTES_MAX + STAMP_OVERHEAD_BYTES);
        pdf.extend_from_slice(&tail);
        verified.extend(data.verified().clone());
        Ok(ValidatedPdf {
            pdf,
            draft,
            verified,
            signed_bytes,
            data,
        })
    }
}

/// Objects of the page, catalog and table in the revision of a timestamp.
const STAMP_OVERHEAD_BYTES: usize = 16_384;

/// A signed document with its validation data.
#[derive(Clone, Debug)]
pub struct ValidatedPdf {
    pdf: Vec<u8>,
    draft: HashedDraft,
    verified: Verified,
    signed_bytes: usize,
    data: ValidationData,
}

impl ValidatedPdf {
    /// The file.
    pub fn as_bytes(&self) -> &[u8] {
        &self.pdf
    }

    /// Appends an invisible field with room for a document timestamp, and computes what is to be
    /// stamped.
    ///
    /// # Errors
    /// [`Error::Pdf`] or [`Error::Draft`], which no document of this crate is known to cause.
    pub fn prepare_timestamp(mut self) -> Result<PreparedTimestamp, Error> {
        let stamp = Stamp::behind(&self.pdf)?;
        self.pdf.extend_from_slice(&stamp.tail);
        let imprint = self.draft.digest_around(&self.pdf, &stamp.contents);
        Ok(PreparedTimestamp {
            contents: stamp.contents,
            imprint,
            validated: self,
        })
    }
}

/// A document with room for a document timestamp, and the digest to be stamped.
#[derive(Clone, Debug)]
pub struct PreparedTimestamp {
    validated: ValidatedPdf,
    contents: Range<usize>,
    imprint: [u8; 32],
}

impl PreparedTimestamp {
    /// SHA-256 of the file without the value of `/Contents`: what the authority stamps.
    pub fn imprint(&self) -> [u8; 32] {
        self.imprint
    }

    /// The validation data that the timestamp will cover. Its proof of the token's own path is
    /// among what [`Self::with_timestamp`] asks for.
    pub fn validation_data(&self) -> &ValidationData {
        &self.validated.data
    }

    /// Back to the signed document without validation data, to add other data.
    pub fn into_signed(self) -> SignedPdf {
        let ValidatedPdf {
            mut pdf,
            draft,
            verified,
            signed_bytes,
            ..
        } = self.validated;
        pdf.truncate(signed_bytes);
        SignedPdf::from_parts(pdf, draft, verified)
    }

    /// Writes the timestamp into the document: PAdES B-LTA.
    ///
    /// # Errors
    /// [`Error::Timestamp`] for a token over something else, [`Error::Revocation`] if the
    /// validation data does not prove the path of the token, [`Error::ContentsTooSmall`] if the
    /// token is larger than the room for it.
    pub fn with_timestamp(self, token: &TimestampToken) -> Result<ArchivedPdf, Error> {
        if *token.imprint() != self.imprint {
            let authority = token.authority().to_owned();
            return Err(Error::Timestamp {
                authority,
                problem: TokenProblem::WrongImprint,
            });
        }
        let ValidatedPdf {
            mut pdf,
            draft,
            mut verified,
            data,
            ..
        } = self.validated;
        data.prove_with(token.certificate_path(), token.time(), &mut verified)?;
        verified.extend(token.verified().clone());
        let known = data.certificates();
        let der = token
            .over(known, &mut verified)
            .map_err(|problem| Error::Timestamp {
                authority: token.authority().to_owned(),
                problem,
            })?;
        let room = draft.room_behind(&mut pdf, &self.contents);
        write_contents(room, &der)?;
        Ok(ArchivedPdf {
            pdf,
            draft,
            verified,
        })
    }
}

/// A document that stays verifiable: signed, with validation data, and stamped over all of it.
#[derive(Clone, Debug)]
pub struct ArchivedPdf {
    pdf: Vec<u8>,
    draft: HashedDraft,
    verified: Verified,
}

impl ArchivedPdf {
    /// Reads a stored document and verifies it as [`read_back`](crate::read_back) does.
    ///
    /// # Errors
    /// As [`read_back`](crate::read_back), and [`Error::Altered`] where the document timestamp is
    /// missing.
    pub fn read(
        pdf: Vec<u8>,
        chain: &SignerChain,
        authorities: &[TimestampAuthority],
    ) -> Result<(Self, SignatureReport), Error> {
        let draft = HashedDraft::of(&pdf, Document::parse(&pdf)?.first_revision_length());
        let verified = Verified::default();
        let known = (&draft, verified.clone());
        let report = verify::read_back_behind(&pdf, known, chain, authorities)?;
        if report.stamps.is_empty() {
            return Err(Error::Altered("it has no document timestamp"));
        }
        let document = Self {
            pdf,
            draft,
            verified,
        };
        Ok((document, report))
    }

    /// The document as it is, to add further validation data and one more timestamp. The data must
    /// begin with what [`ValidationData::read`] finds in it.
    pub fn into_signed(self) -> SignedPdf {
        SignedPdf::from_parts(self.pdf, self.draft, self.verified)
    }

    /// Verifies the document as [`read_back`](crate::read_back) does, without hashing the draft
    /// again and without computing again what verified on the way here.
    ///
    /// # Errors
    /// As [`read_back`](crate::read_back).
    pub fn read_back(
        &self,
        chain: &SignerChain,
        authorities: &[TimestampAuthority],
    ) -> Result<SignatureReport, Error> {
        let known = (&self.draft, self.verified.clone());
        verify::read_back_behind(&self.pdf, known, chain, authorities)
    }

    /// The file.
    pub fn as_bytes(&self) -> &[u8] {
        &self.pdf
    }

    /// The file, without copying it.
    pub fn into_bytes(self) -> Vec<u8> {
        self.pdf
    }
}
