//! The digest of a draft, from which the digests of what is appended to it go on.

use sha2::{Digest, Sha256};
use std::ops::Range;

/// The hash of the draft at the start of a file, to go on from.
#[derive(Clone, Debug)]
pub(crate) struct HashedDraft {
    state: Sha256,
    length: usize,
}

impl HashedDraft {
    /// Hashes so many bytes at the start of a file.
    pub(crate) fn of(pdf: &[u8], length: usize) -> Self {
        let state = Sha256::new_with_prefix(pdf.get(..length).unwrap_or_default());
        Self { state, length }
    }

    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// The hash over the draft alone, which may go on.
    pub(crate) fn state(&self) -> Sha256 {
        self.state.clone()
    }

    /// The digest of the file but for the value of `/Contents` with its angle brackets.
    pub(crate) fn digest_around(&self, pdf: &[u8], contents: &Range<usize>) -> [u8; 32] {
        let mut hash = self.state();
        hash.update(pdf.get(self.length..contents.start - 1).unwrap_or_default());
        hash.update(pdf.get(contents.end + 1..).unwrap_or_default());
        hash.finalize().into()
    }

    /// The digest of the whole file.
    pub(crate) fn digest_to_end(&self, pdf: &[u8]) -> [u8; 32] {
        let mut hash = self.state();
        hash.update(pdf.get(self.length..).unwrap_or_default());
        hash.finalize().into()
    }

    /// A range of the file for writing; empty if it reaches into the draft.
    pub(crate) fn room_behind<'p>(&self, pdf: &'p mut [u8], range: &Range<usize>) -> &'p mut [u8] {
        let appended = pdf.get_mut(self.length..).unwrap_or_default();
        let start = range.start.checked_sub(self.length);
        let end = range.end.checked_sub(self.length);
        start
            .zip(end)
            .and_then(|(start, end)| appended.get_mut(start..end))
            .unwrap_or_default()
    }
}
