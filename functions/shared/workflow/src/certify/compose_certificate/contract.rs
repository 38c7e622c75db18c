//! What a contract's certificate says beside its message: the roads of the offer, and the answer.

use certificate::{
    AnswerLink, AnswerMail, AnswerSection, AnswerSms, ContractSection, DeliveredSms, Proof, Reply,
};
use domain::{Answer, AnswerProof, AnswerRoad, Channel, Event, Offer, Outcome};
use letters::sms::measure;
use letters::words;
use readers::{SMS_PROVIDER, attachments, carrier_in, channel_row, hops, message};

use super::material::{Material, delivered, is_known_at_issue, original, provider_message_id};
use crate::Failure;

/// Collects what was agreed to be offered, on which roads, and what came back.
pub(super) fn section(material: &Material<'_>, offer: &Offer) -> Result<ContractSection, Failure> {
    let course = material.stored.dispatch.course();
    let roads = Channel::ALL.into_iter().filter(|road| course.takes(*road));
    let message = original(material);
    Ok(ContractSection {
        attachments: attachments(material.mail),
        deadline: offer.deadline,
        answer_until: offer.answer_until,
        order: offer.order,
        channels: roads
            .map(|road| channel_row(road, material.stored.progress.leg(road), material.events))
            .collect(),
        mail: delivered(material, &message),
        message,
        sms: delivered_sms(material),
        reply: reply(material)?,
    })
}

fn delivered_sms(material: &Material<'_>) -> Option<DeliveredSms> {
    let sms = material.stored.sms.as_ref()?;
    let known = |event: &&Event| is_known_at_issue(event, material.issued_at);
    let carrier = material.events.iter().filter(known).find_map(carrier_in);
    Some(DeliveredSms {
        text: sms.text.clone(),
        encoding: measure(&sms.text).encoding.name().to_owned(),
        parts: u16::try_from(sms.parts).unwrap_or(u16::MAX),
        provider: SMS_PROVIDER.to_owned(),
        provider_message_id: provider_message_id(material, Channel::Sms),
        carrier,
    })
}

fn reply(material: &Material<'_>) -> Result<Reply, Failure> {
    match (material.stored.progress.outcome(), material.answer) {
        (Some(Outcome::Answered), Some((_, answer))) => {
            Ok(Reply::Answered(Box::new(answer_section(material, answer)?)))
        }
        (Some(Outcome::Answered), None) => Err(Failure::permanent(
            "finding the answer that settled a contract",
        )),
        (Some(Outcome::Noex), _) => Ok(Reply::NoSuchDestination),
        (Some(Outcome::Undelivered | Outcome::Unconfirmed { .. }), _) => Ok(Reply::Undelivered),
        (Some(Outcome::NoResponse), _) => Ok(Reply::None),
        (
            Some(
                Outcome::Relayed
                | Outcome::AnsweredLater
                | Outcome::BouncedLater
                | Outcome::NotAttempted(_),
            )
            | None,
            _,
        ) => Err(Failure::permanent(
            "composing a certificate of a contract that is not settled",
        )),
    }
}

pub(super) fn answer_section(
    material: &Material<'_>,
    answer: &Answer,
) -> Result<AnswerSection, Failure> {
    let road = match &answer.road {
        AnswerRoad::Mail { .. } => {
            certificate::AnswerRoad::Mail(Box::new(answer_mail(material, answer)?))
        }
        AnswerRoad::Sms {
            from,
            to,
            message_id,
        } => certificate::AnswerRoad::Sms(AnswerSms {
            from: from.clone(),
            to: to.clone(),
            text: answer.text.clone(),
            provider: SMS_PROVIDER.to_owned(),
            provider_message_id: Some(message_id.clone()),
            carrier: None,
        }),
        AnswerRoad::Link {
            choice,
            source_ip,
            seen_by,
            user_agent,
        } => certificate::AnswerRoad::Link(AnswerLink {
            choice: *choice,
            label: words::button_words(*choice).to_string(),
            text: answer.text.clone(),
            source_ip: source_ip.clone(),
            source_ip_seen_by: *seen_by,
            user_agent: Some(user_agent.clone()).filter(|name| !name.is_empty()),
        }),
    };
    Ok(AnswerSection {
        received_at: answer.received_at,
        proof: proof(answer.proof),
        road,
    })
}

fn proof(proof: AnswerProof) -> Proof {
    match proof {
        AnswerProof::Nothing => Proof::None,
        AnswerProof::OfferToken => Proof::OfferToken,
        AnswerProof::CopyToken { .. } => Proof::CopyToken,
        AnswerProof::Signature => Proof::AlignedSignature,
        AnswerProof::CallerId => Proof::CallerId,
    }
}

fn answer_mail(material: &Material<'_>, answer: &Answer) -> Result<AnswerMail, Failure> {
    let missing = || Failure::permanent("reading an answer that is not there");
    let (raw, mail) = material.answer_mail.ok_or_else(missing)?;
    let authentication = answer.authentication.as_deref().ok_or_else(missing)?;
    Ok(AnswerMail {
        from: mail.from().ok_or_else(missing)?,
        display_name: mail.from_display_name(),
        message: message(raw, mail),
        attachments: attachments(mail),
        authentication: authentication.clone(),
        hops: hops(mail),
    })
}
