//! The files of this repository, without what is made or fetched.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold nothing of ours: the same as in `.gitignore`, and git's own.
const FOREIGN_FOLDERS: [&str; 9] = [
    ".git",
    ".local",
    "target",
    "__pycache__",
    ".venv",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    "node_modules",
];

/// One text file of ours.
pub(super) struct SourceFile {
    /// Its path below the root, with `/` between the parts.
    pub(super) path: String,
    /// What it holds.
    pub(super) text: String,
}

/// Everything that breaks a rule, collected, so that one run shows all of it.
#[derive(Default)]
pub(super) struct Findings(Vec<String>);

impl Findings {
    pub(super) fn add(&mut self, finding: impl Into<String>) {
        self.0.push(finding.into());
    }

    /// Fails with all findings, under the rule that they break.
    pub(super) fn assert_none(self, rule: &str) {
        let list = self.0.iter().fold(String::new(), |mut list, finding| {
            let _ = write!(list, "\n  {finding}");
            list
        });
        assert!(self.0.is_empty(), "{rule}{list}");
    }
}

/// The root of the repository.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ has a parent")
        .to_owned()
}

/// Reads a file by its path below the root.
pub(super) fn read(path: &str) -> String {
    let full = root().join(path);
    fs::read_to_string(&full).unwrap_or_else(|error| panic!("{path} cannot be read: {error}"))
}

/// Every text file of ours. What is not UTF-8 is no text.
pub(super) fn text_files() -> Vec<SourceFile> {
    let root = root();
    let mut files = Vec::new();
    visit(&root, &mut |path| {
        if let Ok(text) = fs::read_to_string(path) {
            files.push(SourceFile {
                path: below(&root, path),
                text,
            });
        }
    });
    assert!(
        files.len() > 50,
        "the walk found only {} files",
        files.len()
    );
    files
}

/// The paths of all files with this ending below a folder.
pub(super) fn paths_under(folder: &str, ending: &str) -> Vec<String> {
    let root = root();
    let mut paths = Vec::new();
    visit(&root.join(folder), &mut |path| {
        let path = below(&root, path);
        if path.ends_with(ending) {
            paths.push(path);
        }
    });
    paths.sort();
    paths
}

/// The names of the folders right below a folder.
pub(super) fn folders_in(folder: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join(folder))
        .expect("the folder exists")
        .map(|entry| entry.expect("an entry is readable"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn visit(folder: &Path, each: &mut impl FnMut(&Path)) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        if path.is_dir() {
            if !FOREIGN_FOLDERS.contains(&name.as_str()) && !name.ends_with(".egg-info") {
                visit(&path, each);
            }
        } else if !path.is_symlink() && !name.ends_with(".snap.new") {
            each(&path);
        }
    }
}

fn below(root: &Path, path: &Path) -> String {
    let relative = path
        .strip_prefix(root)
        .expect("the path lies below the root");
    relative.to_string_lossy().replace('\\', "/")
}
