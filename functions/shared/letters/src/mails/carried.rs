//! Whether a mail of ours carries a message: what [`relay`](super::relay) and
//! [`offer`](super::offer) put together, held against the message again, whatever the notices say.

use domain::{DeliveryChange, Language};
use mail::{MailPart, ParsedMail};
use memchr::memmem;

use super::changes::changes_named_in;
use super::guidance::{FILE_NAME, Guidance, Passage};
use super::inserted::{block_before, block_behind, is_block};
use super::shape::{Node, Plan, together};
use crate::template::RULE_BELOW;

/// What of a message is not in a mail as delivery puts it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Its plain text, between the rules of the notices.
    Text,
    /// Its HTML, around and between the notices.
    Html,
    /// A file or a picture.
    File,
    /// The whole message, as a file.
    Message,
}

/// What delivery makes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// What is otherwise than in the message. A mail that would be too large goes as a file
    /// instead ([`FileReason::Size`](domain::FileReason)): here its size is not known.
    pub changes: Vec<DeliveryChange>,
    /// What is not there, of a mail that was delivered.
    pub missing: Option<Missing>,
}

/// What delivery makes of a message, and whether it is in the mail that was `delivered`.
#[must_use]
pub fn carried<'m>(original: &'m ParsedMail<'m>, delivered: Option<&ParsedMail<'_>>) -> Carried {
    let planned = together(original, &unknown());
    let missing = delivered.and_then(|delivered| {
        let is_file = |change: &DeliveryChange| matches!(change, DeliveryChange::SentAsFile(_));
        let parts = leaves(delivered);
        match &planned {
            Ok(plan) if !changes_named_in(delivered.raw_header()).iter().any(is_file) => {
                missing_of(plan, &parts)
            }
            Ok(_) | Err(_) => (!holds_message(original, &parts)).then_some(Missing::Message),
        }
    });
    let changes = match planned {
        Ok(plan) => plan.changes,
        Err(reason) => vec![DeliveryChange::SentAsFile(reason)],
    };
    Carried { changes, missing }
}

/// Notices without a word: what stands around them is the message.
fn unknown() -> Guidance {
    let passage = |language| Passage {
        language,
        text: String::new(),
    };
    let both = || [Language::Japanese, Language::English].map(passage);
    Guidance {
        before: both(),
        behind: both(),
        about: String::new(),
    }
}

fn missing_of(plan: &Plan<'_>, parts: &[MailPart<'_>]) -> Option<Missing> {
    missing_node(&plan.root, parts)
}

/// Recursion follows the plan, which has three levels.
fn missing_node(node: &Node<'_>, parts: &[MailPart<'_>]) -> Option<Missing> {
    match node {
        Node::Text(text) => {
            let end = format!("\n{RULE_BELOW}");
            let core = text.text.strip_suffix(end.as_str()).unwrap_or(&text.text);
            let there = parts.iter().find(|part| part.media_type() == "text/plain");
            let is_there = there.is_some_and(|part| part.text().text.contains(core));
            (!is_there).then_some(Missing::Text)
        }
        Node::Html(html) => {
            let there = parts.iter().find(|part| part.media_type() == "text/html");
            let is_there = there.is_some_and(|part| is_around(&html.bytes, &part.content()));
            (!is_there).then_some(Missing::Html)
        }
        Node::Original(part) | Node::File(part) => {
            let holds = |wanted: &MailPart<'_>| {
                let wanted = wanted.content();
                let mut parts = parts.iter();
                parts.any(|part| without_end(&part.content()) == without_end(&wanted))
            };
            let mut wanted = Vec::new();
            push_leaves(*part, &mut wanted);
            (!wanted.iter().all(holds)).then_some(Missing::File)
        }
        Node::Message => None,
        Node::Multipart { parts: nodes, .. } => {
            nodes.iter().find_map(|node| missing_node(node, parts))
        }
    }
}

/// Whether HTML is that of a message with other notices in it.
fn is_around(planned: &[u8], there: &[u8]) -> bool {
    let guidance = unknown();
    let split = |bytes: &[u8], block: &str| {
        let at = memmem::find(bytes, block.as_bytes())?;
        let (start, rest) = bytes.split_at_checked(at)?;
        Some((start.to_vec(), rest.get(block.len()..)?.to_vec()))
    };
    let Some((start, rest)) = split(planned, &block_before(&guidance)) else {
        return false;
    };
    let Some((middle, end)) = split(&rest, &block_behind(&guidance)) else {
        return false;
    };
    let inside = there
        .strip_prefix(start.as_slice())
        .and_then(|rest| rest.strip_suffix(end.as_slice()));
    inside.is_some_and(|inside| {
        let mut places = memmem::find_iter(inside, &middle);
        places.any(|at| {
            let (before, rest) = inside.split_at(at);
            let behind = rest.get(middle.len()..).unwrap_or_default();
            is_block(before) && is_block(behind)
        })
    })
}

/// Whether the message stands there as a file, from the end of its fields on.
fn holds_message(original: &ParsedMail<'_>, parts: &[MailPart<'_>]) -> bool {
    let Some(root) = original.root() else {
        return true;
    };
    let file = parts
        .iter()
        .find(|part| part.file_name().as_deref() == Some(FILE_NAME));
    file.is_some_and(|file| without_end(&file.content()).ends_with(without_end(root.body())))
}

/// The line break before a boundary belongs to the boundary (RFC 2046 section 5.1.1); not every
/// mailer writes so.
fn without_end(bytes: &[u8]) -> &[u8] {
    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let end = bytes.iter().rposition(|byte| !is_end(byte));
    end.and_then(|end| bytes.get(..=end)).unwrap_or_default()
}

fn leaves<'m>(mail: &'m ParsedMail<'_>) -> Vec<MailPart<'m>> {
    let mut parts = Vec::new();
    if let Some(root) = mail.root() {
        push_leaves(root, &mut parts);
    }
    parts
}

/// Recursion follows the tree, whose depth is bounded.
fn push_leaves<'m>(part: MailPart<'m>, parts: &mut Vec<MailPart<'m>>) {
    match part.children() {
        Some(children) => children.for_each(|child| push_leaves(child, parts)),
        None => parts.push(part),
    }
}
