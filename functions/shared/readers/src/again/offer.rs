//! The roads of an offer, and how it ended.

use certificate::{ChannelRow, ContractSection, DeliveredSms, Evidence, Reply};
use domain::{Channel, EventKind, Named, Outcome};
use letters::sms::measure;

use super::events::Log;
use super::settling::{course, progresses};
use super::values::Values;
use crate::road::{SMS_PROVIDER, carrier_in, channel_state, detail, says_what_became};

const PLACE: &str = "Product.Contract";

/// Compares what is said of the roads and of the reply with the log.
pub(super) fn compare(
    evidence: &Evidence,
    contract: &ContractSection,
    log: &Log,
    values: &mut Values,
) {
    for field in ["DeadlineHours", "AnswerUntilTime", "Order"] {
        values.word(format!("{PLACE}.{field}"));
    }
    compare_roads(evidence, contract, log, values);
    let is_begun = |channel: Channel| {
        let begun = EventKind::AttemptStarted(channel);
        log.events.iter().any(|event| event.kind == begun)
    };
    let has_mail = contract.mail.is_some();
    values.same(format!("{PLACE}.Mail"), &has_mail, &is_begun(Channel::Mail));
    values.same(
        format!("{PLACE}.SMS"),
        &contract.sms.is_some(),
        &is_begun(Channel::Sms),
    );
    if let Some(mail) = &contract.mail {
        let id = mail.provider_message_id.as_deref();
        log.compare_id(Channel::Mail, id, &format!("{PLACE}.Mail"), values);
    }
    if let Some(sms) = &contract.sms {
        compare_sms(sms, log, values);
    }
    let name = format!("{PLACE}.Reply");
    let is_same = match (&contract.reply, Outcome::of_name(&evidence.outcome.code)) {
        (Reply::Answered(_), Some(Outcome::Answered))
        | (Reply::None, Some(Outcome::NoResponse))
        | (Reply::NoSuchDestination, Some(Outcome::Noex))
        | (Reply::Undelivered, Some(Outcome::Undelivered | Outcome::Unconfirmed { .. })) => true,
        (
            Reply::Answered(_) | Reply::None | Reply::NoSuchDestination | Reply::Undelivered,
            Some(_) | None,
        ) => false,
    };
    if is_same {
        values.recomputed(name);
    } else {
        let said = match &contract.reply {
            Reply::Answered(_) => "Answered",
            Reply::None => "None",
            Reply::NoSuchDestination => "NoSuchDestination",
            Reply::Undelivered => "Undelivered",
        };
        values.differ(name, said, &evidence.outcome.code);
    }
}

fn compare_roads(evidence: &Evidence, contract: &ContractSection, log: &Log, values: &mut Values) {
    let course = course(evidence);
    let names = |roads: &mut dyn Iterator<Item = Channel>| -> String {
        let names: Vec<&str> = roads.map(Channel::name).collect();
        names.join(", ")
    };
    let said = names(&mut contract.channels.iter().map(|row| row.channel));
    let taken = Channel::ALL.into_iter().filter(|road| course.takes(*road));
    let taken = names(&mut { taken });
    values.same_text(format!("{PLACE}.Channels"), &said, &taken);
    let progresses = progresses(evidence, &log.events);
    for (number, row) in contract.channels.iter().enumerate() {
        let place = format!("{PLACE}.Channels[{number}]");
        let mut states = progresses
            .iter()
            .map(|progress| channel_state(progress.leg(row.channel)));
        if states.any(|state| state == row.state) {
            values.recomputed(format!("{place}.State"));
        } else {
            let [progress, _] = &progresses;
            let found = format!("{:?}", channel_state(progress.leg(row.channel)));
            values.differ(
                format!("{place}.State"),
                &format!("{:?}", row.state),
                &found,
            );
        }
        compare_detail(&place, row, log, values);
    }
}

/// When and in which words it was told what became of an offer on a road.
fn compare_detail(place: &str, row: &ChannelRow, log: &Log, values: &mut Values) {
    let telling = log
        .events
        .iter()
        .filter(|event| !event.is_supplementary && says_what_became(&event.kind, row.channel));
    let found: Vec<_> = telling
        .map(|event| (Some(event.at), detail(event)))
        .collect();
    let nothing = [(None, None)];
    let found = if found.is_empty() {
        &nothing[..]
    } else {
        &found
    };
    if found.contains(&(row.at, row.detail.clone())) {
        values.recomputed(format!("{place}.Detail"));
        return;
    }
    let (at, words) = found.first().cloned().unwrap_or_default();
    let text = |at: Option<jiff::Timestamp>| at.map_or_else(|| "-".to_owned(), |at| at.to_string());
    values.agree(place, "EventTime", &text(row.at), &text(at));
    let text = |words: &Option<String>| words.clone().unwrap_or_else(|| "-".to_owned());
    values.agree(place, "Detail", &text(&row.detail), &text(&words));
}

fn compare_sms(said: &DeliveredSms, log: &Log, values: &mut Values) {
    let name = |field: &str| format!("{PLACE}.SMS.{field}");
    values.word(name("Text"));
    let size = measure(&said.text);
    values.same_text(name("Encoding"), &said.encoding, size.encoding.name());
    let parts = u16::try_from(size.parts).unwrap_or(u16::MAX);
    values.same(name("Parts"), &said.parts, &parts);
    values.same_text(name("Provider"), &said.provider, SMS_PROVIDER);
    let id = said.provider_message_id.as_deref();
    log.compare_id(Channel::Sms, id, &format!("{PLACE}.SMS"), values);
    let carriers: Vec<String> = log.events.iter().filter_map(carrier_in).collect();
    let is_told = match &said.carrier {
        Some(carrier) => carriers.contains(carrier),
        None => carriers.is_empty(),
    };
    if is_told {
        values.recomputed(name("Carrier"));
    } else {
        let said = said.carrier.as_deref().unwrap_or("-");
        values.differ(name("Carrier"), said, &carriers.join(", "));
    }
}
