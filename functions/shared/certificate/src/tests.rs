//! Tests of the whole way from evidence to PDF.

mod record;
mod schema;
mod scripts;
mod versions;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use paper::{Document, FONT_FILES, Font, FontRole, FontSet, PAGE_HEIGHT, PAGE_WIDTH, Page, Pages};

use crate::formats::LATEST_TEMPLATE;
use crate::record::v3;
use crate::sample::{self, attachments_of, digest, message_of, origin_of};
use crate::template::t2026_12;
use crate::{
    BodyText, Embedded, EmbeddedMail, Error, Evidence, FileRow, ProductEvidence, Purpose,
    TEMPLATE_VERSION, UnshownPartRow, embed, render, render_around, text_of,
};
use domain::{BodySource, Damage};

const COMMAND: &str = "python3 functions/shared/paper/fetch_fonts.py";

fn font((name, role): (&str, FontRole)) -> Font {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../.local/fonts");
    let bytes = std::fs::read(folder.join(name))
        .unwrap_or_else(|error| panic!("read the font {name} ({error}); first run: {COMMAND}"));
    Font {
        bytes: Arc::new(bytes),
        role,
    }
}

fn new_fonts() -> FontSet {
    FontSet::new(FONT_FILES.map(font).into()).unwrap()
}

pub(crate) fn fonts() -> &'static FontSet {
    static FONTS: OnceLock<FontSet> = OnceLock::new();
    FONTS.get_or_init(new_fonts)
}

fn embedded() -> Embedded<'static> {
    only_original(sample::ORIGINAL, Some(sample::HTML))
}

fn only_original<'a>(eml: &'a [u8], html_part: Option<&'a [u8]>) -> Embedded<'a> {
    Embedded {
        original: Some(EmbeddedMail { eml, html_part }),
        delivered: Some(sample::DELIVERED),
        answer: None,
        others: &[],
    }
}

const NO_HTML: Embedded<'static> = Embedded {
    original: Some(EmbeddedMail {
        eml: sample::ORIGINAL,
        html_part: None,
    }),
    delivered: Some(sample::DELIVERED),
    answer: None,
    others: &[],
};

const HTML: Embedded<'static> = Embedded {
    original: Some(EmbeddedMail {
        eml: sample::ORIGINAL,
        html_part: Some(sample::HTML),
    }),
    delivered: Some(sample::DELIVERED),
    answer: None,
    others: &[],
};

fn document_of(evidence: &Evidence, embedded: Embedded<'_>) -> Document {
    let files = v3::whole(TEMPLATE_VERSION, evidence, embedded);
    let rows: Vec<FileRow> = files.iter().map(embed::File::row).collect();
    (LATEST_TEMPLATE.document)(evidence, &rows, fonts())
}

fn with_body(text: &str) -> Evidence {
    let mut evidence = sample::evidence();
    message_of(&mut evidence).body_text = BodyText::new(text.to_owned());
    evidence
}

fn pages_of(evidence: &Evidence) -> Pages {
    paper::lay_out(&document_of(evidence, NO_HTML), fonts())
}

/// What the glyphs of the pages stand for, line by line.
fn text_of_pages(pages: &Pages) -> String {
    let mut text = String::new();
    for (_, _, line) in pages.pages.iter().flat_map(|page| &page.texts) {
        text.push_str(&line.text());
        text.push('\n');
    }
    text
}

fn position(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, pattern)
}

#[test]
fn says_everything_that_the_requirements_name_i_006_to_i_011() {
    insta::assert_snapshot!(text_of(&sample::evidence(), HTML, fonts()));
}

#[test]
fn the_same_evidence_gives_the_same_bytes_x_7() {
    let evidence = sample::evidence();
    let first = render(&evidence, embedded(), fonts()).unwrap();
    render(
        &with_body("something else, so that scratch space is warm"),
        embedded(),
        fonts(),
    )
    .unwrap();
    assert!(first == render(&evidence, embedded(), fonts()).unwrap());
    assert!(first == render(&evidence, embedded(), &new_fonts()).unwrap());
    let (message, html) = (sample::ORIGINAL.to_vec(), Some(sample::HTML));
    assert!(first == render_around(&evidence, message, html, NO_HTML, fonts()).unwrap());
}

#[test]
fn a_contract_shows_its_offer_and_its_answer_i_073_p_033_p_034_p_047_p_051_p_065() {
    for (name, evidence) in sample::contract::all() {
        let text = text_of(&evidence, sample::contract::files(&evidence), fonts());
        insta::assert_snapshot!(name, text);
    }
}

#[test]
fn contracts_embed_the_answer_and_give_the_same_bytes_each_time_x_5_x_7() {
    for (name, evidence) in sample::contract::all() {
        let files = sample::contract::files(&evidence);
        let pdf = render(&evidence, files, fonts()).unwrap();
        assert!(pdf == render(&evidence, files, fonts()).unwrap(), "{name}");
        if let Some(mail) = files.original {
            let original = mail.eml.to_vec();
            let around = render_around(&evidence, original, mail.html_part, files, fonts());
            assert!(pdf == around.unwrap(), "{name}");
        }
        for (mail, file, html) in [
            (files.original, "/F(original.eml)", "/F(body.html)"),
            (files.answer, "/F(answer.eml)", "/F(answer.html)"),
        ] {
            for names in [file, html] {
                let is_there = position(&pdf, names.as_bytes()).is_some();
                assert_eq!(is_there, mail.is_some(), "{name} {names}");
            }
            if let Some(mail) = mail {
                let html = mail.html_part.unwrap();
                assert!(position(&pdf, mail.eml).is_some() && position(&pdf, html).is_some());
            }
        }
    }
}

#[test]
fn refuses_mails_that_the_evidence_does_not_speak_of() {
    for (name, evidence) in sample::contract::all() {
        let files = sample::contract::files(&evidence);
        let some = sample::contract::files(&sample::contract::answered_by_mail());
        let without_original = Embedded {
            original: some.original.filter(|_| files.original.is_none()),
            ..files
        };
        let without_answer = Embedded {
            answer: some.answer.filter(|_| files.answer.is_none()),
            ..files
        };
        let without_delivered = Embedded {
            delivered: some.delivered.filter(|_| files.delivered.is_none()),
            ..files
        };
        for files in [without_original, without_answer, without_delivered] {
            let refused = render(&evidence, files, fonts());
            assert!(matches!(refused, Err(Error::Mismatch(_))), "{name}");
        }
    }
}

#[test]
fn no_answer_and_no_destination_are_said_in_different_words_p_051_q_9() {
    let texts = sample::contract::all().map(|(name, evidence)| {
        (
            name,
            text_of(&evidence, sample::contract::files(&evidence), fonts()),
        )
    });
    for (name, text) in &texts {
        let is_late = text.contains("before the deadline passed.");
        assert_eq!(is_late, *name == "no_response", "{name}");
        let is_nowhere = text.contains("not to exist: the offer was not delivered");
        assert_eq!(is_nowhere, *name == "noex", "{name}");
        for claim in [
            "legally",
            "qualified",
            "guarantee",
            "法的に有効",
            "適格",
            "保証",
        ] {
            assert!(!text.contains(claim), "{name} {claim}");
        }
    }
}

#[test]
fn sentences_name_sections_by_the_numbers_that_they_have() {
    for (name, evidence, files) in everything() {
        let text = text_of(&evidence, files, fonts());
        let number = |heading: &str| {
            let mut lines = text.lines().filter(|line| line.contains(heading));
            let line = lines.find(|line| line.starts_with(|c: char| c.is_ascii_digit()));
            line.and_then(|line| line.split_once(". "))
                .map(|(number, _)| number)
        };
        for (sentence, heading) in [
            (
                "read or agreed to the message (section ",
                "What this certificate does not state",
            ),
            (
                "Its SHA-256 and compare it with section ",
                "メッセージ Message",
            ),
            (
                "compare their SHA-256 with section ",
                "添付ファイル Attachments",
            ),
            ("Where section ", "差出人のドメインによる署名"),
            ("with the DNS key kept in section ", "署名の鍵"),
            ("with the one in section ", "料金・版・表示"),
            (
                "The notice is quoted in section ",
                "お届けしたメールに加えた案内",
            ),
            (
                "compute the SHA-256 of its file and compare it with section ",
                "主証明書 Main",
            ),
        ] {
            let Some((_, rest)) = text.split_once(sentence) else {
                continue;
            };
            let said: String = rest.chars().take_while(char::is_ascii_digit).collect();
            assert_eq!(Some(said.as_str()), number(heading), "{name}: {sentence}");
        }
        assert!(!text.contains("section {"), "{name}");
        assert!(!text.contains("第{"), "{name}");
    }
}

/// Every sample with what is embedded.
fn everything() -> Vec<(&'static str, Evidence, Embedded<'static>)> {
    let contracts = sample::contract::all().into_iter();
    let contracts = contracts.map(|(name, evidence)| {
        let files = sample::contract::files(&evidence);
        (name, evidence, files)
    });
    std::iter::once(("mail", sample::evidence(), HTML))
        .chain(contracts)
        .collect()
}

#[test]
fn a_mail_of_two_lines_takes_four_pages_before_the_annexes() {
    let mut evidence = with_body("拝啓\r\n請求書をお送りします。\r\n");
    attachments_of(&mut evidence).clear();
    // As long as the header of a mail from Microsoft 365 is.
    let message = message_of(&mut evidence);
    message.raw_header =
        b"X-MS-Exchange-AntiSpam-MessageData-0: =?us-ascii?Q?aB3x9?=\r\n".repeat(150);
    let pages = pages_of(&evidence).pages;
    let annexes = pages.iter().position(|page| {
        let mut texts = page.texts.iter();
        texts.any(|(_, _, line)| line.text().starts_with("付属資料（"))
    });
    let annexes = annexes.expect("there are annexes");
    assert!(annexes <= 4, "{annexes} pages stand before the annexes");
}

#[test]
fn machines_words_stand_in_the_annexes_alone_i_010_i_011() {
    for (name, evidence, files) in everything() {
        let text = text_of(&evidence, files, fonts());
        let (pages, annexes) = text.split_once("== 付属資料").expect("there are annexes");
        for machine in [
            "{\"",
            "v=DKIM1",
            "\n  | Return-Path",
            "GRAY",
            " exact\n",
            " pass\n",
        ] {
            assert!(!pages.contains(machine), "{name}: {machine}");
        }
        // An addendum that quotes no mail has no keys: they are in the main certificate.
        let has_keys = name != "late_bounce";
        assert_eq!(annexes.contains("v=DKIM1"), has_keys, "{name}");
    }
}

#[test]
fn the_first_page_has_the_answer_in_its_own_words_p_067() {
    for (name, words) in [
        ("answered_by_mail", "申込みのとおりお受けします。"),
        ("answered_by_sms", "承知しました。"),
        ("answered_by_link", "「同意します」"),
        ("late_bounce", "550 5.1.1 mailbox does not exist"),
    ] {
        let evidence = sample::contract::all().into_iter();
        let (_, evidence) = evidence
            .into_iter()
            .find(|(known, _)| *known == name)
            .unwrap();
        let files = sample::contract::files(&evidence);
        let pages = paper::lay_out(&document_of(&evidence, files), fonts());
        let first: Vec<String> = pages.pages[0]
            .texts
            .iter()
            .map(|(_, _, line)| line.text())
            .collect();
        assert!(first.concat().contains(words), "{name}: {first:#?}");
    }
}

#[test]
fn no_digest_no_bytes_and_no_time_are_left_out_of_the_identifier() {
    let evidence = sample::evidence();
    let first = render(&evidence, embedded(), fonts()).unwrap();
    let mut other = evidence;
    message_of(&mut other).digest = digest(9);
    assert!(first != render(&other, embedded(), fonts()).unwrap());
}

#[test]
fn embeds_the_original_byte_for_byte_x_5() {
    let original: Vec<u8> = (0..300_000_u32)
        .map(|i| (i.wrapping_mul(i) >> 7).to_le_bytes()[0])
        .collect();
    let files = only_original(&original, None);
    let pdf = render(&sample::evidence(), files, fonts()).unwrap();
    let at = position(&pdf, &original).unwrap();
    assert!(pdf[..at].ends_with(b"stream\n"));
    assert!(pdf[at + original.len()..].starts_with(b"\nendstream"));
    for expected in [
        "/Length 300000",
        "/Size 300000",
        "/AFRelationship/Source",
        "/F(original.eml)",
        "/Subtype/message#2Frfc822",
    ] {
        assert!(position(&pdf, expected.as_bytes()).is_some(), "{expected}");
    }
}

#[test]
fn embedding_gives_the_file_that_the_library_would_have_written() {
    let evidence = sample::evidence();
    let original = b"(a) 1 0 R stream endstream xref ".repeat(50);
    let files = only_original(&original, Some(b""));
    let ours = render(&evidence, files, fonts()).unwrap();
    let pages = paper::lay_out(&document_of(&evidence, files), fonts());
    let mut direct = v3::whole(TEMPLATE_VERSION, &evidence, files);
    for file in &mut direct {
        file.stand_in = file.bytes.clone().into_owned();
    }
    let attachments: Vec<_> = direct.iter().map(embed::File::attachment).collect();
    let properties = t2026_12::properties(TEMPLATE_VERSION, &evidence);
    let theirs = paper::write(&properties, &pages, &attachments, fonts()).unwrap();
    assert_eq!(
        String::from_utf8_lossy(&without_identifier(ours)),
        String::from_utf8_lossy(&without_identifier(theirs))
    );
}

/// The identifier is a hash of what the library was given, so it differs.
fn without_identifier(mut pdf: Vec<u8>) -> Vec<u8> {
    let tag = b"<xmpMM:InstanceID>";
    let start = position(&pdf, tag).unwrap() + tag.len();
    let length = position(&pdf[start..], b"<").unwrap();
    let identifier = pdf[start..start + length].to_vec();
    while let Some(at) = position(&pdf, &identifier) {
        pdf[at..at + length].fill(b'*');
    }
    pdf
}

#[test]
fn each_entry_of_the_cross_reference_table_points_to_its_object() {
    let pdf = render(&sample::evidence(), embedded(), fonts()).unwrap();
    let text = String::from_utf8_lossy(&pdf[pdf.len() - 20_000..]).into_owned();
    let start: usize = text
        .rsplit("startxref\n")
        .next()
        .unwrap()
        .lines()
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let table = String::from_utf8(pdf[start..].to_vec()).unwrap();
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("xref"));
    let count: usize = lines
        .next()
        .unwrap()
        .strip_prefix("0 ")
        .unwrap()
        .parse()
        .unwrap();
    for (number, entry) in lines.take(count).enumerate().skip(1) {
        let offset: usize = entry[..10].parse().unwrap();
        let object = format!("{number} 0 obj\n");
        assert!(pdf[offset..].starts_with(object.as_bytes()), "{object}");
    }
    assert!(pdf.starts_with(b"%PDF-1.7\n"));
    assert!(pdf.ends_with(b"%%EOF"));
    for absent in ["/ObjStm", "/XRef", "/Encrypt", "/AcroForm"] {
        assert_eq!(position(&pdf, absent.as_bytes()), None, "{absent}");
    }
}

#[test]
fn declares_pdf_a_3b_and_takes_its_dates_from_the_evidence() {
    let pdf = render(&sample::evidence(), embedded(), fonts()).unwrap();
    for expected in [
        "<pdfaid:part>3</pdfaid:part>",
        "<pdfaid:conformance>B</pdfaid:conformance>",
        "/CreationDate(D:20261120011531",
        "<xmp:CreateDate>2026-11-20T01:15:31",
    ] {
        assert!(position(&pdf, expected.as_bytes()).is_some(), "{expected}");
    }
}

#[test]
fn shows_characters_that_names_are_made_of_x_8() {
    for shown in [
        "髙﨑①㈱𠮷",
        "ｶﾅ",
        "が\u{304b}\u{3099}",
        "Žluťoučký",
        "Ελληνικά",
        "Русский",
        "≒∵",
        "Nguyễn",
    ] {
        let text = text_of(&with_body(shown), NO_HTML, fonts());
        assert!(text.contains(&format!("  | {shown}\n")), "{shown}");
    }
}

#[test]
fn shows_what_no_font_covers_by_its_number_x_8() {
    for (character, shown) in [
        ("ᠠ", "[U+1820]"),
        ("\u{10380}", "[U+10380]"),
        ("👨\u{200d}👩", "👨[U+200D]👩"),
        ("a\u{202e}b", "a[U+202E]b"),
        ("\u{200b}\u{feff}\u{2066}", "[U+200B][U+FEFF][U+2066]"),
        (
            "\u{0}\u{1b}\u{7f}\u{85}",
            "[U+0000][U+001B][U+007F][U+0085]",
        ),
        ("\u{e000}\u{10fffd}", "[U+E000][U+10FFFD]"),
        ("\u{ad}\u{2028}", "[U+00AD][U+2028]"),
        ("\u{fffd}", "\u{fffd}"),
    ] {
        let evidence = with_body(&format!("<{character}>"));
        let expected = format!("<{shown}>");
        assert!(
            text_of(&evidence, NO_HTML, fonts()).contains(&expected),
            "{expected}"
        );
        assert!(
            text_of_pages(&pages_of(&evidence)).contains(&expected),
            "{expected}"
        );
        render(&evidence, embedded(), fonts()).unwrap();
    }
}

#[test]
fn every_character_there_is_can_be_shown_x_8() {
    let all: String = ('\u{0}'..=char::MAX)
        .filter(|c| *c != '\n' && *c != '\r')
        .collect();
    let mut covered = String::new();
    for character in all.chars() {
        if fonts().covers(character) {
            covered.push(character);
        }
    }
    assert!(covered.chars().count() > 38_000);
    let pages = pages_of(&with_body(&covered));
    let missing = pages
        .pages
        .iter()
        .flat_map(|page| &page.texts)
        .any(|(_, _, line)| line.has_missing_glyph());
    assert!(!missing);
    render(&with_body(&covered), embedded(), fonts()).unwrap();
}

#[test]
fn counts_the_characters_that_it_shows_by_number() {
    let mut evidence = with_body("ᠠᠠ\u{202e}");
    attachments_of(&mut evidence).clear();
    message_of(&mut evidence).raw_header = b"X: \x82\xa0\r\n".to_vec();
    let text = text_of(&evidence, NO_HTML, fonts());
    assert!(text.contains("3 文字 characters、2 バイト bytes"), "{text}");
    assert!(text.contains("U+1820 × 2, U+202E × 1"), "{text}");
}

#[test]
fn underlines_a_number_that_stands_for_a_character() {
    let underlined = |text: &str| {
        let pages = pages_of(&with_body(text));
        let lines = pages.pages.iter().flat_map(|page| &page.texts);
        let line = lines
            .map(|(_, _, line)| line)
            .find(|line| line.text().contains("[U+E000]"));
        line.unwrap().codes.len()
    };
    assert_eq!(underlined("a \u{e000}\u{e000} b \u{e000}"), 2);
    assert_eq!(underlined("typed by the sender: [U+E000]"), 0);
}

#[test]
fn shows_every_byte_of_the_header_i_010() {
    let mut evidence = sample::evidence();
    message_of(&mut evidence).raw_header =
        b"A: \xe3\x81\x82\r\nB: \x82\r\nC: x\ry\nD: \0\r\n".to_vec();
    let text = text_of(&evidence, NO_HTML, fonts());
    let expected = "  | A: あ\n  | B: [0x82]\n  | C: x[U+000D]y\n  | D: [U+0000]\n";
    assert!(text.contains(expected), "{text}");
    render(&evidence, embedded(), fonts()).unwrap();
}

#[test]
fn each_page_of_what_was_not_issued_as_evidence_says_so() {
    let mut evidence = with_body(&"A line.\n".repeat(200));
    // Both languages on one line.
    let banner = |page: &Page| {
        let mut lines: BTreeMap<u32, String> = BTreeMap::new();
        for (_, y, line) in &page.texts {
            lines.entry(y.to_bits()).or_default().push_str(&line.text());
        }
        let lines = lines.into_iter().map(|(y, text)| (f32::from_bits(y), text));
        lines
            .filter(|(_, text)| text.contains("TEST"))
            .collect::<Vec<_>>()
    };
    for page in &pages_of(&evidence).pages {
        assert_eq!(banner(page), []);
    }
    evidence.issuer.purpose = Purpose::Test;
    let pages = pages_of(&evidence).pages;
    assert!(pages.len() > 3, "{}", pages.len());
    for page in &pages {
        let found = banner(page);
        let [(y, text)] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert!(text.starts_with("試験") && text.contains("not issued as evidence"));
        // Above everything else on the page.
        let others = page
            .texts
            .iter()
            .map(|(_, y, _)| *y)
            .filter(|other| other != y);
        assert!(others.fold(f32::MAX, f32::min) > *y + 4.0);
    }
    assert!(text_of(&evidence, NO_HTML, fonts()).starts_with("試験"));
}

#[test]
fn nothing_leaves_the_page() {
    let mut evidence = with_body(&format!(
        "{}\n{}\n{}\n",
        "W".repeat(10_000),
        "漢".repeat(10_000),
        "1 ".repeat(10_000)
    ));
    message_of(&mut evidence).subject = "M".repeat(10_000);
    message_of(&mut evidence).message_id = Some(format!("<{}@example.test>", "m".repeat(400)));
    evidence.events[2].verbatim = Some("{\"x\":\"".repeat(2_000));
    attachments_of(&mut evidence)[0].name_as_sent = Some("名".repeat(300));
    attachments_of(&mut evidence)[0].content_type = "application/".to_owned() + &"x".repeat(300);
    evidence.outcome.japanese = "結果".repeat(500);
    let pages = pages_of(&evidence);
    for (x, baseline, line) in pages.pages.iter().flat_map(|page| &page.texts) {
        // A space at the end of a line may hang into the margin.
        let ink = line.text().trim_end().to_owned();
        assert!(
            *x >= 60.0 && *baseline > 40.0 && *baseline < PAGE_HEIGHT - 30.0,
            "{ink}"
        );
        assert!(
            x + line.width <= PAGE_WIDTH - 55.0,
            "{} {ink}",
            x + line.width
        );
    }
    for rule in pages.pages.iter().flat_map(|page| &page.rules) {
        assert!(rule.x >= 60.0 && rule.x + rule.width <= PAGE_WIDTH - 55.0);
        assert!(rule.y + rule.height < PAGE_HEIGHT - 30.0 && rule.height >= 0.0);
    }
    render(&evidence, embedded(), fonts()).unwrap();
}

#[test]
fn no_line_begins_with_a_character_that_ends_a_clause() {
    let evidence = with_body(&"契約、解除。「通知」（到達）ー、っゃ".repeat(200));
    for (_, _, line) in pages_of(&evidence)
        .pages
        .iter()
        .flat_map(|page| &page.texts)
    {
        let text = line.text();
        let first = text.chars().next().unwrap_or(' ');
        assert!(!"、。」）ーっゃ".contains(first), "{text}");
    }
}

#[test]
fn a_row_that_crosses_pages_keeps_all_its_lines() {
    let mut evidence = sample::evidence();
    message_of(&mut evidence).damages = vec![Damage::NoBoundary; 300];
    let text = text_of_pages(&pages_of(&evidence));
    for word in ["usable", "boundary;"] {
        assert_eq!(text.matches(word).count(), 300, "{word}");
    }
}

#[test]
fn a_text_that_cannot_be_shown_is_named_by_its_part_x_9() {
    let mut evidence = with_body("");
    let message = message_of(&mut evidence);
    message.body_source = BodySource::Unshown;
    message.body_charset = None;
    message.unshown_part = Some(UnshownPartRow {
        part_number: "1.2".to_owned(),
        content_type: "application/pkcs7-mime".to_owned(),
        name_as_sent: Some("smime.p7m".to_owned()),
    });
    let text = text_of(&evidence, NO_HTML, fonts());
    assert!(
        text.contains("1.2  application/pkcs7-mime  smime.p7m"),
        "{text}"
    );
    assert!(text.contains("文字として表示できません"), "{text}");
    assert!(!text.contains("The message has no text"), "{text}");
}

#[test]
fn an_empty_message_says_so_instead_of_showing_blanks() {
    let mut evidence = with_body("");
    message_of(&mut evidence).body_source = BodySource::Empty;
    message_of(&mut evidence).subject.clear();
    message_of(&mut evidence).message_id = None;
    message_of(&mut evidence).date_header = None;
    message_of(&mut evidence).raw_header.clear();
    message_of(&mut evidence).body_charset = None;
    if let ProductEvidence::Mail(mail) = &mut evidence.product {
        mail.delivered.provider_message_id = None;
    }
    evidence.account.address = None;
    origin_of(&mut evidence).sender.display_name = None;
    attachments_of(&mut evidence).clear();
    evidence.events.clear();
    let authentication = &mut origin_of(&mut evidence).authentication;
    authentication.signatures.clear();
    authentication.relied_on = Some(3);
    let text = text_of(&evidence, NO_HTML, fonts());
    assert_eq!(text.matches("Not captured: ").count(), 1, "{text}");
    assert_eq!(text.matches("None: ").count(), 7, "{text}");
    for expected in [
        "The message has no text.",
        "no attachments",
        "no DKIM signature to rely on",
    ] {
        assert!(text.contains(expected), "{expected}");
    }
    render(&evidence, only_original(b"", None), fonts()).unwrap();
}

#[test]
fn forty_attachments_are_forty_rows_on_few_pages_x_5() {
    let mut evidence = sample::evidence();
    let attachments = attachments_of(&mut evidence);
    *attachments = vec![attachments[1].clone(); 40];
    let pages = pages_of(&evidence);
    let text = text_of_pages(&pages);
    assert_eq!(text.matches("Content-ID").count(), 40);
    // The head of the table is repeated on each page.
    assert!(text.matches("Name as sent").count() >= 3);
    let more = pages.pages.len() - pages_of(&sample::evidence()).pages.len();
    assert!(more <= 3, "{more}");
}

#[test]
fn a_body_of_five_mebibytes_fills_some_200_pages_and_says_where_the_rest_is() {
    let limit = 5 << 20;
    for (unit, pages_max) in [
        ("x\n", 200),
        ("御礼申し上げます。", 230),
        ("W", 230),
        ("abc def ", 230),
    ] {
        let evidence = with_body(&unit.repeat(limit / unit.len()));
        let pages = pages_of(&evidence).pages.len();
        assert!(
            (120..=pages_max).contains(&pages),
            "{unit:?} takes {pages} pages"
        );
        let text = text_of(&evidence, NO_HTML, fonts());
        assert!(
            text.contains("bytes are shown above. The rest is in the embedded file original.eml.")
        );
    }
}

#[test]
fn five_thousand_lines_are_all_shown() {
    let body: String = (0..5_000).map(|line| format!("line {line}.\r\n")).collect();
    let pages = pages_of(&with_body(&body));
    let text = text_of_pages(&pages);
    assert!((0..5_000).all(|line| text.contains(&format!("line {line}.\n"))));
    assert!(pages.pages.len() <= 115, "{}", pages.pages.len());
}

#[test]
fn monstrous_headers_records_and_lists_stay_bounded() {
    let mut evidence = sample::evidence();
    message_of(&mut evidence).raw_header = b"X: y\r\n".repeat(100_000);
    message_of(&mut evidence)
        .raw_header
        .extend(vec![b'a'; 1 << 20]);
    let attachments = attachments_of(&mut evidence);
    *attachments = vec![attachments[1].clone(); 10_000];
    evidence.events[2].verbatim = Some("\"".repeat(64 << 10));
    let pages = pages_of(&evidence).pages.len();
    assert!(pages < 150, "{pages}");
    let text = text_of(&evidence, NO_HTML, fonts());
    assert!(
        text.contains("500 are shown above; 9500 more are in the embedded file evidence.json.")
    );
    assert!(text.contains("The rest is in the embedded file evidence.json."));
}

#[test]
fn claims_no_legal_effect_and_no_reading_q_9_x_9() {
    let text = text_of(&sample::evidence(), HTML, fonts());
    for claim in [
        "legally",
        "qualified",
        "guarantee",
        "法的に有効",
        "適格",
        "保証",
    ] {
        assert!(!text.contains(claim), "{claim}");
    }
    assert!(
        text.contains(
            "It does not show that the recipient opened, read, understood or agreed to it."
        )
    );
}

#[test]
fn the_fixed_texts_need_no_codes() {
    let mut evidence = sample::evidence();
    attachments_of(&mut evidence).clear();
    message_of(&mut evidence).body_text = BodyText::new(String::new());
    let text = text_of(&evidence, HTML, fonts());
    assert!(text.contains("0 文字 characters、0 バイト bytes"), "{text}");
    let pages = pages_of(&evidence);
    assert!(
        !pages
            .pages
            .iter()
            .flat_map(|page| &page.texts)
            .any(|(_, _, line)| line.has_missing_glyph())
    );
}

#[test]
fn each_page_carries_the_serial_and_its_number() {
    let pages = pages_of(&sample::evidence());
    let count = pages.pages.len();
    for (index, page) in pages.pages.iter().enumerate() {
        let lines: Vec<String> = page.texts.iter().map(|(_, _, line)| line.text()).collect();
        assert!(lines.contains(&"K7Q2-000123".to_owned()));
        assert!(lines.contains(&format!("{} / {count}", index + 1)));
    }
}

#[test]
fn works_without_a_bold_font() {
    let plain = FontSet::new(vec![font(FONT_FILES[0])]).unwrap();
    render(&sample::evidence(), embedded(), &plain).unwrap();
}

#[test]
fn one_font_set_serves_several_threads() {
    fn assert_shareable<T: Send + Sync>(_: &T) {}
    assert_shareable(fonts());
    let alone = render(&sample::evidence(), embedded(), fonts()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                assert!(alone == render(&sample::evidence(), embedded(), fonts()).unwrap())
            });
        }
    });
}
