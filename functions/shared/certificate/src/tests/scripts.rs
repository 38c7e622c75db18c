//! Every character is shown as itself, or by its number.

use super::{HTML, NO_HTML, fonts, new_fonts, pages_of, text_of_pages, with_body};
use crate::sample;
use crate::{render, text_of};
use paper::PAGE_WIDTH;

/// Texts as they stand in mails, one for each script and for what is special in it.
const TEXTS: [(&str, &str); 16] = [
    ("Japanese", "髙﨑①㈱𠮷葛\u{E0100}城 ｶﾅ"),
    ("simplified Chinese", "发票说话语言设计专业书门车"),
    ("traditional Chinese", "發票說話裏麵體驗臺灣龍龜"),
    ("Hangul", "임대차 계약서 뷁"),
    (
        "Hangul in letters, as macOS names files",
        "\u{1100}\u{1168}\u{110b}\u{1163}\u{11a8}",
    ),
    ("Greek", "Σύμβαση μίσθωσης"),
    ("Cyrillic", "Договор аренды"),
    ("Latin with marks", "Žluťoučký Nguyễn e\u{301}"),
    ("Devanagari", "किराये का अनुबंध क्षेत्र श्री"),
    ("Thai", "สัญญาเช่าลงวันที่ ๑๒ น้ำ"),
    ("Arabic", "عقد إيجار لا بتاريخ ١٢ مُحَمَّد"),
    ("Persian and Urdu", "قرارداد گچپژ ٹڈڑ"),
    ("Hebrew", "חוזה שכירות שָׁלוֹם"),
    ("emoji", "😀🎉❤\u{FE0F}👍🏽🇯🇵"),
    ("signs", "⁂☃♔⠿⚖⏰⇄∮①"),
    ("mathematics", "≒∵∀x∈ℝ"),
];

#[test]
fn every_script_is_shown_as_itself_x_8() {
    for (script, text) in TEXTS {
        let evidence = with_body(text);
        let shown = text_of(&evidence, NO_HTML, fonts());
        assert!(
            shown.contains(&format!("  | {text}\n")),
            "{script}: {shown}"
        );
        let pages = pages_of(&evidence);
        let mut missing = pages.pages.iter().flat_map(|page| &page.texts);
        assert!(
            !missing.any(|(_, _, line)| line.has_missing_glyph()),
            "{script}"
        );
        // On the page each character stands once, whatever the order that the script reads in.
        let on_page = text_of_pages(&pages);
        let line = on_page.lines().find(|line| sorted(line) == sorted(text));
        assert!(line.is_some(), "{script}: {on_page}");
        render(&evidence, HTML, fonts()).unwrap();
    }
}

fn sorted(text: &str) -> Vec<char> {
    let mut characters: Vec<char> = text.chars().collect();
    characters.sort_unstable();
    characters
}

#[test]
fn hebrew_and_arabic_run_from_right_to_left_and_numbers_in_them_do_not() {
    for (text, from_left) in [
        ("שלום", "םולש"),
        ("abc שלום def", "abc םולש def"),
        ("שלום 12 במרץ", "ץרמב 12 םולש"),
        ("عقد", "دقع"),
    ] {
        let on_page = text_of_pages(&pages_of(&with_body(text)));
        assert!(
            on_page.lines().any(|line| line == from_left),
            "{text}: {on_page}"
        );
    }
}

#[test]
fn letters_of_arabic_join_and_marks_of_thai_and_devanagari_take_no_room() {
    let width = |text: &str| {
        let pages = pages_of(&with_body(text));
        let mut lines = pages.pages.iter().flat_map(|page| &page.texts);
        let line = lines.find(|(_, _, line)| sorted(&line.text()) == sorted(text));
        line.map(|(_, _, line)| line.width).unwrap()
    };
    assert!(width("لا") < 0.9 * (width("ل") + width("ا")));
    assert!((width("ที่") - width("ท")).abs() < 0.1);
    assert!(width("क्ष") < 0.9 * (width("क") + width("ष")));
    assert!((width("\u{1100}\u{1161}") - width("가")).abs() < 0.1);
}

#[test]
fn no_line_of_any_script_leaves_the_page() {
    for (script, text) in TEXTS {
        let mut evidence = with_body(&text.repeat(300));
        sample::message_of(&mut evidence).subject = text.replace(' ', "").repeat(100);
        let pages = pages_of(&evidence);
        for (x, _, line) in pages.pages.iter().flat_map(|page| &page.texts) {
            let ink = line.text();
            let hanging = if ink.ends_with(' ') || ink.starts_with(' ') {
                6.0
            } else {
                0.0
            };
            let right = x + line.width - hanging;
            assert!(
                *x >= 60.0 && right <= PAGE_WIDTH - 55.0,
                "{script}: {right} {ink}"
            );
        }
    }
}

#[test]
fn what_was_set_before_does_not_show_in_a_certificate_x_7() {
    let mut evidence = with_body("☃ 发 한 שלום ❤\u{FE0F} ☎");
    sample::message_of(&mut evidence).subject = "⚖ 임대차 عقد".to_owned();
    let alone = render(&evidence, HTML, &new_fonts()).unwrap();
    let warm = new_fonts();
    for (_, text) in TEXTS.iter().rev() {
        render(&with_body(text), HTML, &warm).unwrap();
    }
    assert!(alone == render(&evidence, HTML, &warm).unwrap());
}

#[test]
fn a_japanese_certificate_reads_no_rare_font() {
    let mut evidence = sample::evidence();
    sample::message_of(&mut evidence).body_text =
        crate::BodyText::new("平素より。Ελλ Рус ①\u{202e}".to_owned());
    let fonts = new_fonts();
    render(&evidence, HTML, &fonts).unwrap();
    assert_eq!(fonts.rare_fonts_read(), 0);
    render(&with_body("한"), HTML, &fonts).unwrap();
    assert_eq!(fonts.rare_fonts_read(), 1);
}
