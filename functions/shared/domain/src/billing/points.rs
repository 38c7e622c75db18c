//! Points, and how many of them an account has.

use std::fmt;

/// A number of points. Whole, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Points(u32);

/// An account's points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Balance {
    /// Free to use.
    pub available: Points,
    /// Held for dispatches whose outcome is open.
    pub reserved: Points,
}

/// Fewer points are available than a mail needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{needed} points are needed, {available} are available")]
pub struct InsufficientPoints {
    /// What the mail costs.
    pub needed: Points,
    /// What there is.
    pub available: Points,
}

impl Points {
    /// None.
    pub const ZERO: Self = Self(0);

    /// The most that can be counted.
    pub const MOST: Self = Self(u32::MAX);

    /// So many points.
    #[must_use]
    pub fn new(points: u32) -> Self {
        Self(points)
    }

    /// How many.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }

    /// The price of `recipients` recipients at this price each (I-042), at most `u32::MAX`.
    #[must_use]
    pub fn times(self, recipients: usize) -> Self {
        Self(
            self.0
                .saturating_mul(u32::try_from(recipients).unwrap_or(u32::MAX)),
        )
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Balance {
    /// So many free points, and none that are reserved.
    #[must_use]
    pub fn free(points: Points) -> Self {
        Self {
            available: points,
            reserved: Points::ZERO,
        }
    }

    /// Why these points cannot be reserved, if they cannot.
    #[must_use]
    pub fn shortage(self, needed: Points) -> Option<InsufficientPoints> {
        let available = self.available;
        (available < needed).then_some(InsufficientPoints { needed, available })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_to_go_below_zero() {
        let balance = Balance::free(Points::new(2));
        let error = balance.shortage(Points::new(3)).unwrap();
        assert_eq!(
            (error.needed, error.available),
            (Points::new(3), Points::new(2))
        );
        assert_eq!(balance.shortage(Points::new(2)), None);
    }
}
