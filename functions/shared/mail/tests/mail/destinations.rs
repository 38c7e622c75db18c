//! The subject of a contract mail, read by the grammar of.

use std::collections::BTreeSet;

use domain::{Destinations, EmailAddress, ServedCountries, UnusableReason};
use mail::{ParsedMail, read_destinations};
use proptest::prelude::*;

use crate::corpus;

fn is_ours(address: &EmailAddress) -> bool {
    address.domain().as_str().ends_with("akashi.test")
}

fn read(subject: &str) -> Destinations {
    read_destinations(subject, &ServedCountries::default(), is_ours)
}

#[track_caller]
fn check(subject: &str, recipients: &[&str], rest: &str) {
    let read = read(subject);
    let found: Vec<String> = read.recipients.iter().map(ToString::to_string).collect();
    assert_eq!(found, recipients, "{subject}");
    assert_eq!(read.subject, rest, "{subject}");
    assert_eq!(read.unusable, [], "{subject}");
}

#[test]
fn leading_addresses_and_numbers_are_destinations_and_the_rest_is_the_subject_p_010_q_3() {
    check("a@b.test 契約の件", &["a@b.test"], "契約の件");
    check("090-1234-5678 契約の件", &["+819012345678"], "契約の件");
    check(
        "a@b.test 09012345678 契約",
        &["a@b.test, +819012345678"],
        "契約",
    );
    check(
        "09012345678 a@b.test 契約",
        &["a@b.test, +819012345678"],
        "契約",
    );
    check("a@b.test", &["a@b.test"], "");
    check("契約の件", &[], "契約の件");
    check("", &[], "");
    check("契約 a@b.test", &[], "契約 a@b.test");
    check("a@b.test Re: c@d.test x", &["a@b.test"], "Re: c@d.test x");
}

#[test]
fn marks_of_answers_and_of_passed_on_mails_in_front_are_left_out_q_3() {
    for marks in [
        "Re: ",
        "RE:",
        "Fwd: ",
        "fw: ",
        "ＲＥ：",
        "転送: ",
        "返信：",
        "Re: Re: FWD: ",
    ] {
        check(&format!("{marks}a@b.test 契約"), &["a@b.test"], "契約");
        check(
            &format!("{marks}090-1234-5678 Re: 契約"),
            &["+819012345678"],
            "Re: 契約",
        );
        let subject = format!("{marks}契約の件");
        check(&subject, &[], &subject);
    }
    for subject in ["Ref: a@b.test x", "a: b@c.test x", ": a@b.test x", "Re"] {
        check(subject, &[], subject);
    }
}

#[test]
fn what_is_left_over_stands_alone_and_what_is_equal_counts_once_q_16_q_19() {
    check(
        "a@b.test c@d.test 09012345678 08012345678 07012345678 x",
        &[
            "a@b.test, +819012345678",
            "c@d.test, +818012345678",
            "+817012345678",
        ],
        "x",
    );
    check(
        "A@b.test a@B.TEST c@d.test x",
        &["A@b.test", "c@d.test"],
        "x",
    );
    check("09012345678 +81-90-1234-5678 x", &["+819012345678"], "x");
}

#[test]
fn full_width_letters_and_any_white_space_count_q_19() {
    check(
        "ａ＠ｂ．ｔｅｓｔ　＋８１－９０－１２３４－５６７８　見積（Ａ）",
        &["a@b.test, +819012345678"],
        "見積（Ａ）",
    );
    check(
        "a@b.test\u{a0}０９０（１２３４）５６７８\tⅣ ①",
        &["a@b.test, +819012345678"],
        "Ⅳ ①",
    );
    check("  a@b.test   x  y  ", &["a@b.test"], "x  y");
    check("\u{202a}+819012345678\u{202c} x", &["+819012345678"], "x");
    check("090 1234 5678 x", &["+819012345678"], "x");
    check("+81 90 1234 5678 2026 x", &["+819012345678"], "2026 x");
    check("taro@日本.example x", &["taro@日本.example"], "x");
}

#[test]
fn brackets_and_the_marks_of_lists_are_skipped() {
    check("<a@b.test>, <c@d.test>; x", &["a@b.test", "c@d.test"], "x");
    check(
        "a@b.test、090-1234-5678、契約書",
        &["a@b.test, +819012345678"],
        "契約書",
    );
    check("a@b.test,c@d.test x, y", &["a@b.test", "c@d.test"], "x, y");
    check("a@b.test: x", &["a@b.test"], "x");
    check("\"a,b\"@c.test x", &["\"a,b\"@c.test"], "x");
}

#[test]
fn a_number_that_is_no_telephones_begins_the_subject() {
    for rest in [
        "2026 年度",
        "100",
        "2026-11-24 契約",
        "0012345 注文",
        "3F",
        "@here x",
        "mtg@tokyo x",
        "10:30 x",
        "1,000円",
        "+ x",
        "第1条",
    ] {
        check(&format!("a@b.test {rest}"), &["a@b.test"], rest);
    }
}

#[test]
fn says_which_leading_destination_is_of_no_use_and_why_c_017() {
    use UnusableReason::{Foreign, Landline, OwnAddress, UnsendableAddress};
    for (text, why) in [
        ("03-1234-5678", Landline),
        ("０３－１２３４－５６７８", Landline),
        ("0120-123-456", Landline),
        ("050-1234-5678", Landline),
        ("+81-3-1234-5678", Landline),
        ("090-1234-567", Landline),
        ("090-1234-56789", Landline),
        ("+12025550123", Foreign),
        ("mail@akashi.test", OwnAddress),
        ("taro@c.akashi.test", OwnAddress),
        ("花子@b.test", UnsendableAddress),
        ("a@b..test", UnsendableAddress),
        ("a@b.test契約の件", UnsendableAddress),
    ] {
        let read = read(&format!("c@d.test {text} x"));
        let found: Vec<_> = read
            .unusable
            .iter()
            .map(|u| (u.text.as_str(), u.why))
            .collect();
        assert_eq!(found, [(text, why)]);
        assert_eq!(
            (read.recipients.len(), read.subject.as_str()),
            (1, "x"),
            "{text}"
        );
    }
}

#[test]
fn a_subject_of_a_megabyte_is_read_to_a_limit() {
    for (unit, count) in [
        ("a@b.test ", 1),
        ("+", 0),
        ("090 ", 0),
        ("a@", 0),
        (",", 0),
        ("03-1234-5678 ", 0),
        ("\u{fdfa}", 0),
    ] {
        let read = read(&unit.repeat(1_000_000 / unit.len()));
        assert_eq!(read.recipients.len(), count, "{unit}");
        assert!(read.unusable.len() <= 20);
    }
    let many: String = (0..60_000).map(|n| format!("r{n}@b.test ")).collect();
    assert_eq!(read(&many).recipients.len(), 1_000);
}

#[test]
fn reads_encoded_subjects_as_japanese_mailers_write_them_i_018_i_020() {
    for (name, recipients, rest) in [
        (
            "contract-subject-iso-2022-jp",
            vec!["hanako@recipient.test, +819012345678"],
            "秘密保持契約の件（２０２６年１月）",
        ),
        (
            "contract-subject-shift-jis",
            vec!["hanako@recipient.test, +818012345678"],
            "髙﨑様　売買契約①",
        ),
        (
            "contract-subject-utf-8",
            vec![
                "hanako@recipient.test, +819012345678",
                "jiro@recipient.test, +818012345678",
            ],
            "2026年度の 業務委託契約",
        ),
    ] {
        let raw = corpus::mail(name);
        check(&ParsedMail::parse(&raw).subject(), &recipients, rest);
    }
}

/// Subjects made of what destinations are made of.
fn subject() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("a@b.test".to_owned()),
        Just("mail@akashi.test".to_owned()),
        Just("090-1234-5678".to_owned()),
        "[+0-9０-９（）()-]{1,14}",
        "[a-zａ-ｚ@＠.\"<>]{1,10}",
        ".{0,6}",
    ];
    let separator = prop_oneof![" ", "\u{3000}", "[,、;]", Just(String::new())];
    prop::collection::vec((word, separator), 0..8).prop_map(|words| {
        words
            .into_iter()
            .map(|(word, after)| word + &after)
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_subject_is_read_without_panic_and_its_rest_names_nobody(subject in subject()) {
        let first = read(&subject);
        prop_assert!(subject.ends_with(&first.subject) || subject.trim().ends_with(&first.subject));
        prop_assert!(!first.recipients.iter().filter_map(|r| r.mail()).any(is_ours));
        let again = read(&first.subject);
        prop_assert_eq!(again.recipients, vec![]);
        prop_assert_eq!(again.unusable, vec![]);
        prop_assert_eq!(again.subject, first.subject);
    }

    #[test]
    fn every_address_and_number_is_there_once(subject in subject()) {
        let read = read(&subject);
        let addresses: Vec<_> = read.recipients.iter().filter_map(|r| r.mail()).collect();
        let numbers: Vec<_> = read.recipients.iter().filter_map(|r| r.mobile()).collect();
        let distinct_addresses: BTreeSet<_> = addresses.iter().collect();
        let distinct_numbers: BTreeSet<_> = numbers.iter().collect();
        prop_assert_eq!(distinct_addresses.len(), addresses.len());
        prop_assert_eq!(distinct_numbers.len(), numbers.len());
    }
}
