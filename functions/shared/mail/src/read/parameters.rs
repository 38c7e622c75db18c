//! Values with parameters: Content-Type and Content-Disposition (RFC 2045, 2183), with the
//! continuations and character sets of RFC 2231, and with what mailers write instead.

use std::collections::BTreeMap;

use super::comments::{comment_end, without_comments};
use super::{charset, words};
use crate::damage::Damages;

/// A value and its parameters, e.g. `text/plain; charset=utf-8`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Parameterized {
    /// The value in lower case, without comments.
    pub(crate) value: String,
    parameters: BTreeMap<String, Parameter>,
    /// Whether parameters stand behind the value without a semicolon, and were read all the same.
    pub(crate) is_malformed: bool,
}

/// One parameter as it stands, put together from its pieces only when it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Parameter {
    plain: Option<String>,
    /// Pieces by number; `name*` counts as piece 0.
    pieces: BTreeMap<u32, Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    is_extended: bool,
    text: String,
}

/// Most parameters and pieces of one field. A long file name needs a dozen.
const PARAMETERS_MAX: usize = 500;

/// Longest value without parameters: RFC 6838 section 4.2 allows 127 for each half.
const VALUE_LENGTH_MAX: usize = 255;

/// RFC 2045 section 5.1 `token`, and the `/` between type and subtype.
fn is_token_character(c: char) -> bool {
    c.is_ascii_graphic() && !"()<>@,;:\\\"[]?=".contains(c)
}

/// Reads the unfolded value of a field.
pub(crate) fn parse(text: &str) -> Parameterized {
    let (first, mut rest) = split_outside_quotes(text);
    let first = without_comments(first);
    let (value, behind) = value_and_behind(first.trim());
    let mut parsed = Parameterized {
        value: value
            .chars()
            .filter(|c| is_token_character(*c))
            .take(VALUE_LENGTH_MAX)
            .map(|c| c.to_ascii_lowercase())
            .collect(),
        ..Parameterized::default()
    };
    for parameter in behind.split([' ', '\t']).filter(|one| !one.is_empty()) {
        parsed.is_malformed = true;
        parsed.add_written(parameter);
    }
    for _ in 0..PARAMETERS_MAX {
        if rest.is_empty() {
            break;
        }
        let (parameter, after) = split_outside_quotes(rest);
        rest = after;
        parsed.add_written(parameter);
    }
    parsed
}

/// The value, and parameters that stand behind it without the semicolon that belongs before them,
/// as in `text/plain charset=utf-8`.
fn value_and_behind(first: &str) -> (&str, &str) {
    match first.split_once([' ', '\t', ',']) {
        Some((value, behind)) if behind.contains('=') => (value, behind),
        Some(_) | None => (first, ""),
    }
}

impl Parameterized {
    /// The decoded value of a parameter; the name in lower case.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.parameter_and_note(name, &mut Damages::default())
    }

    /// The same, saying what of it was guessed or lost.
    pub(crate) fn parameter_and_note(&self, name: &str, damages: &mut Damages) -> Option<String> {
        let parameter = self.parameters.get(name)?;
        // RFC 2231 pieces are the exact form; the plain one beside them is for old mailers.
        if parameter.pieces.contains_key(&0) {
            return Some(joined(&parameter.pieces, damages));
        }
        if let Some(plain) = &parameter.plain {
            return Some(words::decode_and_note(plain, damages));
        }
        (!parameter.pieces.is_empty()).then(|| joined(&parameter.pieces, damages))
    }

    /// Writes the value and its parameters in ASCII, one parameter a line; other characters by
    /// RFC 2231. `boundary` takes the place of the one that was there.
    pub(crate) fn to_field_value(&self, boundary: Option<&str>) -> String {
        let mut written = self.value.clone();
        for name in self
            .parameters
            .keys()
            .filter(|name| is_parameter_name(name))
        {
            let value = self.parameter(name).filter(|_| name != "boundary");
            if let Some(value) = value {
                push_parameter(name, &value, &mut written);
            }
        }
        if let Some(boundary) = boundary {
            push_parameter("boundary", boundary, &mut written);
        }
        written
    }

    /// Takes `name=value`; anything else is none.
    fn add_written(&mut self, parameter: &str) {
        if self.parameters.len() >= PARAMETERS_MAX {
            return;
        }
        let Some((name, value)) = parameter.split_once('=') else {
            return;
        };
        let name = without_comments(name).trim().to_ascii_lowercase();
        let value = unquoted(value.trim());
        // RFC 2045 section 5.1 allows comments; file names are written with parentheses, too.
        let is_file_name = name.starts_with("filename") || name.starts_with("name");
        let value = match value {
            Value::Bare(value) if is_file_name => without_last_comment(&value).to_owned(),
            Value::Bare(value) => without_comments(&value).trim().to_owned(),
            Value::Quoted(value) => value,
        };
        self.add(&name, &value);
    }

    fn add(&mut self, name: &str, value: &str) {
        let (base, marks) = name
            .split_once('*')
            .map_or((name, None), |(b, m)| (b, Some(m)));
        let parameter = self.parameters.entry(base.to_owned()).or_default();
        let Some(marks) = marks else {
            parameter.plain.get_or_insert_with(|| value.to_owned());
            return;
        };
        let (number, is_extended) = match marks.strip_suffix('*') {
            Some(number) => (number.parse().ok(), true),
            None if marks.is_empty() => (Some(0), true),
            None => (marks.parse().ok(), false),
        };
        if let Some(number) = number {
            let text = value.to_owned();
            parameter
                .pieces
                .entry(number)
                .or_insert(Piece { is_extended, text });
        }
    }
}

/// A value and parameters as the value of a field in ASCII.
#[must_use]
pub fn field_value(value: &str, parameters: &[(&str, &str)]) -> String {
    let mut written = value.to_owned();
    for (name, value) in parameters {
        push_parameter(name, value, &mut written);
    }
    written
}

/// Longest value of a parameter that is written on one line, in bytes.
const VALUE_ON_ONE_LINE_MAX: usize = 60;

fn is_parameter_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 40
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// `; name="value"`, or percent-encoded UTF-8 in numbered pieces.
fn push_parameter(name: &str, value: &str, written: &mut String) {
    let is_plain = value
        .bytes()
        .all(|byte| byte == b' ' || byte.is_ascii_graphic());
    if is_plain && value.len() <= VALUE_ON_ONE_LINE_MAX {
        let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
        written.push_str(&format!(";\r\n {name}=\"{escaped}\""));
        return;
    }
    let mut pieces = vec![String::from("UTF-8''")];
    for byte in value.bytes() {
        let is_kept = byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        let piece = if is_kept {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        };
        match pieces.last_mut() {
            Some(last) if last.len() + piece.len() <= VALUE_ON_ONE_LINE_MAX => {
                last.push_str(&piece);
            }
            _ => pieces.push(piece),
        }
    }
    for (number, piece) in pieces.iter().enumerate() {
        written.push_str(&format!(";\r\n {name}*{number}*={piece}"));
    }
}

/// RFC 2231 section 4.1: the character set stands in the first piece; the octets of all pieces
/// are joined before they are decoded.
fn joined(pieces: &BTreeMap<u32, Piece>, damages: &mut Damages) -> String {
    let mut octets = Vec::new();
    let mut label = None;
    for (number, piece) in pieces {
        let mut text = piece.text.as_str();
        if *number == 0 && piece.is_extended {
            let mut fields = text.splitn(3, '\'');
            if let (Some(charset), Some(_language), Some(rest)) =
                (fields.next(), fields.next(), fields.next())
            {
                label = Some(charset).filter(|charset| !charset.is_empty());
                text = rest;
            }
        }
        if piece.is_extended {
            push_percent_decoded(text, &mut octets);
        } else {
            octets.extend_from_slice(text.as_bytes());
        }
    }
    let read = charset::decode(&octets, label, None);
    read.header_damages().for_each(|damage| damages.add(damage));
    // Encoded words inside pieces are wrong but written.
    words::decode_and_note(&read.text, damages)
}

fn push_percent_decoded(text: &str, octets: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escape = after.get(..2).and_then(super::encoding::hex_octet);
        match (first, escape) {
            (b'%', Some(octet)) => {
                octets.push(octet);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                octets.push(first);
                rest = after;
            }
        }
    }
}

/// The text before the first `;` that stands outside quotation marks and comments, and the text
/// behind it.
fn split_outside_quotes(text: &str) -> (&str, &str) {
    let (mut is_quoted, mut is_escaped, mut depth) = (false, false, 0_usize);
    // A parenthesis that is never closed is a character like others.
    let last_close = text.rfind(')').unwrap_or(0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted || depth > 0 => is_escaped = true,
            b'"' if depth == 0 => is_quoted = !is_quoted,
            b'(' if !is_quoted && at < last_close => depth += 1,
            b')' if !is_quoted => depth = depth.saturating_sub(1),
            b';' if !is_quoted && (depth == 0 || at > last_close) => {
                return (
                    text.get(..at).unwrap_or_default(),
                    text.get(at + 1..).unwrap_or_default(),
                );
            }
            _ => {}
        }
    }
    (text, "")
}

/// The value of a parameter, without the marks around it.
enum Value {
    Quoted(String),
    Bare(String),
}

/// Of a quoted string what stands in it; a backslash only escapes what needs it, because Windows
/// paths are written without escaping. Anything else is taken up to its end, spaces included.
fn unquoted(value: &str) -> Value {
    let behind_comments = without_leading_comments(value);
    let Some(inside) = behind_comments.strip_prefix('"') else {
        return Value::Bare(value.to_owned());
    };
    let mut content = String::with_capacity(inside.len());
    let mut characters = inside.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' => break,
            '\\' if matches!(characters.peek(), Some('"' | '\\')) => {
                content.extend(characters.next());
            }
            _ => content.push(c),
        }
    }
    Value::Quoted(content)
}

fn without_leading_comments(value: &str) -> &str {
    let mut rest = value.trim_start();
    while let Some(end) = rest.strip_prefix('(').and_then(|_| comment_end(rest)) {
        rest = rest.get(end..).unwrap_or_default().trim_start();
    }
    rest
}

/// A file name as written, without a comment behind it: `a.pdf (scan)` is `a.pdf`, and
/// `a (1).pdf` and `a (1)` are names.
fn without_last_comment(name: &str) -> &str {
    match name.rsplit_once(" (") {
        Some((before, comment)) if comment.ends_with(')') && before.contains('.') => {
            before.trim_end()
        }
        Some(_) | None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, name: &str, expected: Option<&str>) {
        assert_eq!(parse(text).parameter(name).as_deref(), expected, "{text}");
    }

    #[test]
    fn reads_values_and_parameters() {
        let parsed = parse("Text/Plain (comment); Charset=\"UTF-8\"; format = flowed;");
        assert_eq!(parsed.value, "text/plain");
        assert_eq!(parsed.parameter("charset").as_deref(), Some("UTF-8"));
        assert_eq!(parsed.parameter("format").as_deref(), Some("flowed"));
        check("a/b; boundary=\"a;\\\"b\"", "boundary", Some("a;\"b"));
        check("a/b; x", "x", None);
        assert!(!parsed.is_malformed);
    }

    /// RFC 2045 section 5.1.
    #[test]
    fn comments_are_none_of_the_values_they_stand_behind() {
        check(
            "a/b; charset=us-ascii (Plain text)",
            "charset",
            Some("us-ascii"),
        );
        check(
            "a/b (x; y=(z)); charset=(q)utf-8(\\)r)",
            "charset",
            Some("utf-8"),
        );
        check(
            "a/b; boundary=\"a (b\" (made; by c); d=e",
            "boundary",
            Some("a (b"),
        );
        check("a/b; boundary=\"a (b\" (made; by c); d=e", "d", Some("e"));
        check("a/b; boundary=x (open; d=e", "d", Some("e"));
        check("a; filename=a (1).pdf", "filename", Some("a (1).pdf"));
        check("a; filename=a.pdf (scan)", "filename", Some("a.pdf"));
    }

    #[test]
    fn parameters_count_where_the_semicolon_before_them_is_missing() {
        for text in [
            "text/plain charset=utf-8",
            "text/plain charset=\"utf-8\" format=flowed",
            "text/plain, charset=utf-8; format=flowed",
        ] {
            let parsed = parse(text);
            assert_eq!(parsed.value, "text/plain", "{text}");
            assert!(parsed.is_malformed, "{text}");
            check(text, "charset", Some("utf-8"));
        }
    }

    #[test]
    fn reads_file_names_of_rfc_2231_with_continuations_and_character_sets() {
        for text in [
            "attachment; filename*=UTF-8''%E8%AB%8B%E6%B1%82%E6%9B%B8.pdf",
            "attachment; filename*=ISO-2022-JP'ja'%1B%24B%40A5a%3Dq%1B%28B.pdf",
            "attachment; filename*0*=utf-8''%E8%AB%8B%E6; filename*1*=%B1%82%E6%9B; \
             filename*2*=%B8; filename*3=\".pdf\"",
            "attachment; filename=\"old.pdf\"; filename*=UTF-8''%E8%AB%8B%E6%B1%82%E6%9B%B8.pdf",
        ] {
            check(text, "filename", Some("請求書.pdf"));
        }
    }

    #[test]
    fn reads_file_names_as_mailers_really_write_them() {
        for (text, expected) in [
            (
                "attachment; filename=\"=?ISO-2022-JP?B?GyRCQEE1YT1xGyhCLnBkZg==?=\"",
                "請求書.pdf",
            ),
            (
                "attachment; filename==?UTF-8?B?6KuL5rGC5pu4?=.pdf",
                "請求書.pdf",
            ),
            ("attachment; filename=two words.pdf", "two words.pdf"),
            ("attachment; filename=\"C:\\dir\\a.pdf\"", "C:\\dir\\a.pdf"),
            ("attachment; filename=\"a\\\"b\"", "a\"b"),
            ("attachment; filename=\"請求書.pdf\"", "請求書.pdf"),
            ("attachment; filename=\"open", "open"),
        ] {
            check(text, "filename", Some(expected));
        }
    }
}
