//! The fonts, parsed once and kept: which characters they can show, how wide these are, and the
//! handles that the layout and PDF libraries want.

use std::fmt;
use std::sync::{Arc, Mutex};

use parley::FontContext;
use parley::fontique::{
    Blob, Collection, CollectionOptions, FontInfoOverride, SourceCache, SourceCacheOptions,
};
use skrifa::MetadataProvider;
use skrifa::instance::{LocationRef, Size};

use crate::Error;
use crate::typeset::Setter;

/// What a font is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FontRole {
    /// All texts. Exactly one font has this role.
    Regular,
    /// Headings and labels, as far as it covers them.
    Bold,
    /// Characters that the regular font does not cover; tried in the order given.
    Fallback,
}

/// The pinned font files in the order in which characters are looked up, as `fetch_fonts.py`
/// leaves them in `.local/fonts`. Their bytes come from whoever makes the [`FontSet`].
pub const FONT_FILES: [(&str, FontRole); 4] = [
    ("NotoSansJP-Regular.ttf", FontRole::Regular),
    ("NotoSansJP-Bold-cut.ttf", FontRole::Bold),
    ("NotoSans-Regular.ttf", FontRole::Fallback),
    ("NotoSansMath-cut.ttf", FontRole::Fallback),
];

/// A font file.
#[derive(Clone)]
pub struct Font {
    /// The TrueType or OpenType file. One copy is shared with the libraries.
    pub bytes: Arc<dyn AsRef<[u8]> + Send + Sync>,
    /// What it is used for.
    pub role: FontRole,
}

/// The fonts of a certificate. Parsing takes milliseconds, so make it once and keep it.
pub struct FontSet {
    faces: Vec<Face>,
    /// Families for plain and for bold text, in the order in which they are tried.
    pub(crate) regular_families: Vec<String>,
    pub(crate) bold_families: Vec<String>,
    context: FontContext,
    /// Scratch space of the layout library, warm with parsed tables. Its content never shows in
    /// the result, so that sharing it keeps [`crate::render`] a pure function.
    setters: Mutex<Vec<Setter>>,
}

struct Face {
    role: FontRole,
    blob_id: u64,
    pdf_font: krilla::text::Font,
    /// Advance of each covered character in thousandths of an em, plus one; 0: not covered.
    advances: Vec<u16>,
    bytes: Arc<dyn AsRef<[u8]> + Send + Sync>,
}

impl FontSet {
    /// Reads the fonts.
    ///
    /// # Errors
    /// When a file is no font, or there is not exactly one regular font.
    pub fn new(fonts: Vec<Font>) -> Result<Self, Error> {
        let regular_fonts = fonts.iter().filter(|font| font.role == FontRole::Regular);
        if regular_fonts.count() != 1 {
            return Err(Error::NoRegularFont);
        }
        let mut context = FontContext {
            collection: Collection::new(CollectionOptions {
                shared: false,
                system_fonts: false,
            }),
            source_cache: SourceCache::new(SourceCacheOptions { shared: false }),
        };
        let mut faces = Vec::new();
        let (mut regular_families, mut bold_families) = (Vec::new(), Vec::new());
        // The bold font comes first in its list and the regular one first in its own.
        let ranked = [FontRole::Bold, FontRole::Regular, FontRole::Fallback]
            .into_iter()
            .flat_map(|role| fonts.iter().filter(move |font| font.role == role));
        for (number, font) in ranked.enumerate() {
            let family = format!("akashi-{number}");
            let face = Face::new(font, &family, &mut context)?;
            // Codes such as `[U+XXXX]` must always be possible.
            if font.role == FontRole::Regular && !(' '..='~').all(|c| face.advance(c).is_some()) {
                return Err(Error::Font(font.role));
            }
            faces.push(face);
            if font.role != FontRole::Bold {
                regular_families.push(family.clone());
            }
            bold_families.push(family);
        }
        Ok(Self {
            faces,
            regular_families,
            bold_families,
            context,
            setters: Mutex::default(),
        })
    }

    /// Whether a character is shown as itself. What is not covered is shown as `[U+XXXX]`.
    #[must_use]
    pub fn covers(&self, character: char) -> bool {
        self.coverage(character) != 0
    }

    /// The faces for plain text that cover a character, one bit each.
    pub(crate) fn coverage(&self, character: char) -> u32 {
        let mut bits = 0;
        for (number, face) in self.faces.iter().enumerate().take(32) {
            if face.role != FontRole::Bold && face.advance(character).is_some() {
                bits |= 1 << number;
            }
        }
        bits
    }

    /// Whether a font with a variant of `base` for this variation selector covers both.
    pub(crate) fn covers_variant(&self, base: char, selector: char) -> bool {
        self.faces.iter().any(|face| {
            face.role != FontRole::Bold
                && skrifa::FontRef::new((*face.bytes).as_ref())
                    .is_ok_and(|font| font.charmap().map_variant(base, selector).is_some())
        })
    }

    /// The advance of a character in ems; 0 for one that is not covered.
    pub(crate) fn advance(&self, character: char) -> f32 {
        self.faces
            .iter()
            .filter(|face| face.role != FontRole::Bold)
            .find_map(|face| face.advance(character))
            .map_or(0.0, |thousandths| f32::from(thousandths) / 1000.0)
    }

    /// The handle of the PDF library for a font that the layout library chose.
    pub(crate) fn pdf_font(&self, face: usize) -> Option<krilla::text::Font> {
        self.faces.get(face).map(|face| face.pdf_font.clone())
    }

    pub(crate) fn face_of_blob(&self, blob_id: u64) -> Option<usize> {
        self.faces.iter().position(|face| face.blob_id == blob_id)
    }

    /// Lends scratch space; give it back with [`FontSet::keep`].
    pub(crate) fn lend(&self) -> Setter {
        let kept = self
            .setters
            .lock()
            .ok()
            .and_then(|mut setters| setters.pop());
        kept.unwrap_or_else(|| Setter::new(self.context.clone()))
    }

    pub(crate) fn keep(&self, setter: Setter) {
        if let Ok(mut setters) = self.setters.lock() {
            setters.push(setter);
        }
    }
}

impl Face {
    fn new(font: &Font, family: &str, context: &mut FontContext) -> Result<Self, Error> {
        let broken = || Error::Font(font.role);
        let blob = Blob::new(Arc::clone(&font.bytes));
        let blob_id = blob.id();
        let naming = FontInfoOverride {
            family_name: Some(family),
            ..FontInfoOverride::default()
        };
        if context
            .collection
            .register_fonts(blob, Some(naming))
            .is_empty()
        {
            return Err(broken());
        }
        let data = krilla::Data::from(Arc::clone(&font.bytes));
        Ok(Self {
            role: font.role,
            blob_id,
            pdf_font: krilla::text::Font::new(data, 0).ok_or_else(broken)?,
            advances: advances((*font.bytes).as_ref()).ok_or_else(broken)?,
            bytes: Arc::clone(&font.bytes),
        })
    }

    fn advance(&self, character: char) -> Option<u16> {
        let index = usize::try_from(u32::from(character)).ok()?;
        self.advances.get(index)?.checked_sub(1)
    }
}

/// The advance of each character that the font maps to a glyph, in thousandths of an em, plus
/// one, indexed by code point.
fn advances(bytes: &[u8]) -> Option<Vec<u16>> {
    let font = skrifa::FontRef::new(bytes).ok()?;
    let metrics = font.glyph_metrics(Size::new(1000.0), LocationRef::default());
    let mut advances = Vec::new();
    for (point, glyph) in font.charmap().mappings() {
        let index = usize::try_from(point).ok()?;
        if glyph.to_u32() == 0 || index > 0x10_FFFF {
            continue;
        }
        if index >= advances.len() {
            advances.resize(index + 1, 0);
        }
        // An advance is at least 0 and a few ems at most.
        let advance = metrics
            .advance_width(glyph)
            .unwrap_or_default()
            .clamp(0.0, 60_000.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped"
        )]
        let thousandths = advance.round() as u16;
        if let Some(slot) = advances.get_mut(index) {
            *slot = thousandths.saturating_add(1);
        }
    }
    Some(advances)
}

impl fmt::Debug for Font {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Font")
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for FontSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let roles: Vec<FontRole> = self.faces.iter().map(|face| face.role).collect();
        f.debug_struct("FontSet")
            .field("roles", &roles)
            .finish_non_exhaustive()
    }
}
