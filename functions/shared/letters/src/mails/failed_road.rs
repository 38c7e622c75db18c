//! The notice of a contract that could not be delivered on one of its two roads.

use domain::{Channel, EmailAddress, Fate, Recipient, Serial};

use super::Letterhead;
use super::notice::{Automatic, Notice, shown, written};
use crate::words::{failed_road_words, road_words};

pub(super) const TEXT: &str = include_str!("failed_road.txt");

/// That one road of a contract failed, while the other goes on.
#[derive(Debug, Clone, Copy)]
pub struct FailedRoadNotice<'a> {
    /// The registered sender.
    pub sender: &'a EmailAddress,
    /// The company of the account.
    pub company: &'a str,
    /// The dispatch's serial.
    pub serial: &'a Serial,
    /// To whom the contract was offered.
    pub recipient: &'a Recipient,
    /// The subject without the destinations.
    pub subject: &'a str,
    /// The road that failed.
    pub failed: Channel,
    /// How.
    pub fate: Fate,
}

/// Which road failed and why, and that the offer goes on by the other one: who mistyped an address
/// learns it now, and not at the end of the deadline.
#[must_use]
pub fn failed_road_notice(letterhead: &Letterhead<'_>, notice: &FailedRoadNotice<'_>) -> Vec<u8> {
    let serial = notice.serial.to_string();
    let other = match notice.failed {
        Channel::Mail => Channel::Sms,
        Channel::Sms => Channel::Mail,
    };
    let (failed, living) = (road_words(notice.failed), road_words(other));
    let reason = failed_road_words(notice.failed, notice.fate);
    Notice {
        kind: "failed-road",
        to: notice.sender,
        automatic: Automatic::Generated,
        fields: &[("X-Akashi-Serial", &serial)],
        template: TEXT,
        values: &[
            ("company", &shown(notice.company)),
            ("sender", notice.sender.as_str()),
            ("serial", &serial),
            ("recipient", &written(notice.recipient)),
            ("subject", &shown(notice.subject)),
            ("failed_japanese", failed.japanese),
            ("failed_english", failed.english),
            ("living_japanese", living.japanese),
            ("living_english", living.english),
            ("reason_japanese", reason.japanese),
            ("reason_english", reason.english),
        ],
    }
    .write(letterhead)
}
