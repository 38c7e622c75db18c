//! The room of access: the codes that prove who asks.

mod one_time_code;

pub use self::one_time_code::{CodeError, CodeHistory, OneTimeCode};
