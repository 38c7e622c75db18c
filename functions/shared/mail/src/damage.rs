//! What was wrong with a mail: said, not repaired.

use std::collections::BTreeSet;
use std::fmt;

/// One thing that was broken. The original bytes are what is certified, so each is only said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Damage {
    /// The header holds lines that are no fields; they were skipped.
    GarbageInHeader,
    /// The header holds more fields than a DKIM check looks at.
    TooManyHeaderFields,
    /// Lines end with CR alone.
    CarriageReturnLines,
    /// A multipart has no boundary, or nothing between boundaries; its content is kept as one part.
    NoBoundary,
    /// A multipart does not end; the mail may have been cut off.
    MissingEnd,
    /// Multiparts are nested deeper than is followed; the rest is kept as one part.
    NestedTooDeep,
    /// There are more parts than are told apart; the rest belongs to the last one.
    TooManyParts,
    /// A part's base64 or quoted-printable is broken, or its encoding is unknown.
    TransferEncoding,
    /// The text's character set label is missing, unknown or wrong; another one was used.
    CharsetGuessed,
    /// Some characters of the text could not be decoded.
    CharsetBroken,
    /// The HTML could not be shown as text completely.
    Html,
}

/// A set of damages, each said once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Damages(BTreeSet<Damage>);

impl Damages {
    pub(crate) fn add(&mut self, damage: Damage) {
        self.0.insert(damage);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Damage> {
        self.0.iter().copied()
    }
}

#[cfg(test)]
impl Damages {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn contains(&self, damage: &Damage) -> bool {
        self.0.contains(damage)
    }
}

impl Damage {
    /// For the certificate, in Japanese and English.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::GarbageInHeader => (
                "ヘッダーにフィールドではない行があり、読み飛ばしました。",
                "The header contains lines that are not fields; they were skipped.",
            ),
            Self::TooManyHeaderFields => (
                "ヘッダーのフィールドが多すぎるため、DKIM署名は調べられません。",
                "The header has too many fields for its DKIM signatures to be checked.",
            ),
            Self::CarriageReturnLines => (
                "行末がCRだけのメールです。",
                "The lines of the mail end with CR alone.",
            ),
            Self::NoBoundary => (
                "マルチパートの境界がないため、全体を一つのパートとして扱いました。",
                "A multipart has no usable boundary; its content was kept as one part.",
            ),
            Self::MissingEnd => (
                "マルチパートの終わりがありません。途中で切れている可能性があります。",
                "A multipart has no end; the mail may have been cut off.",
            ),
            Self::NestedTooDeep => (
                "パートの入れ子が深すぎるため、残りを一つのパートとして扱いました。",
                "Parts are nested too deep; the rest was kept as one part.",
            ),
            Self::TooManyParts => (
                "パートの数が多すぎるため、残りを最後のパートに含めました。",
                "There are too many parts; the rest was kept with the last one.",
            ),
            Self::TransferEncoding => (
                "転送用の符号化が壊れているパートがあり、読めた範囲を扱いました。",
                "The transfer encoding of a part is broken; it was read as far as possible.",
            ),
            Self::CharsetGuessed => (
                "文字コードの表示がないか誤っているため、内容から判定しました。",
                "The character set label is missing or wrong; it was found from the content.",
            ),
            Self::CharsetBroken => (
                "復号できない文字があり、U+FFFDで示しました。",
                "Some characters could not be decoded and are shown as U+FFFD.",
            ),
            Self::Html => (
                "HTMLの一部をテキストにできませんでした。",
                "A part of the HTML could not be shown as text.",
            ),
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words().1)
    }
}
