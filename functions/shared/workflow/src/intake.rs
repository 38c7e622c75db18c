//! The room of intake: what becomes of a mail that comes in.

pub(crate) mod authenticate;
pub mod parse_mail;
pub mod receive_mail;
