//! The fonts, parsed once and kept, with scratch space to set texts in them.

use std::fmt;
use std::sync::Mutex;

use crate::error::Error;
use crate::faces::{Faces, Font};
use crate::typeset::Setter;
use crate::visible::Screen;

/// The fonts of a document. Parsing takes milliseconds, so make it once and keep it.
pub struct FontSet {
    faces: Faces,
    /// Scratch space of the layout library, warm with parsed tables. Its content never shows in
    /// the result, so that sharing it keeps setting a pure function.
    setters: Mutex<Vec<Setter>>,
}

impl FontSet {
    /// Reads the fonts.
    ///
    /// # Errors
    /// When a file is no font, or there is not exactly one regular font.
    pub fn new(fonts: Vec<Font>) -> Result<Self, Error> {
        Ok(Self {
            faces: Faces::new(fonts)?,
            setters: Mutex::default(),
        })
    }

    /// Whether a character is shown as itself. What is not covered is shown as `[U+XXXX]`.
    #[must_use]
    pub fn covers(&self, character: char) -> bool {
        self.faces.covers(character)
    }

    /// What turns texts into such as these fonts can show.
    #[must_use]
    pub fn screen(&self) -> Screen<'_> {
        Screen::new(&self.faces)
    }

    /// Fails when a font that was needed is damaged: the same document must not give other pages
    /// because of it.
    ///
    /// # Errors
    /// When a font of a rare script was needed and could not be read.
    pub fn require_whole(&self) -> Result<(), Error> {
        self.faces.require_whole()
    }

    /// How many fonts of rare scripts were read.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn rare_fonts_read(&self) -> usize {
        self.faces.rare_fonts_read()
    }

    pub(crate) fn faces(&self) -> &Faces {
        &self.faces
    }

    /// Lends scratch space; give it back with [`FontSet::keep`].
    pub(crate) fn lend(&self) -> Setter {
        let kept = self
            .setters
            .lock()
            .ok()
            .and_then(|mut setters| setters.pop());
        kept.unwrap_or_else(|| Setter::new(self.faces.context()))
    }

    pub(crate) fn keep(&self, setter: Setter) {
        if let Ok(mut setters) = self.setters.lock() {
            setters.push(setter);
        }
    }
}

impl fmt::Debug for FontSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FontSet")
            .field("faces", &self.faces)
            .finish_non_exhaustive()
    }
}
