//! The fonts as files in a folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::error::Error;
use crate::faces::{FONT_FILES, Font};
use crate::fonts::FontSet;
use crate::role::FontRole;

/// The pinned fonts in a folder, as `make fonts` leaves them.
///
/// # Errors
/// When a file is missing or is no font.
pub fn fonts_in(folder: &Path) -> Result<FontSet, Error> {
    let mut fonts = Vec::new();
    for (name, role) in FONT_FILES {
        let path = folder.join(name);
        fonts.push(match role {
            FontRole::Rare(_) => {
                // A cold start does not wait for fonts that few mails need.
                if !path.is_file() {
                    let source = io::ErrorKind::NotFound.into();
                    return Err(Error::FontFile { path, source });
                }
                Font {
                    bytes: Arc::new(LateFile::new(path)),
                    role,
                }
            }
            FontRole::Regular | FontRole::Bold | FontRole::Fallback => {
                let bytes = fs::read(&path).map_err(|source| Error::FontFile { path, source });
                Font {
                    bytes: Arc::new(bytes?),
                    role,
                }
            }
        });
    }
    FontSet::new(fonts)
}

/// A file that is read when its bytes are asked for. When it cannot be read it has none, which
/// the fonts report as a damaged font.
struct LateFile {
    path: PathBuf,
    bytes: OnceLock<Vec<u8>>,
}

impl LateFile {
    fn new(path: PathBuf) -> Self {
        Self {
            path,
            bytes: OnceLock::new(),
        }
    }
}

impl AsRef<[u8]> for LateFile {
    fn as_ref(&self) -> &[u8] {
        let read = || fs::read(&self.path).unwrap_or_default();
        self.bytes.get_or_init(read)
    }
}
