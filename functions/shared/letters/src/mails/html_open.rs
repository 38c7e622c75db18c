//! Which elements of an HTML document are open at a place. All that a browser has open there is
//! among them, and some that it closed by itself may be, too: an end tag without an element does
//! nothing.

use super::html_tokens::holds_no_tags;

/// Most elements that are followed. Beyond that nobody can tell cheaply what is open.
const OPEN_MAX: usize = 1_000;

/// How many elements without an end tag one end tag may close.
const CLOSED_AT_ONCE_MAX: usize = 50;

/// Elements that are open, the outermost first, their names in lower case.
#[derive(Default)]
pub(super) struct Open {
    names: Vec<Vec<u8>>,
    /// How many of them are `svg`.
    drawings: usize,
    /// How many of them are `select`.
    selects: usize,
}

impl Open {
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// `None` where what follows depends on more than is followed here.
    pub(super) fn start(&mut self, name: Vec<u8>, is_self_closing: bool) -> Option<()> {
        let name_of_drawing = self.drawings > 0 || name == b"svg";
        let is_followed = match name.as_slice() {
            // A frameset takes the place of the body, and MathML holds HTML at points of its own.
            b"frameset" | b"math" => false,
            _ if self.drawings > 0 => is_drawn(&name),
            // A list of choices ignores them, so that their content is none but tags.
            _ if self.selects > 0 => !holds_no_tags(&name),
            _ => true,
        };
        if !is_followed || self.names.len() >= OPEN_MAX {
            return None;
        }
        let is_closed = (name_of_drawing && is_self_closing)
            || holds_no_tags(&name)
            || is_never_open(&name)
            || (closes_its_like(&name) && self.names.last() == Some(&name));
        if is_closed {
            return Some(());
        }
        // An end tag can be written of these alone, in any character set.
        if !name.iter().all(u8::is_ascii_graphic) {
            return None;
        }
        self.drawings += usize::from(name == b"svg");
        self.selects += usize::from(name == b"select");
        self.names.push(name);
        Some(())
    }

    /// The same of an end tag. One that does not fit closes nothing for sure.
    pub(super) fn end(&mut self, name: &[u8]) -> Option<()> {
        if self.drawings > 0 && !is_drawn(name) {
            return None;
        }
        let mut above = self.names.iter().rev().take(CLOSED_AT_ONCE_MAX);
        let passed = above.position(|open| open == name || !is_closed_with(name, open));
        let place = passed.and_then(|passed| self.names.len().checked_sub(passed + 1));
        let Some(place) = place.filter(|at| self.names.get(*at).is_some_and(|one| one == name))
        else {
            return Some(());
        };
        let closed = self.names.split_off(place);
        // An end tag that closes nothing, as that of a cell outside of a table, leaves it open.
        let is_paragraph_left = may_leave_paragraph(name) && closed.iter().any(|one| one == b"p");
        if is_paragraph_left && self.names.last().is_none_or(|one| one != b"p") {
            self.names.push(b"p".to_vec());
        }
        self.drawings -= usize::from(name == b"svg");
        self.selects -= usize::from(name == b"select");
        Some(())
    }

    /// The end tags of all of them. A paragraph alone ends where a block begins.
    pub(super) fn closing(&self) -> Vec<u8> {
        if self.names.iter().all(|name| name == b"p") {
            return Vec::new();
        }
        let innermost_first = self.names.iter().rev();
        let tags = innermost_first.map(|name| [b"</", name.as_slice(), b">"].concat());
        tags.collect::<Vec<Vec<u8>>>().concat()
    }
}

/// Void elements (HTML Standard section 13.1.2), obsolete ones included, and those that a document
/// has once.
fn is_never_open(name: &[u8]) -> bool {
    let names: [&[u8]; 22] = [
        b"area",
        b"base",
        b"basefont",
        b"bgsound",
        b"body",
        b"br",
        b"col",
        b"embed",
        b"frame",
        b"head",
        b"hr",
        b"html",
        b"image",
        b"img",
        b"input",
        b"keygen",
        b"link",
        b"meta",
        b"param",
        b"source",
        b"track",
        b"wbr",
    ];
    names.contains(&name)
}

/// Elements that end where the next one of their kind begins (section 13.1.2.4).
fn closes_its_like(name: &[u8]) -> bool {
    let names: [&[u8]; 8] = [b"p", b"li", b"dd", b"dt", b"option", b"td", b"th", b"tr"];
    names.contains(&name)
}

/// Whether an open element surely ends with the end tag of one around it.
fn is_closed_with(name: &[u8], open: &[u8]) -> bool {
    let with: &[&[u8]] = match name {
        b"div" | b"ul" | b"ol" | b"dl" | b"blockquote" | b"center" | b"section" | b"article"
        | b"header" | b"footer" | b"main" | b"address" => &[b"p", b"li", b"dd", b"dt"],
        b"li" | b"dd" | b"dt" | b"td" | b"th" => &[b"p"],
        b"tr" => &[b"p", b"td", b"th"],
        b"tbody" | b"thead" | b"tfoot" => &[b"p", b"td", b"th", b"tr"],
        b"table" => &[b"p", b"td", b"th", b"tr", b"tbody", b"thead", b"tfoot"],
        _ => &[],
    };
    with.contains(&open)
}

fn may_leave_paragraph(name: &[u8]) -> bool {
    let names: [&[u8]; 10] = [
        b"li", b"dd", b"dt", b"td", b"th", b"tr", b"tbody", b"thead", b"tfoot", b"table",
    ];
    names.contains(&name)
}

/// Elements that SVG has and HTML has not, none of which holds HTML or ends the drawing: within
/// them the rules of HTML for tags hold.
fn is_drawn(name: &[u8]) -> bool {
    let names: [&[u8]; 24] = [
        b"svg",
        b"g",
        b"path",
        b"rect",
        b"circle",
        b"ellipse",
        b"line",
        b"polyline",
        b"polygon",
        b"defs",
        b"use",
        b"lineargradient",
        b"radialgradient",
        b"stop",
        b"clippath",
        b"mask",
        b"pattern",
        b"symbol",
        b"marker",
        b"text",
        b"tspan",
        b"textpath",
        b"filter",
        b"animate",
    ];
    names.contains(&name)
}
