//! Characters that a reader cannot see.

/// Whether a character shows nothing by itself but may change how its neighbours look: direction
/// marks, joiners and other format characters.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Whether a reader sees anything of a text: a character that is neither white space, nor a
/// control, nor one that only changes how its neighbours look.
#[must_use]
pub fn shows_something(text: &str) -> bool {
    let is_blank = |c: char| {
        matches!(
            c,
            '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' | '\u{fe00}'
                ..='\u{fe0f}'
        )
    };
    text.chars()
        .any(|c| !(c.is_whitespace() || c.is_control() || is_invisible(c) || is_blank(c)))
}

/// One line of text with its controls made visible: a tab becomes a space, any other control or
/// line separator `[U+XXXX]`. Direction marks stay: Arabic and Hebrew need them.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => shown.push(' '),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                shown.push_str(&format!("[U+{:04X}]", u32::from(c)));
            }
            c => shown.push(c),
        }
    }
    shown
}

/// The same with the characters visible, too, that turn the direction of what stands around them:
/// the line of ours that a text is put into goes on behind it.
#[must_use]
pub fn visible_within_line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                shown.push_str(&format!("[U+{:04X}]", u32::from(c)));
            }
            c => shown.push(c),
        }
    }
    shown
}

/// CRLF, CR CR LF and lone CR become LF.
pub(crate) fn push_with_line_feeds(text: &str, into: &mut String) {
    let mut rest = text;
    while let Some(position) = rest.find('\r') {
        let (line, after) = rest.split_at(position);
        into.push_str(line);
        let behind = after.trim_start_matches('\r');
        if let Some(behind) = behind.strip_prefix('\n') {
            into.push('\n');
            rest = behind;
        } else {
            into.extend(std::iter::repeat_n('\n', after.len() - behind.len()));
            rest = behind;
        }
    }
    into.push_str(rest);
}
