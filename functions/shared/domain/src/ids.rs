//! Identifiers. Each is parsed once at the border and trusted afterwards.

use std::fmt;
use std::str::FromStr;

use crate::Sha256Digest;

/// Why a text is not the identifier it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} must be {expected}")]
pub struct IdError {
    kind: &'static str,
    expected: &'static str,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(IdError { kind: stringify!($name), expected: $expected })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// An account's public code and key, the first half of its serials, e.g. `K7Q2`: 4 to 8
    /// characters of Crockford's base 32 (no I, L, O, U, so that it can be read over the phone).
    AccountId,
    "4 to 8 of 0-9 and A-Z without I, L, O, U",
    |text| (4..=8).contains(&text.len())
        && text.bytes().all(|b| b"0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(&b))
);

text_id!(
    /// SES's id of an inbound message.
    InboundMessageId,
    "1 to 64 ASCII letters, digits, - or _",
    |text| (1..=64).contains(&text.len()) && text.bytes().all(is_name_byte)
);

text_id!(
    /// One order of a customer's, however it came in: the root of every id and idempotency key
    /// that is made at intake. Of a mail it is SES's id of it. Where a client chooses an
    /// idempotency key (issues 16 and 17), the account and a prefix go into the id, so that no key
    /// is another account's, nor a mail's.
    SubmissionId,
    "1 to 64 ASCII letters, digits, - or _",
    |text| (1..=64).contains(&text.len()) && text.bytes().all(is_name_byte)
);

text_id!(
    /// One message to one recipient. Derived from the submission and the recipient's place in it,
    /// never random, so that the same submission twice names the same dispatches. It also names
    /// the Step Functions execution, which allows at most 80 characters.
    DispatchId,
    "1 to 72 ASCII letters, digits, - or _",
    |text| (1..=72).contains(&text.len()) && text.bytes().all(is_name_byte)
);

text_id!(
    /// The id a provider (SES) gave to a message it accepted from us.
    ProviderMessageId,
    "1 to 128 printable ASCII characters",
    |text| (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
);

text_id!(
    /// The key of an object in one of our buckets.
    ObjectKey,
    "1 to 512 printable ASCII characters",
    |text| (1..=512).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
);

/// The identity of an event: a digest over what makes it one and the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventId(Sha256Digest);

impl EventId {
    /// An event is known by the digest of its source's record.
    #[must_use]
    pub fn new(digest: Sha256Digest) -> Self {
        Self(digest)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl SubmissionId {
    /// What is submitted by a mail.
    #[must_use]
    pub fn of_mail(inbound: &InboundMessageId) -> Self {
        Self(inbound.0.clone())
    }

    /// Its dispatches, one for each of so many recipients, in their order.
    pub fn dispatches(&self, recipients: usize) -> impl Iterator<Item = DispatchId> {
        (0..recipients).map(|position| DispatchId::of_recipient(self, position))
    }
}

impl DispatchId {
    /// The dispatch of the `position`-th recipient (from 0) of a submission.
    #[must_use]
    pub fn of_recipient(submission: &SubmissionId, position: usize) -> Self {
        Self(format!("{submission}-{:02}", position + 1))
    }

    /// The addendum that certifies an answer: half of the answer's own id, 128 bits. It fits into
    /// a link of an SMS.
    #[must_use]
    pub fn of_later_answer(answer: &EventId) -> Self {
        Self(format!("a-{:.32}", answer.to_string()))
    }

    /// The addendum that certifies the late bounce of a registered mail. No recipient's place in a
    /// submission ends like this.
    #[must_use]
    pub fn of_late_bounce(mail: &DispatchId) -> Self {
        Self(format!("{mail}-b"))
    }
}

impl ObjectKey {
    /// A key made of parts that are already valid.
    #[must_use]
    pub fn of_stored_message(prefix: &'static str, id: &InboundMessageId) -> Self {
        Self(format!("{prefix}{id}"))
    }

    /// Where something that belongs to a dispatch lies: `<prefix><dispatch id><suffix>`.
    #[must_use]
    pub fn of_dispatch(prefix: &'static str, id: &DispatchId, suffix: &'static str) -> Self {
        Self(format!("{prefix}{id}{suffix}"))
    }

    /// Where the original of a certificate lies: `certificates/<account>/<serial>.pdf`.
    #[must_use]
    pub fn of_certificate(serial: &Serial) -> Self {
        Self(format!("certificates/{}/{serial}.pdf", serial.account()))
    }
}

/// The running number of a serial, from 1, without gaps within one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SerialNumber(u64);

impl SerialNumber {
    /// The number after the last one given (0 when none was given yet).
    #[must_use]
    pub fn after(last_given: u64) -> Self {
        Self(last_given.saturating_add(1))
    }

    /// The number itself, at least 1.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }
}

/// A dispatch's serial, given at intake and printed everywhere, e.g. `K7Q2-000123` (P-071).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial {
    account: AccountId,
    number: SerialNumber,
}

impl Serial {
    /// The serial of an account's running number.
    #[must_use]
    pub fn new(account: AccountId, number: SerialNumber) -> Self {
        Self { account, number }
    }

    /// Whose serial it is.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// Its running number.
    #[must_use]
    pub fn number(&self) -> SerialNumber {
        self.number
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:06}", self.account, self.number.0)
    }
}

impl FromStr for Serial {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let error = IdError {
            kind: "Serial",
            expected: "an account code, - and six digits or more",
        };
        let (account, digits) = text.split_once('-').ok_or_else(|| error.clone())?;
        let number: u64 = digits.parse().map_err(|_| error.clone())?;
        let serial = Self::new(account.parse()?, SerialNumber(number));
        // Only the canonical spelling is a serial: no sign, no missing or extra zeros.
        if number == 0 || serial.to_string() != text {
            Err(error)
        } else {
            Ok(serial)
        }
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_has_one_spelling() {
        for (text, valid) in [
            ("K7Q2-000123", true),
            ("K7Q2-1234567", true),
            ("K7Q2-123", false),
            ("K7Q2-0000123", false),
            ("K7Q2-000000", false),
            ("K7Q2-+00123", false),
            ("k7q2-000123", false),
            ("KIQ2-000123", false),
            ("K7Q2", false),
        ] {
            let parsed = text.parse::<Serial>();
            assert_eq!(parsed.is_ok(), valid, "{text}");
            if let Ok(serial) = parsed {
                assert_eq!(serial.to_string(), text);
            }
        }
    }

    #[test]
    fn the_same_mail_twice_names_the_same_dispatch() {
        let id = |position| {
            let submission = SubmissionId::of_mail(&"abc".parse().unwrap());
            DispatchId::of_recipient(&submission, position)
        };
        assert_eq!(id(0), id(0));
        assert_eq!(id(1).as_str(), "abc-02");
        assert_eq!(id(99).as_str(), "abc-100");
    }
}
