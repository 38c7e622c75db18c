//! Every version of the record and of the template that this program reads, in one place.
//!
//! A certificate names the two versions that it was made with. It is read and made again by these
//! and by no others; one that is not listed here is not guessed at. A version that is listed in
//! [`FROZEN`] never changes: a sample of it is kept and made again by a test, for good.

use domain::Serial;
use paper::FontSet;
use serde::Deserialize;

use crate::embed::{File, Surroundings, put_in};
use crate::embedded::Embedded;
use crate::error::Error;
use crate::limits::RECORD_BYTES_MAX;
use crate::purpose::Purpose;
use crate::rebuild_error::RebuildError;
use crate::record::claim::{IssuerClaim, SenderClaim};
use crate::record::extent;
use crate::record::file_row::FileRow;
#[cfg(any(test, feature = "testing"))]
use crate::record::test_version;
use crate::record::v3::NamedAuthority;
use crate::record::{latest, v3};
use crate::record_error::RecordError;
use crate::signature_words::SignatureWords;
use crate::summary::Summary;
#[cfg(any(test, feature = "testing"))]
use crate::template::test_versions;
use crate::template::{Template, t2026_12};
use crate::timeline::Timeline;

/// Version of the record that new certificates have.
pub const RECORD_VERSION: u32 = latest::RECORD_VERSION;

/// Version of the texts and of the layout that new certificates have, printed on each (S-027).
pub const TEMPLATE_VERSION: &str = LATEST_TEMPLATE.version;

/// The template that new certificates are made with.
pub(crate) const LATEST_TEMPLATE: &Template<latest::Evidence> = &t2026_12::TEMPLATE;

/// The versions that certificates have been issued with, as pairs of record and template, the
/// oldest first. Each has a sample in `tests/corpus/frozen`. Certificates that count are not issued
/// yet, and so it is empty.
pub const FROZEN: &[(u32, &str)] = &[];

/// The templates of version 3 of the record.
const V3_TEMPLATES: &[&Template<v3::Evidence>] = &[
    &t2026_12::TEMPLATE,
    #[cfg(any(test, feature = "testing"))]
    &test_versions::OF_V3,
];

/// The content of an `evidence.json` of one of the known versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionedRecord {
    /// Version 3.
    V3(Box<v3::Record>),
    /// The second version of tests.
    #[cfg(any(test, feature = "testing"))]
    Test(Box<test_version::Record>),
}

/// Only the version, whatever else there is.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "Version")]
    version: u64,
}

impl VersionedRecord {
    /// Reads `evidence.json`. Never panics, whatever the bytes are.
    ///
    /// # Errors
    /// When it is too large, of a version that is not known, or not what that version writes; other
    /// white space and other orders of fields are read.
    pub fn from_json(bytes: &[u8]) -> Result<Self, RecordError> {
        if bytes.len() > RECORD_BYTES_MAX {
            return Err(RecordError::TooLarge(bytes.len()));
        }
        extent::check(bytes)?;
        let Head { version } = serde_json::from_slice(bytes).map_err(RecordError::Content)?;
        let read = match u32::try_from(version) {
            Ok(v3::RECORD_VERSION) => v3::read(bytes).map(|record| Self::V3(Box::new(record))),
            #[cfg(any(test, feature = "testing"))]
            Ok(test_version::VERSION) => {
                test_version::read(bytes).map(|record| Self::Test(Box::new(record)))
            }
            Ok(_) | Err(_) => return Err(RecordError::Version(version)),
        };
        read.map_err(RecordError::Content)
    }

    /// The certificate's serial.
    #[must_use]
    pub fn serial(&self) -> &Serial {
        self.content().serial()
    }

    /// What the certificate was issued for.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        self.content().purpose()
    }

    /// Whom it names as its issuer.
    #[must_use]
    pub fn issuer(&self) -> IssuerClaim<'_> {
        let issuer = self.content().issuer();
        IssuerClaim {
            operator: &issuer.operator,
            signer: issuer.signer,
        }
    }

    /// What is embedded in it, `evidence.json` itself left out.
    #[must_use]
    pub fn files(&self) -> &[FileRow] {
        self.content().files()
    }

    /// The template that its pages were made with.
    #[must_use]
    pub fn template_version(&self) -> &str {
        self.content().template_version()
    }

    /// Whether this program has that template.
    #[must_use]
    pub fn has_template(&self) -> bool {
        self.content().has_template()
    }

    /// What it says of the senders of the mails that it carries.
    #[must_use]
    pub fn claims(&self) -> Vec<SenderClaim<'_>> {
        self.content().claims()
    }

    /// All that it says.
    #[must_use]
    pub fn evidence(&self) -> &v3::Evidence {
        match self {
            Self::V3(record) => &record.evidence,
            #[cfg(any(test, feature = "testing"))]
            Self::Test(record) => &record.evidence,
        }
    }

    /// The most important of what it says, for people.
    #[must_use]
    pub fn summary(&self) -> Summary {
        self.content().summary()
    }

    /// How much of it stands on the pages, in characters; each line counts as forty at least. To
    /// make pages costs time for each of them. None where this program does not have the template.
    #[must_use]
    pub fn characters(&self, fonts: &FontSet) -> usize {
        self.content().characters(fonts)
    }

    /// What its signature says of itself in words.
    #[must_use]
    pub fn signature_words(&self) -> SignatureWords {
        self.content().signature_words()
    }

    /// When it says that things happened.
    #[must_use]
    pub fn timeline(&self) -> Timeline {
        self.content().timeline()
    }

    /// The timestamp authorities that it names, with their roots.
    #[must_use]
    pub fn timestamp_authorities(&self) -> &[NamedAuthority] {
        self.content().timestamp_authorities()
    }

    /// The bytes of `evidence.json`; the same record always gives the same ones.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        self.content().spell()
    }

    /// The certificate, but for its original message, from mails that are taken to be those that
    /// the record names.
    pub(crate) fn draw(
        &self,
        embedded: Embedded<'_>,
        fonts: &FontSet,
    ) -> Result<Surroundings, RebuildError> {
        self.content().draw(embedded, fonts)
    }

    /// The embedded mails and their digests, as the record has them.
    pub(crate) fn mails<'a>(&self, embedded: Embedded<'a>) -> Vec<File<'a>> {
        self.content().mails(embedded)
    }

    fn content(&self) -> &dyn Content {
        match self {
            Self::V3(record) => record.as_ref(),
            #[cfg(any(test, feature = "testing"))]
            Self::Test(record) => record.as_ref(),
        }
    }
}

/// What every version can say and do.
trait Content {
    fn serial(&self) -> &Serial;
    fn issuer(&self) -> &v3::Issuer;
    fn purpose(&self) -> Purpose;
    fn files(&self) -> &[FileRow];
    fn template_version(&self) -> &str;
    fn has_template(&self) -> bool;
    fn claims(&self) -> Vec<SenderClaim<'_>>;
    fn summary(&self) -> Summary;
    fn characters(&self, fonts: &FontSet) -> usize;
    fn signature_words(&self) -> SignatureWords;
    fn timeline(&self) -> Timeline;
    fn timestamp_authorities(&self) -> &[NamedAuthority];
    fn spell(&self) -> Vec<u8>;
    fn mails<'a>(&self, embedded: Embedded<'a>) -> Vec<File<'a>>;
    fn draw(&self, embedded: Embedded<'_>, fonts: &FontSet) -> Result<Surroundings, RebuildError>;
}

impl Content for v3::Record {
    fn serial(&self) -> &Serial {
        &self.evidence.serial
    }

    fn issuer(&self) -> &v3::Issuer {
        &self.evidence.issuer
    }

    fn purpose(&self) -> Purpose {
        self.evidence.issuer.purpose
    }

    fn files(&self) -> &[FileRow] {
        &self.files
    }

    fn template_version(&self) -> &str {
        &self.template_version
    }

    fn has_template(&self) -> bool {
        find(V3_TEMPLATES, &self.template_version).is_ok()
    }

    fn claims(&self) -> Vec<SenderClaim<'_>> {
        v3::claims(&self.evidence)
    }

    fn summary(&self) -> Summary {
        v3::summary(&self.evidence)
    }

    fn characters(&self, fonts: &FontSet) -> usize {
        find(V3_TEMPLATES, &self.template_version).map_or(0, |template| {
            (template.document)(&self.evidence, &self.files, fonts).characters()
        })
    }

    fn signature_words(&self) -> SignatureWords {
        v3::signature_words(&self.evidence)
    }

    fn timeline(&self) -> Timeline {
        v3::timeline(&self.evidence)
    }

    fn timestamp_authorities(&self) -> &[NamedAuthority] {
        &self.evidence.issuer.timestamp_authorities
    }

    fn spell(&self) -> Vec<u8> {
        self.to_json()
    }

    fn mails<'a>(&self, embedded: Embedded<'a>) -> Vec<File<'a>> {
        v3::mails(&self.evidence, embedded)
    }

    fn draw(&self, embedded: Embedded<'_>, fonts: &FontSet) -> Result<Surroundings, RebuildError> {
        let template = find(V3_TEMPLATES, &self.template_version)?;
        v3::check(&self.evidence, embedded)?;
        expect_files(&self.files, &v3::mails(&self.evidence, embedded))?;
        let files = v3::whole(template.version, &self.evidence, embedded);
        Ok(draw(template, &self.evidence, &files, fonts)?)
    }
}

#[cfg(any(test, feature = "testing"))]
impl Content for test_version::Record {
    fn serial(&self) -> &Serial {
        &self.evidence.serial
    }

    fn issuer(&self) -> &v3::Issuer {
        &self.evidence.issuer
    }

    fn purpose(&self) -> Purpose {
        self.evidence.issuer.purpose
    }

    fn files(&self) -> &[FileRow] {
        &self.files
    }

    fn template_version(&self) -> &str {
        &self.template_version
    }

    fn has_template(&self) -> bool {
        self.template_version == test_versions::OF_TEST_VERSION.version
    }

    fn claims(&self) -> Vec<SenderClaim<'_>> {
        v3::claims(&self.evidence)
    }

    fn summary(&self) -> Summary {
        v3::summary(&self.evidence)
    }

    fn characters(&self, fonts: &FontSet) -> usize {
        let template = &test_versions::OF_TEST_VERSION;
        (template.document)(self, &self.files, fonts).characters()
    }

    fn signature_words(&self) -> SignatureWords {
        v3::signature_words(&self.evidence)
    }

    fn timeline(&self) -> Timeline {
        v3::timeline(&self.evidence)
    }

    fn timestamp_authorities(&self) -> &[NamedAuthority] {
        &self.evidence.issuer.timestamp_authorities
    }

    fn spell(&self) -> Vec<u8> {
        self.to_json()
    }

    fn mails<'a>(&self, embedded: Embedded<'a>) -> Vec<File<'a>> {
        v3::mails(&self.evidence, embedded)
    }

    fn draw(&self, embedded: Embedded<'_>, fonts: &FontSet) -> Result<Surroundings, RebuildError> {
        let templates = &[&test_versions::OF_TEST_VERSION];
        let template = find(templates, &self.template_version)?;
        v3::check(&self.evidence, embedded)?;
        expect_files(&self.files, &v3::mails(&self.evidence, embedded))?;
        let files = self.whole(embedded);
        Ok(draw(template, self, &files, fonts)?)
    }
}

fn find<'t, E>(
    templates: &[&'t Template<E>],
    version: &str,
) -> Result<&'t Template<E>, RebuildError> {
    let mut templates = templates.iter().copied();
    let template = templates.find(|template| template.version == version);
    template.ok_or_else(|| RebuildError::Template(version.to_owned()))
}

/// The embedded files are those that the record names, by name, size and digest.
fn expect_files(named: &[FileRow], given: &[File<'_>]) -> Result<(), RebuildError> {
    let given: Vec<FileRow> = given.iter().map(File::row).collect();
    if given == named {
        return Ok(());
    }
    let missing = named.iter().find(|row| !given.contains(row));
    let unknown = given.iter().find(|row| !named.contains(row));
    let name = missing.or(unknown).map(|row| row.name.clone());
    Err(RebuildError::File(name.unwrap_or_default()))
}

/// A certificate of a template, with its files in it.
pub(crate) fn draw<E>(
    template: &Template<E>,
    evidence: &E,
    files: &[File<'_>],
    fonts: &FontSet,
) -> Result<Surroundings, Error> {
    let draft = (template.draw)(evidence, files, fonts)?;
    put_in(&draft, files)
}
