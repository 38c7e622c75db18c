//! Hands the certificate of a completed contract to a recipient who is known by number: whoever
//! reads the code sent to that number gets the file (P-037, X-10).

use bytes::Bytes;
use domain::limits::{CODE_LIFETIME_SECONDS, CODE_TRIES_MAX};
use domain::{
    AnswerToken, Command, Decision, DispatchId, Language, MobileNumber, OneTimeCode, Serial,
    Sha256Digest,
};
use jiff::Timestamp;
use letters::sms::code_sms;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;
use tracing::{info, warn};

use crate::answers::token;
use crate::certify::original::read_original;
use crate::copies::entitlement::gets_copy;
use crate::dispatch::own_event::own_event;
use crate::dispatch::progress::apply;
use crate::ports::{
    Clock, CodeKeeping, CodeStore, CommitChange, FindAccount, FindByToken, Handover, KeptCode,
    LoadDispatch, Nonces, OutgoingSms, Party, ReadObject, SendSms, StoredDispatch,
};
use crate::{Failure, Outside};

/// The step with its ports.
#[derive(Debug, Clone)]
pub struct HandOverCopy<O: Outside> {
    /// Keeps accounts, dispatches and what was decided at intake.
    pub tables: O::Tables,
    /// The originals bucket.
    pub originals: O::Originals,
    /// The provider of SMS.
    pub phone: O::Phone,
    /// Makes codes that nobody can guess.
    pub nonces: O::Nonces,
    /// The clock.
    pub clock: O::Clock,
}

/// A copy that can be handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadyCopy {
    /// Its serial.
    pub serial: Serial,
    /// The language of its account.
    pub language: Language,
    /// Whose recipient gets it.
    contract: StoredDispatch,
    /// The contract, or the addendum.
    certified: StoredDispatch,
    mobile: MobileNumber,
}

/// What came of asking for a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeAnswer {
    /// If the number was the one that the contract went to, a code is on its way to it. Which of
    /// both is not told (C-012).
    SentIfKnown,
    /// There were enough codes for now.
    TooMany {
        /// When it is worth asking again.
        retry_after_seconds: u32,
    },
}

impl<O> HandOverCopy<O>
where
    O: Outside,
    O::Tables: LoadDispatch + CommitChange + FindByToken + FindAccount + CodeStore,
    O::Originals: ReadObject,
    O::Phone: SendSms,
    O::Nonces: Nonces,
    O::Clock: Clock,
{
    /// The copy that the recipient was told of with this token: of an answered contract, or of one
    /// of its addenda, whose certificate is stored, whose account lets the other party have it, and
    /// whose recipient has a number. The token of the offer leads to no copy. Changes nothing.
    ///
    /// # Errors
    /// When a store fails.
    pub async fn find(&self, token: &AnswerToken) -> Result<Option<ReadyCopy>, Failure> {
        let Some(held) = token::find(&self.tables, token).await? else {
            return Ok(None);
        };
        let (contract, Some(certified)) = (held.contract, held.certified) else {
            return Ok(None);
        };
        let (Some(outcome), Some(_)) = (certified.progress.outcome(), &certified.certificate)
        else {
            return Ok(None);
        };
        let Some(mobile) = contract.dispatch.recipient.mobile().cloned() else {
            return Ok(None);
        };
        let serial = certified.dispatch.serial.clone();
        let Some(account) = self.tables.find_account(serial.account()).await? else {
            return Ok(None);
        };
        let is_theirs = gets_copy(Party::Recipient, &account, outcome);
        Ok(is_theirs.then_some(ReadyCopy {
            serial,
            language: account.settings.language,
            contract,
            certified,
            mobile,
        }))
    }

    /// Sends a code to the number that the contract went to, if that is the number that was typed.
    /// Whether it is, is neither told nor seen from what is counted.
    ///
    /// # Errors
    /// When a store fails, and transient when the provider is busy.
    pub async fn send_code(
        &self,
        copy: &ReadyCopy,
        typed: Option<&MobileNumber>,
    ) -> Result<CodeAnswer, Failure> {
        let id = &copy.contract.dispatch.id;
        let now = self.clock.now();
        let code = OneTimeCode::new(self.nonces.nonce()?);
        let kept = KeptCode {
            digest: digest_of(copy, &code),
            expires_at: expiry(now),
        };
        match self.tables.keep_code(id, &kept, now).await? {
            CodeKeeping::Kept => {}
            CodeKeeping::TooMany { again_at } => {
                let seconds = again_at.duration_since(now).as_secs().max(1);
                return Ok(CodeAnswer::TooMany {
                    retry_after_seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
                });
            }
        }
        if typed == Some(&copy.mobile) {
            self.send(id, &copy.mobile, &code).await?;
        } else {
            info!(dispatch_id = %id, "another number was typed, no code was sent");
        }
        Ok(CodeAnswer::SentIfKnown)
    }

    /// The original's bytes, if the code is the one that was sent last, is not older than its
    /// lifetime and was not tried too often. It may be used again until then: telephones ask for a
    /// download twice.
    ///
    /// # Errors
    /// When a store fails; permanent when the stored original is not the one that was recorded.
    pub async fn hand_over(
        &self,
        copy: &ReadyCopy,
        code: &OneTimeCode,
    ) -> Result<Option<Bytes>, Failure> {
        let id = &copy.contract.dispatch.id;
        // Counted before it is compared: nobody gains a try by asking in parallel.
        let Some(kept) = self.tables.count_try(id, CODE_TRIES_MAX).await? else {
            return Ok(None);
        };
        let is_right: bool = digest_of(copy, code)
            .as_bytes()
            .ct_eq(kept.digest.as_bytes())
            .into();
        if !is_right || kept.expires_at <= self.clock.now() {
            info!(dispatch_id = %id, "a code was not right");
            return Ok(None);
        }
        let pdf = read_original(&self.originals, &copy.certified).await?;
        let certified = &copy.certified.dispatch.id;
        let event_of = |decision: &Decision, now| own_event(certified, decision, now);
        let (command, now) = (Command::HandOverCopy, self.clock.now());
        apply(&self.tables, certified, &command, None, event_of, now).await?;
        info!(dispatch_id = %id, "handed a copy over");
        Ok(Some(pdf))
    }

    async fn send(
        &self,
        id: &DispatchId,
        to: &MobileNumber,
        code: &OneTimeCode,
    ) -> Result<(), Failure> {
        let sms = OutgoingSms {
            to: to.clone(),
            text: code_sms(code.as_str()),
        };
        match self.phone.send_sms(&sms).await {
            Handover::Accepted(_) => info!(dispatch_id = %id, "sent a code"),
            // It may be on its way. Who waits in vain asks for another one.
            Handover::Unknown(cause) => {
                warn!(dispatch_id = %id, %cause, "whether a code was sent is unknown");
            }
            // Not told on the page: it would tell that the number was the right one.
            Handover::Refused(_) => warn!(dispatch_id = %id, "the provider refused a code"),
            Handover::Busy(source) => {
                return Err(Failure::Transient {
                    doing: "handing a code to a busy provider",
                    source: Some(source),
                });
            }
        }
        Ok(())
    }
}

/// Over the token too, which makes a table of all codes useless. Who reads both from the store can
/// still try a million of them, within the minutes that a code lives.
fn digest_of(copy: &ReadyCopy, code: &OneTimeCode) -> Sha256Digest {
    let dispatch = &copy.contract.dispatch;
    let token = dispatch.answer_token().map_or("", AnswerToken::as_str);
    let text = format!("code {} {token} {}", dispatch.id, code.as_str());
    Sha256Digest::new(Sha256::digest(text).into())
}

fn expiry(now: Timestamp) -> Timestamp {
    let seconds = now.as_second().saturating_add(CODE_LIFETIME_SECONDS);
    Timestamp::from_second(seconds).unwrap_or(now)
}
