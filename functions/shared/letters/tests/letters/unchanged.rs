//! Nothing of a message is lost or changed on its way, whatever the message is, but what the
//! delivered mail names.

use domain::DeliveryChange;
use domain::limits::DELIVERED_SIZE_BYTES_MAX;
use letters::mails::changes_named_in;
use mail::{MailPart, ParsedMail};

/// Between our texts and the message; the footer has one, too.
pub(crate) const RULE: &str =
    "----------------------------------------------------------------------";

/// How a block of ours begins in HTML, and a text of the sender's that has no HTML of its own.
const BLOCK: &str = "<div style=\"border:1px solid #767676;";
const PLAIN: &str = "<div style=\"margin:16px 0;white-space:pre-wrap\">";

/// The message is in the copy, whole and otherwise in nothing but what the copy names: its text
/// between our two, its HTML around our blocks, every other part as a picture or a file. Or it is
/// the file that the notice names.
pub(crate) fn check_content_is_unchanged(
    name: &str,
    raw: &[u8],
    compose: impl Fn(&ParsedMail<'_>) -> Vec<u8>,
) {
    let original = ParsedMail::parse(raw);
    let bytes = compose(&original);
    assert!(bytes.len() <= DELIVERED_SIZE_BYTES_MAX, "{name}");
    let copy = ParsedMail::parse(&bytes);
    let changes = changes_named_in(copy.raw_header());
    if let [DeliveryChange::SentAsFile(_)] = changes[..] {
        check_is_a_file(name, &original, &copy);
        return;
    }
    assert!(changes.contains(&DeliveryChange::NoticeInText), "{name}");
    assert_eq!(
        message_within(&copy.body().text).trim_end_matches('\n'),
        original.body().text.trim_end_matches('\n'),
        "{name}"
    );
    let documents: Vec<MailPart<'_>> = original
        .body_sections()
        .into_iter()
        .flat_map(|section| section.html)
        .collect();
    let copied: Vec<MailPart<'_>> = copy
        .body_sections()
        .into_iter()
        .flat_map(|section| section.html)
        .collect();
    assert_eq!(copied.len(), documents.len().min(1), "{name}");
    let has_notice = changes.contains(&DeliveryChange::NoticeInHtml);
    assert_eq!(has_notice, !copied.is_empty(), "{name}");
    if let [copied] = copied[..] {
        check_html(name, &documents, copied);
    }
    check_nothing_is_lost(name, &original, &copy);
}

/// What stands between the text before and the text behind.
pub(crate) fn message_within(text: &str) -> &str {
    let (_, behind) = text.split_once(&format!("\n{RULE}\n\n")).expect("a rule");
    let rule = format!("\n{RULE}\n");
    let (message, _footer) = behind.rsplit_once(&rule).expect("a footer");
    let end = message
        .rfind(&rule)
        .or(message.strip_prefix(&rule[1..]).map(|_| 0));
    &message[..end.expect("a text behind the message")]
}

/// Octet for octet, or character for character where it had to be written in UTF-8.
fn check_html(name: &str, documents: &[MailPart<'_>], copied: MailPart<'_>) {
    let content = copied.content();
    let content = content.as_ref();
    let first = find(content, BLOCK.as_bytes()).expect("a block before");
    let without = cut(content, first);
    let last = rfind(&without, BLOCK.as_bytes()).expect("a block behind");
    let mut without = cut(&without, last);
    let whole: Vec<u8> = documents
        .iter()
        .flat_map(|part| part.content().into_owned())
        .collect();
    while let Some(at) =
        find(&without, PLAIN.as_bytes()).filter(|_| find(&whole, PLAIN.as_bytes()).is_none())
    {
        without = cut(&without, at);
    }
    if is_same_but_for_end_tags(&without, &whole) {
        return;
    }
    let text: String = documents
        .iter()
        .map(|part| part.text().text.as_str())
        .collect();
    let copied = String::from_utf8(without).expect("UTF-8");
    let copied = copied.replace("\r\n", "\n");
    if !is_same_but_for_end_tags(copied.as_bytes(), text.as_bytes()) {
        assert_eq!(copied, text, "{name}");
    }
}

/// Elements that are left open end before our block, which they could hide.
fn is_same_but_for_end_tags(copied: &[u8], whole: &[u8]) -> bool {
    let (mut at, mut matched, mut skipped) = (0, 0, 0);
    while at < copied.len() {
        if whole.get(matched) == Some(&copied[at]) {
            (at, matched) = (at + 1, matched + 1);
            continue;
        }
        // An end tag of ours, which may begin as the next one of theirs does.
        let within = &copied[..copied.len().min(at + 2)];
        let Some(start) = rfind(within, b"</").filter(|start| *start >= skipped) else {
            return false;
        };
        let Some(length) = find(&copied[start..], b">") else {
            return false;
        };
        matched -= at.saturating_sub(start);
        at = start + length + 1;
        skipped = at;
    }
    matched == whole.len()
}

fn cut(html: &[u8], start: usize) -> Vec<u8> {
    let end = start + find(&html[start..], b"</div>").expect("the end of the block") + 6;
    assert!(html[start..end].is_ascii());
    [&html[..start], &html[end..]].concat()
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len())
        .position(|window| window == wanted)
}

fn rfind(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len())
        .rposition(|window| window == wanted)
}

/// Every leaf of the original that is not its body is in the copy with its content, type, name and
/// id; what else is in the copy is its body, and parts of the body that are files, too.
fn check_nothing_is_lost(name: &str, original: &ParsedMail<'_>, copy: &ParsedMail<'_>) {
    let mut copied: Vec<MailPart<'_>> = leaves(copy)
        .into_iter()
        .filter(|part| !is_body(copy, *part))
        .collect();
    let (body, others): (Vec<_>, Vec<_>) = leaves(original)
        .into_iter()
        .partition(|part| is_body(original, *part));
    for part in others {
        let same = copied
            .iter()
            .position(|one| described(*one) == described(part) || is_message_as_file(*one, part));
        let same = same.unwrap_or_else(|| panic!("{name}: a {} is lost", part.media_type()));
        copied.remove(same);
    }
    for part in copied {
        let is_of_body = |one: &MailPart<'_>| one.content() == part.content();
        assert!(
            body.iter().any(is_of_body),
            "{name}: a {} more",
            part.media_type()
        );
    }
}

/// A message whose octets do not travel.
fn is_message_as_file(copied: MailPart<'_>, part: MailPart<'_>) -> bool {
    let kind = part.media_type();
    (kind.starts_with("message/") || kind.starts_with("multipart/"))
        && copied.media_type() == "application/octet-stream"
        && copied
            .file_name()
            .is_some_and(|name| name.to_lowercase().ends_with(".eml"))
        && copied.content_id() == part.content_id()
        && copied.content().ends_with(&part.content())
}

type Described = (String, Option<String>, Option<String>, Vec<u8>);

fn described(part: MailPart<'_>) -> Described {
    (
        part.media_type().to_owned(),
        part.file_name(),
        part.content_id().map(str::to_owned),
        part.content().into_owned(),
    )
}

fn is_body(mail: &ParsedMail<'_>, part: MailPart<'_>) -> bool {
    mail.body_sections().iter().any(|section| {
        let mut parts = section.plain.iter().chain(&section.html);
        parts.any(|one| one.is_same(part))
    })
}

fn leaves<'m>(mail: &'m ParsedMail<'m>) -> Vec<MailPart<'m>> {
    fn add<'m>(part: MailPart<'m>, leaves: &mut Vec<MailPart<'m>>) {
        match part.children() {
            Some(children) => children.for_each(|child| add(child, leaves)),
            None => leaves.push(part),
        }
    }
    let mut leaves = Vec::new();
    if let Some(root) = mail.root() {
        add(root, &mut leaves);
    }
    leaves
}

/// Its content and the fields that say what that is are those of the original, octet for octet.
fn check_is_a_file(name: &str, original: &ParsedMail<'_>, copy: &ParsedMail<'_>) {
    let files = copy.attachments();
    let [file] = &files[..] else {
        panic!("{name}: {} files", files.len());
    };
    assert_eq!(file.name_as_sent.as_deref(), Some("message.eml"), "{name}");
    let text = copy.body().text;
    assert_eq!(
        text.matches("message.eml").count(),
        2,
        "{name}: in both languages"
    );
    let content = file.content();
    let inner = ParsedMail::parse(&content);
    let (Some(sent), Some(kept)) = (original.root(), inner.root()) else {
        return;
    };
    assert!(content.ends_with(sent.body()), "{name}");
    let fields = |part: MailPart<'_>| -> Vec<Vec<u8>> {
        let fields = part.content_fields();
        fields
            .map(|field| field.trim_ascii_end().to_vec())
            .collect()
    };
    assert_eq!(fields(kept), fields(sent), "{name}");
}
