//! What certificates say to people who do not look at their pages: the structure that ISO 14289-1
//! (PDF/UA-1) asks for, read by another library than the one that wrote it.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail loudly"
)]

mod content;
mod tree;

use attacks::genuine::FONTS;
use certificate::sample::{self, attachments_of, message_of};
use certificate::{BodyText, Embedded, EmbeddedMail, Evidence, Purpose, render, text_of};
use judges::Case;
use lopdf::{Dictionary, Object};
use pades::testing::{TestKey, TestSigner, TestTimestampAuthority, archive};

use crate::tree::{Child, Element, File, text};

fn mail_files() -> Embedded<'static> {
    let original = EmbeddedMail {
        eml: sample::ORIGINAL,
        html_part: Some(sample::HTML),
    };
    Embedded {
        original: Some(original),
        delivered: Some(sample::DELIVERED),
        answer: None,
        others: &[],
    }
}

/// Texts and tables of many pages, and a banner.
fn long() -> Evidence {
    let mut evidence = sample::evidence();
    evidence.issuer.purpose = Purpose::Test;
    let paragraph =
        "契約を解除します。This line is a long one, and goes on for some time. ".repeat(9);
    let body = format!("{paragraph}\r\n\r\n   \r\nsecond\r\n").repeat(90);
    let message = message_of(&mut evidence);
    message.body_text = BodyText::new(body);
    message.raw_header = b"X-Long: 1\r\n\tfolded [U+E000] \x82\r\n".repeat(150);
    let attachments = attachments_of(&mut evidence);
    *attachments = vec![attachments[0].clone(); 70];
    attachments[3].name_as_sent = Some("名".repeat(600));
    evidence
}

/// One certificate of each kind, with the mails that go into it.
fn samples() -> Vec<(String, Evidence, Embedded<'static>)> {
    let mut samples = vec![
        ("mail".to_owned(), sample::evidence(), mail_files()),
        ("long".to_owned(), long(), mail_files()),
    ];
    for (name, evidence) in sample::variants() {
        samples.push((format!("variant-{name}"), evidence, mail_files()));
    }
    for (name, evidence) in sample::contract::all() {
        let files = sample::contract::files(&evidence);
        samples.push((name.to_owned(), evidence, files));
    }
    samples
}

fn sign(draft: Vec<u8>) -> Vec<u8> {
    let signer = TestSigner::new(TestKey::p256(7));
    let stampers = [1, 2].map(TestTimestampAuthority::new);
    let now = "2026-12-24T05:07:00Z".parse().expect("a time");
    archive(draft, &signer, &stampers, now).into_bytes()
}

#[test]
fn everything_on_the_pages_has_its_place_in_the_structure_in_the_order_of_reading() {
    for (name, evidence, files) in samples() {
        let draft = render(&evidence, files, &FONTS).expect("a certificate");
        let file = File::read(&draft);
        let expected = without_marks(&text_of(&evidence, files, &FONTS));
        let read = without_separators(&file.top.text().replace("QRコード QR code", ""));
        assert_same(&name, &read, &expected);
        check_viewer(&file, &evidence.serial.to_string());
        check_elements(&name, &file.top);
        check_languages(&name, &file.top);
        for (number, artifacts) in file.artifacts.iter().enumerate() {
            for (kind, _) in artifacts {
                assert!(["Pagination", "Layout"].contains(&kind.as_str()), "{kind}");
            }
            let is_foot = |(kind, text): &(String, String)| {
                kind == "Pagination" && text.contains(&format!("{} / ", number + 1))
            };
            assert!(artifacts.iter().any(is_foot), "{name}: {artifacts:?}");
        }
    }
}

/// A banner is read once, a head of a table is not read again, and what goes on on the next page
/// stays one element.
#[test]
fn what_is_repeated_is_read_once() {
    let draft = render(&long(), mail_files(), &FONTS).expect("a certificate");
    let file = File::read(&draft);
    assert!(file.artifacts.len() > 20, "{}", file.artifacts.len());
    let read = file.top.text();
    assert_eq!(read.matches("not issued as evidence").count(), 1);
    let artifacts = file.artifacts.iter().skip(1);
    assert!(artifacts.clone().all(|page| {
        let mut texts = page.iter().map(|(_, text)| text);
        texts.any(|text| text.contains("not issued as evidence"))
    }));
    let head = "送信時の名前";
    let repeated = artifacts.flatten().filter(|(_, text)| text.contains(head));
    assert!(repeated.count() > 1);
    let mut tables = Vec::new();
    let mut paragraphs = 0;
    file.top.walk(&mut |element, parent| {
        if element.kind == "Table" {
            tables.push(element.children.len());
        }
        let is_quoted = parent.is_some_and(|parent| parent.kind == "BlockQuote");
        if is_quoted && element.children.len() > 1 {
            paragraphs += 1;
        }
    });
    // 70 files, each with a row for what stands below, and the head.
    assert!(tables.contains(&141), "{tables:?}");
    assert!(paragraphs > 5, "{paragraphs}");
}

#[test]
fn the_signature_is_met_behind_everything_else() {
    for (name, evidence, files) in samples() {
        let draft = render(&evidence, files, &FONTS).expect("a certificate");
        let unsigned = File::read(&draft);
        let file = File::read(&sign(draft));
        assert_eq!(
            file.top.text().trim_end(),
            unsigned.top.text().trim_end(),
            "{name}"
        );
        check_viewer(&file, &evidence.serial.to_string());
        let Some(Child::Element(form)) = file.top.children.last() else {
            panic!("{name}: {:?}", file.top);
        };
        let [Child::Object(widget)] = form.children.as_slice() else {
            panic!("{name}: {form:?}");
        };
        assert_eq!(form.kind, "Form");
        let document = &file.document;
        let page = document.page_iter().next().expect("a page");
        let page = document.get_dictionary(page).expect("a page");
        assert_eq!(tree::name(page, b"Tabs").as_deref(), Some("S"));
        let annotations = page.get(b"Annots").and_then(Object::as_array);
        let annotations = annotations.expect("annotations");
        assert_eq!(annotations[0].as_reference().expect("a widget"), *widget);
        let tooltips = annotations.iter().map(|annotation| {
            let id = annotation.as_reference().expect("a widget");
            text(document.get_dictionary(id).expect("a widget"), b"TU")
        });
        let tooltips: Vec<_> = tooltips.map(Option::unwrap_or_default).collect();
        let [signature, timestamp] = tooltips.as_slice() else {
            panic!("{tooltips:?}");
        };
        assert_eq!(signature, "電子署名 Electronic signature");
        assert_eq!(timestamp, "文書タイムスタンプ Document timestamp");
    }
}

/// Another program that reads structures, poppler, finds the same words in the same order.
#[test]
fn poppler_reads_the_structure_of_a_signed_certificate_as_it_was_written() {
    let mut kinds = samples();
    let wanted = [
        "mail",
        "long",
        "answered_by_mail",
        "addendum",
        "late_bounce",
    ];
    kinds.retain(|(name, _, _)| wanted.contains(&&**name));
    assert_eq!(kinds.len(), wanted.len());
    for (name, evidence, files) in kinds {
        let draft = render(&evidence, files, &FONTS).expect("a certificate");
        let read = File::read(&draft).top;
        let case = Case::new(&format!("structure-{name}"), &sign(draft), &[]);
        let theirs = case.structure_text();
        let lines = theirs.lines().map(str::trim);
        for kind in ["H1", "Table", "TH", "BlockQuote", "Figure", "Form"] {
            let mut lines = lines.clone();
            assert!(lines.any(|line| line.starts_with(kind)), "{name}: {kind}");
        }
        let texts = lines.filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
        let theirs = without_separators(&texts.collect::<String>());
        assert_same(&name, &theirs, &without_separators(&read.written()));
    }
}

fn check_viewer(file: &File, serial: &str) {
    let document = &file.document;
    let catalog = document.catalog().expect("a catalog");
    assert_eq!(text(catalog, b"Lang").as_deref(), Some("ja"));
    let inner = |key: &[u8]| {
        catalog
            .get(key)
            .and_then(Object::as_dict)
            .expect("an entry")
    };
    let says = |dictionary: &Dictionary, key: &[u8], expected: bool| {
        let value = dictionary.get(key).and_then(Object::as_bool);
        assert_eq!(value.expect("a boolean"), expected);
    };
    says(inner(b"ViewerPreferences"), b"DisplayDocTitle", true);
    says(inner(b"MarkInfo"), b"Marked", true);
    says(inner(b"MarkInfo"), b"Suspects", false);
    assert!(catalog.has(b"Outlines"));
    let metadata = catalog
        .get_deref(b"Metadata", document)
        .and_then(Object::as_stream);
    let metadata = metadata
        .and_then(lopdf::Stream::get_plain_content)
        .expect("metadata");
    let metadata = String::from_utf8(metadata).expect("text");
    assert!(metadata.contains("<dc:title>") && metadata.contains(serial));
    // Nobody has validated it.
    assert!(!metadata.contains("pdfuaid"), "{metadata}");
}

fn check_elements(name: &str, top: &Element) {
    assert_eq!(top.kind, "Document");
    let mut level = 0;
    let mut kinds = std::collections::BTreeSet::new();
    top.walk(&mut |element, parent| {
        let kind = element.kind.as_str();
        let parent = parent.map_or("", |parent| parent.kind.as_str());
        let expected: &[&str] = match kind {
            "TR" => &["Table"],
            "TH" | "TD" => &["TR"],
            "LI" => &["L"],
            "Lbl" | "LBody" => &["LI"],
            "Span" => &["P", "H1", "H2", "H3", "H4", "TH", "TD", "LBody"],
            "P" => &["Document", "Part", "Sect", "BlockQuote"],
            "Document" => &[""],
            _ => &["Document", "Part", "Sect"],
        };
        assert!(expected.contains(&parent), "{name}: {kind} in {parent}");
        if let Some(found) = kind.strip_prefix('H') {
            let found: u32 = found.parse().expect("a level");
            assert!(found <= level + 1, "{name}: H{found} follows H{level}");
            assert_eq!(
                found == 1,
                level == 0,
                "{name}: one title, before all others"
            );
            level = found;
        }
        match kind {
            "TH" => assert!(element.attribute("Table", "Scope").is_some(), "{name}"),
            "L" => assert!(
                element.attribute("List", "ListNumbering").is_some(),
                "{name}"
            ),
            "Figure" => {
                let words = element.alternative.as_deref().unwrap_or_default();
                assert!(words.contains("QR code https://"), "{name}: {words}");
                assert!(element.attribute("Layout", "BBox").is_some(), "{name}");
            }
            "Table" => check_table(name, element),
            _ => {}
        }
        // Of a group, what it holds says something; a cell may be empty.
        assert!(
            kind == "TD" || !element.children.is_empty(),
            "{name}: an empty {kind}"
        );
        kinds.insert(kind.to_owned());
    });
    for kind in [
        "H1",
        "H2",
        "H3",
        "Table",
        "TH",
        "L",
        "BlockQuote",
        "Figure",
        "Span",
    ] {
        assert!(kinds.contains(kind), "{name}: {kind}");
    }
}

/// All rows have the same number of columns, and the first one has their heads.
fn check_table(name: &str, table: &Element) {
    let rows = table.children.iter().map(|row| {
        let Child::Element(row) = row else {
            panic!("{name}: {row:?}");
        };
        let cells = row.children.iter().map(|cell| {
            let Child::Element(cell) = cell else {
                panic!("{name}: {cell:?}");
            };
            let span = cell.attribute("Table", "ColSpan").map(Object::as_i64);
            (
                cell.kind == "TH",
                span.map_or(1, |span| span.expect("a number")),
            )
        });
        cells.collect::<Vec<_>>()
    });
    let rows: Vec<Vec<(bool, i64)>> = rows.collect();
    let widths: Vec<i64> = rows
        .iter()
        .map(|row| row.iter().map(|(_, n)| n).sum())
        .collect();
    assert!(
        widths.iter().all(|width| *width == widths[0]),
        "{name}: {widths:?}"
    );
    assert!(
        rows[0].iter().all(|(is_head, _)| *is_head),
        "{name}: {rows:?}"
    );
}

/// Translations are English, quotations are in no language that we know, all else is Japanese.
fn check_languages(name: &str, top: &Element) {
    let is_japanese = |c: char| matches!(c, '\u{3041}'..='\u{30FF}' | '\u{4E00}'..='\u{9FFF}');
    let mut english = 0;
    top.walk(&mut |element, _| {
        for child in &element.children {
            let Child::Text(text) = child else { continue };
            match element.language.as_str() {
                "en" => {
                    english += 1;
                    assert!(!text.chars().any(is_japanese), "{name}: {text}");
                }
                "und" => {}
                "ja" => {
                    let words = text.split(' ').filter(|word| {
                        word.len() > 1 && word.bytes().all(|b| b.is_ascii_alphabetic())
                    });
                    let is_of_a_browser = text.starts_with("Mozilla/");
                    let is_sentence = words.count() > 5 && !text.chars().any(is_japanese);
                    assert!(
                        !is_sentence || is_of_a_browser,
                        "{name}: not marked as English: {text}"
                    );
                }
                other => panic!("{name}: {other}"),
            }
        }
    });
    assert!(english > 60, "{name}: {english}");
}

/// The text without the signs that stand for tables, lists and headings in it.
fn without_marks(text: &str) -> String {
    let mut number = 0;
    let mut plain = String::new();
    for line in text.lines() {
        let item = line
            .strip_prefix("  (")
            .and_then(|rest| rest.split_once(") "));
        let item = item.and_then(|(digits, rest)| Some((digits.parse::<u32>().ok()?, rest)));
        match item {
            // The number stands before both languages.
            Some((again, rest)) if again == number => plain.push_str(rest),
            Some((next, _)) => {
                number = next;
                plain.push_str(line);
            }
            None => {
                number = 0;
                plain.push_str(line.strip_prefix("[QR] ").unwrap_or(line));
            }
        }
        plain.push('\n');
    }
    without_separators(&plain)
}

/// Arabic letters come as they stand on the page, from left to right.
fn without_separators(text: &str) -> String {
    let is_left_out = |c: &char| {
        c.is_whitespace() || "|/:-=.()".contains(*c) || ('\u{600}'..='\u{6FF}').contains(c)
    };
    text.chars().filter(|c| !is_left_out(c)).collect()
}

fn assert_same(name: &str, read: &str, expected: &str) {
    if read != expected {
        let pairs = read.chars().zip(expected.chars());
        let same = pairs.take_while(|(one, other)| one == other).count();
        let part = |text: &str| {
            text.chars()
                .skip(same.saturating_sub(20))
                .take(80)
                .collect()
        };
        let [read, expected]: [String; 2] = [part(read), part(expected)];
        panic!("{name}, from character {same} on:\n{read}\n{expected}");
    }
}
