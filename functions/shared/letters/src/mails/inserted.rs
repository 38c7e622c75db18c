//! Texts of ours as a piece of an HTML document: in ASCII, so that they can stand among octets of
//! any character set, with styles of their own and nothing that is fetched.

use domain::{Language, Named};

use super::guidance::{Guidance, Passage};

/// How each block begins.
const BLOCK: &str = "<div style=\"border:1px solid #767676;margin:16px 0;padding:8px 12px;\
                     color:#1a1a1a;background-color:#ffffff;font-family:sans-serif;\
                     font-size:14px;line-height:1.5;text-align:left\">";

/// How a plain text begins that stands in HTML.
const PLAIN: &str = "<div style=\"margin:16px 0;white-space:pre-wrap\">";
const END: &str = "</div>";
const HTML_RULE: &str = "<hr style=\"border:0;border-top:1px solid #767676\">";

/// What stands before the message.
pub(super) fn block_before(guidance: &Guidance) -> String {
    let passages: String = guidance.before.iter().map(paragraph).collect();
    format!("{BLOCK}{passages}{END}")
}

/// What stands behind it.
pub(super) fn block_behind(guidance: &Guidance) -> String {
    let passages: String = guidance.behind.iter().map(paragraph).collect();
    let about = lines(guidance.about.trim_end());
    format!("{BLOCK}{passages}{HTML_RULE}<p style=\"margin:8px 0\">{about}</p>{END}")
}

/// A text of the sender's that has no HTML of its own.
pub(super) fn plain_text(text: &str) -> String {
    format!("{PLAIN}{}{END}", lines(text.trim_end_matches('\n')))
}

fn paragraph(passage: &Passage) -> String {
    let language: Language = passage.language;
    let text = lines(passage.text.trim_end_matches('\n'));
    format!(
        "<p lang=\"{}\" style=\"margin:8px 0\">{text}</p>",
        language.name()
    )
}

/// One line after another.
fn lines(text: &str) -> String {
    let mut written = String::with_capacity(text.len() * 2);
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            // The line break in the source keeps lines short, whatever encodes them.
            written.push_str("<br>\r\n");
        }
        push_line(line, &mut written);
    }
    written
}

/// An address of the web at the end of a line of ours becomes a link. What others wrote stands
/// within lines, and leads nowhere.
fn push_line(line: &str, written: &mut String) {
    let (before, last) = line.rsplit_once(' ').unwrap_or(("", line));
    let is_label = before.trim().is_empty() || before.ends_with(':');
    let is_link = last.starts_with("https://") || last.starts_with("http://");
    if is_link && is_label {
        push_escaped(line.strip_suffix(last).unwrap_or_default(), written);
        let mut address = String::new();
        push_escaped(last, &mut address);
        written.push_str(&format!("<a href=\"{address}\">{address}</a>"));
        return;
    }
    push_escaped(line, written);
}

fn push_escaped(text: &str, written: &mut String) {
    for c in text.chars() {
        match c {
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '&' => written.push_str("&amp;"),
            '"' => written.push_str("&quot;"),
            // Tabs and line feeds are the controls that HTML has.
            c if c.is_ascii_graphic() || " \t\n".contains(c) => written.push(c),
            c => written.push_str(&format!("&#{};", u32::from(c))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_ascii_and_no_markup_comes_through() {
        assert_eq!(
            plain_text("a < \"b\" & 髙\n  𠮷\n"),
            format!("{PLAIN}a &lt; &quot;b&quot; &amp; &#39641;<br>\r\n  &#134071;{END}")
        );
    }

    #[test]
    fn an_address_at_the_end_of_a_line_is_a_link_and_no_other() {
        let link = "<a href=\"https://x.test/?a&amp;b\">https://x.test/?a&amp;b</a>";
        for (line, expected) in [
            ("  https://x.test/?a&b", format!("  {link}")),
            (
                "Answer at: https://x.test/?a&b",
                format!("Answer at: {link}"),
            ),
            (
                "From a https://x.test <a@x.test> today",
                "From a https://x.test &lt;a@x.test&gt; today".to_owned(),
            ),
            ("By https://x.test", "By https://x.test".to_owned()),
        ] {
            assert_eq!(lines(line), expected);
        }
    }
}
