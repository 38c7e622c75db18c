//! The state of a notice or copy as a map inside an item; compared as a whole in conditions.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::NoticeState;

use super::item::{ItemError, Reader, map, text};

pub(super) fn notice_to_map(state: &NoticeState) -> AttributeValue {
    match state {
        NoticeState::Pending => map([("state", text("pending"))]),
        NoticeState::Attempted { at } => map([("state", text("attempted")), ("at", text(at))]),
        NoticeState::Sent { at, message_id } => map([
            ("state", text("sent")),
            ("at", text(at)),
            ("message_id", text(message_id)),
        ]),
    }
}

pub(super) fn notice_from_map(map: Reader<'_>) -> Result<NoticeState, ItemError> {
    match map.text("state")? {
        "pending" => Ok(NoticeState::Pending),
        "attempted" => Ok(NoticeState::Attempted {
            at: map.parse("at")?,
        }),
        "sent" => Ok(NoticeState::Sent {
            at: map.parse("at")?,
            message_id: map.parse("message_id")?,
        }),
        _ => Err(ItemError { attribute: "state" }),
    }
}
