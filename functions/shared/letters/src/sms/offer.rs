//! The SMS of an offer (P-021).

use super::fitting::{Values, fitting};

/// The SMS that says that a contract was received (P-021).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfferSms<'a> {
    /// The company or person who offers.
    pub sender_name: &'a str,
    /// Their address, to which questions go.
    pub sender: &'a str,
    /// Where the contract is read and answered.
    pub link: &'a str,
    /// The dispatch's serial.
    pub serial: &'a str,
    /// Whether a reply to the SMS reaches us.
    pub answer_by_sms: bool,
}

/// The SMS of an offer: who offers, where to read it, how to answer, and that a reply by SMS costs
/// the recipient what their carrier asks (D-023); that the first answer ends the procedure, and
/// where questions go, as far as there is room. The richest text that fits into two parts;
/// the page says all of it.
#[must_use]
pub fn offer_sms(offer: &OfferSms<'_>) -> String {
    let texts: &[&str] = if offer.answer_by_sms {
        &OFFER_WITH_REPLY
    } else {
        &OFFER_WITH_LINK
    };
    let values = Values {
        sender_name: offer.sender_name,
        sender: offer.sender,
        serial: offer.serial,
        link: offer.link,
    };
    fitting(texts, &values)
}

// From the richest to the shortest.
const OFFER_WITH_REPLY: [&str; 6] = [
    "{sender_name}様から契約の申込みです({serial})。内容と回答: {link} このSMSへの返信でも回答できます\
     (送信料はお客様負担)。最初の回答で手続きが終わります。質問は{sender}へ。Contract offer: reply or \
     open the link.",
    "{sender_name}様から契約の申込みです({serial})。内容と回答: {link} このSMSへの返信でも回答できます\
     (送信料はお客様負担)。最初の回答で手続きが終わります。質問は{sender}へ",
    "{sender_name}様から契約の申込み({serial})。{link} 返信でも回答可(送信料お客様負担)。最初の回答で終了。\
     質問は{sender}へ",
    "{sender_name}様から契約の申込みです({serial})。内容と回答: {link} 返信でも回答できます\
     (送信料はお客様負担)。最初の回答で手続きが終わります。",
    "{sender_name}様から契約の申込みです({serial})。{link} 返信でも回答できます(送信料はお客様負担)。\
     最初の回答で終了。",
    "{sender_name}様から契約の申込み({serial})。{link} 返信可(送信料お客様負担)。最初の回答で終了",
];
const OFFER_WITH_LINK: [&str; 5] = [
    "{sender_name}様から契約の申込みです({serial})。次のリンクで内容を確かめてご回答ください(無料): {link} \
     最初の回答で手続きが終わります。質問は{sender}へ。Contract offer: open the link to answer.",
    "{sender_name}様から契約の申込みです({serial})。次のリンクで内容を確かめてご回答ください(無料): {link} \
     最初の回答で手続きが終わります。質問は{sender}へ",
    "{sender_name}様から契約の申込みです({serial})。内容と回答(無料): {link} 最初の回答で終了。質問は{sender}へ",
    "{sender_name}様から契約の申込みです({serial})。次のリンクで内容を確かめてご回答ください(無料): {link} \
     最初の回答で手続きが終わります。",
    "{sender_name}様から契約の申込み({serial})。{link} 最初の回答で終了",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sms::fitting::PARTS_MAX;
    use crate::sms::measure;

    /// 26 characters of a token behind a short host.
    const LINK: &str = "https://c.akashi.test/a/abcdefghijklmnopqrstuvwxyz";

    fn offer(sender_name: &str, sender: &str, link: &str, answer_by_sms: bool) -> String {
        offer_sms(&OfferSms {
            sender_name,
            sender,
            link,
            serial: "K7Q2-000123",
            answer_by_sms,
        })
    }

    #[test]
    fn an_offer_says_from_whom_where_and_how_to_answer_in_two_parts_p_021_d_023_q_23() {
        for (sender, answer_by_sms, expected) in [
            (
                "taro@customer.test",
                true,
                "株式会社カスタマー様から契約の申込み(K7Q2-000123)。\
                 https://c.akashi.test/a/abcdefghijklmnopqrstuvwxyz \
                 返信でも回答可(送信料お客様負担)。最初の回答で終了。質問はtaro@customer.testへ",
            ),
            (
                "taro.yamada@headquarters.customer.test",
                true,
                "株式会社カスタマー様から契約の申込みです(K7Q2-000123)。内容と回答: \
                 https://c.akashi.test/a/abcdefghijklmnopqrstuvwxyz \
                 返信でも回答できます(送信料はお客様負担)。最初の回答で手続きが終わります。",
            ),
            (
                "taro@customer.test",
                false,
                "株式会社カスタマー様から契約の申込みです(K7Q2-000123)。内容と回答(無料): \
                 https://c.akashi.test/a/abcdefghijklmnopqrstuvwxyz \
                 最初の回答で終了。質問はtaro@customer.testへ",
            ),
        ] {
            let text = offer("株式会社カスタマー", sender, LINK, answer_by_sms);
            assert_eq!(text, expected);
            assert_eq!(measure(&text).parts, 2, "{text}");
        }
    }

    #[test]
    fn an_offer_takes_two_parts_behind_a_short_address_and_three_behind_a_long_one_d_002() {
        let sender = "taro@customer.test";
        // The address of a function is 102 characters long with a token.
        let long = format!(
            "https://{}.lambda-url.test/o/{}",
            "x".repeat(53),
            "a".repeat(26)
        );
        for (link, parts_max) in [(LINK, PARTS_MAX), (long.as_str(), 3)] {
            for name in [
                "",
                "a\r\nb\0",
                "株式会社カスタマー",
                "𠮷野家".repeat(40).as_str(),
                "{link}{serial}{sender}",
            ] {
                for answer_by_sms in [true, false] {
                    let text = offer(name, sender, link, answer_by_sms);
                    assert!(measure(&text).parts <= parts_max, "{text}");
                    assert!(
                        text.contains(link) && !text.contains(['\r', '\n']),
                        "{text}"
                    );
                    assert!(text.contains("最初の回答で"), "{text}");
                    assert!(!answer_by_sms || text.contains("お客様負担"), "{text}");
                }
            }
        }
    }

    #[test]
    fn where_three_parts_are_needed_anyway_they_are_used() {
        let long = format!(
            "https://{}.lambda-url.test/o/{}",
            "x".repeat(53),
            "a".repeat(26)
        );
        let text = offer("株式会社カスタマー", "taro@customer.test", &long, true);
        assert!(text.contains("質問はtaro@customer.testへ"), "{text}");
    }
}
