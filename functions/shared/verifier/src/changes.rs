//! What each revision changed, and that it is nothing but what a signature, validation data or a
//! document timestamp needs.
//!
//! The first revision is the certificate itself. The second adds one invisible signature field,
//! with its place in the structure. Behind it stand pairs: a `/DSS`, and one invisible field with a
//! document timestamp over it. So the file ends with a timestamp over all before it. Whatever else
//! a revision writes is an alteration, whether or not it can be seen.

use crate::byte_range::Covered;
use crate::limits::VALIDATION_ENTRIES_MAX;
use crate::object::{Deviation, Dictionary, Object, Reference, Value};
use crate::revisions::{File, Revision};
use crate::signature_words::Told;
use crate::structure::{self, Structure};
use crate::widget::is_invisible_widget;
use std::collections::BTreeSet;
use std::ops::Range;

const SIGNATURE_KEYS: [&str; 10] = [
    "Type",
    "Filter",
    "SubFilter",
    "M",
    "Name",
    "Reason",
    "Location",
    "ContactInfo",
    "ByteRange",
    "Contents",
];
const TIMESTAMP_KEYS: [&str; 5] = ["Type", "Filter", "SubFilter", "ByteRange", "Contents"];
const VALIDATION_KEYS: [&str; 4] = ["Type", "Certs", "OCSPs", "CRLs"];

/// What a field holds.
struct Held {
    /// Its `/Type`.
    kind: &'static [u8],
    /// Its `/SubFilter`.
    format: &'static [u8],
    keys: &'static [&'static str],
    /// What its widget says to people. They may be told nothing else: it is not on the pages.
    tooltip: &'static str,
    /// Whether the widget has a place in the structure.
    is_in_structure: bool,
}

impl Held {
    /// What the service calls a field that stands behind so many others.
    fn name(&self, older: usize) -> String {
        if self.is_in_structure {
            format!("Signature{}", older + 1)
        } else {
            format!("Timestamp{older}")
        }
    }
}

const SIGNATURE: Held = Held {
    kind: b"Sig",
    format: b"ETSI.CAdES.detached",
    keys: &SIGNATURE_KEYS,
    tooltip: "電子署名 Electronic signature",
    is_in_structure: true,
};
const TIMESTAMP: Held = Held {
    kind: b"DocTimeStamp",
    format: b"ETSI.RFC3161",
    keys: &TIMESTAMP_KEYS,
    tooltip: "文書タイムスタンプ Document timestamp",
    is_in_structure: false,
};

/// What stands behind the certificate itself.
#[derive(Debug)]
pub(crate) struct Layers {
    pub(crate) signature: Covered,
    /// What the signature says of itself in words.
    pub(crate) told: Told,
    /// Document timestamps, the oldest first.
    pub(crate) stamps: Vec<Covered>,
    /// What the newest `/DSS` holds.
    pub(crate) validation: Option<Validation>,
}

/// Where the entries of a `/DSS` stand in the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Validation {
    pub(crate) certificates: Vec<Range<usize>>,
    pub(crate) responses: Vec<Range<usize>>,
    pub(crate) lists: Vec<Range<usize>>,
}

/// Compares each revision with the one before it.
pub(crate) fn read(file: &File<'_>) -> Result<Layers, Deviation> {
    let Some(signing) = file.revisions.get(1) else {
        return Err(Deviation {
            at: file.pdf.len(),
            problem: "there is no signature",
        });
    };
    check_draft(file)?;
    let change = Change::new(file, 1, signing)?;
    let (signature, dictionary) = change.field(&SIGNATURE)?;
    let mut layers = Layers {
        signature,
        told: Told::read(dictionary),
        stamps: Vec::new(),
        validation: None,
    };
    for (index, revision) in file.revisions.iter().enumerate().skip(2) {
        let change = Change::new(file, index, revision)?;
        if change.is_validation_data() != index.is_multiple_of(2) {
            return Err(change.deviation("a revision does not stand in its turn"));
        }
        if change.is_validation_data() {
            layers.validation = Some(change.validation_data()?);
        } else {
            let (stamp, _) = change.field(&TIMESTAMP)?;
            layers.stamps.push(stamp);
        }
    }
    // The signature, and then as many timestamps as validation data.
    if !file.revisions.len().is_multiple_of(2) {
        return Err(Deviation {
            at: file.pdf.len(),
            problem: "the file does not end with a timestamp over all before it",
        });
    }
    Ok(layers)
}

/// The draft must not bring what a later revision is trusted to bring, nor what acts by itself.
fn check_draft(file: &File<'_>) -> Result<(), Deviation> {
    let deviation = |problem| Deviation { at: 0, problem };
    let Some(catalog) = file.catalog(0) else {
        return Err(deviation("there is no catalog"));
    };
    let forbidden = [
        "AcroForm",
        "DSS",
        "Perms",
        "OpenAction",
        "AA",
        "Collection",
        "URI",
        "Version",
    ];
    if forbidden.iter().any(|key| catalog.get(key).is_some()) {
        return Err(deviation(
            "the certificate has a form, an action or permissions of its own",
        ));
    }
    Ok(())
}

/// One revision against the one before it.
struct Change<'a> {
    file: &'a File<'a>,
    index: usize,
    revision: &'a Revision,
    /// Objects that did not exist before.
    new: Vec<u32>,
    /// Objects that exist in another version.
    changed: Vec<u32>,
    before: &'a Dictionary,
    after: &'a Dictionary,
}

impl<'a> Change<'a> {
    fn new(file: &'a File<'a>, index: usize, revision: &'a Revision) -> Result<Self, Deviation> {
        let previous = index.saturating_sub(1);
        let at = revision.span.start;
        let (Some(before), Some(after)) = (file.catalog(previous), file.catalog(index)) else {
            return Err(Deviation {
                at,
                problem: "there is no catalog",
            });
        };
        let size = file.revisions.get(previous).map_or(0, |one| one.size);
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        for number in revision.numbers() {
            let existed = file.has_object(previous, number);
            // A number below the size that nobody used would be an object that was named before.
            if !existed && usize::try_from(number).is_ok_and(|number| number < size) {
                return Err(Deviation {
                    at,
                    problem: "a revision fills a gap that an older one left",
                });
            }
            if existed { &mut changed } else { &mut new }.push(number);
        }
        Ok(Self {
            file,
            index,
            revision,
            new,
            changed,
            before,
            after,
        })
    }

    fn deviation(&self, problem: &'static str) -> Deviation {
        Deviation {
            at: self.revision.span.start,
            problem,
        }
    }

    fn object(&self, number: u32) -> Option<&'a Object> {
        self.file.written(self.revision, number)
    }

    /// A new field with its widget on the first page, and the dictionary that it holds.
    fn field(&self, held: &Held) -> Result<(Covered, &'a Dictionary), Deviation> {
        let unexpected = self.deviation("a revision adds more, or less, than one signature field");
        let form = self.after.dictionary("AcroForm").ok_or(unexpected)?;
        let fields = form.array("Fields").ok_or(unexpected)?;
        let Some((Value::Reference(field), older)) = fields.split_last() else {
            return Err(unexpected);
        };
        let widget = self
            .object(field.0)
            .and_then(Object::dictionary)
            .ok_or(unexpected)?;
        let (value, page) = (widget.reference("V"), widget.reference("P"));
        let (value, page) = (value.ok_or(unexpected)?, page.ok_or(unexpected)?);
        let structure = self.structure(held, *field, page)?;
        let element = structure.as_ref().map(|change| change.new);
        let new = [Some(*field), Some(value), element];
        if self.new != sorted(new.into_iter().flatten()) || Some(page) != self.first_page() {
            return Err(unexpected);
        }
        let key = structure.as_ref().map(|change| change.key);
        if !is_invisible_widget(widget, held.tooltip, key) {
            return Err(self.deviation("a signature field could be seen or do something"));
        }
        if widget.string("T") != Some(held.name(older.len()).as_bytes()) {
            return Err(self.deviation("a signature field has another name than its own"));
        }
        self.check_catalog_of_field(fields, older)?;
        self.check_page(page, *field, structure.as_ref())?;
        let object = self.object(value.0).ok_or(unexpected)?;
        let dictionary = object.dictionary().ok_or(unexpected)?;
        if object.stream.is_some()
            || dictionary.name("Type") != Some(held.kind)
            || dictionary.name("Filter") != Some(b"Adobe.PPKLite")
            || dictionary.name("SubFilter") != Some(held.format)
            || !dictionary.has_only(held.keys)
        {
            return Err(self.deviation("a signature is not of the kind that belongs here"));
        }
        let end = self.revision.span.end;
        let covered = Covered::read(self.file.pdf, object, dictionary, end)?;
        Ok((covered, dictionary))
    }

    /// What the field changes of the structure, if it has a place in one.
    fn structure(
        &self,
        held: &Held,
        field: Reference,
        page: Reference,
    ) -> Result<Option<structure::Change>, Deviation> {
        let root = self.before.get("StructTreeRoot");
        let (Some(root), true) = (root, held.is_in_structure) else {
            return Ok(None);
        };
        let unexpected = self.deviation("the structure changed in more than one signature field");
        let &Value::Reference(root) = root else {
            return Err(unexpected);
        };
        let before = |one| self.file.dictionary(self.index.saturating_sub(1), one);
        let after = |one| self.file.dictionary(self.index, one);
        let structure = Structure::read(root, before).ok_or(unexpected)?;
        let change = structure.change(field, page, after).ok_or(unexpected)?;
        Ok(Some(change))
    }

    /// The form is the same but for one more field.
    fn check_catalog_of_field(&self, fields: &[Value], older: &[Value]) -> Result<(), Deviation> {
        let form = |fields: &[Value]| {
            let entries = [
                (b"Fields".to_vec(), Value::Array(fields.to_vec())),
                (b"SigFlags".to_vec(), Value::Integer(3)),
            ];
            Value::Dictionary(Dictionary(entries.into()))
        };
        let before = (!older.is_empty()).then(|| form(older));
        let mut expected = self.before.clone();
        expected.0.insert(b"AcroForm".to_vec(), form(fields));
        if self.before.get("AcroForm") != before.as_ref() || *self.after != expected {
            return Err(self.deviation("the catalog changed in more than one signature field"));
        }
        Ok(())
    }

    /// The page is the same but for one more annotation, and nothing else changed. With the first
    /// annotation, its fields get the order of the structure.
    fn check_page(
        &self,
        page: Reference,
        widget: Reference,
        structure: Option<&structure::Change>,
    ) -> Result<(), Deviation> {
        let unexpected = self.deviation("the first page changed in more than one invisible field");
        let elements = structure.into_iter().flat_map(|change| change.changed);
        if self.changed != sorted([page, self.file.root].into_iter().chain(elements)) {
            return Err(unexpected);
        }
        let before = self.file.dictionary(self.index.saturating_sub(1), page);
        let after = self.file.dictionary(self.index, page);
        let (Some(before), Some(after)) = (before, after) else {
            return Err(unexpected);
        };
        let mut annotations = match before.get("Annots") {
            None => Vec::new(),
            Some(Value::Array(annotations)) => annotations.clone(),
            Some(_) => return Err(unexpected),
        };
        annotations.push(Value::Reference(widget));
        let mut expected = before.clone();
        expected
            .0
            .insert(b"Annots".to_vec(), Value::Array(annotations));
        if structure.is_some() {
            let order = Value::Name(b"S".to_vec());
            expected.0.insert(b"Tabs".to_vec(), order);
        }
        if *after == expected {
            Ok(())
        } else {
            Err(unexpected)
        }
    }

    fn first_page(&self) -> Option<Reference> {
        let node = |reference| self.file.dictionary(self.index, reference);
        let pages = node(self.after.reference("Pages")?)?;
        let Value::Reference(page) = pages.array("Kids")?.first()? else {
            return None;
        };
        (node(*page)?.name("Type") == Some(b"Page")).then_some(*page)
    }

    /// Does this revision leave the form as it is?
    fn is_validation_data(&self) -> bool {
        self.before.get("AcroForm") == self.after.get("AcroForm")
    }

    /// A new `/DSS`, which holds at least what an older one held.
    fn validation_data(&self) -> Result<Validation, Deviation> {
        let unexpected = self.deviation("a revision changes more than the validation data");
        let reference = self.after.reference("DSS").ok_or(unexpected)?;
        let dictionary = self
            .object(reference.0)
            .and_then(Object::dictionary)
            .ok_or(unexpected)?;
        let mut expected = self.before.clone();
        expected
            .0
            .insert(b"DSS".to_vec(), Value::Reference(reference));
        if let Some(extensions) = self.after.get("Extensions") {
            let entry = expected.0.entry(b"Extensions".to_vec());
            if entry.or_insert_with(extension_of_etsi) != extensions {
                return Err(unexpected);
            }
        }
        if *self.after != expected || !dictionary.has_only(&VALIDATION_KEYS) {
            return Err(unexpected);
        }
        let mut entries = BTreeSet::new();
        let validation = Validation {
            certificates: self.streams(dictionary, "Certs", &mut entries)?,
            responses: self.streams(dictionary, "OCSPs", &mut entries)?,
            lists: self.streams(dictionary, "CRLs", &mut entries)?,
        };
        let mut new: Vec<u32> = entries
            .iter()
            .copied()
            .filter(|one| self.object(*one).is_some())
            .collect();
        if self.new.contains(&reference.0) {
            new.push(reference.0);
        }
        new.sort_unstable();
        let mut changed = self.changed.iter();
        if !changed.all(|one| [self.file.root.0, reference.0].contains(one)) || self.new != new {
            return Err(unexpected);
        }
        if !self.older_entries().is_subset(&entries) {
            return Err(self.deviation("a revision drops older validation data"));
        }
        Ok(validation)
    }

    fn older_entries(&self) -> BTreeSet<u32> {
        let mut entries = BTreeSet::new();
        let dss = self.before.reference("DSS");
        let dss = dss.and_then(|dss| self.file.dictionary(self.index.saturating_sub(1), dss));
        for list in dss.into_iter().flat_map(|dss| dss.0.values()) {
            let Value::Array(list) = list else { continue };
            for entry in list {
                if let Value::Reference(reference) = entry {
                    entries.insert(reference.0);
                }
            }
        }
        entries
    }

    /// The streams of one list, which have a length and nothing else.
    fn streams(
        &self,
        dictionary: &Dictionary,
        key: &str,
        entries: &mut BTreeSet<u32>,
    ) -> Result<Vec<Range<usize>>, Deviation> {
        let broken = self.deviation("the validation data is not a list of plain streams");
        let list = match dictionary.get(key) {
            None => return Ok(Vec::new()),
            Some(Value::Array(list)) if list.len() <= VALIDATION_ENTRIES_MAX => list,
            Some(_) => return Err(broken),
        };
        let mut streams = Vec::with_capacity(list.len());
        for entry in list {
            let Value::Reference(reference) = entry else {
                return Err(broken);
            };
            let object = self.file.object(self.index, *reference).ok_or(broken)?;
            let is_plain = object
                .dictionary()
                .is_some_and(|one| one.has_only(&["Length"]));
            let stream = object.stream.clone().filter(|_| is_plain).ok_or(broken)?;
            if !entries.insert(reference.0) {
                return Err(broken);
            }
            streams.push(stream);
        }
        Ok(streams)
    }
}

/// `/ESIC` of EN 319 142-1 clause 5.4.2.
fn extension_of_etsi() -> Value {
    let level = [
        (b"BaseVersion".to_vec(), Value::Name(b"1.7".to_vec())),
        (b"ExtensionLevel".to_vec(), Value::Integer(5)),
    ];
    let level = Value::Dictionary(Dictionary(level.into()));
    Value::Dictionary(Dictionary([(b"ESIC".to_vec(), level)].into()))
}

fn sorted(references: impl IntoIterator<Item = Reference>) -> Vec<u32> {
    let mut numbers: Vec<u32> = references.into_iter().map(|one| one.0).collect();
    numbers.sort_unstable();
    numbers
}
