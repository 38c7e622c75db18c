//! Flowed text (RFC 3676): the sender's mailer broke the lines, and marked where.

use super::parameters::Parameterized;
use crate::text::push_with_line_feeds;

/// The text with its paragraphs on one line each, lines ending with `\n`; `None` where its type
/// does not say that it is flowed.
pub(super) fn undo(text: &str, media_type: &Parameterized) -> Option<String> {
    let says = |name, value: &str| {
        let parameter = media_type.parameter(name);
        parameter.is_some_and(|parameter| parameter.eq_ignore_ascii_case(value))
    };
    if !says("format", "flowed") {
        return None;
    }
    let mut lines = String::with_capacity(text.len());
    push_with_line_feeds(text, &mut lines);
    Some(joined(&lines, says("delsp", "yes")))
}

/// The mark before a signature, which never flows (RFC 3676 section 4.3).
const SIGNATURE: &str = "-- ";

fn joined(text: &str, deletes_space: bool) -> String {
    let mut joined = String::with_capacity(text.len());
    // How deep the paragraph is quoted whose next line is awaited.
    let mut open: Option<usize> = None;
    for whole in text.split_inclusive('\n') {
        let line = whole.strip_suffix('\n').unwrap_or(whole);
        let content = line.trim_start_matches('>');
        let depth = line.len() - content.len();
        let content = content.strip_prefix(' ').unwrap_or(content);
        let is_signature = content == SIGNATURE;
        match open {
            Some(of_open) if of_open == depth && !is_signature => {}
            Some(_) => {
                // RFC 3676 section 4.5: quoted otherwise, it is another paragraph.
                joined.push('\n');
                push_quotation(depth, content, &mut joined);
            }
            None => push_quotation(depth, content, &mut joined),
        }
        let is_flowed = content.ends_with(' ') && !is_signature;
        joined.push_str(match content.strip_suffix(' ') {
            Some(shorter) if is_flowed && deletes_space => shorter,
            Some(_) | None => content,
        });
        open = is_flowed.then_some(depth);
        if !is_flowed && line.len() < whole.len() {
            joined.push('\n');
        }
    }
    joined
}

fn push_quotation(depth: usize, content: &str, joined: &mut String) {
    joined.extend(std::iter::repeat_n('>', depth));
    if depth > 0 && !content.is_empty() {
        joined.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_is_one_line_again_rfc_3676() {
        for (text, delsp, expected) in [
            (
                "本契約は \n解除する。\n以上\n",
                "yes",
                "本契約は解除する。\n以上\n",
            ),
            ("We end \nthe contract.\n", "no", "We end the contract.\n"),
            ("a  \nb\n", "yes", "a b\n"),
            ("a \n\nb", "no", "a \nb"),
            (
                " >no quotation\n From here\n",
                "yes",
                ">no quotation\nFrom here\n",
            ),
            (">>a \n>>b\n>c \nd\n", "yes", ">> ab\n> c\nd\n"),
            ("end \n-- \nTaro\n", "yes", "end\n-- \nTaro\n"),
            ("", "yes", ""),
        ] {
            let media_type = format!("text/plain; format=Flowed; delsp={delsp}");
            let media_type = super::super::parameters::parse(&media_type);
            assert_eq!(
                undo(text, &media_type).as_deref(),
                Some(expected),
                "{text:?}"
            );
        }
        let fixed = super::super::parameters::parse("text/plain; delsp=yes");
        assert_eq!(undo("a \nb", &fixed), None);
    }
}
