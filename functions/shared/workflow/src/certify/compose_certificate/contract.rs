//! What a contract's certificate says beside its message: the roads of the offer, and the answer.

use certificate::{
    AnswerLink, AnswerMail, AnswerSection, AnswerSms, ChannelRow, ChannelState, ContractSection,
    DeliveredSms, HopRow, Proof, Reply,
};
use domain::{
    Answer, AnswerProof, AnswerRoad, Attempt, Channel, Event, EventKind, Fate, Observation, Offer,
    Outcome,
};
use letters::{sms, words};

use super::material::{Material, attachments, delivered, message, original, provider_message_id};
use crate::Failure;

const SMS_PROVIDER: &str = "Amazon SNS";

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
        channels: roads.map(|road| channel_row(material, road)).collect(),
        mail: delivered(material, &message),
        message,
        sms: delivered_sms(material),
        reply: reply(material)?,
    })
}

fn channel_row(material: &Material<'_>, channel: Channel) -> ChannelRow {
    let leg = material.stored.progress.leg(channel);
    let seen = material
        .events
        .iter()
        .find(|event| !event.is_supplementary && says_what_became(&event.kind, channel));
    let state = match (leg.fate, &leg.attempt) {
        (Some(Fate::Relayed), _) => ChannelState::Accepted,
        (Some(Fate::Noex), _) => ChannelState::NotExisting,
        (Some(Fate::Undelivered), _) => ChannelState::Undelivered,
        (Some(Fate::NotAttempted(_)), _) | (None, Attempt::NotYet) => ChannelState::NotAttempted,
        (None, Attempt::Underway { .. } | Attempt::ProviderAccepted { .. }) => {
            ChannelState::Unconfirmed
        }
    };
    ChannelRow {
        channel,
        state,
        at: seen.map(|event| event.at),
        detail: seen.and_then(detail),
    }
}

fn says_what_became(kind: &EventKind, channel: Channel) -> bool {
    let Some((seen_on, observation)) = kind.observation() else {
        return false;
    };
    seen_on == channel
        && match observation {
            Observation::Delivered { .. }
            | Observation::SmsConfirmed { .. }
            | Observation::SmsFailed { .. }
            | Observation::Bounced(_)
            | Observation::ProviderRefused { .. } => true,
            Observation::ProviderAccepted { .. }
            | Observation::Complained
            | Observation::Delayed { .. } => false,
        }
}

/// The provider's own words.
fn detail(event: &Event) -> Option<String> {
    let (_, observation) = event.kind.observation()?;
    match observation {
        Observation::Delivered { smtp_response, .. } => Some(smtp_response.clone()),
        Observation::SmsConfirmed {
            provider_response, ..
        }
        | Observation::SmsFailed {
            provider_response, ..
        } => Some(provider_response.clone()),
        Observation::Bounced(bounce) => bounce.diagnostic.clone().or(bounce.status.clone()),
        Observation::ProviderRefused { reason } | Observation::Delayed { reason } => {
            Some(reason.clone())
        }
        Observation::ProviderAccepted { .. } | Observation::Complained => None,
    }
}

fn delivered_sms(material: &Material<'_>) -> Option<DeliveredSms> {
    let sms = material.stored.sms.as_ref()?;
    let known = |event: &&Event| !event.is_supplementary || event.recorded_at <= material.issued_at;
    let carrier =
        material
            .events
            .iter()
            .filter(known)
            .find_map(|event| match event.kind.observation() {
                Some((_, Observation::SmsConfirmed { carrier, .. })) => carrier.clone(),
                Some(_) | None => None,
            });
    Some(DeliveredSms {
        text: sms.text.clone(),
        encoding: sms::measure(&sms.text).encoding.name().to_owned(),
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
    let hops = mail.received_hops().into_iter().map(|hop| HopRow {
        from_name: hop.from,
        from_ip: hop.ip.map(|ip| ip.to_string()),
        by: hop.by,
        at: hop.at,
        is_attested: hop.attested,
    });
    Ok(AnswerMail {
        from: mail.from().ok_or_else(missing)?,
        display_name: mail.from_display_name(),
        message: message(raw, mail),
        attachments: attachments(mail),
        authentication: authentication.clone(),
        hops: hops.collect(),
    })
}
