//! How the parts of a delivered mail are put together. Readers differ in what they show of a
//! `multipart/mixed`: Exchange and Outlook take its first text for the body and call every later
//! one a file ([MS-OXCMAIL] section 2.2.3.3.2). So notice and message stand in the same text and in
//! the same HTML, and what cannot be rearranged goes as one file beside the notice.
//!
//! A plan is a value that depends on the message and the notices alone; writing it decides nothing.

use domain::{DeliveryChange, FileReason};
use mail::{BodySection, MailPart, ParsedMail};

use super::content::{self, Content, Html, PlainText};
use super::guidance::Guidance;
use super::original::{can_be_kept, can_be_rebuilt};
use super::protection::reason_to_stay;

/// What is to be written, and what is otherwise than in the message.
pub(super) struct Plan<'m> {
    pub(super) root: Node<'m>,
    pub(super) changes: Vec<DeliveryChange>,
}

/// One part of the mail.
pub(super) enum Node<'m> {
    /// A text/plain part of ours, the sender's words in it.
    Text(PlainText),
    /// Their HTML, our notices in it.
    Html(Html<'m>),
    /// A part of theirs as it is.
    Original(MailPart<'m>),
    /// A text of theirs that is none of the message, as a file.
    File(MailPart<'m>),
    /// The whole message as a file.
    Message,
    Multipart {
        subtype: &'static str,
        parts: Vec<Node<'m>>,
    },
}

/// Notice and message together, or why that would break or lose something.
pub(super) fn together<'m>(
    mail: &'m ParsedMail<'m>,
    guidance: &Guidance,
) -> Result<Plan<'m>, FileReason> {
    if let Some(reason) = reason_to_stay(mail) {
        return Err(reason);
    }
    let sections = mail.body_sections();
    let content = content::with_notices(mail, &sections, guidance)?;
    let mut others = Others {
        body: body_parts(&sections),
        has_html: content.html.is_some(),
        ..Others::default()
    };
    if let Some(root) = mail.root() {
        if others.hides_text(root) {
            return Err(FileReason::Structure);
        }
        others.add(root, Place::Mixed);
    }
    if !others.can_be_kept() {
        return Err(FileReason::Unreadable);
    }
    let is_joined = |section: &BodySection<'_>| section.plain.len() > 1 || section.html.len() > 1;
    let mut changes = content.changes.clone();
    if others.is_rearranged || sections.len() > 1 || sections.iter().any(is_joined) {
        changes.push(DeliveryChange::PartsRearranged);
    }
    Ok(Plan {
        root: put_together(content, others),
        changes,
    })
}

/// The message as one file beside the notice.
pub(super) fn as_file<'m>(reason: FileReason, guidance: &Guidance) -> Plan<'m> {
    let text = PlainText {
        text: guidance.text_before() + &guidance.text_behind(),
        flow: None,
    };
    Plan {
        root: Node::Multipart {
            subtype: "mixed",
            parts: vec![Node::Text(text), Node::Message],
        },
        changes: vec![DeliveryChange::SentAsFile(reason)],
    }
}

/// `mixed { alternative { text, related { html, pictures }, calendar }, files }` without the levels
/// that would hold one part.
fn put_together<'m>(content: Content<'m>, others: Others<'m>) -> Node<'m> {
    let text = Node::Text(content.text);
    let html = content.html.map(|html| {
        let html = Node::Html(html);
        around("related", html, originals(others.related))
    });
    let richer = html.into_iter().chain(originals(others.calendars));
    let body = around("alternative", text, richer);
    around("mixed", body, others.files.into_iter())
}

fn originals(parts: Vec<MailPart<'_>>) -> impl Iterator<Item = Node<'_>> {
    parts.into_iter().map(Node::Original)
}

fn around<'m>(
    subtype: &'static str,
    first: Node<'m>,
    others: impl Iterator<Item = Node<'m>>,
) -> Node<'m> {
    let mut parts = vec![first];
    parts.extend(others);
    match <[Node<'m>; 1]>::try_from(parts) {
        Ok([only]) => only,
        Err(parts) => Node::Multipart { subtype, parts },
    }
}

fn body_parts<'m>(sections: &[BodySection<'m>]) -> Vec<MailPart<'m>> {
    let parts = sections
        .iter()
        .flat_map(|section| section.plain.iter().chain(&section.html));
    parts.copied().collect()
}

/// In what kind of multipart a part stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Mixed,
    Alternative,
    Related,
}

/// What a piece of the body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Html,
}

/// The parts beside the body, each in its order.
#[derive(Default)]
struct Others<'m> {
    body: Vec<MailPart<'m>>,
    has_html: bool,
    /// What the HTML shows.
    related: Vec<MailPart<'m>>,
    /// Invitations, which calendars look for beside the text.
    calendars: Vec<MailPart<'m>>,
    files: Vec<Node<'m>>,
    /// Whether a part stands elsewhere than it did.
    is_rearranged: bool,
}

impl<'m> Others<'m> {
    /// Recursion follows the tree, whose depth is bounded.
    fn add(&mut self, part: MailPart<'m>, place: Place) {
        if self.is_body(part) {
            self.is_rearranged |= !self.files.is_empty();
            // What its text does not say is kept in the file that it is, too.
            if is_more_than_text(part) {
                self.files.push(Node::File(part));
                self.is_rearranged = true;
            }
            return;
        }
        let within = match part.media_type() {
            "multipart/alternative" => Place::Alternative,
            "multipart/related" => Place::Related,
            _ => Place::Mixed,
        };
        match part.children() {
            // Parts that belong together in a way of their own, such as `multipart/digest`.
            Some(_) if part.media_type() != "multipart/mixed" && !self.holds_body(part) => {
                self.file(part, place);
            }
            Some(children) => children.for_each(|child| self.add(child, within)),
            None => self.leaf(part, place),
        }
    }

    fn leaf(&mut self, part: MailPart<'m>, place: Place) {
        match place {
            Place::Related if self.has_html && is_shown_in_html(part) => self.related.push(part),
            Place::Alternative if part.media_type() == "text/calendar" => {
                self.calendars.push(part);
            }
            Place::Mixed | Place::Alternative | Place::Related => self.file(part, place),
        }
    }

    /// Another alternative could be shown in the place of the text that the notice is in.
    fn file(&mut self, part: MailPart<'m>, place: Place) {
        self.is_rearranged |= place != Place::Mixed;
        // A text without a name would be shown below ours.
        let is_shown = part.media_type().starts_with("text/")
            && !part.is_attachment()
            && part.file_name().is_none();
        self.files.push(if is_shown {
            Node::File(part)
        } else {
            Node::Original(part)
        });
    }

    /// Whether an alternative has HTML and, beside it in the same form of the message, a text that
    /// is none of HTML: of the other form's texts nobody can tell which one it repeats.
    fn hides_text(&self, part: MailPart<'m>) -> bool {
        let Some(children) = part.children() else {
            return false;
        };
        let children: Vec<MailPart<'m>> = children.collect();
        let is_mixed = |child: &MailPart<'m>| {
            let forms = self.forms(*child);
            forms.contains(&Form::Html) && forms.contains(&Form::Text)
        };
        (part.media_type() == "multipart/alternative" && children.iter().any(is_mixed))
            || children.into_iter().any(|child| self.hides_text(child))
    }

    /// The forms of the pieces of the body in a part; an alternative is one of HTML if it has any.
    fn forms(&self, part: MailPart<'m>) -> Vec<Form> {
        let Some(children) = part.children() else {
            let form = match part.media_type() {
                "text/html" => Form::Html,
                _ => Form::Text,
            };
            let is_seen = self.is_body(part) && part.shows_something();
            return Vec::from_iter(is_seen.then_some(form));
        };
        let forms: Vec<Form> = children.flat_map(|child| self.forms(child)).collect();
        if part.media_type() == "multipart/alternative" && forms.contains(&Form::Html) {
            return vec![Form::Html];
        }
        forms
    }

    fn can_be_kept(&self) -> bool {
        let originals = self.related.iter().chain(&self.calendars);
        originals.copied().all(can_be_kept)
            && self.files.iter().all(|file| match file {
                Node::Original(part) => can_be_kept(*part),
                Node::File(part) => can_be_rebuilt(*part),
                Node::Text(_) | Node::Html(_) | Node::Message | Node::Multipart { .. } => true,
            })
    }

    fn is_body(&self, part: MailPart<'m>) -> bool {
        self.body.iter().any(|one| one.is_same(part))
    }

    fn holds_body(&self, part: MailPart<'m>) -> bool {
        let children = part.children();
        self.is_body(part)
            || children
                .into_iter()
                .flatten()
                .any(|child| self.holds_body(child))
    }
}

/// Whether a part of the body has a name or a type that its text does not show.
fn is_more_than_text(part: MailPart<'_>) -> bool {
    let is_plain_or_html = ["text/plain", "text/html"].contains(&part.media_type());
    !is_plain_or_html || part.is_attachment() || part.file_name().is_some()
}

/// Whether HTML can refer to a part (RFC 2557 sections 8.2 and 8.3), and its sender did not call it
/// a file. Some mailers call pictures attachments that they show.
fn is_shown_in_html(part: MailPart<'_>) -> bool {
    let is_referable = part.content_id().is_some() || has_location(part);
    is_referable && (!part.is_attachment() || part.media_type().starts_with("image/"))
}

fn has_location(part: MailPart<'_>) -> bool {
    const LOCATION: &[u8] = b"content-location";
    part.content_fields().any(|field| {
        let name = field.get(..LOCATION.len()).unwrap_or_default();
        name.eq_ignore_ascii_case(LOCATION)
    })
}
