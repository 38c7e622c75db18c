//! The addendum that tells the sender of a registered mail of a late bounce.

use domain::{Bilingual, EmailAddress, Outcome, Recipient, Serial};
use mail::visible;

use super::Letterhead;
use super::certificate::write_with_certificate;
use super::notice::{address, shown, written};
use super::writer::{Writer, shortened};
use crate::template::{Template, fill};
use crate::words::outcome_words;

pub(super) const TEXT: &str = include_str!("late_bounce.txt");

/// Longest report that the mail repeats, in characters; the certificate has it whole.
const REPORT_LENGTH_CHARS_MAX: usize = 1_000;

/// The addendum to the certificate of a registered mail.
#[derive(Debug, Clone, Copy)]
pub struct LateBounceCopy<'a> {
    /// Who gets it: the registered sender.
    pub to: &'a EmailAddress,
    /// The company of the account, for the salutation.
    pub account: &'a str,
    /// The addendum's serial.
    pub serial: &'a Serial,
    /// The serial of the certificate that it adds to.
    pub adds_to: &'a Serial,
    /// The recipient of the certified mail.
    pub recipient: &'a Recipient,
    /// Its subject.
    pub subject: &'a str,
    /// The outcome that the first certificate tells.
    pub before: Outcome,
    /// The bounce with the server's own words, from [`event_words`](crate::words::event_words).
    pub bounce: &'a Bilingual,
    /// The addendum, attached byte for byte (I-054).
    pub pdf: &'a [u8],
}

/// Tells what happened, that the first certificate stays, and what can be done.
#[must_use]
pub fn late_bounce_copy(letterhead: &Letterhead<'_>, copy: &LateBounceCopy<'_>) -> Vec<u8> {
    let mut writer = Writer::begin_with_file(letterhead, "late-bounce", copy.pdf);
    address(&mut writer, letterhead, copy.to);
    let serial = copy.serial.to_string();
    let before = outcome_words(copy.before);
    let report = |words: &str| shortened(&visible(words), REPORT_LENGTH_CHARS_MAX);
    let values = [
        ("account", copy.account),
        ("serial", &serial),
        ("main_serial", &copy.adds_to.to_string()),
        ("recipient", &written(copy.recipient)),
        ("subject", &shown(copy.subject)),
        ("outcome_japanese", before.japanese),
        ("outcome_english", before.english),
        ("bounce_japanese", &report(&copy.bounce.japanese)),
        ("bounce_english", &report(&copy.bounce.english)),
        ("operator", &letterhead.operator.name),
    ];
    let template = Template::read(TEXT, letterhead.language);
    writer.subject(&fill(&template.subject, &values));
    let text = fill(&template.text, &values);
    write_with_certificate(writer, letterhead, &text, &serial, copy.pdf)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The addendum may overtake the first certificate.
    #[test]
    fn the_first_certificate_may_still_be_on_its_way() {
        for language in [domain::Language::Japanese, domain::Language::English] {
            let text = Template::read(TEXT, language).text;
            for words in [
                "先の証明書がまだお手元に届いていなければ",
                "still on its way",
            ] {
                assert!(text.contains(words), "{words}");
            }
        }
    }
}
