//! Mail addresses (RFC 5321 and 5322 addr-spec, RFC 6531 for other scripts).

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use crate::limits::{ADDRESS_LENGTH_BYTES_MAX, LOCAL_PART_LENGTH_BYTES_MAX};

/// A domain name in its ASCII (IDNA) form, lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailDomain(String);

/// One addr-spec. Two addresses are equal when they are equal ignoring ASCII case, and after
/// IDNA for the domain, whether the local part is quoted or not (RFC 5321 section 4.1.2);
/// the spelling that was parsed first is kept for display.
#[derive(Debug, Clone)]
pub struct EmailAddress {
    spelling: String,
    /// In lower case, without quotation marks.
    local_part: String,
    domain: MailDomain,
}

/// Why a text is no address we can send to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// There is no `@`, or nothing before or after it.
    #[error("an address has the form name@domain")]
    Form,
    /// The part before `@` is too long or holds what RFC 5321 does not allow.
    #[error("the part before @ is longer than 64 octets or holds a character that is not allowed")]
    LocalPart,
    /// The domain is not a valid domain name.
    #[error("the part after @ is not a valid domain name")]
    Domain,
    /// Longer than an SMTP path can be.
    #[error("the address is longer than 254 octets")]
    TooLong,
}

impl MailDomain {
    /// The ASCII form, lower case, e.g. `xn--wgv71a.example`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MailDomain {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let ascii = idna::domain_to_ascii_strict(text).map_err(|_| AddressError::Domain)?;
        let labels_ok = ascii.split('.').all(|label| !label.is_empty());
        let numeric = ascii
            .rsplit('.')
            .next()
            .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
        if labels_ok && !numeric && ascii.contains('.') {
            Ok(Self(ascii))
        } else {
            Err(AddressError::Domain)
        }
    }
}

impl fmt::Display for MailDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl EmailAddress {
    /// The address as its writer spelled it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.spelling
    }

    /// The part before the last `@`, as spelled.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.spelling
            .rsplit_once('@')
            .map_or("", |(local_part, _)| local_part)
    }

    /// The domain in ASCII.
    #[must_use]
    pub fn domain(&self) -> &MailDomain {
        &self.domain
    }

    /// The form in which equal addresses are equal texts; the key of the allowlist.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}@{}", self.local_part, self.domain)
    }

    /// The form that goes on the wire: the local part as spelled, the domain in ASCII. A local part
    /// whose dots RFC 5321 knows in quotation marks alone, as old mobile telephones have them
    /// (`a..b.@`), is quoted.
    #[must_use]
    pub fn to_wire(&self) -> String {
        let local_part = self.local_part();
        let is_quoted = local_part.starts_with('"');
        let has_odd_dots = local_part.split('.').any(str::is_empty);
        if has_odd_dots && !is_quoted {
            format!("\"{local_part}\"@{}", self.domain)
        } else {
            format!("{local_part}@{}", self.domain)
        }
    }
}

impl FromStr for EmailAddress {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let spelling = text.trim_matches([' ', '\t']);
        if spelling.len() > ADDRESS_LENGTH_BYTES_MAX {
            return Err(AddressError::TooLong);
        }
        let (local_part, domain) = spelling.rsplit_once('@').ok_or(AddressError::Form)?;
        if local_part.is_empty() || domain.is_empty() {
            return Err(AddressError::Form);
        }
        if local_part.len() > LOCAL_PART_LENGTH_BYTES_MAX || !is_local_part(local_part) {
            return Err(AddressError::LocalPart);
        }
        Ok(Self {
            spelling: spelling.to_owned(),
            local_part: unquoted(local_part)
                .unwrap_or(local_part)
                .to_ascii_lowercase(),
            domain: domain.parse()?,
        })
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.local_part == other.local_part && self.domain == other.domain
    }
}

impl Eq for EmailAddress {}

impl Hash for EmailAddress {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.local_part.hash(state);
        self.domain.hash(state);
    }
}

impl PartialOrd for EmailAddress {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EmailAddress {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.domain, &self.local_part).cmp(&(&other.domain, &other.local_part))
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spelling)
    }
}

/// A quoted string, or characters that need no quoting. Japanese mobile carriers gave out
/// addresses with dots in a row (`a..b@`, `a.@`), so dots are not counted.
fn is_local_part(text: &str) -> bool {
    if let Some(inner) = unquoted(text) {
        return !inner.is_empty()
            && !inner
                .chars()
                .any(|c| c.is_control() || c == '"' || c == '\\');
    }
    !text.chars().any(|c| {
        c.is_control() || c.is_whitespace() || "()<>[]:;@\\,\"".contains(c) || is_direction_mark(c)
    })
}

/// What stands between quotation marks.
fn unquoted(local_part: &str) -> Option<&str> {
    local_part.strip_prefix('"')?.strip_suffix('"')
}

/// Characters that change how the rest of a line is displayed would let an address lie.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_equal_ignoring_ascii_case_and_after_idna_q_16() {
        for (left, right, equal) in [
            ("Taro@Example.JP", "taro@example.jp", true),
            ("taro@日本.example", "taro@xn--wgv71a.example", true),
            ("taro@example.jp", "jiro@example.jp", false),
            ("taro@example.jp", "taro@example.com", false),
            ("Ü@example.jp", "ü@example.jp", false),
            ("a..b.@docomo.example", "\"A..b.\"@docomo.example", true),
            ("taro@example.jp", "\"taro\"@example.jp", true),
            ("a..b@docomo.example", "a.b@docomo.example", false),
        ] {
            let (left, right): (EmailAddress, EmailAddress) =
                (left.parse().unwrap(), right.parse().unwrap());
            assert_eq!(left == right, equal, "{left} {right}");
            assert_eq!(left.key() == right.key(), equal, "{left} {right}");
        }
    }

    #[test]
    fn keeps_the_spelling_and_puts_the_domain_in_ascii_on_the_wire() {
        let address: EmailAddress = "Taro@日本.example".parse().unwrap();
        assert_eq!(address.as_str(), "Taro@日本.example");
        assert_eq!(address.to_wire(), "Taro@xn--wgv71a.example");
    }

    #[test]
    fn refuses_what_is_no_address() {
        for (text, expected) in [
            ("taro", AddressError::Form),
            ("@example.jp", AddressError::Form),
            ("taro@", AddressError::Form),
            ("ta ro@example.jp", AddressError::LocalPart),
            ("taro\u{202e}@example.jp", AddressError::LocalPart),
            ("taro@localhost", AddressError::Domain),
            ("taro@[192.0.2.1]", AddressError::Domain),
            ("taro@192.0.2.1", AddressError::Domain),
            ("taro@a..b", AddressError::Domain),
            ("a\r\nBcc: x@example.jp", AddressError::LocalPart),
        ] {
            assert_eq!(text.parse::<EmailAddress>(), Err(expected), "{text}");
        }
        let long = format!("{}@example.jp", "a".repeat(65));
        assert_eq!(long.parse::<EmailAddress>(), Err(AddressError::LocalPart));
    }

    #[test]
    fn accepts_the_dots_of_japanese_mobile_addresses_and_quotes_them_on_the_wire() {
        for (text, wire) in [
            ("a..b@docomo.example", "\"a..b\"@docomo.example"),
            (".a@docomo.example", "\".a\"@docomo.example"),
            ("a.@docomo.example", "\"a.\"@docomo.example"),
            ("\"a.\"@docomo.example", "\"a.\"@docomo.example"),
            ("a.b@docomo.example", "a.b@docomo.example"),
            ("\"a b\"@docomo.example", "\"a b\"@docomo.example"),
        ] {
            let address: EmailAddress = text.parse().unwrap();
            assert_eq!((address.as_str(), address.to_wire().as_str()), (text, wire));
        }
    }
}
