//! The tests of this crate through its public interface, in one binary that links once.

mod corpus;
mod dkim;
mod hostile;
mod notices;
mod reading;
mod relaying;
