//! The mails of what came back and answers nothing: automatic replies, answers from another address
//! and the like. Their words are quoted in the log; the mails themselves are evidence.

use domain::Sha256Digest;
use serde::{Deserialize, Serialize};

use crate::record::codec::digest;

/// A mail that came back and answers nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum OtherMail {
    /// It is embedded, byte for byte, under [`other_mail_name`].
    Embedded(MailFile),
    /// It is too large to be embedded beside the others.
    TooLarge(MailFile),
    /// As many came before it as are embedded.
    TooMany,
    /// Malware was found in it: it is not passed on.
    Malware,
    /// It could not be read any more when the certificate was made.
    Gone,
}

/// By what the file of a mail is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct MailFile {
    /// Its size, in bytes.
    pub size_bytes: u64,
    /// Its SHA-256.
    #[serde(with = "digest")]
    pub digest: Sha256Digest,
}

/// The name of the embedded file of the mail with this number, from 1, in the order of the log.
#[must_use]
pub fn other_mail_name(number: usize) -> String {
    format!("not-an-answer-{number}.eml")
}
