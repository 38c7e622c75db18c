//! Validation data in the document: `/DSS` with certificates, OCSP responses and revocation lists
//! (EN 319 142-1 clause 5.4.2), so that a signature can be checked when nobody answers any more.

use crate::incremental::{Base, Document, Insertion, Update};
use crate::key::Verified;
use crate::revocation::{Kind, RevocationEvidence, Status};
use crate::syntax::{Dictionary, Object, Reference, Value};
use crate::{Certificate, Error, RevocationProblem};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::ops::Range;

/// A signature of ours needs about ten; readers of others' files stop here.
const ENTRIES_MAX: usize = 256;

/// Certificates, and what their issuers said of them.
///
/// A path is proven at a time when each of its certificates but the last, the trusted root, has
/// evidence that holds then and says "good".
#[derive(Clone, Debug, Default)]
pub struct ValidationData {
    certificates: Vec<Certificate>,
    evidence: Vec<RevocationEvidence>,
    verified: Verified,
}

impl PartialEq for ValidationData {
    fn eq(&self, other: &Self) -> bool {
        self.certificates == other.certificates && self.evidence == other.evidence
    }
}

impl Eq for ValidationData {}

impl ValidationData {
    /// Reads the `/DSS` of the newest revision, without judging what it holds. `None` where there
    /// is none.
    ///
    /// # Errors
    /// [`Error::Pdf`] for what cannot be read: streams with filters, too many entries. Certificates
    /// and evidence that are none are [`Error::Der`] and [`Error::Revocation`].
    pub fn read(pdf: &[u8]) -> Result<Option<Self>, Error> {
        read(&Document::parse(pdf)?)
    }

    /// The certificates.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// OCSP responses and revocation lists.
    pub fn evidence(&self) -> &[RevocationEvidence] {
        &self.evidence
    }

    /// Adds the certificates of a path, those that are not there yet.
    pub fn add_path(&mut self, path: &[Certificate]) {
        for certificate in path {
            if !self.certificates.contains(certificate) {
                self.certificates.push(certificate.clone());
            }
        }
    }

    /// Adds evidence that says "good" of a certificate at the time `at`, and the certificate of the
    /// responder that the issuer lets speak.
    ///
    /// That certificate is in the response, too. But pyHanko 0.38 counts as proven to exist only
    /// what is in the lists of `/DSS`, and so would not believe a file that was renewed twice.
    ///
    /// # Errors
    /// [`Error::Revocation`] where it does not say that.
    pub fn add_evidence(
        &mut self,
        evidence: RevocationEvidence,
        certificate: &Certificate,
        issuer: &Certificate,
        at: Timestamp,
    ) -> Result<(), Error> {
        let status = evidence.check_with(certificate, issuer, at, &mut self.verified);
        good(status).map_err(|problem| evidence.error(certificate, problem))?;
        if let Some(responder) = evidence.responder(issuer, at, &mut self.verified) {
            self.add_path(&[responder]);
        }
        if !self.evidence.contains(&evidence) {
            self.evidence.push(evidence);
        }
        Ok(())
    }

    /// What the evidence in here says of a certificate at a time. "Revoked" counts more than
    /// "good", and "good" more than "unknown".
    ///
    /// # Errors
    /// [`Error::Revocation`] if nothing says anything that can be relied on.
    pub fn status(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        at: Timestamp,
    ) -> Result<Status, Error> {
        let mut verified = self.verified.clone();
        self.status_with(certificate, issuer, at, &mut verified)
            .map_err(|problem| missing(certificate, problem))
    }

    fn status_with(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        at: Timestamp,
        verified: &mut Verified,
    ) -> Result<Status, RevocationProblem> {
        let mut found = None;
        let mut problem = RevocationProblem::Missing;
        for evidence in &self.evidence {
            match evidence.check_with(certificate, issuer, at, verified) {
                Ok(Status::Revoked { at }) => return Ok(Status::Revoked { at }),
                Ok(Status::Good) => found = Some(Status::Good),
                Ok(Status::Unknown) => found = found.or(Some(Status::Unknown)),
                // About others: that is not what is wrong here.
                Err(RevocationProblem::OtherCertificate) => {}
                Err(other) => problem = other,
            }
        }
        found.ok_or(problem)
    }

    /// The certificates of a path, each with its issuer, that nothing in here proves at `at`.
    pub fn unproven<'p>(
        &self,
        path: &'p [Certificate],
        at: Timestamp,
    ) -> Vec<(&'p Certificate, &'p Certificate)> {
        let mut verified = self.verified.clone();
        pairs(path)
            .filter(|(certificate, issuer)| {
                good(self.status_with(certificate, issuer, at, &mut verified)).is_err()
            })
            .collect()
    }

    /// Is the whole path in here, and proven at the time `at`?
    ///
    /// # Errors
    /// [`Error::Revocation`] for the first certificate that is missing or not good.
    pub fn prove(&self, path: &[Certificate], at: Timestamp) -> Result<(), Error> {
        self.prove_with(path, at, &mut self.verified.clone())
    }

    pub(crate) fn prove_with(
        &self,
        path: &[Certificate],
        at: Timestamp,
        verified: &mut Verified,
    ) -> Result<(), Error> {
        let mut absent = path.iter().filter(|one| !self.certificates.contains(one));
        if let Some(certificate) = absent.next() {
            return Err(missing(certificate, RevocationProblem::Missing));
        }
        for (certificate, issuer) in pairs(path) {
            good(self.status_with(certificate, issuer, at, verified))
                .map_err(|problem| missing(certificate, problem))?;
        }
        Ok(())
    }

    pub(crate) fn verified(&self) -> &Verified {
        &self.verified
    }

    fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &[u8]> {
        let evidence = self.evidence.iter();
        evidence
            .filter(move |one| one.kind() == kind)
            .map(RevocationEvidence::as_der)
    }
}

/// Each certificate with the next one, its issuer's.
fn pairs(path: &[Certificate]) -> impl Iterator<Item = (&Certificate, &Certificate)> {
    path.iter().zip(path.iter().skip(1))
}

fn good(status: Result<Status, RevocationProblem>) -> Result<(), RevocationProblem> {
    match status? {
        Status::Good => Ok(()),
        Status::Revoked { at } => Err(RevocationProblem::Revoked { at }),
        Status::Unknown => Err(RevocationProblem::Unknown),
    }
}

fn missing(certificate: &Certificate, problem: RevocationProblem) -> Error {
    Error::Revocation {
        subject: certificate.subject(),
        evidence: "the validation data",
        problem,
    }
}

/// What a file's newest revision has in `/DSS` already.
struct Earlier {
    dictionary: Reference,
    /// Certificates, OCSP responses, revocation lists.
    lists: [Vec<Reference>; 3],
}

impl Earlier {
    fn of(document: &Document<'_>, catalog: &Dictionary) -> Result<Option<Self>, Error> {
        if catalog.get(b"DSS").is_none() {
            return Ok(None);
        }
        let Some(dictionary) = catalog.reference(b"DSS") else {
            return Err(Error::Draft("it has validation data of somebody else"));
        };
        let (entries, _) = document.dictionary(dictionary)?;
        let [certificates, responses, lists] =
            LISTS.map(|key| references(document, &entries, key.as_bytes()));
        Ok(Some(Self {
            dictionary,
            lists: [certificates?, responses?, lists?],
        }))
    }
}

/// The lists of `/DSS`.
const LISTS: [&str; 3] = ["Certs", "OCSPs", "CRLs"];

/// The revision that adds this data to a signed file. The same input gives the same bytes. What a
/// file has already must be the first part of the data, and is not written again: it is renewed.
pub(crate) fn update(pdf: &[u8], data: &ValidationData) -> Result<Vec<u8>, Error> {
    const LESS: Error = Error::Draft("it has other validation data already");
    let document = Document::parse(pdf)?;
    let base = Base::of(&document)?;
    let root = document.root()?;
    let (catalog, span) = document.dictionary(root)?;
    let earlier = Earlier::of(&document, &catalog)?;
    let mut update = Update::new(&base, pdf);
    let (dictionary, known) = match &earlier {
        Some(earlier) => (
            earlier.dictionary,
            earlier.lists.each_ref().map(Vec::as_slice),
        ),
        None => (update.new_reference(), [[].as_slice(); 3]),
    };
    let mut hash = Sha256::new_with_prefix(b"akashi validation data");
    let mut text = String::from("<</Type/DSS");
    let certificates: Vec<&[u8]> = data.certificates.iter().map(Certificate::as_der).collect();
    let entries = [
        certificates,
        data.of_kind(Kind::Ocsp).collect(),
        data.of_kind(Kind::Crl).collect(),
    ];
    for ((key, entries), known) in LISTS.into_iter().zip(entries).zip(known) {
        if entries.is_empty() && known.is_empty() {
            continue;
        }
        let (there, entries) = entries.split_at_checked(known.len()).ok_or(LESS)?;
        text.push_str(&format!("/{key}["));
        for (reference, entry) in known.iter().zip(there) {
            if document.stream(*reference)? != *entry {
                return Err(LESS);
            }
            text.push_str(&format!("{} 0 R ", reference.number));
        }
        for entry in entries {
            let reference = update.new_reference();
            let head = format!("<</Length {}>>stream\n", entry.len());
            let content = [head.as_bytes(), entry, b"\nendstream"].concat();
            update.write(reference, &content);
            text.push_str(&format!("{} 0 R ", reference.number));
            hash.update(Sha256::digest(entry));
        }
        text.push(']');
    }
    text.push_str(">>");
    update.write(dictionary, text.as_bytes());
    if earlier.is_none() {
        refer_to(&mut update, dictionary, root, (&catalog, span));
    }
    hash.update(base.length().to_be_bytes());
    let id = base.id().and_then(|id| pdf.get(id));
    hash.update(id.unwrap_or_default());
    Ok(update.finish(half(&hash.finalize().into())))
}

/// Makes the catalog name its first `/DSS`.
fn refer_to(
    update: &mut Update<'_>,
    dictionary: Reference,
    root: Reference,
    (catalog, span): (&Dictionary, Range<usize>),
) {
    let mut addition = format!("/DSS {} 0 R", dictionary.number);
    if catalog.get(b"Extensions").is_none() {
        // EN 319 142-1 clause 5.4.2 on documents of ISO 32000-1.
        addition.push_str("/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 5>>>>");
    }
    let at = span.end - b">>".len();
    let insertion = Insertion {
        object: root,
        value: span,
        at,
    };
    update.insert(&insertion, &addition);
}

/// The first half of a digest, for the second element of `/ID`.
pub(crate) fn half(digest: &[u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.iter_mut()
        .zip(digest)
        .for_each(|(to, from)| *to = *from);
    half
}

pub(crate) fn read(document: &Document<'_>) -> Result<Option<ValidationData>, Error> {
    let (catalog, _) = document.dictionary(document.root()?)?;
    let dictionary = match catalog.get(b"DSS") {
        None => return Ok(None),
        Some(Object {
            value: Value::Dictionary(dictionary),
            ..
        }) => dictionary.clone(),
        Some(Object {
            value: Value::Reference(reference),
            ..
        }) => document.dictionary(*reference)?.0,
        Some(Object { span, .. }) => {
            return Err(Error::Pdf {
                at: span.start,
                problem: "/DSS is no dictionary",
            });
        }
    };
    let mut data = ValidationData::default();
    for reference in references(document, &dictionary, b"Certs")? {
        let certificate = Certificate::from_der(document.stream(reference)?)?;
        data.certificates.push(certificate);
    }
    for reference in references(document, &dictionary, b"OCSPs")? {
        let response = document.stream(reference)?;
        data.evidence
            .push(RevocationEvidence::from_ocsp_response(response)?);
    }
    for reference in references(document, &dictionary, b"CRLs")? {
        let list = document.stream(reference)?;
        data.evidence.push(RevocationEvidence::from_crl(list)?);
    }
    Ok(Some(data))
}

/// The elements of an array, which stands in the dictionary or in an object of its own.
fn references(
    document: &Document<'_>,
    dictionary: &Dictionary,
    key: &[u8],
) -> Result<Vec<Reference>, Error> {
    let Some(entry) = dictionary.get(key) else {
        return Ok(Vec::new());
    };
    let elsewhere;
    let entry = if let Value::Reference(reference) = entry.value {
        elsewhere = document.object(reference)?;
        &elsewhere
    } else {
        entry
    };
    let broken = |problem| Error::Pdf {
        at: entry.span.start,
        problem,
    };
    let Value::Array(elements) = &entry.value else {
        return Err(broken("a list of /DSS is no array"));
    };
    if elements.len() > ENTRIES_MAX {
        return Err(broken("a list of /DSS is too long"));
    }
    let reference = |object: &Object| {
        if let Value::Reference(reference) = object.value {
            Ok(reference)
        } else {
            Err(broken("an element of /DSS is no reference"))
        }
    };
    elements.iter().map(reference).collect()
}
