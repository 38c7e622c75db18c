//! Events that we saw ourselves.

use domain::{Decision, DispatchId, Event, EventId, EventSource, Sha256Digest};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// An event that we saw ourselves. Its identity is what happened to which dispatch and when.
pub(crate) fn own_event(id: &DispatchId, decision: &Decision, now: Timestamp) -> Option<Event> {
    let kind = decision.event.clone()?;
    let identity = format!("{id} {} {now}", kind.name());
    Some(Event {
        id: EventId::new(Sha256Digest::new(
            Sha256::digest(identity.as_bytes()).into(),
        )),
        kind,
        source: EventSource::Akashi,
        at: now,
        recorded_at: now,
        is_supplementary: decision.is_supplementary,
        verbatim: None,
    })
}
