//! The room of copies: who gets one of a certificate, and how.

mod entitlement;
pub mod hand_over_copy;
pub mod send_copies;
pub mod show_summary;
