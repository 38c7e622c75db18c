//! The certificate of a contract or of an addendum, for both parties (P-037).

use domain::{Bilingual, EmailAddress, Outcome, Recipient, Serial};

use super::Letterhead;
use super::certificate::write_with_certificate;
use super::notice::{address, shown, written};
use super::thread::RECIPIENT_COPY;
use super::writer::{Writer, message_id};
use crate::template::{RULE_BELOW, Template, fill};
use crate::words::outcome_in_brief;

pub(super) const TO_SENDER: &str = include_str!("contract_certificate_sender.txt");
pub(super) const TO_RECIPIENT: &str = include_str!("contract_certificate_recipient.txt");
pub(super) const ADDENDUM: &str = include_str!("contract_addendum.txt");
/// Below each certificate for a recipient, and in nothing that the sender gets.
pub(super) const ANSWER_AGAIN: &str = include_str!("contract_answer_again.txt");

/// The certificate of a contract by mail, to one of the parties (P-037, P-049, P-052).
#[derive(Debug, Clone, Copy)]
pub struct ContractCopy<'a> {
    /// Which party, and what only they are told.
    pub party: ContractParty<'a>,
    /// Their address.
    pub to: &'a EmailAddress,
    /// The company of the account that offered.
    pub company: &'a str,
    /// The certificate's serial.
    pub serial: &'a Serial,
    /// The serial of the certificate that this one adds to, if it is an addendum (P-065).
    pub adds_to: Option<&'a Serial>,
    /// To whom the contract was offered.
    pub recipient: &'a Recipient,
    /// The subject without the destinations.
    pub subject: &'a str,
    /// The outcome, from [`settled_words`](crate::words::settled_words).
    pub outcome: &'a Bilingual,
    /// How it ended, for the subject.
    pub ended: Outcome,
    /// The certificate, attached byte for byte: both parties get the same file.
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
        /// The address to which answers go: of this copy alone.
        reply_to: &'a EmailAddress,
        /// The page of this copy alone, on which it can be answered.
        answer_link: &'a str,
    },
}

const SENDER_COPY: &str = "certificate";

/// The certificate of a contract, the file attached byte for byte.
#[must_use]
pub fn contract_copy(letterhead: &Letterhead<'_>, copy: &ContractCopy<'_>) -> Vec<u8> {
    let serial = copy.serial.to_string();
    let (mut writer, template) = match copy.party {
        ContractParty::Sender => {
            let mut writer = Writer::begin_with_file(letterhead, SENDER_COPY, copy.pdf);
            address(&mut writer, letterhead, copy.to);
            (writer, TO_SENDER)
        }
        ContractParty::Recipient { from, reply_to, .. } => {
            let mut writer = Writer::begin_with_file(letterhead, RECIPIENT_COPY, copy.pdf);
            writer.address_field("From", Some(&letterhead.operator.name), &from.to_wire());
            writer.address_field("Reply-To", None, &reply_to.to_wire());
            writer.to(copy.to);
            writer.field("References", &message_id(letterhead, RECIPIENT_COPY));
            (writer, TO_RECIPIENT)
        }
    };
    let template = copy.adds_to.map_or(template, |_| ADDENDUM);
    let template = Template::read(template, letterhead.language);
    let main_serial = copy.adds_to.map(ToString::to_string).unwrap_or_default();
    let brief = outcome_in_brief(copy.ended);
    let values = [
        ("company", copy.company),
        ("operator", &letterhead.operator.name),
        ("serial", &serial),
        ("main_serial", &main_serial),
        ("recipient", &written(copy.recipient)),
        ("subject", &shown(copy.subject)),
        ("outcome_japanese", &copy.outcome.japanese),
        ("outcome_english", &copy.outcome.english),
        ("brief_japanese", brief.japanese),
        ("brief_english", brief.english),
    ];
    writer.subject(&fill(&template.subject, &values));
    let mut text = fill(&template.text, &values);
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
        let again = Template::read(ANSWER_AGAIN, letterhead.language);
        text.push_str(RULE_BELOW);
        text.push_str(&fill(&again.text, &values));
    }
    write_with_certificate(writer, letterhead, &text, &serial, copy.pdf)
}
