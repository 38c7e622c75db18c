//! The SMS of an offer (P-021).

use super::fitting::fitting;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sms::fitting::PARTS_MAX;
    use crate::sms::measure;

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
                assert!(measure(&text).parts <= PARTS_MAX, "{text}");
                assert!(
                    text.contains(LINK) && !text.contains(['\r', '\n']),
                    "{text}"
                );
                assert!(!answer_by_sms || text.contains("受信者負担"), "{text}");
            }
        }
    }
}
