//! The way of a document: draft, prepared (a digest to sign), untimestamped, signed.

use crate::hashed_draft::HashedDraft;
use crate::incremental::{Base, Document, Insertion, Update};
use crate::key::Verified;
use crate::signature_field::{
    SIGNATURE_HEAD, Widget, annotations, at_end, fill_byte_range, signature_object, text_string,
    write_contents,
};
use crate::structure::Structure;
use crate::syntax::Reference;
use crate::{Error, SignatureReport, SignerChain, TimestampAuthority, TimestampToken, cms, verify};
use der::Encode;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};
use std::ops::Range;
use x509_cert::attr::Attributes;

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
    /// Where the widget's element goes, if the document has a structure.
    structure: Option<Structure>,
    /// What the page says behind its list of annotations.
    tabs: &'static str,
}

/// What people are told that the widget is.
const TOOLTIP: &str = "電子署名 Electronic signature";

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
        let structure = Structure::of(&document, &catalog)?;
        // Who goes from field to field does so in the order of the structure.
        let has_tabs = document.dictionary(page)?.0.get(b"Tabs").is_some();
        let tabs = if structure.is_some() && !has_tabs {
            "/Tabs/S"
        } else {
            ""
        };
        let catalog = at_end(root, catalog_span, b">>".len());
        Ok(Self {
            pdf,
            base,
            page,
            catalog,
            annotations,
            annotations_exist,
            structure,
            tabs,
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
        self.add_field(&mut update, signature, field);
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

    /// Adds the field to the form, the page and the structure.
    fn add_field(&self, update: &mut Update<'_>, signature: Reference, field: Reference) {
        let widget = Widget {
            page: self.page,
            value: signature,
            name: "Signature1",
            tooltip: TOOLTIP,
            key: self.structure.as_ref().map(Structure::key),
        };
        update.write(field, widget.text().as_bytes());
        let form = format!("/AcroForm<</Fields[{field}]/SigFlags 3>>");
        update.insert(&self.catalog, &form);
        let annotation = if self.annotations_exist {
            format!(" {field}")
        } else {
            format!("/Annots[{field}]{}", self.tabs)
        };
        update.insert(&self.annotations, &annotation);
        if let Some(structure) = &self.structure {
            structure.add_form(update, field, self.page);
        }
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

    /// SHA-256 of the draft as it was given, so that whoever knows it need not hash the draft again
    /// before signing.
    pub fn draft_digest(&self) -> [u8; 32] {
        self.draft.state().finalize().into()
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
        write_contents(room, &container)?;
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
