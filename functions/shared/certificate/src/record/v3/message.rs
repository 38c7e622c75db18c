//! A mail as a certificate describes it.

use domain::{BodySource, Charset, Damage, DeliveryChange, Sha256Digest, UnshownPart};
use serde::{Deserialize, Serialize};

use crate::limits::{BODY_TEXT_BYTES_MAX, DELIVERED_BYTES_MAX};
use crate::record::codec::{charset, digest, named, named_list, octets, octets_option};

/// The message as received from the sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Message {
    /// Decoded subject; empty when there is none.
    pub subject: String,
    /// The `Message-ID` field.
    #[serde(rename = "MessageIdentifier")]
    pub message_id: Option<String>,
    /// The `Date` field as written by the sender's side.
    pub date_header: Option<String>,
    /// The text of the body (I-008), decoded.
    pub body_text: BodyText,
    /// What that text was made from.
    #[serde(with = "named")]
    pub body_source: BodySource,
    /// What stands in the place of the text and could not be shown; none where there is text, or
    /// nothing.
    pub unshown_part: Option<UnshownPartRow>,
    /// In which character set it was read, and why; none where there is no text.
    #[serde(with = "charset")]
    pub body_charset: Option<Charset>,
    /// Size of `original.eml`, in bytes.
    pub size_bytes: u64,
    /// SHA-256 of `original.eml`.
    #[serde(with = "digest")]
    pub digest: Sha256Digest,
    /// The whole header block, byte for byte (I-010).
    #[serde(with = "octets")]
    pub raw_header: Vec<u8>,
    /// What could not be read as it should be.
    #[serde(with = "named_list")]
    pub damages: Vec<Damage>,
}

/// A part that stands in the place of a message's text and could not be shown as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct UnshownPartRow {
    /// Its place among the parts, as `1` or `1.2`.
    pub part_number: String,
    /// The media type as labelled.
    pub content_type: String,
    /// The file name as sent, decoded.
    pub name_as_sent: Option<String>,
}

impl From<UnshownPart> for UnshownPartRow {
    fn from(part: UnshownPart) -> Self {
        Self {
            part_number: part.number,
            content_type: part.content_type,
            name_as_sent: part.name,
        }
    }
}

/// The text of a body, or its beginning: a page shows no more of it than
/// [`BODY_LINES_MAX`](crate::BODY_LINES_MAX) lines, and all of it is in the embedded mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct BodyText {
    text: String,
    /// Of the whole text, in UTF-8.
    size_bytes: u64,
}

impl BodyText {
    /// Keeps the first [`BODY_TEXT_BYTES_MAX`] bytes of a text, and the size of all of it.
    #[must_use]
    pub fn new(mut text: String) -> Self {
        let size_bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
        text.truncate(text.floor_char_boundary(BODY_TEXT_BYTES_MAX));
        Self { text, size_bytes }
    }

    /// What is kept of the text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text, where all of it is kept.
    #[must_use]
    pub fn whole(&self) -> Option<&str> {
        let kept = u64::try_from(self.text.len());
        (kept == Ok(self.size_bytes)).then_some(self.text.as_str())
    }

    /// Size of the whole text in UTF-8, in bytes.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }
}

/// One part of the message that is not its body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AttachmentRow {
    /// The file name as sent, decoded.
    pub name_as_sent: Option<String>,
    /// A safe name, unique within the message.
    pub embedded_name: String,
    /// The media type as labelled.
    pub content_type: String,
    /// The `Content-ID`, by which HTML refers to inline parts.
    pub content_id: Option<String>,
    /// Size of the decoded content, in bytes.
    pub size_bytes: u64,
    /// SHA-256 of the decoded content.
    #[serde(with = "digest")]
    pub digest: Sha256Digest,
    /// Whether it is meant to be shown inside the body.
    pub is_inline: bool,
    /// Whether it could not be decoded to its end.
    pub damaged: bool,
}

/// The message that was handed over for delivery to the recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeliveredMessage {
    /// Its size, in bytes.
    pub size_bytes: u64,
    /// Its SHA-256.
    #[serde(with = "digest")]
    pub digest: Sha256Digest,
    /// The provider's id for it; `None` when the provider never confirmed it.
    pub provider_message_id: Option<String>,
    /// Its header block, byte for byte; `None` where the message could not be read when the
    /// certificate was made.
    #[serde(with = "octets_option")]
    pub raw_header: Option<Vec<u8>>,
    /// What of the content is otherwise than in the message that came from the sender, as the
    /// message itself names it.
    #[serde(with = "named_list")]
    pub changes: Vec<DeliveryChange>,
    /// What the service wrote into its text; none where it is not told apart from the message.
    pub notices: Option<Notices>,
}

/// What the service wrote before and behind the text of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Notices {
    /// Before it.
    pub before: String,
    /// Behind it.
    pub behind: String,
}

impl DeliveredMessage {
    /// Whether the message itself is embedded: where it could be read and is no larger than
    /// [`DELIVERED_BYTES_MAX`].
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.raw_header.is_some() && self.size_bytes <= DELIVERED_BYTES_MAX
    }
}
