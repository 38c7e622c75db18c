//! What was seen, in the order in which it happened, and the records that machines wrote of it.

use domain::Named;
use paper::{Block, Column, Lines, Quotation, Row, Value};

use super::IN_RECORDS;
use super::composer::{BODY, Composer, RECORD};
use super::pieces::{fixed, grouped};
use super::sections::Section;
use super::wording as say;
use crate::limits::ROWS_MAX;
use crate::record::v3::{EventRow, OtherMail, other_mail_name};

const COLUMNS: &[Column] = &[
    Column {
        words: say::NUMBER,
        share: 75,
    },
    Column {
        words: say::OCCURRED,
        share: 300,
    },
    Column {
        words: say::DESCRIPTION,
        share: 465,
    },
    Column {
        words: say::SOURCE,
        share: 160,
    },
];

impl Composer<'_> {
    pub(super) fn log(&mut self) {
        self.section(Section::Log, say::LOG);
        self.remark(say::LOG_NOTE);
        let events = &self.evidence.events;
        if events.is_empty() {
            self.remark(say::NO_EVENTS);
            return;
        }
        let rows = events.iter().take(ROWS_MAX).enumerate();
        let rows = rows
            .map(|(index, event)| self.event(index + 1, event))
            .collect();
        self.blocks.push(Block::Table {
            columns: COLUMNS,
            rows,
        });
        self.rest(events.len());
    }

    fn event(&mut self, number: usize, event: &EventRow) -> Row {
        let sources = event.also_told.iter().map(|told| &told.source);
        let sources = std::iter::once(&event.source).chain(sources);
        let cells = vec![
            vec![self.plain(&format!("{}.{number}", self.section))],
            self.times_of(event.at),
            vec![
                self.plain(&event.description_japanese),
                self.quiet(&event.description_english),
            ],
            sources.map(|source| self.plain(source)).collect(),
        ];
        Row {
            cells,
            below: self.below_event(number, event),
        }
    }

    /// What belongs to an event, for those who look closer.
    fn below_event(&mut self, number: usize, event: &EventRow) -> Vec<Value> {
        let mut below = Vec::new();
        if event.is_supplementary {
            below.extend(fixed(say::SUPPLEMENTARY));
        }
        if let Some(quoted) = &event.quoted {
            below.push(self.quiet(&say::QUOTED.both()));
            let text = self.screen.show(quoted, Lines::Text, BODY);
            let cut = text.cut;
            below.push(Value {
                text,
                tone: paper::Tone::Plain,
            });
            below.extend(self.cut_values(cut, IN_RECORDS));
        }
        if let Some(mail) = &event.other_mail {
            below.extend(self.other_mail(number, mail));
        }
        for told in &event.also_told {
            let at = self.both_zones(told.at);
            below.push(self.quiet(&format!("{}  {}  {at}", say::ALSO.both(), told.source)));
        }
        // Equal times would be said twice.
        if event.recorded_at != event.at {
            let at = self.both_zones(event.recorded_at);
            below.push(self.quiet(&format!("{}  {at}", say::RECORDED.both())));
        }
        let etsi = event.etsi.map_or_else(String::new, |event| {
            format!("  /  ETSI EN 319 522: {}", event.name())
        });
        let code = format!("{}  {}{etsi}", say::CODE.both(), event.name);
        below.push(self.quiet(&code));
        below
    }

    /// Where the mail is that came back and answers nothing, or why it is not there.
    fn other_mail(&mut self, number: usize, mail: &OtherMail) -> Vec<Value> {
        let before = self.evidence.events.iter().take(number);
        let embedded = before.filter(|event| match &event.other_mail {
            Some(OtherMail::Embedded(_)) => true,
            Some(
                OtherMail::TooLarge(_) | OtherMail::TooMany | OtherMail::Malware | OtherMail::Gone,
            )
            | None => false,
        });
        let name = other_mail_name(embedded.count());
        let label = say::OTHER_MAIL.both();
        match mail {
            OtherMail::Embedded(_) => vec![self.quiet(&format!("{label}  {name}"))],
            OtherMail::TooLarge(file) => {
                let size = grouped(file.size_bytes);
                let digest = format!("SHA-256  {}  /  {size} bytes", file.digest);
                let mut value = fixed(say::OTHER_MAIL_TOO_LARGE);
                value.push(self.quiet(&digest));
                value
            }
            OtherMail::TooMany => fixed(say::OTHER_MAIL_TOO_MANY),
            OtherMail::Malware => fixed(say::OTHER_MAIL_MALWARE),
            OtherMail::Gone => fixed(say::OTHER_MAIL_GONE),
        }
    }

    /// The records of the provider, each under the number of its event (I-011).
    pub(super) fn records(&mut self) {
        let log = self.section_of(Section::Log);
        let events = self.evidence.events.iter().take(ROWS_MAX);
        let records: Vec<(String, &str)> = events
            .zip(1_usize..)
            .flat_map(|(event, number)| records_of(event, &format!("{log}.{number}")))
            .collect();
        if records.is_empty() {
            return;
        }
        self.heading(say::RECORDS);
        self.remark(say::RECORDS_NOTE);
        for (name, record) in records {
            let detail = self.line(&name);
            self.blocks.push(Block::Subheading {
                words: say::EVENT,
                detail: Some(detail),
            });
            self.record(record);
        }
    }

    pub(super) fn record(&mut self, record: &str) {
        let text = self.screen.show(record, Lines::Text, RECORD);
        let cut = text.cut;
        self.blocks.push(Block::Quotation {
            text,
            kind: Quotation::Record,
        });
        self.cut(cut, IN_RECORDS);
    }
}

/// The records of an event, each with its number and source.
fn records_of<'e>(event: &'e EventRow, number: &str) -> Vec<(String, &'e str)> {
    let also = event.also_told.iter();
    let also = also.map(|told| (&told.source, &told.verbatim));
    std::iter::once((&event.source, &event.verbatim))
        .chain(also)
        .filter_map(|(source, record)| {
            let record = record.as_deref()?;
            Some((format!("{number}  {source}"), record))
        })
        .collect()
}
