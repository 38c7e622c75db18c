//! A mail, as it came in and as it was handed over.

use domain::BodySource;
use paper::{Block, Cut, Field, Lines, Quotation, Row, Words};

use super::composer::{BODY, Composer};
use super::pieces::{fixed, grouped};
use super::sections::Section;
use super::wording::{self as say, changes, results};
use super::{ATTACHMENT_COLUMNS, MailWords};
use crate::limits::ROWS_MAX;
use crate::record::v3::{AttachmentRow, BodyText, DeliveredMessage, Message, UnshownPartRow};

impl Composer<'_> {
    pub(super) fn message_fields(&mut self, message: &Message, words: &MailWords) {
        let mut fields = vec![
            self.field(say::SUBJECT, Some(&message.subject), say::NO_SUBJECT),
            self.field(
                say::DATE_HEADER,
                message.date_header.as_deref(),
                say::NO_DATE,
            ),
            self.field(
                say::MESSAGE_ID,
                message.message_id.as_deref(),
                say::NO_MESSAGE_ID,
            ),
            self.digest(message.digest, message.size_bytes),
            Field {
                label: say::BODY_SOURCE,
                value: fixed(source_words(message, words)),
            },
        ];
        if let Some(part) = &message.unshown_part {
            let value = unshown_part(part);
            fields.push(self.field(say::UNSHOWN_PART, Some(&value), say::NO_VALUE));
        }
        if message.body_source.has_text() {
            let charset = message.body_charset.as_ref().map(results::of_charset);
            let value = match charset {
                Some(charset) => self.filled(&charset),
                None => fixed(say::NO_VALUE),
            };
            fields.push(Field {
                label: say::CHARSET,
                value,
            });
        }
        if !message.damages.is_empty() {
            let damages = message.damages.iter().take(ROWS_MAX);
            let value = damages
                .map(|damage| self.plain(&results::of_damage(*damage).both()))
                .collect();
            fields.push(Field {
                label: say::DAMAGES,
                value,
            });
        }
        self.blocks.push(Block::Fields(fields));
        self.rest(message.damages.len());
    }

    pub(super) fn handed_over(&mut self, delivered: &DeliveredMessage) {
        self.blocks.push(Block::Subheading {
            words: say::HANDED_OVER,
            detail: None,
        });
        self.remark(say::HANDED_OVER_NOTE);
        let provider_id = delivered.provider_message_id.as_deref();
        let mut fields = vec![
            self.field(say::PROVIDER_ID, provider_id, say::NO_PROVIDER_ID),
            self.digest(delivered.digest, delivered.size_bytes),
        ];
        // Where it is embedded, it is among the files.
        let header = match &delivered.raw_header {
            Some(_) if delivered.is_embedded() => None,
            Some(_) => Some(say::IN_RECORD),
            None => Some(say::NO_DELIVERED_HEADER),
        };
        fields.extend(header.map(|words| Field {
            label: say::DELIVERED_HEADER,
            value: fixed(words),
        }));
        if !delivered.changes.is_empty() {
            let value = delivered
                .changes
                .iter()
                .take(ROWS_MAX)
                .map(|change| self.plain(&changes::of_change(*change).both()))
                .collect();
            fields.push(Field {
                label: say::CHANGES,
                value,
            });
        }
        self.blocks.push(Block::Fields(fields));
        self.rest(delivered.changes.len());
        if delivered.notices.is_some() {
            self.remark(say::NOTICES_WHERE);
        }
    }

    /// What the recipient read beside the message, word for word.
    pub(super) fn notices(&mut self, delivered: &DeliveredMessage) {
        let Some(notices) = &delivered.notices else {
            return;
        };
        self.section(Section::Notices, say::NOTICES);
        for (words, text) in [
            (say::NOTICE_BEFORE, &notices.before),
            (say::NOTICE_BEHIND, &notices.behind),
        ] {
            self.blocks.push(Block::Subheading {
                words,
                detail: None,
            });
            let text = self.screen.show(text, Lines::Text, BODY);
            self.blocks.push(Block::Quotation {
                text,
                kind: Quotation::Record,
            });
        }
    }

    pub(super) fn body(&mut self, message: &Message, has_html_part: bool, words: &MailWords) {
        self.heading(say::BODY);
        self.text(message, has_html_part, words);
    }

    pub(super) fn text(&mut self, message: &Message, has_html_part: bool, words: &MailWords) {
        let body = message.body_text.text();
        if message.body_source == BodySource::Unshown {
            self.remark(say::BODY_UNSHOWN);
        } else if body.is_empty() || message.body_source == BodySource::Empty {
            self.remark(say::BODY_EMPTY);
        } else {
            let text = self.screen.show(body, Lines::Text, BODY);
            let cut = cut_of_body(text.cut, &message.body_text);
            self.blocks.push(Block::Quotation {
                text,
                kind: Quotation::Body,
            });
            self.cut(cut, words.rest);
        }
        if has_html_part {
            self.remark(words.html_embedded);
        }
    }

    pub(super) fn attachments(
        &mut self,
        heading: Words,
        attachments: &[AttachmentRow],
        words: &MailWords,
    ) {
        self.section(Section::Attachments, heading);
        if attachments.is_empty() {
            self.remark(say::ATTACHMENTS_NONE);
            return;
        }
        self.remark(words.attachments_where);
        let numbered = attachments.iter().take(ROWS_MAX).enumerate();
        let rows = numbered
            .map(|(index, row)| self.attachment(index + 1, row))
            .collect();
        self.blocks.push(Block::Table {
            columns: ATTACHMENT_COLUMNS,
            rows,
        });
        self.rest(attachments.len());
    }

    pub(super) fn attachment(&mut self, number: usize, row: &AttachmentRow) -> Row {
        let name = self.captured(row.name_as_sent.as_deref(), say::NO_NAME);
        let mut kind = vec![self.plain(&row.content_type)];
        for (is_so, words) in [(row.is_inline, say::INLINE), (row.damaged, say::DAMAGED)] {
            if is_so {
                kind.push(self.quiet(&words.both()));
            }
        }
        let mut below = vec![self.quiet(&format!("SHA-256  {}", row.digest))];
        if row.name_as_sent.as_ref() != Some(&row.embedded_name) {
            let safe_name = format!("{}  {}", say::SAFE_NAME.both(), row.embedded_name);
            below.push(self.quiet(&safe_name));
        }
        if let Some(content_id) = &row.content_id {
            let content_id = format!("{}  {content_id}", say::CONTENT_ID.japanese);
            below.push(self.quiet(&content_id));
        }
        let number = vec![self.plain(&number.to_string())];
        let size = vec![self.plain(&grouped(row.size_bytes))];
        Row {
            cells: vec![number, name, kind, size],
            below,
        }
    }
}

/// How much of the whole text is shown, when the evidence has only its beginning.
fn cut_of_body(cut: Option<Cut>, body: &BodyText) -> Option<Cut> {
    let total_bytes = usize::try_from(body.size_bytes()).unwrap_or(usize::MAX);
    let kept = body.text().len();
    match cut {
        Some(cut) => Some(Cut { total_bytes, ..cut }),
        None => (kept < total_bytes).then_some(Cut {
            shown_bytes: kept,
            total_bytes,
        }),
    }
}

fn source_words(message: &Message, words: &MailWords) -> Words {
    match message.body_source {
        BodySource::PlainText => say::FROM_PLAIN_TEXT,
        BodySource::HtmlAsText => words.from_html,
        BodySource::Empty => say::FROM_NOTHING,
        BodySource::Unshown => say::FROM_UNSHOWN,
    }
}

/// Which part holds what cannot be shown.
fn unshown_part(part: &UnshownPartRow) -> String {
    let name = part.name_as_sent.as_deref().unwrap_or_default();
    format!("{}  {}  {name}", part.part_number, part.content_type)
        .trim_end()
        .to_owned()
}
