//! What a part says as text, and in which character set that was read.

use domain::{Charset, CharsetReason};

use super::charset;

/// The content of a part as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartText {
    /// The text, lines ending with `\n`; that of an HTML part with its tags.
    pub text: String,
    /// In which character set it was read, and why.
    pub charset: Charset,
}

impl PartText {
    /// Whether each octet was surely read as what it stands for, so that the text may be written in
    /// another character set. A guess is as good as what a mailer makes of it only where the sender
    /// promised nothing: under a label that is wrong, or not known here, a mailer may read another
    /// text, even of octets that are all ASCII.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let label = self.charset.label.as_deref();
        match self.charset.reason {
            CharsetReason::AsLabelled | CharsetReason::NoLabel => match label {
                Some(label) if is_unknown_charset(label) => false,
                // UTF-16 without a mark, or no text at all.
                _ if charset::promises_nothing(label) => !self.text.contains('\0'),
                _ => true,
            },
            CharsetReason::WrongLabel
            | CharsetReason::UnknownLabel
            | CharsetReason::Undecodable => false,
        }
    }
}

/// Whether a label names a character set that is not known here. ASCII may stand for something else
/// in it.
#[must_use]
pub fn is_unknown_charset(label: &str) -> bool {
    charset::is_unknown(Some(label))
}
