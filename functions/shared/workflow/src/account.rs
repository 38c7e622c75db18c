//! The room of accounts: opening one, who may send for it, what its owner and the operator change.
//! What ends an account is [`crate::account::expire_accounts`].

mod differences;
pub mod expire_accounts;
pub mod manage;
pub mod open;
pub mod senders;

pub use self::differences::{Difference, differences};
