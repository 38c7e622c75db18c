//! The mails of a registered contract: the offer, and the certificate for both parties (P-020,
//! P-037, P-041).

use domain::{DispatchId, EmailAddress, MailDomain, Recipient, Serial, ThreadKey, ZoneName};
use jiff::Timestamp;

use super::notices::{address, shown, write_with_certificate};
use super::wrapped::{Wrapped, sender_line};
use super::writer::{Writer, message_id};
use super::{
    CONTRACT_ADDENDUM, CONTRACT_ANSWER_AGAIN, CONTRACT_CERTIFICATE_RECIPIENT,
    CONTRACT_CERTIFICATE_SENDER, Letterhead, OFFER_NOTICE,
};
use crate::Bilingual;
use crate::read::ParsedMail;
use crate::wording::fill;

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
    /// The subject without the destinations (Q-3).
    pub subject: &'r str,
    /// The address of this offer alone, to which answers go (P-044).
    pub reply_to: &'r EmailAddress,
    /// The page of this offer alone, on which it can be answered free of charge (D-023).
    pub answer_link: &'r str,
    /// Until when an answer counts (Q-1).
    pub answer_until: Timestamp,
    /// The zone in which that is shown beside UTC (I-006).
    pub zone: &'r ZoneName,
}

/// The certificate of a contract by mail, to one of the parties (P-037, P-049, P-052).
#[derive(Debug, Clone, Copy)]
pub struct ContractCopy<'a> {
    /// Which party, and what only they are told.
    pub party: ContractParty<'a>,
    /// Their address.
    pub to: &'a EmailAddress,
    /// The company of the account that offered.
    pub company: &'a str,
    /// Who runs the service and certifies.
    pub operator: &'a str,
    /// The certificate's serial.
    pub serial: &'a Serial,
    /// The serial of the certificate that this one adds to, if it is an addendum (P-065).
    pub adds_to: Option<&'a Serial>,
    /// To whom the contract was offered.
    pub recipient: &'a Recipient,
    /// The subject without the destinations.
    pub subject: &'a str,
    /// The outcome, from [`contract_outcome_words`](crate::contract_outcome_words).
    pub outcome: &'a Bilingual,
    /// The certificate, attached byte for byte: both parties get the same file (X-10).
    pub pdf: &'a [u8],
}

/// A party of a contract.
#[derive(Debug, Clone, Copy)]
pub enum ContractParty<'a> {
    /// Who offered.
    Sender,
    /// To whom it was offered, who may answer the certificate, too (P-065).
    Recipient {
        /// Our contract address, from which the mail is sent.
        from: &'a EmailAddress,
        /// The address to which answers go: of this copy alone (Q-31).
        reply_to: &'a EmailAddress,
        /// The page of this copy alone, on which it can be answered.
        answer_link: &'a str,
    },
}

const OFFER: &str = "offer";
const RECIPIENT_COPY: &str = "contract-certificate";
const SENDER_COPY: &str = "certificate";

/// The offer as the recipient gets it: from our address with the sender's name, Reply-To the
/// address of this offer alone, a short notice, then the original content unchanged.
///
/// The provider gives our mail a Message-ID of its own, so ours stands in References, too:
/// mailers copy those into the answer, where [`thread_of_message_id`] finds it (P-044).
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
        notice: notice(offer),
    };
    wrapped.write(letterhead)
}

fn notice(offer: &Offer<'_, '_>) -> String {
    let serial = offer.serial.to_string();
    let sender_line = sender_line(offer.sender, offer.sender_name);
    let until = until(offer.answer_until, offer.zone);
    let values = [
        ("operator", offer.operator),
        ("company", offer.company),
        ("sender_line", &sender_line),
        ("serial", &serial),
        ("reply_to", offer.reply_to.as_str()),
        ("answer_link", offer.answer_link),
        ("answer_until", &until),
    ];
    fill(OFFER_NOTICE, &values)
}

/// A time in a zone with its offset, and in UTC.
fn until(time: Timestamp, zone: &ZoneName) -> String {
    let local = time.to_zoned(zone.time_zone());
    let local = local.strftime("%Y-%m-%d %H:%M UTC%:z");
    let utc = time.strftime("%Y-%m-%d %H:%M UTC");
    if zone.time_zone().to_offset(time).is_zero() {
        utc.to_string()
    } else {
        format!("{local} ({}) / {utc}", zone.as_str())
    }
}

/// The certificate of a contract, the file attached byte for byte.
#[must_use]
pub fn contract_copy(letterhead: &Letterhead<'_>, copy: &ContractCopy<'_>) -> Vec<u8> {
    let serial = copy.serial.to_string();
    let (mut writer, template) = match copy.party {
        ContractParty::Sender => {
            let mut writer = Writer::begin_with_file(letterhead, SENDER_COPY, copy.pdf);
            address(&mut writer, letterhead, copy.to);
            (writer, CONTRACT_CERTIFICATE_SENDER)
        }
        ContractParty::Recipient { from, reply_to, .. } => {
            let mut writer = Writer::begin_with_file(letterhead, RECIPIENT_COPY, copy.pdf);
            writer.address_field("From", Some(copy.operator), &from.to_wire());
            writer.address_field("Reply-To", None, &reply_to.to_wire());
            writer.to(copy.to);
            writer.field("References", &message_id(letterhead, RECIPIENT_COPY));
            (writer, CONTRACT_CERTIFICATE_RECIPIENT)
        }
    };
    let (title, template) = match copy.adds_to {
        None => ("契約の証明書 / Contract certificate", template),
        Some(_) => (
            "契約の証明書への追補 / Addendum to a contract certificate",
            CONTRACT_ADDENDUM,
        ),
    };
    writer.subject(&format!("{title} {serial}"));
    let main_serial = copy.adds_to.map(ToString::to_string).unwrap_or_default();
    let mut text = fill(
        template,
        &[
            ("company", copy.company),
            ("operator", copy.operator),
            ("serial", &serial),
            ("main_serial", &main_serial),
            ("recipient", &copy.recipient.to_string()),
            ("subject", &shown(copy.subject)),
            ("outcome_japanese", &copy.outcome.japanese),
            ("outcome_english", &copy.outcome.english),
        ],
    );
    if let ContractParty::Recipient {
        reply_to,
        answer_link,
        ..
    } = copy.party
    {
        let values = [
            ("reply_to", reply_to.as_str()),
            ("answer_link", answer_link),
        ];
        text.push_str(&fill(CONTRACT_ANSWER_AGAIN, &values));
    }
    write_with_certificate(writer, letterhead, &text, &serial, copy.pdf)
}

/// The dispatch of a message of ours that an answer refers to, and the key that shows that whoever
/// refers to it saw the message: the inverse of the Message-ID of offers and of certificates for
/// recipients (P-044). It says which dispatch is meant, not who wrote: the sender sees it too.
///
/// ```
/// let domain = "akashi.test".parse().unwrap();
/// let reference = "<o3vrnil0e2-01.offer.aaaaaaaaaaaaaaaaaaaaaaaaab@akashi.test>";
/// let (id, thread) = mail::compose::thread_of_message_id(reference, &domain).unwrap();
/// assert_eq!(id.as_str(), "o3vrnil0e2-01");
/// assert_eq!(thread, domain::ThreadKey::new(1));
/// ```
#[must_use]
pub fn thread_of_message_id(
    message_id: &str,
    service_domain: &MailDomain,
) -> Option<(DispatchId, ThreadKey)> {
    let id = message_id.trim().strip_prefix('<')?.strip_suffix('>')?;
    let (left, domain) = id.rsplit_once('@')?;
    let (dispatch, rest) = left.split_once('.')?;
    let (kind, thread) = rest.split_once('.')?;
    let is_ours = domain.eq_ignore_ascii_case(service_domain.as_str());
    let is_answerable = [OFFER, RECIPIENT_COPY].contains(&kind);
    if !(is_ours && is_answerable) {
        return None;
    }
    Some((dispatch.parse().ok()?, thread.parse().ok()?))
}
