//! Events to the log of a certificate.

use certificate::{EventRow, ToldAgain};
use domain::{Event, EventKind, EventSource};
use jiff::Timestamp;
use letters::words;

/// The log in the order in which it happened, by the clocks of those who tell it. What two sources
/// tell alike stands there once, at the time of the first.
#[must_use]
pub fn in_order(rows: impl Iterator<Item = EventRow>) -> Vec<EventRow> {
    let mut rows: Vec<EventRow> = rows.collect();
    rows.sort_by_key(|row| row.at);
    let mut log: Vec<EventRow> = Vec::with_capacity(rows.len());
    for row in rows {
        match log.iter_mut().find(|known| is_told_again(known, &row)) {
            Some(known) => known.also_told.push(ToldAgain {
                at: row.at,
                recorded_at: row.recorded_at,
                source: row.source,
                verbatim: row.verbatim,
            }),
            None => log.push(row),
        }
    }
    log
}

/// Whether another source tells the same. What one source tells twice happened twice.
fn is_told_again(known: &EventRow, row: &EventRow) -> bool {
    let is_its_source = |told: &ToldAgain| told.source == row.source;
    known.name == row.name
        && known.description_japanese == row.description_japanese
        && known.is_supplementary == row.is_supplementary
        && known.reported_message_id == row.reported_message_id
        && known.source != row.source
        && !known.also_told.iter().any(is_its_source)
}

/// What was seen, as a line of the log.
#[must_use]
pub fn logged(event: &Event) -> EventRow {
    EventRow {
        recorded_at: event.recorded_at,
        is_supplementary: event.is_supplementary,
        verbatim: event.verbatim.clone(),
        quoted: words::quoted_words(&event.kind),
        ..row(&event.kind, event.source, event.at)
    }
}

/// What happened, as a line of the log: its name and its words.
#[must_use]
pub fn row(kind: &EventKind, source: EventSource, at: Timestamp) -> EventRow {
    let words = words::event_words(kind);
    EventRow {
        at,
        recorded_at: at,
        source: words::source_words(source).to_owned(),
        name: kind.name().to_owned(),
        etsi: kind.etsi(),
        reported_message_id: kind.reported_message_id().map(ToString::to_string),
        description_japanese: words.japanese,
        description_english: words.english,
        is_supplementary: false,
        verbatim: None,
        quoted: None,
        other_mail: None,
        also_told: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use domain::{Channel, Observation};

    use super::*;

    fn told(at: &str, source: EventSource, kind: &EventKind) -> EventRow {
        row(kind, source, at.parse().unwrap())
    }

    fn accepted(id: &str) -> EventKind {
        let message_id = id.parse().unwrap();
        EventKind::Observed(Channel::Mail, Observation::ProviderAccepted { message_id })
    }

    #[test]
    fn the_log_has_the_order_of_time_and_says_once_what_two_tell() {
        let delivered = EventKind::Observed(Channel::Mail, Observation::Complained);
        let log = in_order(
            [
                told("2026-01-05T00:00:03Z", EventSource::Ses, &delivered),
                told(
                    "2026-01-05T00:00:02Z",
                    EventSource::Akashi,
                    &accepted("0100-1"),
                ),
                told(
                    "2026-01-05T00:00:01Z",
                    EventSource::Ses,
                    &accepted("0100-1"),
                ),
                told(
                    "2026-01-05T00:00:01Z",
                    EventSource::Ses,
                    &accepted("0100-2"),
                ),
            ]
            .into_iter(),
        );
        let names: Vec<_> = log
            .iter()
            .map(|row| (row.name.as_str(), row.also_told.len()))
            .collect();
        assert_eq!(
            names,
            [
                ("provider_accepted", 1),
                ("provider_accepted", 0),
                ("complained", 0)
            ]
        );
        assert_eq!(log[0].source, "Amazon SES");
        assert_eq!(log[0].also_told[0].source, "Akashi");
        assert_eq!(
            log[0].also_told[0].at,
            "2026-01-05T00:00:02Z".parse().unwrap()
        );
    }

    #[test]
    fn what_one_source_tells_twice_stands_there_twice() {
        let postponed = EventKind::AttemptPostponed(Channel::Mail);
        let twice = ["2026-01-05T00:00:01Z", "2026-01-05T00:01:01Z"];
        let log = in_order(
            twice
                .map(|at| told(at, EventSource::Akashi, &postponed))
                .into_iter(),
        );
        assert_eq!(log.len(), 2);
    }
}
