//! From B-T on: validation data, and a document timestamp over all of it (EN 319 142-1 clause
//! 5.4.3). Each is a revision of its own behind the signed one.

use crate::document::{
    HashedDraft, Holes, SignedPdf, TIMESTAMP_HEAD, annotations, fill_byte_range, hex_digits,
    signature_object, widget_text,
};
use crate::incremental::{Base, Document, Insertion, Update};
use crate::key::Verified;
use crate::syntax::Value;
use crate::validation::half;
use crate::{
    Error, SignatureReport, SignerChain, TimestampAuthority, TimestampToken, TokenProblem,
    ValidationData, cms, validation, verify,
};
use sha2::{Digest, Sha256};
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
        let room = draft.room_behind(&mut pdf, &self.contents);
        write_token(room, token.as_der())?;
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

/// The revision of a document timestamp, still without its token.
pub(crate) struct Stamp {
    tail: Vec<u8>,
    /// Where the revision starts.
    offset: usize,
    /// The digits of `/Contents` in the whole file.
    pub(crate) contents: Range<usize>,
}

impl Stamp {
    /// The revision that follows these bytes. The same bytes give the same revision.
    pub(crate) fn behind(pdf: &[u8]) -> Result<Self, Error> {
        let document = Document::parse(pdf)?;
        let base = Base::of(&document)?;
        let root = document.root()?;
        let (catalog, span) = document.dictionary(root)?;
        let page = document.first_page(&catalog)?;
        let (widgets, widgets_exist) = annotations(&document, page)?;
        let fields = match catalog.get(b"AcroForm").map(|form| &form.value) {
            Some(Value::Dictionary(form)) => form.get(b"Fields"),
            Some(_) | None => None,
        };
        let fields = fields.and_then(|fields| {
            let Value::Array(known) = &fields.value else {
                return None;
            };
            // The signature's field is the first.
            Some((fields.span.end - 1, known.len()))
        });
        let (Some((at, number)), true) = (fields, widgets_exist) else {
            return Err(Error::Draft("it has no signature field"));
        };
        let mut update = Update::new(&base, pdf);
        let (timestamp, field) = (update.new_reference(), update.new_reference());
        let (content, holes) = signature_object(TIMESTAMP_HEAD, cms::TOKEN_BYTES_MAX);
        let start = update.write(timestamp, content.as_bytes());
        let name = format!("Timestamp{number}");
        update.write(field, widget_text(page, timestamp, &name).as_bytes());
        let reference = format!(" {} 0 R", field.number);
        let fields = Insertion {
            object: root,
            value: span,
            at,
        };
        update.insert(&fields, &reference);
        update.insert(&widgets, &reference);
        let mut hash = Sha256::new_with_prefix(b"akashi document timestamp");
        hash.update(base.length().to_be_bytes());
        let id = base.id().and_then(|id| pdf.get(id));
        hash.update(id.unwrap_or_default());
        let Holes {
            contents,
            byte_range,
        } = holes;
        let contents = start + contents.start..start + contents.end;
        let byte_range = start + byte_range.start..start + byte_range.end;
        let mut tail = update.finish(half(&hash.finalize().into()));
        fill_byte_range(&mut tail, pdf.len(), &byte_range, &contents);
        let offset = pdf.len();
        Ok(Self {
            tail,
            offset,
            contents,
        })
    }

    /// The revision with this token in it.
    pub(crate) fn with_token(mut self, token: &[u8]) -> Result<Vec<u8>, Error> {
        let room = self.contents.start - self.offset..self.contents.end - self.offset;
        write_token(self.tail.get_mut(room).unwrap_or_default(), token)?;
        Ok(self.tail)
    }
}

/// Writes a token in hexadecimal; what is left of the room stays filled with zeros.
fn write_token(room: &mut [u8], token: &[u8]) -> Result<(), Error> {
    if token.len() * 2 > room.len() {
        let (needed, reserved) = (token.len(), room.len() / 2);
        return Err(Error::ContentsTooSmall { needed, reserved });
    }
    for (digits, byte) in room.chunks_exact_mut(2).zip(token) {
        digits.copy_from_slice(&hex_digits(*byte));
    }
    Ok(())
}
