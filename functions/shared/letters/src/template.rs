//! Texts with gaps, in both languages.

use domain::Language;

/// What stands between the parts of a text, and above what all of them share.
pub(crate) const RULE_BELOW: &str =
    "\n----------------------------------------------------------------------\n\n";

/// A mail of ours as its file holds it: the subject in both languages on the first line, an empty
/// line, the text in Japanese, a rule, the same in English, and perhaps another rule with what both
/// share.
pub(crate) struct Template {
    /// The subject, gaps included.
    pub(crate) subject: String,
    /// The text, gaps included.
    pub(crate) text: String,
}

impl Template {
    /// Reads the text of a file, `language` first. One without a subject has an empty one.
    pub(crate) fn read(file: &str, language: Language) -> Self {
        let parts = file
            .strip_prefix(SUBJECT)
            .and_then(|rest| rest.split_once("\n\n"));
        let (subject, text) = parts.unwrap_or(("", file));
        Self {
            subject: ordered(subject, " / ", language),
            text: ordered(text, RULE_BELOW, language),
        }
    }
}

const SUBJECT: &str = "Subject: ";

/// Japanese and English stand in a file in this order; what follows belongs to both.
fn ordered(text: &str, between: &str, language: Language) -> String {
    let mut parts: Vec<&str> = text.split(between).collect();
    if language == Language::English && parts.len() > 1 {
        parts.swap(0, 1);
    }
    parts.join(between)
}

/// Fills a template: each `{name}` once, in one pass, so that a value is never filled in itself.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let value = after.split_once('}').and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value, after))
        });
        match value {
            Some((value, after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_not_filled_in_itself() {
        assert_eq!(
            fill("{a} {b} {c}", &[("a", "{b}"), ("b", "2")]),
            "{b} 2 {c}"
        );
    }

    #[test]
    fn a_file_is_a_subject_and_a_text() {
        for (file, subject, text) in [
            ("Subject: a {b}\n\nc\n\nd\n", "a {b}", "c\n\nd\n"),
            ("c\n\nd\n", "", "c\n\nd\n"),
            ("Subject: a", "", "Subject: a"),
        ] {
            let template = Template::read(file, Language::Japanese);
            let read = (template.subject.as_str(), template.text.as_str());
            assert_eq!(read, (subject, text), "{file}");
        }
    }

    #[test]
    fn the_language_of_the_account_comes_first() {
        let file = format!("Subject: 件 / It: {{s}}\n\nはい\n{RULE_BELOW}Yes\n{RULE_BELOW}1\n");
        let english = Template::read(&file, Language::English);
        assert_eq!(english.subject, "It: {s} / 件");
        let text = format!("Yes\n{RULE_BELOW}はい\n{RULE_BELOW}1\n");
        assert_eq!(english.text, text);
        let japanese = Template::read(&file, Language::Japanese);
        assert_eq!(japanese.subject, "件 / It: {s}");
    }
}
