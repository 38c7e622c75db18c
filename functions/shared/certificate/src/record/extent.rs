//! How much stands in an `evidence.json`, found before any of it is kept: some values take many
//! times more memory than text.

use memchr::memchr2;

use crate::limits::{RECORD_DEPTH_MAX, RECORD_VALUES_MAX};
use crate::record_error::RecordError;

/// Counts values and depth. Whether the text is JSON is for others to say: what is none is counted
/// somehow, and refused by them.
pub(crate) fn check(json: &[u8]) -> Result<(), RecordError> {
    // Every value but the first of its list stands behind a comma, every list and object opens.
    let (mut values, mut depth, mut rest) = (1_usize, 0_usize, json);
    while let Some((byte, behind)) = next(rest) {
        rest = behind;
        match byte {
            b'"' => rest = behind_string(rest),
            b'[' | b'{' => {
                (values, depth) = (values + 1, depth + 1);
                if depth > RECORD_DEPTH_MAX {
                    return Err(RecordError::TooDeep);
                }
            }
            b',' => values += 1,
            _ => depth = depth.saturating_sub(1),
        }
        if values > RECORD_VALUES_MAX {
            return Err(RecordError::TooManyValues);
        }
    }
    Ok(())
}

/// The next byte that matters, and what stands behind it.
fn next(json: &[u8]) -> Option<(u8, &[u8])> {
    let at = json
        .iter()
        .position(|byte| matches!(byte, b'"' | b'[' | b'{' | b',' | b']' | b'}'))?;
    let (byte, behind) = json.get(at..)?.split_first()?;
    Some((*byte, behind))
}

/// What stands behind a string, of which the first quotation mark is read.
fn behind_string(mut rest: &[u8]) -> &[u8] {
    while let Some(at) = memchr2(b'"', b'\\', rest) {
        let is_end = rest.get(at) == Some(&b'"');
        rest = rest
            .get(at + if is_end { 1 } else { 2 }..)
            .unwrap_or_default();
        if is_end {
            return rest;
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_strings_is_not_counted() {
        let text = format!(
            "[\"{}\\\\\", \"{}\\\"{}\"]",
            "[".repeat(99),
            "{",
            ",".repeat(9)
        );
        check(text.as_bytes()).unwrap();
        for text in ["", "\"", "\"\\", "]]]]", "[,\"\\\""] {
            check(text.as_bytes()).unwrap();
        }
    }

    #[test]
    fn as_many_and_as_deep_as_allowed_and_no_more() {
        let list = |values: usize| format!("[{}1]", "1,".repeat(values - 2));
        check(list(RECORD_VALUES_MAX).as_bytes()).unwrap();
        let refused = check(list(RECORD_VALUES_MAX + 1).as_bytes());
        assert!(matches!(refused, Err(RecordError::TooManyValues)));
        let deep = |depth| "[".repeat(depth) + &"]".repeat(depth);
        check(deep(RECORD_DEPTH_MAX).as_bytes()).unwrap();
        let refused = check(deep(RECORD_DEPTH_MAX + 1).as_bytes());
        assert!(matches!(refused, Err(RecordError::TooDeep)));
        let wide = format!("[{}1]", "[],".repeat(RECORD_VALUES_MAX / 2 - 10));
        check(wide.as_bytes()).unwrap();
    }
}
