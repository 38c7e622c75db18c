//! The words and rules of Akashi: what a dispatch is, who may send, what it costs, how it ends.
//!
//! Everything here is a pure function over typed values. This crate has no clock, no
//! randomness, no AWS, no JSON, no async and no I/O: `now` and ids come in as arguments, effects
//! go out as data.
//!
//! ```
//! use domain::{Channel, Command, Course, Progress, decide};
//! let now = "2026-01-05T00:00:00Z".parse().unwrap();
//! let attempt = Command::Attempt(Channel::Mail);
//! let decision = decide(Course::Relay(Channel::Mail), &Progress::default(), &attempt, now);
//! assert_eq!(decision.sends, Some(Channel::Mail));
//! ```

mod access;
mod account;
mod address;
mod answers;
mod authentication;
pub mod billing;
mod certify;
mod contract;
mod digest;
mod dispatch;
pub mod glossary;
mod ids;
mod intake;
pub mod limits;
mod named;
mod notice;
mod operator;
mod phone;
mod reading;
mod secret;
pub mod times;
mod words;

pub use access::{CodeError, CodeHistory, OneTimeCode};
pub use account::{
    AcceptanceNotices, Account, AccountStatus, Allowing, AllowlistEntry, ContractSettings,
    LapseDecision, LapseWarning, ListedSender, MaySend, SenderRemoval, Settings, SettingsChange,
    StatusChanged, TrustSetting, WarningState, ZoneName, check_after_use, closes_at, decide_lapse,
    lapse_at,
};
pub use address::{AddressError, EmailAddress, MailDomain};
pub use answers::{Answer, AnswerProof, AnswerRoad, AnswerStanding, Choice, SeenBy};
pub use authentication::{
    AlignedSignature, Alignment, ArcFailure, ArcReport, ArcResult, ArcSet, ArcSignature,
    Authentication, AuthenticationEvidence, Coverage, DkimSignature, Doubt, HeaderField, Reliance,
    SignatureFailure, SignatureResult, SigningAlgorithm, SpfResult, UnvouchedCount, UnvouchedTally,
    Vouched,
};
pub use billing::{
    Balance, EntryId, GrantReference, Granting, InsufficientPoints, LedgerEntry, LedgerPage,
    LedgerPageOf, LedgerPlace, PlaceError, Points, Posting, Price, ReferenceError,
};
pub use certify::{RenewalState, Retention, RetentionError, renew_at, renewal_state};
pub use contract::{
    AnswerDeadline, AnswerToken, CopiesTo, CopyToken, DeadlineError, Destinations, Offer,
    OfferOrder, ThreadKey, Unusable, UnusableReason,
};
pub use digest::{DigestError, Sha256Digest};
pub use dispatch::{
    Addendum, AddendumReason, Attempt, Bounce, BounceKind, Channel, ChargeState, Command, Course,
    Decision, DeliveryChange, Dispatch, EtsiEvent, Event, EventKind, EventSource, Fate, FileReason,
    Fit, Leg, NotAttempted, Observation, Outcome, Product, ProductName, Progress, ProviderReport,
    Recipient, Roads, Settled, SmsFailureKind, decide, is_late_bounce, late_bounce,
};
pub use ids::{
    AccountId, DispatchId, EventId, IdError, InboundMessageId, ObjectKey, ProviderMessageId,
    Serial, SerialNumber, SubmissionId,
};
pub use intake::{
    Addressed, AutomaticMail, Distrust, Ignored, InboundMessage, Intake, Origin, Refusal, Request,
    Standing, SummaryToken, Terms, ToRecipients, VirusVerdict, decide_intake, is_written_to,
    sms_of,
};
pub use named::Named;
pub use notice::{NoticeDecision, NoticeState};
pub use operator::{LineError, OneLine, Operator};
pub use phone::{MobileNumber, NumberError, ServedCountries};
pub use reading::{BodySource, Charset, CharsetReason, Damage, UnshownPart};
pub use secret::TokenError;
pub use words::{Bilingual, Language, Words};
