//! When a mail of our own (a refusal notice, a copy of a certificate) may be sent.

use jiff::{SignedDuration, Timestamp};

use crate::ProviderMessageId;
use crate::limits::NOTICE_DOUBT_SECONDS;

/// How far a mail of our own has come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum NoticeState {
    /// Not tried.
    #[default]
    Pending,
    /// We said that we would try.
    Attempted {
        /// When we said so.
        at: Timestamp,
    },
    /// The provider accepted it.
    Sent {
        /// When we learned it.
        at: Timestamp,
        /// Its id for the mail.
        message_id: ProviderMessageId,
    },
}

/// What to do about a mail of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeDecision {
    /// Record the attempt, then send.
    Send,
    /// Another invocation may be sending it right now: come again later.
    Wait,
    /// It is done.
    Done,
}

impl NoticeState {
    /// What to do now. Unlike a dispatch, a notice is neither evidence nor charged: after a doubt
    /// of [`NOTICE_DOUBT_SECONDS`] it is sent again, because two notices are better than silence
    /// (P-013).
    #[must_use]
    pub fn decide(&self, now: Timestamp) -> NoticeDecision {
        match self {
            Self::Pending => NoticeDecision::Send,
            Self::Attempted { at } => {
                let doubt = SignedDuration::from_secs(NOTICE_DOUBT_SECONDS);
                if now.duration_since(*at) >= doubt {
                    NoticeDecision::Send
                } else {
                    NoticeDecision::Wait
                }
            }
            Self::Sent { .. } => NoticeDecision::Done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_out_a_doubt_and_prefers_a_second_notice_to_silence_p_013() {
        let at: Timestamp = "2026-01-05T00:00:00Z".parse().unwrap();
        let attempted = NoticeState::Attempted { at };
        for (seconds, expected) in [
            (0, NoticeDecision::Wait),
            (NOTICE_DOUBT_SECONDS - 1, NoticeDecision::Wait),
            (NOTICE_DOUBT_SECONDS, NoticeDecision::Send),
        ] {
            let now = at + SignedDuration::from_secs(seconds);
            assert_eq!(attempted.decide(now), expected, "{seconds}");
        }
        assert_eq!(NoticeState::Pending.decide(at), NoticeDecision::Send);
        let sent = NoticeState::Sent {
            at,
            message_id: "0100-1".parse().unwrap(),
        };
        assert_eq!(sent.decide(at), NoticeDecision::Done);
    }
}
