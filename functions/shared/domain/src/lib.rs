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
//! assert!(decision.sends_message());
//! ```

mod account;
mod address;
mod authentication;
pub mod billing;
mod contract;
mod decide;
mod destination;
mod digest;
mod dispatch;
mod event;
mod ids;
mod intake;
pub mod limits;
mod notice;
mod one_time_code;
mod outcome;
mod phone;
mod product;
mod recipient;
mod renewal;
mod retention;
pub mod times;

pub use account::{
    Account, AccountStatus, Allowing, AllowlistEntry, ContractSettings, LapseDecision,
    LapseWarning, ListedSender, MaySend, SenderRemoval, Settings, SettingsChange, StatusChanged,
    TrustSetting, WarningState, ZoneName, check_after_use, closes_at, decide_lapse, lapse_at,
};
pub use address::{AddressError, EmailAddress, MailDomain};
pub use authentication::{
    AlignedSignature, Authentication, Coverage, Doubt, HeaderField, Reliance, UnvouchedCount,
    UnvouchedTally, Vouched,
};
pub use billing::{
    Balance, EntryId, GrantReference, Granting, InsufficientPoints, LedgerEntry, LedgerPage,
    LedgerPageOf, LedgerPlace, PlaceError, Points, Posting, Price, ReferenceError,
};
pub use contract::{
    Answer, AnswerDeadline, AnswerProof, AnswerRoad, AnswerStanding, AnswerToken, Choice, CopiesTo,
    CopyToken, DeadlineError, Offer, OfferOrder, SeenBy, ThreadKey, TokenError,
};
pub use decide::{Command, Decision, Effect, Fit, ProviderReport, decide};
pub use destination::{Destinations, Unusable, UnusableReason};
pub use digest::{DigestError, Sha256Digest};
pub use dispatch::{Attempt, ChargeState, Course, Dispatch, Fate, Leg, Progress, Roads, Settled};
pub use event::{
    Bounce, BounceKind, EtsiEvent, Event, EventId, EventKind, EventSource, Observation,
    SmsFailureKind,
};
pub use ids::{
    AccountId, DispatchId, IdError, InboundMessageId, ObjectKey, ProviderMessageId, Serial,
    SerialNumber,
};
pub use intake::{
    Addressed, AutomaticMail, Distrust, Ignored, InboundMessage, Intake, Refusal, Request,
    Standing, ToRecipients, VirusVerdict, decide_intake, is_written_to, sms_of,
};
pub use notice::{NoticeDecision, NoticeState};
pub use one_time_code::{CodeError, CodeHistory, OneTimeCode};
pub use outcome::{NotAttempted, Outcome};
pub use phone::{MobileNumber, NumberError, ServedCountries};
pub use product::{Addendum, Product, ProductName};
pub use recipient::{Channel, Recipient};
pub use renewal::{RenewalState, renew_at, renewal_state};
pub use retention::{Retention, RetentionError};
