//! The structure of a document in the words of the PDF library.

use std::num::{NonZeroU16, NonZeroU32};

use krilla::geom::Rect;
use krilla::tagging::{
    Artifact as PdfArtifact, ArtifactType, BBox, ContentTag, Identifier, ListNumbering, Node,
    TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
};

use crate::structure::{Artifact, Child, Element, ElementId, Kind, Language, Mark, Structure};

/// Where the pieces of a document were drawn: of each, a place on every page that it is on.
pub(crate) struct Places(Vec<Vec<Identifier>>);

impl Places {
    pub(crate) fn of(structure: &Structure) -> Self {
        Self(vec![Vec::new(); structure.pieces()])
    }

    pub(crate) fn push(&mut self, mark: Mark, place: Identifier) {
        match mark {
            Mark::Piece(piece) => {
                if let Some(places) = self.0.get_mut(piece) {
                    places.push(place);
                }
            }
            Mark::Artifact(_) => {}
        }
    }
}

/// What content is that belongs to this.
pub(crate) fn content_tag(mark: Mark) -> ContentTag<'static> {
    let kind = match mark {
        Mark::Piece(_) => return ContentTag::Other,
        Mark::Artifact(Artifact::Header) => ArtifactType::Header,
        Mark::Artifact(Artifact::Footer) => ArtifactType::Footer,
        Mark::Artifact(Artifact::Repetition) => ArtifactType::PaginationOther,
        Mark::Artifact(Artifact::Blank) => ArtifactType::Layout,
    };
    ContentTag::Artifact(PdfArtifact::with_kind(kind))
}

/// Rules and bars, which only divide.
pub(crate) const RULES: Mark = Mark::Artifact(Artifact::Blank);

/// The structure with the places of its pieces.
pub(crate) fn tree(structure: &Structure, places: &Places) -> TagTree {
    let top = structure.top().iter();
    let groups = top.filter_map(|id| group(structure, *id, places));
    TagTree::from(groups.map(Node::from).collect::<Vec<_>>())
}

fn group(structure: &Structure, id: ElementId, places: &Places) -> Option<TagGroup> {
    let element = structure.element(id)?;
    let mut group = TagGroup::new(tag(element));
    for child in &element.children {
        match child {
            Child::Element(id) => group
                .children
                .extend(self::group(structure, *id, places).map(Node::from)),
            Child::Piece(piece) => {
                let places = places.0.get(*piece).into_iter().flatten();
                group.children.extend(places.copied().map(Node::from));
            }
        }
    }
    Some(group)
}

fn tag(element: &Element) -> TagKind {
    let tag: TagKind = match &element.kind {
        Kind::Part => Tag::Part.into(),
        Kind::Section => Tag::Section.into(),
        Kind::Heading { level, title } => {
            let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
            Tag::Hn(level, Some((*title).to_owned())).into()
        }
        Kind::Paragraph => Tag::P.into(),
        Kind::Quotation => Tag::BlockQuote.into(),
        Kind::Table => Tag::Table.into(),
        Kind::Row => Tag::TR.into(),
        Kind::ColumnHead => Tag::TH(TableHeaderScope::Column).into(),
        Kind::Cell { columns } => {
            let columns = u32::try_from(*columns).ok().and_then(NonZeroU32::new);
            let columns = columns.filter(|columns| columns.get() > 1);
            Tag::TD.with_col_span(columns).into()
        }
        Kind::List => Tag::L(ListNumbering::Decimal).into(),
        Kind::Item => Tag::LI.into(),
        Kind::Label => Tag::Lbl.into(),
        Kind::ItemBody => Tag::LBody.into(),
        Kind::Span => Tag::Span.into(),
        Kind::Figure(figure) => {
            let sides = Rect::from_xywh(figure.x, figure.y, figure.side, figure.side);
            let sides = sides.map(|sides| BBox::new(figure.page, sides));
            let alternative = Some(figure.alternative.clone());
            Tag::Figure(alternative).with_bbox(sides).into()
        }
    };
    match element.language {
        Language::Inherited => tag,
        Language::English => tag.with_lang(Some("en".to_owned())),
        // Undetermined, in ISO 639-2 and RFC 5646.
        Language::Unknown => tag.with_lang(Some("und".to_owned())),
    }
}
