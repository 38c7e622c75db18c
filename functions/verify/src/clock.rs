//! The time at which somebody looks at a certificate who names no other.

use jiff::Timestamp;

/// Now, by the clock of this machine.
#[expect(
    clippy::disallowed_methods,
    reason = "a command line begins with the time at which it was typed"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
