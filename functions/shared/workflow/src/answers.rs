//! The room of answers: what comes back to an offer, on whatever road.

pub(crate) mod of_contract;
pub(crate) mod open_addendum;
pub(crate) mod received;
pub mod show_offer;
pub mod take_answer;
pub mod take_link_answer;
pub(crate) mod token;
