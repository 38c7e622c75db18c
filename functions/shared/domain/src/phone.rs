//! Mobile numbers (ITU-T E.164), as people write them and as they go on the wire.

use std::fmt;
use std::str::FromStr;

/// A mobile number in E.164 form, e.g. `+819012345678`: `+`, then 7 to 15 digits without a
/// leading zero. Two numbers are equal when they are the same on the wire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MobileNumber(String);

/// Why a text is no number that we send to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// It is no telephone number at all.
    #[error("it is no telephone number")]
    Form,
    /// It is a number, but none of a mobile telephone in Japan (Q-19).
    #[error("it is no mobile number: those begin with 060, 070, 080 or 090")]
    Landline,
    /// It is a number of a country that the service does not send to (C-017).
    #[error("it is a number of a country that is not served")]
    Foreign,
}

/// Countries, by their calling codes, whose numbers are served (C-017).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedCountries(Vec<String>);

/// Digits of a number without its `+`: at most 15 by E.164, fewer than 7 reach nobody.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// Japan's calling code.
const JAPAN: &str = "81";

/// National numbers of Japanese mobile telephones, without the leading zero, have ten digits and
/// begin so.
const JAPANESE_MOBILE_PREFIXES: [&str; 4] = ["60", "70", "80", "90"];

impl Default for ServedCountries {
    /// Japan only.
    fn default() -> Self {
        Self(vec![JAPAN.to_owned()])
    }
}

impl FromStr for ServedCountries {
    type Err = NumberError;

    /// Reads calling codes separated by commas, e.g. `81,82`.
    fn from_str(text: &str) -> Result<Self, NumberError> {
        let codes: Vec<String> = text.split(',').map(|code| code.trim().to_owned()).collect();
        let is_code = |code: &String| {
            (1..=3).contains(&code.len())
                && !code.starts_with('0')
                && code.bytes().all(|byte| byte.is_ascii_digit())
        };
        if codes.iter().all(is_code) {
            Ok(Self(codes))
        } else {
            Err(NumberError::Form)
        }
    }
}

impl MobileNumber {
    /// The number as it goes on the wire, e.g. `+819012345678`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number as people write it: a Japanese one with its zero and hyphens, any other as it
    /// goes on the wire.
    ///
    /// ```
    /// let number: domain::MobileNumber = "+819012345678".parse().unwrap();
    /// assert_eq!(number.written(), "090-1234-5678");
    /// ```
    #[must_use]
    pub fn written(&self) -> String {
        let national = self
            .0
            .strip_prefix('+')
            .and_then(|all| all.strip_prefix(JAPAN));
        let pieces = national
            .filter(|national| is_japanese_mobile(national))
            .and_then(|national| {
                let (head, rest) = national.split_at_checked(2)?;
                let (middle, tail) = rest.split_at_checked(4)?;
                Some(format!("0{head}-{middle}-{tail}"))
            });
        pieces.unwrap_or_else(|| self.0.clone())
    }

    /// Reads a number as people write it (Q-19): E.164, or the national form of a Japanese mobile
    /// number; hyphens, dots, brackets and spaces inside are skipped. The text is expected in
    /// NFKC.
    ///
    /// # Errors
    /// When it is no number, no mobile number, or one of a country that is not served.
    pub fn parse_written(text: &str, served: &ServedCountries) -> Result<Self, NumberError> {
        let bare: String = text.chars().filter(|c| !is_separator(*c)).collect();
        let (international, digits) = match bare.strip_prefix('+') {
            Some(digits) => (true, digits),
            None => (false, bare.as_str()),
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NumberError::Form);
        }
        if international {
            return Self::parse_international(digits, served);
        }
        match digits.strip_prefix('0') {
            Some(national) if is_japanese_mobile(national) => {
                Self::parse_international(&format!("{JAPAN}{national}"), served)
            }
            Some(_) if DIGITS.contains(&digits.len()) => Err(NumberError::Landline),
            Some(_) | None => Err(NumberError::Form),
        }
    }

    fn parse_international(digits: &str, served: &ServedCountries) -> Result<Self, NumberError> {
        // `+81 (0)90-...` is a common way to write both forms at once.
        let national = digits.strip_prefix(JAPAN);
        let digits = match national.and_then(|rest| rest.strip_prefix('0')) {
            Some(rest) => format!("{JAPAN}{rest}"),
            None => digits.to_owned(),
        };
        if !DIGITS.contains(&digits.len()) || digits.starts_with('0') {
            return Err(NumberError::Form);
        }
        if !served.0.iter().any(|code| digits.starts_with(code)) {
            return Err(NumberError::Foreign);
        }
        match digits.strip_prefix(JAPAN) {
            Some(national) if !is_japanese_mobile(national) => Err(NumberError::Landline),
            Some(_) | None => Ok(Self(format!("+{digits}"))),
        }
    }
}

impl FromStr for MobileNumber {
    type Err = NumberError;

    /// Reads the wire form only.
    fn from_str(text: &str) -> Result<Self, NumberError> {
        let digits = text.strip_prefix('+').ok_or(NumberError::Form)?;
        let valid = DIGITS.contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(NumberError::Form)
        }
    }
}

impl fmt::Display for MobileNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_japanese_mobile(national: &str) -> bool {
    national.len() == 10
        && JAPANESE_MOBILE_PREFIXES
            .iter()
            .any(|prefix| national.starts_with(prefix))
}

fn is_separator(c: char) -> bool {
    matches!(
        c,
        '-' | '.' | '(' | ')' | ' ' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_as_people_write_them_q_19() {
        for text in [
            "09012345678",
            "090-1234-5678",
            "(090)1234.5678",
            "+819012345678",
            "+81-90-1234-5678",
            "+81(0)90-1234-5678",
            "090ー1234ー5678",
        ] {
            let read = MobileNumber::parse_written(text, &ServedCountries::default());
            assert_eq!(
                read.as_ref().map(MobileNumber::as_str),
                Ok("+819012345678"),
                "{text}"
            );
        }
    }

    #[test]
    fn says_why_a_number_is_not_served_c_017() {
        for (text, expected) in [
            ("03-1234-5678", NumberError::Landline),
            ("050-1234-5678", NumberError::Landline),
            ("0120-123-456", NumberError::Landline),
            ("+81312345678", NumberError::Landline),
            ("+12025550123", NumberError::Foreign),
            ("12345", NumberError::Form),
            ("0901234", NumberError::Landline),
            ("見積", NumberError::Form),
            ("+", NumberError::Form),
            ("2026-11", NumberError::Form),
        ] {
            let read = MobileNumber::parse_written(text, &ServedCountries::default());
            assert_eq!(read, Err(expected), "{text}");
        }
    }

    #[test]
    fn another_country_is_served_where_the_operator_says_so() {
        let served: ServedCountries = "81, 1".parse().unwrap();
        let read = MobileNumber::parse_written("+1 202-555-0123", &served).unwrap();
        assert_eq!(read.as_str(), "+12025550123");
        assert_eq!("0".parse::<ServedCountries>(), Err(NumberError::Form));
    }
}
