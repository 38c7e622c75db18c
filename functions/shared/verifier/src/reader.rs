//! Who looks at a certificate.

use jiff::Timestamp;
use paper::FontSet;

use crate::trust::Trust;

/// Who looks at the file, and when.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// Whom the reader trusts.
    pub trust: &'a Trust,
    /// When the reader looks; certificates of timestamps that ended before do not count.
    pub at: Timestamp,
    /// The fonts of the service, to make the pages again. Without them that check is not possible.
    pub fonts: Option<&'a FontSet>,
}
