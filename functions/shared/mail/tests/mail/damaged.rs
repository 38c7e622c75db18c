//! Strategies for mail that nobody should send.

use proptest::prelude::*;

use crate::corpus;

/// Bytes that a failing test shows as text.
#[derive(Clone)]
pub(crate) struct Raw(pub(crate) Vec<u8>);

impl std::fmt::Debug for Raw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

/// A mail of the corpus with some of its bytes changed, cut out, doubled or put in.
pub(crate) fn mutated() -> impl Strategy<Value = Raw> {
    let change = (
        any::<prop::sample::Index>(),
        any::<u8>(),
        0..4_u8,
        0..200_usize,
    );
    (
        any::<prop::sample::Index>(),
        prop::collection::vec(change, 0..12),
    )
        .prop_map(|(which, changes)| {
            let mails = corpus::mails();
            let mut raw = which.get(&mails).1.clone();
            for (place, byte, kind, length) in changes {
                if raw.is_empty() {
                    break;
                }
                let at = place.index(raw.len());
                let end = (at + length).min(raw.len());
                match kind {
                    0 => raw[at] = byte,
                    1 => drop(raw.drain(at..end)),
                    2 => raw.extend_from_within(at..end),
                    _ => raw.insert(at, byte),
                }
            }
            Raw(raw)
        })
}

/// Lines that look like those of a header.
pub(crate) fn header_like() -> impl Strategy<Value = String> {
    let line = "(From|To|Subject|Received|References|Content-(Type|Disposition)|DKIM-Signature)\
                : [ -~あ]{0,60}";
    prop::collection::vec(line, 0..8).prop_map(|lines| lines.join("\r\n"))
}
