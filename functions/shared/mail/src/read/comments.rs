//! Comments in structured fields (RFC 5322 section 3.2.2), which nest.

/// A text without its comments.
pub(crate) fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, _)) = rest.split_once('(') {
        let comment = rest.get(before.len()..).unwrap_or_default();
        let Some(end) = comment_end(comment) else {
            break;
        };
        kept.push_str(before);
        rest = comment.get(end..).unwrap_or_default();
    }
    kept.push_str(rest);
    kept
}

/// How long the comment is that the text begins with; `None` where it is never closed.
pub(super) fn comment_end(text: &str) -> Option<usize> {
    let (mut depth, mut is_escaped) = (0_usize, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'(' => depth += 1,
            b')' if depth <= 1 => return Some(at + 1),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}
