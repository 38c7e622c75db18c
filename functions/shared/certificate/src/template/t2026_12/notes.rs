//! What a certificate says of itself: what it does not state, how it is checked, what is in it.

use paper::{Bilingual, Block, Field, Lines, Quotation, Row, Words};

use super::composer::{Composer, HEADER};
use super::pieces::grouped;
use super::sections::Section;
use super::wording as say;
use super::{FILE_COLUMNS, MailWords};
use crate::limits::CODE_POINTS_LISTED_MAX;
use crate::record::v3::ProductEvidence;

impl Composer<'_> {
    pub(super) fn list(&mut self, words: Words, items: &[&[Words]]) {
        self.heading(words);
        let items = items
            .iter()
            .copied()
            .flatten()
            .map(|words| Bilingual::fixed(*words));
        self.blocks.push(Block::List(items.collect()));
    }

    pub(super) fn not_stated(&mut self, items: &[&[Words]]) {
        self.list(say::NOT_STATED, items);
        self.name_section(Section::NotStated);
    }

    /// What is embedded: `evidence.json` cannot name itself, so the page does.
    pub(super) fn embedded_files(&mut self) {
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

    /// The last section, because it counts the codes of all.
    pub(super) fn versions(&mut self) {
        self.section(Section::Versions, say::VERSIONS);
        let evidence = self.evidence;
        let price = format!("{} ポイント points", evidence.price);
        let issuer = vec![
            self.plain(&evidence.issuer.operator),
            self.quiet(&evidence.issuer.service_domain),
        ];
        let authorities = evidence.issuer.timestamp_authorities.iter();
        let authorities = authorities.map(|one| self.plain(&one.name)).collect();
        let mut fields = vec![
            Field {
                label: say::ISSUER,
                value: issuer,
            },
            Field {
                label: say::SIGNER,
                value: vec![self.quiet(&evidence.issuer.signer.to_string())],
            },
            Field {
                label: say::AUTHORITIES,
                value: authorities,
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
    pub(super) fn codes(&self) -> Vec<String> {
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

    pub(super) fn header(&mut self, raw_header: &[u8], words: &MailWords) {
        let header = self.screen.show_bytes(raw_header, Lines::Raw, HEADER);
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
