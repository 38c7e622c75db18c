//! Document to pages: sizes, positions and page breaks. A4, black and gray, distances in points
//! from the top left corner.

use crate::document::{Bilingual, Block, Column, Document, Field, Quotation, Row, Tone, Value};
use crate::fonts::FontSet;
use crate::qr::{self, Code};
use crate::typeset::{Line, Setter, Style};
use crate::visible::Shown;
use crate::words::Words;

/// Width of A4, in points.
pub const PAGE_WIDTH: f32 = 595.28;
/// Height of A4, in points.
pub const PAGE_HEIGHT: f32 = 841.89;

const LEFT: f32 = 62.0;
const RIGHT: f32 = PAGE_WIDTH - 62.0;
const TOP: f32 = 58.0;
const BOTTOM: f32 = PAGE_HEIGHT - 70.0;
const HEAD: f32 = 34.0;
const FOOT: f32 = PAGE_HEIGHT - 50.0;
const VALUE_LEFT: f32 = LEFT + 138.0;
const INDENT: f32 = 12.0;

/// Side of the QR code: its modules are printed 0.6 mm wide, which any telephone reads.
const CODE_SIDE: f32 = 82.0;

/// A row up to this height is not divided between pages.
const ROW_KEPT_HEIGHT: f32 = 90.0;

/// Fields up to this height, such as those of an event, are not divided between pages.
const FIELDS_KEPT_HEIGHT: f32 = 170.0;

const GRAY: u8 = 90;
const LIGHT: u8 = 185;

const TITLE: Style = style(true, 23.0, 34.0, 0);
const TITLE_ENGLISH: Style = style(false, 12.5, 18.0, 0);
const SUBTITLE: Style = style(false, 8.5, 13.0, GRAY);
const ISSUER: Style = style(false, 8.5, 13.0, 0);
const PART: Style = style(true, 15.0, 22.0, 0);
const PART_ENGLISH: Style = style(false, 11.0, 22.0, GRAY);
const HEADING: Style = style(true, 12.0, 18.0, 0);
const HEADING_ENGLISH: Style = style(false, 9.0, 18.0, GRAY);
const SUBHEADING: Style = style(true, 9.0, 14.0, 0);
const SUBHEADING_ENGLISH: Style = style(false, 8.0, 14.0, GRAY);
const OUTCOME: Style = style(true, 12.0, 19.0, 0);
const OUTCOME_ENGLISH: Style = style(false, 10.0, 15.0, 0);
const LABEL: Style = style(false, 8.5, 14.5, GRAY);
const LABEL_ENGLISH: Style = style(false, 7.0, 10.0, GRAY);
const STRONG: Style = style(true, 10.5, 15.0, 0);
const PLAIN: Style = style(false, 9.5, 14.5, 0);
const QUIET: Style = style(false, 8.0, 12.0, GRAY);
const BODY: Style = style(false, 9.5, 15.0, 0);
const RECORD: Style = Style {
    breaks_anywhere: true,
    ..style(false, 7.5, 11.0, 0)
};
const JAPANESE: Style = style(false, 9.0, 14.0, 0);
const ENGLISH: Style = style(false, 8.5, 12.5, GRAY);
const REMARK: Style = style(false, 8.0, 12.0, GRAY);
const CAPTION: Style = style(false, 6.5, 9.0, GRAY);
const FOOTER: Style = style(false, 7.5, 11.0, GRAY);
const BANNER: Style = style(true, 10.0, 14.0, 0);

const fn style(is_bold: bool, size: f32, leading: f32, gray: u8) -> Style {
    Style {
        is_bold,
        size,
        leading,
        gray,
        breaks_anywhere: false,
    }
}

/// A laid out document.
pub struct Pages {
    /// In their order.
    pub pages: Vec<Page>,
    pub(crate) bookmarks: Vec<Bookmark>,
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

/// Lays out a document. Total: every document has pages.
#[must_use]
pub fn lay_out(document: &Document, fonts: &FontSet) -> Pages {
    let mut flow = Flow {
        fonts,
        setter: fonts.lend(),
        pages: vec![Page::default()],
        bookmarks: Vec::new(),
        y: TOP,
        table_head: None,
    };
    for (index, block) in document.blocks.iter().enumerate() {
        if let Some(gap) = gap_before(block) {
            flow.gap(gap);
            flow.need(together(document.blocks.get(index..).unwrap_or_default()));
        }
        flow.block(block);
    }
    flow.footers(document.title, &document.number);
    if let Some(words) = document.banner {
        flow.banner(words);
    }
    let Flow {
        setter,
        pages,
        bookmarks,
        ..
    } = flow;
    fonts.keep(setter);
    Pages { pages, bookmarks }
}

struct Flow<'f> {
    fonts: &'f FontSet,
    setter: Setter,
    pages: Vec<Page>,
    bookmarks: Vec<Bookmark>,
    y: f32,
    /// What is repeated on top of each page while a table goes on.
    table_head: Option<Vec<Cell>>,
}

/// Set lines that flow down beside other cells.
#[derive(Clone)]
struct Cell {
    x: f32,
    lines: Vec<Line>,
}

impl Flow<'_> {
    fn block(&mut self, block: &Block) {
        match block {
            Block::Masthead {
                issuer,
                title,
                subtitle,
                address,
                caption,
            } => self.masthead(issuer, [*title, *subtitle], address, *caption),
            Block::Outcome {
                label,
                words,
                fields,
                note,
            } => {
                self.outcome(*label, words, fields, note);
            }
            Block::Part { words } => self.part(*words),
            Block::Heading { number, words } => self.heading(*number, *words),
            Block::Subheading { words, detail } => self.subheading(*words, detail.as_ref()),
            Block::Fields(fields) => self.fields(fields),
            Block::Table { columns, rows } => self.table(columns, rows),
            Block::List(items) => self.list(items),
            Block::Quotation { text, kind } => self.quotation(text, *kind),
            Block::Remark(words) => {
                self.gap(3.0);
                self.shown(&words.japanese, REMARK, LEFT);
                self.shown(&words.english, REMARK, LEFT);
                self.gap(3.0);
            }
        }
    }

    fn masthead(&mut self, issuer: &Shown, words: [Words; 2], address: &str, caption: Words) {
        let [title, subtitle] = words;
        self.shown(issuer, ISSUER, LEFT);
        self.gap(5.0);
        self.rule(LEFT, RIGHT - LEFT, 1.5, 0);
        self.gap(12.0);
        let top = self.y;
        let width = RIGHT - LEFT - CODE_SIDE - 20.0;
        let mut lines = self.set_fixed(title.japanese, TITLE, width);
        lines.extend(self.set_fixed(title.english, TITLE_ENGLISH, width));
        self.row(vec![Cell { x: LEFT, lines }], None);
        self.gap(7.0);
        let mut lines = self.set_fixed(subtitle.japanese, SUBTITLE, width);
        lines.extend(self.set_fixed(subtitle.english, SUBTITLE, width));
        self.row(vec![Cell { x: LEFT, lines }], None);
        let bottom = self.y;
        self.y = top + 2.0;
        self.code(address, caption);
        self.y = self.y.max(bottom) + 10.0;
    }

    /// The QR code at the right, with its caption.
    fn code(&mut self, address: &str, caption: Words) {
        let Some(code) = qr::encode(address) else {
            return;
        };
        let placed = PlacedCode {
            x: RIGHT - CODE_SIDE,
            y: self.y,
            module: CODE_SIDE / f32::from(code.side),
            code,
        };
        if let Some(page) = self.pages.last_mut() {
            page.codes.push(placed);
        }
        self.y += CODE_SIDE + 3.0;
        let caption = caption.both();
        let lines = self.set(&caption, CAPTION, CODE_SIDE + 20.0);
        let x = RIGHT - lines.first().map_or(CODE_SIDE, |line| line.width);
        self.row(vec![Cell { x, lines }], None);
    }

    fn outcome(&mut self, label: Words, words: &Bilingual, fields: &[Field], note: &Bilingual) {
        self.gap(12.0);
        self.rule(LEFT, RIGHT - LEFT, 0.9, 0);
        self.gap(8.0);
        let label_cell = Cell {
            x: LEFT,
            lines: self.label(label),
        };
        let mut value = self.set_shown(&words.japanese, OUTCOME, RIGHT - VALUE_LEFT);
        value.extend(self.set_shown(&words.english, OUTCOME_ENGLISH, RIGHT - VALUE_LEFT));
        self.row(
            vec![
                label_cell,
                Cell {
                    x: VALUE_LEFT,
                    lines: value,
                },
            ],
            None,
        );
        self.gap(4.0);
        for field in fields {
            self.field(field);
        }
        self.gap(7.0);
        self.shown(&note.japanese, REMARK, LEFT);
        self.shown(&note.english, REMARK, LEFT);
        self.gap(8.0);
        self.rule(LEFT, RIGHT - LEFT, 0.9, 0);
    }

    fn part(&mut self, words: Words) {
        let y = self.y;
        self.rule(LEFT, RIGHT - LEFT, 1.5, 0);
        self.gap(8.0);
        let japanese = self.set_fixed(words.japanese, PART, RIGHT - LEFT);
        let english = self.set_fixed(words.english, PART_ENGLISH, RIGHT - LEFT);
        let english_x = LEFT + japanese.first().map_or(0.0, |line| line.width) + 12.0;
        self.row(
            vec![
                Cell {
                    x: LEFT,
                    lines: japanese,
                },
                Cell {
                    x: english_x,
                    lines: english,
                },
            ],
            None,
        );
        let page = self.pages.len().saturating_sub(1);
        let text = words.both();
        self.bookmarks.push(Bookmark { text, page, y });
    }

    fn heading(&mut self, number: usize, words: Words) {
        let y = self.y;
        self.rule(LEFT, RIGHT - LEFT, 0.6, 0);
        self.gap(5.0);
        let mut lines = self.set(&format!("{number}"), HEADING, RIGHT - LEFT);
        let japanese = self.set_fixed(words.japanese, HEADING, RIGHT - LEFT);
        let english = self.set_fixed(words.english, HEADING_ENGLISH, RIGHT - LEFT);
        let english_x = LEFT + 24.0 + japanese.first().map_or(0.0, |line| line.width) + 10.0;
        lines.truncate(1);
        self.row(
            vec![
                Cell { x: LEFT, lines },
                Cell {
                    x: LEFT + 24.0,
                    lines: japanese,
                },
                Cell {
                    x: english_x,
                    lines: english,
                },
            ],
            None,
        );
        self.gap(5.0);
        let page = self.pages.len().saturating_sub(1);
        let text = format!("{number} {} {}", words.japanese, words.english);
        self.bookmarks.push(Bookmark { text, page, y });
    }

    fn subheading(&mut self, words: Words, detail: Option<&Shown>) {
        let japanese = self.set_fixed(words.japanese, SUBHEADING, RIGHT - LEFT);
        let english_x = LEFT + japanese.first().map_or(0.0, |line| line.width) + 8.0;
        let english = self.set_fixed(words.english, SUBHEADING_ENGLISH, RIGHT - english_x);
        let mut cells = vec![
            Cell {
                x: LEFT,
                lines: japanese,
            },
            Cell {
                x: english_x,
                lines: english,
            },
        ];
        if let Some(detail) = detail {
            let lines = self.set_shown(detail, SUBHEADING, RIGHT - VALUE_LEFT);
            cells.push(Cell {
                x: VALUE_LEFT,
                lines,
            });
        }
        self.row(cells, None);
        self.gap(3.0);
    }

    fn fields(&mut self, fields: &[Field]) {
        for (index, field) in fields.iter().enumerate() {
            if index > 0 {
                self.rule(LEFT, RIGHT - LEFT, 0.25, LIGHT);
            }
            self.gap(3.0);
            self.field(field);
            self.gap(3.0);
        }
    }

    fn field(&mut self, field: &Field) {
        let label = Cell {
            x: LEFT,
            lines: self.label(field.label),
        };
        let lines = self.values(&field.value, RIGHT - VALUE_LEFT);
        self.row(
            vec![
                label,
                Cell {
                    x: VALUE_LEFT,
                    lines,
                },
            ],
            None,
        );
    }

    fn label(&mut self, label: Words) -> Vec<Line> {
        let width = VALUE_LEFT - LEFT - 10.0;
        let mut lines = self.set_fixed(label.japanese, LABEL, width);
        if !label.english.is_empty() {
            lines.extend(self.set_fixed(label.english, LABEL_ENGLISH, width));
        }
        lines
    }

    fn table(&mut self, columns: &[Column], rows: &[Row]) {
        let head = columns
            .iter()
            .zip(spans(columns))
            .map(|(column, (x, width))| {
                let mut lines = self.set_fixed(column.words.japanese, LABEL, width);
                lines.extend(self.set_fixed(column.words.english, LABEL_ENGLISH, width));
                Cell { x, lines }
            });
        let head: Vec<Cell> = head.collect();
        self.row(head.clone(), None);
        self.gap(3.0);
        self.rule(LEFT, RIGHT - LEFT, 0.6, GRAY);
        self.table_head = Some(head);
        for (index, row) in rows.iter().enumerate() {
            if index > 0 {
                self.rule(LEFT, RIGHT - LEFT, 0.25, LIGHT);
            }
            self.gap(3.0);
            let mut cells = Vec::new();
            for (values, (x, width)) in row.cells.iter().zip(spans(columns)) {
                cells.push(Cell {
                    x,
                    lines: self.values(values, width),
                });
            }
            let x = spans(columns).nth(1).map_or(LEFT, |(x, _)| x);
            let below = vec![Cell {
                x,
                lines: self.values(&row.below, RIGHT - x),
            }];
            self.need((tallest(&cells) + tallest(&below)).min(ROW_KEPT_HEIGHT));
            self.row(cells, None);
            self.row(below, None);
            self.gap(3.0);
        }
        self.table_head = None;
    }

    fn list(&mut self, items: &[Bilingual]) {
        for (index, words) in items.iter().enumerate() {
            self.gap(3.0);
            let x = LEFT + 24.0;
            let number = self.set(&format!("({})", index + 1), JAPANESE, 24.0);
            let mut lines = self.set_shown(&words.japanese, JAPANESE, RIGHT - x);
            lines.extend(self.set_shown(&words.english, ENGLISH, RIGHT - x));
            self.row(
                vec![
                    Cell {
                        x: LEFT,
                        lines: number,
                    },
                    Cell { x, lines },
                ],
                None,
            );
            self.gap(5.0);
        }
    }

    fn quotation(&mut self, text: &Shown, kind: Quotation) {
        let style = match kind {
            Quotation::Body => BODY,
            Quotation::Record => RECORD,
        };
        self.gap(5.0);
        for (line, codes) in text.lines() {
            let mut lines = Vec::new();
            let width = RIGHT - LEFT - INDENT;
            self.setter
                .set(self.fonts.faces(), (line, &codes), style, width, &mut lines);
            self.row(
                vec![Cell {
                    x: LEFT + INDENT,
                    lines,
                }],
                Some(LEFT),
            );
        }
        self.gap(5.0);
    }

    /// Places cells side by side. A row of a few lines stays together; a longer one goes on on
    /// the next page, each cell at its own pace. `bar` draws a gray bar at its left.
    fn row(&mut self, cells: Vec<Cell>, bar: Option<f32>) {
        let height = |lines: &[Line]| lines.iter().map(|line| line.style.leading).sum::<f32>();
        let tallest = cells
            .iter()
            .map(|cell| height(&cell.lines))
            .fold(0.0, f32::max);
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

    fn rule(&mut self, x: f32, width: f32, height: f32, gray: u8) {
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

    /// Leaves space, but none on top of a page.
    fn gap(&mut self, height: f32) {
        if self.y > TOP {
            self.y += height;
        }
    }

    /// Begins a new page when less than `height` is left on this one.
    fn need(&mut self, height: f32) {
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

    /// Says the words on top of each page.
    fn banner(&mut self, words: Words) {
        let lines = self.set(&words.both(), BANNER, RIGHT - LEFT);
        for page in &mut self.pages {
            for line in &lines {
                let y = HEAD + line.style.baseline();
                page.texts.push((LEFT, y, line.clone()));
            }
        }
    }

    fn footers(&mut self, title: Words, document_number: &str) {
        let count = self.pages.len();
        let title = title.both();
        let title = self.set(&title, FOOTER, RIGHT - LEFT);
        let document_number = self.set(document_number, FOOTER, RIGHT - LEFT);
        for index in 0..count {
            let number = self.set(&format!("{} / {count}", index + 1), FOOTER, RIGHT - LEFT);
            let Some(page) = self.pages.get_mut(index) else {
                continue;
            };
            page.rules.push(Rule {
                x: LEFT,
                y: FOOT - 6.0,
                width: RIGHT - LEFT,
                height: 0.25,
                gray: GRAY,
            });
            let lines = title.iter().chain(&document_number).chain(&number).cloned();
            let starts = [
                LEFT,
                PAGE_WIDTH / 2.0 + 40.0,
                RIGHT - number.first().map_or(0.0, |line| line.width),
            ];
            for (line, x) in lines.zip(starts) {
                page.texts.push((x, FOOT + line.style.baseline(), line));
            }
        }
    }
}

/// Setting lines.
impl Flow<'_> {
    fn shown(&mut self, text: &Shown, style: Style, x: f32) {
        let lines = self.set_shown(text, style, RIGHT - x);
        self.row(vec![Cell { x, lines }], None);
    }

    fn values(&mut self, values: &[Value], width: f32) -> Vec<Line> {
        let mut lines = Vec::new();
        for value in values {
            lines.extend(self.set_shown(&value.text, style_of(value.tone), width));
        }
        lines
    }

    fn set_shown(&mut self, text: &Shown, style: Style, width: f32) -> Vec<Line> {
        if let Some(text) = text.as_fixed() {
            return self.set_fixed(text, style, width);
        }
        let mut lines = Vec::new();
        for (line, codes) in text.lines() {
            self.setter
                .set(self.fonts.faces(), (line, &codes), style, width, &mut lines);
        }
        lines
    }

    fn set_fixed(&mut self, text: &'static str, style: Style, width: f32) -> Vec<Line> {
        self.setter
            .set_fixed(self.fonts.faces(), text, style, width)
    }

    /// Sets a text that the fonts cover.
    fn set(&mut self, text: &str, style: Style, width: f32) -> Vec<Line> {
        let mut lines = Vec::new();
        self.setter
            .set(self.fonts.faces(), (text, &[]), style, width, &mut lines);
        lines
    }
}

/// The space above what begins something; `None` for what only goes on.
fn gap_before(block: &Block) -> Option<f32> {
    match block {
        Block::Part { .. } => Some(34.0),
        Block::Heading { .. } => Some(24.0),
        Block::Subheading { .. } => Some(10.0),
        Block::Masthead { .. }
        | Block::Outcome { .. }
        | Block::Fields(_)
        | Block::Table { .. }
        | Block::List(_)
        | Block::Quotation { .. }
        | Block::Remark(_) => None,
    }
}

/// The height of a heading with the beginning of what it heads, so that it never stands alone at
/// the foot of a page.
fn together(blocks: &[Block]) -> f32 {
    let rest = blocks.get(1..).unwrap_or_default();
    match blocks.first() {
        Some(Block::Part { .. }) => 56.0 + together(rest),
        Some(Block::Heading { .. }) => 29.0 + together(rest),
        Some(Block::Subheading { .. }) => 27.0 + together(rest),
        Some(Block::Remark(_)) => 30.0 + together(rest),
        Some(Block::Table { .. }) => 90.0,
        Some(Block::Fields(fields)) => kept_height(fields),
        Some(Block::Quotation { .. } | Block::List(_)) => 56.0,
        Some(Block::Masthead { .. } | Block::Outcome { .. }) | None => 0.0,
    }
}

/// About the height of a few fields, which are not divided between pages; of many, only the first
/// must stand below their heading.
fn kept_height(fields: &[Field]) -> f32 {
    let height = |field: &Field| {
        let lines = field.value.iter().map(|value| style_of(value.tone).leading);
        lines
            .sum::<f32>()
            .max(LABEL.leading + LABEL_ENGLISH.leading)
            + 6.0
    };
    let height: f32 = fields.iter().map(height).sum();
    if height <= FIELDS_KEPT_HEIGHT {
        height
    } else {
        56.0
    }
}

fn style_of(tone: Tone) -> Style {
    match tone {
        Tone::Strong => STRONG,
        Tone::Plain => PLAIN,
        Tone::Quiet => QUIET,
    }
}

fn tallest(cells: &[Cell]) -> f32 {
    let height = |cell: &Cell| cell.lines.iter().map(|line| line.style.leading).sum();
    cells.iter().map(height).fold(0.0, f32::max)
}

/// Start and width of each column, with a gap between columns.
fn spans(columns: &[Column]) -> impl Iterator<Item = (f32, f32)> {
    let total = RIGHT - LEFT;
    columns.iter().scan(LEFT, move |x, column| {
        let width = total * f32::from(column.share) / 1000.0;
        let span = (*x, width - 8.0);
        *x += width;
        Some(span)
    })
}
