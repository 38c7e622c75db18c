//! What OCSP responses and revocation lists have in common.

use crate::fields::{self, BOOLEAN, Field, GENERALIZED_TIME, OCTET_STRING, SEQUENCE, UTC_TIME};
use crate::generalized_time::generalized_time;
use crate::key::Verified;
use crate::limits::EXTENSIONS_MAX;
use crate::{Certificate, RevocationProblem, TokenProblem};
use const_oid::ObjectIdentifier;
use jiff::{SignedDuration, Timestamp};

/// How far the clock of a responder may be ahead of the time that evidence is checked against.
const CLOCK_DIFFERENCE_MAX: SignedDuration = SignedDuration::from_mins(5);
/// How long evidence about the certificate of a signer holds at most, whatever it says itself
/// (CA/Browser Forum, Baseline Requirements 4.9.7 and 4.9.10).
const OF_SIGNERS_MAX: SignedDuration = SignedDuration::from_hours(10 * 24);
/// The same about authorities and their timestamp certificates: twelve months, and some days.
const OF_AUTHORITIES_MAX: SignedDuration = SignedDuration::from_hours(370 * 24);
/// How long evidence holds that does not say when there is newer (RFC 6960 section 4.2.2.1).
const WITHOUT_NEXT_UPDATE: SignedDuration = SignedDuration::from_hours(24);

/// What an issuer says of a certificate of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is not revoked.
    Good,
    /// It is revoked.
    Revoked {
        /// Since when, as the issuer says. What was signed before may be good nevertheless.
        at: Timestamp,
    },
    /// The issuer does not know it.
    Unknown,
}

/// `thisUpdate` and `nextUpdate`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Period {
    pub(super) this_update: Timestamp,
    pub(super) next_update: Option<Timestamp>,
}

impl Period {
    /// Does this hold at a time, for this certificate?
    pub(super) fn check(
        self,
        certificate: &Certificate,
        at: Timestamp,
    ) -> Result<(), RevocationProblem> {
        let Self { this_update, .. } = self;
        let later = |time: Timestamp, by| time.checked_add(by).unwrap_or(Timestamp::MAX);
        let is_of_authority = certificate.may_issue(0) || certificate.is_for_timestamps_only();
        let most = if is_of_authority {
            OF_AUTHORITIES_MAX
        } else {
            OF_SIGNERS_MAX
        };
        let next_update = self
            .next_update
            .unwrap_or_else(|| later(this_update, WITHOUT_NEXT_UPDATE))
            .min(later(this_update, most));
        if this_update <= later(at, CLOCK_DIFFERENCE_MAX) && at <= next_update {
            return Ok(());
        }
        Err(RevocationProblem::NotCurrent {
            this_update,
            next_update,
            at,
        })
    }
}

/// UTCTime or GeneralizedTime, with or without a fraction of a second.
pub(super) fn time(field: Field<'_>) -> Option<Timestamp> {
    match field.tag {
        GENERALIZED_TIME => generalized_time(field.content),
        UTC_TIME => {
            // RFC 5280 section 4.1.2.5.1: 50 to 99 are of the last century.
            let century: &[u8] = if field.content.first() >= Some(&b'5') {
                b"19"
            } else {
                b"20"
            };
            generalized_time(&[century, field.content].concat())
        }
        _ => None,
    }
}

/// One extension, as slices.
pub(super) struct Extension<'a> {
    pub(super) id: ObjectIdentifier,
    pub(super) is_critical: bool,
    pub(super) value: &'a [u8],
}

/// The extensions of `Extensions`, which is the one value in `explicit`.
pub(super) fn extensions(explicit: Field<'_>) -> der::Result<Vec<Extension<'_>>> {
    let mut rest = fields::whole(explicit.content, SEQUENCE)?;
    let mut extensions = Vec::new();
    while !rest.is_empty() {
        if extensions.len() == EXTENSIONS_MAX {
            return Err(der::ErrorKind::Overlength.into());
        }
        extensions.push(extension(rest.required(SEQUENCE)?)?);
    }
    Ok(extensions)
}

fn extension(field: Field<'_>) -> der::Result<Extension<'_>> {
    let mut fields = field.fields();
    let id = fields.object_identifier()?;
    let critical = fields.optional(BOOLEAN)?;
    let value = fields.required(OCTET_STRING)?.content;
    fields.finish()?;
    Ok(Extension {
        id,
        is_critical: critical.is_some_and(|field| field.content != [0]),
        value,
    })
}

pub(super) fn verify(
    signer: &Certificate,
    content: &[u8],
    algorithm: ObjectIdentifier,
    signature: &[u8],
    verified: &mut Verified,
) -> Result<(), RevocationProblem> {
    match signer.has_signed(content, algorithm, signature, verified) {
        Ok(true) => Ok(()),
        Ok(false) => Err(RevocationProblem::WrongSignature),
        Err(TokenProblem::Unsupported) => Err(RevocationProblem::Unsupported),
        Err(_) => Err(RevocationProblem::WrongSignature),
    }
}
