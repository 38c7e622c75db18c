//! The subject of a contract mail: destinations first, then the subject itself (Q-3, Q-19).

use std::collections::BTreeSet;

use domain::{
    Destinations, EmailAddress, MobileNumber, NumberError, Recipient, ServedCountries, Unusable,
    UnusableReason,
};
use unicode_normalization::UnicodeNormalization;

use crate::text::{is_invisible, visible};

/// Most destinations that are read of one subject: far above what is accepted, so that the
/// refusal can name a number, and far below what would exhaust memory.
const DESTINATIONS_READ_MAX: usize = 1_000;

/// Most unusable destinations that a notice lists.
const UNUSABLE_LISTED_MAX: usize = 20;

/// Longest token that can be a destination, in bytes as written. An address has at most 254, and
/// three bytes for each full-width character of it.
const TOKEN_LENGTH_BYTES_MAX: usize = 800;

/// Most pieces that a number with spaces in it has, as in `+81 90 1234 5678`.
const NUMBER_PIECES_MAX: usize = 4;

/// Reads the decoded, unfolded subject of a contract mail (Q-3): leading addresses and mobile
/// numbers up to the first other word, and what follows as the sender wrote it.
///
/// Words are compared in NFKC, so that full-width digits, plus and at signs count (Q-19). Any white
/// space separates, and so do commas, semicolons and `、`; angle brackets around an address are
/// skipped. `Re:`, `Fwd:`, `転送:` and their like in front are left out. A number like `2026` is a
/// word; a number that can only be a telephone's, but no mobile's, is reported as unusable.
///
/// ```
/// let read = mail::read_destinations(
///     "hanako@recipient.test ０９０-1234-5678　秘密保持契約の件",
///     &domain::ServedCountries::default(),
///     |address| address.domain().as_str() == "akashi.test",
/// );
/// assert_eq!(read.recipients[0].to_string(), "hanako@recipient.test, +819012345678");
/// assert_eq!(read.subject, "秘密保持契約の件");
/// ```
#[must_use]
pub fn read_destinations(
    subject: &str,
    served: &ServedCountries,
    owns: impl Fn(&EmailAddress) -> bool,
) -> Destinations {
    let mut found = Found::default();
    let mut rest = without_reply_marks(subject.trim());
    while found.count < DESTINATIONS_READ_MAX {
        let Some((token, after)) = leading_destination(rest, served) else {
            break;
        };
        found.take(token, &owns);
        rest = after.trim_start_matches(is_separator);
    }
    // Marks in front of no destination belong to the subject.
    let rest = if found.count == 0 { subject } else { rest };
    found.finish(rest.trim())
}

/// What mailers put before the subject of an answer or of a mail that is passed on, in NFKC and
/// lower case. Who answers a mail of their own and puts destinations before its subject means the
/// rest.
const REPLY_MARKS: [&str; 5] = ["re:", "fwd:", "fw:", "返信:", "転送:"];

/// The text behind all such marks.
fn without_reply_marks(text: &str) -> &str {
    let mut rest = text;
    while let Some(behind) = behind_reply_mark(rest) {
        rest = behind;
    }
    rest
}

fn behind_reply_mark(text: &str) -> Option<&str> {
    let (end, colon) = text.char_indices().find(|(_, c)| matches!(c, ':' | '：'))?;
    let (mark, behind) = text.split_at_checked(end + colon.len_utf8())?;
    // None of the marks is longer, full-width letters included.
    if mark.len() > 16 {
        return None;
    }
    let mark: String = mark.nfkc().collect::<String>().to_lowercase();
    REPLY_MARKS
        .contains(&mark.as_str())
        .then(|| behind.trim_start())
}

/// A word that names a destination.
enum Token<'t> {
    Address(EmailAddress),
    Number(MobileNumber),
    Unusable(&'t str, UnusableReason),
}

/// What was read so far.
#[derive(Default)]
struct Found {
    count: usize,
    seen: BTreeSet<String>,
    addresses: Vec<EmailAddress>,
    numbers: Vec<MobileNumber>,
    unusable: Vec<Unusable>,
}

impl Found {
    fn take(&mut self, token: Token<'_>, owns: impl Fn(&EmailAddress) -> bool) {
        self.count += 1;
        match token {
            Token::Address(address) if owns(&address) => {
                self.add_unusable(address.as_str(), UnusableReason::OwnAddress);
            }
            Token::Address(address) => {
                // Q-16: the same ignoring ASCII case; the first spelling is kept.
                if self.seen.insert(address.key()) {
                    self.addresses.push(address);
                }
            }
            Token::Number(number) => {
                if self.seen.insert(number.as_str().to_owned()) {
                    self.numbers.push(number);
                }
            }
            Token::Unusable(text, why) => self.add_unusable(text, why),
        }
    }

    fn add_unusable(&mut self, text: &str, why: UnusableReason) {
        let text = visible(text);
        let is_new = self.unusable.iter().all(|known| known.text != text);
        if is_new && self.unusable.len() < UNUSABLE_LISTED_MAX {
            self.unusable.push(Unusable { text, why });
        }
    }

    /// The first address with the first number and so on; what is left over stands alone (Q-19).
    fn finish(self, subject: &str) -> Destinations {
        let length = self.addresses.len().max(self.numbers.len());
        let mut addresses = self.addresses.into_iter();
        let mut numbers = self.numbers.into_iter();
        Destinations {
            recipients: (0..length)
                .filter_map(|_| Recipient::from_parts(addresses.next(), numbers.next()))
                .collect(),
            subject: subject.to_owned(),
            unusable: self.unusable,
        }
    }
}

/// The destination that the text begins with, if it begins with one, and what follows.
fn leading_destination<'t>(
    text: &'t str,
    served: &ServedCountries,
) -> Option<(Token<'t>, &'t str)> {
    // An address may hold a comma in quotation marks, so the longer word is tried first.
    [char::is_whitespace, is_separator]
        .into_iter()
        .find_map(|ends: fn(char) -> bool| {
            let (written, after) = split_word(text, ends);
            Some((read_word(written, served)?, after))
        })
        .filter(|(token, _)| !matches!(token, Token::Unusable(..)))
        .or_else(|| spaced_number(text, served))
        .or_else(|| {
            let (written, after) = split_word(text, is_separator);
            Some((read_word(written, served)?, after))
        })
}

fn split_word(text: &str, ends: fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

/// What one word names.
fn read_word<'t>(written: &'t str, served: &ServedCountries) -> Option<Token<'t>> {
    if written.len() > TOKEN_LENGTH_BYTES_MAX {
        return None;
    }
    let word: String = written.nfkc().collect();
    let word = word
        .trim_end_matches([',', ';', ':', '、', '。'])
        .trim_matches(['<', '>', '\u{200b}', '\u{feff}']);
    if word.contains('@') {
        return read_address(word, written);
    }
    // Mobile telephones' address books put direction marks around numbers.
    let digits: String = word.chars().filter(|c| !is_invisible(*c)).collect();
    match MobileNumber::parse_written(&digits, served) {
        Ok(number) => Some(Token::Number(number)),
        Err(NumberError::Foreign) => Some(Token::Unusable(written, UnusableReason::Foreign)),
        Err(NumberError::Landline) if is_telephone_number(&digits) => {
            Some(Token::Unusable(written, UnusableReason::Landline))
        }
        Err(NumberError::Landline | NumberError::Form) => None,
    }
}

fn read_address<'t>(word: &str, written: &'t str) -> Option<Token<'t>> {
    let unsendable = Some(Token::Unusable(written, UnusableReason::UnsendableAddress));
    let (local_part, domain) = word.rsplit_once('@')?;
    match word.parse::<EmailAddress>() {
        Ok(address) if address.local_part().is_ascii() && !ends_with_mixed_label(domain) => {
            Some(Token::Address(address))
        }
        Ok(_) => unsendable,
        // `@here` and `3@100` are words; `taro@example..jp` is an address gone wrong.
        Err(_) if !local_part.is_empty() && domain.contains('.') => unsendable,
        Err(_) => None,
    }
}

/// Whether somebody forgot the space behind an address: no top-level domain mixes Latin letters
/// with other scripts, as `test契約の件` does.
fn ends_with_mixed_label(domain: &str) -> bool {
    let last = domain.rsplit('.').next().unwrap_or_default();
    !last.is_ascii() && last.contains(|c: char| c.is_ascii_alphanumeric())
}

/// Whether digits that are no mobile number can be a telephone's and nothing else: in the
/// international form, as long as Japanese numbers are, or a mobile number with a digit too few
/// or too many. `0012345` may be the number of an order.
fn is_telephone_number(text: &str) -> bool {
    if text.starts_with('+') {
        return true;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_mobile_like = ["060", "070", "080", "090"]
        .iter()
        .any(|prefix| digits.starts_with(prefix));
    let is_as_long_as_one = matches!(digits.len(), 10 | 11) && !digits.starts_with("00");
    is_as_long_as_one || (is_mobile_like && matches!(digits.len(), 9..=12))
}

/// A Japanese mobile number with spaces in it (E.123). Numbers of other countries have no fixed
/// length, so that nobody could tell where they end.
fn spaced_number<'t>(text: &'t str, served: &ServedCountries) -> Option<(Token<'t>, &'t str)> {
    let mut rest = text;
    let mut joined = String::new();
    for _ in 0..NUMBER_PIECES_MAX {
        let (written, after) = split_word(rest, is_separator);
        if written.len() > TOKEN_LENGTH_BYTES_MAX {
            return None;
        }
        let piece: String = written.nfkc().filter(|c| !is_invisible(*c)).collect();
        let begins_number = piece.starts_with(['+', '0', '(']);
        let is_piece = piece.contains(|c: char| c.is_ascii_digit()) && !piece.contains('@');
        if !is_piece || (joined.is_empty() && !begins_number) {
            return None;
        }
        joined.push_str(&piece);
        match MobileNumber::parse_written(&joined, served) {
            Ok(number) if number.as_str().starts_with("+81") => {
                return Some((Token::Number(number), after));
            }
            Ok(_) | Err(_) => rest = after.trim_start_matches(char::is_whitespace),
        }
    }
    None
}

/// White space and what people write between two entries of a list, full-width or not.
fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ';' | '、' | '，' | '；' | '､')
}
