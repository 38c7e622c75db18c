//! The markers of list items (HTML Standard 4.4.5 to 4.4.8): texts refer to them.

use super::html_tag::Tag;

/// The lists that are open, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Lists {
    open: Vec<List>,
    /// How many items the list has that begins next, where that was counted.
    pub(super) count: Option<i32>,
}

#[derive(Debug)]
struct List {
    style: Style,
    next: i32,
    step: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Bullet,
    None,
    Decimal,
    Letters { are_capital: bool },
    Roman { are_capital: bool },
}

/// Deepest nesting of lists that is followed.
const DEPTH_MAX: usize = 100;

impl Lists {
    /// Whether a list is open.
    pub(super) fn are_nested(&self) -> bool {
        !self.open.is_empty()
    }

    /// Whether the first number depends on how many items there are.
    pub(super) fn needs_count(tag: &Tag<'_>) -> bool {
        tag.attribute("reversed").is_some() && start_of(tag).is_none()
    }

    pub(super) fn begin(&mut self, tag: &Tag<'_>) {
        if self.open.len() >= DEPTH_MAX {
            return;
        }
        let is_ordered = tag.name() == "ol";
        let default = if is_ordered {
            Style::Decimal
        } else {
            Style::Bullet
        };
        let style = style_of(tag).unwrap_or(default);
        let count = self.count.take();
        let is_uncounted = is_ordered && Self::needs_count(tag) && count.is_none();
        let is_reversed = is_ordered && tag.attribute("reversed").is_some();
        self.open.push(List {
            // Better no number than a wrong one.
            style: if is_uncounted { Style::Bullet } else { style },
            next: start_of(tag).or(count).unwrap_or(1),
            step: if is_reversed { -1 } else { 1 },
        });
    }

    pub(super) fn end(&mut self) {
        self.open.pop();
    }

    /// What stands before the next item.
    pub(super) fn next_marker(&mut self, tag: &Tag<'_>) -> String {
        let Some(list) = self.open.last_mut() else {
            return "-".to_owned();
        };
        let number = tag.attribute("value").and_then(|text| integer(&text));
        let number = number.unwrap_or(list.next);
        list.next = number.saturating_add(list.step);
        match list.style {
            Style::Bullet => "-".to_owned(),
            Style::None => String::new(),
            Style::Decimal => format!("{number}."),
            Style::Letters { are_capital } => in_case(letters(number), are_capital),
            Style::Roman { are_capital } => in_case(roman(number), are_capital),
        }
    }
}

fn start_of(tag: &Tag<'_>) -> Option<i32> {
    integer(&tag.attribute("start")?)
}

/// From the attribute `type`, or from the style that editors write instead.
fn style_of(tag: &Tag<'_>) -> Option<Style> {
    let lower = |are_capital| Style::Letters { are_capital };
    let roman = |are_capital| Style::Roman { are_capital };
    let css = tag
        .attribute("style")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let declared = css.split(';').filter_map(|one| one.split_once(':'));
    let named = declared.filter(|(name, _)| name.trim().starts_with("list-style"));
    let mut words = named.flat_map(|(_, value)| value.split_ascii_whitespace());
    let by_css = words.find_map(|word| match word {
        "none" => Some(Style::None),
        "decimal" => Some(Style::Decimal),
        "lower-alpha" | "lower-latin" => Some(lower(false)),
        "upper-alpha" | "upper-latin" => Some(lower(true)),
        "lower-roman" => Some(roman(false)),
        "upper-roman" => Some(roman(true)),
        "disc" | "circle" | "square" => Some(Style::Bullet),
        _ => None,
    });
    let by_type = match tag.attribute("type").as_deref() {
        Some("1") => Some(Style::Decimal),
        Some("a") => Some(lower(false)),
        Some("A") => Some(lower(true)),
        Some("i") => Some(roman(false)),
        Some("I") => Some(roman(true)),
        Some(_) | None => None,
    };
    by_css.or(by_type)
}

/// HTML Standard 2.3.4.1: digits behind white space and a sign; what follows them does not count.
fn integer(text: &str) -> Option<i32> {
    let text = text.trim_start();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let end = digits.find(|c: char| !c.is_ascii_digit());
    let digits = digits.get(..end.unwrap_or(digits.len()))?;
    format!("{sign}{digits}").parse().ok()
}

fn in_case(marker: String, are_capital: bool) -> String {
    if are_capital {
        marker.to_ascii_uppercase()
    } else {
        marker
    }
}

/// `a` to `z`, then `aa`; a number that no letter stands for is written in digits.
fn letters(number: i32) -> String {
    let mut reversed = Vec::new();
    let mut rest = u32::try_from(number).unwrap_or(0);
    while rest > 0 {
        let letter = char::from_digit((rest - 1) % 26 + 10, 36);
        reversed.extend(letter);
        rest = (rest - 1) / 26;
    }
    if reversed.is_empty() {
        return format!("{number}.");
    }
    let written: String = reversed.into_iter().rev().collect();
    format!("{written}.")
}

/// Roman numbers end with 3,999; what is beyond is written in digits.
fn roman(number: i32) -> String {
    const VALUES: [(i32, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    if !(1..=3_999).contains(&number) {
        return format!("{number}.");
    }
    let (mut written, mut rest) = (String::new(), number);
    for (value, letters) in VALUES {
        while rest >= value {
            written.push_str(letters);
            rest -= value;
        }
    }
    format!("{written}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counted_as_browsers_count() {
        for (number, letter, numeral) in [
            (1, "a.", "i."),
            (26, "z.", "xxvi."),
            (27, "aa.", "xxvii."),
            (1_994, "bxr.", "mcmxciv."),
            (0, "0.", "0."),
            (-1, "-1.", "-1."),
            (4_000, "ewv.", "4000."),
        ] {
            assert_eq!(letters(number), letter);
            assert_eq!(roman(number), numeral);
        }
        for (text, expected) in [
            ("3", Some(3)),
            (" -2x", Some(-2)),
            ("+4", Some(4)),
            ("x", None),
        ] {
            assert_eq!(integer(text), expected, "{text}");
        }
    }
}
