//! Texts of ours as a piece of an HTML document: in ASCII, so that they can stand among octets of
//! any character set, with styles of their own and nothing that is fetched.

use domain::{Language, Named};

use super::guidance::{Guidance, Passage};

/// How each block looks. Word, with which Outlook shows mails, leaves declarations out that are
/// important, so that each stands here without that, too.
const BLOCK: &str = "border:1px solid #767676;margin:16px 0;padding:8px 12px;\
                     color:#1a1a1a;background-color:#ffffff;font-family:sans-serif;\
                     font-size:14px;line-height:1.5;text-align:left";

/// How a paragraph and a rule of ours look.
const PARAGRAPH: &str = "margin:8px 0";
const HTML_RULE: &str = "border:0;border-top:1px solid #767676";
const LINK: &str = "color:#0b57d0;text-decoration:underline";

/// What styles of the message can use to hide a block or what stands in it.
const SHOWN: [&str; 26] = [
    "visibility:visible",
    "opacity:1",
    "position:static",
    "float:none",
    "width:auto",
    "min-width:0",
    "max-width:none",
    "height:auto",
    "min-height:0",
    "max-height:none",
    "overflow:visible",
    "clip:auto",
    "clip-path:none",
    "transform:none",
    "filter:none",
    "mask:none",
    "zoom:1",
    "text-indent:0",
    "letter-spacing:normal",
    "word-spacing:normal",
    "white-space:normal",
    "direction:ltr",
    "font-size:14px",
    "line-height:1.5",
    "animation:none",
    "transition:none",
];

/// What text is seen by.
const COLORS: &str = "color:#1a1a1a;background-color:#ffffff";

/// How a plain text begins that stands in HTML.
const PLAIN: &str = "<div style=\"margin:16px 0;white-space:pre-wrap\">";
const END: &str = "</div>";

/// What stands before the message.
pub(super) fn block_before(guidance: &Guidance) -> String {
    let passages: String = guidance.before.iter().map(paragraph).collect();
    format!("{}{passages}{END}", block())
}

/// What stands behind it.
pub(super) fn block_behind(guidance: &Guidance) -> String {
    let passages: String = guidance.behind.iter().map(paragraph).collect();
    let about = lines(guidance.about.trim_end());
    let rule = style(HTML_RULE, &format!("display:block;{HTML_RULE}"));
    let look = paragraph_style();
    format!("{}{passages}<hr{rule}><p{look}>{about}</p>{END}", block())
}

/// Whether bytes are a block of ours, whatever it says.
pub(super) fn is_block(bytes: &[u8]) -> bool {
    bytes.starts_with(block().as_bytes()) && bytes.ends_with(END.as_bytes())
}

fn block() -> String {
    let important = format!("display:block;{BLOCK}");
    format!("<div{}>", style(BLOCK, &important))
}

fn paragraph_style() -> String {
    let important = format!("display:block;{PARAGRAPH};padding:0;{COLORS};text-align:left");
    style(PARAGRAPH, &important)
}

/// A `style` whose declarations hold against any style sheet, whose own may be important, too.
fn style(plain: &str, important: &str) -> String {
    let own = important.split(';');
    let is_missing = |shown: &&str| {
        let property = shown.split(':').next();
        important
            .split(';')
            .all(|one| one.split(':').next() != property)
    };
    let declarations = own.chain(SHOWN.into_iter().filter(is_missing));
    let important = declarations.map(|one| format!("{one}!important"));
    let important = important.collect::<Vec<String>>().join(";");
    format!(" style=\"{plain};{important}\"")
}

/// A text of the sender's that has no HTML of its own.
pub(super) fn plain_text(text: &str) -> String {
    format!("{PLAIN}{}{END}", lines(text.trim_end_matches('\n')))
}

fn paragraph(passage: &Passage) -> String {
    let language: Language = passage.language;
    let text = lines(passage.text.trim_end_matches('\n'));
    format!(
        "<p lang=\"{}\"{}>{text}</p>",
        language.name(),
        paragraph_style()
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
        let look = style(
            LINK,
            &format!("display:inline;background-color:#ffffff;{LINK}"),
        );
        written.push_str(&format!("<a href=\"{address}\"{look}>{address}</a>"));
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

    /// Style sheets of the message may be important, too; an attribute counts before them.
    #[test]
    fn every_element_of_ours_is_shown_against_any_style_sheet() {
        let passage = |language| Passage {
            language,
            text: "a\nhttps://x.test/\n".to_owned(),
        };
        let passages = || [Language::Japanese, Language::English].map(passage);
        let guidance = Guidance {
            before: passages(),
            behind: passages(),
            about: "b".to_owned(),
        };
        let html = block_before(&guidance) + &block_behind(&guidance);
        let tags = html.split('<').skip(1);
        let tags = tags.filter(|tag| !tag.starts_with('/') && !tag.starts_with("br>"));
        let tags: Vec<&str> = tags.collect();
        assert_eq!(tags.len(), 2 + 5 + 4 + 1);
        for tag in tags {
            for property in ["display", "visibility", "opacity", "position", "font-size"] {
                let important = format!(";{property}:");
                let last = tag.rsplit_once(&important).expect(property).1;
                let value = last.split([';', '"']).next().expect("a value");
                assert!(value.ends_with("!important"), "{property}: {tag}");
            }
            for wanted in ["visibility:visible", "max-height:none", "transform:none"] {
                assert!(
                    tag.contains(&format!(";{wanted}!important")),
                    "{wanted}: {tag}"
                );
            }
            assert!(
                !tag.contains("display:none") && tag.contains(";display:"),
                "{tag}"
            );
        }
    }

    #[test]
    fn an_address_at_the_end_of_a_line_is_a_link_and_no_other() {
        let look = style(
            LINK,
            &format!("display:inline;background-color:#ffffff;{LINK}"),
        );
        let link = format!("<a href=\"https://x.test/?a&amp;b\"{look}>https://x.test/?a&amp;b</a>");
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
