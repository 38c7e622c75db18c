//! What is read at most. Each limit is far above what a certificate needs, and low enough that
//! every file gets its verdict within 5 seconds and 512 MB.

/// Bytes of a file. The largest mail that the service accepts makes a certificate of about 55 MB
/// with both halves of a contract.
pub const FILE_BYTES_MAX: usize = 64 * 1_024 * 1_024;
/// Draft, signature, and then two revisions a year for a century.
pub const REVISIONS_MAX: usize = 256;
/// Objects of all revisions; a certificate of 200 pages has 6,000 where each line is a paragraph.
pub(crate) const OBJECTS_MAX: usize = 200_000;
/// Values within one object; the widths of a font's glyphs are the longest list.
pub(crate) const VALUES_MAX: usize = 100_000;
/// Values within all objects.
pub(crate) const ALL_VALUES_MAX: usize = 2_000_000;
/// Dictionaries and arrays within each other; ours reach 6.
pub(crate) const DEPTH_MAX: usize = 32;
/// Bytes of one stream after inflation: an embedded file is never larger than the largest mail.
pub(crate) const INFLATED_BYTES_MAX: usize = FILE_BYTES_MAX;
/// Bytes of all streams after inflation.
pub(crate) const ALL_INFLATED_BYTES_MAX: usize = 2 * FILE_BYTES_MAX;
/// Files in one certificate: two mails, their HTML parts, the evidence, and room.
pub(crate) const EMBEDDED_FILES_MAX: usize = 64;
/// Certificates, OCSP responses and revocation lists in one `/DSS`.
pub(crate) const VALIDATION_ENTRIES_MAX: usize = 1_024;
