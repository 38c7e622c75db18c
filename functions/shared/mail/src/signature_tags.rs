//! What a signature over a mail says of itself: the tags of DKIM (RFC 6376 section 3.5) and of ARC
//! (RFC 8617 section 4.1).

use domain::{Named, SigningAlgorithm};

use crate::canonical_header::Canonicalization;
use crate::tag_list::{Malformed, TagList};

/// The tags of a signature that covers header fields and a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tags {
    pub(crate) algorithm: SigningAlgorithm,
    pub(crate) domain: String,
    pub(crate) selector: String,
    pub(crate) value: Vec<u8>,
    pub(crate) body_hash: Vec<u8>,
    pub(crate) names: Vec<String>,
    /// 0 where it is not said.
    pub(crate) length: u64,
    /// In seconds since 1970; 0 where it is not said.
    pub(crate) made_at: u64,
    /// In seconds since 1970; 0 where it is not said.
    pub(crate) expires_at: u64,
    pub(crate) header_form: Canonicalization,
    pub(crate) body_form: Canonicalization,
}

/// The tags of DKIM (RFC 6376 section 3.5).
const DKIM_TAGS: [&str; 13] = [
    "v", "a", "b", "bh", "c", "d", "h", "i", "l", "q", "s", "t", "x",
];

/// The tags of an `ARC-Message-Signature` (RFC 8617 section 4.1.2).
const ARC_TAGS: [&str; 11] = ["i", "a", "b", "bh", "c", "d", "h", "l", "s", "t", "x"];

/// The tags of an `ARC-Seal` (RFC 8617 section 4.1.3), and `h`, which must not be there.
const SEAL_TAGS: [&str; 8] = ["i", "a", "b", "cv", "d", "s", "t", "h"];

impl Tags {
    fn read(tags: &TagList<'_>) -> Result<Self, Malformed> {
        let names = tags.items("h");
        if names.is_empty() {
            return Err(Malformed);
        }
        let (header_form, body_form) = forms(tags)?;
        Ok(Self {
            algorithm: algorithm(tags)?,
            domain: text(tags, "d")?,
            selector: text(tags, "s")?,
            value: octets(tags, "b")?,
            body_hash: octets(tags, "bh")?,
            names,
            length: tags.number("l")?.unwrap_or(0),
            made_at: tags.number("t")?.unwrap_or(0),
            expires_at: tags.number("x")?.unwrap_or(0),
            header_form,
            body_form,
        })
    }
}

/// A `DKIM-Signature`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DkimSignature {
    pub(crate) tags: Tags,
    /// `i=`; empty where it is not said.
    pub(crate) identity: String,
}

impl DkimSignature {
    /// Reads the value of the field.
    pub(crate) fn read(value: &[u8]) -> Result<Self, Malformed> {
        let tags = TagList::read(value, &DKIM_TAGS)?;
        if tags.number("v")? != Some(1) {
            return Err(Malformed);
        }
        Ok(Self {
            tags: Tags::read(&tags)?,
            identity: tags.quoted("i")?.unwrap_or_default(),
        })
    }
}

/// An `ARC-Message-Signature`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArcMessageSignature {
    pub(crate) instance: u32,
    pub(crate) tags: Tags,
}

impl ArcMessageSignature {
    /// Reads the value of the field.
    pub(crate) fn read(value: &[u8]) -> Result<Self, Malformed> {
        let tags = TagList::read(value, &ARC_TAGS)?;
        Ok(Self {
            instance: instance(&tags)?,
            tags: Tags::read(&tags)?,
        })
    }
}

/// What a server says of the chain before it (`cv=`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChainValue {
    None,
    Fail,
    Pass,
}

/// An `ARC-Seal`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seal {
    pub(crate) instance: u32,
    pub(crate) algorithm: SigningAlgorithm,
    pub(crate) domain: String,
    pub(crate) selector: String,
    pub(crate) value: Vec<u8>,
    pub(crate) chain: ChainValue,
}

impl Seal {
    /// Reads the value of the field. It must not select fields (RFC 8617 section 4.1.3).
    pub(crate) fn read(value: &[u8]) -> Result<Self, Malformed> {
        let tags = TagList::read(value, &SEAL_TAGS)?;
        let chain = match tags.text("cv").as_deref() {
            Some("none") => ChainValue::None,
            Some("fail") => ChainValue::Fail,
            Some("pass") => ChainValue::Pass,
            Some(_) | None => return Err(Malformed),
        };
        if tags.value("h").is_some() {
            return Err(Malformed);
        }
        // Nobody relies on its time, but it must be one.
        tags.number("t")?;
        Ok(Self {
            instance: instance(&tags)?,
            algorithm: algorithm(&tags)?,
            domain: text(&tags, "d")?,
            selector: text(&tags, "s")?,
            value: octets(&tags, "b")?,
            chain,
        })
    }
}

/// The instance of an `ARC-Authentication-Results`, which begins with it and is no list of tags
/// behind it (RFC 8617 section 4.1.1).
pub(crate) fn results_instance(value: &[u8]) -> Result<u32, Malformed> {
    let first = value.split(|byte| *byte == b';').next();
    instance(&TagList::read(first.unwrap_or_default(), &["i"])?)
}

/// Most sets of a chain (RFC 8617 section 4.2.1).
const INSTANCE_MAX: u32 = 50;

fn instance(tags: &TagList<'_>) -> Result<u32, Malformed> {
    let number = tags.number("i")?.ok_or(Malformed)?;
    let number = u32::try_from(number).map_err(|_| Malformed)?;
    let is_instance = (1..=INSTANCE_MAX).contains(&number);
    is_instance.then_some(number).ok_or(Malformed)
}

fn text(tags: &TagList<'_>, name: &str) -> Result<String, Malformed> {
    let text = tags.text(name).filter(|text| !text.is_empty());
    text.ok_or(Malformed)
}

fn octets(tags: &TagList<'_>, name: &str) -> Result<Vec<u8>, Malformed> {
    let octets = tags.base64(name)?.filter(|octets| !octets.is_empty());
    octets.ok_or(Malformed)
}

/// Of header and body; what is not said is simple.
fn forms(tags: &TagList<'_>) -> Result<(Canonicalization, Canonicalization), Malformed> {
    let form = |name: &str| match name {
        "relaxed" => Ok(Canonicalization::Relaxed),
        "simple" => Ok(Canonicalization::Simple),
        _ => Err(Malformed),
    };
    let Some(forms) = tags.text("c") else {
        return Ok((Canonicalization::Simple, Canonicalization::Simple));
    };
    match forms.split_once('/') {
        Some((header, body)) => Ok((form(header)?, form(body)?)),
        None => Ok((form(&forms)?, Canonicalization::Simple)),
    }
}

fn algorithm(tags: &TagList<'_>) -> Result<SigningAlgorithm, Malformed> {
    let name = tags.text("a").ok_or(Malformed)?;
    SigningAlgorithm::of_name(&name).ok_or(Malformed)
}

#[cfg(test)]
mod tests;
