//! How a submission came in.

use crate::secret::secret;
use crate::{EmailAddress, InboundMessageId, SubmissionId};

/// Which way a submission came in, and who is behind it.
///
/// Mail is the only way so far. A page that a customer signs in to and the API become variants
/// here, with the user and the key that submitted; what does not compile then is what has no raw
/// mail or no sender's address to go by.
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

secret! {
    /// 128 random bits that open the list of a submission's certificates: they stand in the summary
    /// that its sender gets, and in nothing else.
    SummaryToken
}
