//! The warning that an account lapses (I-045, I-046).

use domain::times::spoken;
use domain::{Account, Points};
use jiff::Timestamp;

use super::Letterhead;
use super::notice::{Automatic, Notice, shown};

pub(super) const TEXT: &str = include_str!("lapse.txt");

/// An account that is going to lapse, because nobody uses it (I-046).
#[derive(Debug, Clone, Copy)]
pub struct LapseNotice<'a> {
    /// Whose it is; the mail goes to its registered address (I-031).
    pub account: &'a Account,
    /// When it closes, unless it is used before.
    pub closes_at: Timestamp,
    /// The points that lapse with it.
    pub points: Points,
}

/// When an account closes, which points lapse, and how to keep them (I-045, I-046). Times are
/// shown in the account's zone.
#[must_use]
pub fn lapse_notice(letterhead: &Letterhead<'_>, notice: &LapseNotice<'_>) -> Vec<u8> {
    let account = notice.account;
    let zone = &account.settings.zone;
    let last_used = spoken(account.last_used_at, zone);
    let closes = spoken(notice.closes_at, zone);
    Notice {
        kind: "lapse-warning",
        to: &account.mail,
        automatic: Automatic::Generated,
        fields: &[],
        template: TEXT,
        values: &[
            ("company", &shown(&account.company)),
            ("contact", &shown(&account.contact)),
            ("account", account.id.as_str()),
            ("last_used_japanese", &last_used.japanese),
            ("last_used_english", &last_used.english),
            ("closes_japanese", &closes.japanese),
            ("closes_english", &closes.english),
            ("points", &notice.points.to_string()),
        ],
    }
    .write(letterhead)
}
