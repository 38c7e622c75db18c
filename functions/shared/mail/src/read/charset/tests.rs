use super::*;

#[track_caller]
fn check(octets: &[u8], label: Option<&str>, expected: &str, read_as: &str, why: CharsetReason) {
    let read = decode(octets, label, None);
    let (text, charset) = (read.text, read.charset);
    assert_eq!(text, expected);
    assert_eq!((charset.read_as.as_str(), charset.reason), (read_as, why));
}

#[test]
fn reads_the_japanese_character_sets_with_their_vendor_extensions_x_8() {
    use CharsetReason::AsLabelled;
    // ① and ㈱ of NEC row 13, 髙 and 﨑 of the IBM extension, half-width kana.
    check(
        b"\x1b$B-!-j|byu\x1b(B \x1b(I1\x1b(B",
        Some("iso-2022-jp"),
        "①㈱髙﨑 ｱ",
        "ISO-2022-JP",
        AsLabelled,
    );
    check(
        b"\x87\x40\x87\x8a\xfb\xfc\xb1",
        Some("CP932"),
        "①㈱髙ｱ",
        "Shift_JIS",
        AsLabelled,
    );
    check(
        b"\xad\xa1\xad\xea\x8e\xb1",
        Some("euc-jp"),
        "①㈱ｱ",
        "EUC-JP",
        AsLabelled,
    );
}

#[test]
fn reads_other_character_sets_as_labelled() {
    use CharsetReason::AsLabelled;
    check("あ".as_bytes(), Some("UTF-8"), "あ", "UTF-8", AsLabelled);
    check(
        b"\xc4\xe3\xba\xc3",
        Some("gb2312"),
        "你好",
        "GBK",
        AsLabelled,
    );
    check(
        b"\xb0\xa1",
        Some("ks_c_5601-1987"),
        "가",
        "EUC-KR",
        AsLabelled,
    );
    check(
        b"caf\xe9",
        Some("iso-8859-1"),
        "café",
        "windows-1252",
        AsLabelled,
    );
    check(
        b"\xcf\xf0",
        Some("windows-1251"),
        "Пр",
        "windows-1251",
        AsLabelled,
    );
    check(
        b"Hi +MEIwRA- +- +AGE",
        Some("utf-7"),
        "Hi あい + a",
        "UTF-7",
        AsLabelled,
    );
}

#[test]
fn says_when_the_label_was_wrong_missing_or_unknown() {
    use CharsetReason::{NoLabel, Undecodable, UnknownLabel, WrongLabel};
    check(
        "髙﨑".as_bytes(),
        Some("iso-8859-1"),
        "髙﨑",
        "UTF-8",
        WrongLabel,
    );
    check(
        b"\x1b$B$\"\x1b(B",
        Some("us-ascii"),
        "あ",
        "ISO-2022-JP",
        NoLabel,
    );
    check(
        b"\x1b$B$\"\x1b(B",
        Some("utf-8"),
        "あ",
        "ISO-2022-JP",
        WrongLabel,
    );
    check(
        "あ".as_bytes(),
        Some("shift_jis"),
        "あ",
        "UTF-8",
        WrongLabel,
    );
    check(
        b"\x82\xa0\x82\xa2\x81B",
        None,
        "あい。",
        "Shift_JIS",
        NoLabel,
    );
    check(
        b"\xa4\xa2\xa4\xa4\xa1\xa3",
        None,
        "あい。",
        "EUC-JP",
        NoLabel,
    );
    check(
        b"\xa4\xa2\xa4\xa4",
        Some("x-nonsense"),
        "あい",
        "EUC-JP",
        UnknownLabel,
    );
    check(b"caf\xe9 \xff", None, "café ÿ", "windows-1252", NoLabel);
    check(
        b"\xff\xfd!",
        Some("utf-8"),
        "\u{fffd}\u{fffd}!",
        "UTF-8",
        Undecodable,
    );
}

#[test]
fn an_escape_sequence_that_changes_nothing_is_no_error() {
    let joined = b"\x1b$B$\"\x1b(B\x1b$B$$\x1b(B";
    check(
        joined,
        Some("iso-2022-jp"),
        "あい",
        "ISO-2022-JP",
        CharsetReason::AsLabelled,
    );
}

#[test]
fn utf_8_cut_inside_a_character_stays_what_its_label_says() {
    use CharsetReason::Undecodable;
    for (text, cut) in [
        ("確認事項", 1),
        ("確認事項", 2),
        ("御見積書_お客様控え.pdf", 5),
    ] {
        let octets = &text.as_bytes()[..text.len() - cut];
        let expected = String::from_utf8_lossy(octets);
        assert_eq!(expected.matches('\u{fffd}').count(), 1);
        for label in [Some("utf-8"), None, Some("x-nonsense")] {
            check(octets, label, &expected, "UTF-8", Undecodable);
        }
    }
}

#[test]
fn each_line_of_iso_2022_jp_begins_in_ascii() {
    let open = b"\x1b$BK\\F|\r\nTel 03\n\x1b$BK\\F|";
    let read = decode(open, Some("iso-2022-jp"), None);
    assert_eq!(read.text, "本日\r\nTel 03\n本日");
    assert!(read.has_open_line);
    let closed = b"\x1b$BK\\F|\x1b(B\r\n\x1b$BK\\F|";
    assert!(!decode(closed, Some("iso-2022-jp"), None).has_open_line);
}

#[test]
fn european_text_becomes_no_kanji() {
    use CharsetReason::{NoLabel, WrongLabel};
    for text in [
        "Bénédicte",
        "Grüße aus München",
        "Résumé du procès-verbal",
        "L’été à Orléans – 100 €",
        "ÉCOLE SUPÉRIEURE",
        "señor Muñoz",
        "Åke Sjöström",
    ] {
        let (octets, _, _) = WINDOWS_1252.encode(text);
        check(&octets, None, text, "windows-1252", NoLabel);
        check(&octets, Some("utf-8"), text, "windows-1252", WrongLabel);
    }
    let (octets, _, _) = encoding_rs::WINDOWS_1251.encode("Договор аренды");
    let read = decode(&octets, None, Some("windows-1251"));
    assert_eq!(read.text, "Договор аренды");
    assert_eq!(read.charset.reason, NoLabel);
}

#[test]
fn japanese_without_a_label_is_read_as_japanese() {
    for text in [
        "株式会社山田商店",
        "山田太郎",
        "ご連絡",
        "ｶﾌﾞｼｷｶﾞｲｼﾔ 御中",
        "ABC株式会社 part 2",
    ] {
        let (octets, _, _) = SHIFT_JIS.encode(text);
        check(&octets, None, text, "Shift_JIS", CharsetReason::NoLabel);
        let (octets, _, _) = EUC_JP.encode(text);
        check(&octets, None, text, "EUC-JP", CharsetReason::NoLabel);
    }
}

/// Encoding Standard section 6: a byte order mark counts before the label.
#[test]
fn a_mark_of_utf_16_counts_before_any_label() {
    use CharsetReason::{AsLabelled, NoLabel, UnknownLabel, WrongLabel};
    for (label, why) in [
        (None, NoLabel),
        (Some("utf-16"), AsLabelled),
        (Some("utf-16be"), AsLabelled),
        (Some("utf-16le"), WrongLabel),
        (Some("iso-8859-1"), WrongLabel),
        (Some("x-ours"), UnknownLabel),
    ] {
        check(b"\xfe\xff\x30\x42\0a", label, "あa", "UTF-16BE", why);
    }
    check(b"\xff\xfe\x42\x30", None, "あ", "UTF-16LE", NoLabel);
    let odd = decode(b"\xff\xfe\x42\x30a", None, None).charset.reason;
    assert_eq!(odd, CharsetReason::Undecodable);
}
