//! A document before it has pages: blocks of shown text, without sizes or positions.

use crate::visible::Shown;
use crate::words::Words;

/// A document as a sequence of blocks.
#[derive(Debug)]
pub struct Document {
    /// What it is called, for the foot of each page.
    pub title: Words,
    /// Its number, for the foot of each page.
    pub number: String,
    /// What stands on top of each page, if anything does.
    pub banner: Option<Words>,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// One block; blocks follow each other down the pages.
#[derive(Debug)]
pub enum Block {
    /// What stands on top of the first page.
    Masthead {
        /// Who issues the document.
        issuer: Shown,
        /// What it is called.
        title: Words,
        /// What it is, in a sentence.
        subtitle: Words,
        /// What the QR code says.
        address: String,
        /// What stands below the code.
        caption: Words,
    },
    /// The outcome, set off by heavy rules.
    Outcome {
        /// What is set off.
        label: Words,
        /// What it says.
        words: Bilingual,
        /// What belongs to it.
        fields: Vec<Field>,
        /// What it does not say.
        note: Bilingual,
    },
    /// A part of the document begins; sections are numbered across parts.
    Part {
        /// Its heading.
        words: Words,
    },
    /// A numbered section begins.
    Heading {
        /// Counted from 1.
        number: usize,
        /// Its heading.
        words: Words,
    },
    /// A part of a section begins.
    Subheading {
        /// Its heading.
        words: Words,
        /// What stands beside it.
        detail: Option<Shown>,
    },
    /// Labels and values.
    Fields(Vec<Field>),
    /// A table; its head is repeated on each page.
    Table {
        /// Its columns.
        columns: &'static [Column],
        /// Its rows.
        rows: Vec<Row>,
    },
    /// Numbered paragraphs in both languages.
    List(Vec<Bilingual>),
    /// Words of the sender's or somebody else's, as they are.
    Quotation {
        /// The words.
        text: Shown,
        /// Whose they are.
        kind: Quotation,
    },
    /// A remark on what was just shown.
    Remark(Bilingual),
}

/// What is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quotation {
    /// The message text.
    Body,
    /// Headers and records.
    Record,
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bilingual {
    /// In Japanese.
    pub japanese: Shown,
    /// In English.
    pub english: Shown,
}

impl Bilingual {
    /// A fixed text.
    #[must_use]
    pub fn fixed(words: Words) -> Self {
        Self {
            japanese: Shown::fixed(words.japanese),
            english: Shown::fixed(words.english),
        }
    }
}

/// A label and its value, line by line.
#[derive(Debug)]
pub struct Field {
    /// What it is.
    pub label: Words,
    /// The value.
    pub value: Vec<Value>,
}

/// A piece of a value, on lines of its own.
#[derive(Debug)]
pub struct Value {
    /// The text.
    pub text: Shown,
    /// How it is set.
    pub tone: Tone,
}

/// How loud a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// What the reader came for.
    Strong,
    /// Ordinary.
    Plain,
    /// Small print: digests, translations, additions.
    Quiet,
}

/// A column of a table.
#[derive(Debug)]
pub struct Column {
    /// What stands on top of it.
    pub words: Words,
    /// Share of the table's width, in thousandths.
    pub share: u16,
}

/// A row of a table: one cell per column, each a sequence of values.
#[derive(Debug)]
pub struct Row {
    /// One for each column.
    pub cells: Vec<Vec<Value>>,
    /// Lines across the whole row below the cells.
    pub below: Vec<Value>,
}

/// What a line costs at least, in characters.
const LINE_CHARACTERS: usize = 40;

impl Document {
    /// How much is to be set: the characters of all lines, each line counting as forty at least. It
    /// is about what laying out costs.
    #[must_use]
    pub fn characters(&self) -> usize {
        let text = self.to_text();
        let of_line = |line: &str| line.chars().count().max(LINE_CHARACTERS);
        text.lines().map(of_line).sum()
    }

    /// The document as plain text, block by block in the order of the pages.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        if let Some(banner) = self.banner {
            text.push_str(&banner.both());
            text.push('\n');
        }
        for block in &self.blocks {
            block.write_text(&mut text);
        }
        text
    }
}

impl Block {
    fn write_text(&self, text: &mut String) {
        match self {
            Self::Masthead {
                issuer,
                title,
                subtitle,
                address,
                caption,
            } => {
                push(text, "", issuer.as_str());
                for words in [title, subtitle] {
                    push(text, "", words.japanese);
                    push(text, "", words.english);
                }
                push(text, "[QR] ", address);
                push(text, "     ", &caption.both());
            }
            Self::Outcome {
                label,
                words,
                fields,
                note,
            } => {
                text.push('\n');
                push(text, "", &label.both());
                push_bilingual(text, "  ", words);
                fields.iter().for_each(|field| field.write_text(text));
                push_bilingual(text, "  ", note);
            }
            Self::Part { words } => {
                text.push('\n');
                push(text, "== ", &words.both());
            }
            Self::Heading { number, words } => {
                text.push('\n');
                push(text, "", &format!("{number}. {}", words.both()));
            }
            Self::Subheading { words, detail } => {
                push(text, "- ", &words.both());
                if let Some(detail) = detail {
                    push(text, "  ", detail.as_str());
                }
            }
            Self::Fields(fields) => fields.iter().for_each(|field| field.write_text(text)),
            Self::Table { columns, rows } => {
                let heads: Vec<String> = columns.iter().map(|c| c.words.both()).collect();
                push(text, "  ", &heads.join(" | "));
                rows.iter().for_each(|row| row.write_text(text));
            }
            Self::Remark(words) => push_bilingual(text, "  ", words),
            Self::List(items) => {
                for (index, words) in items.iter().enumerate() {
                    push_bilingual(text, &format!("  ({}) ", index + 1), words);
                }
            }
            Self::Quotation { text: quoted, .. } => push(text, "  | ", quoted.as_str()),
        }
    }
}

impl Field {
    fn write_text(&self, text: &mut String) {
        push(text, "  ", &format!("{}:", self.label.both()));
        for value in &self.value {
            push(text, "    ", value.text.as_str());
        }
    }
}

impl Row {
    fn write_text(&self, text: &mut String) {
        let cells: Vec<String> = self.cells.iter().map(|cell| join(cell)).collect();
        push(text, "  ", &cells.join(" | "));
        for value in &self.below {
            push(text, "      ", value.text.as_str());
        }
    }
}

fn join(values: &[Value]) -> String {
    let texts: Vec<&str> = values.iter().map(|value| value.text.as_str()).collect();
    texts.join(" / ")
}

fn push_bilingual(text: &mut String, margin: &str, words: &Bilingual) {
    push(text, margin, words.japanese.as_str());
    push(text, margin, words.english.as_str());
}

fn push(text: &mut String, margin: &str, lines: &str) {
    for line in lines.split_terminator('\n') {
        text.push_str(margin);
        text.push_str(line);
        text.push('\n');
    }
}
