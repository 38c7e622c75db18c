//! The room of money: adding points, and reading a balance with its ledger. What a mail costs is
//! decided with it ([`crate::intake::parse_mail`]).

pub mod grant;
pub mod statement;
