//! What people see of a delivered mail, in the mailers that most of them have: each chooses the
//! text that it shows by rules of its own, and calls the rest files.

use domain::DeliveryChange;
use letters::mails::changes_named_in;
use mail::{MailPart, ParsedMail};

use crate::contracts::offered;
use crate::corpus;
use crate::relaying::{check_can_travel, relayed};
use crate::unchanged::check_content_is_unchanged;

/// What a mailer shows of a mail.
struct View<'m> {
    /// The text, in its order.
    body: Vec<MailPart<'m>>,
    /// What stands beside it, or is offered to be opened.
    files: Vec<MailPart<'m>>,
}

impl<'m> View<'m> {
    /// Without blanks, which mailers break lines at.
    fn text(&self) -> String {
        let texts = self.body.iter().map(|part| part.shown_text());
        dense(&texts.collect::<String>())
    }
}

fn dense(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

type Reader = for<'m> fn(MailPart<'m>) -> View<'m>;

const READERS: [(&str, Reader); 4] = [
    ("Outlook and Exchange", outlook),
    ("Gmail", gmail),
    ("Apple Mail", apple_mail),
    ("Thunderbird", thunderbird),
];

/// [MS-OXCMAIL] section 2.2.3.3.2, "Determining Which MIME Element Is the Message Body"
/// (learn.microsoft.com, `openspecs/exchange_server_protocols/ms-oxcmail`, page
/// `454b1afc-4eaf-48a6-b49e-ec8c5a5ebe6a`): the first entity that qualifies is the body, in its
/// best form, and all others are attachments; one aggregate body is made for Apple's mailers alone
/// (section 2.2.3.3.2.2).
fn outlook(root: MailPart<'_>) -> View<'_> {
    let body = body_of_outlook(root);
    let pictures = |part: &MailPart<'_>| part.content_id().is_some();
    View {
        files: leaves(root)
            .into_iter()
            .filter(|part| !body.iter().any(|one| one.is_same(*part)))
            // The other forms of the body, and what its HTML shows (section 2.2.3.4.1.4).
            .filter(|part| !is_other_form(root, *part) && !pictures(part))
            .collect(),
        body: body.into_iter().collect(),
    }
}

fn body_of_outlook(part: MailPart<'_>) -> Option<MailPart<'_>> {
    if part.is_attachment() {
        return None;
    }
    let Some(children) = part.children() else {
        return is_text(part).then_some(part);
    };
    let children: Vec<MailPart<'_>> = children.collect();
    let first = *children.first()?;
    match part.media_type() {
        "multipart/alternative" => children
            .iter()
            .rev()
            .filter_map(|child| body_of_outlook(*child))
            .find(|one| one.media_type() == "text/html")
            .or_else(|| children.iter().find_map(|child| body_of_outlook(*child))),
        "multipart/related" => {
            let body = body_of_outlook(first)?;
            (body.media_type() == "text/html").then_some(body)
        }
        _ => children.iter().find_map(|child| body_of_outlook(*child)),
    }
}

/// Section 2.2.3.3.2 names the types.
fn is_text(part: MailPart<'_>) -> bool {
    let types = ["text/plain", "text/html", "text/enriched", "text/calendar"];
    types.contains(&part.media_type())
}

/// Whether a part is another form of what is shown: a child of an alternative.
fn is_other_form(root: MailPart<'_>, part: MailPart<'_>) -> bool {
    let Some(children) = root.children() else {
        return false;
    };
    let is_alternative = root.media_type() == "multipart/alternative";
    children
        .into_iter()
        .any(|child| (is_alternative && child.is_same(part)) || is_other_form(child, part))
}

/// Of alternatives the last one that it knows, which is HTML or text; of the rest every text that
/// has no name, one below the other; the others are files. Observed: Google documents none of it.
fn gmail(root: MailPart<'_>) -> View<'_> {
    in_order(root, &|part| {
        !part.is_attachment() && part.file_name().is_none() && is_plain_or_html(part)
    })
}

/// The same, and texts that are not called attachments are shown, with or without a name. Observed;
/// it writes such mails itself, a picture or file between two texts.
fn apple_mail(root: MailPart<'_>) -> View<'_> {
    in_order(root, &|part| {
        !part.is_attachment() && is_plain_or_html(part)
    })
}

/// The last alternative that it can show (`mailnews/mime/src/mimemalt.cpp`), and every inline text
/// of the rest below the other, as the preference `mail.inline_attachments` says by default.
fn thunderbird(root: MailPart<'_>) -> View<'_> {
    in_order(root, &|part| {
        !part.is_attachment() && is_plain_or_html(part)
    })
}

fn is_plain_or_html(part: MailPart<'_>) -> bool {
    ["text/plain", "text/html"].contains(&part.media_type())
}

fn in_order<'m>(part: MailPart<'m>, is_shown: &dyn Fn(MailPart<'m>) -> bool) -> View<'m> {
    let Some(children) = part.children() else {
        let (body, files) = if is_shown(part) {
            (vec![part], vec![])
        } else {
            (vec![], vec![part])
        };
        return View { body, files };
    };
    let mut views: Vec<View<'m>> = children.map(|child| in_order(child, is_shown)).collect();
    match part.media_type() {
        "multipart/alternative" => {
            let shown = views.iter().rposition(|view| !view.body.is_empty());
            views.swap_remove(shown.expect("a form that is shown"))
        }
        // The pictures are in the HTML.
        "multipart/related" => View {
            files: vec![],
            ..views.swap_remove(0)
        },
        _ => View {
            body: views.iter().flat_map(|view| view.body.clone()).collect(),
            files: views.iter().flat_map(|view| view.files.clone()).collect(),
        },
    }
}

fn leaves(part: MailPart<'_>) -> Vec<MailPart<'_>> {
    match part.children() {
        Some(children) => children.flat_map(leaves).collect(),
        None => vec![part],
    }
}

/// What people must see together: words of both notices, and the message.
#[track_caller]
fn check(name: &str, raw: &[u8], bytes: &[u8], notices: [&str; 2]) {
    let original = ParsedMail::parse(raw);
    let copy = ParsedMail::parse(bytes);
    let is_file = matches!(
        changes_named_in(copy.raw_header())[..],
        [DeliveryChange::SentAsFile(_)]
    );
    for (reader, view) in READERS {
        let view = view(copy.root().expect("a root"));
        let text = view.text();
        for notice in notices {
            let is_seen = text.contains(&dense(notice));
            assert!(is_seen, "{name} in {reader}: {notice}\n{text}");
        }
        if is_file {
            let names = view.files.iter().filter_map(|file| file.file_name());
            assert!(names.eq(["message.eml"]), "{name} in {reader}");
            assert!(text.contains("message.eml"), "{name} in {reader}");
            continue;
        }
        for section in original.body_sections() {
            let is_html = section.html.iter().any(|part| part.shows_something());
            let parts = if is_html { section.html } else { section.plain };
            for part in parts {
                let shown = dense(&part.shown_text());
                assert!(text.contains(&shown), "{name} in {reader}: {shown}\n{text}");
            }
        }
        // Nothing of ours or of the text is a file, as `ATT00001.htm` would be.
        let files = original.attachments().len();
        let is_named = |part: &MailPart<'_>| part.file_name().is_some() || !is_text(*part);
        let unnamed = view.files.iter().filter(|part| !is_named(part)).count();
        assert!(unnamed <= files, "{name} in {reader}");
    }
}

#[test]
fn notice_and_message_are_seen_together_in_every_mailer_i_064() {
    for (name, raw) in corpus::mails() {
        let original = ParsedMail::parse(&raw);
        let notices = ["ご返信は差出人", "本サービスが証明書を発行します"];
        check(&name, &raw, &relayed(&original), notices);
        let notices = [
            "[Contract offer] from",
            "最初に届いたご返信が回答として記録され",
        ];
        check(&name, &raw, &offered(&original, "UTC"), notices);
    }
}

#[test]
fn notice_and_message_are_seen_together_whatever_mailer_wrote_it() {
    for (name, shape) in shapes() {
        let raw = format!("From: a@b.test\r\nMIME-Version: 1.0\r\n{shape}");
        let raw = raw.as_bytes();
        let notices = ["ご返信は差出人", "本サービスが証明書を発行します"];
        let bytes = relayed(&ParsedMail::parse(raw));
        check(name, raw, &bytes, notices);
        check_content_is_unchanged(name, raw, relayed);
        check_can_travel(name, &bytes);
        let changes = changes_named_in(ParsedMail::parse(&bytes).raw_header());
        assert!(
            changes.contains(&DeliveryChange::NoticeInText),
            "{name}: {changes:?}"
        );
    }
}

/// Shapes that mailers write and the corpus has not.
fn shapes() -> Vec<(&'static str, String)> {
    let text = "Content-Type: text/plain; charset=utf-8\r\n\r\n本文\r\n";
    let html =
        "Content-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>本文</p></body></html>\r\n";
    let other = "Content-Type: text/html; charset=\"shift_jis\"\r\n\
                 Content-Transfer-Encoding: base64\r\n\r\n\
                 PHA+keWC8ZXFPC9wPg==\r\n";
    let picture = "Content-Type: image/png\r\nContent-ID: <p>\r\n\r\nx\r\n";
    let file = "Content-Type: application/pdf; name=a.pdf\r\n\r\nx\r\n";
    let calendar = "Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n";
    let amp = "Content-Type: text/x-amp-html\r\n\r\n<html amp4email>\r\n";
    let jis = "Content-Type: text/html; charset=iso-2022-jp\r\n\r\n<p>\u{1b}$B$\"\u{1b}(B</p>\r\n";
    let nested = |subtype: &str, boundary: &str, parts: &[&str]| {
        let mut written = format!("Content-Type: multipart/{subtype}; boundary={boundary}\r\n\r\n");
        for part in parts {
            written.push_str(&format!("--{boundary}\r\n{part}\r\n"));
        }
        written + &format!("--{boundary}--\r\n")
    };
    let alternative = nested("alternative", "a", &[text, html]);
    vec![
        ("text", text.to_owned()),
        ("HTML", html.to_owned()),
        ("ISO-2022-JP", jis.to_owned()),
        ("two alternatives", alternative.clone()),
        ("text and file", nested("mixed", "m", &[text, file])),
        (
            "Apple Mail: text, picture, text",
            nested("mixed", "m", &[text, picture, text]),
        ),
        (
            "Apple Mail: HTML, file, HTML",
            nested(
                "alternative",
                "a",
                &[text, &nested("mixed", "m", &[html, file, other])],
            ),
        ),
        (
            "a list's footer",
            nested("mixed", "m", &[&alternative, text]),
        ),
        (
            "text before HTML",
            nested("mixed", "m", &[text, html, file]),
        ),
        ("a file first", nested("mixed", "m", &[file, &alternative])),
        (
            "an invitation",
            nested("alternative", "a", &[text, html, calendar]),
        ),
        ("AMP", nested("alternative", "a", &[text, amp, html])),
        (
            "related around alternative",
            nested("related", "r", &[&alternative, picture]),
        ),
        (
            "alternative around related",
            nested(
                "alternative",
                "a",
                &[text, &nested("related", "r", &[html, picture])],
            ),
        ),
        ("a file alone", file.to_owned()),
        ("a picture alone", picture.to_owned()),
    ]
}
