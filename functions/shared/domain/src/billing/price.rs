//! What a mail costs.

use super::Points;
use crate::limits::POINTS_PER_RECIPIENT;

/// The price of an accepted mail (I-042). It is decided once, with the acceptance: each dispatch
/// keeps its own share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    each: Points,
    recipients: usize,
}

impl Price {
    /// The price of a mail to so many recipients, by the price table of today.
    #[must_use]
    pub fn of(recipients: usize) -> Self {
        Self {
            each: Points::new(POINTS_PER_RECIPIENT),
            recipients,
        }
    }

    /// What one recipient costs.
    #[must_use]
    pub fn each(self) -> Points {
        self.each
    }

    /// What all of them cost.
    #[must_use]
    pub fn total(self) -> Points {
        self.each.times(self.recipients)
    }
}
