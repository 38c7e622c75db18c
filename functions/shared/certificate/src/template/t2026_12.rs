//! The template 2026-12 of version 3 of the record: which sections there are, in which order, what
//! each says, and the crate `paper` as its renderer.

mod addendum;
mod authentication;
mod composer;
mod contract;
mod log;
mod mail;
mod message;
mod notes;
mod pieces;
mod sections;
mod wording;

use domain::times::{in_utc, in_zone};
use domain::{EmailAddress, EtsiEvent, MobileNumber, SignatureResult};
use jiff::Timestamp;
use paper::{
    Attachment, Bilingual, Block, Column, Document, Field, FontSet, Lines, Properties, Row, Words,
};

use self::composer::{Composer, VALUE};
use self::pieces::fixed;
use self::sections::Numbers;
use self::wording::{self as say, results};
use super::Template;
use crate::embed::File;
use crate::error::Error;
use crate::purpose::Purpose;
use crate::record::file_row::FileRow;
use crate::record::v3::{
    ANSWER_HTML, AnswerMail, Evidence, ORIGINAL_HTML, Origin, ProductEvidence,
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
    results::of_signature(result).english
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
        numbers: Numbers::default(),
    };
    composer.masthead();
    match &evidence.product {
        ProductEvidence::Mail(mail) => composer.mail(mail, html_parts.of_original),
        ProductEvidence::Contract(contract) => composer.contract(contract, html_parts),
        ProductEvidence::Addendum(addendum) => composer.addendum(addendum, html_parts),
    }
    composer.fill_numbers();
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

/// What a certificate is called.
fn title_of(product: &ProductEvidence) -> Words {
    match product {
        ProductEvidence::Mail(_) => say::TITLE,
        ProductEvidence::Contract(_) => say::contract::TITLE,
        ProductEvidence::Addendum(addendum) => say::addendum::title_of(&addendum.added),
    }
}

fn subtitle_of(product: &ProductEvidence) -> Words {
    match product {
        ProductEvidence::Mail(_) => say::SUBTITLE,
        ProductEvidence::Contract(_) => say::contract::SUBTITLE,
        ProductEvidence::Addendum(addendum) => say::addendum::subtitle_of(&addendum.added),
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
            address: evidence.check_address.clone(),
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
        let mut fields = self.gist();
        match &evidence.product {
            ProductEvidence::Mail(_) => {
                // The provider saw it first, and by another clock than ours.
                if let Some(at) = self.taken_over_at() {
                    fields.push(Field {
                        label: say::TAKEN_OVER,
                        value: self.times_of(at),
                    });
                }
                fields.push(self.settled());
            }
            ProductEvidence::Contract(contract) => {
                fields.extend(self.summary(contract));
                fields.push(self.settled());
            }
            ProductEvidence::Addendum(addendum) => fields.extend(self.added(addendum)),
        }
        let note = match &evidence.product {
            ProductEvidence::Mail(_) => say::OUTCOME_NOTE,
            ProductEvidence::Contract(_) => say::contract::OUTCOME_NOTE,
            ProductEvidence::Addendum(addendum) => say::addendum::note_of(&addendum.added),
        };
        self.blocks.push(Block::Outcome {
            label: say::OUTCOME,
            words,
            fields,
            note: Bilingual::fixed(note),
        });
    }

    /// From whom, to whom, and what about.
    fn gist(&mut self) -> Vec<Field> {
        let evidence = self.evidence;
        let Origin::Mail(origin) = &evidence.origin;
        let subject = evidence.product.subject();
        let mut fields = Vec::new();
        // The parties of a mail stand below, on the same page.
        let names_parties = match &evidence.product {
            ProductEvidence::Mail(_) => false,
            ProductEvidence::Contract(_) | ProductEvidence::Addendum(_) => true,
        };
        if names_parties {
            fields.push(Field {
                label: say::SENDER,
                value: vec![self.strong(origin.sender.address.as_str())],
            });
            fields.push(Field {
                label: say::RECIPIENT,
                value: vec![self.strong(&evidence.recipient.to_string())],
            });
        }
        fields.push(self.field(say::SUBJECT, Some(subject), say::NO_SUBJECT));
        fields
    }

    fn settled(&mut self) -> Field {
        Field {
            label: say::SETTLED,
            value: self.times_of(self.evidence.settled_at),
        }
    }

    /// When the recipient's server took the message over, by the provider's clock.
    fn taken_over_at(&self) -> Option<Timestamp> {
        let mut events = self.evidence.events.iter();
        events
            .find(|event| !event.is_supplementary && event.etsi == Some(EtsiEvent::RelayToNonErds))
            .map(|event| event.at)
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
        self.remark(say::STATED_BY_ACCOUNT);
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
        let mut steps = vec![(say::STEP_ACCEPTED, evidence.accepted_at)];
        steps.extend(self.taken_over_at().map(|at| (say::STEP_TAKEN_OVER, at)));
        steps.extend([
            (say::STEP_SETTLED, evidence.settled_at),
            (say::STEP_ISSUED, evidence.issued_at),
        ]);
        self.time_table(&steps);
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
        self.remark(say::CLOCKS);
    }
}

const IN_ORIGINAL: Words = Words {
    japanese: "続きは、添付した original.eml にあります。",
    english: "The rest is in the embedded file original.eml.",
};
const IN_RECORDS: Words = Words {
    japanese: "続きは、埋め込んだ evidence.json にあります。",
    english: "The rest is in the embedded file evidence.json.",
};
