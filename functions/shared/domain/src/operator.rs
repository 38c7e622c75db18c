//! Who runs the service, as mails and pages name them.

use std::fmt;
use std::str::FromStr;

use crate::limits::OPERATOR_LINE_CHARACTERS_MAX;

/// Who runs the service. People who got a mail from it must be able to find out who that is, how to
/// reach them, and what becomes of what is recorded about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Their name, printed on certificates, too.
    pub name: String,
    /// A mail address, a telephone number, or both.
    pub contact: Option<OneLine>,
    /// The address of a privacy notice, or what there is to say.
    pub privacy: Option<OneLine>,
}

/// A text on one line, without controls: it stands in a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneLine(String);

/// A text that is not a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a line of text of 1 to 150 characters")]
pub struct LineError;

impl Operator {
    /// An operator of whom the name alone is known.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            contact: None,
            privacy: None,
        }
    }
}

impl OneLine {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OneLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for OneLine {
    type Err = LineError;

    fn from_str(text: &str) -> Result<Self, LineError> {
        let text = text.trim();
        let is_line = !text.is_empty()
            && text.chars().count() <= OPERATOR_LINE_CHARACTERS_MAX
            && !text.chars().any(char::is_control);
        if is_line {
            Ok(Self(text.to_owned()))
        } else {
            Err(LineError)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stands_on_one_line() {
        for (text, expected) in [
            (
                " 03-1234-5678 / info@example.jp ",
                Some("03-1234-5678 / info@example.jp"),
            ),
            ("", None),
            (" ", None),
            ("a\nb", None),
            ("a\u{0}", None),
        ] {
            let line = text.parse::<OneLine>().ok();
            assert_eq!(line.as_ref().map(OneLine::as_str), expected, "{text:?}");
        }
        assert!("あ".repeat(150).parse::<OneLine>().is_ok());
        assert_eq!("あ".repeat(151).parse::<OneLine>(), Err(LineError));
    }
}
