//! The providers of mail and SMS.

use std::future::Future;

use bytes::Bytes;
use domain::{
    AccountId, DispatchId, EmailAddress, InboundMessageId, MobileNumber, ProviderMessageId,
    SubmissionId,
};

use super::Cause;

/// A mail ready to be handed to the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMail {
    /// Envelope and header sender, one of our service addresses.
    pub from: EmailAddress,
    /// The one recipient.
    pub to: EmailAddress,
    /// The whole message.
    pub raw: Bytes,
    /// What it is about; comes back with every event of the provider.
    pub tag: MailTag,
}

/// What a mail is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailTag {
    /// The message of a dispatch to its recipient.
    Dispatch(DispatchId),
    /// A certificate's copy, or a notice that nothing was attempted, to the sender.
    Copy(DispatchId),
    /// The notice that one road of a contract failed.
    FailedRoad(DispatchId),
    /// The notice of a refused mail.
    Refusal(InboundMessageId),
    /// The notice of an accepted mail.
    Acceptance(InboundMessageId),
    /// The summary of a submission to many.
    Summary(SubmissionId),
    /// A warning that an account is going to lapse.
    LapseWarning(AccountId),
    /// A mail of the operator, to see whether the service works.
    Trial(AccountId),
}

/// Hands mails to the provider.
pub trait SendMail {
    /// Tries once; never repeats by itself, because the provider has no idempotency key.
    fn send_mail(&self, mail: &OutgoingMail) -> impl Future<Output = Handover> + Send;
}

/// An SMS ready to be handed to the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingSms {
    /// The one recipient.
    pub to: MobileNumber,
    /// What it says.
    pub text: String,
}

/// Hands SMS to the provider.
pub trait SendSms {
    /// Tries once; never repeats by itself, because the provider has no idempotency key.
    fn send_sms(&self, sms: &OutgoingSms) -> impl Future<Output = Handover> + Send;
}

/// What came of handing a message to the provider.
#[derive(Debug)]
pub enum Handover {
    /// It was accepted.
    Accepted(ProviderMessageId),
    /// It was certainly not accepted, and may be tried again.
    Busy(Cause),
    /// It was certainly not accepted, and will not be; the provider's words.
    Refused(String),
    /// Nobody knows: the answer did not arrive.
    Unknown(Cause),
}
