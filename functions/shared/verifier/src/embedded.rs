//! The embedded files (ISO 32000-1 section 7.11.4): their names and their bytes.

use crate::limits::EMBEDDED_FILES_MAX;
use crate::object::{Deviation, Dictionary, Value};
use crate::revisions::File;
use std::borrow::Cow;

/// A file that a certificate carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedFile<'a> {
    /// Its name: letters, digits, dot, hyphen and underscore of ASCII; never a path.
    pub name: String,
    /// Its bytes.
    pub bytes: Cow<'a, [u8]>,
}

/// Reads the files of the certificate itself. All of them stand in its name tree, which has one
/// level, and among its associated files.
pub(crate) fn read<'a>(file: &File<'a>) -> Result<Vec<EmbeddedFile<'a>>, Deviation> {
    let deviation = |problem| Deviation { at: 0, problem };
    let Some(catalog) = file.catalog(0) else {
        return Err(deviation("there is no catalog"));
    };
    let names = catalog
        .dictionary("Names")
        .and_then(|names| names.dictionary("EmbeddedFiles"))
        .and_then(|tree| tree.array("Names"))
        .unwrap_or_default();
    let (mut files, mut associated) = (Vec::new(), Vec::new());
    for pair in names.chunks(2) {
        let [Value::String(name), Value::Reference(reference)] = pair else {
            return Err(deviation(
                "the names of embedded files are not in their form",
            ));
        };
        if files.len() == EMBEDDED_FILES_MAX {
            return Err(deviation("there are too many embedded files"));
        }
        let specification = file.dictionary(0, *reference);
        let read = read_file(file, name, specification);
        files.push(read.map_err(deviation)?);
        associated.push(*reference);
    }
    for other in catalog.array("AF").unwrap_or_default() {
        let Value::Reference(reference) = other else {
            return Err(deviation("the associated files are not in their form"));
        };
        let Some(at) = associated.iter().position(|one| one == reference) else {
            return Err(deviation("an associated file has no name"));
        };
        associated.swap_remove(at);
    }
    if !associated.is_empty() {
        return Err(deviation(
            "an embedded file is not associated with the certificate",
        ));
    }
    if count_of_kind(file) != files.len() {
        return Err(deviation(
            "a file is embedded that the list of names does not have",
        ));
    }
    Ok(files)
}

/// How many embedded files there are, named or not.
fn count_of_kind(file: &File<'_>) -> usize {
    let revisions = file.revisions.iter();
    revisions.map(|revision| revision.embedded_files).sum()
}

fn read_file<'a>(
    file: &File<'a>,
    name: &[u8],
    specification: Option<&Dictionary>,
) -> Result<EmbeddedFile<'a>, &'static str> {
    const BROKEN: &str = "an embedded file is not in its form";
    let specification = specification.ok_or(BROKEN)?;
    let streams = specification.dictionary("EF").ok_or(BROKEN)?;
    let stream = streams.reference("F").ok_or(BROKEN)?;
    if !streams.has_only(&["F", "UF"])
        || streams.reference("UF").is_some_and(|other| other != stream)
        || specification.string("F") != Some(name)
        || specification
            .string("UF")
            .is_some_and(|other| other != name)
    {
        return Err("an embedded file has two names or two contents");
    }
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if name.is_empty() || name.len() > 100 || name.starts_with(b".") || !name.iter().all(is_plain) {
        return Err("an embedded file has a name that this service never gives");
    }
    let object = file.object(0, stream).ok_or(BROKEN)?;
    let (Some(stream), Some(dictionary)) = (&object.stream, object.dictionary()) else {
        return Err("an embedded file is no stream");
    };
    // Nothing has to be unpacked, and so nothing can grow.
    if dictionary.get("Filter").is_some() {
        return Err("an embedded file is packed, which this service never does");
    }
    let bytes = file.bytes(stream);
    let size = dictionary.dictionary("Params");
    let size = size.and_then(|parameters| parameters.integer("Size"));
    if size.and_then(|size| usize::try_from(size).ok()) != Some(bytes.len()) {
        return Err("an embedded file is not as large as it says");
    }
    Ok(EmbeddedFile {
        name: String::from_utf8_lossy(name).into_owned(),
        bytes: Cow::Borrowed(bytes),
    })
}
