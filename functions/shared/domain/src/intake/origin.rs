//! How a submission came in.

use std::fmt;
use std::str::FromStr;

use crate::{AnswerToken, EmailAddress, InboundMessageId, SubmissionId, TokenError};

/// Which way a submission came in, and who is behind it.
///
/// Mail is the only way so far. A page that a customer signs in to (issue 16) and the API (issue
/// 17) become variants here, with the user and the key that submitted; what does not compile then
/// is what has no raw mail or no sender's address to go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A mail to an address of the service.
    Mail {
        /// The mail.
        inbound: InboundMessageId,
        /// Who wrote: a proven address of the account.
        sender: EmailAddress,
    },
}

impl Origin {
    /// The stable name used in stored items.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Mail { .. } => "mail",
        }
    }

    /// What came in this way.
    #[must_use]
    pub fn submission(&self) -> SubmissionId {
        match self {
            Self::Mail { inbound, .. } => SubmissionId::of_mail(inbound),
        }
    }

    /// Who gets the certificates and notices of it.
    #[must_use]
    pub fn sender(&self) -> &EmailAddress {
        match self {
            Self::Mail { sender, .. } => sender,
        }
    }
}

/// 128 random bits that open the list of a submission's certificates: they stand in the summary
/// that its sender gets, and in nothing else. As letters and digits like an [`AnswerToken`].
#[derive(Clone, PartialEq, Eq)]
pub struct SummaryToken(AnswerToken);

impl SummaryToken {
    /// The token of 128 random bits.
    #[must_use]
    pub fn new(bits: u128) -> Self {
        Self(AnswerToken::new(bits))
    }

    /// The token as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// What opens a list of certificates is not written into logs.
impl fmt::Debug for SummaryToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SummaryToken(..)")
    }
}

impl FromStr for SummaryToken {
    type Err = TokenError;

    /// Reads a token in upper or lower case.
    fn from_str(text: &str) -> Result<Self, TokenError> {
        text.parse().map(Self)
    }
}
