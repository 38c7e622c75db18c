//! A new product is led by the compiler: what differs from product to product is decided by a
//! `match`, and every product takes the one state machine.

use super::repository::{Findings, paths_under};
use super::sources::{code_lines, product_code};

/// The one enum, and its counterpart in the record of a certificate.
const ENUMS: [&str; 2] = ["Product::", "ProductEvidence::"];

/// Methods that asked whether a dispatch is an offer or an addendum, and are gone.
const METHODS: [&str; 2] = [".offer()", ".addendum()"];

#[test]
fn nobody_asks_whether_it_is_this_product_or_that() {
    let mut findings = Findings::default();
    let files = product_code();
    assert!(files.len() > 100, "{} files were looked at", files.len());
    for file in files {
        for number in questions(&file.text) {
            findings.add(format!("{}:{number}", file.path));
        }
    }
    findings.assert_none("`match` on the product, with an arm for each");
}

#[test]
fn a_product_is_named_in_one_place() {
    let mut findings = Findings::default();
    for file in product_code() {
        if file.path.ends_with("domain/src/dispatch/product.rs") {
            continue;
        }
        for (number, line) in code_lines(&file.text) {
            if line.contains("\"contract\"") || line.contains("\"addendum\"") {
                findings.add(format!("{}:{number}", file.path));
            }
        }
    }
    findings.assert_none("`Product::name` is its only spelling");
}

#[test]
fn every_product_takes_the_one_state_machine() {
    let machines = paths_under("infra/workflows", ".asl.yaml");
    assert_eq!(machines, ["infra/workflows/dispatch.asl.yaml"]);
}

#[test]
fn a_question_is_seen_on_one_line_and_on_several() {
    for (text, lines) in [
        ("if let Product::Contract(offer) = &product {", vec![1]),
        ("let x = 1;\nlet Product::Mail = product else {", vec![2]),
        (
            "matches!(\n    dispatch.product,\n    Product::Mail\n)",
            vec![3],
        ),
        ("if product == Product::Mail {", vec![1]),
        ("dispatch.offer().is_some()", vec![1]),
        ("let Some(added) = dispatch\n    .addendum()", vec![2]),
        ("match product {\n    Product::Mail => 1,\n}", vec![]),
        (
            "let product = match name {\n    Product::Mail => 1,\n};",
            vec![],
        ),
        ("let product = Product::Mail;", vec![]),
        ("// if let Product::Mail = product", vec![]),
    ] {
        assert_eq!(questions(text), lines, "{text}");
    }
}

/// The lines that ask whether something is one certain product. A new one answers such a question
/// with "no", in silence, and takes the branch of another one.
fn questions(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut before = String::new();
    for (number, line) in code_lines(text) {
        let start = before.len();
        before.push_str(line);
        before.push('\n');
        let asks = ENUMS.iter().any(|name| {
            let mut places = line.match_indices(name).map(|(place, _)| start + place);
            places.any(|place| is_asked(before.get(..place).unwrap_or_default()))
        });
        if asks || METHODS.iter().any(|method| line.contains(method)) {
            found.push(number);
        }
    }
    found
}

/// Whether what stands before the name of a product makes a question of it: a pattern of `let`, the
/// pattern of `matches!`, or a comparison.
fn is_asked(before: &str) -> bool {
    let since = |word: &str| before.rsplit_once(word).map(|(_, since)| since);
    let is_pattern = |since: &str| !since.contains(['=', ';', '{']);
    since("let ").is_some_and(is_pattern)
        || since("matches!(").is_some_and(is_pattern)
        || before.trim_end().ends_with("==")
        || before.trim_end().ends_with("!=")
}
