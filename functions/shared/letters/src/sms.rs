//! Short messages: how many parts a text takes, and the texts that the service sends (P-021).

mod code;
mod copy;
mod fitting;
mod offer;
mod size;

pub use code::code_sms;
pub use copy::{CopySms, copy_sms};
pub use offer::{OfferSms, offer_sms};
pub use size::{SmsEncoding, SmsSize, measure};
