//! Pieces of sections.

use domain::Sha256Digest;
use domain::times::{in_utc, in_zone};
use jiff::Timestamp;
use paper::{Bilingual, Block, Cut, Field, Lines, Shown, Tone, Value, Words};

use super::composer::{Composer, VALUE};
use super::wording as say;
use crate::limits::ROWS_MAX;

impl Composer<'_> {
    pub(super) fn heading(&mut self, words: Words) {
        self.section += 1;
        self.blocks.push(Block::Heading {
            number: self.section,
            words,
        });
    }

    pub(super) fn remark(&mut self, words: Words) {
        self.blocks.push(Block::Remark(Bilingual::fixed(words)));
    }

    pub(super) fn bilingual(&mut self, japanese: &str, english: &str) -> Bilingual {
        Bilingual {
            japanese: self.screen.show(japanese, Lines::Text, VALUE),
            english: self.screen.show(english, Lines::Text, VALUE),
        }
    }

    /// A text of ours in which something is filled in, as a value.
    pub(super) fn filled(&mut self, words: &domain::Bilingual) -> Vec<Value> {
        vec![self.plain(&words.japanese), self.quiet(&words.english)]
    }

    pub(super) fn field(&mut self, label: Words, value: Option<&str>, missing: Words) -> Field {
        Field {
            label,
            value: self.captured(value, missing),
        }
    }

    /// Digest and size of a file.
    pub(super) fn digest(&mut self, digest: Sha256Digest, size_bytes: u64) -> Field {
        Field {
            label: say::DIGEST,
            value: vec![
                self.quiet(&digest.to_string()),
                self.quiet(&bytes(size_bytes)),
            ],
        }
    }

    /// A value, or why there is none.
    pub(super) fn captured(&mut self, value: Option<&str>, missing: Words) -> Vec<Value> {
        match value {
            Some(value) if !value.trim().is_empty() => vec![self.plain(value)],
            Some(_) | None => fixed(missing),
        }
    }

    pub(super) fn times_of(&mut self, time: Timestamp) -> Vec<Value> {
        let zone = &self.evidence.zone;
        vec![self.plain(&in_zone(time, zone)), self.quiet(&in_utc(time))]
    }

    /// A time in both zones, on one line.
    pub(super) fn both_zones(&self, time: Timestamp) -> String {
        format!(
            "{}  /  {}",
            in_zone(time, &self.evidence.zone),
            in_utc(time)
        )
    }

    pub(super) fn strong(&mut self, text: &str) -> Value {
        self.value(text, Tone::Strong)
    }

    pub(super) fn plain(&mut self, text: &str) -> Value {
        self.value(text, Tone::Plain)
    }

    pub(super) fn quiet(&mut self, text: &str) -> Value {
        self.value(text, Tone::Quiet)
    }

    pub(super) fn value(&mut self, text: &str, tone: Tone) -> Value {
        let text = self.line(text);
        Value { text, tone }
    }

    /// Shows one line; a very long one ends with how much of it is shown.
    pub(super) fn line(&mut self, text: &str) -> Shown {
        let mut shown = self.screen.show(text, Lines::One, VALUE);
        if let Some(cut) = shown.cut {
            let (japanese, english) = cut_words(cut, None);
            shown.push_remark(&format!(" ……{japanese} {english}"));
        }
        shown
    }

    pub(super) fn cut(&mut self, cut: Option<Cut>, where_it_is: Words) {
        if let Some(cut) = cut {
            let (japanese, english) = cut_words(cut, Some(where_it_is));
            let words = self.bilingual(&japanese, &english);
            self.blocks.push(Block::Remark(words));
        }
    }

    /// The same inside a table.
    pub(super) fn cut_values(&mut self, cut: Option<Cut>, where_it_is: Words) -> Vec<Value> {
        let Some(cut) = cut else {
            return Vec::new();
        };
        let (japanese, english) = cut_words(cut, Some(where_it_is));
        vec![self.quiet(&japanese), self.quiet(&english)]
    }

    /// Says how many rows were left out of a table with this many.
    pub(super) fn rest(&mut self, count: usize) {
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

pub(super) fn fixed(words: Words) -> Vec<Value> {
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

pub(super) fn cut_words(cut: Cut, rest: Option<Words>) -> (String, String) {
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

pub(super) fn bytes(size_bytes: u64) -> String {
    format!("{} バイト bytes", grouped(size_bytes))
}

/// `1234567` as `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
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
