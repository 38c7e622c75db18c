//! DKIM (RFC 6376, RFC 8463) verified by us, with the DNS answers kept, and its alignment
//! with From, with what each of them covers. DNS answers come in as values, so that a
//! certificate can be checked again when the records are gone.

use domain::{
    AlignedSignature, Alignment, Authentication, Coverage, DkimSignature, EmailAddress,
    HeaderField, MailDomain, Sha256Digest, SignatureFailure, SignatureResult,
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::domain_key::DomainKey;
use crate::read::header::Field;
use crate::signature_tags::DkimSignature as TagsOfSignature;
use crate::signed::{
    Body, DnsAnswers, FIELD_BYTES_MAX, Header, SignedMail, find_key, kept_name, key_name,
};

/// Most signatures that are examined, from the top. Real mail has one to three; each costs a DNS
/// question and a public key operation.
pub const SIGNATURES_MAX: usize = 8;

/// What all signatures of a mail say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DkimReport {
    /// One entry for each examined signature, in the order of the header.
    pub signatures: Vec<DkimSignature>,
    /// Those of them that pass and are aligned with From, for the rules.
    pub aligned: Vec<AlignedSignature>,
    /// Which of them vouches for the mail: of the passing, aligned ones the one that covers most,
    /// of these an exactly aligned one.
    pub relied_on: Option<usize>,
}

impl DkimReport {
    /// Whether a passing, aligned signature vouches for From. It may not cover all that
    /// is relied on: see [`authentication`](Self::authentication).
    #[must_use]
    pub fn is_aligned(&self) -> bool {
        self.relied_on.is_some()
    }

    /// What the rules need to know of the signatures, and of SPF beside them.
    #[must_use]
    pub fn authentication(&self, spf_aligned: bool) -> Authentication {
        Authentication {
            signatures: self.aligned.clone(),
            spf_aligned,
        }
    }

    /// Whether a DNS failure keeps us from knowing: asking again may give an aligned signature, or
    /// one that covers more.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.signatures.iter().any(|signature| {
            matches!(signature.result, SignatureResult::TemporaryError(_))
                && signature.alignment != Alignment::None
        })
    }
}

/// Whether and how `d=` vouches for an address of the From domain. Organizational domains
/// are found with the Public Suffix List.
#[must_use]
pub fn alignment(signing: &MailDomain, from: &MailDomain) -> Alignment {
    let organization = |domain: &str| psl::domain_str(domain).map(str::to_owned);
    if signing == from {
        return Alignment::Exact;
    }
    match (organization(signing.as_str()), organization(from.as_str())) {
        (Some(left), Some(right)) if left == right => Alignment::Relaxed,
        _ => Alignment::None,
    }
}

/// The names to ask for TXT records, each once, at most [`SIGNATURES_MAX`].
#[must_use]
pub fn lookups(mail: &SignedMail<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for field in signature_fields(&mail.header) {
        if let Some(name) = parse_signature(&mail.header, field).and_then(|s| dns_name(&s))
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// Verifies the signatures of a message. A name that was not asked counts as one that did not
/// answer.
#[must_use]
pub fn verify(
    mail: &mut SignedMail<'_>,
    from: &EmailAddress,
    answers: &DnsAnswers,
    now: Timestamp,
) -> DkimReport {
    let SignedMail { header, body } = mail;
    let mut report = DkimReport::default();
    for field in signature_fields(header) {
        let Some(tags) = parse_signature(header, field) else {
            report.signatures.push(malformed());
            continue;
        };
        let mut found = unverified(&tags, from);
        let check = Check {
            header,
            field,
            signature: &tags,
        };
        found.result = match check.run(body, answers, now, &mut found) {
            Ok(()) => {
                found.coverage = header.coverage(&tags.tags.names);
                SignatureResult::Pass
            }
            Err(result) => result,
        };
        if found.result == SignatureResult::Pass && found.alignment != Alignment::None {
            report.aligned.push(AlignedSignature {
                position: report.signatures.len(),
                is_exact: found.alignment == Alignment::Exact,
                coverage: found.coverage.clone(),
                made_at: made_at(&tags, &found.coverage, header),
                digest: Sha256Digest::new(Sha256::digest(&tags.tags.value).into()),
            });
        }
        report.signatures.push(found);
    }
    let relied_on = report.authentication(false);
    report.relied_on = relied_on.relied_on().map(|signature| signature.position);
    report
}

fn unverified(signature: &TagsOfSignature, from: &EmailAddress) -> DkimSignature {
    let tags = &signature.tags;
    DkimSignature {
        domain: kept_name(&tags.domain),
        selector: kept_name(&tags.selector),
        algorithm: Some(tags.algorithm),
        result: SignatureResult::Pass,
        alignment: tags.domain.parse().map_or(Alignment::None, |signing| {
            alignment(&signing, from.domain())
        }),
        dns_name: dns_name(signature).unwrap_or_default(),
        dns_records: Vec::new(),
        coverage: Coverage::default(),
    }
}

fn made_at(
    signature: &TagsOfSignature,
    coverage: &Coverage,
    header: &Header<'_>,
) -> Option<Timestamp> {
    if signature.tags.made_at != 0 {
        let seconds = i64::try_from(signature.tags.made_at).ok()?;
        Timestamp::from_second(seconds).ok()
    } else if coverage.covers(HeaderField::Date) {
        header.date()
    } else {
        None
    }
}

struct Check<'c> {
    header: &'c Header<'c>,
    field: &'c Field,
    signature: &'c TagsOfSignature,
}

impl Check<'_> {
    fn run(
        &self,
        body: &mut Body<'_>,
        answers: &DnsAnswers,
        now: Timestamp,
        found: &mut DkimSignature,
    ) -> Result<(), SignatureResult> {
        let tags = &self.signature.tags;
        self.header
            .check_form(tags, now)
            .and_then(|()| self.check_own_form())
            .map_err(SignatureResult::Fail)?;
        let key = find_key(answers, &found.dns_name, &mut found.dns_records)?;
        key.check(tags.algorithm)
            .and_then(|()| self.check_identity(&key))
            .and_then(|()| body.check(tags))
            .and_then(|()| self.header.check_signature(tags, self.field, &key))
            .map_err(SignatureResult::Fail)
    }

    /// What DKIM asks of the field, other than every signature over a mail.
    fn check_own_form(&self) -> Result<(), SignatureFailure> {
        let signs_from = |name: &String| name.eq_ignore_ascii_case("from");
        if self.signature.tags.names.iter().any(signs_from) {
            Ok(())
        } else {
            Err(SignatureFailure::FromNotSigned)
        }
    }

    /// `i=` is in `d=` or, unless the key says `t=s`, in a subdomain (RFC 6376 section 3.5).
    fn check_identity(&self, key: &DomainKey) -> Result<(), SignatureFailure> {
        let identity = self.signature.identity.as_str();
        if identity.is_empty() {
            return Ok(());
        }
        let domain = identity.rsplit_once('@').map_or("", |(_, domain)| domain);
        let own = self.signature.tags.domain.as_str();
        let is_same = domain.eq_ignore_ascii_case(own);
        let is_inside = domain
            .to_ascii_lowercase()
            .strip_suffix(&own.to_ascii_lowercase())
            .is_some_and(|parent| parent.ends_with('.'));
        if is_same || (is_inside && !key.is_for_same_domain) {
            Ok(())
        } else {
            Err(SignatureFailure::ForeignIdentity)
        }
    }
}

fn signature_fields<'h>(header: &'h Header<'_>) -> impl Iterator<Item = &'h Field> {
    header.named("DKIM-Signature").take(SIGNATURES_MAX)
}

fn parse_signature(header: &Header<'_>, field: &Field) -> Option<TagsOfSignature> {
    let value = field.value_verbatim(header.message);
    if value.len() > FIELD_BYTES_MAX {
        return None;
    }
    TagsOfSignature::read(value).ok()
}

fn dns_name(signature: &TagsOfSignature) -> Option<String> {
    key_name(&signature.tags.selector, &signature.tags.domain)
}

fn malformed() -> DkimSignature {
    DkimSignature {
        domain: String::new(),
        selector: String::new(),
        algorithm: None,
        result: SignatureResult::Fail(SignatureFailure::Malformed),
        alignment: Alignment::None,
        dns_name: String::new(),
        dns_records: Vec::new(),
        coverage: Coverage::default(),
    }
}
