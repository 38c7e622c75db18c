//! The fonts of certificates. They are part of the program, so that whoever judges a certificate
//! years later needs one file and no folder beside it, and so that only those parts of them
//! are ever read that a certificate uses.

use std::sync::Arc;

use paper::{FONT_FILES, Font, FontSet};

/// A pinned font, with its name.
macro_rules! left_by_make_fonts {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../.local/fonts/",
                $name
            )),
        )
    };
}

/// All of [`FONT_FILES`].
static FILES: [(&str, &[u8]); FONT_FILES.len()] = [
    left_by_make_fonts!("NotoSansJP-Regular.ttf"),
    left_by_make_fonts!("NotoSansJP-Bold-cut.ttf"),
    left_by_make_fonts!("NotoSans-Regular.ttf"),
    left_by_make_fonts!("NotoSansMath-cut.ttf"),
    left_by_make_fonts!("NotoSansSC-cut.ttf"),
    left_by_make_fonts!("NotoSansKR-cut.ttf"),
    left_by_make_fonts!("NotoSansArabic-Regular.ttf"),
    left_by_make_fonts!("NotoSansHebrew-Regular.ttf"),
    left_by_make_fonts!("NotoSansThai-Regular.ttf"),
    left_by_make_fonts!("NotoEmoji-Regular.ttf"),
    left_by_make_fonts!("NotoSansSymbols-Regular.ttf"),
    left_by_make_fonts!("NotoSansSymbols2-cut.ttf"),
];

/// The fonts, parsed.
///
/// # Errors
/// When the program was built with damaged fonts.
pub(crate) fn load() -> Result<FontSet, paper::Error> {
    let fonts = FONT_FILES.iter().map(|(name, role)| {
        let file = FILES.iter().find(|(other, _)| other == name);
        Font {
            bytes: Arc::new(file.map_or(&[][..], |(_, bytes)| bytes)),
            role: *role,
        }
    });
    FontSet::new(fonts.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_font_of_certificates_is_in_the_program() {
        assert_eq!(
            FILES.map(|(name, _)| name),
            FONT_FILES.map(|(name, _)| name)
        );
        load().unwrap();
    }
}
