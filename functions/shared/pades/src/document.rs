//! The way of a document: draft, prepared (a digest to sign), untimestamped, signed.

use crate::incremental::{Base, Document, Insertion, Update};
use crate::key::Verified;
use crate::syntax::{Dictionary, Reference, Value};
use crate::{Error, SignatureReport, SignerChain, TimestampAuthority, TimestampToken, cms, verify};
use der::Encode;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};
use std::ops::Range;
use x509_cert::attr::Attributes;

/// Stands in `/ByteRange` for an offset; the longest that a cross-reference table can hold.
const OFFSET_DIGITS: usize = 10;
/// `F` of an annotation: print (4) and locked (128); ISO 19005-3 section 6.3.2 wants the first.
const WIDGET_FLAGS: u32 = 132;
/// Hexadecimal digits in lower case.
const HEX: &[u8; 16] = b"0123456789abcdef";

/// What the signature says of itself, in words (ISO 32000-1 table 252). The certificate and the
/// timestamp prove; these tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureDictionary {
    /// `/M`: when we say that we signed, to the second.
    pub signing_time: Timestamp,
    /// `/Name`: who signs.
    pub name: String,
    /// `/Reason`: why.
    pub reason: Option<String>,
    /// `/Location`: where.
    pub location: Option<String>,
    /// `/ContactInfo`: how to reach the signer.
    pub contact: Option<String>,
}

/// A PDF of one revision, without form or signature, with a classic cross-reference table.
#[derive(Clone, Debug)]
pub struct Draft {
    pdf: Vec<u8>,
    base: Base,
    page: Reference,
    /// Where the form goes into the catalog.
    catalog: Insertion,
    /// Where the widget goes into the page or into its list of annotations.
    annotations: Insertion,
    annotations_exist: bool,
}

impl Draft {
    /// Reads as much of the PDF as an appended signature needs.
    ///
    /// # Errors
    /// [`Error::Pdf`] for what cannot be read, [`Error::Draft`] for a document that this crate
    /// does not append to: encrypted, with a form, with several revisions.
    pub fn new(pdf: Vec<u8>) -> Result<Self, Error> {
        let document = Document::parse(&pdf)?;
        if document.revision_count() != 1 {
            return Err(Error::Draft("it has several revisions"));
        }
        if document.trailer.get(b"Encrypt").is_some() {
            return Err(Error::Draft("it is encrypted"));
        }
        let base = Base::of(&document)?;
        let root = document.root()?;
        let (catalog, catalog_span) = document.dictionary(root)?;
        if catalog.get(b"AcroForm").is_some() {
            return Err(Error::Draft("it has a form already"));
        }
        let page = document.first_page(&catalog)?;
        let (annotations, annotations_exist) = annotations(&document, page)?;
        let catalog = at_end(root, catalog_span, b">>".len());
        Ok(Self {
            pdf,
            base,
            page,
            catalog,
            annotations,
            annotations_exist,
        })
    }

    /// Appends an invisible signature field with room for the signature, and computes what has to
    /// be signed.
    ///
    /// # Errors
    /// [`Error::NotValidAt`] if the chain is not valid at the signing time, [`Error::Text`] if that
    /// time has no four-digit year.
    pub fn prepare(
        self,
        chain: &SignerChain,
        appearance: &SignatureDictionary,
    ) -> Result<Prepared, Error> {
        let time = appearance.signing_time;
        if !chain.is_valid_at(time) {
            return Err(Error::NotValidAt { time });
        }
        let reserved = cms::container_bytes_max(chain);
        let dictionary = dictionary_text(appearance)?;
        let mut update = Update::new(&self.base, &self.pdf);
        let (signature, field) = (update.new_reference(), update.new_reference());
        let head = format!("{SIGNATURE_HEAD}{dictionary}");
        let (content, holes) = signature_object(&head, reserved);
        let at = update.write(signature, content.as_bytes());
        update.write(
            field,
            widget_text(self.page, signature, "Signature1").as_bytes(),
        );
        let field = format!("{} 0 R", field.number);
        update.insert(
            &self.catalog,
            &format!("/AcroForm<</Fields[{field}]/SigFlags 3>>"),
        );
        let annotation = if self.annotations_exist {
            format!(" {field}")
        } else {
            format!("/Annots[{field}]")
        };
        update.insert(&self.annotations, &annotation);
        let tail = update.finish(self.changing_id(chain, time));

        let contents = at + holes.contents.start..at + holes.contents.end;
        let byte_range = at + holes.byte_range.start..at + holes.byte_range.end;
        let Self { mut pdf, base, .. } = self;
        // A growing vector would double, and the file is large.
        pdf.reserve_exact(tail.len());
        pdf.extend_from_slice(&tail);
        fill_byte_range(&mut pdf, 0, &byte_range, &contents);
        let draft = HashedDraft::of(&pdf, base.length());
        let document_digest = draft.digest_around(&pdf, &contents);
        let attributes = cms::signed_attributes(&document_digest, chain)?;
        let der = attributes
            .to_der()
            .map_err(crate::error::der_error("signed attributes"))?;
        Ok(Prepared {
            pdf,
            draft,
            contents,
            attributes,
            digest: Sha256::digest(der).into(),
        })
    }

    /// The second element of `/ID` must differ from the draft's and be the same for the same input.
    fn changing_id(&self, chain: &SignerChain, time: Timestamp) -> [u8; 16] {
        let mut hash = Sha256::new_with_prefix(b"akashi signature revision");
        let id = self.base.id().and_then(|id| self.pdf.get(id));
        hash.update(id.unwrap_or_default());
        hash.update(self.base.length().to_be_bytes());
        hash.update(time.as_nanosecond().to_be_bytes());
        hash.update(
            chain
                .leaf()
                .map(crate::Certificate::fingerprint)
                .unwrap_or_default(),
        );
        let mut id = [0; 16];
        id.iter_mut()
            .zip(hash.finalize())
            .for_each(|(to, from)| *to = from);
        id
    }
}

/// A document with room for a signature, and the digest to be signed.
#[derive(Clone, Debug)]
pub struct Prepared {
    pdf: Vec<u8>,
    draft: HashedDraft,
    /// The hexadecimal digits between the angle brackets of `/Contents`.
    contents: Range<usize>,
    attributes: Attributes,
    digest: [u8; 32],
}

impl Prepared {
    /// SHA-256 of the DER of the signed attributes: what the key signs, AWS KMS with
    /// `MessageType=DIGEST`.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The file as it stands, its signature's value still empty.
    #[cfg(test)]
    pub(crate) fn pdf(&self) -> &[u8] {
        &self.pdf
    }

    /// Takes the signature over [`Self::digest`]: PKCS#1 v1.5, or ECDSA as DER, as KMS returns it.
    ///
    /// # Errors
    /// [`Error::WrongSignature`] if it does not verify, [`Error::WrongChain`] if the document was
    /// prepared for another signer.
    pub fn with_signature(
        self,
        chain: &SignerChain,
        signature: &[u8],
    ) -> Result<Untimestamped, Error> {
        if !cms::names_signer(&self.attributes, chain) {
            return Err(Error::WrongChain);
        }
        let mut verified = Verified::default();
        let signed = self
            .attributes
            .to_der()
            .map_err(crate::error::der_error("signed attributes"))?;
        let key = chain.key();
        if !key.verifies_sha256(&signed, signature, &mut verified) {
            return Err(Error::WrongSignature);
        }
        let Self {
            pdf,
            draft,
            contents,
            attributes,
            ..
        } = self;
        let (chain, signature) = (chain.clone(), signature.to_vec());
        Ok(Untimestamped {
            pdf,
            draft,
            contents,
            attributes,
            chain,
            signature,
            verified,
        })
    }
}

/// A document with its signature, which still needs a timestamp.
#[derive(Clone, Debug)]
pub struct Untimestamped {
    pdf: Vec<u8>,
    draft: HashedDraft,
    contents: Range<usize>,
    attributes: Attributes,
    chain: SignerChain,
    signature: Vec<u8>,
    verified: Verified,
}

impl Untimestamped {
    /// SHA-256 of the signature value: what the timestamp authority stamps (P-036).
    pub fn imprint(&self) -> [u8; 32] {
        Sha256::digest(&self.signature).into()
    }

    /// Writes signature, chain and timestamp into the document: PAdES B-T.
    ///
    /// # Errors
    /// [`Error::Timestamp`] for a token over something else, [`Error::NotValidAt`] if the chain was
    /// not valid at the token's time, [`Error::ContentsTooSmall`] if the token is larger than the
    /// room for it.
    pub fn with_timestamp(self, token: TimestampToken) -> Result<SignedPdf, Error> {
        if *token.imprint() != self.imprint() {
            let authority = token.authority().to_owned();
            return Err(Error::Timestamp {
                authority,
                problem: crate::TokenProblem::WrongImprint,
            });
        }
        let time = token.time();
        if !self.chain.is_valid_at(time) {
            return Err(Error::NotValidAt { time });
        }
        let Self {
            mut pdf,
            draft,
            contents,
            attributes,
            chain,
            signature,
            mut verified,
        } = self;
        verified.extend(token.verified().clone());
        let container = cms::container(&attributes, &chain, &signature, Some(token.as_der()))?;
        let room = draft.room_behind(&mut pdf, &contents);
        if container.len() * 2 > room.len() {
            let (needed, reserved) = (container.len(), room.len() / 2);
            return Err(Error::ContentsTooSmall { needed, reserved });
        }
        // What is left of the room stays filled with zeros.
        for (digits, byte) in room.chunks_exact_mut(2).zip(container) {
            digits.copy_from_slice(&hex_digits(byte));
        }
        Ok(SignedPdf {
            pdf,
            draft,
            verified,
        })
    }
}

/// A signed and timestamped document.
#[derive(Clone, Debug)]
pub struct SignedPdf {
    pdf: Vec<u8>,
    draft: HashedDraft,
    verified: Verified,
}

impl SignedPdf {
    /// Verifies the document as [`read_back`](crate::read_back) does. Only the draft's bytes are
    /// not hashed again: nothing could write to them since they were hashed for the signature. And
    /// a signature that verified on the way here is not computed again where the same bytes of
    /// key, digest and signature are read back.
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

    pub(crate) fn into_parts(self) -> (Vec<u8>, HashedDraft, Verified) {
        (self.pdf, self.draft, self.verified)
    }

    pub(crate) fn from_parts(pdf: Vec<u8>, draft: HashedDraft, verified: Verified) -> Self {
        Self {
            pdf,
            draft,
            verified,
        }
    }
}

impl PartialEq for SignedPdf {
    fn eq(&self, other: &Self) -> bool {
        self.pdf == other.pdf
    }
}

impl Eq for SignedPdf {}

/// The hash of the draft at the start of a file, to go on from.
#[derive(Clone, Debug)]
pub(crate) struct HashedDraft {
    state: Sha256,
    length: usize,
}

impl HashedDraft {
    /// Hashes so many bytes at the start of a file.
    pub(crate) fn of(pdf: &[u8], length: usize) -> Self {
        let state = Sha256::new_with_prefix(pdf.get(..length).unwrap_or_default());
        Self { state, length }
    }

    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// The hash over the draft alone, which may go on.
    pub(crate) fn state(&self) -> Sha256 {
        self.state.clone()
    }

    /// The digest of the file but for the value of `/Contents` with its angle brackets.
    pub(crate) fn digest_around(&self, pdf: &[u8], contents: &Range<usize>) -> [u8; 32] {
        let mut hash = self.state();
        hash.update(pdf.get(self.length..contents.start - 1).unwrap_or_default());
        hash.update(pdf.get(contents.end + 1..).unwrap_or_default());
        hash.finalize().into()
    }

    /// The digest of the whole file.
    pub(crate) fn digest_to_end(&self, pdf: &[u8]) -> [u8; 32] {
        let mut hash = self.state();
        hash.update(pdf.get(self.length..).unwrap_or_default());
        hash.finalize().into()
    }

    /// A range of the file for writing; empty if it reaches into the draft.
    pub(crate) fn room_behind<'p>(&self, pdf: &'p mut [u8], range: &Range<usize>) -> &'p mut [u8] {
        let appended = pdf.get_mut(self.length..).unwrap_or_default();
        let start = range.start.checked_sub(self.length);
        let end = range.end.checked_sub(self.length);
        start
            .zip(end)
            .and_then(|(start, end)| appended.get_mut(start..end))
            .unwrap_or_default()
    }
}

/// Where a reference to the widget is inserted, and whether a list of annotations exists.
pub(crate) fn annotations(
    document: &Document<'_>,
    page: Reference,
) -> Result<(Insertion, bool), Error> {
    let (dictionary, span) = document.dictionary(page)?;
    let Some(annotations) = dictionary.get(b"Annots") else {
        return Ok((at_end(page, span, b">>".len()), false));
    };
    if let Value::Array(_) = annotations.value {
        let at = annotations.span.end - 1;
        return Ok((
            Insertion {
                object: page,
                value: span,
                at,
            },
            true,
        ));
    }
    if let Value::Reference(list) = annotations.value {
        let object = document.object(list)?;
        if let Value::Array(_) = object.value {
            return Ok((at_end(list, object.span, b"]".len()), true));
        }
    }
    Err(Error::Draft("its first page has no list of annotations"))
}

/// Before the closing delimiter of an object.
fn at_end(object: Reference, value: Range<usize>, delimiter_bytes: usize) -> Insertion {
    let at = value.end - delimiter_bytes;
    Insertion { object, value, at }
}

/// The entries of the signature dictionary that come from the caller.
fn dictionary_text(appearance: &SignatureDictionary) -> Result<String, Error> {
    let time = appearance.signing_time.to_zoned(TimeZone::UTC);
    if !(0..=9999).contains(&time.year()) {
        let problem = "its year does not have four digits".to_owned();
        return Err(Error::Text {
            what: "the signing time",
            problem,
        });
    }
    let mut text = format!("/M(D:{})", time.strftime("%Y%m%d%H%M%SZ"));
    let entries = [
        ("Name", Some(&appearance.name)),
        ("Reason", appearance.reason.as_ref()),
        ("Location", appearance.location.as_ref()),
        ("ContactInfo", appearance.contact.as_ref()),
    ];
    for (key, value) in entries {
        if let Some(value) = value {
            text.push_str(&format!("/{key}{}", text_string(value)));
        }
    }
    Ok(text)
}

/// A text string (ISO 32000-1 section 7.9.2.2): plain where it is ASCII, else UTF-16.
fn text_string(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        let escaped = text
            .replace('\\', "\\\\")
            .replace('(', "\\(")
            .replace(')', "\\)");
        return format!("({escaped})");
    }
    let digits: String = text
        .encode_utf16()
        .map(|unit| format!("{unit:04X}"))
        .collect();
    format!("<FEFF{digits}>")
}

/// Places within the signature object that are filled later.
pub(crate) struct Holes {
    /// Between the angle brackets of `/Contents`.
    pub(crate) contents: Range<usize>,
    /// Behind the zero of `/ByteRange`, up to its bracket.
    pub(crate) byte_range: Range<usize>,
}

/// How the dictionary of a signature begins.
const SIGNATURE_HEAD: &str = "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached";
/// How the dictionary of a document timestamp begins.
pub(crate) const TIMESTAMP_HEAD: &str =
    "<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161";

/// A dictionary that begins so, with room for so many bytes in `/Contents`.
pub(crate) fn signature_object(head: &str, reserved: usize) -> (String, Holes) {
    let mut text = String::with_capacity(reserved * 2 + head.len() + 256);
    text.push_str(head);
    text.push_str("/ByteRange[0");
    let byte_range = text.len()..text.len() + 3 * (OFFSET_DIGITS + 1);
    text.push_str(&" ".repeat(byte_range.len()));
    text.push_str("]/Contents<");
    let contents = text.len()..text.len() + reserved * 2;
    text.push_str(&"0".repeat(contents.len()));
    text.push_str(">>>");
    (
        text,
        Holes {
            contents,
            byte_range,
        },
    )
}

/// A field and its widget in one, without extent, so that it needs no appearance.
pub(crate) fn widget_text(page: Reference, signature: Reference, name: &str) -> String {
    format!(
        "<</Type/Annot/Subtype/Widget/FT/Sig/T({name})/F {WIDGET_FLAGS}/Rect[0 0 0 0]\
         /P {} {} R/V {} {} R>>",
        page.number, page.generation, signature.number, signature.generation
    )
}

/// The signed bytes are all but `/Contents`' value with its angle brackets. `appended` are the last
/// bytes of the file, from `offset` on; the ranges are of the whole file.
pub(crate) fn fill_byte_range(
    appended: &mut [u8],
    offset: usize,
    byte_range: &Range<usize>,
    contents: &Range<usize>,
) {
    let (gap_start, gap_end) = (contents.start - 1, contents.end + 1);
    let behind = offset + appended.len() - gap_end;
    let text = format!(" {gap_start} {gap_end} {behind}");
    let hole = byte_range.start - offset..byte_range.end - offset;
    let hole = appended.get_mut(hole).unwrap_or_default();
    hole.iter_mut()
        .zip(text.bytes())
        .for_each(|(to, from)| *to = from);
}

/// A byte as two hexadecimal digits in lower case.
pub(crate) fn hex_digits(byte: u8) -> [u8; 2] {
    let digit = |value: u8| HEX.get(usize::from(value)).copied().unwrap_or_default();
    [digit(byte >> 4), digit(byte & 0x0F)]
}

/// The signature dictionary that the one field of a signed document holds, and its place.
pub(crate) fn signature_dictionary(
    document: &Document<'_>,
) -> Result<(Dictionary, Range<usize>), Error> {
    const NO_SIGNATURE: Error = Error::Altered("there is not exactly one signature field");
    let (catalog, _) = document.dictionary(document.root()?)?;
    let Some(form) = catalog.get(b"AcroForm") else {
        return Err(NO_SIGNATURE);
    };
    let Value::Dictionary(form) = &form.value else {
        return Err(NO_SIGNATURE);
    };
    let Some([field]) = form.array(b"Fields") else {
        return Err(NO_SIGNATURE);
    };
    let Value::Reference(field) = field.value else {
        return Err(NO_SIGNATURE);
    };
    let (field, _) = document.dictionary(field)?;
    let Some(signature) = field.reference(b"V") else {
        return Err(NO_SIGNATURE);
    };
    if field.name(b"FT") != Some(b"Sig") {
        return Err(NO_SIGNATURE);
    }
    document.dictionary(signature)
}
