//! What the signature says of itself in words: who signed, why, and how to reach them. Viewers show
//! it beside the pages, so it must be what the evidence demands, and nothing else.

use crate::object::Dictionary;
use crate::report::{Check, Finding, Report};
use crate::widget::utf_16;
use certificate::{SignatureWords, VersionedRecord};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The entries of the signature dictionary that are for people.
#[derive(Debug)]
pub(crate) struct Told {
    name: Option<Vec<u8>>,
    reason: Option<Vec<u8>>,
    location: Option<Vec<u8>>,
    contact: Option<Vec<u8>>,
    /// `/M`, in the one form that the service writes.
    pub(crate) signed_at: Option<Timestamp>,
}

impl Told {
    /// Takes what is there.
    pub(crate) fn read(dictionary: &Dictionary) -> Self {
        let bytes = |key| dictionary.string(key).map(<[u8]>::to_vec);
        Self {
            name: bytes("Name"),
            reason: bytes("Reason"),
            location: bytes("Location"),
            contact: bytes("ContactInfo"),
            signed_at: dictionary.string("M").and_then(time),
        }
    }

    /// Compares it with what the evidence demands.
    pub(crate) fn check(&self, record: &VersionedRecord, report: &mut Report) {
        let SignatureWords {
            name,
            reason,
            contact,
        } = record.signature_words();
        let expected = [
            ("Name", &self.name, Some(name)),
            ("Reason", &self.reason, Some(reason)),
            ("Location", &self.location, None),
            ("ContactInfo", &self.contact, Some(contact)),
        ];
        for (entry, told, expected) in expected {
            if *told != expected.as_deref().map(text_string) {
                report.find(Check::Signature, Finding::SignatureWordsDiffer(entry));
            }
        }
    }
}

/// A text string as the service writes it: plain where it is ASCII, else UTF-16.
fn text_string(text: &str) -> Vec<u8> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        text.as_bytes().to_vec()
    } else {
        utf_16(text)
    }
}

/// `D:YYYYMMDDHHmmSSZ`
fn time(bytes: &[u8]) -> Option<Timestamp> {
    let digits = bytes.strip_prefix(b"D:")?.strip_suffix(b"Z")?;
    if digits.len() != 14 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let text = std::str::from_utf8(digits).ok()?;
    let time = DateTime::strptime("%Y%m%d%H%M%S", text).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signing_time_has_one_form() {
        let expected = "2026-11-20T01:15:40Z".parse().ok();
        assert_eq!(time(b"D:20261120011540Z"), expected);
        for text in [
            "20261120011540Z",
            "D:20261120011540",
            "D:20261120011540+09'00'",
            "D:20261320011540Z",
            "D:2026112001154 Z",
        ] {
            assert_eq!(time(text.as_bytes()), None, "{text}");
        }
    }
}
