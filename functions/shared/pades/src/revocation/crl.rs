//! Revocation lists (RFC 5280 section 5): complete ones, of the issuer itself.

use super::statement::{Period, Status, extensions, time, verify};
use crate::budget::Work;
use crate::fields::{self, Field, Fields, INTEGER, SEQUENCE, context, magnitude};
use crate::key::Verified;
use crate::{Certificate, RevocationProblem};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::ID_CE_ISSUING_DISTRIBUTION_POINT;
use jiff::Timestamp;

/// A `CertificateList`, read and not yet believed.
pub(super) struct List<'a> {
    content: Field<'a>,
    issuer: &'a [u8],
    period: Period,
    /// The entries, read one by one.
    revoked: Option<Field<'a>>,
    scope: Scope<'a>,
    algorithm: ObjectIdentifier,
    signature: &'a [u8],
}

/// Which of the issuer's certificates a list is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope<'a> {
    All,
    /// Those with one of these names as their distribution point.
    Point {
        names: Option<&'a [u8]>,
        leaves_only: bool,
        authorities_only: bool,
    },
    /// Something critical that nobody here understands, or less than all reasons.
    NotUnderstood,
}

impl<'a> List<'a> {
    pub(super) fn parse(der: &'a [u8]) -> Result<Self, RevocationProblem> {
        Self::read(der).map_err(|_| RevocationProblem::Unreadable("it is no revocation list"))
    }

    fn read(der: &'a [u8]) -> der::Result<Self> {
        let mut list = fields::whole(der, SEQUENCE)?;
        let content = list.required(SEQUENCE)?;
        let algorithm = list.algorithm()?;
        let signature = list.octets_of_bits()?;
        list.finish()?;

        let mut fields = content.fields();
        fields.optional(INTEGER)?;
        let is_consistent = fields.algorithm()? == algorithm;
        let issuer = fields.required(SEQUENCE)?.whole;
        let this_update = time(fields.any()?).filter(|_| is_consistent);
        let mut next_update = None;
        let mut ahead = fields;
        if let Ok(field) = ahead.any()
            && let Some(found) = time(field)
        {
            next_update = Some(found);
            fields = ahead;
        }
        let revoked = fields.optional(SEQUENCE)?;
        let scope = match fields.optional(context(0))? {
            Some(explicit) => scope(explicit)?,
            None => Scope::All,
        };
        fields.finish()?;
        Ok(Self {
            content,
            issuer,
            period: Period {
                this_update: this_update.ok_or(der::ErrorKind::Failed)?,
                next_update,
            },
            revoked,
            scope,
            algorithm,
            signature,
        })
    }

    pub(super) fn check(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        at: Timestamp,
        verified: &mut Verified,
    ) -> Result<Status, RevocationProblem> {
        if !certificate.names_as_issuer(issuer) {
            return Err(RevocationProblem::OtherCertificate);
        }
        // What costs nothing comes first.
        self.period.check(certificate, at)?;
        self.scope.check(certificate)?;
        self.check_issuer(issuer, verified)?;
        let entries = self.revoked.map_or(0, |revoked| revoked.content.len());
        if !verified.spend(Work::Bytes, entries) {
            return Err(RevocationProblem::Unsupported);
        }
        let entry = self.entry(certificate.serial());
        entry.map_err(|_| RevocationProblem::Unreadable("an entry cannot be read"))
    }

    /// Is this a list of `issuer` in which `certificate` would stand?
    pub(super) fn is_about(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        verified: &mut Verified,
    ) -> bool {
        certificate.names_as_issuer(issuer)
            && self.scope.check(certificate).is_ok()
            && self.check_issuer(issuer, verified).is_ok()
    }

    /// Did `issuer` sign this, and may it?
    pub(super) fn check_issuer(
        &self,
        issuer: &Certificate,
        verified: &mut Verified,
    ) -> Result<(), RevocationProblem> {
        if issuer.subject_der().unwrap_or_default() != self.issuer {
            return Err(RevocationProblem::OtherCertificate);
        }
        if !issuer.may_sign_lists() {
            return Err(RevocationProblem::Stranger);
        }
        let (content, algorithm) = (self.content.whole, self.algorithm);
        verify(issuer, content, algorithm, self.signature, verified)
    }

    fn entry(&self, serial: &[u8]) -> der::Result<Status> {
        let Some(revoked) = self.revoked else {
            return Ok(Status::Good);
        };
        let mut rest = revoked.fields();
        while !rest.is_empty() {
            let mut entry = rest.required(SEQUENCE)?.fields();
            let is_wanted = magnitude(entry.required(INTEGER)?.content) == serial;
            let since = entry.any()?;
            if is_wanted {
                let at = time(since).ok_or(der::ErrorKind::Failed)?;
                return Ok(Status::Revoked { at });
            }
        }
        Ok(Status::Good)
    }
}

impl Scope<'_> {
    fn check(self, certificate: &Certificate) -> Result<(), RevocationProblem> {
        match self {
            Self::All => Ok(()),
            Self::NotUnderstood => Err(RevocationProblem::Unsupported),
            Self::Point {
                names,
                leaves_only,
                authorities_only,
            } => {
                let is_authority = certificate.may_issue(0);
                // A list of a part must be of the part that the certificate names.
                let is_its_part = names.is_none_or(|names| {
                    let addresses = certificate.crl_addresses();
                    holds_address(names, &addresses)
                });
                let excluded = (leaves_only && is_authority) || (authorities_only && !is_authority);
                if is_its_part && !excluded {
                    Ok(())
                } else {
                    Err(RevocationProblem::OtherCertificate)
                }
            }
        }
    }
}

/// Is one of the addresses among these `GeneralNames`?
fn holds_address(names: &[u8], addresses: &[String]) -> bool {
    let mut rest = Fields::new(names);
    while let Ok(name) = rest.any() {
        let is_address = name.tag == 0x86;
        if is_address && addresses.iter().any(|one| one.as_bytes() == name.content) {
            return true;
        }
    }
    false
}

fn scope(explicit: Field<'_>) -> der::Result<Scope<'_>> {
    let mut scope = Scope::All;
    for extension in extensions(explicit)? {
        if extension.id == ID_CE_ISSUING_DISTRIBUTION_POINT {
            scope = issuing_distribution_point(extension.value)?;
        } else if extension.is_critical {
            return Ok(Scope::NotUnderstood);
        }
    }
    Ok(scope)
}

/// RFC 5280 section 5.2.5.
fn issuing_distribution_point(value: &[u8]) -> der::Result<Scope<'_>> {
    let mut fields = fields::whole(value, SEQUENCE)?;
    let (mut names, mut leaves_only, mut authorities_only) = (None, false, false);
    while !fields.is_empty() {
        let field = fields.any()?;
        match field.tag {
            0xA0 => match field.fields().any()? {
                full if full.tag == context(0) => names = Some(full.content),
                _ => return Ok(Scope::NotUnderstood),
            },
            0x81 => leaves_only = field.content != [0],
            0x82 => authorities_only = field.content != [0],
            // Some reasons only, of other issuers, or for attribute certificates.
            _ if field.content != [0] => return Ok(Scope::NotUnderstood),
            _ => {}
        }
    }
    Ok(Scope::Point {
        names,
        leaves_only,
        authorities_only,
    })
}
