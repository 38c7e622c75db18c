//! DKIM (RFC 6376, RFC 8463) verified by us, with the DNS answers kept, and its alignment
//! with From. `mail-auth` parses, canonicalizes and does the cryptography; which signatures
//! count is decided here. DNS answers come in as values, so that a certificate can be checked
//! again when the records are gone.

use domain::{EmailAddress, MailDomain};
use jiff::Timestamp;
use mail_auth::common::verify::DomainKey;
use mail_auth::dkim::Signature;

use crate::read::header::Field;
use crate::signed::{
    Body, DnsAnswers, FIELD_BYTES_MAX, Header, SignatureFailure, SignatureResult, SignedMail, Tags,
    check_key, find_key, key_name,
};

/// Most signatures that are examined, from the top. Real mail has one to three; each costs a DNS
/// question and a public key operation.
pub const SIGNATURES_MAX: usize = 8;

/// What all signatures of a mail say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DkimReport {
    /// One entry for each examined signature, in the order of the header.
    pub signatures: Vec<SignatureReport>,
    /// Which of them vouches for From: a passing one that is exactly aligned, else a passing one
    /// that is relaxedly aligned.
    pub relied_on: Option<usize>,
}

/// What one signature says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureReport {
    /// `d=`, lower case.
    pub domain: String,
    /// `s=`.
    pub selector: String,
    /// `a=`, e.g. `rsa-sha256`.
    pub algorithm: &'static str,
    /// Whether it holds.
    pub result: SignatureResult,
    /// How `d=` and the From domain belong together.
    pub alignment: Alignment,
    /// The name that was asked for the key.
    pub dns_name: String,
    /// The TXT records found there, verbatim.
    pub dns_records: Vec<String>,
    /// The public key's size in bits, where a key was read.
    pub key_bits: Option<usize>,
}

/// How a signing domain and the From domain belong together (RFC 7489 section 3.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alignment {
    /// They are the same.
    Exact,
    /// They share the organizational domain.
    Relaxed,
    /// They are strangers.
    None,
}

impl DkimReport {
    /// Whether a passing, aligned signature vouches for From.
    #[must_use]
    pub fn is_aligned(&self) -> bool {
        self.relied_on.is_some()
    }

    /// Whether a DNS failure keeps us from knowing: asking again may give an aligned signature.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        !self.is_aligned()
            && self.signatures.iter().any(|signature| {
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
        let Some(signature) = parse_signature(header, field) else {
            report.signatures.push(malformed());
            continue;
        };
        let mut entry = SignatureReport {
            domain: signature.d.clone(),
            selector: signature.s.clone(),
            algorithm: signature.a.name(),
            result: SignatureResult::Pass,
            alignment: signature.d.parse().map_or(Alignment::None, |signing| {
                alignment(&signing, from.domain())
            }),
            dns_name: dns_name(&signature).unwrap_or_default(),
            dns_records: Vec::new(),
            key_bits: None,
        };
        let check = Check {
            header,
            field,
            signature: &signature,
        };
        entry.result = match check.run(body, answers, now, &mut entry) {
            Ok(()) => SignatureResult::Pass,
            Err(result) => result,
        };
        report.signatures.push(entry);
    }
    let passing = |wanted: Alignment| {
        report.signatures.iter().position(|signature| {
            signature.result == SignatureResult::Pass && signature.alignment == wanted
        })
    };
    report.relied_on = passing(Alignment::Exact).or_else(|| passing(Alignment::Relaxed));
    report
}

struct Check<'c> {
    header: &'c Header<'c>,
    field: &'c Field,
    signature: &'c Signature,
}

impl Check<'_> {
    fn run(
        &self,
        body: &mut Body<'_>,
        answers: &DnsAnswers,
        now: Timestamp,
        entry: &mut SignatureReport,
    ) -> Result<(), SignatureResult> {
        let tags = Tags::from(self.signature);
        self.header
            .check_form(&tags, now)
            .and_then(|()| self.check_own_form())
            .map_err(SignatureResult::Fail)?;
        let key = find_key(answers, &entry.dns_name, &mut entry.dns_records)?;
        entry.key_bits = Some(key.p.public_key_bits()).filter(|bits| *bits != usize::MAX);
        check_key(tags.algorithm, &key)
            .and_then(|()| self.check_identity(&key))
            .and_then(|()| body.check(&tags))
            .and_then(|()| self.header.check_signature(&tags, self.field, &key))
            .map_err(SignatureResult::Fail)
    }

    /// What DKIM asks of the field, other than every signature over a mail.
    fn check_own_form(&self) -> Result<(), SignatureFailure> {
        let signature = self.signature;
        let signs_from = |name: &String| name.eq_ignore_ascii_case("from");
        if !signature.h.iter().any(signs_from) {
            Err(SignatureFailure::FromNotSigned)
        } else if signature.v != 1 {
            Err(SignatureFailure::Malformed)
        } else {
            Ok(())
        }
    }

    /// `i=` is in `d=` or, unless the key says `t=s`, in a subdomain (RFC 6376 section 3.5).
    fn check_identity(&self, key: &DomainKey) -> Result<(), SignatureFailure> {
        const FLAG_SAME_DOMAIN: u64 = 0x20;
        let identity = self.signature.i.as_str();
        if identity.is_empty() {
            return Ok(());
        }
        let domain = identity.rsplit_once('@').map_or("", |(_, domain)| domain);
        let own = self.signature.d.as_str();
        let is_same = domain.eq_ignore_ascii_case(own);
        let is_inside = domain
            .to_ascii_lowercase()
            .strip_suffix(&own.to_ascii_lowercase())
            .is_some_and(|parent| parent.ends_with('.'));
        if is_same || (is_inside && !key.has_flag(FLAG_SAME_DOMAIN)) {
            Ok(())
        } else {
            Err(SignatureFailure::ForeignIdentity)
        }
    }
}

fn signature_fields<'h>(header: &'h Header<'_>) -> impl Iterator<Item = &'h Field> {
    header.named("DKIM-Signature").take(SIGNATURES_MAX)
}

fn parse_signature(header: &Header<'_>, field: &Field) -> Option<Signature> {
    let value = field.value_verbatim(header.message);
    if value.len() > FIELD_BYTES_MAX {
        return None;
    }
    Signature::parse(value).ok()
}

fn dns_name(signature: &Signature) -> Option<String> {
    key_name(&signature.s, &signature.d)
}

fn malformed() -> SignatureReport {
    SignatureReport {
        domain: String::new(),
        selector: String::new(),
        algorithm: "",
        result: SignatureResult::Fail(SignatureFailure::Malformed),
        alignment: Alignment::None,
        dns_name: String::new(),
        dns_records: Vec::new(),
        key_bits: None,
    }
}
