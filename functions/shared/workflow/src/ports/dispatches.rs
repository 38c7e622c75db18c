//! Dispatches, and what is known about them.

use std::future::Future;

use domain::{
    Addendum, AnswerToken, Channel, ChargeState, CopyToken, Dispatch, DispatchId, Event,
    MobileNumber, NoticeState, ObjectKey, Progress, ProviderMessageId, Sha256Digest,
};
use jiff::Timestamp;

use super::PortResult;
use super::certificates::StoredCertificate;
use super::machines::WaitToken;

/// A dispatch with everything that is known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDispatch {
    /// What was fixed at intake.
    pub dispatch: Dispatch,
    /// How far it has come.
    pub progress: Progress,
    /// Counts the changes of `progress`; a change names the version it was decided on.
    pub version: u64,
    /// The task token of the waiting workflow.
    pub wait_token: Option<WaitToken>,
    /// The message as we sent it by mail.
    pub delivered: Option<DeliveredMessage>,
    /// The message as we sent it by SMS.
    pub sms: Option<DeliveredSms>,
    /// When its certificate was first composed; fixed, so that composing again gives the same.
    pub issued_at: Option<Timestamp>,
    /// The draft that is to be signed, once one is composed.
    pub draft: Option<ComposedDraft>,
    /// Its certificate, once stored.
    pub certificate: Option<StoredCertificate>,
    /// How far the sender's copy or notice has come.
    pub copy: NoticeState,
    /// How far the copy of a completed contract's other party has come (P-037).
    pub recipient_copy: NoticeState,
    /// How far the notice has come that one road of a contract failed while the other goes on.
    pub road_notice: NoticeState,
    /// The token in the recipient's copy, once it was to be sent.
    pub copy_token: Option<CopyToken>,
}

impl StoredDispatch {
    /// A dispatch of which nothing is known but that it was accepted.
    #[must_use]
    pub fn accepted(dispatch: Dispatch) -> Self {
        Self {
            dispatch,
            progress: Progress::default(),
            version: 0,
            wait_token: None,
            delivered: None,
            sms: None,
            issued_at: None,
            draft: None,
            certificate: None,
            copy: NoticeState::Pending,
            recipient_copy: NoticeState::Pending,
            road_notice: NoticeState::Pending,
            copy_token: None,
        }
    }

    /// How far one party's copy has come.
    #[must_use]
    pub fn copy_of(&self, party: Party) -> &NoticeState {
        match party {
            Party::Sender => &self.copy,
            Party::Recipient => &self.recipient_copy,
        }
    }
}

/// A party of a dispatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// Who wrote.
    Sender,
    /// Whom it went to.
    Recipient,
}

/// The message as we handed it to the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveredMessage {
    /// Where its exact bytes are.
    pub key: ObjectKey,
    /// Their digest.
    pub digest: Sha256Digest,
    /// How many there are.
    pub size_bytes: u64,
}

/// The SMS as we handed it to the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveredSms {
    /// Its text.
    pub text: String,
    /// In how many parts it goes over the air (D-002).
    pub parts: u32,
}

/// A message that is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// By mail.
    Mail(DeliveredMessage),
    /// By SMS.
    Sms(DeliveredSms),
}

/// A change of a dispatch, decided on `expected_version`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which version the change was decided on.
    pub expected_version: u64,
    /// The progress from now on.
    pub progress: Progress,
    /// What to write down, if anything.
    pub event: Option<Event>,
    /// How the reserved points end, if they end now.
    pub charge: Option<ChargeState>,
    /// The message that is about to be sent, when it becomes known.
    pub delivered: Option<Delivered>,
}

/// What came of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// Written, all of it.
    Written,
    /// Somebody else changed the dispatch: load it and decide again. Nothing was written.
    Stale,
    /// The event is known already. Nothing was written.
    KnownEvent,
}

/// Most contracts that one number is asked about when an SMS comes from it. Who has more open
/// offers than these answers the latest (P-044 knows no better for SMS).
pub const OFFERS_LISTED_MAX: usize = 20;

/// Reads dispatches.
pub trait LoadDispatch {
    /// A dispatch, read consistently.
    fn load(
        &self,
        id: &DispatchId,
    ) -> impl Future<Output = PortResult<Option<StoredDispatch>>> + Send;

    /// Its events in the order of their own times.
    fn events(&self, id: &DispatchId) -> impl Future<Output = PortResult<Vec<Event>>> + Send;
}

/// Reads many dispatches.
pub trait LoadDispatches {
    /// These dispatches, in this order, read consistently with one question for each hundred. Those
    /// that do not exist are left out.
    fn load_all(
        &self,
        ids: &[DispatchId],
    ) -> impl Future<Output = PortResult<Vec<StoredDispatch>>> + Send;
}

/// Changes dispatches.
pub trait CommitChange {
    /// Writes a change in one transaction, points included.
    fn commit(
        &self,
        dispatch: &Dispatch,
        change: &Change,
    ) -> impl Future<Output = PortResult<Commit>> + Send;
}

/// Finds the dispatch that a provider speaks of.
pub trait FindByMessage {
    /// The dispatch whose message on a channel the provider knows by this id.
    fn find_by_provider_message(
        &self,
        channel: Channel,
        id: &ProviderMessageId,
    ) -> impl Future<Output = PortResult<Option<DispatchId>>> + Send;
}

/// Finds the dispatch that a token belongs to.
pub trait FindByToken {
    /// The contract whose offer carries this token, or the dispatch whose certificate the recipient
    /// got with it.
    fn find_by_answer_token(
        &self,
        token: &AnswerToken,
    ) -> impl Future<Output = PortResult<Option<DispatchId>>> + Send;
}

/// Finds the contracts that an SMS may answer.
pub trait ListOffers {
    /// The contracts that were offered to this number, the latest first; at most
    /// [`OFFERS_LISTED_MAX`].
    fn offers_to(
        &self,
        mobile: &MobileNumber,
    ) -> impl Future<Output = PortResult<Vec<DispatchId>>> + Send;
}

/// Opens addenda.
pub trait OpenAddendum {
    /// Gives what came after the outcome of `main` was settled a serial and a dispatch of its own,
    /// settled from the start (P-065, Q-28), in one transaction; one that was opened before stays
    /// as it is. Returns its id.
    fn open_addendum(
        &self,
        main: &Dispatch,
        addendum: &Addendum,
        at: Timestamp,
    ) -> impl Future<Output = PortResult<DispatchId>> + Send;
}

/// Keeps by what a waiting workflow is told.
pub trait KeepWaitToken {
    /// Keeps the newest task token.
    fn keep_wait_token(
        &self,
        id: &DispatchId,
        token: &WaitToken,
    ) -> impl Future<Output = PortResult<()>> + Send;
}

/// A draft that is to be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ComposedDraft {
    /// Its digest.
    pub digest: Sha256Digest,
    /// The fingerprint of the signing certificate that its pages name: the SHA-256 of its DER.
    pub signer: Sha256Digest,
}

/// Fixes what a certificate is composed and signed from.
pub trait PrepareIssue {
    /// Fixes the time of issue; the first one stays and is returned.
    fn fix_issued_at(
        &self,
        id: &DispatchId,
        at: Timestamp,
    ) -> impl Future<Output = PortResult<Timestamp>> + Send;

    /// Moves the time of issue, unless somebody else did so since it was read; gives the one that
    /// stands then.
    fn issue_anew(
        &self,
        id: &DispatchId,
        issued_at: Timestamp,
        at: Timestamp,
    ) -> impl Future<Output = PortResult<Timestamp>> + Send;

    /// Records the draft that is to be signed, in place of one composed before.
    /// `false`, and nothing is written, when the certificate is stored already.
    fn record_draft(
        &self,
        id: &DispatchId,
        draft: &ComposedDraft,
    ) -> impl Future<Output = PortResult<bool>> + Send;
}

/// Records what was issued.
pub trait RecordCertificate {
    /// Records the stored certificate; the first one stays.
    fn record_certificate(
        &self,
        id: &DispatchId,
        certificate: &StoredCertificate,
    ) -> impl Future<Output = PortResult<()>> + Send;
}

/// Keeps how far the copies of a certificate have come.
pub trait KeepCopies {
    /// Fixes the token of the recipient's copy; the first one stays and is returned.
    fn fix_copy_token(
        &self,
        id: &DispatchId,
        token: &CopyToken,
    ) -> impl Future<Output = PortResult<CopyToken>> + Send;

    /// Moves a party's copy on, unless somebody else did: `false` then.
    fn move_copy(
        &self,
        id: &DispatchId,
        party: Party,
        from: &NoticeState,
        to: &NoticeState,
    ) -> impl Future<Output = PortResult<bool>> + Send;
}

/// Keeps how far the notice of a failed road has come.
pub trait KeepRoadNotice {
    /// Moves the notice on, unless somebody else did: `false` then.
    fn move_road_notice(
        &self,
        id: &DispatchId,
        from: &NoticeState,
        to: &NoticeState,
    ) -> impl Future<Output = PortResult<bool>> + Send;
}
