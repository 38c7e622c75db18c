//! The answer that a certificate quotes.

use certificate::{
    Added, AnswerLink, AnswerMail, AnswerRoad as Road, AnswerSection, AnswerSms, Evidence,
    ProductEvidence, Proof,
};
use domain::{Answer, AnswerRoad, AnswerStanding};
use letters::words::button_words;

use super::events::{Log, answer, mail_road, proof};
use super::original::{compare_attachments, compare_message};
use super::values::Values;
use super::{EmbeddedMail, EmbeddedMails};
use crate::message::hops;
use crate::road::SMS_PROVIDER;

/// Compares what is said of the answer.
pub(super) fn compare(
    evidence: &Evidence,
    mails: &EmbeddedMails<'_>,
    log: &Log,
    values: &mut Values,
) {
    let Some(section) = evidence.answer() else {
        return;
    };
    let place = match &evidence.product {
        ProductEvidence::Mail(_) | ProductEvidence::Contract(_) => {
            "Product.Contract.Reply.Answered"
        }
        ProductEvidence::Addendum(addendum) => match &addendum.added {
            Added::Answer(_) | Added::Bounce(_) => "Product.Addendum.Added.Answer",
        },
    };
    compare_line(place, section, log, values);
    compare_proof(place, section, values);
    match &section.road {
        Road::Mail(said) => {
            let place = format!("{place}.Road.Mail");
            let from = Some(&said.from);
            if evidence.recipient.mail() != from {
                let recipient = evidence.recipient.to_string();
                values.differ(format!("{place}.From"), &said.from.to_string(), &recipient);
            }
            match &mails.answer {
                Some(mail) => compare_mail(&place, said, mail, values),
                // One that is too large is not embedded.
                None => values.word(place),
            }
        }
        Road::Sms(said) => {
            let number = evidence.recipient.mobile();
            compare_sms(
                &format!("{place}.Road.Sms"),
                said,
                number,
                section,
                log,
                values,
            );
        }
        Road::Link(said) => compare_link(&format!("{place}.Road.Link"), said, values),
    }
}

/// Its line stands in the log.
fn compare_line(place: &str, section: &AnswerSection, log: &Log, values: &mut Values) {
    let is_line = |answer: &&Answer| {
        let is_road = matches!(
            (&answer.road, &section.road),
            (AnswerRoad::Mail { .. }, Road::Mail(_))
                | (AnswerRoad::Sms { .. }, Road::Sms(_))
                | (AnswerRoad::Link { .. }, Road::Link(_))
        );
        is_road && answer.is_of_recipient() && answer.received_at == section.received_at
    };
    let mut answers = log.events.iter().filter_map(|event| event.kind.answer());
    let name = format!("{place}.ReceptionTime");
    if answers.any(|answer| is_line(&answer)) {
        values.recomputed(name);
    } else {
        values.differ(name, &section.received_at.to_string(), "-");
    }
}

/// A proof is the operator's word, but none that the answer cannot have.
fn compare_proof(place: &str, section: &AnswerSection, values: &mut Values) {
    let name = format!("{place}.Proof");
    let can_be = match (section.proof, &section.road) {
        (Proof::AlignedSignature, Road::Mail(mail)) => mail.authentication.relied_on.is_some(),
        (Proof::OfferToken | Proof::CopyToken, Road::Mail(_) | Road::Link(_))
        | (Proof::CallerId, Road::Sms(_)) => true,
        (
            Proof::None
            | Proof::OfferToken
            | Proof::CopyToken
            | Proof::AlignedSignature
            | Proof::CallerId,
            Road::Mail(_) | Road::Sms(_) | Road::Link(_),
        ) => false,
    };
    if can_be {
        values.word(name);
    } else {
        values.differ(name, &format!("{:?}", section.proof), "-");
    }
}

fn compare_mail(place: &str, said: &AnswerMail, mail: &EmbeddedMail<'_>, values: &mut Values) {
    let parsed = mail.parsed;
    let from = Some(said.from.clone());
    values.same(format!("{place}.From"), &from, &parsed.from());
    let name = format!("{place}.DisplayName");
    values.same(name, &said.display_name, &parsed.from_display_name());
    let message = format!("{place}.Message");
    compare_message(&message, &said.message, mail, &parsed.subject(), values);
    compare_attachments(place, &said.attachments, parsed, values);
    values.same(format!("{place}.Hops"), &said.hops, &hops(parsed));
}

fn compare_sms(
    place: &str,
    said: &AnswerSms,
    number: Option<&domain::MobileNumber>,
    section: &AnswerSection,
    log: &Log,
    values: &mut Values,
) {
    let mut records = log.sms.iter().filter(|(at, _)| *at == section.received_at);
    let Some((_, record)) = records
        .clone()
        .find(|(_, sms)| said.provider_message_id.as_ref() == Some(&sms.message_id))
        .or_else(|| records.next())
    else {
        values.differ(place, &said.text, "-");
        return;
    };
    let name = |field: &str| format!("{place}.{field}");
    values.same(name("From"), &said.from, &record.from);
    if number != Some(&record.from) {
        values.differ(name("From"), said.from.as_str(), "RecipientDetails");
    }
    values.same_text(name("To"), &said.to, &record.to);
    values.same_text(name("Text"), &said.text, &record.text);
    values.same_text(name("Provider"), &said.provider, SMS_PROVIDER);
    let id = Some(record.message_id.clone());
    values.same(name("ProviderMessageId"), &said.provider_message_id, &id);
    values.same(name("Carrier"), &said.carrier, &None);
}

fn compare_link(place: &str, said: &AnswerLink, values: &mut Values) {
    let label = button_words(said.choice).to_string();
    values.same_text(format!("{place}.Label"), &said.label, &label);
    for field in ["Choice", "Text", "SourceIP", "SourceIPSeenBy", "UserAgent"] {
        values.word(format!("{place}.{field}"));
    }
}

/// The answer of a certificate, as the words of outcomes know it.
pub(super) fn certified(evidence: &Evidence) -> Option<Answer> {
    let section = evidence.answer()?;
    let road = match &section.road {
        Road::Mail(mail) => mail_road(Some(mail.from.clone()))?,
        Road::Sms(sms) => AnswerRoad::Sms {
            from: sms.from.clone(),
            to: sms.to.clone(),
            message_id: sms.provider_message_id.clone().unwrap_or_default(),
        },
        Road::Link(link) => AnswerRoad::Link {
            choice: link.choice,
            source_ip: link.source_ip.clone(),
            seen_by: link.source_ip_seen_by,
            user_agent: String::new(),
        },
    };
    let recipient = AnswerStanding::Recipient;
    Some(Answer {
        proof: proof(section.proof),
        ..answer(road, recipient, "", section.received_at)
    })
}
