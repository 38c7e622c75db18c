//! `akashi-verify` is for people who trust nobody: it is one file that opens no connection. What
//! could open one is not among its dependencies, however far down.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::layers::{dependencies, members};
use super::repository::{Findings, read};

/// Starts of names of crates that speak to AWS, speak TLS, run asynchronous code or open a
/// connection. `ring` is not one of them: it computes signatures and nothing else. Nor is
/// `futures`, which runs nothing by itself (and is in the lock for WebAssembly only).
const FORBIDDEN: &[&str] = &[
    "async-",
    "aws",
    "h2",
    "h3",
    "hickory",
    "hyper",
    "lambda_runtime",
    "mio",
    "native-tls",
    "openssl",
    "quinn",
    "reqwest",
    "rustls",
    "smol",
    "socket2",
    "tokio",
    "ureq",
    "webpki",
];

#[test]
fn the_public_verifier_knows_no_network_x_1() {
    let graph = Graph::read();
    let mut findings = Findings::default();
    let ways = graph.ways_from("verify");
    for (name, way) in &ways {
        if FORBIDDEN.iter().any(|start| name.starts_with(start)) {
            findings.add(way.join(" -> "));
        }
    }
    for name in ["verifier", "pades", "mail", "krilla", "ring", "clap"] {
        assert!(ways.contains_key(name), "{name} was not found");
    }
    // The same walk finds them where they are.
    let of_operator = graph.ways_from("cli");
    for name in ["tokio", "aws-config", "rustls", "hickory-resolver"] {
        assert!(of_operator.contains_key(name), "{name} was not found");
    }
    findings.assert_none("akashi-verify depends on nothing that opens a connection");
}

/// Which package needs which, by `Cargo.lock`: of every platform and feature that anything here
/// asks for, so more than the program is made of and never less.
struct Graph {
    /// By name and version, because the lock has several versions of some.
    packages: BTreeMap<(String, String), Vec<(String, String)>>,
}

impl Graph {
    fn read() -> Self {
        let lock: Table = read("Cargo.lock").parse().expect("the lock is TOML");
        let list = lock.get("package").and_then(Value::as_array);
        let list = list.expect("the lock has packages");
        let text = |package: &Value, key: &str| {
            let text = package.get(key).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let versions = list.iter().fold(
            BTreeMap::<String, Vec<String>>::new(),
            |mut versions, package| {
                let version = text(package, "version");
                versions
                    .entry(text(package, "name"))
                    .or_default()
                    .push(version);
                versions
            },
        );
        let ours = ours();
        let packages = list.iter().map(|package| {
            let name = text(package, "name");
            let needed = package.get("dependencies").and_then(Value::as_array);
            let needed = needed.into_iter().flatten().filter_map(Value::as_str);
            let needed = needed.filter_map(|needed| {
                let (other, version) = needed.split_once(' ').unwrap_or((needed, ""));
                // What only the tests of a member need is not in the program.
                let is_in_code = ours.get(&name).is_none_or(|names| names.contains(other));
                let version = match version.split(' ').next() {
                    Some("") | None => versions.get(other)?.first()?.clone(),
                    Some(version) => version.to_owned(),
                };
                is_in_code.then(|| (other.to_owned(), version))
            });
            ((name.clone(), text(package, "version")), needed.collect())
        });
        Self {
            packages: packages.collect(),
        }
    }

    /// Every package that one needs, each with a way to it.
    fn ways_from(&self, name: &str) -> BTreeMap<String, Vec<String>> {
        let of_name = self.packages.keys().filter(|(one, _)| one == name);
        let mut open: Vec<_> = of_name.map(|key| (key, vec![key.0.clone()])).collect();
        assert_eq!(open.len(), 1, "{name} is one package");
        let (mut seen, mut ways) = (BTreeSet::new(), BTreeMap::new());
        while let Some((key, way)) = open.pop() {
            if !seen.insert(key) {
                continue;
            }
            for needed in self.packages.get(key).into_iter().flatten() {
                let longer = way.iter().chain([&needed.0]).cloned().collect();
                open.push((needed, longer));
            }
            ways.insert(key.0.clone(), way);
        }
        ways
    }
}

/// The members of the workspace, with the names of what their code needs.
fn ours() -> BTreeMap<String, BTreeSet<String>> {
    let members = members().into_iter().map(|folder| {
        let name = folder.rsplit('/').next().unwrap_or_default().to_owned();
        (name, dependencies(&folder).into_iter().collect())
    });
    members.collect()
}
