//! The mails that came back to an offer and answer nothing: evidence, and so embedded.

use std::collections::BTreeMap;

use bytes::Bytes;
use certificate::{MailFile, OtherMail};
use domain::limits::{OTHER_MAILS_BYTES_MAX, OTHER_MAILS_EMBEDDED_MAX};
use domain::{
    Answer, AnswerRoad, AnswerStanding, Dispatch, Event, EventId, InboundMessageId, Product,
};
use jiff::Timestamp;
use readers::{digest_of, size_of};

use super::material::is_known_at_issue;
use crate::answers::of_contract::answers;
use crate::ports::ReadObject;
use crate::{Failure, keys};

/// What a certificate embeds of them.
#[derive(Debug, Default)]
pub(super) struct Others {
    /// What is said of each, by its event.
    pub(super) rows: BTreeMap<EventId, OtherMail>,
    /// Those that are embedded, in the order of the log.
    pub(super) embedded: Vec<Bytes>,
}

impl Others {
    /// Reads as many as are embedded, in the order in which they came, so that it is always the
    /// same ones. What strangers send bounds neither memory nor time: one is read after the other,
    /// and no more than may be embedded.
    pub(super) async fn read(
        inbound: &impl ReadObject,
        certified: &Dispatch,
        events: &[Event],
        issued_at: Timestamp,
    ) -> Result<Self, Failure> {
        let mut others = Self::default();
        match certified.product {
            Product::Contract(_) => {}
            // Nothing is answered, or the contract's certificate has them.
            Product::Mail | Product::Addendum(_) => return Ok(others),
        }
        let mut found: Vec<_> = answers(events)
            .filter(|(event, answer)| {
                !answer.is_of_recipient() && is_known_at_issue(event, issued_at)
            })
            .filter_map(|(event, answer)| Some((event, answer, inbound_id(answer)?)))
            .collect();
        found.sort_by_key(|(event, ..)| event.at);
        let mut read = 0;
        let mut left_bytes = OTHER_MAILS_BYTES_MAX;
        for (event, answer, id) in found {
            let row = if answer.standing == AnswerStanding::Malware {
                OtherMail::Malware
            } else if read == OTHER_MAILS_EMBEDDED_MAX {
                OtherMail::TooMany
            } else {
                read += 1;
                let eml = inbound.read_object(&keys::raw_mail(id)).await?;
                others.take(eml, &mut left_bytes)
            };
            others.rows.insert(event.id, row);
        }
        Ok(others)
    }

    fn take(&mut self, eml: Option<Bytes>, left_bytes: &mut u64) -> OtherMail {
        let Some(eml) = eml else {
            return OtherMail::Gone;
        };
        let file = MailFile {
            size_bytes: size_of(&eml),
            digest: digest_of(&eml),
        };
        match left_bytes.checked_sub(file.size_bytes) {
            Some(left) => {
                *left_bytes = left;
                self.embedded.push(eml);
                OtherMail::Embedded(file)
            }
            None => OtherMail::TooLarge(file),
        }
    }
}

fn inbound_id(answer: &Answer) -> Option<&InboundMessageId> {
    match &answer.road {
        AnswerRoad::Mail { inbound, .. } => Some(inbound),
        AnswerRoad::Sms { .. } | AnswerRoad::Link { .. } => None,
    }
}
