//! Accounts that nobody uses: warned three times, then closed, with their points (I-046).
//!
//! The clock is the last use, which is a sending or a purchase of points. Nobody loses points
//! unwarned: an account lives for [`LAST_WARNING_DAYS`] after its last warning was sent, however
//! late that was.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::limits::{ACCOUNT_LIFE_YEARS, LAST_WARNING_DAYS};
use crate::{Account, Balance, Named, NoticeState, Points};

/// A warning that an account is going to lapse (I-046), the most urgent one last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LapseWarning {
    /// Ninety days before.
    NinetyDays,
    /// Thirty days before.
    ThirtyDays,
    /// Seven days before.
    SevenDays,
}

/// A warning, and how far its mail has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarningState {
    /// Which one.
    pub warning: LapseWarning,
    /// Its mail.
    pub notice: NoticeState,
}

/// What is to be done about an account that may lapse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LapseDecision {
    /// It is closed: nothing, ever.
    Closed,
    /// Nothing before this moment.
    NothingUntil(Timestamp),
    /// This warning is to be sent now. Of several that are due only the most urgent one is.
    Warn(LapseWarning),
    /// It is time, but the outcome of a dispatch is open: a contract that waits ends first.
    WaitForOpenDispatches,
    /// It closes now, and these points lapse with it.
    Lapse(Points),
}

impl LapseWarning {
    /// All of them, the most urgent one last.
    pub const ALL: [Self; 3] = [Self::NinetyDays, Self::ThirtyDays, Self::SevenDays];

    /// How many days before an account lapses it is due.
    #[must_use]
    pub fn days_before(self) -> i64 {
        match self {
            Self::NinetyDays => 90,
            Self::ThirtyDays => 30,
            Self::SevenDays => LAST_WARNING_DAYS,
        }
    }

    /// When it is due for an account that lapses then.
    fn due_at(self, lapse_at: Timestamp) -> Timestamp {
        before(lapse_at, self.days_before())
    }

    fn next(self) -> Option<Self> {
        match self {
            Self::NinetyDays => Some(Self::ThirtyDays),
            Self::ThirtyDays => Some(Self::SevenDays),
            Self::SevenDays => None,
        }
    }
}

impl Named for LapseWarning {
    const VALUES: &'static [Self] = &Self::ALL;

    // Used in records.
    fn name(self) -> &'static str {
        match self {
            Self::NinetyDays => "ninety_days",
            Self::ThirtyDays => "thirty_days",
            Self::SevenDays => "seven_days",
        }
    }
}

/// When an account that was used last at this moment lapses: five calendar years later in UTC,
/// at the same time of day (I-046).
///
/// In UTC, because a zone may change its rules, and its account may change its zone, while the
/// five years run. A use on 29 February ends on 28 February, like every period of years in the
/// Civil Code of Japan (article 143): the last day of the month stands for a day that is missing.
#[must_use]
pub fn lapse_at(last_used_at: Timestamp) -> Timestamp {
    last_used_at
        .to_zoned(TimeZone::UTC)
        .checked_add(ACCOUNT_LIFE_YEARS.years())
        .map_or(Timestamp::MAX, |end| end.timestamp())
}

/// When an account with this last use closes, if it gets this warning at `warned_at`: what the
/// warning announces. Never earlier than an earlier warning announced.
#[must_use]
pub fn closes_at(
    last_used_at: Timestamp,
    warning: LapseWarning,
    warned_at: Timestamp,
) -> Timestamp {
    let lapse_at = lapse_at(last_used_at);
    match warning {
        LapseWarning::NinetyDays | LapseWarning::ThirtyDays => lapse_at,
        LapseWarning::SevenDays => lapse_at.max(after(warned_at, LAST_WARNING_DAYS)),
    }
}

/// When an account has to be looked at that was used at this moment: its first warning.
#[must_use]
pub fn check_after_use(last_used_at: Timestamp) -> Timestamp {
    LapseWarning::NinetyDays.due_at(lapse_at(last_used_at))
}

/// Decides over an account, active or suspended, at any moment and as often as asked.
#[must_use]
pub fn decide_lapse(account: &Account, balance: Balance, now: Timestamp) -> LapseDecision {
    if account.is_lapsed() {
        return LapseDecision::Closed;
    }
    let lapse_at = lapse_at(account.last_used_at);
    let Some(due) = due_warning(lapse_at, now) else {
        return LapseDecision::NothingUntil(check_after_use(account.last_used_at));
    };
    let Some(sent_at) = sent_at(account.warned.as_ref(), due) else {
        return LapseDecision::Warn(due);
    };
    let next_at = match due.next() {
        Some(next) => next.due_at(lapse_at),
        None => closes_at(account.last_used_at, due, sent_at),
    };
    if now < next_at {
        LapseDecision::NothingUntil(next_at)
    } else if balance.reserved > Points::ZERO {
        LapseDecision::WaitForOpenDispatches
    } else {
        LapseDecision::Lapse(balance.available)
    }
}

/// The most urgent warning whose day has come.
fn due_warning(lapse_at: Timestamp, now: Timestamp) -> Option<LapseWarning> {
    let is_due = |warning: &LapseWarning| warning.due_at(lapse_at) <= now;
    LapseWarning::ALL.into_iter().rev().find(is_due)
}

/// When this warning was sent, if it was.
fn sent_at(warned: Option<&WarningState>, due: LapseWarning) -> Option<Timestamp> {
    let warned = warned.filter(|warned| warned.warning == due)?;
    match &warned.notice {
        NoticeState::Sent { at, .. } => Some(*at),
        NoticeState::Pending | NoticeState::Attempted { .. } => None,
    }
}

fn before(moment: Timestamp, days: i64) -> Timestamp {
    let hours = SignedDuration::from_hours(days * 24);
    moment.checked_sub(hours).unwrap_or(Timestamp::MIN)
}

fn after(moment: Timestamp, days: i64) -> Timestamp {
    let hours = SignedDuration::from_hours(days * 24);
    moment.checked_add(hours).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{AcceptanceNotices, AccountStatus, ContractSettings, Language, Settings};

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn account(last_used_at: Timestamp) -> Account {
        Account {
            id: "K7Q2".parse().unwrap(),
            company: "証株式会社".to_owned(),
            address: None,
            contact: "山田太郎".to_owned(),
            mail: "office@customer.test".parse().unwrap(),
            mobile: None,
            status: AccountStatus::Active,
            settings: Settings {
                certificates_by_mail: true,
                acceptance_notices: AcceptanceNotices::default(),
                language: Language::default(),
                zone: "Asia/Tokyo".parse().unwrap(),
                contracts: ContractSettings::default(),
            },
            last_used_at,
            warned: None,
        }
    }

    fn points(available: u32, reserved: u32) -> Balance {
        Balance {
            available: Points::new(available),
            reserved: Points::new(reserved),
        }
    }

    fn sent(warning: LapseWarning, at: Timestamp) -> Option<WarningState> {
        let message_id = "0100-1".parse().unwrap();
        let notice = NoticeState::Sent { at, message_id };
        Some(WarningState { warning, notice })
    }

    #[test]
    fn five_calendar_years_later_at_the_same_time_of_day_i_046() {
        for (used, lapses) in [
            ("2026-01-05T00:00:00Z", "2031-01-05T00:00:00Z"),
            (
                "2026-12-31T23:59:59.999999999Z",
                "2031-12-31T23:59:59.999999999Z",
            ),
            // The last day of the month stands for the one that is missing.
            ("2028-02-29T12:00:00Z", "2033-02-28T12:00:00Z"),
            ("2028-02-29T23:59:59Z", "2033-02-28T23:59:59Z"),
            ("2027-02-28T12:00:00Z", "2032-02-28T12:00:00Z"),
            ("2027-03-01T00:00:00Z", "2032-03-01T00:00:00Z"),
            // In Tokyo it is the first of March already: the zone has no say.
            ("2028-02-29T23:59:59+09:00", "2033-02-28T14:59:59Z"),
            ("2028-03-01T00:00:00+09:00", "2033-02-28T15:00:00Z"),
            // A day that summer time makes shorter.
            ("2026-03-29T01:30:00+00:00", "2031-03-29T01:30:00Z"),
        ] {
            assert_eq!(lapse_at(time(used)), time(lapses), "{used}");
        }
        assert_eq!(lapse_at(Timestamp::MAX), Timestamp::MAX);
    }

    #[test]
    fn warns_ninety_thirty_and_seven_days_before_and_lapses_then_i_046() {
        let used = time("2026-01-05T12:00:00Z");
        let mut unused = account(used);
        for (at, expected) in [
            (
                "2026-01-05T12:00:00Z",
                LapseDecision::NothingUntil(time("2030-10-07T12:00:00Z")),
            ),
            (
                "2030-10-07T11:59:59Z",
                LapseDecision::NothingUntil(time("2030-10-07T12:00:00Z")),
            ),
            (
                "2030-10-07T12:00:00Z",
                LapseDecision::Warn(LapseWarning::NinetyDays),
            ),
            (
                "2030-10-07T12:00:01Z",
                LapseDecision::NothingUntil(time("2030-12-06T12:00:00Z")),
            ),
            (
                "2030-12-06T12:00:00Z",
                LapseDecision::Warn(LapseWarning::ThirtyDays),
            ),
            (
                "2030-12-07T12:00:00Z",
                LapseDecision::NothingUntil(time("2030-12-29T12:00:00Z")),
            ),
            (
                "2030-12-29T12:00:00Z",
                LapseDecision::Warn(LapseWarning::SevenDays),
            ),
            (
                "2031-01-05T11:59:59Z",
                LapseDecision::NothingUntil(time("2031-01-05T12:00:00Z")),
            ),
            ("2031-01-05T12:00:00Z", LapseDecision::Lapse(Points::new(3))),
            ("2039-01-05T12:00:00Z", LapseDecision::Lapse(Points::new(3))),
        ] {
            let now = time(at);
            let decision = decide_lapse(&unused, points(3, 0), now);
            assert_eq!(decision, expected, "{at}");
            if let LapseDecision::Warn(warning) = decision {
                unused.warned = sent(warning, now);
            }
        }
        unused.status = AccountStatus::Lapsed { at: used };
        let decision = decide_lapse(&unused, points(0, 0), time("2039-01-05T12:00:00Z"));
        assert_eq!(decision, LapseDecision::Closed);
    }

    #[test]
    fn late_by_any_time_gives_one_warning_and_seven_days_i_046() {
        let used = time("2026-01-05T12:00:00Z");
        for now in [
            "2031-01-01T00:00:00Z",
            "2031-02-05T00:00:00Z",
            "2040-01-01T00:00:00Z",
        ] {
            let now = time(now);
            let mut unused = account(used);
            let decision = decide_lapse(&unused, points(3, 0), now);
            assert_eq!(decision, LapseDecision::Warn(LapseWarning::SevenDays));
            unused.warned = sent(LapseWarning::SevenDays, now);
            let closes = closes_at(used, LapseWarning::SevenDays, now);
            assert!(closes >= after(now, 7), "{now}");
            let decision = decide_lapse(&unused, points(3, 0), now);
            assert_eq!(decision, LapseDecision::NothingUntil(closes));
            let decision = decide_lapse(&unused, points(3, 0), closes);
            assert_eq!(decision, LapseDecision::Lapse(Points::new(3)));
        }
    }

    #[test]
    fn a_warning_whose_fate_is_unknown_is_sent_again_and_open_dispatches_end_first() {
        let used = time("2026-01-05T12:00:00Z");
        let now = time("2031-01-05T12:00:00Z");
        let mut unused = account(used);
        for notice in [NoticeState::Pending, NoticeState::Attempted { at: now }] {
            let warning = LapseWarning::SevenDays;
            unused.warned = Some(WarningState { warning, notice });
            let decision = decide_lapse(&unused, points(3, 0), now);
            assert_eq!(decision, LapseDecision::Warn(warning));
        }
        unused.warned = sent(LapseWarning::SevenDays, time("2030-12-29T12:00:00Z"));
        let decision = decide_lapse(&unused, points(2, 1), now);
        assert_eq!(decision, LapseDecision::WaitForOpenDispatches);
        unused.status = AccountStatus::Suspended;
        let decision = decide_lapse(&unused, points(2, 0), now);
        assert_eq!(decision, LapseDecision::Lapse(Points::new(2)));
    }

    /// Seconds of a century, leap days included.
    const SECONDS: std::ops::Range<i64> = 1_600_000_000..4_700_000_000;

    proptest! {
        #[test]
        fn a_later_use_never_lapses_earlier(used in SECONDS, more in 0_i64..200_000_000) {
            let used = Timestamp::from_second(used).unwrap();
            let later = used + SignedDuration::from_secs(more);
            prop_assert!(lapse_at(used) <= lapse_at(later));
            prop_assert!(check_after_use(used) <= check_after_use(later));
            let life = lapse_at(used).duration_since(used).as_hours();
            prop_assert!((5 * 365 * 24..=(5 * 365 + 2) * 24).contains(&life), "{life}");
        }

        /// However seldom and irregularly somebody looks: warnings in order, each once, at least
        /// the last one; nothing before what any of them announced; then the end, once.
        #[test]
        fn nobody_loses_points_unwarned(
            used in SECONDS,
            pauses in proptest::collection::vec(1_i64..40_000_000, 1..200),
        ) {
            let mut account = account(Timestamp::from_second(used).unwrap());
            let mut now = account.last_used_at;
            let mut warnings: Vec<LapseWarning> = Vec::new();
            let mut announced = Timestamp::MIN;
            // Daily at last, so that every history comes to its end.
            for pause in pauses.into_iter().chain([86_400; 2_000]) {
                now += SignedDuration::from_secs(pause);
                match decide_lapse(&account, points(3, 0), now) {
                    LapseDecision::NothingUntil(at) => prop_assert!(at > now),
                    LapseDecision::Warn(warning) => {
                        prop_assert!(warnings.last().is_none_or(|last| *last < warning));
                        warnings.push(warning);
                        let closes = closes_at(account.last_used_at, warning, now);
                        prop_assert!(closes >= announced);
                        announced = closes;
                        account.warned = sent(warning, now);
                    }
                    LapseDecision::Lapse(_) => {
                        prop_assert!(now >= announced && now >= lapse_at(account.last_used_at));
                        prop_assert_eq!(warnings.last(), Some(&LapseWarning::SevenDays));
                        account.status = AccountStatus::Lapsed { at: now };
                    }
                    LapseDecision::Closed => return Ok(()),
                    LapseDecision::WaitForOpenDispatches => prop_assert!(false, "none is open"),
                }
            }
            prop_assert!(false, "it never lapses: {warnings:?}");
        }
    }
}
