//! What the tests of this crate share.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::{Error, FONT_FILES, Font, FontRole, FontSet};

const COMMAND: &str = "python3 functions/shared/paper/fetch_fonts.py";

fn font((name, role): (&str, FontRole)) -> Font {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../.local/fonts");
    let bytes = std::fs::read(folder.join(name))
        .unwrap_or_else(|error| panic!("read the font {name} ({error}); first run: {COMMAND}"));
    Font {
        bytes: Arc::new(bytes),
        role,
    }
}

/// All pinned fonts.
pub(crate) fn fonts() -> &'static FontSet {
    static FONTS: OnceLock<FontSet> = OnceLock::new();
    FONTS.get_or_init(|| FontSet::new(FONT_FILES.map(font).into()).unwrap())
}

#[test]
fn refuses_fonts_that_are_none() {
    let garbage = Font {
        bytes: Arc::new(b"garbage".to_vec()),
        role: FontRole::Regular,
    };
    assert!(matches!(
        FontSet::new(vec![garbage]),
        Err(Error::Font(FontRole::Regular))
    ));
    assert!(matches!(
        FontSet::new(Vec::new()),
        Err(Error::NoRegularFont)
    ));
}
