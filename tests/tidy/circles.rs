//! The files of a crate need each other in one direction: each can be read, moved and tested
//! without the one that needs it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::repository::Findings;
use super::sources::{code_lines, product_code};

/// The crates that are held to it.
const CRATES: [&str; 10] = [
    "aws-adapters",
    "certificate",
    "domain",
    "letters",
    "mail",
    "pades",
    "paper",
    "verifier",
    "web",
    "workflow",
];

#[test]
fn no_files_of_a_crate_need_each_other_in_a_circle() {
    let mut findings = Findings::default();
    let files = product_code();
    for name in CRATES {
        let folder = format!("functions/shared/{name}/src/");
        let modules = files.iter().filter_map(|file| {
            let path = file.path.strip_prefix(&folder)?;
            Some((module_of(path), file.text.as_str()))
        });
        let code = Code::read(modules);
        assert!(code.modules.len() > 10, "{name} has few files");
        for circle in code.circles() {
            findings.add(format!("{name}: {circle}"));
        }
    }
    findings.assert_none("what two files share is a third one");
}

#[test]
fn a_circle_is_seen_through_lists_parents_and_what_the_root_shows() {
    for (files, expected) in [
        (
            vec![("a.rs", "use crate::b::B;"), ("b.rs", "use crate::c::C;")],
            vec![],
        ),
        (
            vec![
                ("a.rs", "use crate::b::B;"),
                ("b.rs", "fn f() { crate::a::g() }"),
            ],
            vec!["a -> b -> a"],
        ),
        (
            vec![
                ("a.rs", "use crate::{x, b::{C, D}};"),
                ("b.rs", "use super::a::A;"),
            ],
            vec!["a -> b -> a"],
        ),
        // The root shows what its files have; it does not need them.
        (
            vec![
                ("lib.rs", "mod a;\nmod b;\npub use a::A;\n"),
                ("a.rs", "use crate::b::B;"),
            ],
            vec![],
        ),
        (
            vec![
                ("lib.rs", "pub use a::A;\npub use b::{self, B};\n"),
                ("a.rs", "use crate::B;"),
                ("b.rs", "use crate::A;"),
            ],
            vec!["a -> b -> a"],
        ),
        (
            vec![
                ("a.rs", "mod b;\nuse self::b::B;"),
                ("a/b.rs", "use super::A;"),
            ],
            vec!["a -> a::b -> a"],
        ),
        (
            vec![
                ("a.rs", "mod b;\npub(crate) use self::b::B;"),
                ("a/b.rs", "use super::A;"),
            ],
            vec![],
        ),
        (
            vec![
                ("a.rs", "mod b;\nfn f() { b::g() }"),
                ("a/b.rs", "use super::A;"),
            ],
            vec!["a -> a::b -> a"],
        ),
        (
            vec![
                ("a.rs", "// use crate::b::B;"),
                ("b.rs", "use crate::a::A;"),
            ],
            vec![],
        ),
    ] {
        let modules = files.iter().map(|(path, text)| (module_of(path), *text));
        assert_eq!(Code::read(modules).circles(), expected, "{files:?}");
    }
}

/// A module, from the root of its crate: none for the root itself.
type Module = Vec<String>;

/// A path as it is written, piece by piece.
type Written = Vec<String>;

/// The files of a crate.
struct Code {
    modules: BTreeMap<Module, File>,
}

#[derive(Default)]
struct File {
    /// What it needs.
    needs: Vec<Written>,
    /// What it shows of others, by its name.
    shows: BTreeMap<String, Written>,
}

impl Code {
    fn read<'t>(files: impl Iterator<Item = (Module, &'t str)>) -> Self {
        let modules = files
            .map(|(module, text)| (module, File::read(text)))
            .collect();
        Self { modules }
    }

    /// Each circle once, from its first file on.
    fn circles(&self) -> Vec<String> {
        let needs: BTreeMap<&Module, BTreeSet<Module>> = self
            .modules
            .keys()
            .map(|module| (module, self.needs_of(module)))
            .collect();
        let mut circles = Vec::new();
        let mut in_one = BTreeSet::new();
        for module in self.modules.keys() {
            if in_one.contains(module) {
                continue;
            }
            if let Some(circle) = way_back(module, &needs) {
                let names: Vec<String> = circle.iter().map(name_of).collect();
                circles.push(names.join(" -> "));
                in_one.extend(circle);
            }
        }
        circles
    }

    fn needs_of(&self, module: &Module) -> BTreeSet<Module> {
        let needs = self.modules.get(module).map(|file| file.needs.as_slice());
        let needs = needs.unwrap_or_default().iter();
        let mut found: BTreeSet<Module> = needs
            .filter_map(|written| self.file_of(module, written, 0))
            .collect();
        found.remove(module);
        found
    }

    /// The file in which something lies, through what other files show of it.
    fn file_of(&self, from: &Module, written: &[String], depth: usize) -> Option<Module> {
        const SHOWN_THROUGH_MAX: usize = 10;
        if depth > SHOWN_THROUGH_MAX {
            return None;
        }
        let (mut at, mut rest) = self.start(from, written)?;
        while let Some((next, after)) = rest.split_first() {
            let mut deeper = at.clone();
            deeper.push(next.clone());
            if !self.modules.contains_key(&deeper) {
                break;
            }
            (at, rest) = (deeper, after);
        }
        let shown = rest.first().and_then(|name| {
            let file = self.modules.get(&at)?;
            file.shows.get(name)
        });
        match shown {
            Some(shown) => self.file_of(&at, shown, depth + 1),
            None => self.modules.contains_key(&at).then_some(at),
        }
    }

    /// Where a path begins, and what is left of it; `None` for one of another crate.
    fn start<'w>(&self, from: &Module, written: &'w [String]) -> Option<(Module, &'w [String])> {
        let (first, rest) = written.split_first()?;
        match first.as_str() {
            "crate" => Some((Module::new(), rest)),
            "self" => Some((from.clone(), rest)),
            "super" => {
                let above = from.get(..from.len().checked_sub(1)?)?.to_vec();
                if rest.first().is_some_and(|next| next == "super") {
                    return self.start(&above, rest);
                }
                Some((above, rest))
            }
            child => {
                let mut module = from.clone();
                module.push(child.to_owned());
                self.modules
                    .contains_key(&module)
                    .then(|| (from.clone(), written))
            }
        }
    }
}

impl File {
    fn read(text: &str) -> Self {
        let mut file = Self::default();
        let code: Vec<&str> = code_lines(text).map(|(_, line)| line).collect();
        let mut rest = String::new();
        for statement in code.join("\n").split_inclusive([';', '{', '}']) {
            rest.push_str(statement);
            let open = rest.matches('{').count() > rest.matches('}').count();
            let trimmed = rest.trim_start();
            let visible = trimmed.starts_with("pub");
            let start = if visible {
                trimmed.find(" use ").map(|at| at + 1)
            } else {
                Some(0)
            };
            let import = start
                .and_then(|at| trimmed.get(at..))
                .and_then(|text| text.strip_prefix("use "))
                .map(str::to_owned);
            match import {
                Some(import) if !open && statement.ends_with(';') => {
                    file.import(import.trim_end_matches(';'), visible);
                    rest.clear();
                }
                Some(_) => {}
                None => {
                    file.needs.extend(paths_in(&rest));
                    rest.clear();
                }
            }
        }
        file.needs.extend(paths_in(&rest));
        file
    }

    fn import(&mut self, tree: &str, visible: bool) {
        let mut paths = Vec::new();
        expand(&[], tree, &mut paths);
        for (path, name) in paths {
            if visible {
                self.shows.insert(name, path);
            } else {
                self.needs.push(path);
            }
        }
    }
}

/// The paths of an import, each with the name that it gives.
fn expand(before: &[String], tree: &str, into: &mut Vec<(Written, String)>) {
    let tree = tree.trim();
    let pieces = |text: &str| -> Vec<String> {
        let pieces = text
            .split("::")
            .map(str::trim)
            .filter(|piece| !piece.is_empty());
        before
            .iter()
            .cloned()
            .chain(pieces.map(str::to_owned))
            .collect()
    };
    if let Some((head, list)) = tree.split_once('{') {
        let head = pieces(head);
        let list = list.trim_end().trim_end_matches('}');
        for branch in branches(list) {
            expand(&head, branch, into);
        }
        return;
    }
    let (path, name) = tree.split_once(" as ").unwrap_or((tree, ""));
    let mut path = pieces(path);
    if path.len() > before.len() && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    let last = path.last().cloned().unwrap_or_default();
    let name = if name.is_empty() {
        last
    } else {
        name.trim().to_owned()
    };
    if !path.is_empty() {
        into.push((path, name));
    }
}

/// The members of a list, whose own lists stay whole.
fn branches(list: &str) -> Vec<&str> {
    let (mut depth, mut start) = (0, 0);
    let mut found = Vec::new();
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.extend(list.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    found.extend(list.get(start..));
    found.retain(|branch| !branch.trim().is_empty());
    found
}

/// What looks like a path of this crate in code that is no import.
fn paths_in(code: &str) -> Vec<Written> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    code.split(|c: char| !is_part(c))
        .filter(|word| word.contains("::"))
        .map(|word| word.split("::").map(str::to_owned).collect())
        .collect()
}

/// The shortest way from a file over what it needs back to itself.
fn way_back(module: &Module, needs: &BTreeMap<&Module, BTreeSet<Module>>) -> Option<Vec<Module>> {
    let mut queue = VecDeque::from([vec![module.clone()]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = queue.pop_front() {
        let last = way.last()?;
        for next in needs.get(last).into_iter().flatten() {
            let longer: Vec<Module> = way.iter().chain([next]).cloned().collect();
            if next == module {
                return Some(longer);
            }
            if seen.insert(next.clone()) {
                queue.push_back(longer);
            }
        }
    }
    None
}

fn module_of(path: &str) -> Module {
    let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
    if ["lib", "main"].contains(&path) {
        return Module::new();
    }
    path.split('/').map(str::to_owned).collect()
}

fn name_of(module: &Module) -> String {
    if module.is_empty() {
        "the root".to_owned()
    } else {
        module.join("::")
    }
}
