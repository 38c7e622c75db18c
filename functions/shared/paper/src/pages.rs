//! Pages as they are drawn: lines, rules and codes with their places. Distances in points from the
//! top left corner.

use crate::qr::Code;
use crate::structure::{Mark, Structure};
use crate::typeset::Line;

/// Width of A4, in points.
pub const PAGE_WIDTH: f32 = 595.28;
/// Height of A4, in points.
pub const PAGE_HEIGHT: f32 = 841.89;

/// A laid out document.
pub struct Pages {
    /// In their order.
    pub pages: Vec<Page>,
    pub(crate) bookmarks: Vec<Bookmark>,
    /// What the lines and codes of all pages are.
    pub(crate) structure: Structure,
}

/// One page.
#[derive(Default)]
pub struct Page {
    /// Lines of text, each with its left end and its baseline, in points.
    pub texts: Vec<(f32, f32, Line)>,
    /// Lines and bars that are drawn.
    pub rules: Vec<Rule>,
    pub(crate) codes: Vec<PlacedCode>,
}

/// A QR code on a page.
pub(crate) struct PlacedCode {
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// Side of a module.
    pub(crate) module: f32,
    pub(crate) code: Code,
    pub(crate) mark: Mark,
}

/// A filled rectangle.
pub struct Rule {
    /// Left end, in points.
    pub x: f32,
    /// Top, in points.
    pub y: f32,
    /// In points.
    pub width: f32,
    /// In points.
    pub height: f32,
    /// 0 is black.
    pub gray: u8,
}

/// Where a section begins.
pub(crate) struct Bookmark {
    pub(crate) text: String,
    pub(crate) page: usize,
    pub(crate) y: f32,
}
