//! What the operator does beside the steps: what an account has sent, what waits for a person, and
//! whether the service can work at all. The command line `akashi` only reads arguments and prints.
//!
//! It decides nothing about a dispatch: what it starts again, the steps decide.

pub mod doctor;
pub mod listing;
pub mod ports;
pub mod redrive;
pub mod replay;
pub mod trial;
