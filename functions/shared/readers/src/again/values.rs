//! What came of the comparison.

use std::fmt::Debug;

use mail::visible;

/// A value of the evidence, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Where it stands in `evidence.json`, e.g. `Product.Mail.UserContentInfo.Subject`.
    pub name: String,
    /// Whether anything but the operator's word shows it.
    pub standing: Standing,
}

/// Whether anything but the operator's word shows a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The same was read again.
    Recomputed,
    /// Something else was read.
    Differs(Difference),
    /// Nothing that is embedded says it.
    OperatorsWord,
}

/// Two values that should be one. Long ones are cut around the first difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What the evidence says.
    pub said: String,
    /// What was found.
    pub found: String,
    /// How the value follows.
    pub basis: Basis,
}

/// How a value follows from what is embedded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// From the bytes alone, whatever reads them: sizes, digests, headers of our own mails.
    Bytes,
    /// By a reader, which another version may have done otherwise.
    Reader,
}

/// All that was compared so far.
#[derive(Debug, Default)]
pub(super) struct Values(Vec<Value>);

impl Values {
    /// Compares two values.
    pub(super) fn same<T: PartialEq + Debug>(
        &mut self,
        name: impl Into<String>,
        said: &T,
        found: &T,
    ) {
        self.compared(name, said == found, Basis::Reader, || {
            (format!("{said:?}"), format!("{found:?}"))
        });
    }

    /// Compares what does not depend on a reader.
    pub(super) fn same_bytes<T: PartialEq + Debug>(
        &mut self,
        name: impl Into<String>,
        said: &T,
        found: &T,
    ) {
        self.compared(name, said == found, Basis::Bytes, || {
            (format!("{said:?}"), format!("{found:?}"))
        });
    }

    /// Compares two texts.
    pub(super) fn same_text(&mut self, name: impl Into<String>, said: &str, found: &str) {
        self.compared(name, said == found, Basis::Reader, || {
            (said.to_owned(), found.to_owned())
        });
    }

    /// Notes a difference, and nothing where there is none.
    pub(super) fn agree(&mut self, name: &str, field: &str, said: &str, found: &str) {
        if said != found {
            self.differ(format!("{name}.{field}"), said, found);
        }
    }

    /// Something else than what is said was found.
    pub(super) fn differ(&mut self, name: impl Into<String>, said: &str, found: &str) {
        self.compared(name, false, Basis::Reader, || {
            (said.to_owned(), found.to_owned())
        });
    }

    /// The value is what was found.
    pub(super) fn recomputed(&mut self, name: impl Into<String>) {
        self.push(name.into(), Standing::Recomputed);
    }

    /// Nothing but the operator says it.
    pub(super) fn word(&mut self, name: impl Into<String>) {
        self.push(name.into(), Standing::OperatorsWord);
    }

    /// How many differences there are.
    pub(super) fn differences(&self) -> usize {
        let differs = |value: &&Value| matches!(value.standing, Standing::Differs(_));
        self.0.iter().filter(differs).count()
    }

    pub(super) fn done(self) -> Vec<Value> {
        self.0
    }

    fn compared(
        &mut self,
        name: impl Into<String>,
        is_same: bool,
        basis: Basis,
        texts: impl FnOnce() -> (String, String),
    ) {
        let standing = if is_same {
            Standing::Recomputed
        } else {
            let (said, found) = texts();
            let at = first_difference(&said, &found);
            Standing::Differs(Difference {
                said: shortened(&said, at),
                found: shortened(&found, at),
                basis,
            })
        };
        self.push(name.into(), standing);
    }

    fn push(&mut self, name: String, standing: Standing) {
        self.0.push(Value { name, standing });
    }
}

/// Characters that are shown before the first difference, and in all.
const SHOWN_BEFORE: usize = 20;
const SHOWN: usize = 80;

/// How many characters at the start of two texts are the same.
fn first_difference(one: &str, other: &str) -> usize {
    let pairs = one.chars().zip(other.chars());
    pairs.take_while(|(one, other)| one == other).count()
}

/// What is around a place of a text, controls made visible.
fn shortened(text: &str, at: usize) -> String {
    let start = at.saturating_sub(SHOWN_BEFORE);
    let mut characters = text.chars().skip(start);
    let mut short = String::new();
    if start > 0 {
        short.push('…');
    }
    short.extend(characters.by_ref().take(SHOWN));
    if characters.next().is_some() {
        short.push('…');
    }
    visible(&short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_shows_its_place_and_no_control() {
        let long = "あ".repeat(1_000);
        let mut values = Values::default();
        values.same_text("Subject", &format!("{long}1\u{7}x"), &format!("{long}2"));
        let values = values.done();
        let Standing::Differs(difference) = &values[0].standing else {
            panic!("{values:?}");
        };
        assert_eq!(difference.said, format!("…{}1[U+0007]x", "あ".repeat(20)));
        assert_eq!(difference.found, format!("…{}2", "あ".repeat(20)));
    }
}
