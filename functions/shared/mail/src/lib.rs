//! Bytes to domain: reads inbound mail and verifies its DKIM and ARC signatures.
//!
//! Reading never fails and never panics, whatever the bytes: what is broken is read as far as it
//! goes, and [`ParsedMail::damages`] says so.
//!
//! ```
//! let raw = b"From: taro@customer.test\r\nTo: hanako@recipient.test\r\n\r\nHello\r\n";
//! let mail = mail::ParsedMail::parse(raw);
//! assert_eq!(mail.from().unwrap().as_str(), "taro@customer.test");
//! assert_eq!(mail.body().text, "Hello\n");
//! ```

pub mod arc;
mod canonical_body;
mod canonical_header;
mod damage;
pub mod dkim;
mod domain_key;
mod read;
mod signature_tags;
mod signed;
mod tag_list;
mod text;

pub use read::{
    Attachment, Body, BodySection, MailPart, ParsedMail, PartText, ReceivedHop,
    decode_encoded_words, field_value, is_unknown_charset, read_destinations, safe_names,
};
pub use signed::{DnsAnswers, SignedMail, TxtAnswer};
pub use text::{shows_something, visible, visible_within_line};
