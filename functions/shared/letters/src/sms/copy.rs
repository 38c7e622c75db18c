//! The SMS of a certificate (P-037).

use super::fitting::{Values, fitting};

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

/// The SMS to a recipient who is known by number only: the certificate is ready (P-037).
#[must_use]
pub fn copy_sms(copy: &CopySms<'_>) -> String {
    let values = Values {
        sender_name: copy.sender_name,
        sender: "",
        serial: copy.serial,
        link: copy.link,
    };
    fitting(&COPY, &values)
}

// From the richest to the shortest.
const COPY: [&str; 3] = [
    "{sender_name}様との契約のやり取りの証明書ができました({serial})。受け取り: {link} \
     Your certificate is ready.",
    "{sender_name}様との契約のやり取りの証明書ができました({serial})。受け取り: {link}",
    "{sender_name}様との契約の証明書です({serial})。{link}",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sms::fitting::PARTS_MAX;
    use crate::sms::measure;

    #[test]
    fn a_certificate_is_announced_p_037() {
        let link = "https://c.akashi.test/a/abcdefghijklmnopqrstuvwxyz";
        let text = copy_sms(&CopySms {
            sender_name: "株式会社カスタマー",
            link,
            serial: "K7Q2-000123",
        });
        assert!(text.contains(link) && text.contains("証明書"), "{text}");
        assert!(measure(&text).parts <= PARTS_MAX, "{text}");
    }
}
