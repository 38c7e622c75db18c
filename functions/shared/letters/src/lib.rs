//! What the service writes: mails, short messages, the words of outcomes and events, and the links
//! to its pages. Each says what was seen and no more (X-9), and never promises an effect in law
//! (Q-9, I-026).
//!
//! Everything depends on nothing but the arguments: the same arguments give the same bytes. This
//! crate has no clock, no randomness, no network and no AWS. It reads no mail; what it passes on
//! of one, it asks `mail` for.
//!
//! ```
//! use domain::Outcome;
//! let words = letters::words::outcome_words(Outcome::Relayed);
//! assert!(words.english.starts_with("The recipient's mail server took the mail over"));
//! ```

pub mod links;
pub mod mails;
#[cfg(test)]
mod promises;
pub mod sms;
mod template;
pub mod words;
