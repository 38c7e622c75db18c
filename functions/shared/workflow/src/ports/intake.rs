//! What was decided about each submission.

use std::future::Future;

use domain::{
    AccountId, AuthenticationEvidence, Dispatch, DispatchId, Distrust, EmailAddress,
    InboundMessageId, Named, NoticeState, Origin, Points, Posting, Product, Recipient, Refusal,
    Serial, SerialNumber, Sha256Digest, SubmissionId, SummaryToken, Terms, ThreadKey,
    UnvouchedCount, billing,
};
use jiff::Timestamp;

use super::PortResult;

/// Finds what was decided about a submission.
pub trait FindIntake {
    /// What was decided about it before, if anything.
    fn find_intake(
        &self,
        id: &SubmissionId,
    ) -> impl Future<Output = PortResult<Option<StoredIntake>>> + Send;
}

/// Records what is decided about submissions, once for each.
pub trait RecordIntake {
    /// The mail that an account's mail with these marks repeats, if one of them was accepted
    /// before.
    fn find_repeated(
        &self,
        account: &AccountId,
        marks: &[Sha256Digest],
    ) -> impl Future<Output = PortResult<Option<SubmissionId>>> + Send;

    /// How many SMS an account has asked for on the day (UTC) of this time.
    fn sms_of_day(
        &self,
        account: &AccountId,
        at: Timestamp,
    ) -> impl Future<Output = PortResult<u32>> + Send;

    /// In one transaction: serials, reserved points, the account's use (I-046), the marks by which
    /// the mail is known again, the day's SMS and the idempotency key; and the dispatches with
    /// their charges, or the plan of them (I-061).
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

    /// Moves the notice about a submission on, unless somebody else did: `false` then.
    fn move_intake_notice(
        &self,
        id: &SubmissionId,
        from: &NoticeState,
        to: &NoticeState,
    ) -> impl Future<Output = PortResult<bool>> + Send;
}

/// Writes what a plan says. Whatever was written stays as it is, so that the same may be asked for
/// again, by several at once, in any order.
pub trait UnfoldIntake {
    /// The plan of an accepted submission, if it was recorded with one.
    fn find_plan(&self, id: &SubmissionId)
    -> impl Future<Output = PortResult<Option<Plan>>> + Send;

    /// Writes these of a plan's dispatches with their charges: all that are not there yet, in one
    /// transaction. They are at most [`Plan::at_once_max`].
    fn unfold(
        &self,
        plan: &Plan,
        dispatches: &[Dispatch],
    ) -> impl Future<Output = PortResult<()>> + Send;

    /// How many of the plan's dispatches are written and started for certain, from the first on:
    /// where a call goes on that follows one that was cut off.
    fn started(&self, id: &SubmissionId) -> impl Future<Output = PortResult<usize>> + Send;

    /// Notes how many are, now.
    fn note_started(
        &self,
        id: &SubmissionId,
        count: usize,
    ) -> impl Future<Output = PortResult<()>> + Send;
}

/// What is written when a submission is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The submission.
    pub submission: SubmissionId,
    /// How it came in.
    pub origin: Origin,
    /// The account that pays.
    pub account: AccountId,
    /// Each becomes a dispatch.
    pub dispatches: Vec<NewDispatch>,
    /// The price of each.
    pub price_each: Points,
    /// When.
    pub accepted_at: Timestamp,
    /// Most recipients that one transaction writes. If there are more, they are recorded as a
    /// [`Plan`] that [`UnfoldIntake`] carries out.
    pub at_once_max: usize,
    /// The decoded subject, for the mails that go to the sender later.
    pub subject: String,
    /// What was found when the sender was authenticated.
    pub authentication: AuthenticationEvidence,
    /// What certificates say of the customer and the rules, as of now.
    pub terms: Terms,
    /// By what the mail is known again: digests of each signature that counts, and of Message-ID
    /// and body. At most [`MARKS_MAX`].
    pub marks: Vec<Sha256Digest>,
    /// Whether the sender is told of the acceptance.
    pub is_told: bool,
    /// What opens the list of its certificates, where the sender gets one summary.
    pub summary: Option<SummaryToken>,
}

impl Acceptance {
    /// What becomes of it, with the serials that follow the last one of the account, which is 0
    /// where there was none.
    #[must_use]
    pub fn plan_after(&self, last: u64) -> Plan {
        Plan {
            submission: self.submission.clone(),
            origin: self.origin.clone(),
            account: self.account.clone(),
            last_serial: last,
            dispatches: self.dispatches.clone(),
            price_each: self.price_each,
            accepted_at: self.accepted_at,
            at_once_max: self.at_once_max,
        }
    }

    /// How its dispatches are written.
    #[must_use]
    pub fn unfolding(&self) -> Unfolding {
        if self.dispatches.len() > self.at_once_max {
            Unfolding::Planned
        } else {
            Unfolding::AtOnce
        }
    }

    /// What is known of it once it is written.
    #[must_use]
    pub fn stored(&self) -> StoredIntake {
        StoredIntake::Accepted {
            recipients: self.dispatches.len(),
            unfolding: self.unfolding(),
            subject: self.subject.clone(),
            authentication: Box::new(self.authentication.clone()),
            terms: Box::new(self.terms.clone()),
            notice: self.is_told.then_some(NoticeState::Pending),
            summary: self.summary.clone(),
        }
    }
}

/// All that becomes of an accepted submission. Its dispatches follow from it and are the same
/// whenever they are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// As given in [`Acceptance`].
    pub submission: SubmissionId,
    /// As given in [`Acceptance`].
    pub origin: Origin,
    /// As given in [`Acceptance`].
    pub account: AccountId,
    /// The number of the account's last serial before; 0 where there was none.
    pub last_serial: u64,
    /// As given in [`Acceptance`].
    pub dispatches: Vec<NewDispatch>,
    /// As given in [`Acceptance`].
    pub price_each: Points,
    /// As given in [`Acceptance`].
    pub accepted_at: Timestamp,
    /// As given in [`Acceptance`].
    pub at_once_max: usize,
}

impl Plan {
    /// A dispatch for each recipient, in their order.
    #[must_use]
    pub fn dispatches(&self) -> Vec<Dispatch> {
        let mut last = self.last_serial;
        let accepted = self.dispatches.iter().enumerate();
        let dispatches = accepted.map(|(position, new)| {
            let number = SerialNumber::after(last);
            last = number.get();
            Dispatch {
                id: DispatchId::of_recipient(&self.submission, position),
                serial: Serial::new(self.account.clone(), number),
                product: new.product.clone(),
                submission: self.submission.clone(),
                origin: self.origin.clone(),
                recipient: new.recipient.clone(),
                accepted_at: self.accepted_at,
                price: self.price_each,
                thread: new.thread.clone(),
            }
        });
        dispatches.collect()
    }

    /// What all of them cost.
    #[must_use]
    pub fn total(&self) -> Points {
        self.price_each.times(self.dispatches.len())
    }

    /// What is written into the account's ledger when the submission is accepted.
    #[must_use]
    pub fn reservation(&self, unfolding: Unfolding) -> Posting {
        let (account, submission) = (&self.account, &self.submission);
        match unfolding {
            Unfolding::AtOnce => billing::reserve(account, &self.dispatches()),
            Unfolding::Planned => {
                billing::reserve_whole(account, submission, self.total(), self.accepted_at)
            }
        }
    }
}

/// How the dispatches of an accepted submission are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfolding {
    /// In the transaction that accepted it.
    AtOnce,
    /// Afterwards, in batches, from a [`Plan`].
    Planned,
}

impl Named for Unfolding {
    const VALUES: &'static [Self] = &[Self::AtOnce, Self::Planned];

    // Used in stored items.
    fn name(self) -> &'static str {
        match self {
            Self::AtOnce => "at_once",
            Self::Planned => "planned",
        }
    }
}

/// Most marks of one mail: each is an item of the transaction.
pub const MARKS_MAX: usize = 1 + mail::dkim::SIGNATURES_MAX;

/// One dispatch of an accepted submission.
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
    Repeated(SubmissionId),
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

/// What was decided about a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredIntake {
    /// It was accepted.
    Accepted {
        /// How many it has; each has a dispatch.
        recipients: usize,
        /// How those are written.
        unfolding: Unfolding,
        /// As given in [`Acceptance`].
        subject: String,
        /// As given in [`Acceptance`].
        authentication: Box<AuthenticationEvidence>,
        /// As given in [`Acceptance`].
        terms: Box<Terms>,
        /// How far the notice of its acceptance has come, where there is one.
        notice: Option<NoticeState>,
        /// As given in [`Acceptance`].
        summary: Option<SummaryToken>,
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
