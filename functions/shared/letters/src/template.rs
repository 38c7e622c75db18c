//! Texts with gaps.

/// A mail of ours as its file holds it: the subject on the first line, an empty line, the text.
pub(crate) struct Template {
    /// The subject, gaps included.
    pub(crate) subject: &'static str,
    /// The text, gaps included.
    pub(crate) text: &'static str,
}

impl Template {
    /// Reads the text of a file. One without a subject has an empty one.
    pub(crate) fn read(file: &'static str) -> Self {
        let parts = file
            .strip_prefix(SUBJECT)
            .and_then(|rest| rest.split_once("\n\n"));
        let (subject, text) = parts.unwrap_or(("", file));
        Self { subject, text }
    }
}

const SUBJECT: &str = "Subject: ";

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
            let template = Template::read(file);
            assert_eq!((template.subject, template.text), (subject, text), "{file}");
        }
    }
}
