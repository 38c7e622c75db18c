//! The one change of the structure that a signature makes: a form element behind everything that
//! the document says, for the signature's invisible widget (ISO 14289-1, 7.18.4).
//!
//! Who does not look at pages is told what the structure says, so an element that was changed or
//! added later would be a text that was never signed.

use crate::object::{Dictionary, Reference, Value};

/// The structure of a draft, as far as a signature changes it.
pub(crate) struct Structure<'a> {
    root: (Reference, &'a Dictionary),
    /// The element that holds all others.
    document: (Reference, &'a Dictionary),
    /// The key by which the tree of parents will know the widget.
    key: i64,
}

/// The objects that a signature writes for its place in the structure.
pub(crate) struct Change {
    /// The form element.
    pub(crate) new: Reference,
    pub(crate) changed: [Reference; 2],
    /// What the widget has to say of its parent.
    pub(crate) key: i64,
}

impl<'a> Structure<'a> {
    /// Reads the structure through its objects; `None` where it is not as the service writes it.
    pub(crate) fn read(
        root: Reference,
        dictionary_of: impl Fn(Reference) -> Option<&'a Dictionary>,
    ) -> Option<Self> {
        let dictionary = dictionary_of(root)?;
        let Some([Value::Reference(document)]) = dictionary.array("K") else {
            return None;
        };
        Some(Self {
            root: (root, dictionary),
            document: (*document, dictionary_of(*document)?),
            key: dictionary.integer("ParentTreeNextKey")?,
        })
    }

    /// The change, if the objects of the next revision are those of before with the form element
    /// of this widget, and nothing else.
    pub(crate) fn change(
        &self,
        widget: Reference,
        page: Reference,
        dictionary_of: impl Fn(Reference) -> Option<&'a Dictionary>,
    ) -> Option<Change> {
        let (root, document) = (self.root.0, self.document.0);
        let Some((Value::Reference(form), _)) = dictionary_of(document)?.array("K")?.split_last()
        else {
            return None;
        };
        let is_expected = *dictionary_of(*form)? == form_element(document, widget, page)
            && *dictionary_of(document)? == self.document_with(*form)?
            && *dictionary_of(root)? == self.root_with(*form)?;
        is_expected.then_some(Change {
            new: *form,
            changed: [root, document],
            key: self.key,
        })
    }

    fn document_with(&self, form: Reference) -> Option<Dictionary> {
        let mut expected = self.document.1.clone();
        let Some(Value::Array(children)) = expected.0.get_mut(b"K".as_slice()) else {
            return None;
        };
        children.push(Value::Reference(form));
        Some(expected)
    }

    fn root_with(&self, form: Reference) -> Option<Dictionary> {
        let mut expected = self.root.1.clone();
        let Some(Value::Dictionary(parents)) = expected.0.get_mut(b"ParentTree".as_slice()) else {
            return None;
        };
        let Some(Value::Array(numbers)) = parents.0.get_mut(b"Nums".as_slice()) else {
            return None;
        };
        numbers.extend([Value::Integer(self.key), Value::Reference(form)]);
        let next = Value::Integer(self.key.checked_add(1)?);
        expected.0.insert(b"ParentTreeNextKey".to_vec(), next);
        Some(expected)
    }
}

/// It says nothing by itself: no alternative text, no text instead of what is there.
fn form_element(document: Reference, widget: Reference, page: Reference) -> Dictionary {
    let name = |name: &str| Value::Name(name.as_bytes().to_vec());
    let held = dictionary([
        ("Type", name("OBJR")),
        ("Obj", Value::Reference(widget)),
        ("Pg", Value::Reference(page)),
    ]);
    dictionary([
        ("Type", name("StructElem")),
        ("S", name("Form")),
        ("P", Value::Reference(document)),
        ("K", Value::Array(vec![Value::Dictionary(held)])),
    ])
}

fn dictionary<const N: usize>(entries: [(&str, Value); N]) -> Dictionary {
    let entries = entries.map(|(key, value)| (key.as_bytes().to_vec(), value));
    Dictionary(entries.into())
}
