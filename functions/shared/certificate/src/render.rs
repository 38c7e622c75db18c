//! From evidence to the unsigned certificate.

use paper::FontSet;

use crate::compose;
use crate::embed::{self, File, Surroundings};
use crate::embedded::{Embedded, EmbeddedMail};
use crate::error::Error;
use crate::evidence::Evidence;
use crate::file_row::FileRow;

/// Makes the certificate, unsigned: PDF/A-3b, classic cross-reference table, no object streams.
///
/// # Errors
/// When a font is damaged, the PDF library refuses the pages, or the mails are not those that the
/// evidence speaks of; see [`Error`].
pub fn render(
    evidence: &Evidence,
    embedded: Embedded<'_>,
    fonts: &FontSet,
) -> Result<Vec<u8>, Error> {
    let surroundings = render_surroundings(evidence, embedded, fonts)?;
    let original = embedded.original.map(|mail| mail.eml);
    Ok(surroundings.with(original.unwrap_or_default()))
}

/// Makes the same certificate in the memory of the sender's message, which at megabytes costs
/// less than new memory. `beside` has the other mails.
///
/// # Errors
/// As [`render`].
pub fn render_around(
    evidence: &Evidence,
    original_eml: Vec<u8>,
    html_part: Option<&[u8]>,
    beside: Embedded<'_>,
    fonts: &FontSet,
) -> Result<Vec<u8>, Error> {
    let original = EmbeddedMail {
        eml: &original_eml,
        html_part,
    };
    let embedded = Embedded {
        original: Some(original),
        ..beside
    };
    let surroundings = render_surroundings(evidence, embedded, fonts)?;
    Ok(surroundings.around(original_eml))
}

pub(crate) fn render_surroundings(
    evidence: &Evidence,
    embedded: Embedded<'_>,
    fonts: &FontSet,
) -> Result<Surroundings, Error> {
    embed::check(evidence, embedded)?;
    let files = embed::files(evidence, embedded);
    let rows: Vec<FileRow> = files.iter().map(File::row).collect();
    let document = compose::compose(evidence, &rows, fonts);
    let pages = paper::lay_out(&document, fonts);
    fonts.require_whole()?;
    let attachments: Vec<paper::Attachment> = files.iter().map(File::attachment).collect();
    let draft = paper::write(&compose::properties(evidence), &pages, &attachments, fonts)?;
    embed::put_in(&draft, &files)
}

/// The content of the certificate as plain text, made from the same document as the pages.
/// `fonts` decide which characters are shown by their code point.
#[must_use]
pub fn text_of(evidence: &Evidence, embedded: Embedded<'_>, fonts: &FontSet) -> String {
    let files = embed::files(evidence, embedded);
    let rows: Vec<FileRow> = files.iter().map(File::row).collect();
    compose::compose(evidence, &rows, fonts).to_text()
}
