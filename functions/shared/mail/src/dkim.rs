//! DKIM (RFC 6376, RFC 8463) verified by us, with the DNS answers kept (X-4), and its alignment
//! with From (Q-14). `mail-auth` parses, canonicalizes and does the cryptography; which signatures
//! count is decided here. DNS answers come in as values, so that a certificate can be checked
//! again when the records are gone.

use std::collections::BTreeMap;
use std::fmt;

use domain::{EmailAddress, MailDomain};
use jiff::Timestamp;
use mail_auth::AuthenticatedMessage;
use mail_auth::common::crypto::{Algorithm, HashAlgorithm, HashOutput};
use mail_auth::common::headers::{Writable, Writer};
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dkim::{Canonicalization, DkimError, Signature};

use crate::read::header::{Field, Line, next_line, slice};
use crate::read::message::HEADER_FIELDS_MAX;

/// Most signatures that are examined, from the top. Real mail has one to three; each costs a DNS
/// question and a public key operation.
pub const SIGNATURES_MAX: usize = 8;

/// Longest signature field that is examined, in bytes.
const SIGNATURE_LENGTH_BYTES_MAX: usize = 16 * 1_024;

/// Most names in `h=`: each is looked up among all header fields.
const SIGNED_NAMES_MAX: usize = 200;

/// Shortest RSA key that counts (Q-14, RFC 8301 section 3.2).
const RSA_KEY_BITS_MIN: usize = 1_024;

/// What the DNS answered, by name without the final dot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DnsAnswers(pub BTreeMap<String, TxtAnswer>);

/// The answer to a question for TXT records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TxtAnswer {
    /// The records, each with its strings joined.
    Found(Vec<String>),
    /// The name does not exist or has no TXT records.
    NotFound,
    /// No answer; another time there may be one.
    Failed(String),
}

/// What all signatures of a mail say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DkimReport {
    /// One entry for each examined signature, in the order of the header.
    pub signatures: Vec<SignatureReport>,
    /// Which of them vouches for From: a passing one that is exactly aligned, else a passing one
    /// that is relaxedly aligned (Q-14).
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
    /// The TXT records found there, verbatim (X-4).
    pub dns_records: Vec<String>,
    /// The public key's size in bits, where a key was read.
    pub key_bits: Option<usize>,
}

/// Whether a signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureResult {
    /// It holds for the header fields it names and for the whole body.
    Pass,
    /// It does not count.
    Fail(SignatureFailure),
    /// The DNS did not answer; nothing is known.
    TemporaryError(String),
}

/// Why a signature does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureFailure {
    /// The field is no DKIM signature of this version.
    Malformed,
    /// `rsa-sha1` (Q-14, RFC 8301 section 3.1).
    WeakAlgorithm,
    /// The RSA key is shorter than 1024 bits (Q-14).
    WeakKey,
    /// Its time is over.
    Expired,
    /// `h=` does not name From (RFC 6376 section 5.4).
    FromNotSigned,
    /// `l=` leaves a part of the body uncovered (Q-14), or claims more than there is.
    PartialBody,
    /// The body was changed.
    BodyChanged,
    /// The signed header fields were changed, or it was made with another key.
    NotVerified,
    /// `i=` does not belong to `d=`.
    ForeignIdentity,
    /// There is no key record.
    NoKey,
    /// The domain has revoked the key.
    KeyRevoked,
    /// The key record cannot be used.
    UnusableKey,
    /// The header has more fields than are examined.
    TooManyHeaderFields,
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
    /// Whether a passing, aligned signature vouches for From (Q-8, Q-14).
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

impl fmt::Display for SignatureFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the signature field is malformed",
            Self::WeakAlgorithm => "the algorithm rsa-sha1 is too weak",
            Self::WeakKey => "the RSA key is shorter than 1024 bits",
            Self::Expired => "the signature is expired",
            Self::FromNotSigned => "the From field is not signed",
            Self::PartialBody => "the signature does not cover the whole body",
            Self::BodyChanged => "the body hash does not match",
            Self::NotVerified => "the signature does not match the header fields and the key",
            Self::ForeignIdentity => "the identity i= does not belong to the domain d=",
            Self::NoKey => "there is no key record",
            Self::KeyRevoked => "the key is revoked",
            Self::UnusableKey => "the key record cannot be used",
            Self::TooManyHeaderFields => "the header has too many fields",
        })
    }
}

/// Whether and how `d=` vouches for an address of the From domain (Q-14). Organizational domains
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
pub fn lookups(message: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    for field in Header::read(message).signature_fields() {
        if let Some(name) = parse_signature(message, field).and_then(|s| dns_name(&s))
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// Verifies the signatures of a message as sent, see
/// [`ParsedMail::sent_bytes`](crate::ParsedMail::sent_bytes). The body is hashed once for each
/// canonicalization in use. A name that was not asked counts as one that did not answer.
#[must_use]
pub fn verify(
    message: &[u8],
    from: &EmailAddress,
    answers: &DnsAnswers,
    now: Timestamp,
) -> DkimReport {
    let header = Header::read(message);
    let mut body = Body {
        bytes: slice(message, header.body_start..message.len()),
        hashes: [const { None }; 2],
    };
    let mut report = DkimReport::default();
    for field in header.signature_fields() {
        let Some(signature) = parse_signature(message, field) else {
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
            message,
            header: &header,
            field,
            signature: &signature,
        };
        entry.result = match check.run(&mut body, answers, now, &mut entry) {
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

/// The header fields of a message, as far as they are examined.
struct Header<'m> {
    message: &'m [u8],
    fields: Vec<Field>,
    body_start: usize,
    is_complete: bool,
}

impl<'m> Header<'m> {
    fn read(message: &'m [u8]) -> Self {
        let mut header = Self {
            message,
            fields: Vec::new(),
            body_start: 0,
            is_complete: false,
        };
        let mut position = 0;
        while header.fields.len() <= HEADER_FIELDS_MAX {
            match next_line(message, position) {
                Line::Field(field) => {
                    position = field.whole.end;
                    header.fields.push(field);
                }
                Line::Garbage(end) => position = end,
                Line::End(end) => {
                    (header.body_start, header.is_complete) = (end, true);
                    break;
                }
            }
        }
        header
    }

    fn signature_fields(&self) -> impl Iterator<Item = &Field> {
        self.fields
            .iter()
            .filter(|field| field.is(self.message, "DKIM-Signature"))
            .take(SIGNATURES_MAX)
    }
}

/// The message body and its SHA-256 digests, made when first needed.
struct Body<'m> {
    bytes: &'m [u8],
    hashes: [Option<HashOutput>; 2],
}

impl Body<'_> {
    fn hash(&mut self, canonicalization: Canonicalization) -> &[u8] {
        let [relaxed, simple] = &mut self.hashes;
        let hash = match canonicalization {
            Canonicalization::Relaxed => relaxed,
            Canonicalization::Simple => simple,
        };
        let body = self.bytes;
        let output: &HashOutput = hash.get_or_insert_with(|| {
            HashAlgorithm::Sha256.hash(CanonicalBody::of(body, canonicalization, BLOCK_BYTES))
        });
        output.as_ref()
    }

    fn canonical_length(&self, canonicalization: Canonicalization) -> u64 {
        let mut count = Count(0);
        canonicalization
            .canonical_body(self.bytes, 0)
            .write(&mut count);
        count.0
    }
}

/// A body to be brought to its canonical form (RFC 6376 section 3.4). Of nearly every large body
/// the greatest part, an attachment, has that form already: one look at each pair of bytes tells,
/// and it is hashed as it stands.
struct CanonicalBody<'m> {
    canonicalization: Canonicalization,
    /// What the library is left with: everything, or whole lines of which the last is not empty.
    head: &'m [u8],
    /// What would not change, but for the line breaks at its end.
    tail: &'m [u8],
}

/// Bytes that are looked at together.
const BLOCK_BYTES: usize = 16_384;

impl<'m> CanonicalBody<'m> {
    fn of(body: &'m [u8], canonicalization: Canonicalization, block_bytes: usize) -> Self {
        let content = without_line_breaks_at_end(body);
        let is_broken_break = |one: u8, next: u8| (one == b'\r') ^ (next == b'\n');
        let start = match canonicalization {
            Canonicalization::Simple => start_of_tail(content, block_bytes, is_broken_break),
            Canonicalization::Relaxed => start_of_tail(content, block_bytes, |one, next| {
                let runs_on = (next == b' ') | (next == b'\r');
                is_broken_break(one, next) | ((one == b' ') & runs_on) | (next == b'\t')
            }),
        };
        let (head, tail) = body.split_at_checked(start).unwrap_or((body, &[]));
        Self {
            canonicalization,
            head,
            tail,
        }
    }
}

impl Writable for CanonicalBody<'_> {
    fn write(self, writer: &mut impl Writer) {
        let Self {
            canonicalization,
            head,
            tail,
        } = self;
        if tail.is_empty() || !head.is_empty() {
            canonicalization.canonical_body(head, 0).write(writer);
        }
        if !tail.is_empty() {
            writer.write(without_line_breaks_at_end(tail));
            writer.write(b"\r\n");
        }
    }
}

/// From where on no two bytes that stand side by side are among those to be changed; `usize::MAX`
/// if that is nowhere. Line breaks at the end are taken off already.
fn start_of_tail(content: &[u8], block_bytes: usize, is_changed: impl Fn(u8, u8) -> bool) -> usize {
    // Line breaks stand behind the content, and before it: there a line begins.
    let ends_as_it_is = |byte| byte != b'\r' && !is_changed(byte, b'\r');
    if !content.last().is_some_and(|byte| ends_as_it_is(*byte)) {
        return usize::MAX;
    }
    let mut end = content.len();
    while end > 0 {
        let start = end.saturating_sub(block_bytes);
        let block = content.get(start..=end).or(content.get(start..end));
        let block = block.unwrap_or_default();
        // Without branches, so that the compiler looks at many pairs at once.
        let pairs = block.iter().zip(block.get(1..).unwrap_or_default());
        let first = block.first().filter(|_| start == 0);
        let is_found = first.is_some_and(|byte| is_changed(b'\n', *byte));
        let pairs_differ = |found, (one, next): (&u8, &u8)| found | is_changed(*one, *next);
        if pairs.fold(is_found, pairs_differ) {
            return end_of_full_line(content, end);
        }
        end = start;
    }
    0
}

/// Behind the first line break that comes after a byte other than a line break. The byte at `from`
/// may belong to what is changed, those behind it do not.
fn end_of_full_line(content: &[u8], from: usize) -> usize {
    let mut at = from.saturating_add(2);
    while let Some(found) = memchr::memmem::find(slice(content, at..content.len()), b"\r\n") {
        at += found + 2;
        if content.get(at.wrapping_sub(3)) != Some(&b'\n') {
            return at;
        }
    }
    usize::MAX
}

fn without_line_breaks_at_end(body: &[u8]) -> &[u8] {
    let mut content = body;
    while let Some(shorter) = content.strip_suffix(b"\r\n") {
        content = shorter;
    }
    content
}

/// Counts what is written to it.
struct Count(u64);

impl Writer for Count {
    fn write(&mut self, bytes: &[u8]) {
        self.0 += bytes.len() as u64;
    }
}

struct Check<'c> {
    message: &'c [u8],
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
        self.check_form(now).map_err(SignatureResult::Fail)?;
        let key = self.key(answers, entry)?;
        entry.key_bits = Some(key.p.public_key_bits()).filter(|bits| *bits != usize::MAX);
        self.check_content(&key, body)
            .map_err(SignatureResult::Fail)
    }

    /// What can be told from the field alone.
    fn check_form(&self, now: Timestamp) -> Result<(), SignatureFailure> {
        let signature = self.signature;
        let expires = i64::try_from(signature.x).unwrap_or(i64::MAX);
        if !self.header.is_complete {
            Err(SignatureFailure::TooManyHeaderFields)
        } else if signature.a == Algorithm::RsaSha1 {
            Err(SignatureFailure::WeakAlgorithm)
        } else if signature.x != 0 && (expires <= now.as_second() || signature.x < signature.t) {
            Err(SignatureFailure::Expired)
        } else if !signature
            .h
            .iter()
            .any(|name| name.eq_ignore_ascii_case("from"))
        {
            Err(SignatureFailure::FromNotSigned)
        } else if signature.h.len() > SIGNED_NAMES_MAX
            || signature.v != 1
            || dns_name(signature).is_none()
        {
            Err(SignatureFailure::Malformed)
        } else {
            Ok(())
        }
    }

    /// The first usable key among the records of the name (RFC 6376 section 6.1.2).
    fn key(
        &self,
        answers: &DnsAnswers,
        entry: &mut SignatureReport,
    ) -> Result<DomainKey, SignatureResult> {
        let records = match answers.0.get(&entry.dns_name) {
            Some(TxtAnswer::Found(records)) => records,
            Some(TxtAnswer::NotFound) => {
                return Err(SignatureResult::Fail(SignatureFailure::NoKey));
            }
            Some(TxtAnswer::Failed(reason)) => {
                return Err(SignatureResult::TemporaryError(reason.clone()));
            }
            None => {
                return Err(SignatureResult::TemporaryError(
                    "the name was not asked".to_owned(),
                ));
            }
        };
        entry.dns_records.clone_from(records);
        let mut failure = SignatureFailure::NoKey;
        for record in records {
            match DomainKey::parse(record.as_bytes()) {
                Ok(key) => return Ok(key),
                Err(mail_auth::Error::Dkim(DkimError::RevokedPublicKey)) => {
                    failure = SignatureFailure::KeyRevoked;
                }
                Err(_) => failure = SignatureFailure::UnusableKey,
            }
        }
        Err(SignatureResult::Fail(failure))
    }

    /// What takes hashing and a public key.
    fn check_content(&self, key: &DomainKey, body: &mut Body<'_>) -> Result<(), SignatureFailure> {
        let signature = self.signature;
        let is_rsa = signature.a == Algorithm::RsaSha256;
        if is_rsa && key.p.public_key_bits() < RSA_KEY_BITS_MIN {
            return Err(SignatureFailure::WeakKey);
        }
        let hashes = [HashAlgorithm::Sha1, HashAlgorithm::Sha256];
        if hashes.into_iter().any(|hash| key.has_flag(hash)) && !key.has_flag(HashAlgorithm::Sha256)
        {
            return Err(SignatureFailure::UnusableKey);
        }
        if !self.is_own_identity(key) {
            return Err(SignatureFailure::ForeignIdentity);
        }
        if signature.l != 0 && signature.l != body.canonical_length(signature.cb) {
            return Err(SignatureFailure::PartialBody);
        }
        if body.hash(signature.cb) != signature.bh.as_slice() {
            return Err(SignatureFailure::BodyChanged);
        }
        let own_value = without_signature(self.field.value_verbatim(self.message));
        let fields = AuthenticatedMessage {
            headers: self
                .header
                .fields
                .iter()
                .map(|field| {
                    (
                        field.name_verbatim(self.message),
                        field.value_verbatim(self.message),
                    )
                })
                .collect(),
            ..AuthenticatedMessage::default()
        };
        let name = self.field.name_verbatim(self.message);
        let mut signed = fields.signed_headers(&signature.h, name, &own_value);
        key.p
            .verify(&mut signed, &signature.b, signature.ch, signature.a)
            .map_err(|_| SignatureFailure::NotVerified)
    }

    /// `i=` is in `d=` or, unless the key says `t=s`, in a subdomain (RFC 6376 section 3.5).
    fn is_own_identity(&self, key: &DomainKey) -> bool {
        const FLAG_SAME_DOMAIN: u64 = 0x20;
        let identity = self.signature.i.as_str();
        if identity.is_empty() {
            return true;
        }
        let domain = identity.rsplit_once('@').map_or("", |(_, domain)| domain);
        let own = self.signature.d.as_str();
        let is_same = domain.eq_ignore_ascii_case(own);
        let is_inside = domain
            .to_ascii_lowercase()
            .strip_suffix(&own.to_ascii_lowercase())
            .is_some_and(|parent| parent.ends_with('.'));
        is_same || (is_inside && !key.has_flag(FLAG_SAME_DOMAIN))
    }
}

fn parse_signature(message: &[u8], field: &Field) -> Option<Signature> {
    let value = field.value_verbatim(message);
    if value.len() > SIGNATURE_LENGTH_BYTES_MAX {
        return None;
    }
    Signature::parse(value).ok()
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

/// `<selector>._domainkey.<domain>`, if that is a name one can ask for.
fn dns_name(signature: &Signature) -> Option<String> {
    let domain: MailDomain = signature.d.parse().ok()?;
    let selector = signature.s.to_ascii_lowercase();
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let name = format!("{selector}._domainkey.{domain}");
    (selector.split('.').all(is_label) && name.len() <= 253).then_some(name)
}

/// The field's own value with the content of `b=` taken out and without the line break at its end
/// (RFC 6376 section 3.7).
fn without_signature(value: &[u8]) -> Vec<u8> {
    let value = value.strip_suffix(b"\n").unwrap_or(value);
    let value = value.strip_suffix(b"\r").unwrap_or(value);
    let mut kept = Vec::with_capacity(value.len());
    for (number, tag) in value.split(|byte| *byte == b';').enumerate() {
        if number > 0 {
            kept.push(b';');
        }
        let equals = memchr::memchr(b'=', tag).unwrap_or(tag.len());
        let name = slice(tag, 0..equals).trim_ascii();
        let is_signature = name.eq_ignore_ascii_case(b"b") && equals < tag.len();
        kept.extend_from_slice(if is_signature {
            slice(tag, 0..equals + 1)
        } else {
            tag
        });
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn library(body: &[u8], canonicalization: Canonicalization) -> Vec<u8> {
        let mut written = Vec::new();
        canonicalization.canonical_body(body, 0).write(&mut written);
        written
    }

    proptest! {
        /// RFC 6376 section 3.4: the short way and the library's give the same bytes.
        #[test]
        fn what_is_canonical_already_is_hashed_as_it_is(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "a", "b", "ab", " ", "\t", "\r\n", "a\r\n", "ab\r\n", "\r", "\n", "\0", "=20",
                ]),
                0..24,
            ),
            block_bytes in 1_usize..8,
        ) {
            let body = pieces.concat();
            for canonicalization in [Canonicalization::Simple, Canonicalization::Relaxed] {
                let mut written = Vec::new();
                let canonical =
                    CanonicalBody::of(body.as_bytes(), canonicalization, block_bytes);
                canonical.write(&mut written);
                prop_assert_eq!(written, library(body.as_bytes(), canonicalization));
            }
        }
    }

    #[test]
    fn the_library_is_left_with_the_lines_up_to_the_last_that_it_changes() {
        let ordinary = "--b1\r\n\r\nHello all\r\n\r\nQUtBU0hJ\r\n--b1--\r\n\r\n";
        let blanks = "Hello  all\r\n\r\n--b1\r\n\r\nQUtBU0hJ\r\n--b1--\r\n";
        for (body, canonicalization, head) in [
            (ordinary, Canonicalization::Simple, ""),
            (ordinary, Canonicalization::Relaxed, ""),
            (blanks, Canonicalization::Simple, ""),
            (blanks, Canonicalization::Relaxed, "Hello  all\r\n"),
            ("\r\n", Canonicalization::Simple, "\r\n"),
            ("Hello \r\n", Canonicalization::Relaxed, "Hello \r\n"),
            (
                "\tHello\r\nall\r\n",
                Canonicalization::Relaxed,
                "\tHello\r\n",
            ),
        ] {
            let canonical = CanonicalBody::of(body.as_bytes(), canonicalization, 4);
            assert_eq!(canonical.head, head.as_bytes(), "{body:?}");
        }
    }
}
