//! Values with stable names.

/// A value with a stable name, the same in stored items, between steps, in evidence, in logs, on
/// pages and on the command line. What was written under a name is read by it years later, so a
/// name never changes.
///
/// ```
/// use domain::{Named, OfferOrder};
/// assert_eq!(OfferOrder::MailThenSms.name(), "mail_then_sms");
/// assert_eq!(OfferOrder::of_name("mail_then_sms"), Some(OfferOrder::MailThenSms));
/// assert_eq!(OfferOrder::of_name("by_pigeon"), None);
/// ```
pub trait Named: Copy + 'static {
    /// Every value there is; one of each kind, where a kind holds more.
    const VALUES: &'static [Self];

    /// Its stable name, which no other value has.
    #[must_use]
    fn name(self) -> &'static str;

    /// The value of this name; of a kind that holds more, the one in [`VALUES`](Self::VALUES).
    #[must_use]
    fn of_name(name: &str) -> Option<Self> {
        let mut values = Self::VALUES.iter().copied();
        values.find(|value| value.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fmt::Debug;

    use super::*;
    use crate::{
        AcceptanceNotices, AccountStatus, Alignment, AnswerProof, AnswerStanding, ArcResult,
        BodySource, BounceKind, Channel, ChargeState, CharsetReason, Choice, CopiesTo, Damage,
        DeliveryChange, EtsiEvent, EventSource, Fate, HeaderField, LapseWarning, OfferOrder,
        Outcome, ProductName, SeenBy, SignatureFailure, SigningAlgorithm, SmsFailureKind,
        SpfResult, TrustSetting, UnusableReason,
    };

    #[track_caller]
    fn check<T: Named + Debug + PartialEq>() {
        let names: BTreeSet<&str> = T::VALUES.iter().map(|value| value.name()).collect();
        assert_eq!(names.len(), T::VALUES.len(), "{names:?}");
        for value in T::VALUES {
            assert_eq!(T::of_name(value.name()), Some(*value));
        }
        assert_eq!(T::of_name("no such name"), None);
    }

    #[test]
    fn every_value_is_found_by_its_name_and_no_two_have_one() {
        check::<AcceptanceNotices>();
        check::<AccountStatus>();
        check::<Alignment>();
        check::<AnswerProof>();
        check::<AnswerStanding>();
        check::<ArcResult>();
        check::<BodySource>();
        check::<BounceKind>();
        check::<Channel>();
        check::<ChargeState>();
        check::<CharsetReason>();
        check::<Choice>();
        check::<CopiesTo>();
        check::<Damage>();
        check::<DeliveryChange>();
        check::<EtsiEvent>();
        check::<EventSource>();
        check::<Fate>();
        check::<HeaderField>();
        check::<LapseWarning>();
        check::<OfferOrder>();
        check::<Outcome>();
        check::<ProductName>();
        check::<SeenBy>();
        check::<SignatureFailure>();
        check::<SigningAlgorithm>();
        check::<SmsFailureKind>();
        check::<SpfResult>();
        check::<TrustSetting>();
        check::<UnusableReason>();
    }
}
