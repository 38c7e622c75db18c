//! The parsed fonts: which characters they can show, how wide these are, and the handles that the
//! layout and PDF libraries want. Fonts of rare scripts are parsed when a text needs them.

use std::fmt;
use std::sync::{Arc, OnceLock};

use parley::FontContext;
use parley::fontique::{
    Blob, Collection, CollectionOptions, FontInfoOverride, SourceCache, SourceCacheOptions,
};
use skrifa::MetadataProvider;
use skrifa::instance::{LocationRef, Size};

use crate::error::Error;
use crate::role::FontRole;
use crate::scripts::Script;

/// The pinned font files in the order in which characters are looked up, as `fetch_fonts.py`
/// leaves them in `.local/fonts`. Their bytes come from whoever makes the [`FontSet`].
pub const FONT_FILES: [(&str, FontRole); 12] = [
    ("NotoSansJP-Regular.ttf", FontRole::Regular),
    ("NotoSansJP-Bold-cut.ttf", FontRole::Bold),
    ("NotoSans-Regular.ttf", FontRole::Fallback),
    ("NotoSansMath-cut.ttf", FontRole::Fallback),
    ("NotoSansSC-cut.ttf", FontRole::Rare(Script::Han)),
    ("NotoSansKR-cut.ttf", FontRole::Rare(Script::Hangul)),
    ("NotoSansArabic-Regular.ttf", FontRole::Rare(Script::Arabic)),
    ("NotoSansHebrew-Regular.ttf", FontRole::Rare(Script::Hebrew)),
    ("NotoSansThai-Regular.ttf", FontRole::Rare(Script::Thai)),
    ("NotoEmoji-Regular.ttf", FontRole::Rare(Script::Emoji)),
    (
        "NotoSansSymbols-Regular.ttf",
        FontRole::Rare(Script::Symbols),
    ),
    ("NotoSansSymbols2-cut.ttf", FontRole::Rare(Script::Symbols)),
];

/// A font file.
#[derive(Clone)]
pub struct Font {
    /// The TrueType or OpenType file. One copy is shared with the libraries. That of a rare script
    /// is not touched before it is needed, so it may be read then; what cannot be read is empty.
    pub bytes: Arc<dyn AsRef<[u8]> + Send + Sync>,
    /// What it is used for.
    pub role: FontRole,
}

/// All fonts, parsed as far as they were needed.
pub(crate) struct Faces {
    faces: Vec<Face>,
    rare: Vec<RareFace>,
    /// Families for plain and for bold text, in the order in which they are tried.
    pub(crate) regular_families: Vec<String>,
    pub(crate) bold_families: Vec<String>,
    context: FontContext,
}

/// A font of a rare script. Which of them are parsed never shows in the result: each character
/// has one face, whatever was asked for before.
struct RareFace {
    script: Script,
    family: String,
    font: Font,
    /// `None` when the file turned out to be damaged.
    face: OnceLock<Option<Face>>,
}

struct Face {
    role: FontRole,
    blob: Blob<u8>,
    pdf_font: krilla::text::Font,
    advances: Advances,
    /// The glyph of a space, if there is one.
    space: Option<u32>,
    bytes: Arc<dyn AsRef<[u8]> + Send + Sync>,
}

impl Faces {
    /// Reads the fonts.
    ///
    /// # Errors
    /// When a file is no font, or there is not exactly one regular font.
    pub(crate) fn new(fonts: Vec<Font>) -> Result<Self, Error> {
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
            let face = Face::new(font)?;
            if !register(&mut context, &face.blob, &family) {
                return Err(Error::Font(font.role));
            }
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
        let rare = fonts.into_iter().filter_map(|font| {
            let FontRole::Rare(script) = font.role else {
                return None;
            };
            Some((script, font))
        });
        let rare = rare.enumerate().map(|(number, (script, font))| RareFace {
            script,
            family: format!("akashi-rare-{number}"),
            font,
            face: OnceLock::new(),
        });
        Ok(Self {
            rare: rare.collect(),
            faces,
            regular_families,
            bold_families,
            context,
        })
    }

    /// Whether a character is shown as itself. What is not covered is shown as `[U+XXXX]`.
    pub(crate) fn covers(&self, character: char) -> bool {
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
        if bits == 0
            && let Some((number, _)) = self.rare_face_of(character)
        {
            bits = 1_u32
                .checked_shl(u32::try_from(self.faces.len() + number).unwrap_or(u32::MAX))
                .unwrap_or_default();
        }
        bits
    }

    /// The one rare face that shows a character, and its advance; `None` when no face does, or one
    /// that is always there.
    fn rare_face_of(&self, character: char) -> Option<(usize, u16)> {
        let mut rare = self.rare.iter().enumerate();
        rare.find_map(|(number, rare)| {
            let face = rare.script.holds(character).then(|| rare.face())??;
            Some((number, face.advance(character)?))
        })
    }

    /// The face of a character that the regular font does not have.
    pub(crate) fn face_apart(&self, character: char) -> Option<usize> {
        let mut faces = self.faces.iter().enumerate();
        let common = faces
            .find(|(_, face)| face.role != FontRole::Bold && face.advance(character).is_some());
        match common {
            Some((number, face)) => (face.role == FontRole::Fallback).then_some(number),
            None => Some(self.faces.len() + self.rare_face_of(character)?.0),
        }
    }

    /// A face that has both a letter and its mark, and knows where the mark goes: the regular font
    /// knows that for Japanese only.
    pub(crate) fn face_of_marked(&self, letter: char, mark: char) -> Option<usize> {
        self.faces.iter().position(|face| {
            face.role == FontRole::Fallback
                && face.advance(letter).is_some()
                && face.advance(mark).is_some()
        })
    }

    /// Makes a face known to scratch space, and says its family.
    pub(crate) fn lend_face(&self, face: usize, context: &mut FontContext) -> Option<&str> {
        // All faces but the rare ones are in this list, in their order.
        if let Some(family) = self.bold_families.get(face) {
            return Some(family);
        }
        let rare = self.rare.get(face.checked_sub(self.faces.len())?)?;
        let is_known = context.collection.family_id(&rare.family).is_some();
        let is_known = is_known || register(context, &rare.face()?.blob, &rare.family);
        is_known.then_some(rare.family.as_str())
    }

    /// How many fonts of rare scripts were read.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn rare_fonts_read(&self) -> usize {
        let rare = self.rare.iter();
        rare.filter(|rare| rare.face.get().is_some()).count()
    }

    /// Fails when a font that was needed is damaged: the same evidence must not give other pages
    /// because of it.
    pub(crate) fn require_whole(&self) -> Result<(), Error> {
        let mut rare = self.rare.iter();
        match rare.find(|rare| rare.face.get().is_some_and(Option::is_none)) {
            Some(rare) => Err(Error::Font(rare.font.role)),
            None => Ok(()),
        }
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
            .or_else(|| Some(self.rare_face_of(character)?.1))
            .map_or(0.0, |thousandths| f32::from(thousandths) / 1000.0)
    }

    /// The handle of the PDF library for a font that the layout library chose.
    pub(crate) fn pdf_font(&self, face: usize) -> Option<krilla::text::Font> {
        self.face(face).map(|face| face.pdf_font.clone())
    }

    /// The glyph of a space in a font that the layout library chose, and its advance in ems.
    pub(crate) fn space(&self, face: usize) -> Option<(u32, f32)> {
        let face = self.face(face)?;
        Some((face.space?, f32::from(face.advance(' ')?) / 1000.0))
    }

    /// The number of the font of all texts, which has a space.
    pub(crate) fn regular(&self) -> Option<usize> {
        let mut faces = self.faces.iter();
        faces.position(|face| face.role == FontRole::Regular)
    }

    fn face(&self, number: usize) -> Option<&Face> {
        let rare = || {
            self.rare
                .get(number.checked_sub(self.faces.len())?)?
                .face
                .get()?
                .as_ref()
        };
        self.faces.get(number).or_else(rare)
    }

    pub(crate) fn face_of_blob(&self, blob_id: u64) -> Option<usize> {
        let rare = self.rare.iter().map(|rare| rare.face.get()?.as_ref());
        let mut faces = self.faces.iter().map(Some).chain(rare);
        faces.position(|face| face.is_some_and(|face| face.blob.id() == blob_id))
    }

    /// What the layout library knows at first.
    pub(crate) fn context(&self) -> FontContext {
        self.context.clone()
    }
}

impl RareFace {
    /// The parsed font; `None` when it is damaged.
    fn face(&self) -> Option<&Face> {
        let face = self.face.get_or_init(|| Face::new(&self.font).ok());
        face.as_ref()
    }
}

/// Makes a font known to the layout library; false when it is damaged.
fn register(context: &mut FontContext, blob: &Blob<u8>, family: &str) -> bool {
    let naming = FontInfoOverride {
        family_name: Some(family),
        ..FontInfoOverride::default()
    };
    let registered = context
        .collection
        .register_fonts(blob.clone(), Some(naming));
    !registered.is_empty()
}

impl Face {
    fn new(font: &Font) -> Result<Self, Error> {
        let broken = || Error::Font(font.role);
        let data = krilla::Data::from(Arc::clone(&font.bytes));
        Ok(Self {
            role: font.role,
            blob: Blob::new(Arc::clone(&font.bytes)),
            pdf_font: krilla::text::Font::new(data, 0).ok_or_else(broken)?,
            advances: Advances::read((*font.bytes).as_ref()).ok_or_else(broken)?,
            space: glyph_of_space((*font.bytes).as_ref()),
            bytes: Arc::clone(&font.bytes),
        })
    }

    fn advance(&self, character: char) -> Option<u16> {
        self.advances.of(u32::from(character))
    }
}

fn glyph_of_space(bytes: &[u8]) -> Option<u32> {
    let font = skrifa::FontRef::new(bytes).ok()?;
    let glyph = font.charmap().map(' ')?.to_u32();
    (glyph != 0).then_some(glyph)
}

/// The advances of the characters of a font. Fonts cover a few stretches of Unicode, so that one
/// list for all code points would be empty memory for the most part.
struct Advances {
    /// Where the block of each 256 code points stands in `blocks`; 0 where there is none.
    starts: Vec<u16>,
    /// The first is that of the code points without a block.
    blocks: Vec<[u16; BLOCK]>,
}

/// Code points of a block.
const BLOCK: usize = 256;

impl Advances {
    /// Reads the advance of each character that the font maps to a glyph, in thousandths of an em,
    /// plus one; 0: not covered.
    fn read(bytes: &[u8]) -> Option<Self> {
        let font = skrifa::FontRef::new(bytes).ok()?;
        let metrics = font.glyph_metrics(Size::new(1000.0), LocationRef::default());
        let mut advances = Self {
            starts: vec![0; 0x11_0000 / BLOCK],
            blocks: vec![[0; BLOCK]],
        };
        for (point, glyph) in font.charmap().mappings() {
            if glyph.to_u32() == 0 {
                continue;
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
            if let Some(slot) = advances.slot(point) {
                *slot = thousandths.saturating_add(1);
            }
        }
        Some(advances)
    }

    /// `None` for what is no code point.
    fn slot(&mut self, point: u32) -> Option<&mut u16> {
        let (block, within) = place(point)?;
        let start = self.starts.get_mut(block)?;
        if *start == 0 {
            *start = u16::try_from(self.blocks.len()).ok()?;
            self.blocks.push([0; BLOCK]);
        }
        let block = self.blocks.get_mut(usize::from(*start))?;
        block.get_mut(within)
    }

    fn of(&self, point: u32) -> Option<u16> {
        let (block, within) = place(point)?;
        let block = self.blocks.get(usize::from(*self.starts.get(block)?))?;
        block.get(within)?.checked_sub(1)
    }
}

/// The number of a code point's block, and its place there.
fn place(point: u32) -> Option<(usize, usize)> {
    let point = usize::try_from(point).ok()?;
    Some((point / BLOCK, point % BLOCK))
}

impl fmt::Debug for Font {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Font")
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Faces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let roles: Vec<FontRole> = self.faces.iter().map(|face| face.role).collect();
        f.debug_struct("Faces")
            .field("roles", &roles)
            .field("rare", &self.rare.len())
            .finish_non_exhaustive()
    }
}
