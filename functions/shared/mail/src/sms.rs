//! Short messages: how many parts a text takes, and the texts that the service sends (P-021).

use crate::visible;
use crate::wording::fill;

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

/// The SMS that says that a contract was received (P-021).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfferSms<'a> {
    /// The company or person who offers.
    pub sender_name: &'a str,
    /// Where the contract is read and answered.
    pub link: &'a str,
    /// The dispatch's serial.
    pub serial: &'a str,
    /// Whether a reply to the SMS reaches us.
    pub answer_by_sms: bool,
}

/// The SMS that says that the certificate of a contract is ready (P-037).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopySms<'a> {
    /// The company or person who offered.
    pub sender_name: &'a str,
    /// Where the certificate is.
    pub link: &'a str,
    /// The dispatch's serial.
    pub serial: &'a str,
}

/// Units of one message, and of each part of several, where a header takes room (3GPP TS 23.040).
const GSM7_UNITS: (usize, usize) = (160, 153);
const UCS2_UNITS: (usize, usize) = (70, 67);

/// The default alphabet, its escape left out.
const GSM7_BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡\
    ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// The extension table: each takes an escape before it, so two units.
const GSM7_EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// Most parts of an offer's SMS: each is paid for.
const OFFER_PARTS_MAX: usize = 2;

/// Longest name of a company in an SMS, in UTF-16 code units.
const SENDER_NAME_UNITS_MAX: usize = 20;

/// How a text is sent and in how many parts. No character is split between two parts.
///
/// ```
/// use mail::sms::{SmsEncoding, measure};
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

/// The SMS of an offer: who offers, where to read it, how to answer, and that a reply by SMS costs
/// the recipient what their carrier asks (D-023). The richest text that fits into two parts.
#[must_use]
pub fn offer_sms(offer: &OfferSms<'_>) -> String {
    let texts: &[&str] = if offer.answer_by_sms {
        &OFFER_WITH_REPLY
    } else {
        &OFFER_WITH_LINK
    };
    fitting(texts, offer.sender_name, offer.serial, offer.link)
}

/// The SMS to a recipient who is known by number only: the certificate is ready (P-037).
#[must_use]
pub fn copy_sms(copy: &CopySms<'_>) -> String {
    fitting(&COPY, copy.sender_name, copy.serial, copy.link)
}

/// The SMS with a one-time code, one part.
#[must_use]
pub fn code_sms(code: &str) -> String {
    fill(CODE, &[("code", code)])
}

// From the richest to the shortest. The cost of a reply goes last (D-023).
const OFFER_WITH_REPLY: [&str; 3] = [
    "{sender_name}様から契約の申込みです({serial})。内容と回答: {link} このSMSへの返信でも回答できます\
     (送信料は受信者負担)。Contract offer: reply or open the link.",
    "{sender_name}様から契約の申込みです({serial})。内容と回答: {link} このSMSへの返信でも回答できます\
     (送信料は受信者負担)。",
    "{sender_name}様から契約の申込みです({serial})。{link} 返信でも回答可(有料)",
];
const OFFER_WITH_LINK: [&str; 3] = [
    "{sender_name}様から契約の申込みです({serial})。次のリンクで内容を確かめてご回答ください(無料): {link} \
     Contract offer: open the link to answer.",
    "{sender_name}様から契約の申込みです({serial})。次のリンクで内容を確かめてご回答ください(無料): {link}",
    "{sender_name}様から契約の申込みです({serial})。{link}",
];
const COPY: [&str; 3] = [
    "{sender_name}様との契約のやり取りの証明書ができました({serial})。受け取り: {link} \
     Your certificate is ready.",
    "{sender_name}様との契約のやり取りの証明書ができました({serial})。受け取り: {link}",
    "証明書ができました({serial})。{link}",
];
const CODE: &str = "確認コード / Code: {code}\n他人に教えないでください。Do not share it.";

/// The first text that fits into as many parts as may be, else the last.
fn fitting(texts: &[&str], sender_name: &str, serial: &str, link: &str) -> String {
    let name = shortened_name(sender_name);
    let values = [
        ("sender_name", name.as_str()),
        ("serial", serial),
        ("link", link),
    ];
    let filled = |text: &&str| fill(text, &values);
    texts
        .iter()
        .map(filled)
        .find(|text| measure(text).parts <= OFFER_PARTS_MAX)
        .or_else(|| texts.last().map(filled))
        .unwrap_or_default()
}

/// A name on one line, cut and ended with `…` where it is long.
fn shortened_name(name: &str) -> String {
    let words: Vec<String> = name.split_whitespace().map(visible).collect();
    let name = words.join(" ");
    if name.encode_utf16().count() <= SENDER_NAME_UNITS_MAX {
        return name;
    }
    let mut room = SENDER_NAME_UNITS_MAX - 1;
    let mut short: String = name
        .chars()
        .take_while(|c| {
            let fits = c.len_utf16() <= room;
            room = room.saturating_sub(c.len_utf16());
            fits
        })
        .collect();
    short.push('…');
    short
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

    /// 26 characters of a token behind a short host.
    const LINK: &str = "https://c.akashi.test/a/abcdefghijklmnopqrstuvwxyz";

    fn offer(sender_name: &str, answer_by_sms: bool) -> String {
        offer_sms(&OfferSms {
            sender_name,
            link: LINK,
            serial: "K7Q2-000123",
            answer_by_sms,
        })
    }

    #[test]
    fn an_offer_says_from_whom_where_and_how_to_answer_in_two_parts_p_021_d_023() {
        for (sender_name, answer_by_sms, expected) in [
            (
                "株式会社カスタマー",
                true,
                "株式会社カスタマー様から契約の申込みです(K7Q2-000123)。内容と回答: \
                 https://c.akashi.test/a/abcdefghijklmnopqrstuvwxyz \
                 このSMSへの返信でも回答できます(送信料は受信者負担)。",
            ),
            (
                "株式会社カスタマー",
                false,
                "株式会社カスタマー様から契約の申込みです(K7Q2-000123)。\
                 次のリンクで内容を確かめてご回答ください(無料): \
                 https://c.akashi.test/a/abcdefghijklmnopqrstuvwxyz",
            ),
        ] {
            assert_eq!(offer(sender_name, answer_by_sms), expected);
        }
        for name in [
            "",
            "a\r\nb\0",
            "𠮷野家".repeat(40).as_str(),
            "{link}{serial}",
        ] {
            for answer_by_sms in [true, false] {
                let text = offer(name, answer_by_sms);
                assert!(measure(&text).parts <= OFFER_PARTS_MAX, "{text}");
                assert!(
                    text.contains(LINK) && !text.contains(['\r', '\n']),
                    "{text}"
                );
                assert!(!answer_by_sms || text.contains("受信者負担"), "{text}");
            }
        }
    }

    #[test]
    fn a_certificate_and_a_code_are_announced_p_037() {
        let text = copy_sms(&CopySms {
            sender_name: "株式会社カスタマー",
            link: LINK,
            serial: "K7Q2-000123",
        });
        assert!(text.contains(LINK) && text.contains("証明書"), "{text}");
        assert!(measure(&text).parts <= OFFER_PARTS_MAX, "{text}");
        let text = code_sms("123456");
        assert!(
            text.contains("123456") && measure(&text).parts == 1,
            "{text}"
        );
    }
}
