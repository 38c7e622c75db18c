//! The mails of `tests/corpus/mails` and `events`, shared by the tests of this crate.

use std::fs;
use std::path::{Path, PathBuf};

/// Every mail by its file name, in order.
pub(crate) fn mails() -> Vec<(String, Vec<u8>)> {
    let mut paths: Vec<PathBuf> = ["tests/corpus/mails", "events"]
        .into_iter()
        .flat_map(|folder| fs::read_dir(root().join(folder)).expect("the folder is there"))
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .collect();
    paths.sort_by_key(|path| path.file_name().map(ToOwned::to_owned));
    paths
        .into_iter()
        .map(|path| {
            let name = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, fs::read(&path).expect("the mail can be read"))
        })
        .collect()
}

/// One mail of the corpus.
pub(crate) fn mail(name: &str) -> Vec<u8> {
    let found = mails().into_iter().find(|(known, _)| known == name);
    found
        .unwrap_or_else(|| panic!("no mail {name} in the corpus"))
        .1
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}
