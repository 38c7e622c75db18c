//! What was found when the sender of a mail was authenticated, as it is kept.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{ArcReport, DkimSignature, HeaderField, Reliance, SpfResult, Vouched};

/// All that was found, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticationEvidence {
    /// When the DNS was asked and the signatures were verified.
    pub verified_at: Timestamp,
    /// Each DKIM signature that was examined, in the order of the header.
    pub signatures: Vec<DkimSignature>,
    /// Which of them the trust check relied on, a place in `signatures`.
    pub relied_on: Option<usize>,
    /// SPF, as the receiving side found it.
    pub spf: SpfResult,
    /// The fields that only SPF vouched for, where the mail was taken in because of that.
    pub by_spf: BTreeSet<HeaderField>,
    /// What servers on the way sealed.
    pub arc: ArcReport,
}

impl AuthenticationEvidence {
    /// With what only SPF vouches for.
    #[must_use]
    pub fn with_voucher(mut self, vouched: &Vouched) -> Self {
        self.by_spf = match vouched.signature {
            Some(_) => vouched.by_spf.clone(),
            None => HeaderField::ALL
                .into_iter()
                .filter(|field| field.reliance() != Reliance::None)
                .collect(),
        };
        self
    }
}
