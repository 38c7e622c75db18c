//! The room of money: prepaid points, their ledger, and what a step writes into it.
//!
//! A change is planned here as a [`Posting`] and only carried out by a store: in one transaction
//! with whatever it belongs to, or not at all.

mod ledger;
mod points;
mod posting;
mod price;

pub use self::ledger::{
    EntryId, GrantReference, Granting, LedgerEntry, LedgerPage, LedgerPageOf, LedgerPlace,
    PlaceError, ReferenceError,
};
pub use self::points::{Balance, InsufficientPoints, Points};
pub use self::posting::{
    Bounds, Delta, LineWrite, Posting, divide, end, grant, lapse, post, reserve, reserve_whole,
    void,
};
pub use self::price::Price;
