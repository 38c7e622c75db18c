//! The structure of a file, from its root to what is drawn on the pages and back by the tree of
//! parents.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the kinds of objects a structure has some"
)]

use std::collections::{BTreeMap, BTreeSet};

use lopdf::{Dictionary, Document, Object, ObjectId, decode_text_string};

use crate::content::{self, Shown};

/// Standard types (ISO 32000-1, 14.8.4) that certificates have.
const TYPES: [&str; 22] = [
    "Document",
    "Part",
    "Sect",
    "H1",
    "H2",
    "H3",
    "H4",
    "P",
    "BlockQuote",
    "Table",
    "TR",
    "TH",
    "TD",
    "L",
    "LI",
    "Lbl",
    "LBody",
    "Span",
    "Figure",
    "Form",
    "Note",
    "Quote",
];

/// An element of the structure.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) kind: String,
    /// Its own, or that of what it stands in.
    pub(crate) language: String,
    pub(crate) alternative: Option<String>,
    /// Entries of its attributes, by their owners.
    pub(crate) attributes: BTreeMap<(String, String), Object>,
    pub(crate) children: Vec<Child>,
}

/// What an element holds.
#[derive(Debug)]
pub(crate) enum Child {
    Element(Element),
    Text(String),
    /// An annotation.
    Object(ObjectId),
}

/// A file with all that its structure says.
pub(crate) struct File {
    pub(crate) document: Document,
    pub(crate) top: Element,
    /// Kinds and texts of what is no part of the document, page by page.
    pub(crate) artifacts: Vec<Vec<(String, String)>>,
}

impl File {
    /// Reads the structure and checks that it and the pages fit together.
    pub(crate) fn read(pdf: &[u8]) -> Self {
        let document = Document::load_mem(pdf).expect("a PDF");
        let pages: Vec<ObjectId> = document.page_iter().collect();
        let shown = pages
            .iter()
            .map(|page| (*page, content::read(&document, *page)));
        let shown: BTreeMap<ObjectId, Shown> = shown.collect();
        let catalog = document.catalog().expect("a catalog");
        let root = catalog.get_deref(b"StructTreeRoot", &document);
        let root = root.and_then(Object::as_dict).expect("a structure");
        check_roles(root);
        let top = match root
            .get(b"K")
            .and_then(Object::as_array)
            .expect("kids")
            .as_slice()
        {
            [Object::Reference(top)] => *top,
            others => panic!("{others:?}"),
        };
        let root_id = catalog
            .get(b"StructTreeRoot")
            .and_then(Object::as_reference);
        let language = text(catalog, b"Lang").expect("a language");
        let mut walk = Walk {
            document: &document,
            shown: &shown,
            parents: BTreeMap::new(),
            widgets: BTreeMap::new(),
        };
        let element = walk.element(top, root_id.expect("a root"), &language);
        let Walk {
            parents, widgets, ..
        } = walk;
        let count: usize = shown.values().map(|page| page.pieces.len()).sum();
        assert_eq!(parents.len(), count, "a piece has no element");
        check_parents(&document, root, &parents, &widgets);
        let artifacts = pages.iter().map(|page| shown[page].artifacts.clone());
        let artifacts = artifacts.collect();
        Self {
            top: element,
            artifacts,
            document,
        }
    }
}

struct Walk<'d> {
    document: &'d Document,
    shown: &'d BTreeMap<ObjectId, Shown>,
    /// The element of each piece of a page.
    parents: BTreeMap<(ObjectId, i64), ObjectId>,
    /// The element of each annotation.
    widgets: BTreeMap<ObjectId, ObjectId>,
}

impl Walk<'_> {
    fn element(&mut self, id: ObjectId, parent: ObjectId, around: &str) -> Element {
        let dictionary = self.document.get_dictionary(id).expect("an element");
        assert!(dictionary.has_type(b"StructElem"));
        let above = dictionary.get(b"P").and_then(Object::as_reference);
        assert_eq!(above.expect("a parent"), parent);
        let kind = name(dictionary, b"S").expect("a type");
        assert!(TYPES.contains(&kind.as_str()), "{kind}");
        let language = text(dictionary, b"Lang").unwrap_or_else(|| around.to_owned());
        let page = dictionary.get(b"Pg").and_then(Object::as_reference).ok();
        let kids = dictionary.get(b"K").map_or(&[][..], |kids| match kids {
            Object::Array(kids) => kids.as_slice(),
            one => std::slice::from_ref(one),
        });
        let children = kids.iter().map(|kid| self.child(kid, id, page, &language));
        let children = children.collect();
        Element {
            kind,
            alternative: text(dictionary, b"Alt"),
            attributes: attributes(dictionary),
            children,
            language,
        }
    }

    fn child(
        &mut self,
        kid: &Object,
        parent: ObjectId,
        page: Option<ObjectId>,
        language: &str,
    ) -> Child {
        match kid {
            Object::Reference(id) => Child::Element(self.element(*id, parent, language)),
            Object::Integer(number) => self.piece(page.expect("a page"), *number, parent),
            Object::Dictionary(content) => {
                let page = content
                    .get(b"Pg")
                    .and_then(Object::as_reference)
                    .ok()
                    .or(page);
                match content.get_type().expect("a type") {
                    b"MCR" => {
                        let number = content.get(b"MCID").and_then(Object::as_i64);
                        self.piece(page.expect("a page"), number.expect("a number"), parent)
                    }
                    b"OBJR" => {
                        let object = content.get(b"Obj").and_then(Object::as_reference);
                        let object = object.expect("an object");
                        assert_eq!(self.widgets.insert(object, parent), None);
                        Child::Object(object)
                    }
                    other => panic!("{other:?}"),
                }
            }
            other => panic!("{other:?}"),
        }
    }

    fn piece(&mut self, page: ObjectId, number: i64, parent: ObjectId) -> Child {
        let before = self.parents.insert((page, number), parent);
        assert_eq!(before, None, "a piece has two elements");
        Child::Text(self.shown[&page].pieces[&number].clone())
    }
}

impl Element {
    /// All elements, in the order of reading, each with what it stands in.
    pub(crate) fn walk<'e>(&'e self, each: &mut impl FnMut(&'e Element, Option<&'e Element>)) {
        self.walk_in(None, each);
    }

    fn walk_in<'e>(
        &'e self,
        parent: Option<&'e Element>,
        each: &mut impl FnMut(&'e Element, Option<&'e Element>),
    ) {
        each(self, parent);
        for child in &self.children {
            if let Child::Element(element) = child {
                element.walk_in(Some(self), each);
            }
        }
    }

    /// What is read aloud: what is written, and words for what is drawn.
    pub(crate) fn text(&self) -> String {
        self.text_with(|alternative| alternative)
    }

    /// What is written, in the order of reading.
    pub(crate) fn written(&self) -> String {
        self.text_with(|_| "")
    }

    fn text_with(&self, spoken: fn(&str) -> &str) -> String {
        let alternative = self.alternative.as_deref().unwrap_or_default();
        let mut text = spoken(alternative).to_owned();
        for child in &self.children {
            match child {
                Child::Element(element) => text.push_str(&element.text_with(spoken)),
                Child::Text(piece) => text.push_str(piece),
                Child::Object(_) => {}
            }
        }
        text
    }

    pub(crate) fn attribute(&self, owner: &str, key: &str) -> Option<&Object> {
        self.attributes.get(&(owner.to_owned(), key.to_owned()))
    }
}

/// Types of our own are known by standard ones.
fn check_roles(root: &Dictionary) {
    let roles = root.get(b"RoleMap").and_then(Object::as_dict);
    for (_, standard) in roles.expect("roles").iter() {
        let standard = standard.as_name().expect("a name");
        assert!([b"Span".as_slice(), b"Part", b"P"].contains(&standard));
    }
}

/// Each page and each widget lead to the elements that hold their pieces, and nothing else does.
fn check_parents(
    document: &Document,
    root: &Dictionary,
    parents: &BTreeMap<(ObjectId, i64), ObjectId>,
    widgets: &BTreeMap<ObjectId, ObjectId>,
) {
    let tree = root
        .get_deref(b"ParentTree", document)
        .and_then(Object::as_dict);
    let numbers = tree
        .expect("a tree")
        .get(b"Nums")
        .and_then(Object::as_array)
        .expect("numbers");
    let entry = |pair: &[Object]| (pair[0].as_i64().expect("a key"), pair[1].clone());
    let entries: BTreeMap<i64, Object> = numbers.chunks(2).map(entry).collect();
    let keys: Vec<i64> = numbers.chunks(2).map(|pair| entry(pair).0).collect();
    assert!(keys.is_sorted());
    let next = root.get(b"ParentTreeNextKey").and_then(Object::as_i64);
    assert!(next.expect("a key") > *keys.last().expect("keys"));
    let mut used = BTreeSet::new();
    for page in document.page_iter() {
        let dictionary = document.get_dictionary(page).expect("a page");
        let Ok(key) = dictionary.get(b"StructParents") else {
            let mut pieces = parents.keys();
            assert!(
                !pieces.any(|(of, _)| *of == page),
                "a page leads to no element"
            );
            continue;
        };
        let key = key.as_i64().expect("a key");
        let (_, list) = document.dereference(&entries[&key]).expect("a list");
        for (number, parent) in list.as_array().expect("a list").iter().enumerate() {
            let number = i64::try_from(number).expect("a number");
            assert_eq!(
                parent.as_reference().expect("an element"),
                parents[&(page, number)]
            );
        }
        used.insert(key);
    }
    for (widget, parent) in widgets {
        let dictionary = document.get_dictionary(*widget).expect("a widget");
        let key = dictionary
            .get(b"StructParent")
            .and_then(Object::as_i64)
            .expect("a key");
        assert_eq!(entries[&key].as_reference().expect("an element"), *parent);
        used.insert(key);
    }
    assert_eq!(used.len(), entries.len());
}

fn attributes(dictionary: &Dictionary) -> BTreeMap<(String, String), Object> {
    let mut found = BTreeMap::new();
    let lists = dictionary.get(b"A").and_then(Object::as_array);
    for list in lists.into_iter().flatten() {
        let list = list.as_dict().expect("attributes");
        let owner = name(list, b"O").expect("an owner");
        for (key, value) in list {
            let key = String::from_utf8_lossy(key).into_owned();
            found.insert((owner.clone(), key), value.clone());
        }
    }
    found
}

pub(crate) fn name(dictionary: &Dictionary, key: &[u8]) -> Option<String> {
    let name = dictionary.get(key).and_then(Object::as_name).ok()?;
    Some(String::from_utf8_lossy(name).into_owned())
}

pub(crate) fn text(dictionary: &Dictionary, key: &[u8]) -> Option<String> {
    decode_text_string(dictionary.get(key).ok()?).ok()
}
