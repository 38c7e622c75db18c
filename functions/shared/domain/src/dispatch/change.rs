//! What delivery changes of a mail's content, so that the recipient can read notice and message
//! together.

use crate::Named;

/// One thing that is otherwise in the mail that the recipient gets than in the one that the sender
/// wrote, beside its address and the fields of its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryChange {
    /// A notice of the service stands in the plain text, before and behind the sender's.
    NoticeInText,
    /// A notice of the service stands in the HTML, before and behind the sender's.
    NoticeInHtml,
    /// The plain text came in another character set and is written in UTF-8.
    TextInUtf8,
    /// The HTML came in another character set and is written in UTF-8.
    HtmlInUtf8,
    /// The plain text is made from the HTML, because the sender wrote none that shows something.
    TextFromHtml,
    /// Pieces of the body are joined, or files stand in another place than before.
    PartsRearranged,
    /// The whole message stands beside the notice as one file.
    SentAsFile(FileReason),
}

/// Why a message goes as one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileReason {
    /// It is signed, and a change would break the signature.
    Signed,
    /// It is encrypted, and only the recipient can read it.
    Encrypted,
    /// Its text cannot be read to the last octet.
    Unreadable,
    /// Its parts are not put together as a mail that can be rearranged.
    Structure,
    /// It would be too large with the notice in it.
    Size,
}

impl DeliveryChange {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::NoticeInText,
        Self::NoticeInHtml,
        Self::TextInUtf8,
        Self::HtmlInUtf8,
        Self::TextFromHtml,
        Self::PartsRearranged,
        Self::SentAsFile(FileReason::Signed),
        Self::SentAsFile(FileReason::Encrypted),
        Self::SentAsFile(FileReason::Unreadable),
        Self::SentAsFile(FileReason::Structure),
        Self::SentAsFile(FileReason::Size),
    ];
}

impl Named for DeliveryChange {
    const VALUES: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        match self {
            Self::NoticeInText => "notice_in_text",
            Self::NoticeInHtml => "notice_in_html",
            Self::TextInUtf8 => "text_in_utf_8",
            Self::HtmlInUtf8 => "html_in_utf_8",
            Self::TextFromHtml => "text_from_html",
            Self::PartsRearranged => "parts_rearranged",
            Self::SentAsFile(FileReason::Signed) => "sent_as_file_signed",
            Self::SentAsFile(FileReason::Encrypted) => "sent_as_file_encrypted",
            Self::SentAsFile(FileReason::Unreadable) => "sent_as_file_unreadable",
            Self::SentAsFile(FileReason::Structure) => "sent_as_file_structure",
            Self::SentAsFile(FileReason::Size) => "sent_as_file_size",
        }
    }
}
