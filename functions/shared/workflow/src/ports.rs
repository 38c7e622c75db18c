//! What the steps need from the outside. One small trait per concern; domain types in and out.
//! `aws-adapters` has the real ones, the tests have in-memory ones that pass the same contract.

mod accounts;
mod billing;
mod serials;

use std::collections::BTreeSet;
use std::future::Future;

use bytes::Bytes;
use domain::{
    AccountId, AnswerToken, Channel, ChargeState, CopyToken, Dispatch, DispatchId, EmailAddress,
    Event, EventId, InboundMessageId, MobileNumber, NoticeState, ObjectKey, Points, Product,
    Progress, ProviderMessageId, Recipient, Serial, SerialNumber, Sha256Digest, ThreadKey,
    UnvouchedCount,
};
use jiff::Timestamp;

use crate::Begin;

pub use self::accounts::{
    AllowSender, ChangeSettings, ChangeStatus, DUE_ACCOUNTS_MAX, FindAccount, InsertAccount,
    KeepSenders, LapseStore, ListAccounts,
};
pub use self::billing::{GrantPoints, ReadBalance, ReadLedger};
pub use self::serials::{ListSerials, PageOf, RefusedMail, SerialHolder, SerialPage};

/// Something outside failed. Classified once, where it is known what happened.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// Worth another try later: throttled, unreachable, timed out.
    #[error("{operation} failed for now")]
    Transient {
        /// What was tried.
        operation: &'static str,
        /// What came back.
        #[source]
        source: Cause,
    },
    /// Another try would fail the same way: denied, malformed, missing.
    #[error("{operation} failed")]
    Permanent {
        /// What was tried.
        operation: &'static str,
        /// What came back.
        #[source]
        source: Cause,
    },
}

/// The cause of a [`PortError`], whatever its type.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// The result of a port.
pub type PortResult<T> = Result<T, PortError>;

/// The wall clock.
pub trait Clock {
    /// The present time.
    fn now(&self) -> Timestamp;
}

/// Unpredictable numbers: for the nonce of a timestamp request (RFC 3161 section 2.4.1), and for
/// the tokens of an offer and of a copy, and the keys of threads; and for the codes of the pages.
pub trait Nonces {
    /// A number nobody can guess.
    fn nonce(&self) -> PortResult<u64>;

    /// Twice as many bits.
    ///
    /// # Errors
    /// As [`Self::nonce`].
    fn long_nonce(&self) -> PortResult<u128> {
        let (high, low) = (self.nonce()?, self.nonce()?);
        Ok((u128::from(high) << 64) | u128::from(low))
    }
}

/// Memory to leave behind the bytes of an object that is read. A certificate is made in the memory
/// of its message, and a signature is appended in the memory of its draft; without room, megabytes
/// would be copied for it. It holds ten times the usual pages, and what stays empty is never
/// touched.
pub const OBJECT_ROOM_BYTES: usize = 1_048_576;

/// Reads objects of one bucket.
pub trait ReadObject {
    /// The object's bytes, or `None` when there is no such object. Best in memory of their own,
    /// with [`OBJECT_ROOM_BYTES`] behind them.
    fn read_object(
        &self,
        key: &ObjectKey,
    ) -> impl Future<Output = PortResult<Option<Bytes>>> + Send;
}

/// Lets objects of one bucket go soon.
pub trait ExpireObject {
    /// Marks an object so that the bucket deletes it within days and not after its usual time. An
    /// object that is not there needs nothing.
    fn expire_object(&self, key: &ObjectKey) -> impl Future<Output = PortResult<()>> + Send;
}

/// Writes objects of one bucket; writing the same object again replaces it.
pub trait WriteObject {
    /// Stores the bytes.
    fn write_object(
        &self,
        key: &ObjectKey,
        bytes: Bytes,
    ) -> impl Future<Output = PortResult<()>> + Send;
}

/// Stores the original of a certificate, once and for good (I-054, Q-6).
pub trait CreateOriginal {
    /// Stores the bytes under Object Lock until `retain_until`, unless the key is taken.
    fn create_original(
        &self,
        key: &ObjectKey,
        bytes: Bytes,
        retain_until: Timestamp,
    ) -> impl Future<Output = PortResult<Creation>> + Send;
}

/// Adds versions to stored originals; those before stay as they are, under their own locks.
pub trait RenewOriginal {
    /// The newest version, or `None` when there is no such object.
    fn newest_version(
        &self,
        key: &ObjectKey,
    ) -> impl Future<Output = PortResult<Option<OriginalVersion>>> + Send;

    /// Stores the bytes as a new version under Object Lock until `retain_until`. `false`, and
    /// nothing is written, when the newest version is another one by now than that of `tag`.
    fn add_version(
        &self,
        key: &ObjectKey,
        tag: &VersionTag,
        bytes: Bytes,
        retain_until: Timestamp,
    ) -> impl Future<Output = PortResult<bool>> + Send;
}

/// One version of an original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalVersion {
    /// Its bytes.
    pub bytes: Bytes,
    /// What the store knows it by.
    pub tag: VersionTag,
}

/// By what the store of originals tells versions apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionTag(pub String);

/// Whether an object was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// It was.
    Created,
    /// The key was taken; nothing was written.
    AlreadyThere,
}

/// Remembers what was decided about each inbound mail.
pub trait IntakeStore {
    /// What was decided about this mail before, if anything.
    fn find_intake(
        &self,
        id: &InboundMessageId,
    ) -> impl Future<Output = PortResult<Option<StoredIntake>>> + Send;

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
    /// What was found when the sender was authenticated, as `wire::AuthenticationRecord` JSON.
    pub authentication: String,
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
    /// Why, as `wire::distrust` JSON.
    pub reasons: String,
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
    /// All reasons, as `wire::refusals` JSON.
    pub reasons: String,
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
        authentication: String,
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
        reasons: String,
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
        reasons: String,
        /// How far its notice has come.
        notice: NoticeState,
    },
}

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
    /// The digest of the draft that is to be signed, once one is composed.
    pub draft: Option<Sha256Digest>,
    /// Its certificate, once stored.
    pub certificate: Option<StoredCertificate>,
    /// How far the sender's copy or notice has come.
    pub copy: NoticeState,
    /// How far the copy of a completed contract's other party has come (P-037).
    pub recipient_copy: NoticeState,
    /// The token in that copy, once it was to be sent.
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

/// The task token by which Step Functions knows a waiting step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitToken(pub String);

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

/// The original of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCertificate {
    /// Where it is.
    pub key: ObjectKey,
    /// The digest of its first version, which every later one begins with. This is the one that
    /// mails and addenda name: whoever holds a copy from back then finds it.
    pub digest: Sha256Digest,
    /// The time in its signature's timestamp token.
    pub timestamped_at: Timestamp,
    /// Its later versions, the newest last.
    pub renewals: Vec<Renewal>,
    /// When its newest document timestamp is to be renewed.
    pub renew_at: Timestamp,
}

impl StoredCertificate {
    /// The digest of the newest version.
    #[must_use]
    pub fn newest_digest(&self) -> &Sha256Digest {
        let newest = self.renewals.last();
        newest.map_or(&self.digest, |renewal| &renewal.digest)
    }
}

/// A later version of an original: the one before with one more timestamp behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewal {
    /// Of the whole file.
    pub digest: Sha256Digest,
    /// The time in the token of its newest document timestamp.
    pub timestamped_at: Timestamp,
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

/// Keeps dispatches.
pub trait DispatchStore {
    /// A dispatch, read consistently.
    fn load(
        &self,
        id: &DispatchId,
    ) -> impl Future<Output = PortResult<Option<StoredDispatch>>> + Send;

    /// Its events in the order of their own times.
    fn events(&self, id: &DispatchId) -> impl Future<Output = PortResult<Vec<Event>>> + Send;

    /// The dispatch whose message on a channel the provider knows by this id.
    fn find_by_provider_message(
        &self,
        channel: Channel,
        id: &ProviderMessageId,
    ) -> impl Future<Output = PortResult<Option<DispatchId>>> + Send;

    /// The contract whose offer carries this token, or the dispatch whose certificate the recipient
    /// got with it.
    fn find_by_answer_token(
        &self,
        token: &AnswerToken,
    ) -> impl Future<Output = PortResult<Option<DispatchId>>> + Send;

    /// The contracts that were offered to this number, the latest first; at most
    /// [`OFFERS_LISTED_MAX`].
    fn offers_to(
        &self,
        mobile: &MobileNumber,
    ) -> impl Future<Output = PortResult<Vec<DispatchId>>> + Send;

    /// Gives one more answer to a contract a serial and a dispatch of its own, settled from the
    /// start (P-065), in one transaction; one that was opened before stays as it is. Returns its
    /// id.
    fn open_addendum(
        &self,
        contract: &Dispatch,
        answer: EventId,
        at: Timestamp,
    ) -> impl Future<Output = PortResult<DispatchId>> + Send;

    /// Writes a change in one transaction, points included.
    fn commit(
        &self,
        dispatch: &Dispatch,
        change: &Change,
    ) -> impl Future<Output = PortResult<Commit>> + Send;

    /// Keeps the newest task token.
    fn keep_wait_token(
        &self,
        id: &DispatchId,
        token: &WaitToken,
    ) -> impl Future<Output = PortResult<()>> + Send;

    /// Fixes the time of issue; the first one stays and is returned.
    fn fix_issued_at(
        &self,
        id: &DispatchId,
        at: Timestamp,
    ) -> impl Future<Output = PortResult<Timestamp>> + Send;

    /// Records the digest of the draft that is to be signed, in place of one composed before.
    /// `false`, and nothing is written, when the certificate is stored already.
    fn record_draft(
        &self,
        id: &DispatchId,
        digest: Sha256Digest,
    ) -> impl Future<Output = PortResult<bool>> + Send;

    /// Records the stored certificate; the first one stays.
    fn record_certificate(
        &self,
        id: &DispatchId,
        certificate: &StoredCertificate,
    ) -> impl Future<Output = PortResult<()>> + Send;

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

/// Most certificates that one question for due ones answers with: more than one invocation of
/// `renew-timestamps` has the time for.
pub const DUE_RENEWALS_MAX: usize = 500;

/// Keeps which certificate's newest timestamp is to be renewed when.
pub trait RenewalStore {
    /// The dispatches whose certificates have to be looked at by now, the longest due first, at
    /// most [`DUE_RENEWALS_MAX`]. One may be among them that needs it no more.
    fn due_renewals(
        &self,
        now: Timestamp,
    ) -> impl Future<Output = PortResult<Vec<DispatchId>>> + Send;

    /// Records a renewed certificate, and has it looked at next when it says. `false`, and nothing
    /// is written, when the certificate is not as it was `seen` any more.
    fn record_renewal(
        &self,
        id: &DispatchId,
        seen: &StoredCertificate,
        renewed: &StoredCertificate,
    ) -> impl Future<Output = PortResult<bool>> + Send;

    /// Has a certificate looked at next at this time; `false` as for [`Self::record_renewal`].
    fn renew_later(
        &self,
        id: &DispatchId,
        seen: &StoredCertificate,
        at: Timestamp,
    ) -> impl Future<Output = PortResult<bool>> + Send;
}

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
    /// The notice of a refused mail.
    Refusal(InboundMessageId),
    /// The notice of an accepted mail.
    Acceptance(InboundMessageId),
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

/// Starts the workflow of a dispatch.
pub trait StartDispatch {
    /// Starts it under the dispatch's id; a workflow that was started before is left alone.
    fn start_dispatch(
        &self,
        id: &DispatchId,
        begin: Begin,
    ) -> impl Future<Output = PortResult<()>> + Send;
}

/// Tells a waiting workflow to go on.
pub trait CompleteWait {
    /// Completes the wait with the step's answer as JSON. A wait that is over already is fine.
    fn complete_wait(
        &self,
        token: &WaitToken,
        output: &str,
    ) -> impl Future<Output = PortResult<()>> + Send;
}

/// Asks the DNS for TXT records.
pub trait LookUpTxt {
    /// The answers for all names, asked side by side within one budget of
    /// [`DNS_SECONDS_MAX`](domain::limits::DNS_SECONDS_MAX). An answer may be a failure: that is
    /// evidence too.
    fn look_up_txt(&self, names: BTreeSet<String>)
    -> impl Future<Output = mail::DnsAnswers> + Send;
}

/// Signs with the key of the certificate.
pub trait SignDigest {
    /// Signs a SHA-256 digest; only the digest leaves this service.
    fn sign_digest(&self, digest: &[u8; 32]) -> impl Future<Output = PortResult<Vec<u8>>> + Send;
}

/// Asks a timestamp authority (RFC 3161 section 3.4).
pub trait RequestTimestamp {
    /// The DER of its answer to the DER of a request.
    fn request_timestamp(
        &self,
        url: &str,
        request: Vec<u8>,
    ) -> impl Future<Output = PortResult<Vec<u8>>> + Send;
}

/// Asks an OCSP responder (RFC 6960 appendix A.1).
pub trait RequestOcsp {
    /// The DER of its answer to the DER of a request.
    fn request_ocsp(
        &self,
        url: &str,
        request: Vec<u8>,
    ) -> impl Future<Output = PortResult<Vec<u8>>> + Send;
}

/// Fetches a revocation list (RFC 5280 section 4.2.1.13).
pub trait FetchCrl {
    /// The DER of the list.
    fn fetch_crl(&self, url: &str) -> impl Future<Output = PortResult<Vec<u8>>> + Send;
}

/// Counts what comes from one source, so that nobody asks without end.
pub trait RateLimit {
    /// Counts one more use of `key` in the window of so many seconds that `now` lies in, unless
    /// `limit` of them were counted: `false` then. Windows begin at multiples of their length since
    /// 1970, so counting needs no reading. What was counted is forgotten soon after its window.
    fn take(
        &self,
        key: &RateKey,
        limit: u32,
        window_seconds: u32,
        now: Timestamp,
    ) -> impl Future<Output = PortResult<bool>> + Send;
}

/// What is counted: a digest, so that no address is stored. See
/// [`SourceLimit`](crate::source_limit::SourceLimit).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RateKey(Sha256Digest);

impl RateKey {
    /// The key with this digest.
    #[must_use]
    pub fn new(digest: Sha256Digest) -> Self {
        Self(digest)
    }

    /// The digest.
    #[must_use]
    pub fn digest(&self) -> &Sha256Digest {
        &self.0
    }
}

/// Keeps the newest one-time code of each contract; never the code itself.
pub trait CodeStore {
    /// Keeps a code in place of the one before, with no try counted, unless
    /// [`CodeHistory::with_one_more`](domain::CodeHistory::with_one_more) says that there were
    /// enough. Two at once are two.
    fn keep_code(
        &self,
        id: &DispatchId,
        code: &KeptCode,
        now: Timestamp,
    ) -> impl Future<Output = PortResult<CodeKeeping>> + Send;

    /// Counts one try, whatever comes of it, and returns the code to compare with; `None` when
    /// there is none, or when `tries_max` were counted before. Of tries at once, no two are
    /// counted as one.
    fn count_try(
        &self,
        id: &DispatchId,
        tries_max: u32,
    ) -> impl Future<Output = PortResult<Option<KeptCode>>> + Send;
}

/// A one-time code as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptCode {
    /// A digest over the code and what it is for.
    pub digest: Sha256Digest,
    /// From when on it is worth nothing, to the second.
    pub expires_at: Timestamp,
}

/// What came of keeping a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeKeeping {
    /// It is kept.
    Kept,
    /// There were enough: nothing was written. Another one may be made from this time on.
    TooMany {
        /// When.
        again_at: Timestamp,
    },
}
