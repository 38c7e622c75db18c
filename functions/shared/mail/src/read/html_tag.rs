//! One tag of an HTML document, and its attributes.

use super::html_references::decoded;

/// A tag of an HTML document.
pub(super) struct Tag<'d> {
    pub(super) lower_name: String,
    pub(super) is_end: bool,
    /// What stands behind the name.
    pub(super) attributes: &'d str,
}

impl Tag<'_> {
    pub(super) fn name(&self) -> &str {
        &self.lower_name
    }

    /// The value of the first attribute of this name, entities decoded; empty where it has none.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let mut rest = self.attributes;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            if rest.is_empty() {
                return None;
            }
            let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=' || c == '/');
            let (key, after) = rest.split_at(end.unwrap_or(rest.len()).max(1).min(rest.len()));
            let after = after.trim_start();
            let Some(value) = after.strip_prefix('=') else {
                if key.eq_ignore_ascii_case(name) {
                    return Some(String::new());
                }
                rest = after;
                continue;
            };
            let value = value.trim_start();
            let (value, after) = match value.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    let inside = value.get(1..).unwrap_or_default();
                    inside.split_once(quote).unwrap_or((inside, ""))
                }
                _ => value.split_at(
                    value
                        .find(|c: char| c.is_ascii_whitespace())
                        .unwrap_or(value.len()),
                ),
            };
            if key.eq_ignore_ascii_case(name) {
                return Some(decoded(value, true));
            }
            rest = after;
        }
    }
}
