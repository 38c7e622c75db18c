//! The revision of a document timestamp.

use crate::incremental::{Base, Document, Insertion, Update};
use crate::signature_field::{
    Holes, TIMESTAMP_HEAD, Widget, annotations, fill_byte_range, signature_object, write_contents,
};
use crate::syntax::Value;
use crate::validation::half;
use crate::{Error, cms};
use sha2::{Digest, Sha256};
use std::ops::Range;

/// What people are told that the widget is. It is not in the structure, which stays as it was
/// signed.
const TOOLTIP: &str = "文書タイムスタンプ Document timestamp";

/// The revision of a document timestamp, still without its token.
pub(crate) struct Stamp {
    pub(crate) tail: Vec<u8>,
    /// Where the revision starts.
    offset: usize,
    /// The digits of `/Contents` in the whole file.
    pub(crate) contents: Range<usize>,
}

impl Stamp {
    /// The revision that follows these bytes. The same bytes give the same revision.
    pub(crate) fn behind(pdf: &[u8]) -> Result<Self, Error> {
        let document = Document::parse(pdf)?;
        let base = Base::of(&document)?;
        let root = document.root()?;
        let (catalog, span) = document.dictionary(root)?;
        let page = document.first_page(&catalog)?;
        let (widgets, widgets_exist) = annotations(&document, page)?;
        let fields = match catalog.get(b"AcroForm").map(|form| &form.value) {
            Some(Value::Dictionary(form)) => form.get(b"Fields"),
            Some(_) | None => None,
        };
        let fields = fields.and_then(|fields| {
            let Value::Array(known) = &fields.value else {
                return None;
            };
            // The signature's field is the first.
            Some((fields.span.end - 1, known.len()))
        });
        let (Some((at, number)), true) = (fields, widgets_exist) else {
            return Err(Error::Draft("it has no signature field"));
        };
        let mut update = Update::new(&base, pdf);
        let (timestamp, field) = (update.new_reference(), update.new_reference());
        let (content, holes) = signature_object(TIMESTAMP_HEAD, cms::TOKEN_BYTES_MAX);
        let start = update.write(timestamp, content.as_bytes());
        let name = format!("Timestamp{number}");
        let widget = Widget {
            page,
            value: timestamp,
            name: &name,
            tooltip: TOOLTIP,
            key: None,
        };
        update.write(field, widget.text().as_bytes());
        let reference = format!(" {field}");
        let fields = Insertion {
            object: root,
            value: span,
            at,
        };
        update.insert(&fields, &reference);
        update.insert(&widgets, &reference);
        let mut hash = Sha256::new_with_prefix(b"akashi document timestamp");
        hash.update(base.length().to_be_bytes());
        let id = base.id().and_then(|id| pdf.get(id));
        hash.update(id.unwrap_or_default());
        let Holes {
            contents,
            byte_range,
        } = holes;
        let contents = start + contents.start..start + contents.end;
        let byte_range = start + byte_range.start..start + byte_range.end;
        let mut tail = update.finish(half(&hash.finalize().into()));
        fill_byte_range(&mut tail, pdf.len(), &byte_range, &contents);
        let offset = pdf.len();
        Ok(Self {
            tail,
            offset,
            contents,
        })
    }

    /// The revision with this token in it.
    pub(crate) fn with_token(mut self, token: &[u8]) -> Result<Vec<u8>, Error> {
        let room = self.contents.start - self.offset..self.contents.end - self.offset;
        write_contents(self.tail.get_mut(room).unwrap_or_default(), token)?;
        Ok(self.tail)
    }
}
