//! What poppler reads on the pages of a certificate is what was written, in every script;
//! what it takes out of the file is what the certificate was made of.

use attacks::genuine::FONTS;
use certificate::{Embedded, EmbeddedMail, rebuild, render, sample};
use judges::Case;

fn embedded<'a>(eml: &'a [u8], html: &'a [u8]) -> Embedded<'a> {
    let original = EmbeddedMail {
        eml,
        html_part: Some(html),
    };
    Embedded {
        original: Some(original),
        delivered: Some(sample::DELIVERED),
        answer: None,
        others: &[],
    }
}

#[test]
fn poppler_reads_every_script_as_it_was_written_x_8() {
    let (_, evidence) = sample::variants()
        .into_iter()
        .find(|(name, _)| *name == "scripts")
        .expect("the sample");
    let mails = embedded(sample::ORIGINAL, sample::HTML);
    let pdf = render(&evidence, mails, &FONTS).expect("a certificate");
    let case = Case::new("characters", &pdf, &[]);
    assert_eq!(case.structure(), Vec::<String>::new());
    let pages = case.pages().concat();
    let message = evidence.message().expect("a message");
    let body = message.body_text.text();
    let from_left = ["简体", "繁體", "한국어", "हिन्दी", "ไทย"];
    for start in from_left {
        let line = body.lines().find(|line| line.starts_with(start));
        let line = line.expect("a line");
        assert!(pages.contains(line), "{line}: {pages}");
    }
    // Which direction a whole line has is the reader's guess; words are words. Poppler sees gaps
    // between Arabic letters, because their dots are glyphs of their own.
    let is_letter = |c: &char| !c.is_whitespace() && !('\u{202a}'..='\u{202e}').contains(c);
    let letters: String = pages.chars().filter(is_letter).collect();
    for word in [
        "Ελληνικά",
        "Σύμβαση",
        "Договор",
        "חוזה",
        "שכירות",
        "عقد",
        "إيجار",
        "مارس",
        "😀🎉",
        "≒∵",
    ] {
        assert!(letters.contains(word), "{word}: {letters}");
    }
}

#[test]
fn what_poppler_takes_out_of_a_certificate_makes_it_again_x_7() {
    let mails = embedded(sample::ORIGINAL, sample::HTML);
    let pdf = render(&sample::evidence(), mails, &FONTS).expect("a certificate");
    let case = Case::new("rebuild", &pdf, &[]);
    let [json, eml, html] =
        ["evidence.json", "original.eml", "body.html"].map(|name| case.embedded_file(name));
    let again = rebuild(&json, embedded(&eml, &html), &FONTS).expect("the certificate");
    assert!(again == pdf);
}
