//! The room of intake: what a mail asks for, and whether it is ignored, refused or accepted.

mod decide_intake;
mod origin;
mod refusal;
mod request;
mod terms;

pub use self::decide_intake::{Intake, decide_intake, is_written_to, sms_of};
pub use self::origin::{Origin, SummaryToken};
pub use self::refusal::{Distrust, Ignored, Refusal};
pub use self::request::{
    Addressed, AutomaticMail, InboundMessage, Request, Standing, ToRecipients, VirusVerdict,
};
pub use self::terms::Terms;
