//! How much of each text is shown. Everything is embedded or kept in full elsewhere, so these
//! bound the number of pages, never what can be proven; what is left out is said where it ends.

/// Most lines of the message text that are shown: about 200 pages. A mail of 5 MiB may hold a
/// text of 2,000 pages, which no reader turns over; all of it is in `original.eml`.
pub const BODY_LINES_MAX: usize = 8_800;

/// Most bytes of the message text that the evidence keeps. [`BODY_LINES_MAX`] lines of Japanese
/// are 1.3 MB; a sender's text of 40 MB must not be in the certificate twice.
pub const BODY_TEXT_BYTES_MAX: usize = 2 * 1_048_576;

/// Largest message as delivered that is embedded, in bytes. It holds the original again, and a
/// certificate with a mail of 5 MiB twice in it could be sent to nobody.
pub const DELIVERED_BYTES_MAX: u64 = 1_048_576;

/// Largest `evidence.json` that is read: it stands in memory four times, and all of it is to stay
/// within 256 MB. Headers of 5 MiB, the largest of mails that are embedded, take 7 in base64. Only
/// an answer that is larger, and nearly all header, could make it larger.
pub const RECORD_BYTES_MAX: usize = 40 * 1_048_576;

/// Most values in an `evidence.json` that is read: a value of three bytes takes 50 in memory. A
/// mail of 5 MiB may have a hundred thousand attachments, of six values each; so may its answer.
pub const RECORD_VALUES_MAX: usize = 1_500_000;

/// Most objects and lists within each other in an `evidence.json` that is read; ours reach 9.
pub const RECORD_DEPTH_MAX: usize = 32;

/// Most lines of the header that are shown: about 30 pages. Real headers take two.
pub const HEADER_LINES_MAX: usize = 1_800;

/// Most lines of one provider's record that are shown: the records of SES take 10 to 30.
pub const RECORD_LINES_MAX: usize = 300;

/// Most lines of a single value, such as a subject or a file name.
pub const VALUE_LINES_MAX: usize = 40;

/// Most rows of attachments, signatures, damages and events; 40 attachments fill two pages.
pub const ROWS_MAX: usize = 500;

/// Most kinds of characters in the list of those that are shown by their code point.
pub const CODE_POINTS_LISTED_MAX: usize = 60;
