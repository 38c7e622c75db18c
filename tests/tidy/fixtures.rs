//! Every event fixture is one that the steps can read, and is used.

use mail::ParsedMail;
use serde_json::Value;
use workflow::wire::{EventInput, ReceiptEvent, ScheduledEvent, parse_report};

use super::repository::{Findings, paths_under, read, root};

#[test]
fn every_event_fixture_parses_as_what_it_is() {
    let mut findings = Findings::default();
    let paths = paths_under("events", ".json");
    for path in &paths {
        if let Err(why) = read_event(&read(path)) {
            findings.add(format!("{path}: {why}"));
        }
    }
    if paths.is_empty() {
        findings.add("events/ holds no JSON");
    }
    findings.assert_none("events/ holds AWS events as our steps read them");
}

#[test]
fn every_sample_mail_can_be_read() {
    let mut findings = Findings::default();
    let paths = paths_under("events", ".eml");
    for path in &paths {
        let raw = std::fs::read(root().join(path)).expect("the file was listed");
        let mail = ParsedMail::parse(&raw);
        if mail.from().is_none() || mail.to(|_| false).recipients.is_empty() {
            findings.add(format!("{path}: no sender or no recipient"));
        }
        if !mail.damages().is_empty() {
            findings.add(format!("{path}: {:?}", mail.damages()));
        }
    }
    if paths.is_empty() {
        findings.add("events/ holds no mail");
    }
    findings.assert_none("events/ holds mails that people would send");
}

/// Reads an event as the function does that AWS would call with it.
fn read_event(text: &str) -> Result<(), String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if value.pointer("/Records/0/ses").is_some() {
        let event: ReceiptEvent =
            serde_json::from_value(value).map_err(|error| error.to_string())?;
        let receipts = event.receipts().map_err(|error| error.to_string())?;
        return if receipts.is_empty() {
            Err("no receipt".to_owned())
        } else {
            Ok(())
        };
    }
    if value.get("eventType").is_some() {
        return read_report(text, None);
    }
    if value
        .get("source")
        .is_some_and(|source| source == "aws.events")
    {
        let read: Result<ScheduledEvent, _> = serde_json::from_value(value);
        return read.map(drop).map_err(|error| error.to_string());
    }
    let input: EventInput = serde_json::from_value(value).map_err(|error| error.to_string())?;
    match input {
        EventInput::Deadline { deadline } => deadline
            .dispatch_id
            .parse::<domain::DispatchId>()
            .map(drop)
            .map_err(|e| e.to_string()),
        EventInput::Notification(notification) => {
            let mut messages = 0;
            for (message, published_at) in notification.messages() {
                messages += 1;
                read_report(message, published_at)?;
            }
            if messages == 0 {
                Err("no message".to_owned())
            } else {
                Ok(())
            }
        }
        EventInput::Logs(logs) => {
            let lines = logs.lines().map_err(|error| error.to_string())?;
            lines.iter().try_for_each(|line| read_report(line, None))
        }
    }
}

fn read_report(text: &str, published_at: Option<jiff::Timestamp>) -> Result<(), String> {
    let report = parse_report(text, published_at);
    report.map(drop).map_err(|error| error.to_string())
}
