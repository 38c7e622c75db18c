//! Sizes as people read them.

use domain::Bilingual;

const KILO: u64 = 1_024;

/// A size in the largest unit of which there is one, rounded up to a tenth of it, so that what is
/// too large never looks as if it fitted. A megabyte has 1,048,576 bytes (Q-2).
///
/// ```
/// use letters::words::size_words;
/// assert_eq!(size_words(193).japanese, "193バイト");
/// assert_eq!(size_words(6_843_641).english, "6.6 MB");
/// ```
#[must_use]
pub fn size_words(bytes: u64) -> Bilingual {
    if bytes < KILO {
        return Bilingual::new(format!("{bytes}バイト"), format!("{bytes} bytes"));
    }
    let (unit, name) = if bytes < KILO * KILO {
        (KILO, "KB")
    } else {
        (KILO * KILO, "MB")
    };
    let (whole, rest) = (bytes / unit, bytes % unit);
    let tenths = (rest * 10).div_ceil(unit);
    let number = match (whole + tenths / 10, tenths % 10) {
        (whole, 0) => whole.to_string(),
        (whole, tenths) => format!("{whole}.{tenths}"),
    };
    Bilingual::new(format!("{number}{name}"), format!("{number} {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_up_to_a_tenth_q_2() {
        for (bytes, expected) in [
            (0, "0バイト"),
            (1_023, "1023バイト"),
            (1_024, "1KB"),
            (1_025, "1.1KB"),
            (1_048_575, "1024KB"),
            (1_048_576, "1MB"),
            (5_242_880, "5MB"),
            (5_242_881, "5.1MB"),
            (6_843_641, "6.6MB"),
            (u64::MAX, "17592186044416MB"),
        ] {
            assert_eq!(size_words(bytes).japanese, expected);
        }
    }
}
