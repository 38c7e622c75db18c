//! The evidence as JSON: `evidence.json`, embedded in each certificate, from which its pages
//! can be made again.
//!
//! Names of fields are those of ETSI EN 319 522-3 where it has one (EvidenceIdentifier,
//! ERDSEventId, EventTime, SubmissionTime ...), names of events those of its vocabulary. Both are
//! borrowed; no conformance is claimed. `evidence.schema.json` in this crate describes the file.
//!
//! One record has one spelling: fields in the order of the structs, two spaces of indentation,
//! one line feed at the end. [`crate::rebuild`] takes no other.

use domain::Sha256Digest;
use serde::{Deserialize, Serialize};

use crate::embed::{self, File};
use crate::evidence::Evidence;
use crate::limits::RECORD_BYTES_MAX;
use crate::{Embedded, TEMPLATE_VERSION};

/// Version of the format. Another version has other fields, and is not read.
pub const RECORD_VERSION: u32 = 2;

/// The content of `evidence.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The template that the pages were made with; equals [`crate::TEMPLATE_VERSION`] when this
    /// version of the crate can make them again.
    pub template_version: String,
    /// What the certificate says.
    pub evidence: Evidence,
    /// What is embedded in it, `evidence.json` itself left out.
    pub files: Vec<FileRow>,
}

/// An embedded file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct FileRow {
    /// Its name within the certificate, e.g. `original.eml`.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// In bytes.
    pub size_bytes: u64,
    /// Its SHA-256.
    #[serde(with = "digest")]
    pub digest: Sha256Digest,
}

/// Why bytes are no `evidence.json` that this version reads.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// It is larger than [`RECORD_BYTES_MAX`].
    #[error("read an evidence.json of at most {RECORD_BYTES_MAX} bytes: this one has {0}")]
    TooLarge(usize),
    /// It has another version.
    #[error("read an evidence.json of version {RECORD_VERSION}: this one has version {0}")]
    Version(u64),
    /// It is no JSON, or a field is missing, unknown or of another kind.
    #[error("read evidence.json")]
    Content(#[source] serde_json::Error),
}

impl Record {
    /// The record of a certificate that is made now, with these mails embedded. They are taken to
    /// be those that the evidence speaks of; [`crate::rebuild`] checks that.
    #[must_use]
    pub fn new(evidence: Evidence, embedded: Embedded<'_>) -> Self {
        let files = embed::mails(&evidence, embedded);
        Self {
            template_version: TEMPLATE_VERSION.to_owned(),
            files: files.iter().map(File::row).collect(),
            evidence,
        }
    }

    /// The bytes of `evidence.json`; the same record always gives the same ones.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        to_json(&self.template_version, &self.evidence, &self.files)
    }

    /// Reads `evidence.json`. Never panics, whatever the bytes are.
    ///
    /// # Errors
    /// When it is too large, of another version, or not what [`Self::to_json`] writes; other white
    /// space and other orders of fields are read.
    pub fn from_json(bytes: &[u8]) -> Result<Self, RecordError> {
        if bytes.len() > RECORD_BYTES_MAX {
            return Err(RecordError::TooLarge(bytes.len()));
        }
        let Head { version } = serde_json::from_slice(bytes).map_err(RecordError::Content)?;
        if version != u64::from(RECORD_VERSION) {
            return Err(RecordError::Version(version));
        }
        let read: Read = serde_json::from_slice(bytes).map_err(RecordError::Content)?;
        Ok(Self {
            template_version: read.template_version,
            evidence: read.evidence,
            files: read.files,
        })
    }
}

/// As [`Record::to_json`], from parts.
pub(crate) fn to_json(template_version: &str, evidence: &Evidence, files: &[FileRow]) -> Vec<u8> {
    let written = Written {
        version: RECORD_VERSION,
        vocabulary: VOCABULARY,
        not_captured: NotCaptured {
            delivered_message: NO_DELIVERED_MESSAGE,
        },
        template_version,
        evidence,
        files,
    };
    // Strings, numbers and lists written to memory: nothing here can fail.
    let mut bytes = serde_json::to_vec_pretty(&written).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

const VOCABULARY: &str = "Names of events and fields follow the vocabulary of ETSI EN 319 522; \
                          no conformance is claimed.";
const NO_DELIVERED_MESSAGE: &str = "embedded as delivered.eml, unless it is larger than 1 MiB, \
                                    because it holds the original again, or could not be read; \
                                    its size and digest are in this file";

/// Only the version, whatever else there is.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "Version")]
    version: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Written<'a> {
    version: u32,
    vocabulary: &'static str,
    not_captured: NotCaptured<&'static str>,
    template_version: &'a str,
    evidence: &'a Evidence,
    files: &'a [FileRow],
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Read {
    #[serde(rename = "Version")]
    _version: u32,
    #[serde(rename = "Vocabulary")]
    _vocabulary: String,
    #[serde(rename = "NotCaptured")]
    _not_captured: NotCaptured<String>,
    template_version: String,
    evidence: Evidence,
    files: Vec<FileRow>,
}

/// What no certificate has, and why: a blank would leave open whether it was lost.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct NotCaptured<Text> {
    delivered_message: Text,
}

/// Types that are parsed from the text that they are shown as.
pub(crate) mod text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<T: Display, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// The same for values that may be missing.
pub(crate) mod text_option {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<T: Display, S: Serializer>(
        value: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        let text = Option::<String>::deserialize(deserializer)?;
        let parsed = text.map(|text| text.parse()).transpose();
        parsed.map_err(D::Error::custom)
    }
}

/// A time zone by its IANA name.
pub(crate) mod zone {
    use domain::ZoneName;
    use serde::{Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        zone: &ZoneName,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(zone.as_str())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<ZoneName, D::Error> {
        super::text::deserialize(deserializer)
    }
}

/// A digest, with the name of its method (ETSI EN 319 522-3: DigestMethod, DigestValue). The
/// value is in hexadecimal, as on the pages.
pub(crate) mod digest {
    use domain::Sha256Digest;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    /// XML Encryption, section 5.8.2.
    const METHOD: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Wire {
        digest_method: String,
        digest_value: String,
    }

    pub(crate) fn serialize<S: Serializer>(
        digest: &Sha256Digest,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let wire = Wire {
            digest_method: METHOD.to_owned(),
            digest_value: digest.to_string(),
        };
        wire.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Sha256Digest, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        if wire.digest_method != METHOD {
            return Err(D::Error::custom("the only digest method here is SHA-256"));
        }
        wire.digest_value.parse().map_err(D::Error::custom)
    }
}

/// Bytes that are mostly text: as text where that is short and exact, else in base64 (RFC 4648,
/// section 4).
pub(crate) mod octets {
    use base64_simd::STANDARD;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[derive(Serialize, Deserialize)]
    enum Wire {
        Text(String),
        Base64(String),
    }

    fn to_wire(octets: &[u8]) -> Wire {
        let is_plain = |text: &&str| {
            !text
                .chars()
                .any(|c| c.is_control() && !"\t\r\n".contains(c))
        };
        match std::str::from_utf8(octets).ok().filter(is_plain) {
            Some(text) => Wire::Text(text.to_owned()),
            None => Wire::Base64(STANDARD.encode_to_string(octets)),
        }
    }

    fn from_wire<E: Error>(wire: Wire) -> Result<Vec<u8>, E> {
        match wire {
            Wire::Text(text) => Ok(text.into_bytes()),
            Wire::Base64(text) => STANDARD.decode_to_vec(text).map_err(E::custom),
        }
    }

    pub(crate) fn serialize<S: Serializer>(
        octets: &[u8],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        to_wire(octets).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        from_wire(Wire::deserialize(deserializer)?)
    }

    /// The same for bytes that may be missing.
    pub(crate) mod option {
        use super::{Deserialize, Deserializer, Serialize, Serializer, Wire};

        #[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
        pub(crate) fn serialize<S: Serializer>(
            octets: &Option<Vec<u8>>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            octets.as_deref().map(super::to_wire).serialize(serializer)
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Vec<u8>>, D::Error> {
            let wire = Option::<Wire>::deserialize(deserializer)?;
            wire.map(super::from_wire).transpose()
        }
    }
}
pub(crate) use octets::option as octets_option;

/// An event of the vocabulary, by its URI.
pub(crate) mod event_id {
    use domain::{EtsiEvent, Named};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    const PREFIX: &str = "http://uri.etsi.org/19522/Event/";

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        clippy::ref_option,
        reason = "serde gives a reference to the field"
    )]
    pub(crate) fn serialize<S: Serializer>(
        event: &Option<EtsiEvent>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match event {
            Some(event) => serializer.collect_str(&format_args!("{PREFIX}{}", event.name())),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<EtsiEvent>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else {
            return Ok(None);
        };
        let name = text.strip_prefix(PREFIX);
        let event = EtsiEvent::ALL.into_iter().find(|e| Some(e.name()) == name);
        let unknown = || D::Error::custom("an event that this service does not report");
        event.map(Some).ok_or_else(unknown)
    }
}

/// Where the message went.
pub(crate) mod recipient {
    use domain::{EmailAddress, MobileNumber, Recipient};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Wire {
        #[serde(with = "super::text_option")]
        mail: Option<EmailAddress>,
        #[serde(with = "super::text_option")]
        mobile: Option<MobileNumber>,
    }

    pub(crate) fn serialize<S: Serializer>(
        recipient: &Recipient,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let wire = Wire {
            mail: recipient.mail().cloned(),
            mobile: recipient.mobile().cloned(),
        };
        wire.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Recipient, D::Error> {
        let Wire { mail, mobile } = Wire::deserialize(deserializer)?;
        let nobody = || D::Error::custom("a recipient has an address or a number");
        Recipient::from_parts(mail, mobile).ok_or_else(nobody)
    }
}

/// A price.
pub(crate) mod points {
    use domain::Points;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde gives a reference to the field"
    )]
    pub(crate) fn serialize<S: Serializer>(
        points: &Points,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(points.get())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Points, D::Error> {
        u32::deserialize(deserializer).map(Points::new)
    }
}

/// How long an offer waited, in hours.
pub(crate) mod deadline {
    use domain::AnswerDeadline;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde gives a reference to the field"
    )]
    pub(crate) fn serialize<S: Serializer>(
        deadline: &AnswerDeadline,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(deadline.hours())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<AnswerDeadline, D::Error> {
        AnswerDeadline::from_hours(u16::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Values of the domain that have stable names.
pub(crate) mod named {
    use domain::Named;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<T: Named, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value.name())
    }

    pub(crate) fn deserialize<'de, T: Named, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        let name = String::deserialize(deserializer)?;
        T::of_name(&name).ok_or_else(|| D::Error::custom("a name that is none of the known ones"))
    }
}
