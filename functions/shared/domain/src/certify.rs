//! The room of certificates: how long one is kept, and when its timestamp is renewed.

mod renewal;
mod retention;

pub use self::renewal::{RenewalState, renew_at, renewal_state};
pub use self::retention::{Retention, RetentionError};
