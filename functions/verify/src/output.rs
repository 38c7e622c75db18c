//! Standard output of a command. Whoever pipes it into `head` closes it early: that is the end of
//! the command, and not a failure.
//!
//! Names and subjects come from whoever made a file. What would move the cursor of a terminal,
//! colour it, turn its direction or hide is shown by its number, as on the pages.

use std::fmt::{Display, Write as _};
use std::io::{self, Write};

use serde_json::Value;

/// Writes a line, or several.
///
/// # Errors
/// When standard output fails.
pub fn say(lines: impl Display) -> io::Result<()> {
    let lines = lines.to_string();
    let shown: Vec<String> = lines.split('\n').map(visible).collect();
    writeln!(io::stdout().lock(), "{}", shown.join("\n"))
}

/// Writes JSON that a program reads as the same value, whatever a terminal would make of it.
///
/// # Errors
/// When standard output fails.
pub(crate) fn say_json(value: &Value) -> io::Result<()> {
    let text = format!("{value:#}");
    let is_safe = |character: char| character == '\n' || !acts(character);
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_safe(character) {
            shown.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(shown, "\\u{unit:04x}").map_err(io::Error::other)?;
            }
        }
    }
    writeln!(io::stdout().lock(), "{shown}")
}

/// A text in which nothing acts on a terminal, not even a line end.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if acts(character) {
            shown.push_str(&format!("[U+{:04X}]", u32::from(character)));
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Does this control a terminal, turn the direction of a line, or hide?
fn acts(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{061C}'
                | '\u{180E}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{FEFF}'
                | '\u{FFF9}'..='\u{FFFB}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
}

/// Whether a command only stopped because nobody reads on.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let cause = error.root_cause().downcast_ref::<io::Error>();
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_act_on_a_terminal_is_shown_by_its_number() {
        for (text, expected) in [
            ("契約 Contract (v2) é 髙", "契約 Contract (v2) é 髙"),
            (
                "\u{1b}[2J\u{1b}[1;32mAUTHENTIC",
                "[U+001B][2J[U+001B][1;32mAUTHENTIC",
            ),
            ("a\nAUTHENTIC\r\t", "a[U+000A]AUTHENTIC[U+000D][U+0009]"),
            ("\u{9b}31m\u{7f}", "[U+009B]31m[U+007F]"),
            ("exe.\u{202e}fdp", "exe.[U+202E]fdp"),
            (
                "\u{2066}a\u{2069}\u{200f}\u{61c}",
                "[U+2066]a[U+2069][U+200F][U+061C]",
            ),
            ("a\u{200b}b\u{e0041}", "a[U+200B]b[U+E0041]"),
        ] {
            assert_eq!(visible(text), expected);
        }
    }
}
