//! One word for one thing, wherever a term stands alone: on certificates, in mails and on pages. A
//! judge lays these papers side by side.
//!
//! - [`SERIAL`]: 管理番号, because refused mails have one, too, and not a certificate: 証明書番号 and
//!   証明番号 would promise one.
//! - [`SERVICE`]: 本サービス, as terms of use say it. 当サービス is how a company speaks of itself, and
//!   a certificate speaks of it from outside; このサービス points at what a printout does not show.
//! - [`SENDER`]: 差出人, of a letter and of a mail alike. A 送信者 may be a machine: the service and
//!   its provider send, too.
//! - [`RECIPIENT`]: 受信者, the person. A 宛先 (destination) is an address or a number, which may not
//!   exist.
//! - [`OUTCOME`]: 結果, what was seen of a dispatch, and not a judgment.
//! - [`ADDENDUM`]: 追補, because it adds to a certificate and changes nothing. A 補足 (supplement) is
//!   an event behind the outcome, and an 追記 changes what it is added to.
//!
//! What must not stand for them is listed with the rules of the repository (`tests/tidy`).

use crate::Words;

/// The number of a dispatch, e.g. `K7Q2-000123`.
pub const SERIAL: Words = Words::new("管理番号", "Serial");

/// What we are.
pub const SERVICE: Words = Words::new("本サービス", "The service");

/// Who sends a registered mail, or offers a contract.
pub const SENDER: Words = Words::new("差出人", "Sender");

/// To whom it goes.
pub const RECIPIENT: Words = Words::new("受信者", "Recipient");

/// How a dispatch ended.
pub const OUTCOME: Words = Words::new("結果", "Outcome");

/// The certificate of what came after another one was settled: an answer, or a bounce.
pub const ADDENDUM: Words = Words::new("追補", "Addendum");

/// Who runs the service: what the last lines of each mail begin with.
pub const OPERATOR: Words = Words::new("運営者", "Operator");

/// How to reach them.
pub const CONTACT: Words = Words::new("お問い合わせ", "Contact");

/// What they do with what is recorded about people.
pub const PRIVACY: Words = Words::new("個人情報の取扱い", "Privacy");
