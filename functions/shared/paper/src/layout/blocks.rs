//! How each kind of block is set, and what its pieces are.
//!
//! A label and its value are a paragraph, which is heard in one breath. A table of two columns, as
//! they look, would be announced cell by cell, and take three elements in place of one. Remarks are
//! paragraphs, too: they stand where they are read, and no mark leads to them, as to a note.

use crate::document::{Bilingual, Block, Column, Field, Quotation, Row};
use crate::languages;
use crate::layout::flow::{Cell, Flow, marked, tallest};
use crate::layout::styles::{
    BODY, CAPTION, CODE_SIDE, ENGLISH, GRAY, HEADING, HEADING_ENGLISH, INDENT, ISSUER, JAPANESE,
    LABEL, LABEL_ENGLISH, LEFT, LIGHT, OUTCOME, OUTCOME_ENGLISH, PART, PART_ENGLISH, RECORD,
    REMARK, RIGHT, ROW_KEPT_HEIGHT, SUBHEADING, SUBHEADING_ENGLISH, SUBTITLE, TITLE, TITLE_ENGLISH,
    VALUE_LEFT,
};
use crate::pages::{Bookmark, PlacedCode};
use crate::qr;
use crate::structure::{Artifact, ElementId, Figure, Kind, Language, Mark};
use crate::typeset::Line;
use crate::visible::Shown;
use crate::words::Words;

/// The beginning of what stands for the QR code where it is not seen.
const QR_CODE: Words = Words::new("QRコード", "QR code");

impl Flow<'_> {
    pub(crate) fn block(&mut self, block: &Block) {
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
            Block::Part { words } => self.begin_part(*words),
            Block::Heading { number, words } => self.heading(*number, *words),
            Block::Subheading { words, detail } => self.subheading(*words, detail.as_ref()),
            Block::Fields(fields) => self.fields(fields),
            Block::Table { columns, rows } => self.table(columns, rows),
            Block::List(items) => self.list(items),
            Block::Quotation { text, kind } => self.quotation(text, *kind),
            Block::Remark(words) => {
                self.gap(3.0);
                self.remark(&words.japanese, Language::Inherited);
                self.remark(&words.english, Language::English);
                self.gap(3.0);
            }
        }
    }

    fn masthead(&mut self, issuer: &Shown, words: [Words; 2], address: &str, caption: Words) {
        let [title, subtitle] = words;
        let mark = self.paragraph(Language::Inherited);
        let lines = self.set_shown(issuer, ISSUER, RIGHT - LEFT, mark);
        self.lines(LEFT, lines);
        self.gap(5.0);
        self.rule(LEFT, RIGHT - LEFT, 1.5, 0);
        self.gap(12.0);
        let top = self.y;
        let width = RIGHT - LEFT - CODE_SIDE - 20.0;
        let heading = self.element(Kind::Heading {
            level: 1,
            title: title.japanese,
        });
        let lines = self.both(heading, title, [TITLE, TITLE_ENGLISH], width);
        self.lines(LEFT, lines.concat());
        self.gap(7.0);
        let lines = self.paragraphs(subtitle, SUBTITLE, width);
        self.lines(LEFT, lines);
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
        let (x, y) = (RIGHT - CODE_SIDE, self.y);
        let figure = self.element(Kind::Figure(Figure {
            alternative: format!("{} {address}", QR_CODE.both()),
            page: self.page_index(),
            x,
            y,
            side: CODE_SIDE,
        }));
        let placed = PlacedCode {
            x,
            y,
            module: CODE_SIDE / f32::from(code.side),
            code,
            mark: self.structure.piece(figure),
        };
        self.push_code(placed);
        self.y += CODE_SIDE + 3.0;
        let paragraph = self.element(Kind::Paragraph);
        let [japanese, english] =
            self.both(paragraph, caption, [CAPTION, CAPTION], CODE_SIDE + 20.0);
        let width = |lines: &[Line]| lines.first().map_or(0.0, |line| line.width);
        let english_x = RIGHT - width(&english);
        let x = english_x - CAPTION.size / 3.0 - width(&japanese);
        self.side_by_side([(x, japanese), (english_x, english)]);
    }

    fn outcome(&mut self, label: Words, words: &Bilingual, fields: &[Field], note: &Bilingual) {
        self.gap(12.0);
        self.rule(LEFT, RIGHT - LEFT, 0.9, 0);
        self.gap(8.0);
        let (paragraph, label) = self.labelled(label);
        let width = RIGHT - VALUE_LEFT;
        let mark = self.structure.piece(paragraph);
        let mut value = self.set_shown(&words.japanese, OUTCOME, width, mark);
        let mark = self.structure.piece_in(paragraph, Language::English);
        value.extend(self.set_shown(&words.english, OUTCOME_ENGLISH, width, mark));
        self.side_by_side([(LEFT, label), (VALUE_LEFT, value)]);
        self.gap(4.0);
        for field in fields {
            self.field(field);
        }
        self.gap(7.0);
        self.remark(&note.japanese, Language::Inherited);
        self.remark(&note.english, Language::English);
        self.gap(8.0);
        self.rule(LEFT, RIGHT - LEFT, 0.9, 0);
    }

    fn begin_part(&mut self, words: Words) {
        let y = self.y;
        self.rule(LEFT, RIGHT - LEFT, 1.5, 0);
        self.gap(8.0);
        self.part = Some(self.structure.add(None, Kind::Part, Language::Inherited));
        self.section = None;
        let heading = self.element(Kind::Heading {
            level: 2,
            title: words.japanese,
        });
        let [japanese, english] = self.both(heading, words, [PART, PART_ENGLISH], RIGHT - LEFT);
        let english_x = LEFT + japanese.first().map_or(0.0, |line| line.width) + 12.0;
        self.side_by_side([(LEFT, japanese), (english_x, english)]);
        let page = self.page_index();
        let text = words.both();
        self.bookmarks.push(Bookmark { text, page, y });
    }

    fn heading(&mut self, number: usize, words: Words) {
        let y = self.y;
        self.rule(LEFT, RIGHT - LEFT, 0.6, 0);
        self.gap(5.0);
        let section = self
            .structure
            .add(self.part, Kind::Section, Language::Inherited);
        self.section = Some(section);
        let heading = self.element(Kind::Heading {
            level: self.level(),
            title: words.japanese,
        });
        let mark = self.structure.piece(heading);
        let mut lines = self.set(&format!("{number}"), HEADING, RIGHT - LEFT, mark);
        lines.truncate(1);
        let japanese = self.set_fixed(words.japanese, HEADING, RIGHT - LEFT, mark);
        let mark = self.structure.piece_in(heading, Language::English);
        let english = self.set_fixed(words.english, HEADING_ENGLISH, RIGHT - LEFT, mark);
        let english_x = LEFT + 24.0 + japanese.first().map_or(0.0, |line| line.width) + 10.0;
        self.side_by_side([(LEFT, lines), (LEFT + 24.0, japanese), (english_x, english)]);
        self.gap(5.0);
        let page = self.page_index();
        let text = format!("{number} {} {}", words.japanese, words.english);
        self.bookmarks.push(Bookmark { text, page, y });
    }

    /// Of the heading of the open section.
    fn level(&self) -> u16 {
        1 + u16::from(self.part.is_some()) + u16::from(self.section.is_some())
    }

    fn subheading(&mut self, words: Words, detail: Option<&Shown>) {
        let heading = self.element(Kind::Heading {
            level: self.level() + 1,
            title: words.japanese,
        });
        let mark = self.structure.piece(heading);
        let japanese = self.set_fixed(words.japanese, SUBHEADING, RIGHT - LEFT, mark);
        let english_x = LEFT + japanese.first().map_or(0.0, |line| line.width) + 8.0;
        let mark = self.structure.piece_in(heading, Language::English);
        let width = RIGHT - english_x;
        let english = self.set_fixed(words.english, SUBHEADING_ENGLISH, width, mark);
        let detail = detail.map(|detail| {
            let mark = self.structure.piece(heading);
            self.set_shown(detail, SUBHEADING, RIGHT - VALUE_LEFT, mark)
        });
        self.side_by_side([
            (LEFT, japanese),
            (english_x, english),
            (VALUE_LEFT, detail.unwrap_or_default()),
        ]);
        self.gap(3.0);
    }

    fn fields(&mut self, fields: &[Field]) {
        for (index, field) in fields.iter().enumerate() {
            if index > 0 {
                self.rule(LEFT, RIGHT - LEFT, 0.25, LIGHT);
            }
            self.gap(2.0);
            self.field(field);
            self.gap(2.0);
        }
    }

    fn field(&mut self, field: &Field) {
        let (paragraph, label) = self.labelled(field.label);
        let value = self.values(paragraph, &field.value, RIGHT - VALUE_LEFT);
        self.side_by_side([(LEFT, label), (VALUE_LEFT, value)]);
    }

    /// A paragraph that begins with a label.
    fn labelled(&mut self, label: Words) -> (ElementId, Vec<Line>) {
        let paragraph = self.element(Kind::Paragraph);
        let width = VALUE_LEFT - LEFT - 10.0;
        let lines = self.both(paragraph, label, [LABEL, LABEL_ENGLISH], width);
        (paragraph, lines.concat())
    }

    fn table(&mut self, columns: &[Column], rows: &[Row]) {
        let table = self.element(Kind::Table);
        let row = self.within(table, Kind::Row);
        let mut head = Vec::new();
        for (column, (x, width)) in columns.iter().zip(spans(columns)) {
            let cell = self.within(row, Kind::ColumnHead);
            let lines = self.both(cell, column.words, [LABEL, LABEL_ENGLISH], width);
            let lines = lines.concat();
            head.push(Cell { x, lines });
        }
        self.row(head.clone(), None);
        self.gap(3.0);
        self.rule(LEFT, RIGHT - LEFT, 0.6, GRAY);
        self.repeat(head);
        for (index, row) in rows.iter().enumerate() {
            if index > 0 {
                self.rule(LEFT, RIGHT - LEFT, 0.25, LIGHT);
            }
            self.gap(2.0);
            self.table_row(table, columns, row);
            self.gap(2.0);
        }
        self.table_head = None;
    }

    /// What stands below the cells is a row of its own, with one cell across all columns.
    fn table_row(&mut self, table: ElementId, columns: &[Column], row: &Row) {
        let element = self.within(table, Kind::Row);
        let mut cells = Vec::new();
        for (values, (x, width)) in row.cells.iter().zip(spans(columns)) {
            let cell = self.within(element, Kind::Cell { columns: 1 });
            let lines = self.values(cell, values, width);
            cells.push(Cell { x, lines });
        }
        let mut below = Vec::new();
        if !row.below.is_empty() {
            let x = spans(columns).nth(1).map_or(LEFT, |(x, _)| x);
            let element = self.within(table, Kind::Row);
            let columns = columns.len();
            let cell = self.within(element, Kind::Cell { columns });
            let lines = self.values(cell, &row.below, RIGHT - x);
            below.push(Cell { x, lines });
        }
        self.need((tallest(&cells) + tallest(&below)).min(ROW_KEPT_HEIGHT));
        self.row(cells, None);
        self.row(below, None);
    }

    fn list(&mut self, items: &[Bilingual]) {
        let list = self.element(Kind::List);
        for (index, words) in items.iter().enumerate() {
            self.gap(3.0);
            let x = LEFT + 24.0;
            let item = self.within(list, Kind::Item);
            let label = self.within(item, Kind::Label);
            let mark = self.structure.piece(label);
            let number = self.set(&format!("({})", index + 1), JAPANESE, 24.0, mark);
            let body = self.within(item, Kind::ItemBody);
            let mark = self.structure.piece(body);
            let mut lines = self.set_shown(&words.japanese, JAPANESE, RIGHT - x, mark);
            let mark = self.structure.piece_in(body, Language::English);
            lines.extend(self.set_shown(&words.english, ENGLISH, RIGHT - x, mark));
            self.side_by_side([(LEFT, number), (x, lines)]);
            self.gap(5.0);
        }
    }

    /// Paragraphs end where a line is blank; each is one piece, however many lines it has.
    fn quotation(&mut self, text: &Shown, kind: Quotation) {
        let style = match kind {
            Quotation::Body => BODY,
            Quotation::Record => RECORD,
        };
        let language = languages::of_quotation(text.as_str());
        let quotation = self.element_in(Kind::Quotation, language);
        let mut paragraph = None;
        self.gap(5.0);
        for (line, codes) in text.lines() {
            let mark = if line.trim().is_empty() {
                paragraph = None;
                Mark::Artifact(Artifact::Blank)
            } else {
                *paragraph.get_or_insert_with(|| {
                    let paragraph = self.within(quotation, Kind::Paragraph);
                    self.structure.piece(paragraph)
                })
            };
            let mut lines = Vec::new();
            let width = RIGHT - LEFT - INDENT;
            self.setter
                .set(self.fonts.faces(), (line, &codes), style, width, &mut lines);
            let lines = marked(lines, mark);
            let x = LEFT + INDENT;
            self.row(vec![Cell { x, lines }], Some(LEFT));
        }
        self.gap(5.0);
    }

    fn remark(&mut self, text: &Shown, language: Language) {
        let mark = self.paragraph(language);
        let lines = self.set_shown(text, REMARK, RIGHT - LEFT, mark);
        self.lines(LEFT, lines);
    }

    fn lines(&mut self, x: f32, lines: Vec<Line>) {
        self.row(vec![Cell { x, lines }], None);
    }

    fn side_by_side<const N: usize>(&mut self, cells: [(f32, Vec<Line>); N]) {
        let cells = cells.map(|(x, lines)| Cell { x, lines });
        self.row(cells.into(), None);
    }
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
