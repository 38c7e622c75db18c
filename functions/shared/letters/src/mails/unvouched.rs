//! The notice of mails that nobody vouches for.

use domain::times::spoken;
use domain::{Bilingual, Distrust, EmailAddress, UnvouchedCount, ZoneName};

use super::Letterhead;
use super::notice::{Automatic, Notice, listed_words};
use crate::words::distrust_words;

pub(super) const TEXT: &str = include_str!("unvouched.txt");

/// That mails with this sender were refused, because nobody vouches for them. Nothing in it
/// comes from these mails: a forger may have written them.
#[derive(Debug, Clone, Copy)]
pub struct UnvouchedNotice<'a> {
    /// The registered sender.
    pub sender: &'a EmailAddress,
    /// How many there were, and when.
    pub count: &'a UnvouchedCount,
    /// Why the latest was refused.
    pub distrust: &'a Distrust,
    /// The account's zone, in which times are shown (I-006).
    pub zone: &'a ZoneName,
}

/// At most one an hour to one sender: how many mails were refused and when, without a word of
/// theirs.
#[must_use]
pub fn unvouched_notice(letterhead: &Letterhead<'_>, notice: &UnvouchedNotice<'_>) -> Vec<u8> {
    let reasons = listed_words(&distrust_words(notice.distrust));
    let times = times(notice);
    Notice {
        kind: "unvouched",
        to: notice.sender,
        automatic: Automatic::Generated,
        fields: &[],
        template: TEXT,
        values: &[
            ("sender", notice.sender.as_str()),
            ("count", &notice.count.total().to_string()),
            ("times_japanese", &times.japanese),
            ("times_english", &times.english),
            ("reasons_japanese", &reasons.japanese),
            ("reasons_english", &reasons.english),
        ],
    }
    .write(letterhead)
}

/// When; what is not listed is counted before the last one.
fn times(notice: &UnvouchedNotice<'_>) -> Bilingual {
    let refused_at = notice.count.refused_at.iter();
    let mut times: Vec<_> = refused_at.map(|time| spoken(*time, notice.zone)).collect();
    let more = notice.count.more;
    if more > 0 {
        let more = Bilingual::new(format!("ほか{more}通"), format!("{more} more"));
        times.insert(times.len().saturating_sub(1), more);
    }
    listed_words(&times)
}
