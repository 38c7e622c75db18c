//! The widget of the signature in the structure of the document (ISO 32000-1, 14.7;
//! ISO 14289-1, 7.18.4), so that a reader who does not look at pages meets it, too.
//!
//! A form element is added behind everything else that the document says. The draft is the only
//! revision that anything is added to: a document timestamp comes behind the signature, which a
//! change of the structure would make look altered.

use crate::Error;
use crate::incremental::{Document, Update};
use crate::syntax::{Dictionary, Object, Reference, Value};
use std::ops::Range;

const UNEXPECTED: Error = Error::Draft("its structure is not one that a widget can be added to");

/// Where a form element goes.
#[derive(Clone, Debug)]
pub(crate) struct Structure {
    /// The root of the structure, and its value in the file.
    root: (Reference, Range<usize>),
    /// Behind the last entry of the tree of parents.
    parents_end: usize,
    /// Where the next key of that tree stands.
    next_key: Range<usize>,
    /// That key.
    key: i64,
    /// The element that holds all others, and its value in the file.
    document: (Reference, Range<usize>),
    /// Behind its last child.
    children_end: usize,
}

impl Structure {
    /// Reads the ends of what grows; nothing of a document without structure.
    ///
    /// # Errors
    /// [`Error::Draft`] for a structure in another form than the PDF library's, [`Error::Pdf`] for
    /// one that cannot be read.
    pub(crate) fn of(document: &Document<'_>, catalog: &Dictionary) -> Result<Option<Self>, Error> {
        if catalog.get(b"StructTreeRoot").is_none() {
            return Ok(None);
        }
        let root = catalog.reference(b"StructTreeRoot").ok_or(UNEXPECTED)?;
        let (dictionary, root_span) = document.dictionary(root)?;
        let Some([top]) = dictionary.array(b"K") else {
            return Err(UNEXPECTED);
        };
        let Value::Reference(top) = top.value else {
            return Err(UNEXPECTED);
        };
        let Some(Value::Dictionary(parents)) = value(&dictionary, b"ParentTree") else {
            return Err(UNEXPECTED);
        };
        let parents_end = end_of_array(parents.get(b"Nums"))?;
        let next_key = dictionary.get(b"ParentTreeNextKey").ok_or(UNEXPECTED)?;
        let Value::Integer(key) = next_key.value else {
            return Err(UNEXPECTED);
        };
        if !(0..i64::from(i32::MAX)).contains(&key) {
            return Err(UNEXPECTED);
        }
        let (element, element_span) = document.dictionary(top)?;
        Ok(Some(Self {
            root: (root, root_span),
            parents_end,
            next_key: next_key.span.clone(),
            key,
            document: (top, element_span),
            children_end: end_of_array(element.get(b"K"))?,
        }))
    }

    /// What the widget says of its parent: a key of the tree of parents.
    pub(crate) fn key(&self) -> i64 {
        self.key
    }

    /// Adds a form element that holds a widget on a page.
    pub(crate) fn add_form(&self, update: &mut Update<'_>, widget: Reference, page: Reference) {
        let form = update.new_reference();
        let (document, _) = self.document;
        let content = format!(
            "<</Type/StructElem/S/Form/P {document}/K[<</Type/OBJR/Obj {widget}/Pg {page}>>]>>"
        );
        update.write(form, content.as_bytes());
        let (document, value) = &self.document;
        let end = self.children_end..self.children_end;
        update.rewrite(*document, value, &[(end, format!(" {form}"))]);
        let (root, value) = &self.root;
        let end = self.parents_end..self.parents_end;
        let mut edits = [
            (end, format!(" {} {form}", self.key)),
            (self.next_key.clone(), (self.key + 1).to_string()),
        ];
        edits.sort_by_key(|(range, _)| range.start);
        update.rewrite(*root, value, &edits);
    }
}

fn value<'d>(dictionary: &'d Dictionary, key: &[u8]) -> Option<&'d Value> {
    dictionary.get(key).map(|object| &object.value)
}

/// Before the closing bracket.
fn end_of_array(object: Option<&Object>) -> Result<usize, Error> {
    match object {
        Some(Object {
            value: Value::Array(_),
            span,
        }) => Ok(span.end - b"]".len()),
        Some(_) | None => Err(UNEXPECTED),
    }
}
