//! What the pieces of the pages are within the document, and in which order they are read
//! (ISO 32000-1, 14.7 and 14.8): for readers that do not look at pages.

/// What a line belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A piece of the document; a piece may go on on the next page.
    Piece(usize),
    /// Nothing that the document says.
    Artifact(Artifact),
}

/// What is on a page without being said by the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Artifact {
    /// The banner, after its first time.
    Header,
    /// Title, number and page at the foot.
    Footer,
    /// The head of a table that goes on.
    Repetition,
    /// A line without words.
    Blank,
}

/// The language of an element, where it is not that of what it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// As what it stands in; a document is Japanese.
    Inherited,
    /// Our translation.
    English,
    /// Words of others, who did not say.
    Unknown,
}

/// What an element is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Part,
    Section,
    Heading {
        /// 1 is the document's title.
        level: u16,
        /// What it is called in lists of elements.
        title: &'static str,
    },
    Paragraph,
    Quotation,
    Table,
    Row,
    ColumnHead,
    Cell {
        /// How many columns it takes.
        columns: usize,
    },
    List,
    Item,
    Label,
    ItemBody,
    Span,
    Figure(Figure),
}

/// A picture.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figure {
    /// What stands for it where it is not seen.
    pub(crate) alternative: String,
    /// Counted from 0.
    pub(crate) page: usize,
    /// Left end, in points.
    pub(crate) x: f32,
    /// Top, in points.
    pub(crate) y: f32,
    /// Width and height, in points.
    pub(crate) side: f32,
}

/// A name of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ElementId(usize);

/// What an element holds, in the order of reading.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Child {
    Element(ElementId),
    /// The number of a piece.
    Piece(usize),
}

/// An element and what it holds.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) kind: Kind,
    pub(crate) language: Language,
    pub(crate) children: Vec<Child>,
}

/// The elements of a document as a tree.
#[derive(Debug, Default)]
pub(crate) struct Structure {
    top: Vec<ElementId>,
    elements: Vec<Element>,
    pieces: usize,
}

impl Structure {
    /// A new element behind all others within `parent`, or of the document itself.
    pub(crate) fn add(
        &mut self,
        parent: Option<ElementId>,
        kind: Kind,
        language: Language,
    ) -> ElementId {
        let id = ElementId(self.elements.len());
        self.elements.push(Element {
            kind,
            language,
            children: Vec::new(),
        });
        match parent {
            None => self.top.push(id),
            Some(parent) => self.push(parent, Child::Element(id)),
        }
        id
    }

    /// A new piece of an element.
    pub(crate) fn piece(&mut self, element: ElementId) -> Mark {
        let piece = self.pieces;
        self.pieces += 1;
        self.push(element, Child::Piece(piece));
        Mark::Piece(piece)
    }

    /// A new piece of an element in a language.
    pub(crate) fn piece_in(&mut self, element: ElementId, language: Language) -> Mark {
        let element = match language {
            Language::Inherited => element,
            Language::English | Language::Unknown => self.add(Some(element), Kind::Span, language),
        };
        self.piece(element)
    }

    /// The elements that stand in no other.
    pub(crate) fn top(&self) -> &[ElementId] {
        &self.top
    }

    pub(crate) fn element(&self, id: ElementId) -> Option<&Element> {
        self.elements.get(id.0)
    }

    /// How many pieces there are.
    pub(crate) fn pieces(&self) -> usize {
        self.pieces
    }

    fn push(&mut self, parent: ElementId, child: Child) {
        if let Some(parent) = self.elements.get_mut(parent.0) {
            parent.children.push(child);
        }
    }
}
