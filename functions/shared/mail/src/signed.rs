//! What every signature over a mail has in common, be it DKIM's (RFC 6376) or one of ARC's
//! (RFC 8617): the tags, the key in the DNS, the canonical header and body.

use std::collections::BTreeMap;
use std::fmt;

use domain::limits::DNS_ANSWER_BYTES_MAX;
use domain::{
    Coverage, HeaderField, MailDomain, Named, Sha256Digest, SignatureFailure, SignatureResult,
    SigningAlgorithm,
};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use sha2::{Digest, Sha256};

use crate::canonical_body::{BLOCK_BYTES, CanonicalBody};
use crate::canonical_header::Canonicalization;
use crate::domain_key::DomainKey;
use crate::read::header::{Block, Field, Line, slice};
use crate::read::message::HEADER_FIELDS_MAX;
use crate::signature_tags::Tags;

/// Longest signature field that is examined, in bytes.
pub(crate) const FIELD_BYTES_MAX: usize = 16 * 1_024;

/// Most names in `h=`: each is looked up among all header fields.
const SIGNED_NAMES_MAX: usize = 200;

/// Longest name in the DNS, in its usual form (RFC 1035 section 3.1).
const DNS_NAME_BYTES_MAX: usize = 253;

/// A mail whose signatures are to be verified, as it was sent, see
/// [`ParsedMail::sent_bytes`](crate::ParsedMail::sent_bytes). Its body is hashed once for each
/// canonicalization in use.
pub struct SignedMail<'m> {
    pub(crate) header: Header<'m>,
    pub(crate) body: Body<'m>,
}

impl<'m> SignedMail<'m> {
    /// Finds the header fields.
    #[must_use]
    pub fn read(message: &'m [u8]) -> Self {
        let header = Header::read(message);
        let body = Body {
            bytes: slice(message, header.body_start..message.len()),
            hashed: [const { None }; 2],
        };
        Self { header, body }
    }

    /// What makes the same mail known when it comes again, by another server or with other fields
    /// on top (Q-21): SHA-256 over its Message-ID and its body; without a Message-ID, over Date and
    /// Subject instead. White space counts as the relaxed canonicalization says, so that whatever
    /// leaves a signature whole leaves this the same.
    #[must_use]
    pub fn identity(&mut self) -> Sha256Digest {
        let mut hasher = Sha256::new();
        let value = |name| {
            self.header
                .named(name)
                .last()
                .map(|field| self.words(field))
        };
        let message_id = value(HeaderField::MessageId.name()).filter(|id| !id.is_empty());
        let values = match message_id {
            Some(message_id) => vec![message_id],
            None => [HeaderField::Date, HeaderField::Subject]
                .map(|field| value(field.name()).unwrap_or_default())
                .to_vec(),
        };
        for value in values {
            hasher.update(value.len().to_be_bytes());
            hasher.update(value);
        }
        hasher.update(self.body.hash(Canonicalization::Relaxed));
        Sha256Digest::new(hasher.finalize().into())
    }

    /// What two copies of one signed mail have in common, whatever was taken away or put on top
    /// that its signature does not cover: SHA-256 over its Date and its body, as [`identity`]
    /// counts them.
    ///
    /// [`identity`]: Self::identity
    #[must_use]
    pub fn content(&mut self) -> Sha256Digest {
        let mut hasher = Sha256::new();
        let date = self.header.named(HeaderField::Date.name()).last();
        let date = date.map(|field| self.words(field)).unwrap_or_default();
        hasher.update(date.len().to_be_bytes());
        hasher.update(date);
        hasher.update(self.body.hash(Canonicalization::Relaxed));
        Sha256Digest::new(hasher.finalize().into())
    }

    /// The value of a field with single spaces, and none at the ends.
    fn words(&self, field: &Field) -> Vec<u8> {
        let value = field.value_verbatim(self.header.message);
        let words = value.split(u8::is_ascii_whitespace);
        let words: Vec<&[u8]> = words.filter(|word| !word.is_empty()).collect();
        words.join(&b' ')
    }
}

impl fmt::Debug for SignedMail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No content: mail does not belong into logs.
        f.debug_struct("SignedMail").finish_non_exhaustive()
    }
}

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

impl TxtAnswer {
    /// The records that a name has, as far as they are kept: those that fit into
    /// [`DNS_ANSWER_BYTES_MAX`] of JSON together. A key record does; what is larger is none.
    #[must_use]
    pub fn found(records: Vec<String>) -> Self {
        // JSON writes each of these with up to six bytes.
        let is_escaped = |c: char| c.is_control() || matches!(c, '"' | '\\');
        let bytes_of = |c: char| if is_escaped(c) { 6 } else { c.len_utf8() };
        let mut room = DNS_ANSWER_BYTES_MAX;
        let mut kept = Vec::new();
        for record in records {
            let size = record.chars().map(bytes_of).sum::<usize>() + "\"\",".len();
            if let Some(left) = room.checked_sub(size) {
                room = left;
                kept.push(record);
            }
        }
        if kept.is_empty() {
            Self::NotFound
        } else {
            Self::Found(kept)
        }
    }
}

/// The header fields of a message, as far as they are examined.
pub(crate) struct Header<'m> {
    pub(crate) message: &'m [u8],
    pub(crate) fields: Vec<Field>,
    body_start: usize,
    is_complete: bool,
}

impl<'m> Header<'m> {
    pub(crate) fn read(message: &'m [u8]) -> Self {
        let mut header = Self {
            message,
            fields: Vec::new(),
            body_start: 0,
            is_complete: false,
        };
        let mut block = Block::at(message, 0);
        while header.fields.len() <= HEADER_FIELDS_MAX {
            match block.next_line() {
                Line::Field(field) => header.fields.push(field),
                Line::Garbage => {}
                Line::End(end) => {
                    (header.body_start, header.is_complete) = (end.content, true);
                    break;
                }
            }
        }
        header
    }

    /// The fields of a name, in their order.
    pub(crate) fn named(&self, name: &'static str) -> impl Iterator<Item = &Field> {
        self.fields
            .iter()
            .filter(move |field| field.is(self.message, name))
    }

    /// What can be told of a signature without its key.
    pub(crate) fn check_form(&self, tags: &Tags, now: Timestamp) -> Result<(), SignatureFailure> {
        let ends = i64::try_from(tags.expires_at).unwrap_or(i64::MAX);
        let has_end = tags.expires_at != 0;
        if !self.is_complete {
            Err(SignatureFailure::TooManyHeaderFields)
        } else if tags.algorithm == SigningAlgorithm::RsaSha1 {
            Err(SignatureFailure::WeakAlgorithm)
        } else if has_end && (ends <= now.as_second() || tags.expires_at < tags.made_at) {
            Err(SignatureFailure::Expired)
        } else if tags.names.len() > SIGNED_NAMES_MAX
            || key_name(&tags.selector, &tags.domain).is_none()
        {
            Err(SignatureFailure::Malformed)
        } else {
            Ok(())
        }
    }

    /// Whether the signed header fields are those that are there, `field` being the signature's.
    pub(crate) fn check_signature(
        &self,
        tags: &Tags,
        field: &Field,
        key: &DomainKey,
    ) -> Result<(), SignatureFailure> {
        let own_value = without_signature(field.value_verbatim(self.message));
        let name = |field: &Field| match tags.header_form {
            // RFC 6376 section 3.4.2: the white space before the colon goes.
            Canonicalization::Relaxed => field.name(self.message),
            Canonicalization::Simple => field.name_verbatim(self.message),
        };
        let signed = self.selected(&tags.names);
        let signed = signed
            .iter()
            .filter_map(|position| self.fields.get(*position))
            .map(|field| (name(field), field.value_verbatim(self.message)))
            .chain([(name(field), own_value.as_slice())]);
        let mut octets = Vec::new();
        for (name, value) in signed {
            tags.header_form.write_field(name, value, &mut octets);
        }
        let holds = key.verify(tags.algorithm, &octets, &tags.value);
        holds.then_some(()).ok_or(SignatureFailure::NotVerified)
    }

    /// The places of the fields that `h=` selects, in its order: of several with one name the
    /// lowest first, and nothing where none is left (RFC 6376 section 5.4.2).
    fn selected(&self, names: &[String]) -> Vec<usize> {
        // How many fields from the top are left of each name.
        let mut left: Vec<(&str, usize)> = Vec::new();
        let mut selected = Vec::new();
        for name in names.iter().map(|name| name.trim_ascii()) {
            let known = left
                .iter()
                .position(|(other, _)| other.eq_ignore_ascii_case(name));
            let end = known
                .and_then(|known| left.get(known))
                .map_or(self.fields.len(), |(_, end)| *end);
            let fields = self.fields.get(..end).unwrap_or_default();
            let found = fields
                .iter()
                .rposition(|field| field.is(self.message, name));
            selected.extend(found);
            let next = (name, found.unwrap_or(0));
            match known.and_then(|known| left.get_mut(known)) {
                Some(entry) => *entry = next,
                None => left.push(next),
            }
        }
        selected
    }

    /// Which of the fields that are relied on a signature with these names in `h=` covers, with
    /// every instance that is there (Q-21). The same selection is what is verified.
    pub(crate) fn coverage(&self, names: &[String]) -> Coverage {
        let selected = self.selected(names);
        HeaderField::ALL
            .into_iter()
            .fold(Coverage::default(), |coverage, relied_on| {
                let mut instances = self
                    .fields
                    .iter()
                    .enumerate()
                    .filter(|(_, field)| field.is(self.message, relied_on.name()))
                    .map(|(position, _)| position)
                    .peekable();
                if instances.peek().is_some() {
                    let is_covered = instances.all(|position| selected.contains(&position));
                    coverage.with(relied_on, is_covered)
                } else if self.is_missed(relied_on) && !is_named(names, relied_on) {
                    coverage.with(relied_on, false)
                } else {
                    coverage
                }
            })
    }

    /// Whether a mailer would have written a field that is not there. Whoever passes a signed mail
    /// on may have taken it away, unless the signature names it: then its absence is signed, too.
    fn is_missed(&self, field: HeaderField) -> bool {
        match field {
            HeaderField::MessageId => true,
            // What says that it is MIME says what it holds; without that, all of it is one text.
            HeaderField::ContentType => {
                let mut versions = self.named(HeaderField::MimeVersion.name());
                versions.next().is_some()
            }
            HeaderField::From
            | HeaderField::Subject
            | HeaderField::Date
            | HeaderField::To
            | HeaderField::Cc
            | HeaderField::ReplyTo
            | HeaderField::MimeVersion
            | HeaderField::ContentTransferEncoding
            | HeaderField::Sender
            | HeaderField::Bcc
            | HeaderField::InReplyTo
            | HeaderField::References
            | HeaderField::ContentId
            | HeaderField::ContentDescription
            | HeaderField::ContentDisposition => false,
        }
    }

    /// The time that the Date field states, if there is one such field that states one.
    pub(crate) fn date(&self) -> Option<Timestamp> {
        let mut dates = self.named("Date");
        let (Some(date), None) = (dates.next(), dates.next()) else {
            return None;
        };
        DateTimeParser::new()
            .parse_timestamp(&*date.value(self.message))
            .ok()
    }
}

/// Whether `h=` names a field, be it there or not.
fn is_named(names: &[String], field: HeaderField) -> bool {
    let mut names = names.iter().map(|name| name.trim_ascii());
    names.any(|name| name.eq_ignore_ascii_case(field.name()))
}

/// The message body and its SHA-256 digests, made when first needed.
pub(crate) struct Body<'m> {
    bytes: &'m [u8],
    /// Relaxed, simple.
    hashed: [Option<Hashed<'m>>; 2],
}

/// One form of the body with its SHA-256.
struct Hashed<'m> {
    canonical: CanonicalBody<'m>,
    digest: [u8; 32],
}

impl Body<'_> {
    /// Whether the body is the signed one, and all of it.
    pub(crate) fn check(&mut self, tags: &Tags) -> Result<(), SignatureFailure> {
        if tags.length != 0 && tags.length != self.canonical_length(tags.body_form) {
            Err(SignatureFailure::PartialBody)
        } else if self.hash(tags.body_form)[..] == tags.body_hash {
            Ok(())
        } else {
            Err(SignatureFailure::BodyChanged)
        }
    }

    fn hash(&mut self, canonicalization: Canonicalization) -> [u8; 32] {
        let [relaxed, simple] = &mut self.hashed;
        let (hashed, other) = match canonicalization {
            Canonicalization::Relaxed => (relaxed, simple),
            Canonicalization::Simple => (simple, relaxed),
        };
        let of_body = || {
            let canonical = CanonicalBody::of(self.bytes, canonicalization, BLOCK_BYTES);
            // Both forms of most bodies are the same octets, and a look at them is cheaper than
            // hashing them once more.
            let known = other
                .as_ref()
                .filter(|known| canonical.is_same(&known.canonical));
            let digest = known.map_or_else(|| canonical.digest(), |known| known.digest);
            Hashed { canonical, digest }
        };
        hashed.get_or_insert_with(of_body).digest
    }

    fn canonical_length(&self, canonicalization: Canonicalization) -> u64 {
        let mut count = 0;
        let canonical = CanonicalBody::of(self.bytes, canonicalization, BLOCK_BYTES);
        canonical.write(|piece| count += piece.len() as u64);
        count
    }
}

/// The first usable key among the records of a name (RFC 6376 section 6.1.2). `records` gets what
/// the DNS answered. A name that was not asked counts as one that did not answer.
pub(crate) fn find_key(
    answers: &DnsAnswers,
    name: &str,
    records: &mut Vec<String>,
) -> Result<DomainKey, SignatureResult> {
    let found = match answers.0.get(name) {
        Some(TxtAnswer::Found(found)) => found,
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
    records.clone_from(found);
    let mut failure = SignatureFailure::NoKey;
    for record in found {
        match DomainKey::read(record.as_bytes()) {
            Ok(key) => return Ok(key),
            Err(why) => failure = why,
        }
    }
    Err(SignatureResult::Fail(failure))
}

/// A name out of a signature as far as it is kept: a longer one is none that the DNS has, and a
/// mail may bring [`FIELD_BYTES_MAX`] of it in each of its signatures.
pub(crate) fn kept_name(name: &str) -> String {
    let end = name.floor_char_boundary(DNS_NAME_BYTES_MAX);
    name.get(..end).unwrap_or_default().to_owned()
}

/// `<selector>._domainkey.<domain>`, if that is a name one can ask for.
pub(crate) fn key_name(selector: &str, domain: &str) -> Option<String> {
    let domain: MailDomain = domain.parse().ok()?;
    let selector = selector.to_ascii_lowercase();
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let name = format!("{selector}._domainkey.{domain}");
    (selector.split('.').all(is_label) && name.len() <= DNS_NAME_BYTES_MAX).then_some(name)
}

/// The field's own value with the content of `b=` taken out and without the line break at its end
/// (RFC 6376 section 3.7).
pub(crate) fn without_signature(value: &[u8]) -> Vec<u8> {
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
