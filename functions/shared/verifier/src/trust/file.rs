//! The trust file, version 1. `README.md` of this crate describes it for people; what is not
//! described there is an error here.

use super::error::{TrustError, ValueProblem};
use super::operators::{Operator, PEM_BEGIN, PEM_END, TRUST_BYTES_MAX, Trust};
use super::pin::{Pin, Pinned};

use jiff::Timestamp;
use pades::Certificate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const FORMAT: &str = "akashi-trust";
const VERSION: u64 = 1;
/// Entries of one list.
const ENTRIES_MAX: usize = 256;
const NAME_CHARACTERS_MAX: usize = 200;

/// A trust file, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustFile {
    format: String,
    version: u64,
    operators: Vec<OperatorEntry>,
    timestamp_authorities: Vec<AuthorityEntry>,
}

/// An operator, and what signs for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorEntry {
    /// As its certificates name it.
    pub name: String,
    /// What signs for it.
    pub signers: Vec<SignerEntry>,
    /// The roots above those, each as PEM.
    pub roots: Vec<String>,
}

/// One signer: one of the first three, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignerEntry {
    /// SHA-256 of a certificate, as hexadecimal digits in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_sha256: Option<String>,
    /// SHA-256 of a `SubjectPublicKeyInfo`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key_sha256: Option<String>,
    /// A subject as in RFC 4514.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// From when on it signs for the operator.
    pub since: Timestamp,
    /// The first time at which it does no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A timestamp authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorityEntry {
    /// For the reader; nothing is compared with it.
    pub name: String,
    /// Its roots, each as PEM.
    pub roots: Vec<String>,
}

impl TrustFile {
    /// A file of today's version.
    #[must_use]
    pub fn new(operators: Vec<OperatorEntry>, authorities: Vec<AuthorityEntry>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            operators,
            timestamp_authorities: authorities,
        }
    }

    /// Reads a file without using it.
    ///
    /// # Errors
    /// As [`Trust::from_json`].
    pub fn from_json(json: &str) -> Result<Self, TrustError> {
        read(json)?;
        serde_json::from_str(json).map_err(|error| TrustError::Json(error.to_string()))
    }

    /// This file with all that an earlier one says besides: certificates that were signed before a
    /// key, a root or an authority was replaced stay those of their operator. Of a signer that
    /// stands in both, the earlier entry stays.
    #[must_use]
    pub fn and_earlier(mut self, earlier: Self) -> Self {
        for mut old in earlier.operators {
            let mut operators = self.operators.iter_mut();
            let Some(operator) = operators.find(|one| one.name == old.name) else {
                self.operators.push(old);
                continue;
            };
            for signer in std::mem::take(&mut operator.signers) {
                let is_same = |one: &SignerEntry| one.pins() == signer.pins();
                if !old.signers.iter().any(is_same) {
                    old.signers.push(signer);
                }
            }
            operator.signers = old.signers;
            join(&mut operator.roots, old.roots);
        }
        for old in earlier.timestamp_authorities {
            let mut authorities = self.timestamp_authorities.iter_mut();
            match authorities.find(|one| one.name == old.name) {
                Some(authority) => join(&mut authority.roots, old.roots),
                None => self.timestamp_authorities.push(old),
            }
        }
        self
    }

    /// As it is written, after it was read as readers will do.
    ///
    /// # Errors
    /// Where no reader would take it.
    pub fn to_json(&self) -> Result<String, TrustError> {
        let json = serde_json::to_string_pretty(self);
        let json = json.map_err(|error| TrustError::Json(error.to_string()))?;
        read(&json)?;
        Ok(json)
    }
}

impl SignerEntry {
    fn pins(&self) -> [Option<&String>; 3] {
        [
            self.certificate_sha256.as_ref(),
            self.public_key_sha256.as_ref(),
            self.subject.as_ref(),
        ]
    }
}

/// Adds those that are not there yet.
fn join(roots: &mut Vec<String>, others: Vec<String>) {
    for other in others {
        if !roots.iter().any(|root| root.trim() == other.trim()) {
            roots.push(other);
        }
    }
}

/// What is read first, of any version.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u64,
}

pub(super) fn read(json: &str) -> Result<Trust, TrustError> {
    if json.len() > TRUST_BYTES_MAX {
        return Err(TrustError::TooLarge);
    }
    let broken = |error: serde_json::Error| TrustError::Json(error.to_string());
    let head: Head = serde_json::from_str(json).map_err(broken)?;
    if head.format != FORMAT {
        return Err(TrustError::OtherFormat(
            head.format.chars().take(40).collect(),
        ));
    }
    if head.version != VERSION {
        return Err(TrustError::OtherVersion(head.version));
    }
    let file: TrustFile = serde_json::from_str(json).map_err(broken)?;
    expect_objects(&serde_json::from_str(json).map_err(broken)?)?;
    let mut trust = Trust::default();
    expect_list("operators", file.operators.iter().map(|one| &one.name))?;
    for (number, operator) in file.operators.iter().enumerate() {
        let read = read_operator(operator, &format!("operators[{number}]"))?;
        trust.operators.push(read);
    }
    let authorities = &file.timestamp_authorities;
    expect_list(
        "timestamp_authorities",
        authorities.iter().map(|one| &one.name),
    )?;
    for (number, authority) in authorities.iter().enumerate() {
        let place = format!("timestamp_authorities[{number}]");
        trust
            .timestamps
            .extend(read_roots(&authority.roots, &place)?);
    }
    Ok(trust)
}

/// `serde` takes an array in the place of an object, and `null` in that of what may be missing.
fn expect_objects(file: &Value) -> Result<(), TrustError> {
    for list in ["operators", "timestamp_authorities"] {
        for (number, entry) in entries(file, list) {
            let place = format!("{list}[{number}]");
            expect_object(entry, &place)?;
            for (number, signer) in entries(entry, "signers") {
                expect_object(signer, &format!("{place}.signers[{number}]"))?;
            }
        }
    }
    expect_object(file, "")
}

fn entries<'v>(value: &'v Value, list: &str) -> impl Iterator<Item = (usize, &'v Value)> {
    let entries = value.get(list).and_then(Value::as_array);
    entries.into_iter().flatten().enumerate()
}

fn expect_object(value: &Value, place: &str) -> Result<(), TrustError> {
    match value.as_object() {
        Some(object) if object.values().all(|value| !value.is_null()) => Ok(()),
        Some(_) => Err(wrong(place, ValueProblem::Empty)),
        None => Err(wrong(place, ValueProblem::NoObject)),
    }
}

fn wrong(place: &str, problem: ValueProblem) -> TrustError {
    let place = place.to_owned();
    TrustError::Value { place, problem }
}

/// Names, each for one entry.
fn expect_list<'n>(list: &str, names: impl Iterator<Item = &'n String>) -> Result<(), TrustError> {
    let mut known: Vec<&str> = Vec::new();
    for (number, name) in names.enumerate() {
        let place = format!("{list}[{number}].name");
        let is_name = !name.trim().is_empty()
            && !name.contains(char::is_control)
            && name.chars().count() <= NAME_CHARACTERS_MAX;
        if !is_name {
            return Err(wrong(&place, ValueProblem::Name));
        }
        if known.contains(&name.as_str()) {
            return Err(wrong(&place, ValueProblem::SameName));
        }
        known.push(name);
        if known.len() > ENTRIES_MAX {
            return Err(wrong(list, ValueProblem::TooMany));
        }
    }
    if known.is_empty() {
        return Err(wrong(list, ValueProblem::Empty));
    }
    Ok(())
}

fn read_operator(operator: &OperatorEntry, place: &str) -> Result<Operator, TrustError> {
    let signers = format!("{place}.signers");
    if operator.signers.is_empty() {
        return Err(wrong(&signers, ValueProblem::Empty));
    }
    if operator.signers.len() > ENTRIES_MAX {
        return Err(wrong(&signers, ValueProblem::TooMany));
    }
    let pin = |(number, signer): (usize, &SignerEntry)| {
        read_pin(signer).map_err(|problem| wrong(&format!("{signers}[{number}]"), problem))
    };
    let pins = operator.signers.iter().enumerate().map(pin);
    Ok(Operator {
        name: operator.name.clone(),
        pins: pins.collect::<Result<_, _>>()?,
        roots: read_roots(&operator.roots, place)?,
    })
}

fn read_pin(entry: &SignerEntry) -> Result<Pin, ValueProblem> {
    let signer = match (
        &entry.certificate_sha256,
        &entry.public_key_sha256,
        &entry.subject,
    ) {
        (Some(digest), None, None) => Pinned::Certificate(read_digest(digest)?),
        (None, Some(digest), None) => Pinned::PublicKey(read_digest(digest)?),
        (None, None, Some(subject)) if subject.is_empty() => return Err(ValueProblem::Empty),
        (None, None, Some(subject)) => Pinned::Subject(subject.clone()),
        _ => return Err(ValueProblem::NotOnePin),
    };
    if entry.until.is_some_and(|until| until <= entry.since) {
        return Err(ValueProblem::Period);
    }
    Ok(Pin {
        signer,
        since: entry.since,
        until: entry.until,
    })
}

fn read_digest(text: &str) -> Result<[u8; 32], ValueProblem> {
    let mut digest = [0; 32];
    let is_plain = !text.contains(|one: char| one.is_ascii_uppercase());
    match hex::decode_to_slice(text, &mut digest) {
        Ok(()) if is_plain => Ok(digest),
        Ok(()) | Err(_) => Err(ValueProblem::Digest),
    }
}

fn read_roots(roots: &[String], place: &str) -> Result<Vec<Certificate>, TrustError> {
    let place = format!("{place}.roots");
    if roots.is_empty() {
        return Err(wrong(&place, ValueProblem::Empty));
    }
    if roots.len() > ENTRIES_MAX {
        return Err(wrong(&place, ValueProblem::TooMany));
    }
    let root = |(number, pem): (usize, &String)| {
        let place = format!("{place}[{number}]");
        let text = pem.trim();
        let is_one = text.starts_with(PEM_BEGIN)
            && text.ends_with(PEM_END)
            && text.matches("-----BEGIN").count() == 1;
        if !is_one {
            return Err(wrong(&place, ValueProblem::NotOneCertificate));
        }
        let mut read =
            Certificate::all_from_pem(text).map_err(|source| TrustError::Certificate {
                place: place.clone(),
                source,
            })?;
        read.pop()
            .ok_or_else(|| wrong(&place, ValueProblem::NotOneCertificate))
    };
    roots.iter().enumerate().map(root).collect()
}
