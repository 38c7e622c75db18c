use std::collections::BTreeMap;

use toml::{Table, Value};

use super::repository::{Findings, folders_in, read, root};

/// What each kind of crate may depend on: crates of ours, and starts of names of foreign crates
/// that it must not know.
struct Layer {
    folder: &'static str,
    may_use: &'static [&'static str],
    must_not_know: &'static [&'static str],
}

const AWS: &[&str] = &["aws-", "lambda_runtime", "hickory", "tokio", "clap"];
const OUTSIDE: &[&str] = &[
    "aws-",
    "lambda_runtime",
    "hickory",
    "tokio",
    "clap",
    "serde",
    "tracing",
    "getrandom",
    "rand",
];

const LAYERS: &[Layer] = &[
    Layer {
        folder: "functions/shared/domain",
        may_use: &[],
        must_not_know: OUTSIDE,
    },
    Layer {
        folder: "functions/shared/mail",
        may_use: &["domain"],
        must_not_know: OUTSIDE,
    },
    Layer {
        folder: "functions/shared/letters",
        may_use: &["domain", "mail"],
        must_not_know: OUTSIDE,
    },
    Layer {
        folder: "functions/shared/certificate",
        may_use: &["domain", "paper"],
        must_not_know: AWS,
    },
    Layer {
        folder: "functions/shared/readers",
        may_use: &["domain", "mail", "letters", "certificate"],
        must_not_know: AWS,
    },
    Layer {
        folder: "functions/shared/paper",
        may_use: &[],
        must_not_know: OUTSIDE,
    },
    Layer {
        folder: "functions/shared/pades",
        may_use: &["domain"],
        must_not_know: OUTSIDE,
    },
    Layer {
        folder: "functions/shared/verifier",
        may_use: &["domain", "mail", "readers", "paper", "certificate", "pades"],
        // It reads the trust file, which is JSON.
        must_not_know: &[
            "aws-",
            "lambda_runtime",
            "hickory",
            "tokio",
            "clap",
            "tracing",
            "getrandom",
            "rand",
        ],
    },
    Layer {
        folder: "functions/shared/workflow",
        may_use: &[
            "domain",
            "mail",
            "letters",
            "readers",
            "paper",
            "certificate",
            "pades",
        ],
        must_not_know: AWS,
    },
    Layer {
        folder: "functions/shared/web",
        may_use: &["domain", "mail", "letters", "workflow"],
        must_not_know: AWS,
    },
    Layer {
        folder: "functions/shared/aws-adapters",
        may_use: &["domain", "mail", "letters", "pades", "workflow"],
        must_not_know: &["clap"],
    },
    Layer {
        folder: "functions/verify",
        may_use: &["domain", "mail", "paper", "certificate", "verifier"],
        must_not_know: &["aws-", "lambda_runtime", "hickory", "tokio"],
    },
    Layer {
        folder: "functions/cli",
        may_use: &[
            "domain",
            "letters",
            "pades",
            "workflow",
            "aws-adapters",
            "verifier",
            "verify",
        ],
        must_not_know: &["lambda_runtime", "aws-sdk"],
    },
    Layer {
        folder: "tests",
        may_use: &SHARED,
        must_not_know: &["lambda_runtime", "clap"],
    },
];

const SHARED: [&str; 11] = [
    "domain",
    "mail",
    "letters",
    "paper",
    "certificate",
    "readers",
    "pades",
    "workflow",
    "web",
    "aws-adapters",
    "verifier",
];

/// A Lambda only wires: it sees its steps and the adapters, and no SDK.
const LAMBDA: Layer = Layer {
    folder: "functions/*",
    may_use: &SHARED,
    must_not_know: &["aws-sdk", "hickory", "clap"],
};

#[test]
fn dependencies_point_one_way() {
    let mut findings = Findings::default();
    for folder in members() {
        let layer = LAYERS
            .iter()
            .find(|layer| layer.folder == folder)
            .unwrap_or(&LAMBDA);
        for name in dependencies(&folder) {
            let is_ours = SHARED.contains(&name.as_str()) || name == "verify";
            if is_ours && !layer.may_use.contains(&name.as_str()) {
                findings.add(format!("{folder} depends on {name}"));
            }
            if layer
                .must_not_know
                .iter()
                .any(|start| name.starts_with(start))
                && !is_ours
            {
                findings.add(format!("{folder} knows {name}"));
            }
        }
    }
    findings.assert_none("a crate depends only on layers below it");
}

#[test]
fn every_crate_is_a_member_and_takes_the_lints_of_the_workspace() {
    let mut findings = Findings::default();
    let members = members();
    let folders = folders_in("functions")
        .into_iter()
        .map(|name| format!("functions/{name}"));
    let shared = folders_in("functions/shared")
        .into_iter()
        .map(|name| format!("functions/shared/{name}"));
    for folder in folders
        .chain(shared)
        .filter(|folder| folder != "functions/shared")
    {
        if !root().join(&folder).join("Cargo.toml").is_file() {
            findings.add(format!("{folder} holds no crate"));
        } else if !members.contains(&folder) {
            findings.add(format!("{folder} is no member of the workspace"));
        }
    }
    for folder in &members {
        let manifest = manifest(folder);
        let inherits = |section: &str, key: &str| {
            let value = manifest.get(section).and_then(|section| section.get(key));
            value.and_then(|value| value.get("workspace")).is_some()
        };
        let lints = manifest
            .get("lints")
            .and_then(|lints| lints.get("workspace"));
        if lints != Some(&Value::Boolean(true)) {
            findings.add(format!("{folder} does not take the lints of the workspace"));
        }
        for key in ["version", "edition", "rust-version", "license", "publish"] {
            if !inherits("package", key) {
                findings.add(format!("{folder} does not inherit `{key}`"));
            }
        }
    }
    let workspace = table(&read("Cargo.toml"));
    let unsafe_code = workspace
        .get("workspace")
        .and_then(|workspace| workspace.get("lints")?.get("rust")?.get("unsafe_code"));
    if unsafe_code.and_then(Value::as_str) != Some("forbid") {
        findings.add("the workspace does not forbid unsafe code");
    }
    findings.assert_none("every crate belongs to the workspace and obeys its lints");
}

#[test]
fn every_version_is_written_once_in_the_workspace() {
    let mut findings = Findings::default();
    for folder in members() {
        for (name, value) in all_dependencies(&folder) {
            let inherits = value.get("workspace") == Some(&Value::Boolean(true));
            if !inherits {
                findings.add(format!("{folder} gives {name} a version of its own"));
            }
        }
    }
    findings.assert_none("dependencies are declared in the workspace manifest");
}

/// The folders of the workspace's members, as the manifest lists them.
pub(super) fn members() -> Vec<String> {
    let manifest = table(&read("Cargo.toml"));
    let members = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("members")?.as_array())
        .expect("the workspace lists its members");
    members
        .iter()
        .filter_map(|member| Some(member.as_str()?.to_owned()))
        .collect()
}

/// The manifest of a member.
pub(super) fn manifest(folder: &str) -> Table {
    table(&read(&format!("{folder}/Cargo.toml")))
}

fn table(text: &str) -> Table {
    text.parse()
        .unwrap_or_else(|error| panic!("a manifest is not TOML: {error}"))
}

/// What a member's code needs, on any platform; what only its own tests need is its own affair.
pub(super) fn dependencies(folder: &str) -> Vec<String> {
    let manifest = manifest(folder);
    let platforms = manifest.get("target").and_then(Value::as_table);
    let platforms = platforms.into_iter().flat_map(Table::values);
    let tables = platforms.filter_map(Value::as_table).chain([&manifest]);
    let mut names = Vec::new();
    for table in tables {
        for section in ["dependencies", "build-dependencies"] {
            if let Some(table) = table.get(section).and_then(Value::as_table) {
                names.extend(table.keys().cloned());
            }
        }
    }
    names
}

fn all_dependencies(folder: &str) -> BTreeMap<String, Value> {
    let manifest = manifest(folder);
    ["dependencies", "build-dependencies", "dev-dependencies"]
        .into_iter()
        .filter_map(|section| manifest.get(section)?.as_table())
        .flatten()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
