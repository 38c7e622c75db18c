//! What flows down the pages: rows of cells, page breaks, and which element each line belongs to.

use crate::document::Value;
use crate::fonts::FontSet;
use crate::languages;
use crate::layout::styles::{BOTTOM, GRAY, LEFT, LIGHT, RIGHT, TOP, style_of};
use crate::pages::{Bookmark, Page, PlacedCode, Rule};
use crate::structure::{Artifact, ElementId, Kind, Language, Mark, Structure};
use crate::typeset::{Line, Setter, Style};
use crate::visible::Shown;
use crate::words::Words;

/// A document on its way to pages.
pub(crate) struct Flow<'f> {
    pub(crate) fonts: &'f FontSet,
    pub(crate) setter: Setter,
    pub(crate) pages: Vec<Page>,
    pub(crate) bookmarks: Vec<Bookmark>,
    pub(crate) structure: Structure,
    /// The part and the section that are open.
    pub(crate) part: Option<ElementId>,
    pub(crate) section: Option<ElementId>,
    pub(crate) y: f32,
    /// What is repeated on top of each page while a table goes on.
    pub(crate) table_head: Option<Vec<Cell>>,
}

/// Set lines that flow down beside other cells.
#[derive(Clone)]
pub(crate) struct Cell {
    pub(crate) x: f32,
    pub(crate) lines: Vec<Line>,
}

impl<'f> Flow<'f> {
    pub(crate) fn new(fonts: &'f FontSet) -> Self {
        Self {
            fonts,
            setter: fonts.lend(),
            pages: vec![Page::default()],
            bookmarks: Vec::new(),
            structure: Structure::default(),
            part: None,
            section: None,
            y: TOP,
            table_head: None,
        }
    }

    /// Places cells side by side. A row of a few lines stays together; a longer one goes on on
    /// the next page, each cell at its own pace. `bar` draws a gray bar at its left.
    pub(crate) fn row(&mut self, cells: Vec<Cell>, bar: Option<f32>) {
        let tallest = tallest(&cells);
        if tallest <= 90.0 {
            self.need(tallest);
        }
        let mut rest: Vec<_> = cells
            .into_iter()
            .map(|cell| (cell.x, cell.lines.into_iter().peekable()))
            .collect();
        loop {
            let top = self.y;
            let mut bottom = top;
            let mut is_done = true;
            for (x, lines) in &mut rest {
                let mut y = top;
                while let Some(line) = lines.next_if(|line| y + line.style.leading <= BOTTOM) {
                    let next = y + line.style.leading;
                    self.text(*x, y, line);
                    y = next;
                }
                bottom = bottom.max(y);
                is_done &= lines.peek().is_none();
            }
            self.y = bottom;
            if let Some(x) = bar {
                self.push_rule(Rule {
                    x,
                    y: top,
                    width: 1.2,
                    height: bottom - top,
                    gray: LIGHT,
                });
            }
            if is_done {
                return;
            }
            self.new_page();
        }
    }

    fn text(&mut self, x: f32, y: f32, line: Line) {
        let baseline = y + line.style.baseline();
        for (start, end) in &line.codes {
            let (x, y) = (x + start, baseline + 1.4);
            let (width, gray) = (end - start, line.style.gray);
            self.push_rule(Rule {
                x,
                y,
                width,
                height: 0.45,
                gray,
            });
        }
        if let Some(page) = self.pages.last_mut() {
            page.texts.push((x, baseline, line));
        }
    }

    pub(crate) fn rule(&mut self, x: f32, width: f32, height: f32, gray: u8) {
        let y = self.y;
        self.push_rule(Rule {
            x,
            y,
            width,
            height,
            gray,
        });
        self.y += height;
    }

    fn push_rule(&mut self, rule: Rule) {
        if let Some(page) = self.pages.last_mut() {
            page.rules.push(rule);
        }
    }

    pub(crate) fn push_code(&mut self, code: PlacedCode) {
        if let Some(page) = self.pages.last_mut() {
            page.codes.push(code);
        }
    }

    /// Leaves space, but none on top of a page.
    pub(crate) fn gap(&mut self, height: f32) {
        if self.y > TOP {
            self.y += height;
        }
    }

    /// Begins a new page when less than `height` is left on this one.
    pub(crate) fn need(&mut self, height: f32) {
        if self.y + height > BOTTOM && self.y > TOP {
            self.new_page();
        }
    }

    fn new_page(&mut self) {
        self.pages.push(Page::default());
        self.y = TOP;
        if let Some(head) = self.table_head.take() {
            self.row(head.clone(), None);
            self.gap(3.0);
            self.rule(LEFT, RIGHT - LEFT, 0.6, GRAY);
            self.gap(3.0);
            self.table_head = Some(head);
        }
    }

    /// Cells as they are repeated on top of each page: they have been said.
    pub(crate) fn repeat(&mut self, mut cells: Vec<Cell>) {
        for line in cells.iter_mut().flat_map(|cell| &mut cell.lines) {
            line.mark = Mark::Artifact(Artifact::Repetition);
        }
        self.table_head = Some(cells);
    }

    /// Counted from 0.
    pub(crate) fn page_index(&self) -> usize {
        self.pages.len().saturating_sub(1)
    }
}

/// Elements.
impl Flow<'_> {
    /// A new element of the open section.
    pub(crate) fn element(&mut self, kind: Kind) -> ElementId {
        self.element_in(kind, Language::Inherited)
    }

    pub(crate) fn element_in(&mut self, kind: Kind, language: Language) -> ElementId {
        let parent = self.section.or(self.part);
        self.structure.add(parent, kind, language)
    }

    /// A new element within another one.
    pub(crate) fn within(&mut self, parent: ElementId, kind: Kind) -> ElementId {
        self.structure.add(Some(parent), kind, Language::Inherited)
    }

    /// A paragraph of one piece.
    pub(crate) fn paragraph(&mut self, language: Language) -> Mark {
        let paragraph = self.element_in(Kind::Paragraph, language);
        self.structure.piece(paragraph)
    }
}

/// Setting lines.
impl Flow<'_> {
    /// A paragraph in each language.
    pub(crate) fn paragraphs(&mut self, words: Words, style: Style, width: f32) -> Vec<Line> {
        let mut lines = Vec::new();
        for (text, language) in [
            (words.japanese, Language::Inherited),
            (words.english, Language::English),
        ] {
            let mark = self.paragraph(language);
            lines.extend(self.set_fixed(text, style, width, mark));
        }
        lines
    }

    /// Both languages as pieces of an element.
    pub(crate) fn both(
        &mut self,
        element: ElementId,
        words: Words,
        [japanese, english]: [Style; 2],
        width: f32,
    ) -> [Vec<Line>; 2] {
        [
            (words.japanese, japanese, Language::Inherited),
            (words.english, english, Language::English),
        ]
        .map(|(text, style, language)| {
            if text.is_empty() {
                return Vec::new();
            }
            let mark = self.structure.piece_in(element, language);
            self.set_fixed(text, style, width, mark)
        })
    }

    /// Values, one below the other, as pieces of an element: what is in one language is one piece.
    pub(crate) fn values(&mut self, element: ElementId, values: &[Value], width: f32) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut last = None;
        for value in values {
            let language = languages::of_value(value);
            let mark = match last {
                Some((of_last, mark)) if of_last == language => mark,
                Some(_) | None => self.structure.piece_in(element, language),
            };
            last = Some((language, mark));
            lines.extend(self.set_shown(&value.text, style_of(value.tone), width, mark));
        }
        lines
    }

    pub(crate) fn set_shown(
        &mut self,
        text: &Shown,
        style: Style,
        width: f32,
        mark: Mark,
    ) -> Vec<Line> {
        if let Some(text) = text.as_fixed() {
            return self.set_fixed(text, style, width, mark);
        }
        let mut lines = Vec::new();
        for (line, codes) in text.lines() {
            self.setter
                .set(self.fonts.faces(), (line, &codes), style, width, &mut lines);
        }
        marked(lines, mark)
    }

    pub(crate) fn set_fixed(
        &mut self,
        text: &'static str,
        style: Style,
        width: f32,
        mark: Mark,
    ) -> Vec<Line> {
        let lines = self
            .setter
            .set_fixed(self.fonts.faces(), text, style, width);
        marked(lines, mark)
    }

    /// Sets a text that the fonts cover.
    pub(crate) fn set(&mut self, text: &str, style: Style, width: f32, mark: Mark) -> Vec<Line> {
        let mut lines = Vec::new();
        self.setter
            .set(self.fonts.faces(), (text, &[]), style, width, &mut lines);
        marked(lines, mark)
    }
}

pub(crate) fn marked(mut lines: Vec<Line>, mark: Mark) -> Vec<Line> {
    lines.iter_mut().for_each(|line| line.mark = mark);
    lines
}

pub(crate) fn tallest(cells: &[Cell]) -> f32 {
    let height = |cell: &Cell| cell.lines.iter().map(|line| line.style.leading).sum();
    cells.iter().map(height).fold(0.0, f32::max)
}
