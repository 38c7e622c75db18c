//! Certificates of other versions than those of today, for the tests of this and other crates
//! (feature `testing`).

use paper::FontSet;

use crate::embed::File;
use crate::embedded::Embedded;
use crate::error::Error;
use crate::formats::draw;
use crate::record::test_version::Record;
use crate::record::v3::{self, Evidence};
use crate::template::test_versions;

/// The second version of the record, as a certificate names it.
pub const RECORD_VERSION: u32 = crate::record::test_version::VERSION;

/// What only the second version of the record says.
pub const REMARK: &str =
    "この項目は別の版の記録だけにあります Only another version of the record says this";

/// The unsigned certificate of the second template of version 3 of the record.
///
/// # Errors
/// As [`crate::render`].
pub fn render_with_other_template(
    evidence: &Evidence,
    embedded: Embedded<'_>,
    fonts: &FontSet,
) -> Result<Vec<u8>, Error> {
    v3::check(evidence, embedded)?;
    let template = &test_versions::OF_V3;
    let files = v3::whole(template.version, evidence, embedded);
    let drawn = draw(template, evidence, &files, fonts)?;
    Ok(drawn.with(embedded.original.map_or(&[], |mail| mail.eml)))
}

/// The unsigned certificate of the second version of the record, with its own template.
///
/// # Errors
/// As [`crate::render`].
pub fn render_with_other_record(
    evidence: &Evidence,
    embedded: Embedded<'_>,
    fonts: &FontSet,
) -> Result<Vec<u8>, Error> {
    v3::check(evidence, embedded)?;
    let template = &test_versions::OF_TEST_VERSION;
    let mails = v3::mails(evidence, embedded);
    let record = Record {
        remark: REMARK.to_owned(),
        files: mails.iter().map(File::row).collect(),
        template_version: template.version.to_owned(),
        evidence: evidence.clone(),
    };
    let drawn = draw(template, &record, &record.whole(embedded), fonts)?;
    Ok(drawn.with(embedded.original.map_or(&[], |mail| mail.eml)))
}
