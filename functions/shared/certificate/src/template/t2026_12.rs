//! The template 2026-12 of version 3 of the record: which sections there are, in which order, what
//! each says, and the crate `paper` as its renderer.

mod contract;
mod mail;
mod wording;

use std::collections::BTreeSet;

use domain::times::{in_utc, in_zone};
use domain::{
    ArcReport, ArcResult, ArcSignature, AuthenticationEvidence, BodySource, DkimSignature,
    EmailAddress, HeaderField, MobileNumber, Named, Sha256Digest, SignatureResult,
    SigningAlgorithm,
};
use jiff::Timestamp;
use paper::{
    Attachment, Bilingual, Block, Column, Cut, Document, Extent, Field, FontSet, Lines, Properties,
    Quotation, Row, Screen, Shown, Tone, Value, Words,
};

use self::wording::{self as say, results};
use super::Template;
use crate::embed::File;
use crate::error::Error;
use crate::limits::{
    BODY_LINES_MAX, CODE_POINTS_LISTED_MAX, HEADER_LINES_MAX, RECORD_LINES_MAX, ROWS_MAX,
    VALUE_LINES_MAX,
};
use crate::purpose::Purpose;
use crate::record::file_row::FileRow;
use crate::record::v3::{
    ANSWER_HTML, AnswerMail, AttachmentRow, BodyText, DeliveredMessage, EventRow, Evidence,
    Message, ORIGINAL_HTML, Origin, ProductEvidence, UnshownPartRow,
};

/// The template.
pub(crate) const TEMPLATE: Template<Evidence> = Template {
    version: VERSION,
    document: |evidence, files, fonts| compose(VERSION, evidence, files, fonts),
    draw: |evidence, files, fonts| {
        let rows: Vec<FileRow> = files.iter().map(File::row).collect();
        let document = compose(VERSION, evidence, &rows, fonts);
        write(VERSION, &document, evidence, files, fonts)
    },
};

const VERSION: &str = "2026-12.3";

/// Whether a signature holds, in the words of certificates.
#[must_use]
pub fn words_of_signature(result: &SignatureResult) -> String {
    results::of_signature(result)
}

/// The pages as PDF, with a stand-in for each file.
pub(super) fn write(
    version: &str,
    document: &Document,
    evidence: &Evidence,
    files: &[File<'_>],
    fonts: &FontSet,
) -> Result<Vec<u8>, Error> {
    let pages = paper::lay_out(document, fonts);
    fonts.require_whole()?;
    let attachments: Vec<Attachment> = files.iter().map(File::attachment).collect();
    let properties = properties(version, evidence);
    Ok(paper::write(&properties, &pages, &attachments, fonts)?)
}

/// Lines of quoted text as wide as `layout` sets them, in ems of their size, so that the cut
/// after so many lines falls where the pages have about as many.
const BODY: Extent = Extent {
    lines_max: BODY_LINES_MAX,
    width: 48.0,
};
const HEADER: Extent = Extent {
    lines_max: HEADER_LINES_MAX,
    width: 60.0,
};
const RECORD: Extent = Extent {
    lines_max: RECORD_LINES_MAX,
    width: 60.0,
};
const VALUE: Extent = Extent {
    lines_max: VALUE_LINES_MAX,
    width: 34.0,
};

const TIME_COLUMNS: &[Column] = &[
    Column {
        words: say::STEP,
        share: 240,
    },
    Column {
        words: say::TIME_LOCAL,
        share: 460,
    },
    Column {
        words: say::TIME_UTC,
        share: 300,
    },
];

const ATTACHMENT_COLUMNS: &[Column] = &file_columns(say::ATTACHMENT_NAME);
const FILE_COLUMNS: &[Column] = &file_columns(say::FILE_NAME);

/// Columns of files under this heading of their names.
const fn file_columns(name: Words) -> [Column; 4] {
    const fn column(words: Words, share: u16) -> Column {
        Column { words, share }
    }
    [
        column(say::ATTACHMENT_NUMBER, 70),
        column(name, 460),
        column(say::ATTACHMENT_TYPE, 290),
        column(say::ATTACHMENT_SIZE, 180),
    ]
}

/// Which mails have an HTML part that is embedded; the pages say so (I-069).
#[derive(Debug, Clone, Copy)]
struct HtmlParts {
    of_original: bool,
    of_answer: bool,
}

/// Makes the document. Total: every evidence has one. `files` are those that are embedded.
pub(super) fn compose(
    version: &str,
    evidence: &Evidence,
    files: &[FileRow],
    fonts: &FontSet,
) -> Document {
    let has = |name| files.iter().any(|file| file.name == name);
    let html_parts = HtmlParts {
        of_original: has(ORIGINAL_HTML),
        of_answer: has(ANSWER_HTML),
    };
    let mut composer = Composer {
        version,
        evidence,
        files,
        screen: fonts.screen(),
        blocks: Vec::new(),
        section: 0,
    };
    composer.masthead();
    match &evidence.product {
        ProductEvidence::Mail(mail) => composer.mail(mail, html_parts.of_original),
        ProductEvidence::Contract(contract) => composer.contract(contract, html_parts),
        ProductEvidence::Addendum(addendum) => composer.addendum(addendum, html_parts),
    }
    Document {
        title: title_of(&evidence.product),
        number: evidence.serial.to_string(),
        banner: match evidence.issuer.purpose {
            Purpose::Evidence => None,
            Purpose::Test => Some(say::TEST),
        },
        blocks: composer.blocks,
    }
}

/// What the file says of itself.
pub(crate) fn properties(version: &str, evidence: &Evidence) -> Properties {
    let title = title_of(&evidence.product);
    Properties {
        title: format!("{} {}", title.japanese, evidence.serial),
        description: format!("{} {}", title.english, evidence.serial),
        author: evidence.issuer.operator.clone(),
        creator: format!("Akashi, template {version}"),
        created_at: evidence.issued_at,
        identifier: format!("{} {}", evidence.serial, evidence.issued_at),
    }
}

/// The address of the verification page, which the QR code says. The digest stands behind `#`,
/// which browsers keep to themselves: the page gets it, no server log does.
pub(crate) fn address_of(evidence: &Evidence) -> String {
    let (domain, serial) = (&evidence.issuer.service_domain, &evidence.serial);
    format!("https://{domain}/v/{serial}#{}", evidence.content_digest())
}

/// What a certificate is called.
fn title_of(product: &ProductEvidence) -> Words {
    match product {
        ProductEvidence::Mail(_) => say::TITLE,
        ProductEvidence::Contract(_) => say::contract::TITLE,
        ProductEvidence::Addendum(_) => say::contract::ADDENDUM_TITLE,
    }
}

fn subtitle_of(product: &ProductEvidence) -> Words {
    match product {
        ProductEvidence::Mail(_) => say::SUBTITLE,
        ProductEvidence::Contract(_) => say::contract::SUBTITLE,
        ProductEvidence::Addendum(_) => say::contract::ADDENDUM_SUBTITLE,
    }
}

/// Something that happened, and when.
type Step = (Words, Timestamp);

/// The words about a mail that is embedded.
struct MailWords {
    received: Words,
    from_html: Words,
    html_embedded: Words,
    attachments_where: Words,
    header: Words,
    header_note: Words,
    rest: Words,
}

impl MailWords {
    /// The sender's message.
    const ORIGINAL: Self = Self {
        received: say::RECEIVED,
        from_html: say::FROM_HTML,
        html_embedded: say::HTML_EMBEDDED,
        attachments_where: say::ATTACHMENTS_WHERE,
        header: say::HEADER,
        header_note: say::HEADER_NOTE,
        rest: IN_ORIGINAL,
    };

    /// The recipient's answer.
    const ANSWER: Self = Self {
        received: say::contract::ANSWER_RECEIVED,
        from_html: say::contract::ANSWER_FROM_HTML,
        html_embedded: say::contract::ANSWER_HTML_EMBEDDED,
        attachments_where: say::contract::ANSWER_ATTACHMENTS_WHERE,
        header: say::contract::ANSWER_HEADER,
        header_note: say::contract::ANSWER_HEADER_NOTE,
        rest: say::contract::IN_ANSWER,
    };

    /// An answer that is too large to be embedded.
    const LARGE_ANSWER: Self = Self {
        received: say::contract::LARGE_ANSWER_RECEIVED,
        from_html: say::contract::LARGE_ANSWER_FROM_HTML,
        attachments_where: say::contract::LARGE_ANSWER_ATTACHMENTS_WHERE,
        rest: say::contract::NOT_IN_ANSWER,
        ..Self::ANSWER
    };

    fn of_answer(mail: &AnswerMail) -> &'static Self {
        if mail.is_embedded() {
            &Self::ANSWER
        } else {
            &Self::LARGE_ANSWER
        }
    }
}

struct Composer<'e> {
    version: &'e str,
    evidence: &'e Evidence,
    files: &'e [FileRow],
    screen: Screen<'e>,
    blocks: Vec<Block>,
    section: usize,
}

impl Composer<'_> {
    fn masthead(&mut self) {
        let evidence = self.evidence;
        let issuer = format!(
            "{}  {}",
            evidence.issuer.operator, evidence.issuer.service_domain
        );
        let issuer = self.line(&issuer);
        self.blocks.push(Block::Masthead {
            issuer,
            title: title_of(&evidence.product),
            subtitle: subtitle_of(&evidence.product),
            address: address_of(evidence),
            caption: say::VERIFICATION,
        });
        let serial = self.strong(&evidence.serial.to_string());
        let issued = self.times_of(evidence.issued_at);
        self.blocks.push(Block::Fields(vec![
            Field {
                label: say::SERIAL,
                value: vec![serial],
            },
            Field {
                label: say::ISSUED,
                value: issued,
            },
        ]));
        let words = Bilingual {
            japanese: self
                .screen
                .show(&evidence.outcome.japanese, Lines::Text, VALUE),
            english: self
                .screen
                .show(&evidence.outcome.english, Lines::Text, VALUE),
        };
        let mut fields = vec![Field {
            label: say::SETTLED,
            value: self.times_of(evidence.settled_at),
        }];
        match &evidence.product {
            ProductEvidence::Mail(_) => {}
            ProductEvidence::Contract(contract) => fields.extend(self.summary(contract)),
            ProductEvidence::Addendum(addendum) => {
                fields = vec![Field {
                    label: say::contract::ANSWER,
                    value: self.answered(&addendum.answer),
                }];
            }
        }
        let note = match &evidence.product {
            ProductEvidence::Mail(_) => say::OUTCOME_NOTE,
            ProductEvidence::Contract(_) => say::contract::OUTCOME_NOTE,
            ProductEvidence::Addendum(_) => say::contract::ANSWER_NOTE,
        };
        self.blocks.push(Block::Outcome {
            label: say::OUTCOME,
            words,
            fields,
            note,
        });
    }

    fn parties(&mut self) {
        self.heading(say::PARTIES);
        let evidence = self.evidence;
        let Origin::Mail(origin) = &evidence.origin;
        let name = origin.sender.display_name.as_deref().unwrap_or_default();
        let mut sender = vec![self.strong(origin.sender.address.as_str())];
        if !name.is_empty() {
            sender.insert(0, self.plain(name));
        }
        let mail = evidence.recipient.mail().map(EmailAddress::as_str);
        let mobile = evidence.recipient.mobile().map(MobileNumber::as_str);
        let recipient = [mail, mobile].into_iter().flatten();
        let recipient = recipient.map(|text| self.strong(text)).collect();
        let mut fields = vec![
            Field {
                label: say::SENDER,
                value: sender,
            },
            Field {
                label: say::RECIPIENT,
                value: recipient,
            },
        ];
        fields.extend(self.account());
        self.blocks.push(Block::Fields(fields));
    }

    /// Who the customer is (P-046).
    fn account(&mut self) -> [Field; 3] {
        let account = &self.evidence.account;
        let address = account.address.as_ref().map(EmailAddress::as_str);
        [
            self.field(say::COMPANY, Some(&account.company), say::NO_VALUE),
            self.field(say::CONTACT, Some(&account.contact), say::NO_VALUE),
            self.field(say::ACCOUNT_ADDRESS, address, say::NO_ACCOUNT_ADDRESS),
        ]
    }

    fn times(&mut self) {
        self.heading(say::TIMES);
        let evidence = self.evidence;
        self.time_table(&[
            (say::STEP_ACCEPTED, evidence.accepted_at),
            (say::STEP_SETTLED, evidence.settled_at),
            (say::STEP_ISSUED, evidence.issued_at),
        ]);
    }

    fn time_table(&mut self, steps: &[Step]) {
        let zone = &self.evidence.zone;
        let rows = steps.iter().map(|(step, time)| {
            let local = self.plain(&in_zone(*time, zone));
            Row {
                cells: vec![fixed(*step), vec![local], vec![self.plain(&in_utc(*time))]],
                below: Vec::new(),
            }
        });
        let rows = rows.collect();
        self.blocks.push(Block::Table {
            columns: TIME_COLUMNS,
            rows,
        });
    }

    fn message_fields(&mut self, message: &Message, words: &MailWords) {
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
            self.field(say::SIZE, Some(&bytes(message.size_bytes)), say::NO_VALUE),
            self.digest(message.digest),
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
            fields.push(self.field(say::CHARSET, charset.as_deref(), say::NO_VALUE));
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

    fn handed_over(&mut self, delivered: &DeliveredMessage) {
        self.blocks.push(Block::Subheading {
            words: say::HANDED_OVER,
            detail: None,
        });
        let provider_id = delivered.provider_message_id.as_deref();
        let fields = vec![
            self.field(say::PROVIDER_ID, provider_id, say::NO_PROVIDER_ID),
            self.field(say::SIZE, Some(&bytes(delivered.size_bytes)), say::NO_VALUE),
            self.digest(delivered.digest),
            Field {
                label: say::DELIVERED_HEADER,
                value: fixed(match &delivered.raw_header {
                    Some(_) if delivered.is_embedded() => say::IN_FILE,
                    Some(_) => say::IN_RECORD,
                    None => say::NO_DELIVERED_HEADER,
                }),
            },
        ];
        self.blocks.push(Block::Fields(fields));
    }

    fn body(&mut self, message: &Message, has_html_part: bool, words: &MailWords) {
        self.heading(say::BODY);
        self.text(message, has_html_part, words);
    }

    fn text(&mut self, message: &Message, has_html_part: bool, words: &MailWords) {
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

    fn attachments(&mut self, heading: Words, attachments: &[AttachmentRow], words: &MailWords) {
        self.heading(heading);
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

    fn attachment(&mut self, number: usize, row: &AttachmentRow) -> Row {
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

    fn log(&mut self) {
        self.heading(say::LOG);
        self.remark(say::LOG_NOTE);
        let events = &self.evidence.events;
        if events.is_empty() {
            self.remark(say::NO_EVENTS);
        }
        for (index, event) in events.iter().take(ROWS_MAX).enumerate() {
            self.event(index + 1, event);
        }
        self.rest(events.len());
    }

    fn event(&mut self, number: usize, event: &EventRow) {
        let etsi = event
            .etsi
            .map(|event| format!(" / ETSI EN 319 522: {}", event.name()))
            .unwrap_or_default();
        let name = format!("{}.{number}  {}{etsi}", self.section, event.name);
        let detail = self.line(&name);
        self.blocks.push(Block::Subheading {
            words: say::EVENT,
            detail: Some(detail),
        });
        let description = vec![
            self.plain(&event.description_japanese),
            self.quiet(&event.description_english),
        ];
        let mut fields = vec![
            Field {
                label: say::DESCRIPTION,
                value: description,
            },
            Field {
                label: say::OCCURRED,
                value: self.times_of(event.at),
            },
        ];
        // Equal times would be said twice.
        if event.recorded_at != event.at {
            fields.push(Field {
                label: say::RECORDED,
                value: self.times_of(event.recorded_at),
            });
        }
        let mut source = self.captured(Some(&event.source), say::NO_VALUE);
        if event.verbatim.is_none() {
            let Bilingual { japanese, english } = Bilingual::fixed(say::OWN_RECORD);
            source.extend([japanese, english].map(|text| Value {
                text,
                tone: Tone::Quiet,
            }));
        }
        fields.push(Field {
            label: say::SOURCE,
            value: source,
        });
        if event.is_supplementary {
            let value = fixed(say::SUPPLEMENTARY);
            fields.push(Field {
                label: say::STANDING,
                value,
            });
        }
        self.blocks.push(Block::Fields(fields));
        if let Some(record) = &event.verbatim {
            self.record(record);
        }
    }

    fn record(&mut self, record: &str) {
        let text = self.screen.show(record, Lines::Text, RECORD);
        let cut = text.cut;
        self.blocks.push(Block::Quotation {
            text,
            kind: Quotation::Record,
        });
        self.cut(cut, IN_RECORDS);
    }

    /// Who vouches for the sender of a mail to the service.
    fn sender_authentication(&mut self) {
        let Origin::Mail(origin) = &self.evidence.origin;
        self.authentication(say::AUTHENTICATION, &origin.authentication);
    }

    fn authentication(&mut self, heading: Words, found: &AuthenticationEvidence) {
        self.heading(heading);
        let relied_on = found
            .relied_on
            .and_then(|index| Some((index, found.signatures.get(index)?)));
        let relied_on = match relied_on {
            Some((index, signature)) => {
                let text = format!(
                    "{}.{}  {} ({})",
                    self.section,
                    index + 1,
                    signature.domain,
                    signature.alignment.name()
                );
                vec![self.strong(&text)]
            }
            None => fixed(say::RELIED_ON_NONE),
        };
        let spf = self.field(say::SPF, Some(results::of_spf(found.spf)), say::NO_VALUE);
        let by_spf = self.names(say::VOUCHED_BY_SPF, &found.by_spf);
        let fields = vec![
            Field {
                label: say::RELIED_ON,
                value: relied_on,
            },
            spf,
            by_spf,
            Field {
                label: say::ARC,
                value: self.arc(&found.arc),
            },
        ];
        self.blocks.push(Block::Fields(fields));
        if found.signatures.is_empty() {
            self.remark(say::SIGNATURES_NONE);
        }
        for (index, signature) in found.signatures.iter().take(ROWS_MAX).enumerate() {
            self.signature(index + 1, signature, found.verified_at);
        }
        self.rest(found.signatures.len());
    }

    /// The result, and who sealed; the keys are in `evidence.json`.
    fn arc(&mut self, chain: &ArcReport) -> Vec<Value> {
        if chain.result == ArcResult::None {
            return fixed(say::ARC_NONE);
        }
        let mut values = vec![self.plain(&results::of_chain(chain.result))];
        for set in &chain.sets {
            let line = |name: &str, signature: &ArcSignature| {
                let (domain, selector) = (&signature.domain, &signature.selector);
                let result = results::of_signature(&signature.result);
                format!("i={} {name}: {domain} ({selector}): {result}", set.instance)
            };
            values.push(self.quiet(&line("ARC-Seal", &set.seal)));
            if let Some(signature) = &set.message {
                values.push(self.quiet(&line("ARC-Message-Signature", signature)));
            }
        }
        values
    }

    /// Names of header fields, if there are any.
    fn names(&mut self, label: Words, fields: &BTreeSet<HeaderField>) -> Field {
        let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
        let text = Some(names.join(", ")).filter(|text| !text.is_empty());
        self.field(label, text.as_deref(), say::NO_FIELD)
    }

    fn signature(&mut self, number: usize, signature: &DkimSignature, looked_up_at: Timestamp) {
        let name = format!("{}.{number}  {}", self.section, signature.domain);
        let detail = self.line(&name);
        self.blocks.push(Block::Subheading {
            words: say::SIGNATURE,
            detail: Some(detail),
        });
        let result = results::of_signature(&signature.result);
        let algorithm = signature.algorithm.map(SigningAlgorithm::name);
        let mut fields = vec![
            self.field(say::RESULT, Some(&result), say::NO_VALUE),
            self.field(
                say::ALIGNMENT,
                Some(signature.alignment.name()),
                say::NO_VALUE,
            ),
            self.names(say::COVERED, signature.coverage.covered()),
            self.names(say::UNCOVERED, signature.coverage.uncovered()),
            self.field(say::DOMAIN, Some(&signature.domain), say::NO_VALUE),
            self.field(say::SELECTOR, Some(&signature.selector), say::NO_VALUE),
            self.field(say::ALGORITHM, algorithm, say::NO_VALUE),
            self.field(say::DNS_NAME, Some(&signature.dns_name), say::NO_VALUE),
            Field {
                label: say::LOOKED_UP,
                value: self.times_of(looked_up_at),
            },
        ];
        if signature.dns_records.is_empty() {
            fields.push(Field {
                label: say::DNS_RECORD,
                value: fixed(say::NO_DNS_RECORD),
            });
        }
        self.blocks.push(Block::Fields(fields));
        for record in signature.dns_records.iter().take(ROWS_MAX) {
            self.record(record);
        }
    }

    fn list(&mut self, words: Words, items: &[&[Words]]) {
        self.heading(words);
        let items = items
            .iter()
            .copied()
            .flatten()
            .map(|words| Bilingual::fixed(*words));
        self.blocks.push(Block::List(items.collect()));
    }

    /// What is embedded: `evidence.json` cannot name itself, so the page does.
    fn embedded_files(&mut self) {
        self.heading(say::FILES);
        self.remark(say::FILES_NOTE);
        let rows = self.files.iter().enumerate().map(|(index, file)| Row {
            cells: vec![
                vec![self.plain(&(index + 1).to_string())],
                vec![self.plain(&file.name)],
                vec![self.plain(&file.content_type)],
                vec![self.plain(&grouped(file.size_bytes))],
            ],
            below: vec![self.quiet(&format!("SHA-256  {}", file.digest))],
        });
        let rows = rows.collect();
        self.blocks.push(Block::Table {
            columns: FILE_COLUMNS,
            rows,
        });
    }

    fn versions(&mut self) {
        self.heading(say::VERSIONS);
        let evidence = self.evidence;
        let price = format!("{} ポイント points", evidence.price);
        let issuer = vec![
            self.plain(&evidence.issuer.operator),
            self.quiet(&evidence.issuer.service_domain),
        ];
        let mut fields = vec![
            Field {
                label: say::ISSUER,
                value: issuer,
            },
            self.field(
                say::OUTCOME_CODE,
                Some(&evidence.outcome.code),
                say::NO_VALUE,
            ),
            self.field(say::PRICE, Some(&price), say::NO_VALUE),
            self.field(
                say::RULES_VERSION,
                Some(&evidence.rules_version),
                say::NO_VALUE,
            ),
            self.field(
                say::PRICE_TABLE_VERSION,
                Some(&evidence.price_table_version),
                say::NO_VALUE,
            ),
            self.field(say::TEMPLATE, Some(self.version), say::NO_VALUE),
        ];
        let codes = self.codes();
        let codes = codes.iter().map(|line| self.plain(line)).collect();
        fields.push(Field {
            label: say::CODES,
            value: codes,
        });
        self.blocks.push(Block::Fields(fields));
        self.remark(match evidence.product {
            ProductEvidence::Mail(_) => say::CODES_NOTE,
            ProductEvidence::Contract(_) | ProductEvidence::Addendum(_) => {
                say::contract::CODES_NOTE
            }
        });
    }

    /// How many characters and bytes are shown by their number, and which.
    fn codes(&self) -> Vec<String> {
        let characters = self.screen.characters();
        let total: u64 = characters.values().sum();
        let mut lines = vec![format!(
            "{total} 文字 characters、{} バイト bytes",
            self.screen.bytes()
        )];
        let listed: Vec<String> = characters
            .iter()
            .take(CODE_POINTS_LISTED_MAX)
            .map(|(character, count)| format!("U+{:04X} × {count}", u32::from(*character)))
            .collect();
        if !listed.is_empty() {
            lines.push(listed.join(", "));
        }
        let more = characters.len().saturating_sub(CODE_POINTS_LISTED_MAX);
        if more > 0 {
            lines.push(format!("ほか {more} 種類 and {more} more kinds"));
        }
        lines
    }

    fn shown_header(&mut self, raw_header: &[u8]) -> Shown {
        self.screen.show_bytes(raw_header, Lines::Raw, HEADER)
    }

    fn header(&mut self, header: Shown, words: &MailWords) {
        self.heading(words.header);
        if header.as_str().is_empty() {
            self.remark(say::NO_HEADER);
            return;
        }
        self.remark(words.header_note);
        let cut = header.cut;
        self.blocks.push(Block::Quotation {
            text: header,
            kind: Quotation::Record,
        });
        self.cut(cut, words.rest);
    }
}

/// Pieces of sections.
impl Composer<'_> {
    fn heading(&mut self, words: Words) {
        self.section += 1;
        self.blocks.push(Block::Heading {
            number: self.section,
            words,
        });
    }

    fn remark(&mut self, words: Words) {
        self.blocks.push(Block::Remark(Bilingual::fixed(words)));
    }

    fn bilingual(&mut self, japanese: &str, english: &str) -> Bilingual {
        Bilingual {
            japanese: self.screen.show(japanese, Lines::Text, VALUE),
            english: self.screen.show(english, Lines::Text, VALUE),
        }
    }

    fn field(&mut self, label: Words, value: Option<&str>, missing: Words) -> Field {
        Field {
            label,
            value: self.captured(value, missing),
        }
    }

    fn digest(&mut self, digest: Sha256Digest) -> Field {
        Field {
            label: say::DIGEST,
            value: vec![self.quiet(&digest.to_string())],
        }
    }

    /// A value, or why there is none.
    fn captured(&mut self, value: Option<&str>, missing: Words) -> Vec<Value> {
        match value {
            Some(value) if !value.trim().is_empty() => vec![self.plain(value)],
            Some(_) | None => fixed(missing),
        }
    }

    fn times_of(&mut self, time: Timestamp) -> Vec<Value> {
        let zone = &self.evidence.zone;
        vec![self.plain(&in_zone(time, zone)), self.quiet(&in_utc(time))]
    }

    fn strong(&mut self, text: &str) -> Value {
        self.value(text, Tone::Strong)
    }

    fn plain(&mut self, text: &str) -> Value {
        self.value(text, Tone::Plain)
    }

    fn quiet(&mut self, text: &str) -> Value {
        self.value(text, Tone::Quiet)
    }

    fn value(&mut self, text: &str, tone: Tone) -> Value {
        let text = self.line(text);
        Value { text, tone }
    }

    /// Shows one line; a very long one ends with how much of it is shown.
    fn line(&mut self, text: &str) -> Shown {
        let mut shown = self.screen.show(text, Lines::One, VALUE);
        if let Some(cut) = shown.cut {
            let (japanese, english) = cut_words(cut, None);
            shown.push_remark(&format!(" ……{japanese} {english}"));
        }
        shown
    }

    fn cut(&mut self, cut: Option<Cut>, where_it_is: Words) {
        if let Some(cut) = cut {
            let (japanese, english) = cut_words(cut, Some(where_it_is));
            let words = self.bilingual(&japanese, &english);
            self.blocks.push(Block::Remark(words));
        }
    }

    /// Says how many rows were left out of a table with this many.
    fn rest(&mut self, count: usize) {
        let rest = count.saturating_sub(ROWS_MAX);
        if rest > 0 {
            let words = self.bilingual(
                &format!("ここまでに {ROWS_MAX} 件を示しました。残る {rest} 件は、埋め込んだ evidence.json にあります。"),
                &format!(
                    "{ROWS_MAX} are shown above; {rest} more are in the embedded file \
                     evidence.json."
                ),
            );
            self.blocks.push(Block::Remark(words));
        }
    }
}

fn fixed(words: Words) -> Vec<Value> {
    let Bilingual { japanese, english } = Bilingual::fixed(words);
    vec![
        Value {
            text: japanese,
            tone: Tone::Plain,
        },
        Value {
            text: english,
            tone: Tone::Quiet,
        },
    ]
}

const IN_ORIGINAL: Words = Words {
    japanese: "続きは、添付した original.eml にあります。",
    english: "The rest is in the embedded file original.eml.",
};
const IN_RECORDS: Words = Words {
    japanese: "続きは、埋め込んだ evidence.json にあります。",
    english: "The rest is in the embedded file evidence.json.",
};

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

fn cut_words(cut: Cut, rest: Option<Words>) -> (String, String) {
    let shown = grouped(cut.shown_bytes as u64);
    let total = grouped(cut.total_bytes as u64);
    let (japanese, english) = rest.map_or(("", ""), |words| (words.japanese, words.english));
    (
        format!("ここまでに {total} バイト中 {shown} バイトを示しました。{japanese}"),
        format!("{shown} of {total} bytes are shown above. {english}")
            .trim_end()
            .to_owned(),
    )
}

fn source_words(message: &Message, words: &MailWords) -> Words {
    match message.body_source {
        BodySource::PlainText => say::FROM_PLAIN_TEXT,
        BodySource::HtmlAsText => words.from_html,
        BodySource::Unshown => say::FROM_UNSHOWN,
        BodySource::Empty => say::FROM_NOTHING,
    }
}

fn unshown_part(part: &UnshownPartRow) -> String {
    let name = part.name_as_sent.as_deref().unwrap_or_default();
    format!("{}  {}  {name}", part.part_number, part.content_type)
        .trim_end()
        .to_owned()
}

fn bytes(size_bytes: u64) -> String {
    format!("{} バイト bytes", grouped(size_bytes))
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
