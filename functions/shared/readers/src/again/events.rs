//! The log: each line read again from the record of who told it, or from the mail that came.

use certificate::{AnswerRoad as CertifiedRoad, EventRow, Evidence, OtherMail, Proof};
use domain::{
    Answer, AnswerProof, AnswerRoad, AnswerStanding, AutomaticMail, Channel, Event, EventId,
    EventKind, EventSource, InboundMessageId, MobileNumber, Observation, Sha256Digest,
};
use jiff::Timestamp;
use letters::words::{event_words, quoted_words, source_words};
use mail::{ParsedMail, shows_something};

use super::EmbeddedMails;
use super::own_event;
use super::values::Values;
use crate::log::row;
use crate::message::size_of;
use crate::record::{IncomingSms, Report, ReportedEvent, parse_report};

/// A return path of which nobody can say anything: what SMTP said is not in the mail.
const SOME_RETURN_PATH: &str = "somebody@sender.invalid";

/// The log, as far as its lines could be read.
pub(super) struct Log {
    /// In the order of the log.
    pub(super) events: Vec<Event>,
    /// The SMS that a provider's record holds, and when it was received.
    pub(super) sms: Vec<(Timestamp, IncomingSms)>,
    /// The provider's ids of our messages: those that it gave, then those that reports brought.
    ids: [Ids; 2],
}

#[derive(Default)]
struct Ids {
    given: Vec<(Timestamp, String)>,
    adopted: Vec<String>,
}

/// One who tells a line of the log.
#[derive(Clone, Copy)]
pub(super) struct Teller<'e> {
    pub(super) source: &'e str,
    pub(super) at: Timestamp,
    pub(super) verbatim: Option<&'e str>,
}

/// A line, read again.
struct ReadAgain {
    kind: EventKind,
    source: EventSource,
    /// The time of the record, where it says one.
    at: Option<Timestamp>,
    /// What its record says beside the kind.
    record: Option<Box<ReportedEvent>>,
    sms: Option<IncomingSms>,
    /// Whether its words follow from what is embedded.
    is_shown: bool,
}

impl Log {
    /// Reads the log of a certificate and compares it.
    pub(super) fn read(
        evidence: &Evidence,
        mails: &EmbeddedMails<'_>,
        values: &mut Values,
    ) -> Self {
        let mut log = Self {
            events: Vec::with_capacity(evidence.events.len()),
            sms: Vec::new(),
            ids: [Ids::default(), Ids::default()],
        };
        let mut others = mails.others.iter();
        let mut reports = Vec::new();
        for (number, said) in evidence.events.iter().enumerate() {
            let place = format!("Events[{number}]");
            let other = match &said.other_mail {
                Some(OtherMail::Embedded(file)) => {
                    let other = others.next();
                    let size = other.map(|other| size_of(other.raw));
                    if size != Some(file.size_bytes) {
                        let size = size.unwrap_or_default().to_string();
                        let said = file.size_bytes.to_string();
                        values.agree(&place, "OtherMail.SizeBytes", &said, &size);
                    }
                    other.map(|other| other.parsed)
                }
                Some(
                    OtherMail::TooLarge(_)
                    | OtherMail::TooMany
                    | OtherMail::Malware
                    | OtherMail::Gone,
                )
                | None => None,
            };
            let teller = Teller {
                source: &said.source,
                at: said.at,
                verbatim: said.verbatim.as_deref(),
            };
            let before = values.differences();
            match read_line(evidence, said, teller, other) {
                Ok(found) => {
                    compare_line(&place, said, teller, &found, values);
                    log.take(&place, said, teller, &found, &mut reports);
                    if values.differences() == before {
                        if found.is_shown {
                            values.recomputed(place);
                        } else {
                            values.word(place);
                        }
                    }
                }
                Err(problem) => {
                    let has_record = said.source != source_words(EventSource::Akashi);
                    let field = if has_record { "Verbatim" } else { "Name" };
                    values.differ(format!("{place}.{field}"), &said.name, problem);
                }
            }
            log.read_repeats(evidence, number, said, &mut reports, values);
        }
        log.compare_reports(evidence, &reports, values);
        log.compare_order(evidence, values);
        log
    }

    /// The same line, as others told it.
    fn read_repeats(
        &mut self,
        evidence: &Evidence,
        number: usize,
        said: &EventRow,
        reports: &mut Vec<(String, ReportedEvent, EventKind)>,
        values: &mut Values,
    ) {
        for (repeat, told) in said.also_told.iter().enumerate() {
            let place = format!("Events[{number}].AlsoTold[{repeat}]");
            let teller = Teller {
                source: &told.source,
                at: told.at,
                verbatim: told.verbatim.as_deref(),
            };
            match read_line(evidence, said, teller, None) {
                Ok(found) => {
                    compare_line(&place, said, teller, &found, values);
                    self.note_id(told.recorded_at, &found.kind, found.source);
                    if let Some(record) = found.record {
                        reports.push((place, *record, found.kind));
                    }
                }
                Err(problem) => {
                    values.differ(format!("{place}.Verbatim"), &said.name, problem);
                }
            }
        }
    }

    fn take(
        &mut self,
        place: &str,
        said: &EventRow,
        teller: Teller<'_>,
        found: &ReadAgain,
        reports: &mut Vec<(String, ReportedEvent, EventKind)>,
    ) {
        self.note_id(said.recorded_at, &found.kind, found.source);
        if let Some(record) = &found.record {
            let record = record.as_ref().clone();
            reports.push((place.to_owned(), record, found.kind.clone()));
        }
        if let Some(sms) = &found.sms {
            self.sms.push((teller.at, sms.clone()));
        }
        self.events.push(Event {
            id: EventId::new(Sha256Digest::new([0; 32])),
            kind: found.kind.clone(),
            source: found.source,
            at: said.at,
            recorded_at: said.recorded_at,
            is_supplementary: said.is_supplementary,
            verbatim: None,
        });
    }

    fn note_id(&mut self, recorded_at: Timestamp, kind: &EventKind, source: EventSource) {
        match kind {
            EventKind::Observed(channel, Observation::ProviderAccepted { message_id })
                if source == EventSource::Akashi =>
            {
                let given = (recorded_at, message_id.to_string());
                self.ids_mut(*channel).given.push(given);
            }
            EventKind::ObservedByTags(channel, _, message_id) => {
                self.ids_mut(*channel).adopted.push(message_id.to_string());
            }
            EventKind::Observed(..)
            | EventKind::Accepted
            | EventKind::AttemptStarted(_)
            | EventKind::AttemptPostponed(_)
            | EventKind::OfAnotherMessage(..)
            | EventKind::DeadlinePassed
            | EventKind::AnswerReceived(_)
            | EventKind::AnswerDeadlinePassed
            | EventKind::CopyHandedOver => {}
        }
    }

    fn ids(&self, channel: Channel) -> &Ids {
        let [mail, sms] = &self.ids;
        match channel {
            Channel::Mail => mail,
            Channel::Sms => sms,
        }
    }

    fn ids_mut(&mut self, channel: Channel) -> &mut Ids {
        let [mail, sms] = &mut self.ids;
        match channel {
            Channel::Mail => mail,
            Channel::Sms => sms,
        }
    }

    /// Compares the provider's id of our message with what the log tells of it.
    pub(super) fn compare_id(
        &self,
        channel: Channel,
        said: Option<&str>,
        place: &str,
        values: &mut Values,
    ) {
        let name = format!("{place}.ProviderMessageId");
        let ids = self.ids(channel);
        let given = ids.given.iter().map(|(_, id)| id);
        let known: Vec<&String> = match ids.given.is_empty() {
            true => ids.adopted.iter().collect(),
            false => given.collect(),
        };
        match said {
            Some(said) if known.iter().any(|id| *id == said) => values.recomputed(name),
            None if ids.given.is_empty() => values.word(name),
            said => {
                let known: Vec<&str> = known.iter().map(|id| id.as_str()).collect();
                values.differ(name, said.unwrap_or("-"), &known.join(", "));
            }
        }
    }

    /// Each report names our message, and whom it went to.
    fn compare_reports(
        &self,
        evidence: &Evidence,
        reports: &[(String, ReportedEvent, EventKind)],
        values: &mut Values,
    ) {
        let one_id = reports
            .first()
            .map(|(_, report, _)| report.message_id.to_string());
        for (place, report, kind) in reports {
            if matches!(kind, EventKind::OfAnotherMessage(..)) {
                continue;
            }
            let ids = self.ids(report.channel);
            let given = ids.given.iter().map(|(_, id)| id);
            let known: Vec<&String> = given.chain(&ids.adopted).collect();
            let id = report.message_id.to_string();
            // An addendum's log begins behind the handover: all of it is about one message.
            let is_ours = match known.is_empty() {
                true => Some(&id) == one_id.as_ref(),
                false => known.contains(&&id),
            };
            if !is_ours {
                let known: Vec<&str> = known.iter().map(|id| id.as_str()).collect();
                values.differ(format!("{place}.Verbatim"), &known.join(", "), &id);
            }
            let recipient = &evidence.recipient;
            let is_recipient = |one: &String| match report.channel {
                Channel::Mail => one.parse().ok().as_ref() == recipient.mail(),
                Channel::Sms => {
                    let number: Option<MobileNumber> = one.parse().ok();
                    number.is_none() || number.as_ref() == recipient.mobile()
                }
            };
            if !report.recipients.is_empty() && !report.recipients.iter().any(is_recipient) {
                let said = recipient.to_string();
                let found = report.recipients.join(", ");
                values.differ(format!("{place}.Verbatim"), &said, &found);
            }
        }
    }

    /// The log begins with the acceptance, and goes by the clocks of those who tell it.
    fn compare_order(&self, evidence: &Evidence, values: &mut Values) {
        let rows = &evidence.events;
        let sorted = rows.windows(2).all(|pair| match pair {
            [one, other] => one.at <= other.at,
            _ => true,
        });
        if !sorted {
            values.differ("Events", "-", "EventTime");
        }
        let accepted = self
            .events
            .iter()
            .find(|event| event.kind == EventKind::Accepted);
        if evidence.message().is_some() {
            let found = accepted.map(|event| event.at);
            let said = Some(evidence.accepted_at);
            if said != found {
                values.same("SubmissionTime", &said, &found);
            }
        }
    }
}

/// Compares a line with what it should say.
fn compare_line(
    place: &str,
    said: &EventRow,
    teller: Teller<'_>,
    found: &ReadAgain,
    values: &mut Values,
) {
    let expected = row(&found.kind, found.source, teller.at);
    let pairs = [
        ("Source", teller.source, expected.source.as_str()),
        ("Name", &said.name, &expected.name),
        (
            "DescriptionJapanese",
            &said.description_japanese,
            &expected.description_japanese,
        ),
        (
            "DescriptionEnglish",
            &said.description_english,
            &expected.description_english,
        ),
    ];
    for (field, said, found) in pairs {
        values.agree(place, field, said, found);
    }
    let text = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let etsi = |row: &EventRow| row.etsi.map(|event| format!("{event:?}"));
    values.agree(
        place,
        "ERDSEventId",
        &text(etsi(said)),
        &text(etsi(&expected)),
    );
    let id = |row: &EventRow| text(row.reported_message_id.clone());
    values.agree(place, "ReportedMessageId", &id(said), &id(&expected));
    if let Some(at) = found.at {
        values.agree(place, "EventTime", &teller.at.to_string(), &at.to_string());
    }
    if found.is_shown {
        let quoted = text(quoted_words(&found.kind));
        values.agree(place, "Quoted", &text(said.quoted.clone()), &quoted);
    }
}

/// Reads a line of the log again from its record, from the mail that came, or, where the service
/// itself saw it, from its own words.
fn read_line(
    evidence: &Evidence,
    said: &EventRow,
    teller: Teller<'_>,
    other: Option<&ParsedMail<'_>>,
) -> Result<ReadAgain, &'static str> {
    let mut sources = EventSource::ALL.into_iter();
    let source = sources.find(|source| source_words(*source) == teller.source);
    let source = source.ok_or("nobody of this name tells anything")?;
    match (teller.verbatim, source) {
        (Some(record), EventSource::Ses | EventSource::Sns) => of_record(said, teller, record),
        (Some(_), EventSource::Akashi) => Err("the service has no record of a provider"),
        (None, EventSource::Sns) => Err("the provider's record is missing"),
        (None, EventSource::Akashi) => {
            let kind = own_event::read(said)
                .or_else(|| link_answer(evidence, said))
                .ok_or("the service tells nothing of this kind")?;
            Ok(without_record(kind, source, false))
        }
        (None, EventSource::Ses) => {
            let is_answer = said.name == "answer_received";
            let kind = is_answer
                .then(|| mail_answer(evidence, said, other))
                .flatten();
            let (kind, is_shown) = kind.ok_or("the provider's record is missing")?;
            Ok(without_record(kind, source, is_shown))
        }
    }
}

fn without_record(kind: EventKind, source: EventSource, is_shown: bool) -> ReadAgain {
    ReadAgain {
        kind,
        source,
        at: None,
        record: None,
        sms: None,
        is_shown,
    }
}

fn of_record(said: &EventRow, teller: Teller<'_>, record: &str) -> Result<ReadAgain, &'static str> {
    match parse_report(record, None) {
        Err(_) => Err("the provider's record cannot be read"),
        Ok(Report::OfNoConcern) => Err("the provider's record is about no message"),
        Ok(Report::OfMessage(report)) => {
            let (channel, seen) = (report.channel, report.observation.clone());
            let id = report.message_id.clone();
            let kind = if said.name == "of_another_message" {
                EventKind::OfAnotherMessage(channel, seen, id)
            } else if said.reported_message_id.is_some() {
                EventKind::ObservedByTags(channel, seen, id)
            } else {
                EventKind::Observed(channel, seen)
            };
            Ok(ReadAgain {
                kind,
                source: match channel {
                    Channel::Mail => EventSource::Ses,
                    Channel::Sms => EventSource::Sns,
                },
                at: Some(report.at),
                record: Some(report),
                sms: None,
                is_shown: true,
            })
        }
        Ok(Report::Sms(sms)) => {
            let road = AnswerRoad::Sms {
                from: sms.from.clone(),
                to: sms.to.clone(),
                message_id: sms.message_id.clone(),
            };
            let standing = if shows_something(&sms.text) {
                AnswerStanding::Recipient
            } else {
                AnswerStanding::Empty
            };
            let answer = answer(road, standing, &sms.text, teller.at);
            Ok(ReadAgain {
                kind: EventKind::AnswerReceived(answer),
                source: EventSource::Sns,
                // When it was handed out stands beside the record, and is not kept.
                at: None,
                record: None,
                sms: Some(sms),
                is_shown: true,
            })
        }
    }
}

/// A mail that came back: the one that is embedded, the answer that is certified, or what the line
/// says of one that is neither.
fn mail_answer(
    evidence: &Evidence,
    said: &EventRow,
    other: Option<&ParsedMail<'_>>,
) -> Option<(EventKind, bool)> {
    let says = |kind: &EventKind| event_words(kind).english == said.description_english;
    if let Some(mail) = other {
        let kinds = kinds_of_mail(evidence, mail, said.at)?;
        let kind = kinds.iter().find(|kind| says(kind)).or(kinds.first())?;
        return Some((kind.clone(), true));
    }
    let certified = evidence
        .answer()
        .filter(|answer| answer.received_at == said.at);
    let certified = certified.and_then(|answer| answer.mail());
    let certified = certified.and_then(|mail| {
        let road = mail_road(Some(mail.from.clone()))?;
        let kind = answer(road, AnswerStanding::Recipient, "", said.at);
        Some(EventKind::AnswerReceived(kind))
    });
    match certified.filter(|kind| says(kind)) {
        Some(kind) => Some((kind, true)),
        None => own_event::mail_answer(said).map(|kind| (kind, false)),
    }
}

/// What an embedded mail can be: its return path, which is not in it, can make an automatic reply
/// of what looks like any other mail.
fn kinds_of_mail(
    evidence: &Evidence,
    mail: &ParsedMail<'_>,
    at: Timestamp,
) -> Option<Vec<EventKind>> {
    let from = mail.from();
    let by_path = AnswerStanding::Automatic(AutomaticMail::NullReturnPath);
    let standings = match mail.automatic_answer(SOME_RETURN_PATH) {
        Some(sign) => vec![AnswerStanding::Automatic(sign)],
        None if !mail.says_something() => vec![AnswerStanding::Empty, by_path],
        None if Answer::comes_from(&evidence.recipient, from.as_ref()) => {
            vec![AnswerStanding::Unauthenticated, by_path]
        }
        None => vec![AnswerStanding::AnotherAddress, by_path],
    };
    let text = mail.answer_text();
    let kinds = standings.into_iter().map(|standing| {
        let road = mail_road(from.clone())?;
        Some(EventKind::AnswerReceived(answer(road, standing, &text, at)))
    });
    kinds.collect()
}

/// The answer on the page behind the link, which only the service saw.
fn link_answer(evidence: &Evidence, said: &EventRow) -> Option<EventKind> {
    let certified = evidence
        .answer()
        .filter(|answer| answer.received_at == said.at);
    let certified = certified.and_then(|section| match &section.road {
        CertifiedRoad::Link(link) => {
            let road = AnswerRoad::Link {
                choice: link.choice,
                source_ip: link.source_ip.clone(),
                seen_by: link.source_ip_seen_by,
                user_agent: String::new(),
            };
            let kind = answer(road, AnswerStanding::Recipient, &link.text, said.at);
            Some(EventKind::AnswerReceived(kind))
        }
        CertifiedRoad::Mail(_) | CertifiedRoad::Sms(_) => None,
    });
    let says = |kind: &EventKind| event_words(kind).english == said.description_english;
    certified
        .filter(says)
        .or_else(|| own_event::link_answer(said))
}

/// A road by mail. Of the id, by which the service keeps a mail, nothing is said.
pub(super) fn mail_road(from: Option<domain::EmailAddress>) -> Option<AnswerRoad> {
    let inbound: InboundMessageId = "embedded".parse().ok()?;
    Some(AnswerRoad::Mail { inbound, from })
}

/// What came back, with a proof that counts only where it is the recipient's.
pub(super) fn answer(
    road: AnswerRoad,
    standing: AnswerStanding,
    text: &str,
    at: Timestamp,
) -> Answer {
    let proof = match (standing, &road) {
        (AnswerStanding::Recipient, AnswerRoad::Sms { .. }) => AnswerProof::CallerId,
        (AnswerStanding::Recipient, AnswerRoad::Mail { .. } | AnswerRoad::Link { .. }) => {
            AnswerProof::Signature
        }
        (
            AnswerStanding::Unauthenticated
            | AnswerStanding::AnotherAddress
            | AnswerStanding::Automatic(_)
            | AnswerStanding::Empty
            | AnswerStanding::Malware,
            _,
        ) => AnswerProof::Nothing,
    };
    Answer {
        road,
        standing,
        proof,
        received_at: at,
        text: text.to_owned(),
        authentication: None,
    }
}

/// The proof that a certificate names, as the rules know it.
pub(super) fn proof(proof: Proof) -> AnswerProof {
    match proof {
        Proof::None => AnswerProof::Nothing,
        Proof::OfferToken => AnswerProof::OfferToken,
        Proof::CopyToken => AnswerProof::CopyToken { after_answers: 0 },
        Proof::AlignedSignature => AnswerProof::Signature,
        Proof::CallerId => AnswerProof::CallerId,
    }
}
