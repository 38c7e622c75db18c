//! What is read at most, and how much work a verdict may cost. Each limit is far above what a
//! certificate needs, and low enough that every file gets its verdict within 5 seconds and 256 MB.
//! `README.md` has the same table for people.

use certificate::{RECORD_BYTES_MAX, RECORD_VALUES_MAX};
use pades::Budget;

use crate::work::Work;

/// Bytes of a file. The largest mail that the service accepts makes a certificate of about 17 MB
/// with all that came back to it.
pub const FILE_BYTES_MAX: usize = 64 * 1_024 * 1_024;
/// Draft, signature, and then two revisions a year for a century.
pub const REVISIONS_MAX: usize = 256;

/// The work of one verification. What runs out is a finding, [`crate::Finding::TooMuchWork`].
pub const BUDGET: [(Work, u64); 10] = [
    // A certificate of 200 pages has 6,000 where each line is a paragraph.
    (Work::Objects, 200_000),
    (Work::Values, 2_000_000),
    // Of what is kept of them: catalog, first page, form, structure. Rows of 200 pages take 3 MB.
    (Work::ValueBytes, 32 * 1_048_576),
    // Of a certificate's twenty.
    (Work::Signatures, 1_000),
    // A certificate takes 60, one that was renewed for a century 8,000.
    (Work::Certificates, 20_000),
    (Work::Answers, 20_000),
    // Four times what a file can have.
    (Work::Bytes, 256 * 1_048_576),
    // Two headers of 5 MiB in base64, two texts of 2 MiB, and as much again.
    (Work::EvidenceBytes, RECORD_BYTES_MAX as u64),
    // A hundred thousand attachments.
    (Work::EvidenceValues, RECORD_VALUES_MAX as u64),
    // Two texts of 8,800 lines of Latin letters, with all that machines wrote. Pages of so many
    // take about 170 MB.
    (Work::Characters, 2_500_000),
];

/// The limit of one kind of work.
pub(crate) fn limit(work: Work) -> usize {
    let row = BUDGET.iter().find(|(of, _)| *of == work);
    row.map_or(0, |(_, limit)| {
        usize::try_from(*limit).unwrap_or(usize::MAX)
    })
}

/// The part of the budget that `pades` spends.
pub(crate) fn budget_of_signatures() -> Budget<pades::Work> {
    let table = Work::OF_SIGNATURES.map(|(of, work)| {
        let limit = u64::try_from(limit(work)).unwrap_or(u64::MAX);
        (of, limit)
    });
    Budget::new(&table)
}

/// Values within one object; the widths of a font's glyphs are the longest list.
pub(crate) const VALUES_MAX: usize = 100_000;
/// Values of a trailer, which has five.
pub(crate) const TRAILER_VALUES_MAX: usize = 32;
/// Memory of a trailer's values, in bytes.
pub(crate) const TRAILER_VALUE_BYTES_MAX: usize = 4_096;
/// Dictionaries and arrays within each other; ours reach 6.
pub(crate) const DEPTH_MAX: usize = 32;
/// Files in one certificate: two mails, their HTML parts, the evidence, and room.
pub(crate) const EMBEDDED_FILES_MAX: usize = 64;
/// Certificates, OCSP responses and revocation lists in one `/DSS`.
pub(crate) const VALIDATION_ENTRIES_MAX: usize = 1_024;
