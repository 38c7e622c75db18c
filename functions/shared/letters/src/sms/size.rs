//! How many parts a text takes (D-002).

/// How a text is sent and in how many parts (D-002).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmsSize {
    /// In which alphabet.
    pub encoding: SmsEncoding,
    /// Septets, or UTF-16 code units.
    pub units: usize,
    /// How many messages are sent and paid for, at least one.
    pub parts: usize,
}

/// The alphabet of a short message (3GPP TS 23.038).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmsEncoding {
    /// The default alphabet with its extension table, in units of seven bits.
    Gsm7,
    /// UCS-2, in practice UTF-16.
    Ucs2,
}

impl SmsEncoding {
    /// The name people know it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gsm7 => "GSM-7",
            Self::Ucs2 => "UCS-2",
        }
    }
}

/// Units of one message, and of each part of several, where a header takes room (3GPP TS 23.040).
const GSM7_UNITS: (usize, usize) = (160, 153);
const UCS2_UNITS: (usize, usize) = (70, 67);

/// The default alphabet, its escape left out.
const GSM7_BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡\
    ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// The extension table: each takes an escape before it, so two units.
const GSM7_EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// How a text is sent and in how many parts. No character is split between two parts.
///
/// ```
/// use letters::sms::{SmsEncoding, measure};
/// let size = measure("契約");
/// assert_eq!((size.encoding, size.units, size.parts), (SmsEncoding::Ucs2, 2, 1));
/// ```
#[must_use]
pub fn measure(text: &str) -> SmsSize {
    let septets: Option<Vec<usize>> = text.chars().map(septets_of).collect();
    let (encoding, (single, part), units) = match septets {
        Some(units) => (SmsEncoding::Gsm7, GSM7_UNITS, units),
        None => {
            let units = text.chars().map(char::len_utf16).collect();
            (SmsEncoding::Ucs2, UCS2_UNITS, units)
        }
    };
    let total = units.iter().sum();
    let parts = if total <= single {
        1
    } else {
        parts_of(&units, part)
    };
    SmsSize {
        encoding,
        units: total,
        parts,
    }
}

fn septets_of(c: char) -> Option<usize> {
    if GSM7_BASIC.contains(c) {
        Some(1)
    } else {
        GSM7_EXTENSION.contains(c).then_some(2)
    }
}

/// How many parts of `room` units characters of these sizes fill, none of them split.
fn parts_of(units: &[usize], room: usize) -> usize {
    let (parts, _) = units.iter().fold((1, 0), |(parts, used), size| {
        if used + size > room {
            (parts + 1, *size)
        } else {
            (parts, used + size)
        }
    });
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, encoding: SmsEncoding, units: usize, parts: usize) {
        let expected = SmsSize {
            encoding,
            units,
            parts,
        };
        assert_eq!(measure(text), expected, "{text}");
    }

    #[test]
    fn counts_parts_of_both_alphabets_and_splits_no_character_d_002() {
        use SmsEncoding::{Gsm7, Ucs2};
        check("", Gsm7, 0, 1);
        check(&"a".repeat(160), Gsm7, 160, 1);
        check(&"a".repeat(161), Gsm7, 161, 2);
        check(&"a".repeat(306), Gsm7, 306, 2);
        check(&"a".repeat(307), Gsm7, 307, 3);
        check(&"€".repeat(80), Gsm7, 160, 1);
        // 76 of two septets fit into 153, one septet stays empty.
        check(&"€".repeat(153), Gsm7, 306, 3);
        check(&"あ".repeat(70), Ucs2, 70, 1);
        check(&"あ".repeat(71), Ucs2, 71, 2);
        check(&"あ".repeat(134), Ucs2, 134, 2);
        check(&"あ".repeat(135), Ucs2, 135, 3);
        check(&"𠮷".repeat(35), Ucs2, 70, 1);
        // 33 surrogate pairs fit into 67, one unit stays empty.
        check(&"𠮷".repeat(67), Ucs2, 134, 3);
        check("`", Ucs2, 1, 1);
        check("ç", Ucs2, 1, 1);
        check("Ç\n", Gsm7, 2, 1);
    }
}
