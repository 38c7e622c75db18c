//! One byte changed anywhere is found.

use crate::corpus::report_with;
use attacks::genuine::FONTS;
use attacks::pdf::{find, find_last};
use attacks::{Case, GENUINE, all};
use proptest::prelude::*;
use std::sync::LazyLock;
use verifier::Verdict;

static CASE: LazyLock<Case> = LazyLock::new(|| {
    all()
        .into_iter()
        .find(|case| case.name == "genuine")
        .unwrap()
});

/// Without fonts the genuine file is "incomplete", and what is worse was found in the bytes.
fn verdict_with(at: usize, mask: u8) -> Verdict {
    let mut case = CASE.clone();
    case.pdf[at] ^= mask;
    report_with(&case, None).verdict()
}

#[test]
fn the_file_that_is_changed_here_is_authentic() {
    assert_eq!(
        report_with(&CASE, Some(&FONTS)).verdict(),
        Verdict::Authentic
    );
    assert_eq!(report_with(&CASE, None).verdict(), Verdict::Incomplete);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn a_byte_changed_anywhere_is_found(at in 0..GENUINE.archived.len(), mask in 1_u8..=255) {
        prop_assert!(verdict_with(at, mask) > Verdict::Incomplete, "byte {at} ^ {mask}");
    }
}

/// Nothing covers the last token but itself.
#[test]
fn a_byte_changed_in_the_last_token_is_found() {
    let mut case = CASE.clone();
    assert_eq!(report_with(&case, None).verdict(), Verdict::Incomplete);
    let pdf = &case.pdf;
    let start = find(pdf, b"/Contents<", find_last(pdf, b"/Type/DocTimeStamp"));
    let end = find(pdf, b">", start);
    let zeros = pdf[..end].iter().rev().take_while(|byte| **byte == b'0');
    let token = end - zeros.count();
    let masks = [1, 2, 4, 8, 0x20, 0x10, 0x55].into_iter().cycle();
    let places = (start..token).step_by(5).chain((token..end).step_by(501));
    for (at, mask) in places.zip(masks) {
        case.pdf[at] ^= mask;
        let verdict = report_with(&case, None).verdict();
        assert!(verdict > Verdict::Incomplete, "byte {at} ^ {mask}");
        case.pdf[at] ^= mask;
    }
}
