//! What was decided about each inbound mail.

use std::future::Future;

use domain::{
    AccountId, AuthenticationEvidence, Dispatch, DispatchId, Distrust, EmailAddress,
    InboundMessageId, NoticeState, Points, Product, Recipient, Refusal, Serial, SerialNumber,
    Sha256Digest, ThreadKey, UnvouchedCount,
};
use jiff::Timestamp;

use super::PortResult;

/// Finds what was decided about an inbound mail.
pub trait FindIntake {
    /// What was decided about this mail before, if anything.
    fn find_intake(
        &self,
        id: &InboundMessageId,
    ) -> impl Future<Output = PortResult<Option<StoredIntake>>> + Send;
}

/// Records what is decided about inbound mails, once for each.
pub trait RecordIntake {
    /// The mail that an account's mail with these marks repeats, if one of them was accepted
    /// before.
    fn find_repeated(
        &self,
        account: &AccountId,
        marks: &[Sha256Digest],
    ) -> impl Future<Output = PortResult<Option<InboundMessageId>>> + Send;

    /// How many SMS an account has asked for on the day (UTC) of this time.
    fn sms_of_day(
        &self,
        account: &AccountId,
        at: Timestamp,
    ) -> impl Future<Output = PortResult<u32>> + Send;

    /// In one transaction: serials, dispatches, reserved points, the account's use (I-046), the
    /// marks by which the mail is known again, the day's SMS and the idempotency key.
    fn record_acceptance(
        &self,
        acceptance: &Acceptance,
    ) -> impl Future<Output = PortResult<AcceptanceResult>> + Send;

    /// In one transaction: a serial (P-071) and the idempotency key.
    fn record_refusal(
        &self,
        refusal: &RefusalRecord,
    ) -> impl Future<Output = PortResult<StoredIntake>> + Send;

    /// In one transaction: the sender's tally of such mails and the idempotency key; no serial
    ///
    fn record_unvouched(
        &self,
        record: &UnvouchedRecord,
    ) -> impl Future<Output = PortResult<StoredIntake>> + Send;

    /// Moves the notice about a mail on, unless somebody else did: `false` then.
    fn move_intake_notice(
        &self,
        id: &InboundMessageId,
        from: &NoticeState,
        to: &NoticeState,
    ) -> impl Future<Output = PortResult<bool>> + Send;
}

/// What is written when a mail is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The mail.
    pub inbound: InboundMessageId,
    /// The account that pays.
    pub account: AccountId,
    /// Who wrote.
    pub sender: EmailAddress,
    /// Each becomes a dispatch.
    pub dispatches: Vec<NewDispatch>,
    /// The price of each.
    pub price_each: Points,
    /// When.
    pub accepted_at: Timestamp,
    /// The decoded subject, for the mails that go to the sender later.
    pub subject: String,
    /// What was found when the sender was authenticated.
    pub authentication: AuthenticationEvidence,
    /// By what the mail is known again: digests of each signature that counts, and of Message-ID
    /// and body. At most [`MARKS_MAX`].
    pub marks: Vec<Sha256Digest>,
    /// Whether the sender is told of the acceptance.
    pub is_told: bool,
}

impl Acceptance {
    /// What becomes of it: a dispatch for each recipient, with the serials that follow the last one
    /// of the account, which is 0 where there was none.
    #[must_use]
    pub fn dispatches_after(&self, last: u64) -> Vec<Dispatch> {
        let mut last = last;
        let accepted = self.dispatches.iter().enumerate();
        let dispatches = accepted.map(|(position, new)| {
            let number = SerialNumber::after(last);
            last = number.get();
            Dispatch {
                id: DispatchId::of_recipient(&self.inbound, position),
                serial: Serial::new(self.account.clone(), number),
                product: new.product.clone(),
                sender: self.sender.clone(),
                recipient: new.recipient.clone(),
                inbound: self.inbound.clone(),
                accepted_at: self.accepted_at,
                price: self.price_each,
                thread: new.thread.clone(),
            }
        });
        dispatches.collect()
    }
}

/// Most marks of one mail: each is an item of the transaction.
pub const MARKS_MAX: usize = 1 + mail::dkim::SIGNATURES_MAX;

/// One dispatch of an accepted mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDispatch {
    /// Whom it goes to.
    pub recipient: Recipient,
    /// Which product, with the terms of an offer.
    pub product: Product,
    /// By what a mail that refers to its message is known.
    pub thread: ThreadKey,
}

/// What came of an acceptance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AcceptanceResult {
    /// Written now, or by an earlier delivery of the same mail.
    Written(StoredIntake),
    /// Points or SMS were spent by another mail, or lapsed with the account, meanwhile: decide
    /// again.
    PointsGone,
    /// This mail was accepted before, under another id. Nothing was written.
    Repeated(InboundMessageId),
}

/// What is written when nobody vouches for a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnvouchedRecord {
    /// The mail.
    pub inbound: InboundMessageId,
    /// The registered sender whose name it uses.
    pub sender: EmailAddress,
    /// When.
    pub refused_at: Timestamp,
    /// Why.
    pub reasons: Distrust,
}

/// What is written when a mail is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalRecord {
    /// The mail.
    pub inbound: InboundMessageId,
    /// The account it would have gone to.
    pub account: AccountId,
    /// The registered sender, who gets the notice.
    pub sender: EmailAddress,
    /// When.
    pub refused_at: Timestamp,
    /// All reasons.
    pub reasons: Vec<Refusal>,
}

/// What was decided about an inbound mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredIntake {
    /// It was accepted.
    Accepted {
        /// One per recipient, in order.
        dispatches: Vec<DispatchId>,
        /// As given in [`Acceptance`].
        subject: String,
        /// As given in [`Acceptance`].
        authentication: Box<AuthenticationEvidence>,
        /// How far the notice of its acceptance has come, where there is one.
        notice: Option<NoticeState>,
    },
    /// Nobody vouched for it.
    Unvouched {
        /// As given in [`UnvouchedRecord`].
        sender: EmailAddress,
        /// When.
        refused_at: Timestamp,
        /// As given in [`UnvouchedRecord`].
        reasons: Distrust,
        /// What its notice tells, and how far that has come; none where a later mail's does.
        told: Option<(UnvouchedCount, NoticeState)>,
    },
    /// It was refused.
    Refused {
        /// Its serial.
        serial: Serial,
        /// As given in [`RefusalRecord`].
        sender: EmailAddress,
        /// When.
        refused_at: Timestamp,
        /// As given in [`RefusalRecord`].
        reasons: Vec<Refusal>,
        /// How far its notice has come.
        notice: NoticeState,
    },
}
