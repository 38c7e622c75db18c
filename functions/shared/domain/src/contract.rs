//! Registered contracts: the terms of an offer, and the answers to it.

mod destination;

pub use self::destination::{Destinations, Unusable, UnusableReason};

use jiff::{SignedDuration, Timestamp};

use crate::Named;
use crate::limits::{ANSWER_DEADLINE_HOURS_DEFAULT, ANSWER_DEADLINE_HOURS_MAX};
use crate::secret::secret;

/// What was fixed about an offer at intake; changes of the account's settings come too late for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// In which order the roads are taken.
    pub order: OfferOrder,
    /// How long the account lets offers wait.
    pub deadline: AnswerDeadline,
    /// Until when an answer counts.
    pub answer_until: Timestamp,
    /// What answers are recognized by, until the contract is settled.
    pub token: AnswerToken,
}

/// In which order mail and SMS go out when both are known (P-022).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OfferOrder {
    /// At the same time.
    #[default]
    Parallel,
    /// The SMS once it is known what became of the mail, or a quarter of an hour after it.
    MailThenSms,
}

/// How long an offer waits for its answer: 1 hour to 90 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnswerDeadline(u16);

/// A number of hours that is no deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a deadline is 1 to 2160 hours (90 days)")]
pub struct DeadlineError;

/// Who gets the certificate of a completed contract (P-037).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CopiesTo {
    /// Both parties.
    #[default]
    BothParties,
    /// The sender only, who passes it on.
    SenderOnly,
}

secret! {
    /// 128 random bits that stand in the reply address and in the link of an offer: 26 letters and
    /// digits of base 32 (RFC 4648, lower case), because addresses are compared ignoring case.
    AnswerToken
}

secret! {
    /// 128 random bits of a dispatch that stand in the Message-IDs of ours: a mail that refers to
    /// one was written by somebody who saw it. It says which dispatch is meant and never who wrote,
    /// because the sender of the dispatch sees it too. As letters and digits like an
    /// [`AnswerToken`].
    ThreadKey
}

/// The token in the recipient's copy of a certificate, and in nothing that the sender gets.
/// The recipient's next answer ends it, because the mail of that answer is embedded unchanged in an
/// addendum for both parties, with the token wherever the mail quotes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyToken {
    /// The token.
    pub token: AnswerToken,
    /// How many answers of the recipient's were taken before it was made: see
    /// [`Progress::answers_taken`].
    pub after_answers: u32,
}

impl AnswerDeadline {
    /// So many hours.
    ///
    /// # Errors
    /// When there are none, or more than 90 days.
    pub fn from_hours(hours: u16) -> Result<Self, DeadlineError> {
        if (1..=ANSWER_DEADLINE_HOURS_MAX).contains(&hours) {
            Ok(Self(hours))
        } else {
            Err(DeadlineError)
        }
    }

    /// In hours.
    #[must_use]
    pub fn hours(self) -> u16 {
        self.0
    }

    /// When it ends for an offer that was accepted at `start`, by hours of so many seconds.
    #[must_use]
    pub fn after(self, start: Timestamp, hour_seconds: u32) -> Timestamp {
        let seconds = i64::from(self.0).saturating_mul(i64::from(hour_seconds));
        start
            .checked_add(SignedDuration::from_secs(seconds))
            .unwrap_or(Timestamp::MAX)
    }
}

impl Default for AnswerDeadline {
    fn default() -> Self {
        Self(ANSWER_DEADLINE_HOURS_DEFAULT)
    }
}

impl OfferOrder {
    /// Every order there is.
    pub const ALL: [Self; 2] = [Self::Parallel, Self::MailThenSms];
}

impl Named for OfferOrder {
    const VALUES: &'static [Self] = &Self::ALL;

    // Used in settings, stored items and between steps.
    fn name(self) -> &'static str {
        match self {
            Self::Parallel => "parallel",
            Self::MailThenSms => "mail_then_sms",
        }
    }
}

impl CopiesTo {
    /// Every choice there is.
    pub const ALL: [Self; 2] = [Self::BothParties, Self::SenderOnly];
}

impl Named for CopiesTo {
    const VALUES: &'static [Self] = &Self::ALL;

    // Used in settings and stored items.
    fn name(self) -> &'static str {
        match self {
            Self::BothParties => "both_parties",
            Self::SenderOnly => "sender_only",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_an_hour_to_ninety_days_and_thirty_days_unless_said_q_1() {
        for (hours, valid) in [
            (0, false),
            (1, true),
            (24, true),
            (2_160, true),
            (2_161, false),
        ] {
            assert_eq!(AnswerDeadline::from_hours(hours).is_ok(), valid, "{hours}");
        }
        let start: Timestamp = "2026-01-05T00:00:00Z".parse().unwrap();
        let end = AnswerDeadline::default().after(start, 3_600);
        assert_eq!(end.to_string(), "2026-02-04T00:00:00Z");
    }
}
