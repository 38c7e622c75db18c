//! Snapshots that say what matters: ids, digests and encoded bytes become placeholders, the same
//! value the same placeholder (redaction by reference), so that what belongs together still does.

use std::collections::BTreeMap;

/// Replaces what differs from run to run or says nothing to a reader.
#[derive(Debug, Default)]
pub struct Redaction {
    seen: BTreeMap<String, String>,
    counts: BTreeMap<&'static str, usize>,
}

impl Redaction {
    /// Redacts a text; values that were met before get the placeholder they got then.
    pub fn apply(&mut self, text: &str) -> String {
        let mut lines = Vec::new();
        let mut encoded_lines = 0_usize;
        for line in text.lines() {
            if is_base64_line(line) {
                encoded_lines += 1;
                continue;
            }
            if encoded_lines > 0 {
                lines.push("<base64>".to_owned());
                encoded_lines = 0;
            }
            lines.push(self.line(line));
        }
        if encoded_lines > 0 {
            lines.push("<base64>".to_owned());
        }
        lines.join("\n") + "\n"
    }

    fn line(&mut self, line: &str) -> String {
        let mut redacted = String::new();
        let mut word = String::new();
        for letter in line.chars() {
            if letter.is_ascii_alphanumeric() || "+/=_-".contains(letter) {
                word.push(letter);
                continue;
            }
            redacted.push_str(&self.word(&word));
            word.clear();
            redacted.push(letter);
        }
        redacted.push_str(&self.word(&word));
        redacted
    }

    fn word(&mut self, word: &str) -> String {
        let is_hex = word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hex {
            return self.placeholder("sha256", &word.to_lowercase());
        }
        // A `b=`, `bh=` or `p=` of DKIM holds bytes that nobody reads.
        if let Some((name, value)) = word.split_once('=')
            && ["b", "bh", "p"].contains(&name)
            && value.len() >= 40
        {
            return format!("{name}={}", self.placeholder("bytes", value));
        }
        word.to_owned()
    }

    fn placeholder(&mut self, kind: &'static str, value: &str) -> String {
        if let Some(known) = self.seen.get(value) {
            return known.clone();
        }
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let placeholder = format!("<{kind}-{count}>");
        self.seen.insert(value.to_owned(), placeholder.clone());
        placeholder
    }
}

/// A line of an encoded attachment.
fn is_base64_line(line: &str) -> bool {
    let is_digest = line.len() == 64 && line.bytes().all(|byte| byte.is_ascii_hexdigit());
    line.len() >= 60
        && !is_digest
        && line
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_value_gets_the_same_placeholder() {
        let (one, two) = ("a".repeat(64), "b".repeat(64));
        let mut redaction = Redaction::default();
        assert_eq!(
            redaction.apply(&format!("{one} {two}")),
            "<sha256-1> <sha256-2>\n"
        );
        assert_eq!(redaction.apply(&format!("({two})")), "(<sha256-2>)\n");
    }

    #[test]
    fn encoded_bytes_become_one_line() {
        let text = format!("A\n{}\n{}\nB", "QUJD".repeat(19), "QUJD".repeat(19));
        assert_eq!(Redaction::default().apply(&text), "A\n<base64>\nB\n");
    }
}
