//! One inbound message, parsed once.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use domain::{
    Addressed, AutomaticMail, Damage, EmailAddress, HeaderField, Named, ToRecipients, UnshownPart,
};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use super::address::{self, AddressList, Mailbox};
use super::body::{self, Body, BodyText};
use super::encoding::{Decoded, Summary, summarize};
use super::header::{Block, Field, Line, mark_length, slice};
use super::part_text::PartText;
use super::received;
use super::structure::{self, Part};
use super::{trace, words};
use crate::damage::Damages;
use crate::visible;

/// Most header fields that are kept, and most that a DKIM check looks at. Real mail has fewer than
/// a hundred (issue 2: 100,000).
pub(crate) const HEADER_FIELDS_MAX: usize = 10_000;

/// Most entries of all To fields that are read. It is far above what is accepted, so that the
/// refusal can name a number, and far below what would exhaust memory.
const TO_ENTRIES_MAX: usize = 10_000;

/// Most unreadable entries of TO that a notice lists.
const UNREADABLE_ENTRIES_MAX: usize = 20;

/// One inbound message, parsed once. Nothing is copied or decoded before it is asked for, and each
/// part is decoded once. Attachments are read through, not kept.
#[derive(Debug)]
pub struct ParsedMail<'a> {
    raw: &'a [u8],
    /// The same bytes, except where lines end with CR alone: then with LF in their place.
    pub(crate) message: Cow<'a, [u8]>,
    /// Where the message as sent begins.
    pub(crate) start: usize,
    /// The fields this crate reads.
    fields: Vec<Field>,
    pub(crate) parts: Vec<Part>,
    /// The character set that the first text part names for itself. Raw octets of the header are
    /// most likely in the same.
    charset_hint: Option<String>,
    decoded: Vec<OnceLock<Decoded<'static>>>,
    summaries: Vec<OnceLock<Summary>>,
    /// What parts say as text, for those who pass them on.
    pub(super) part_texts: Vec<OnceLock<PartText>>,
    text: OnceLock<BodyText>,
    damages: Damages,
}

impl<'a> ParsedMail<'a> {
    /// Parses any bytes. Never fails: broken MIME is read as far as it goes, in linear
    /// time, and [`damages`](Self::damages) says what was wrong.
    #[must_use]
    pub fn parse(raw: &'a [u8]) -> Self {
        let mut damages = Damages::default();
        let message = with_line_feeds(raw, &mut damages);
        let start = trace::end_of_ses_fields(&message);
        let fields = known_fields(&message, start, &mut damages);
        let parts = structure::read(&message, start, &mut damages);
        Self {
            raw,
            message,
            start,
            fields,
            decoded: parts.iter().map(|_| OnceLock::new()).collect(),
            summaries: parts.iter().map(|_| OnceLock::new()).collect(),
            part_texts: parts.iter().map(|_| OnceLock::new()).collect(),
            charset_hint: parts
                .iter()
                .filter(|part| part.media_type.value.starts_with("text/"))
                .find_map(|part| part.media_type.parameter("charset")),
            parts,
            text: OnceLock::new(),
            damages,
        }
    }

    /// The message as sent: without the trace fields that SES put on top.
    #[must_use]
    pub fn sent_bytes(&self) -> &'a [u8] {
        self.raw.get(self.start..).unwrap_or_default()
    }

    /// The whole message as stored. Where lines end with CR alone, LF stands in its place.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.message
    }

    /// The whole header block as stored, SES's trace fields included, the empty line left out
    /// (I-010).
    #[must_use]
    pub fn raw_header(&self) -> &'a [u8] {
        let end = self.parts.first().map_or(0, |root| root.header.end);
        self.raw.get(..end).unwrap_or_default()
    }

    /// The sender: the one mailbox of the one From field.
    #[must_use]
    pub fn from(&self) -> Option<EmailAddress> {
        self.sender_mailbox()?.address.ok()
    }

    /// The name that the sender's mailer shows beside the address, controls made visible.
    #[must_use]
    pub fn from_display_name(&self) -> Option<String> {
        let name = visible(self.sender_mailbox()?.display_name?.trim());
        Some(name).filter(|name| !name.is_empty())
    }

    /// Whom the mail goes to: each address of all To fields once (I-061, I-063, Q-16), our own
    /// service addresses counted but left out, what is no address listed.
    #[must_use]
    pub fn to(&self, is_service_address: impl Fn(&EmailAddress) -> bool) -> ToRecipients {
        let mut to = ToRecipients::default();
        let mut seen = BTreeSet::new();
        let mut room = TO_ENTRIES_MAX;
        for field in self.fields_named("To") {
            let list = self.address_list(field, room);
            room = room.saturating_sub(list.mailboxes.len());
            for mailbox in list.mailboxes {
                match mailbox.address {
                    Ok(address) if !seen.insert(address.key()) => {}
                    Ok(address) if is_service_address(&address) => to.service_addresses += 1,
                    Ok(address) => to.recipients.push(address),
                    Err(text) if to.unreadable.len() < UNREADABLE_ENTRIES_MAX => {
                        to.unreadable.push(text);
                    }
                    Err(_) => {}
                }
            }
        }
        to
    }

    /// In which of To and Cc an address of ours stands.
    #[must_use]
    pub fn addressed(&self, is_ours: impl Fn(&EmailAddress) -> bool) -> Addressed {
        let stands_in = |name| {
            self.fields_named(name).any(|field| {
                let list = self.address_list(field, TO_ENTRIES_MAX);
                let mut addresses = list.mailboxes.iter();
                addresses.any(|mailbox| mailbox.address.as_ref().is_ok_and(&is_ours))
            })
        };
        Addressed {
            in_to: stands_in(HeaderField::To.name()),
            in_cc: stands_in(HeaderField::Cc.name()),
        }
    }

    /// The fields that stand more than once and may stand once. Mailers differ in which of
    /// them they show.
    #[must_use]
    pub fn repeated_fields(&self) -> Vec<HeaderField> {
        let is_repeated = |field: &HeaderField| self.fields_named(field.name()).nth(1).is_some();
        HeaderField::ALL.into_iter().filter(is_repeated).collect()
    }

    /// Whether no person wrote this mail. `envelope_from` is the SMTP return path.
    #[must_use]
    pub fn automatic(&self, envelope_from: &str) -> Option<AutomaticMail> {
        if matches!(envelope_from.trim(), "" | "<>") {
            return Some(AutomaticMail::NullReturnPath);
        }
        if self.keywords("Auto-Submitted").any(|word| word != "no") {
            return Some(AutomaticMail::AutoSubmitted);
        }
        let is_bulk = |word: String| ["bulk", "junk", "list"].contains(&word.as_str());
        if self.keywords("Precedence").any(is_bulk) {
            return Some(AutomaticMail::Precedence);
        }
        self.fields_named("List-Id")
            .next()
            .map(|_| AutomaticMail::MailingList)
    }

    /// The subject: decoded, on one line, controls made visible.
    #[must_use]
    pub fn subject(&self) -> String {
        let field = self.fields_named("Subject").next();
        let text = field
            .map(|field| words::decode(&self.text_of(field)))
            .unwrap_or_default();
        visible(text.trim())
    }

    /// The Message-ID as sent, angle brackets included.
    #[must_use]
    pub fn message_id(&self) -> Option<String> {
        self.text_named("Message-ID")
    }

    /// The first References field as sent.
    #[must_use]
    pub fn references_header(&self) -> Option<String> {
        self.text_named("References")
    }

    /// The first In-Reply-To field as sent.
    #[must_use]
    pub fn in_reply_to_header(&self) -> Option<String> {
        self.text_named("In-Reply-To")
    }

    /// The Date field as sent.
    #[must_use]
    pub fn date_header(&self) -> Option<String> {
        self.text_named("Date")
    }

    /// The time that the Date field states, where it states one.
    #[must_use]
    pub fn date(&self) -> Option<Timestamp> {
        DateTimeParser::new()
            .parse_timestamp(self.date_header()?.as_bytes())
            .ok()
    }

    /// The body as text, and the HTML part's exact bytes if there is one (Q-17, I-069).
    #[must_use]
    pub fn body(&self) -> Body<'_> {
        let text = self.body_text();
        Body {
            text: text.text.clone(),
            source: text.source,
            unshown: text.unshown.clone(),
            charset: text.charset.clone(),
            html: text.selection.html().map(|index| self.content(index)),
        }
    }

    /// What was broken. Decodes every part, each once.
    #[must_use]
    pub fn damages(&self) -> Vec<Damage> {
        let mut damages = self.damages.clone();
        for (index, part) in self.parts.iter().enumerate() {
            if !part.is_multipart() && self.is_encoding_damaged(index) {
                damages.add(Damage::TransferEncoding);
            }
        }
        for damage in &self.body_text().damages {
            damages.add(*damage);
        }
        self.note_header(&mut damages);
        damages.iter().collect()
    }

    /// What was broken as far as parsing saw it: of lines, header and structure. Decodes nothing.
    #[must_use]
    pub fn structure_damages(&self) -> Vec<Damage> {
        self.damages.iter().collect()
    }

    /// How many parts there are, multiparts and what is in them included.
    #[must_use]
    pub fn part_count(&self) -> usize {
        self.parts.len()
    }

    /// What was guessed or lost of the fields that are shown, and of file names.
    fn note_header(&self, damages: &mut Damages) {
        let shown = [
            HeaderField::From,
            HeaderField::Subject,
            HeaderField::To,
            HeaderField::Cc,
        ];
        for name in shown {
            for field in self.fields_named(name.name()) {
                let value = field.value(&self.message);
                let text = words::raw_text(&value, self.charset_hint.as_deref());
                text.header_damages().for_each(|damage| damages.add(damage));
                words::decode_and_note(&text.text, damages);
            }
        }
        received::note(&self.message, damages);
        for part in &self.parts {
            part.file_name_and_note(damages);
        }
    }

    /// The part that stands in the place of the text and cannot be shown as text, if there is no
    /// text that can.
    #[must_use]
    pub fn unshown_part(&self) -> Option<UnshownPart> {
        self.body_text().unshown.clone()
    }

    /// The body as text, read the first time it is asked for.
    pub(crate) fn body_text(&self) -> &BodyText {
        let content = |index| self.content(index);
        let read = || body::read(&self.parts, content);
        self.text.get_or_init(read)
    }

    /// A part's content, decoded the first time it is asked for.
    pub(crate) fn content(&self, index: usize) -> Cow<'_, [u8]> {
        let Some(part) = self.parts.get(index) else {
            return Cow::default();
        };
        let encoded = slice(&self.message, part.body.clone());
        match self.decode(index, part, encoded) {
            Some(decoded) => Cow::Borrowed(decoded.bytes.as_ref()),
            None => Cow::Borrowed(encoded),
        }
    }

    /// Whether a part's transfer encoding is broken. The body is decoded, for it is shown; an
    /// attachment is only read through.
    pub(super) fn is_encoding_damaged(&self, index: usize) -> bool {
        if !self.body_text().selection.is_body(index) {
            return self
                .summary(index)
                .is_some_and(|summary| summary.is_damaged);
        }
        self.parts.get(index).is_some_and(|part| {
            let encoded = slice(&self.message, part.body.clone());
            match self.decode(index, part, encoded) {
                Some(decoded) => decoded.is_damaged,
                None => part.encoding().decode(encoded).is_damaged,
            }
        })
    }

    /// Size, digest and damage of a part's content, found out the first time they are asked for.
    pub(crate) fn summary(&self, index: usize) -> Option<Summary> {
        let (part, cell) = (self.parts.get(index)?, self.summaries.get(index)?);
        let encoded = slice(&self.message, part.body.clone());
        Some(*cell.get_or_init(|| summarize(part.encoding(), encoded)))
    }

    /// `None` where the content is the transferred octets themselves.
    fn decode(&self, index: usize, part: &Part, encoded: &[u8]) -> Option<&Decoded<'static>> {
        use super::encoding::TransferEncoding::{Base64, Identity, QuotedPrintable, Unknown};
        match part.encoding() {
            Identity | Unknown => None,
            Base64 | QuotedPrintable => self.decoded.get(index).map(|cell| {
                cell.get_or_init(|| {
                    let decoded = part.encoding().decode(encoded);
                    Decoded {
                        bytes: Cow::Owned(decoded.bytes.into_owned()),
                        is_damaged: decoded.is_damaged,
                    }
                })
            }),
        }
    }

    fn text_named(&self, name: &'static str) -> Option<String> {
        let field = self.fields_named(name).next()?;
        Some(self.text_of(field).into_owned()).filter(|text| !text.is_empty())
    }

    fn sender_mailbox(&self) -> Option<Mailbox> {
        let mut froms = self.fields_named("From");
        let (Some(field), None) = (froms.next(), froms.next()) else {
            return None;
        };
        let list = self.address_list(field, 2);
        match <[Mailbox; 1]>::try_from(list.mailboxes) {
            Ok([mailbox]) if !list.has_group => Some(mailbox),
            Ok(_) | Err(_) => None,
        }
    }

    fn address_list(&self, field: &Field, limit: usize) -> AddressList {
        address::parse(&self.text_of(field), limit)
    }

    /// A field's value on one line, as Unicode, encoded words still encoded.
    pub(crate) fn text_of(&self, field: &Field) -> Cow<'_, str> {
        let hint = self.charset_hint.as_deref();
        match field.value(&self.message) {
            // Unfolding borrowed from `self`, so the text may, too.
            Cow::Borrowed(_) => {
                words::raw_text(field.value_verbatim(&self.message).trim_ascii(), hint).text
            }
            Cow::Owned(line) => Cow::Owned(words::raw_text(&line, hint).text.into_owned()),
        }
    }

    /// The first word of each field of this name, in lower case.
    pub(crate) fn keywords(&self, name: &'static str) -> impl Iterator<Item = String> {
        self.fields_named(name).map(|field| {
            let value = self.text_of(field);
            let word = value.split(|c: char| " \t;(".contains(c)).next();
            word.unwrap_or_default().to_ascii_lowercase()
        })
    }

    pub(crate) fn fields_named(&self, name: &'static str) -> impl Iterator<Item = &Field> {
        self.fields
            .iter()
            .filter(move |field| field.is(&self.message, name))
    }
}

/// Fields of the root header that are read, beside those that may stand once and those of machines;
/// the others are not kept.
const KNOWN_FIELDS: [&str; 5] = [
    "Auto-Submitted",
    "Precedence",
    "Preference",
    "List-Id",
    "Delivered-To",
];

/// Fields that only machines write into their replies.
pub(super) const MACHINE_FIELDS: [&str; 8] = [
    "X-Autoreply",
    "X-Auto-Reply",
    "X-Autorespond",
    "X-Autoresponder",
    "X-Autoreply-From",
    "X-Mail-Autoreply",
    "X-Autogenerated",
    "X-Vacation",
];

fn known_fields(message: &[u8], start: usize, damages: &mut Damages) -> Vec<Field> {
    let mut known = Vec::new();
    let mut block = Block::at(message, start);
    let mut count = 0_usize;
    if mark_length(message, start) > 0 {
        damages.add(Damage::ByteOrderMark);
    }
    loop {
        match block.next_line() {
            Line::Field(field) => {
                count += 1;
                let once = HeaderField::ALL.into_iter().map(HeaderField::name);
                let mut read = once.chain(KNOWN_FIELDS).chain(MACHINE_FIELDS);
                let is_known = read.any(|name| field.is(message, name));
                if is_known && known.len() < HEADER_FIELDS_MAX {
                    known.push(field);
                }
            }
            Line::Garbage => {}
            Line::End(_) => break,
        }
    }
    if count > HEADER_FIELDS_MAX {
        damages.add(Damage::TooManyHeaderFields);
    }
    known
}

/// Mail of old systems ends its lines with CR alone. LF in its place keeps every offset.
fn with_line_feeds<'a>(raw: &'a [u8], damages: &mut Damages) -> Cow<'a, [u8]> {
    if memchr::memchr(b'\n', raw).is_some() || memchr::memchr(b'\r', raw).is_none() {
        return Cow::Borrowed(raw);
    }
    damages.add(Damage::CarriageReturnLines);
    Cow::Owned(
        raw.iter()
            .map(|byte| if *byte == b'\r' { b'\n' } else { *byte })
            .collect(),
    )
}
