//! One name for one thing: crate = folder = binary = logical id = state name.

use std::collections::BTreeSet;

use yaml_rust2::{Yaml, YamlLoader};

use super::layers::{manifest, members};
use super::repository::{Findings, folders_in, paths_under, read, root, text_files};

const TEMPLATE: &str = "infra/template.yaml";
const WORKFLOWS: &str = "infra/workflows";

/// The folders in `functions` that hold a program for people and no Lambda, with its name: people
/// type it, and find it among their downloads.
const PROGRAMS: [(&str, &str); 2] = [("cli", "akashi"), ("verify", "akashi-verify")];

/// States that call a function under a name of their own, because another state has the
/// function's name or none has it.
const OTHER_STATES: [(&str, &str); 2] = [
    ("pass-deadline", "record-event"),
    ("deliver-by-mail", "deliver"),
];

/// Words that say nothing about what a file is for.
const EMPTY_WORDS: [&str; 6] = ["util", "utils", "common", "helper", "helpers", "manager"];

#[test]
fn a_crate_is_named_like_its_folder_and_so_is_its_binary() {
    let mut findings = Findings::default();
    for folder in members() {
        let last = folder.rsplit('/').next().unwrap_or_default();
        let manifest = manifest(&folder);
        let name = manifest
            .get("package")
            .and_then(|package| package.get("name")?.as_str());
        if name != Some(last) {
            findings.add(format!(
                "{folder} holds a crate named {}",
                name.unwrap_or("nothing")
            ));
        }
        let binaries = manifest.get("bin").and_then(|binaries| binaries.as_array());
        for binary in binaries
            .into_iter()
            .flatten()
            .filter_map(|bin| bin.get("name")?.as_str())
        {
            if binary != last && !PROGRAMS.contains(&(last, binary)) {
                findings.add(format!("{folder} makes a binary named {binary}"));
            }
        }
    }
    findings.assert_none("crate, folder and binary have one name");
}

#[test]
fn every_lambda_has_its_function_in_the_template_and_the_other_way_round() {
    let mut findings = Findings::default();
    let functions = template_functions();
    for folder in lambda_folders() {
        match functions
            .iter()
            .find(|(logical_id, _)| *logical_id == pascal_case(&folder))
        {
            None => findings.add(format!(
                "{TEMPLATE} has no function {}",
                pascal_case(&folder)
            )),
            Some((logical_id, code)) if !code.ends_with(&format!("/{folder}.zip")) => {
                findings.add(format!("{logical_id} takes its code from {code}"));
            }
            Some(_) => {}
        }
    }
    for (logical_id, _) in &functions {
        let folder = kebab_case(logical_id);
        if !lambda_folders().contains(&folder) {
            findings.add(format!("{logical_id} has no folder functions/{folder}"));
        }
    }
    findings.assert_none("a Lambda's folder and its logical id have one name");
}

/// The alarms' lists are those of the template, which `infra/tests` compares.
#[test]
fn every_list_of_functions_is_that_of_the_folders() {
    let folders: BTreeSet<String> = lambda_folders().into_iter().collect();
    let in_tests = tests::FUNCTIONS.map(kebab_case);
    for (place, listed) in [
        ("Makefile", words_of("Makefile", "FUNCTIONS :=", "\nPYTHON")),
        (
            "infra/packages.py",
            words_of("infra/packages.py", "FUNCTIONS = {", "}")
                .into_iter()
                .filter(|word| word.starts_with(|first: char| first.is_ascii_lowercase()))
                .collect(),
        ),
        ("tests/support/functions.rs", in_tests.into()),
    ] {
        let once: BTreeSet<String> = listed.iter().cloned().collect();
        assert_eq!(once, folders, "{place}");
        assert_eq!(listed.len(), folders.len(), "{place} names one twice");
    }
}

/// The names between two marks of a file, without what stands around and between them.
fn words_of(path: &str, start: &str, end: &str) -> Vec<String> {
    let text = read(path);
    let (_, rest) = text.split_once(start).expect("the list begins");
    let (list, _) = rest.split_once(end).expect("the list ends");
    list.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_state_that_calls_a_function_is_named_like_it() {
    let mut findings = Findings::default();
    for path in paths_under(WORKFLOWS, ".asl.yaml") {
        for (state, function) in function_states(&read(&path)) {
            let folder = kebab_case(&function);
            if state != folder && !OTHER_STATES.contains(&(state.as_str(), folder.as_str())) {
                findings.add(format!("{path}: the state {state} calls {function}"));
            }
            if !lambda_folders().contains(&folder) {
                findings.add(format!(
                    "{path}: {state} calls {function}, which is no function"
                ));
            }
        }
    }
    findings.assert_none("a state and its function have one name");
}

#[test]
fn a_main_only_wires() {
    let mut findings = Findings::default();
    for folder in lambda_folders() {
        let path = format!("functions/{folder}/src/main.rs");
        let lines = read(&path).lines().count();
        if lines >= 40 {
            findings.add(format!("{path} has {lines} lines"));
        }
        for other in paths_under(&format!("functions/{folder}/src"), ".rs") {
            if other != path {
                findings.add(format!("{other} belongs into a shared crate"));
            }
        }
    }
    findings.assert_none("the main.rs of a Lambda has under 40 lines and no company");
}

#[test]
fn no_file_has_a_name_that_says_nothing() {
    let mut findings = Findings::default();
    for file in text_files() {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let stem = name.split('.').next().unwrap_or_default();
        let words = stem.split(['_', '-']);
        if words
            .clone()
            .any(|word| EMPTY_WORDS.contains(&word.to_lowercase().as_str()))
        {
            findings.add(file.path);
        }
    }
    findings.assert_none("no utils, common, helpers or manager");
}

#[test]
fn the_code_map_names_every_shared_crate() {
    let map = read("ARCHITECTURE.md");
    let mut findings = Findings::default();
    for folder in folders_in("functions/shared") {
        if !map.contains(&format!("functions/shared/{folder}`")) {
            findings.add(folder);
        }
    }
    findings.assert_none("ARCHITECTURE.md's code map knows every shared crate");
}

/// Every function of the template: logical id and where its code is.
fn template_functions() -> Vec<(String, String)> {
    let template = yaml(&read(TEMPLATE));
    let resources = template["Resources"]
        .as_hash()
        .expect("the template has resources");
    resources
        .iter()
        .filter(|(_, resource)| resource["Type"].as_str() == Some("AWS::Serverless::Function"))
        .map(|(name, resource)| {
            let code = resource["Properties"]["CodeUri"]
                .as_str()
                .unwrap_or_default();
            (
                name.as_str().unwrap_or_default().to_owned(),
                code.to_owned(),
            )
        })
        .collect()
}

/// Every state that calls a function, with the logical id of the function.
fn function_states(workflow: &str) -> Vec<(String, String)> {
    let workflow = yaml(workflow);
    let states = workflow["States"]
        .as_hash()
        .expect("the workflow has states");
    states
        .iter()
        .filter_map(|(name, state)| {
            let function = state["Parameters"]["FunctionName"].as_str()?;
            let logical_id = function.strip_prefix("${")?.strip_suffix('}')?;
            Some((name.as_str()?.to_owned(), logical_id.to_owned()))
        })
        .collect()
}

fn yaml(text: &str) -> Yaml {
    YamlLoader::load_from_str(text)
        .unwrap_or_else(|error| panic!("not YAML: {error}"))
        .into_iter()
        .next()
        .expect("there is a document")
}

/// Folders of Lambdas: everything in `functions` but the libraries and the programs for people.
fn lambda_folders() -> Vec<String> {
    folders_in("functions")
        .into_iter()
        .filter(|name| {
            let holds_code = root()
                .join("functions")
                .join(name)
                .join("Cargo.toml")
                .is_file();
            holds_code && !PROGRAMS.iter().any(|(folder, _)| folder == name)
        })
        .collect()
}

fn pascal_case(kebab: &str) -> String {
    kebab
        .split('-')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase())
                .into_iter()
                .chain(letters)
        })
        .collect()
}

fn kebab_case(pascal: &str) -> String {
    let mut kebab = String::new();
    for letter in pascal.chars() {
        if letter.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}

#[test]
fn names_change_case_and_back() {
    for name in ["parse-mail", "record-event", "cli"] {
        assert_eq!(kebab_case(&pascal_case(name)), name);
    }
}
