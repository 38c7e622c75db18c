//! What is drawn on a page: text and shapes, by what marks them.

use std::collections::BTreeMap;

use lopdf::content::{Content, Operation};
use lopdf::{Document, Encoding, Object, ObjectId, decode_text_string};

/// What a page shows.
#[derive(Default)]
pub(crate) struct Shown {
    /// Texts of the document, by the numbers of their marked content.
    pub(crate) pieces: BTreeMap<i64, String>,
    /// Kinds and texts of what is no part of the document.
    pub(crate) artifacts: Vec<(String, String)>,
}

/// What encloses an operator.
enum Mark {
    Piece(i64),
    Artifact,
    /// The glyphs within stand for another text.
    Instead,
    /// The glyphs within stand from right to left.
    Reversed(String),
}

/// Reads a page.
///
/// # Panics
/// When something is drawn that is neither a piece of the document nor an artifact.
pub(crate) fn read(document: &Document, page: ObjectId) -> Shown {
    let fonts = document.get_page_fonts(page).expect("fonts");
    let encoding = |font: &Vec<u8>| {
        fonts[font]
            .get_font_encoding(document)
            .expect("an encoding")
    };
    let encodings = fonts.keys().map(|font| (font.clone(), encoding(font)));
    let mut reader = Reader {
        encodings: encodings.collect(),
        font: Vec::new(),
        marks: Vec::new(),
        shown: Shown::default(),
    };
    let content = document.get_page_content(page);
    for operation in Content::decode(&content).expect("content").operations {
        reader.take(&operation);
    }
    assert!(reader.marks.is_empty(), "a mark does not end");
    reader.shown
}

struct Reader<'d> {
    encodings: BTreeMap<Vec<u8>, Encoding<'d>>,
    font: Vec<u8>,
    marks: Vec<Mark>,
    shown: Shown,
}

impl Reader<'_> {
    fn take(&mut self, operation: &Operation) {
        let operands = operation.operands.as_slice();
        match (operation.operator.as_str(), operands) {
            ("BMC", [name]) => self.begin(name.as_name().expect("a name"), None),
            ("BDC", [name, Object::Dictionary(properties)]) => {
                self.begin(name.as_name().expect("a name"), Some(properties));
            }
            ("EMC", []) => {
                if let Some(Mark::Reversed(text)) = self.marks.pop() {
                    self.push(&text.chars().rev().collect::<String>());
                }
            }
            ("Tf", [font, _]) => self.font = font.as_name().expect("a name").to_vec(),
            ("Tj", [text]) => self.show(std::slice::from_ref(text)),
            ("TJ", [Object::Array(texts)]) => self.show(texts),
            ("f" | "F" | "f*" | "B" | "B*" | "b" | "b*" | "s" | "S" | "sh" | "Do", _) => {
                self.assert_marked("a shape");
            }
            ("'" | "\"" | "BI" | "DP" | "MP" | "BDC" | "BMC", _) => {
                panic!("nobody writes {}", operation.operator);
            }
            _ => {}
        }
    }

    fn begin(&mut self, name: &[u8], properties: Option<&lopdf::Dictionary>) {
        let number = properties.and_then(|one| one.get(b"MCID").ok());
        let number = number.map(|number| number.as_i64().expect("a number"));
        let instead = properties.and_then(|one| one.get(b"ActualText").ok());
        let mark = match (name, number, instead) {
            (b"Artifact", None, None) => {
                let kind = properties.and_then(|one| one.get(b"Type").ok());
                let kind = kind.expect("a type").as_name().expect("a name");
                let kind = String::from_utf8_lossy(kind).into_owned();
                self.shown.artifacts.push((kind, String::new()));
                Mark::Artifact
            }
            (_, Some(number), None) => {
                let before = self.shown.pieces.insert(number, String::new());
                assert_eq!(before, None, "a number is there twice");
                Mark::Piece(number)
            }
            (b"Span", None, Some(instead)) => {
                self.push(&decode_text_string(instead).expect("a text"));
                Mark::Instead
            }
            (b"ReversedChars", None, None) => Mark::Reversed(String::new()),
            _ => panic!("an unknown mark: {}", String::from_utf8_lossy(name)),
        };
        let is_outer = matches!(mark, Mark::Piece(_) | Mark::Artifact);
        assert_eq!(is_outer, self.marks.is_empty(), "marks of marks");
        self.marks.push(mark);
    }

    fn show(&mut self, texts: &[Object]) {
        self.assert_marked("a text");
        if self.marks.iter().any(|mark| matches!(mark, Mark::Instead)) {
            return;
        }
        let encoding = &self.encodings[&self.font];
        let mut shown = String::new();
        for text in texts {
            if let Object::String(bytes, _) = text {
                shown += &Document::decode_text(encoding, bytes).expect("text");
            }
        }
        match self.marks.last_mut() {
            Some(Mark::Reversed(text)) => text.push_str(&shown),
            Some(_) | None => self.push(&shown),
        }
    }

    fn push(&mut self, text: &str) {
        match self.marks.first() {
            Some(Mark::Piece(number)) => {
                let piece = self.shown.pieces.get_mut(number);
                piece.expect("a piece").push_str(text);
            }
            Some(Mark::Artifact) => {
                let artifact = self.shown.artifacts.last_mut();
                artifact.expect("an artifact").1.push_str(text);
            }
            Some(Mark::Instead | Mark::Reversed(_)) | None => panic!("{text} is not marked"),
        }
    }

    fn assert_marked(&self, what: &str) {
        assert!(!self.marks.is_empty(), "{what} is not marked");
    }
}
