//! The addresses of pages are written in one place, so that what is printed is what is served.

use super::repository::Findings;
use super::sources::{code_lines, product_code};

/// Where they are written.
const LINKS: &str = "functions/shared/letters/src/links.rs";

/// How paths of pages begin.
const PAGES: [&str; 4] = ["/o/", "/c/", "/l/", "/v/"];

#[test]
fn an_address_of_a_page_is_written_in_one_place() {
    let mut findings = Findings::default();
    let mut places = 0;
    for file in product_code() {
        let is_the_place = file.path == LINKS;
        for (number, line) in code_lines(&file.text) {
            if !PAGES.iter().any(|page| line.contains(page)) {
                continue;
            }
            if is_the_place {
                places += 1;
            } else {
                findings.add(format!("{}:{number}", file.path));
            }
        }
    }
    assert!(
        places > 4,
        "{places} addresses were found where they belong"
    );
    findings.assert_none("`letters::links` writes and reads addresses");
}
