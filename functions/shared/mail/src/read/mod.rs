//! Bytes to domain: everything that reads an inbound message.

pub(crate) mod address;
mod answer;
mod attachment;
mod body;
pub(crate) mod charset;
mod comments;
pub(crate) mod encoding;
mod flowed;
pub(crate) mod header;
mod html;
mod html_list;
mod html_references;
mod html_tag;
mod jis;
pub(crate) mod message;
mod parameters;
mod part;
mod part_text;
mod passing;
mod plausible;
mod received;
pub(crate) mod structure;
mod subject;
mod trace;
mod unshown;
pub(crate) mod words;

pub use attachment::{Attachment, safe_names};
pub use body::Body;
pub use message::ParsedMail;
pub use parameters::field_value;
pub use part::MailPart;
pub use part_text::{PartText, is_unknown_charset};
pub use passing::BodySection;
pub use received::ReceivedHop;
pub use subject::read_destinations;
pub use words::decode as decode_encoded_words;
