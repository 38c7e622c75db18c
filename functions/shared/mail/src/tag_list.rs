//! Lists of `name=value` between semicolons (RFC 6376 section 3.2): signatures and the records of
//! their keys are such lists. A list that is not in its form is refused whole, so that two readers
//! of it never see two things.

use crate::read::encoding::hex_octet;
use crate::read::header::slice;

/// The text is not such a list, or a value is not in its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// The values of a list by their names, whose case counts (RFC 6376 section 3.2).
pub(crate) struct TagList<'l>(Vec<(String, &'l [u8])>);

impl<'l> TagList<'l> {
    /// # Errors
    /// Where an element has no name and no `=`, where a name comes twice in whatever case, or where
    /// one of the `known` names is written in another case: one reader would see the tag, and
    /// another one would not.
    pub(crate) fn read(list: &'l [u8], known: &[&str]) -> Result<Self, Malformed> {
        let mut tags: Self = Self(Vec::new());
        for element in list.split(|byte| *byte == b';') {
            if element.iter().all(is_blank) {
                continue;
            }
            let equals = memchr::memchr(b'=', element).ok_or(Malformed)?;
            let name = slice(element, 0..equals).trim_ascii();
            let name = str::from_utf8(name).map_err(|_| Malformed)?;
            let is_twice = (tags.0.iter()).any(|(other, _)| other.eq_ignore_ascii_case(name));
            let is_in_other_case = known
                .iter()
                .any(|one| one.eq_ignore_ascii_case(name) && *one != name);
            if !is_name(name) || is_twice || is_in_other_case {
                return Err(Malformed);
            }
            let value = slice(element, equals + 1..element.len());
            tags.0.push((name.to_owned(), value));
        }
        Ok(tags)
    }

    /// The value as it stands.
    pub(crate) fn value(&self, name: &str) -> Option<&'l [u8]> {
        let mut tags = self.0.iter();
        let found = tags.find(|(other, _)| other == name)?;
        Some(found.1)
    }

    /// The value in lower case and without white space, which may stand wherever a line was folded.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let value = without_blanks(self.value(name)?);
        Some(String::from_utf8_lossy(&value).to_lowercase())
    }

    /// A number; one that is too large for the type is its largest.
    ///
    /// # Errors
    /// Where there is a value, and it is not a number.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, Malformed> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let digits = without_blanks(value);
        if digits.is_empty() {
            return Err(Malformed);
        }
        let number = digits.iter().try_fold(0_u64, |number, digit| {
            let digit = char::from(*digit).to_digit(10).ok_or(Malformed)?;
            Ok(number.saturating_mul(10).saturating_add(digit.into()))
        });
        number.map(Some)
    }

    /// The octets that base64 stands for; its padding may be left out.
    ///
    /// # Errors
    /// Where there is a value, and it is not base64.
    pub(crate) fn base64(&self, name: &str) -> Result<Option<Vec<u8>>, Malformed> {
        let value = self.value(name).map(without_blanks);
        let decode = |digits: Vec<u8>| base64_simd::forgiving_decode_to_vec(&digits);
        value.map(decode).transpose().map_err(|_| Malformed)
    }

    /// The items between colons; empty ones do not count.
    pub(crate) fn items(&self, name: &str) -> Vec<String> {
        let items = self.value(name).unwrap_or_default();
        let items = items.split(|byte| *byte == b':').map(without_blanks);
        items
            .filter(|item| !item.is_empty())
            .map(|item| String::from_utf8_lossy(&item).into_owned())
            .collect()
    }

    /// A value in which octets may be written as `=` and two hexadecimal digits (RFC 6376 section
    /// 2.11), in lower case.
    ///
    /// # Errors
    /// Where something else follows a `=`.
    pub(crate) fn quoted(&self, name: &str) -> Result<Option<String>, Malformed> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let quoted = without_blanks(value);
        let mut pieces = quoted.split(|byte| *byte == b'=');
        let mut octets = pieces.next().unwrap_or_default().to_vec();
        for piece in pieces {
            octets.push(hex_octet(piece.get(..2).unwrap_or_default()).ok_or(Malformed)?);
            octets.extend_from_slice(slice(piece, 2..piece.len()));
        }
        Ok(Some(String::from_utf8_lossy(&octets).to_lowercase()))
    }
}

/// A letter, then letters, digits and underscores (RFC 6376 section 3.2).
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// White space of mail (RFC 5322 section 2.2.3).
pub(crate) fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn without_blanks(value: &[u8]) -> Vec<u8> {
    value
        .iter()
        .copied()
        .filter(|byte| !is_blank(byte))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_whatever_its_white_space_and_its_last_semicolon() {
        for list in [
            "a=x; bh=QUI=;t = 12",
            " a = x;\r\n\tbh=Q UI;t=1\r\n 2; ",
            "a=X;;bh=QUI=;t=12;",
        ] {
            let tags = TagList::read(list.as_bytes(), &["bh"]).unwrap();
            assert_eq!(tags.text("a").unwrap(), "x", "{list}");
            assert_eq!(tags.base64("bh").unwrap().unwrap(), b"AB", "{list}");
            assert_eq!(tags.number("t").unwrap(), Some(12), "{list}");
            assert_eq!(tags.number("x").unwrap(), None, "{list}");
        }
    }

    #[test]
    fn what_two_readers_may_see_differently_is_refused() {
        for list in [
            "a",
            "a=1; b",
            "a=1; a=1",
            "a=1; A=2",
            "BH=QUI=",
            "Bh=QUI=",
            "a-b=1",
            "1=a",
            "=1",
            "b h=1",
            "\u{e9}=1",
            "a=1; b h=2",
        ] {
            assert!(TagList::read(list.as_bytes(), &["bh"]).is_err(), "{list}");
        }
        for value in ["", " ", "-1", "1x", "0x1"] {
            let list = format!("t={value}");
            assert!(
                TagList::read(list.as_bytes(), &["bh"])
                    .unwrap()
                    .number("t")
                    .is_err(),
                "{list}"
            );
        }
        for value in ["A", "A*==", "QUI=x"] {
            let list = format!("b={value}");
            assert!(
                TagList::read(list.as_bytes(), &["bh"])
                    .unwrap()
                    .base64("b")
                    .is_err(),
                "{list}"
            );
        }
        for value in ["a=", "a=4", "a=4x@b", "=="] {
            let list = format!("i={value}");
            assert!(
                TagList::read(list.as_bytes(), &["bh"])
                    .unwrap()
                    .quoted("i")
                    .is_err(),
                "{list}"
            );
        }
    }

    #[test]
    fn items_and_quoted_octets_are_read() {
        let list = b"h= From : To::\r\n Subject ;i=T=61 ro=4\r\n 0Customer.test";
        let tags = TagList::read(list, &[]).unwrap();
        assert_eq!(tags.items("h"), ["From", "To", "Subject"]);
        assert_eq!(tags.quoted("i").unwrap().unwrap(), "taro@customer.test");
    }
}
