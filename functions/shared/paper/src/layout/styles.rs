//! Sizes and places on a page, in points, and how texts are set.

use crate::document::Tone;
use crate::pages::{PAGE_HEIGHT, PAGE_WIDTH};
use crate::typeset::Style;

pub(crate) const LEFT: f32 = 62.0;
pub(crate) const RIGHT: f32 = PAGE_WIDTH - 62.0;
pub(crate) const TOP: f32 = 58.0;
pub(crate) const BOTTOM: f32 = PAGE_HEIGHT - 70.0;
pub(crate) const HEAD: f32 = 34.0;
pub(crate) const FOOT: f32 = PAGE_HEIGHT - 50.0;
pub(crate) const VALUE_LEFT: f32 = LEFT + 138.0;
pub(crate) const INDENT: f32 = 12.0;

/// Side of the QR code: its modules are printed 0.6 mm wide, which any telephone reads.
pub(crate) const CODE_SIDE: f32 = 82.0;

/// A row up to this height is not divided between pages.
pub(crate) const ROW_KEPT_HEIGHT: f32 = 90.0;

/// Fields up to this height, such as those of an event, are not divided between pages.
pub(crate) const FIELDS_KEPT_HEIGHT: f32 = 170.0;

pub(crate) const GRAY: u8 = 90;
pub(crate) const LIGHT: u8 = 185;

pub(crate) const TITLE: Style = style(true, 23.0, 34.0, 0);
pub(crate) const TITLE_ENGLISH: Style = style(false, 12.5, 18.0, 0);
pub(crate) const SUBTITLE: Style = style(false, 8.5, 13.0, GRAY);
pub(crate) const ISSUER: Style = style(false, 8.5, 13.0, 0);
pub(crate) const PART: Style = style(true, 15.0, 22.0, 0);
pub(crate) const PART_ENGLISH: Style = style(false, 11.0, 22.0, GRAY);
pub(crate) const HEADING: Style = style(true, 12.0, 18.0, 0);
pub(crate) const HEADING_ENGLISH: Style = style(false, 9.0, 18.0, GRAY);
pub(crate) const SUBHEADING: Style = style(true, 9.0, 14.0, 0);
pub(crate) const SUBHEADING_ENGLISH: Style = style(false, 8.0, 14.0, GRAY);
pub(crate) const OUTCOME: Style = style(true, 12.0, 19.0, 0);
pub(crate) const OUTCOME_ENGLISH: Style = style(false, 10.0, 15.0, 0);
pub(crate) const LABEL: Style = style(false, 8.5, 14.5, GRAY);
pub(crate) const LABEL_ENGLISH: Style = style(false, 7.0, 10.0, GRAY);
pub(crate) const STRONG: Style = style(true, 10.5, 15.0, 0);
pub(crate) const PLAIN: Style = style(false, 9.5, 14.5, 0);
pub(crate) const QUIET: Style = style(false, 8.0, 12.0, GRAY);
pub(crate) const BODY: Style = style(false, 9.5, 15.0, 0);
pub(crate) const RECORD: Style = Style {
    breaks_anywhere: true,
    ..style(false, 7.5, 11.0, 0)
};
pub(crate) const JAPANESE: Style = style(false, 9.0, 14.0, 0);
pub(crate) const ENGLISH: Style = style(false, 8.5, 12.5, GRAY);
pub(crate) const REMARK: Style = style(false, 8.0, 12.0, GRAY);
pub(crate) const CAPTION: Style = style(false, 6.5, 9.0, GRAY);
pub(crate) const FOOTER: Style = style(false, 7.5, 11.0, GRAY);
pub(crate) const BANNER: Style = style(true, 10.0, 14.0, 0);

const fn style(is_bold: bool, size: f32, leading: f32, gray: u8) -> Style {
    Style {
        is_bold,
        size,
        leading,
        gray,
        breaks_anywhere: false,
    }
}

pub(crate) fn style_of(tone: Tone) -> Style {
    match tone {
        Tone::Strong => STRONG,
        Tone::Plain => PLAIN,
        Tone::Quiet => QUIET,
    }
}
