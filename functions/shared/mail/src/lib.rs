//! Bytes to domain and back: reads inbound mail, verifies its DKIM signatures, composes what the
//! service sends.
//!
//! Reading never fails and never panics, whatever the bytes: what is broken is read as far as it
//! goes and named in [`domain::Damage`]. Composing gives exact bytes that depend on nothing but the
//! arguments. This crate has no clock, no randomness, no network and no AWS; DNS answers come in
//! as values.
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
pub mod compose;
mod damage;
pub mod dkim;
mod domain_key;
mod read;
mod signature_tags;
mod signed;
pub mod sms;
mod tag_list;
mod text;
mod wording;

pub use read::{Attachment, Body, ParsedMail, ReceivedHop, read_destinations, safe_names};
pub use signed::{DnsAnswers, SignedMail, TxtAnswer};
pub use text::visible;
pub use wording::{
    Bilingual, answered_words, contract_outcome_words, distrust_words, outcome_words, refusal_words,
};
