//! From evidence to the unsigned certificate, in the versions of today.

use paper::FontSet;

use crate::embed::{File, Surroundings};
use crate::embedded::{Embedded, EmbeddedMail};
use crate::error::Error;
use crate::formats::{LATEST_TEMPLATE, TEMPLATE_VERSION, draw};
use crate::record::file_row::FileRow;
use crate::record::latest::{self, Evidence, Record};

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

fn render_surroundings(
    evidence: &Evidence,
    embedded: Embedded<'_>,
    fonts: &FontSet,
) -> Result<Surroundings, Error> {
    latest::check(evidence, embedded)?;
    let files = latest::whole(TEMPLATE_VERSION, evidence, embedded);
    draw(LATEST_TEMPLATE, evidence, &files, fonts)
}

/// The content of the certificate as plain text, made from the same document as the pages.
/// `fonts` decide which characters are shown by their code point.
#[must_use]
pub fn text_of(evidence: &Evidence, embedded: Embedded<'_>, fonts: &FontSet) -> String {
    let files = latest::whole(TEMPLATE_VERSION, evidence, embedded);
    let rows: Vec<FileRow> = files.iter().map(File::row).collect();
    (LATEST_TEMPLATE.document)(evidence, &rows, fonts).to_text()
}

impl Record {
    /// The record of a certificate that is made now, with these mails embedded. They are taken to
    /// be those that the evidence speaks of; [`crate::rebuild`] checks that.
    #[must_use]
    pub fn new(evidence: Evidence, embedded: Embedded<'_>) -> Self {
        let files = latest::mails(&evidence, embedded);
        Self {
            template_version: TEMPLATE_VERSION.to_owned(),
            files: files.iter().map(File::row).collect(),
            evidence,
        }
    }
}
