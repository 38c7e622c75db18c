//! The room of certificates: composed, signed, kept, and timestamped again.

pub(crate) mod archiving;
pub mod compare_certificate;
pub mod compose_certificate;
pub mod configurations;
pub(crate) mod original;
pub mod renew_timestamps;
pub mod sign_certificate;
pub mod signing;
