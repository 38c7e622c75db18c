//! Standard output of the operator's commands.

pub(crate) use verify::{is_broken_pipe, say};

/// A text that takes so many columns of a terminal at least; Japanese characters take two.
pub(crate) fn padded(text: &str, columns: usize) -> String {
    let taken: usize = text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum();
    format!("{text}{}", " ".repeat(columns.saturating_sub(taken)))
}

/// The blocks of East Asian characters that are as wide as they are high, roughly.
fn is_wide(character: char) -> bool {
    matches!(character, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_beside_japanese_names() {
        assert_eq!(padded("ab", 4), "ab  ");
        assert_eq!(padded("青空", 6), "青空  ");
        assert_eq!(padded("long enough", 4), "long enough");
    }
}
