//! Pages to PDF/A-3b (ISO 19005-3), with a stand-in for each embedded file.

use krilla::color::luma;
use krilla::configure::{Archival, ConfigurationBuilder};
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

use crate::Error;
use crate::compose::title_of;
use crate::embed::{File, Relation};
use crate::evidence::Evidence;
use crate::fonts::FontSet;
use crate::layout::{PAGE_HEIGHT, PAGE_WIDTH, Page, Pages, PlacedCode};
use crate::times::for_pdf;
use crate::wording::TEMPLATE_VERSION;

/// Writes the file, each embedded file being its stand-in.
pub(crate) fn write(
    evidence: &Evidence,
    pages: &Pages,
    files: &[File<'_>],
    fonts: &FontSet,
) -> Result<Vec<u8>, Error> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A3_B)
        .finish()
        .map_err(|error| Error::Pdf(format!("{error:?}")))?;
    let mut document = Document::new_with(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    });
    document.set_metadata(metadata(evidence));
    for page in &pages.pages {
        write_page(&mut document, page, fonts)?;
    }
    document.set_outline(outline(pages));
    for file in files {
        let mime_type = MimeType::new(file.media_type).ok_or(Error::Embed("media type"))?;
        let embedded = document.embed_file(EmbeddedFile {
            path: file.name.to_owned(),
            mime_type: Some(mime_type),
            description: Some(file.description.to_owned()),
            association_kind: match file.relation {
                Relation::Source => AssociationKind::Source,
                Relation::Alternative => AssociationKind::Alternative,
                Relation::Data => AssociationKind::Data,
            },
            data: file.stand_in.clone().into(),
            modification_date: Some(for_pdf(file.modified_at)),
            compress: Some(false),
            location: None,
        });
        embedded.ok_or(Error::Embed("two files of the same name"))?;
    }
    document
        .finish()
        .map_err(|error| Error::Pdf(format!("{error:?}")))
}

fn metadata(evidence: &Evidence) -> Metadata {
    let title = title_of(&evidence.product);
    Metadata::new()
        .title(format!("{} {}", title.japanese, evidence.serial))
        .description(format!("{} {}", title.english, evidence.serial))
        .authors(vec![evidence.issuer.operator.clone()])
        .creator(format!("Akashi, template {TEMPLATE_VERSION}"))
        .language("ja".to_owned())
        .creation_date(for_pdf(evidence.issued_at))
        .document_id(format!("{} {}", evidence.serial, evidence.issued_at))
}

fn write_page(document: &mut Document, page: &Page, fonts: &FontSet) -> Result<(), Error> {
    let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT)
        .ok_or_else(|| Error::Pdf("page size".to_owned()))?;
    let mut pdf_page = document.start_page_with(settings);
    let mut surface = pdf_page.surface();
    let mut gray = None;
    for rule in &page.rules {
        set_gray(&mut surface, &mut gray, rule.gray);
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
    for placed in &page.codes {
        set_gray(&mut surface, &mut gray, 0);
        // One path: between modules of several paths a viewer would leave hair lines. In units of
        // a module all numbers are whole, which makes the path a third as long.
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
    for (x, baseline, line) in &page.texts {
        set_gray(&mut surface, &mut gray, line.style.gray);
        for run in &line.runs {
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
    surface.finish();
    pdf_page.finish();
    Ok(())
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
