//! The offer of a registered contract (P-020, P-041).

use domain::times::spoken;
use domain::{EmailAddress, Serial, ZoneName};
use jiff::Timestamp;
use mail::ParsedMail;

use super::Letterhead;
use super::guidance::{Guidance, GuidanceTemplate};
use super::thread::OFFER;
use super::wrapped::{Wrapped, name_within_line, sender_line};
use super::writer::message_id;

pub(super) const NOTICE: &str = include_str!("offer.txt");

/// A contract offer by mail, and to whom.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'r, 'a> {
    /// The mail as it came in: the content of the offer (P-041).
    pub original: &'r ParsedMail<'a>,
    /// Our contract address, from which it is sent (I-064).
    pub from: &'r EmailAddress,
    /// Who offers.
    pub sender: &'r EmailAddress,
    /// The sender's display name.
    pub sender_name: Option<&'r str>,
    /// The company of the sender's account (P-046).
    pub company: &'r str,
    /// Who runs the service and certifies.
    pub operator: &'r str,
    /// To whom it is offered.
    pub recipient: &'r EmailAddress,
    /// The dispatch's serial.
    pub serial: &'r Serial,
    /// The subject without the destinations.
    pub subject: &'r str,
    /// The address of this offer alone, to which answers go (P-044).
    pub reply_to: &'r EmailAddress,
    /// The page of this offer alone, on which it can be answered free of charge (D-023).
    pub answer_link: &'r str,
    /// Until when an answer counts.
    pub answer_until: Timestamp,
    /// The zone in which that is shown (I-006).
    pub zone: &'r ZoneName,
}

/// The offer as the recipient gets it: from our address with the sender's name, Reply-To the
/// address of this offer alone, a short notice, the message, and how to answer. Notices and message
/// stand together as in a [`relay`](super::relay).
///
/// The provider gives our mail a Message-ID of its own, so ours stands in References, too:
/// mailers copy those into the answer, where [`thread_of_message_id`](super::thread_of_message_id)
/// finds it (P-044).
#[must_use]
pub fn offer(letterhead: &Letterhead<'_>, offer: &Offer<'_, '_>) -> Vec<u8> {
    let wrapped = Wrapped {
        kind: OFFER,
        original: offer.original,
        from: &offer.from.to_wire(),
        sender: offer.sender,
        sender_name: offer.sender_name,
        reply_to: offer.reply_to,
        recipient: offer.recipient,
        subject: offer.subject,
        references: Some(message_id(letterhead, OFFER)),
        serial: offer.serial,
        guidance: guidance(letterhead, offer),
    };
    wrapped.write(letterhead)
}

fn guidance(letterhead: &Letterhead<'_>, offer: &Offer<'_, '_>) -> Guidance {
    let serial = offer.serial.to_string();
    let sender_line = sender_line(offer.sender, offer.sender_name);
    let until = spoken(offer.answer_until, offer.zone);
    let values = [
        ("operator", offer.operator),
        ("company", &name_within_line(offer.company)),
        ("sender_line", &sender_line),
        ("serial", &serial),
        ("reply_to", offer.reply_to.as_str()),
        ("answer_link", offer.answer_link),
        ("until_japanese", &until.japanese),
        ("until_english", &until.english),
        ("sender", offer.sender.as_str()),
    ];
    let template = GuidanceTemplate::read(NOTICE);
    Guidance::new(&template, &values, letterhead.language, letterhead.operator)
}
