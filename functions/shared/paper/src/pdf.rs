//! Pages to PDF/A-3b (ISO 19005-3), tagged, with files attached.

use jiff::Timestamp;
use krilla::color::luma;
use krilla::configure::{Archival, Configuration, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::geom::{PathBuilder, Point, Rect, Transform};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::{Document, SerializeSettings};

use crate::error::Error;
use crate::faces::Faces;
use crate::fonts::FontSet;
use crate::pages::{PAGE_HEIGHT, PAGE_WIDTH, Page, Pages, PlacedCode, Rule};
use crate::tags::{self, Places, RULES, content_tag};
use crate::times::for_pdf;
use crate::title_bar::show_title;
use crate::typeset::Line;

/// What a file says of itself, beside its pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Properties {
    /// Its title, in Japanese.
    pub title: String,
    /// What it is, in English.
    pub description: String,
    /// Who issues it.
    pub author: String,
    /// What made it.
    pub creator: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// What makes its identifier another than that of any other document.
    pub identifier: String,
}

/// A file that is attached, unchanged and uncompressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name; no two have the same.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// What it is, for people.
    pub description: String,
    /// What it is to the document.
    pub relation: Relation,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// What an attached file is to the document (ISO 19005-3, annex E).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The document was made from it.
    Source,
    /// It belongs to a file that is attached, too.
    Supplement,
    /// What the document says, for machines.
    Data,
}

/// Writes the file: a classic cross-reference table, no object streams.
///
/// # Errors
/// When the PDF library refuses the pages, or two attached files have the same name.
pub fn write(
    properties: &Properties,
    pages: &Pages,
    attachments: &[Attachment],
    fonts: &FontSet,
) -> Result<Vec<u8>, Error> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A3_B)
        .finish()
        .map_err(|error| Error::Pdf(format!("{error:?}")))?;
    show_title(write_as(
        configuration,
        properties,
        pages,
        attachments,
        fonts,
    )?)
}

fn write_as(
    configuration: Configuration,
    properties: &Properties,
    pages: &Pages,
    attachments: &[Attachment],
    fonts: &FontSet,
) -> Result<Vec<u8>, Error> {
    let mut document = Document::new_with(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    });
    document.set_metadata(metadata(properties));
    let mut places = Places::of(&pages.structure);
    for page in &pages.pages {
        write_page(&mut document, page, fonts.faces(), &mut places)?;
    }
    document.set_tag_tree(tags::tree(&pages.structure, &places));
    document.set_outline(outline(pages));
    for file in attachments {
        attach(&mut document, file)?;
    }
    document
        .finish()
        .map_err(|error| Error::Pdf(format!("{error:?}")))
}

fn attach(document: &mut Document, file: &Attachment) -> Result<(), Error> {
    let mime_type = MimeType::new(&file.media_type).ok_or(Error::Attachment("media type"))?;
    let attached = document.embed_file(EmbeddedFile {
        path: file.name.clone(),
        mime_type: Some(mime_type),
        description: Some(file.description.clone()),
        association_kind: match file.relation {
            Relation::Source => AssociationKind::Source,
            Relation::Supplement => AssociationKind::Supplement,
            Relation::Data => AssociationKind::Data,
        },
        data: file.content.clone().into(),
        modification_date: Some(for_pdf(file.modified_at)),
        compress: Some(false),
        location: None,
    });
    attached.ok_or(Error::Attachment("two files of the same name"))
}

fn metadata(properties: &Properties) -> Metadata {
    Metadata::new()
        .title(properties.title.clone())
        .description(properties.description.clone())
        .authors(vec![properties.author.clone()])
        .creator(properties.creator.clone())
        .language("ja".to_owned())
        .creation_date(for_pdf(properties.created_at))
        .document_id(properties.identifier.clone())
}

fn write_page(
    document: &mut Document,
    page: &Page,
    fonts: &Faces,
    places: &mut Places,
) -> Result<(), Error> {
    let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT)
        .ok_or_else(|| Error::Pdf("page size".to_owned()))?;
    let mut pdf_page = document.start_page_with(settings);
    let mut surface = pdf_page.surface();
    let mut gray = None;
    if !page.rules.is_empty() {
        surface.start_tagged(content_tag(RULES));
        for rule in &page.rules {
            draw_rule(&mut surface, &mut gray, rule);
        }
        surface.end_tagged();
    }
    for placed in &page.codes {
        places.push(placed.mark, surface.start_tagged(content_tag(placed.mark)));
        draw_code(&mut surface, &mut gray, placed);
        surface.end_tagged();
    }
    // Lines of one piece follow each other: it is tagged once on each page.
    for lines in page
        .texts
        .chunk_by(|(_, _, one), (_, _, next)| one.mark == next.mark)
    {
        let drawn = lines.iter().filter(|(_, _, line)| !line.runs.is_empty());
        let Some((_, _, first)) = drawn.clone().next() else {
            continue;
        };
        places.push(first.mark, surface.start_tagged(content_tag(first.mark)));
        drawn.for_each(|line| draw_line(&mut surface, &mut gray, line, fonts));
        surface.end_tagged();
    }
    surface.finish();
    pdf_page.finish();
    Ok(())
}

fn draw_rule(surface: &mut Surface<'_>, gray: &mut Option<u8>, rule: &Rule) {
    set_gray(surface, gray, rule.gray);
    let rect = Rect::from_xywh(rule.x, rule.y, rule.width, rule.height);
    let path = rect.and_then(|rect| {
        let mut path = PathBuilder::new();
        path.push_rect(rect);
        path.finish()
    });
    if let Some(path) = path {
        surface.draw_path(&path);
    }
}

fn draw_code(surface: &mut Surface<'_>, gray: &mut Option<u8>, placed: &PlacedCode) {
    set_gray(surface, gray, 0);
    // One path: between modules of several paths a viewer would leave hair lines. In units of a
    // module all numbers are whole, which makes the path a third as long.
    let mut path = PathBuilder::new();
    for (column, row, length) in &placed.code.runs {
        let [x, y, width] = [*column, *row, *length].map(f32::from);
        if let Some(rect) = Rect::from_xywh(x, y, width, 1.0) {
            path.push_rect(rect);
        }
    }
    if let Some(path) = path.finish() {
        let PlacedCode { x, y, module, .. } = *placed;
        surface.push_transform(&Transform::from_row(module, 0.0, 0.0, module, x, y));
        surface.draw_path(&path);
        surface.pop();
    }
}

fn draw_line(
    surface: &mut Surface<'_>,
    gray: &mut Option<u8>,
    (x, baseline, line): &(f32, f32, Line),
    fonts: &Faces,
) {
    set_gray(surface, gray, line.style.gray);
    for run in line.runs_as_read() {
        let Some(font) = fonts.pdf_font(run.face) else {
            continue;
        };
        let start = Point::from_xy(x + run.x, *baseline);
        surface.draw_glyphs(
            start,
            run.glyphs.as_ref(),
            font,
            &run.text,
            line.style.size,
            false,
        );
    }
}

fn set_gray(surface: &mut Surface<'_>, current: &mut Option<u8>, gray: u8) {
    if *current != Some(gray) {
        *current = Some(gray);
        surface.set_fill(Some(Fill {
            paint: luma::Color::new(gray).into(),
            opacity: NormalizedF32::ONE,
            rule: FillRule::NonZero,
        }));
    }
}

fn outline(pages: &Pages) -> Outline {
    let mut outline = Outline::new();
    for bookmark in &pages.bookmarks {
        let point = Point::from_xy(0.0, bookmark.y);
        let destination = XyzDestination::new(bookmark.page, point);
        outline.push_child(OutlineNode::new(bookmark.text.clone(), destination));
    }
    outline
}

#[cfg(test)]
mod tests {
    use krilla::configure::Accessibility;

    use super::*;
    use crate::document::{Bilingual, Block, Column, Document, Field, Quotation, Row, Tone, Value};
    use crate::layout::lay_out;
    use crate::tests::fonts;
    use crate::visible::{Extent, Lines, Shown};
    use crate::words::Words;

    const WORDS: Words = Words::new("言葉", "Words");
    const COLUMNS: &[Column] = &[
        Column {
            words: WORDS,
            share: 300,
        },
        Column {
            words: WORDS,
            share: 700,
        },
    ];

    fn show(text: &str) -> Shown {
        let extent = Extent {
            lines_max: 900,
            width: 48.0,
        };
        fonts().screen().show(text, Lines::Text, extent)
    }

    fn field(text: &str) -> Field {
        Field {
            label: WORDS,
            value: vec![Value {
                text: show(text),
                tone: Tone::Plain,
            }],
        }
    }

    /// Every kind of block, over several pages.
    fn blocks() -> Vec<Block> {
        let row = |text: &str| Row {
            cells: vec![field(text).value, Vec::new()],
            below: field("below").value,
        };
        vec![
            Block::Masthead {
                issuer: show("issuer"),
                title: WORDS,
                subtitle: WORDS,
                address: "https://akashi.test/v/1".to_owned(),
                caption: WORDS,
            },
            Block::Outcome {
                label: WORDS,
                words: Bilingual::fixed(WORDS),
                fields: vec![field("1")],
                note: Bilingual::fixed(WORDS),
            },
            Block::Part { words: WORDS },
            Block::Heading {
                number: 1,
                words: WORDS,
            },
            Block::Subheading {
                words: WORDS,
                detail: Some(show("detail")),
            },
            Block::Fields(vec![field("2"), field("3")]),
            Block::Table {
                columns: COLUMNS,
                rows: (0..60).map(|index| row(&index.to_string())).collect(),
            },
            Block::List(vec![Bilingual::fixed(WORDS)]),
            Block::Quotation {
                text: show(&"A line.\nAnother.\n\n  \n".repeat(60)),
                kind: Quotation::Body,
            },
            Block::Remark(Bilingual::fixed(WORDS)),
        ]
    }

    /// Alternative texts, titles, outline, and that each piece has one place in the structure. The
    /// claim of PDF/UA would be more than that, so only this test makes it.
    #[test]
    fn the_checks_that_the_library_makes_of_pdf_ua_1_find_nothing() {
        let document = Document {
            title: WORDS,
            number: "1".to_owned(),
            banner: Some(WORDS),
            blocks: blocks(),
        };
        let properties = Properties {
            title: "言葉".to_owned(),
            description: "Words".to_owned(),
            author: "Author".to_owned(),
            creator: "Akashi".to_owned(),
            created_at: Timestamp::UNIX_EPOCH,
            identifier: "1".to_owned(),
        };
        let configuration = ConfigurationBuilder::new()
            .with_archival_validator(Archival::A3_B)
            .with_accessibility_validator(Accessibility::UA1)
            .finish()
            .unwrap();
        let pages = lay_out(&document, fonts());
        assert!(pages.pages.len() > 2, "{}", pages.pages.len());
        write_as(configuration, &properties, &pages, &[], fonts()).unwrap();
        let first = write(&properties, &pages, &[], fonts()).unwrap();
        let again = lay_out(&document, fonts());
        assert!(first == write(&properties, &again, &[], fonts()).unwrap());
    }
}
