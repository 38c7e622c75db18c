//! A world as a text to read: the outbox, the ledger, each dispatch with its events, what failed.

use std::fmt::Write;

use domain::{
    Answer, AnswerRoad, AnswerStanding, Event, EventKind, LedgerEntry, Named, NoticeState, Product,
};
use mail::ParsedMail;
use serde_json::Value;
use sha2::{Digest, Sha256};
use workflow::ports::{MailTag, StoredDispatch, StoredIntake};

use crate::World;
use crate::engine::ExecutionState;
use crate::provider::SentMail;
use crate::redaction::Redaction;
use crate::sms::SentSms;

/// What a mailer shows, and what machines act on.
const SHOWN_FIELDS: [&str; 7] = [
    "From:",
    "To:",
    "Reply-To:",
    "Auto-Submitted:",
    "In-Reply-To:",
    "References:",
    "X-Akashi",
];

impl World {
    /// Everything that a customer, a recipient or an auditor could see.
    #[must_use]
    pub fn report(&self) -> String {
        let mut text = String::new();
        section(&mut text, "Intake", &self.intake_lines());
        section(&mut text, "Dispatches", &self.dispatch_lines());
        section(&mut text, "Ledger", &self.ledger_lines());
        section(&mut text, "Outbox", &self.outbox_lines());
        if !self.sms_outbox().is_empty() {
            section(&mut text, "SMS", &self.sms_lines());
        }
        let parked: Vec<String> = self.parked().iter().map(Value::to_string).collect();
        section(&mut text, "Parked", &parked);
        section(&mut text, "Dead letters", &self.dead_letters());
        section(&mut text, "Failures on the way", &self.failures());
        Redaction::default().apply(&text)
    }

    /// Each mail in the outbox as its reader sees it: texts decoded, attachments listed.
    #[must_use]
    pub fn outbox_in_full(&self) -> String {
        let mut text = String::new();
        for sent in self.outbox() {
            let _ = writeln!(text, "===== {}", line_of(&sent));
            show_mail(&mut text, &sent.mail.raw);
        }
        Redaction::default().apply(&text)
    }

    fn intake_lines(&self) -> Vec<String> {
        let state = self.lock();
        let line = |(id, intake): (_, &StoredIntake)| match intake {
            StoredIntake::Accepted { recipients, .. } => {
                format!("{id}: accepted, {recipients} dispatches")
            }
            StoredIntake::Unvouched { reasons, told, .. } => match told {
                Some((count, notice)) => {
                    let (count, notice) = (count.total(), state_of(notice));
                    format!("{id}: unvouched, one of {count}, notice {notice}, {reasons:?}")
                }
                None => format!("{id}: unvouched, counted later, {reasons:?}"),
            },
            StoredIntake::Refused {
                serial,
                reasons,
                notice,
                ..
            } => {
                format!(
                    "{id}: refused as {serial}, notice {}, {reasons:?}",
                    state_of(notice)
                )
            }
        };
        state.intakes.iter().map(line).collect()
    }

    fn dispatch_lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for stored in self.dispatches() {
            lines.push(self.dispatch_line(&stored));
            lines.extend(self.events(&stored.dispatch.id).iter().map(event_line));
        }
        lines
    }

    fn dispatch_line(&self, stored: &StoredDispatch) -> String {
        let dispatch = &stored.dispatch;
        let outcome = stored
            .progress
            .outcome()
            .map_or("open", domain::Outcome::name);
        let execution = self
            .executions()
            .into_iter()
            .find(|execution| execution.name == dispatch.id.as_str())
            .map_or("never started", |execution| match execution.state {
                ExecutionState::Running => "running",
                ExecutionState::Waiting => "waiting",
                ExecutionState::Succeeded => "succeeded",
                ExecutionState::Failed => "failed",
            });
        let certificate = match &stored.certificate {
            Some(certificate) => {
                format!(
                    "certificate {} stamped {}",
                    certificate.key, certificate.timestamped_at
                )
            }
            None => "no certificate".to_owned(),
        };
        format!(
            "{} {} to {}: {outcome}, charge {:?}, {certificate}, copy {}{}, workflow {execution}",
            dispatch.id,
            dispatch.serial,
            dispatch.recipient,
            stored.progress.charge(),
            state_of(&stored.copy),
            match dispatch.product {
                Product::Contract(_) =>
                    format!(", recipient's copy {}", state_of(&stored.recipient_copy)),
                Product::Mail | Product::Addendum(_) => String::new(),
            },
        )
    }

    fn ledger_lines(&self) -> Vec<String> {
        let state = self.lock();
        let balances = state.balances.iter().map(|(account, balance)| {
            format!(
                "{account}: {} available, {} reserved",
                balance.available, balance.reserved
            )
        });
        let charges = state.ledger.values().filter_map(|entry| match entry {
            LedgerEntry::Charge {
                dispatch,
                points,
                state,
                ..
            } => Some(format!("{dispatch}: {points} {state:?}")),
            LedgerEntry::Reservation {
                submission,
                points,
                left,
                ..
            } => Some(format!("{submission}: {left} of {points} Reserved")),
            LedgerEntry::Grant { .. } | LedgerEntry::Lapse { .. } => None,
        });
        balances.chain(charges).collect()
    }

    fn sms_lines(&self) -> Vec<String> {
        let line = |sent: &SentSms| format!("{} to {}: {}", sent.at, sent.sms.to, sent.sms.text);
        self.sms_outbox().iter().map(line).collect()
    }

    fn outbox_lines(&self) -> Vec<String> {
        self.outbox().iter().map(line_of).collect()
    }
}

fn section(text: &mut String, title: &str, lines: &[String]) {
    let _ = writeln!(text, "{title}");
    if lines.is_empty() {
        let _ = writeln!(text, "  (nothing)");
    }
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
}

/// Header fields that a reader sees, the texts, and the other parts by name, type and digest.
fn show_mail(text: &mut String, raw: &[u8]) {
    let mail = ParsedMail::parse(raw);
    let header = String::from_utf8_lossy(mail.raw_header()).replace("\r\n ", " ");
    for line in header
        .lines()
        .filter(|line| SHOWN_FIELDS.iter().any(|f| line.starts_with(f)))
    {
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(text, "Subject: {}\n\n{}", mail.subject(), mail.body().text);
    for part in mail.attachments() {
        let name = part.name_as_sent.as_deref().unwrap_or("(no name)");
        let _ = writeln!(text, "--- {name}, {}", part.content_type);
        if part.content_type.starts_with("text/") {
            let _ = writeln!(text, "{}", String::from_utf8_lossy(&part.content()));
        } else {
            let _ = writeln!(text, "{}", hex(&Sha256::digest(part.content())));
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn line_of(sent: &SentMail) -> String {
    let (kind, id) = match &sent.mail.tag {
        MailTag::Dispatch(id) => ("message of", id.to_string()),
        MailTag::Copy(id) => ("copy for", id.to_string()),
        MailTag::FailedRoad(id) => ("failed road of", id.to_string()),
        MailTag::Refusal(id) => ("refusal of", id.to_string()),
        MailTag::Acceptance(id) => ("acceptance of", id.to_string()),
        MailTag::Summary(id) => ("summary of", id.to_string()),
        MailTag::LapseWarning(id) => ("lapse warning for", id.to_string()),
        MailTag::Trial(id) => ("trial of", id.to_string()),
    };
    format!("{} {kind} {id} to {}", sent.at, sent.mail.to)
}

fn event_line(event: &Event) -> String {
    let supplementary = if event.is_supplementary {
        ", supplementary"
    } else {
        ""
    };
    let answer = match &event.kind {
        EventKind::AnswerReceived(answer) => answer_words(answer),
        EventKind::Accepted
        | EventKind::AttemptStarted(_)
        | EventKind::AttemptPostponed(_)
        | EventKind::Observed(..)
        | EventKind::ObservedByTags(..)
        | EventKind::OfAnotherMessage(..)
        | EventKind::DeadlinePassed
        | EventKind::AnswerDeadlinePassed
        | EventKind::CopyHandedOver => String::new(),
    };
    format!(
        "  {} {}{answer} by {:?}, recorded {}{supplementary}",
        event.at,
        event.kind.name(),
        event.source,
        event.recorded_at
    )
}

/// Longest text of an answer that a report shows, in characters.
const ANSWER_CHARACTERS_MAX: usize = 60;

fn answer_words(answer: &Answer) -> String {
    let road = match &answer.road {
        AnswerRoad::Mail { .. } => "mail",
        AnswerRoad::Sms { .. } => "SMS",
        AnswerRoad::Link { choice, .. } => choice.name(),
    };
    let standing = match answer.standing {
        AnswerStanding::Recipient => "the recipient",
        AnswerStanding::Unauthenticated => "nobody knows",
        AnswerStanding::AnotherAddress => "another address",
        AnswerStanding::Empty => "nobody said anything",
        AnswerStanding::Automatic(_) => "a machine",
        AnswerStanding::Malware => "malware",
    };
    let text: String = answer.text.chars().take(ANSWER_CHARACTERS_MAX).collect();
    format!(" ({road}, {standing}: {text:?})")
}

fn state_of(notice: &NoticeState) -> &'static str {
    match notice {
        NoticeState::Pending => "pending",
        NoticeState::Attempted { .. } => "attempted",
        NoticeState::Sent { .. } => "sent",
    }
}
