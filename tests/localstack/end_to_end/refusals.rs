//! Mails that are refused: the registered sender gets one notice, everybody else nothing (P-013).

use localstack::{Mail, Sender};
use tests::customer::Letter;

const LIMIT_BYTES: usize = 5 * 1_048_576;
/// The test file of the antivirus industry, in two parts, so that this source is none.
const EICAR: [&str; 2] = [
    r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD",
    "-ANTIVIRUS-TEST-FILE!$H+H*",
];

/// Sends, and returns the one notice, which holds all of these.
fn refused(sender: &Sender, letter: &Letter, expected: &[&str]) -> Mail {
    let before = sender.points();
    let reply = sender.send(letter);
    assert_eq!(sender.world.taken(reply.message_id()), "refused");
    let notice = sender.notices(1).remove(0);
    let serial = format!("{}-000001", sender.account());
    for expected in [&[serial.as_str(), "管理番号", "Serial"], expected].concat() {
        assert!(
            notice.text.contains(expected),
            "{expected}: {}",
            notice.text
        );
    }
    assert_eq!(sender.points(), before, "nothing is charged");
    assert!(sender.dispatches().is_empty(), "nothing is sent");
    assert!(sender.mailbox(&sender.recipient("hanako")).is_empty());
    notice
}

fn letter(sender: &Sender) -> Letter {
    sender.letter(&[&sender.recipient("hanako")])
}

#[test]
fn refuses_a_mail_without_to_i_063() {
    let sender = Sender::with_points(1);
    let letter = letter(&sender).without("To");
    let reasons = ["TOに宛先がありません", "There is no recipient in TO"];
    let _ = refused(&sender, &letter, &reasons);
}

#[test]
fn refuses_a_mail_to_the_service_alone_i_063() {
    let sender = Sender::with_points(1);
    let letter = sender.letter(&["mail@akashi.test"]);
    let reasons = [
        "TOには本サービスのアドレスしかありません",
        "TO holds only addresses",
    ];
    let _ = refused(&sender, &letter, &reasons);
}

#[test]
fn refuses_one_byte_too_many_and_takes_one_less_q_2() {
    let sender = Sender::with_points(1);
    let reasons = [
        "メールが大きすぎます（約5.1MB、上限5MB）",
        "(about 5.1 MB; at most 5 MB)",
    ];
    let too_large = letter(&sender).of_size(LIMIT_BYTES + 1);
    let _ = refused(&sender, &too_large, &reasons);
    let largest = letter(&sender).of_size(LIMIT_BYTES);
    assert_eq!(largest.as_sent().len(), LIMIT_BYTES);
    let _ = sender.send(&largest);
    let dispatch = sender.ended_dispatches(1).remove(0);
    assert_eq!(dispatch.outcome.as_deref(), Some("relayed"));
    let serial = format!("{}-000002", sender.account());
    assert_eq!(
        dispatch.serial, serial,
        "a refused mail has a serial (P-071)"
    );
    assert_eq!(sender.points(), (0, 0));
    let _ = sender.notices(2);
}

#[test]
fn refuses_when_the_points_are_not_enough_for_all_i_042() {
    let sender = Sender::with_points(1);
    let [first, second] = ["hanako", "jiro"].map(|name| sender.recipient(name));
    let letter = sender.letter(&[&first, &second]);
    let reasons = ["ポイントが足りません（必要2、残り1）", "(needed 2, left 1)"];
    let _ = refused(&sender, &letter, &reasons);
    assert!(sender.mailbox(&second).is_empty());
}

#[test]
fn refuses_a_forged_from_without_a_serial_or_a_word_of_it_q_8_q_30() {
    let other = Sender::with_points(0);
    let signer = other.customer.address.domain().as_str();
    for is_unsigned in [true, false] {
        let sender = Sender::with_points(1);
        let forged = letter(&sender).subject("Pay at https://evil.test");
        let forged = if is_unsigned {
            forged.unsigned()
        } else {
            forged.signed_by(signer)
        };
        let reply = sender.send(&forged);
        assert_eq!(sender.world.taken(reply.message_id()), "unvouched");
        let notice = sender.notices(1).remove(0);
        for expected in [
            "DKIM署名がないか、検証に合格していません",
            "no DKIM signature of the From domain",
        ] {
            assert!(notice.text.contains(expected), "{}", notice.text);
        }
        let told = notice.subject + &notice.text;
        assert!(
            !told.contains("evil") && !told.contains(sender.account()),
            "{told}"
        );
        assert!(sender.dispatches().is_empty(), "nothing is sent");
        assert_eq!(sender.points(), (1, 0), "nothing is charged");
    }
    assert!(other.notices(0).is_empty());
}

#[test]
fn refuses_malware_even_inside_an_attachment() {
    let sender = Sender::with_points(1);
    let virus = EICAR.concat().into_bytes();
    let letter = letter(&sender).with_attachments(&[("a.com", "application/x-dosexec", &virus)]);
    let reasons = ["不正なプログラムが見つかりました", "Malware was found"];
    let notice = refused(&sender, &letter, &reasons);
    let raw = sender.raw(&notice);
    assert!(!String::from_utf8_lossy(&raw).contains("a.com"));
}

#[test]
fn names_all_reasons_at_once_p_013() {
    let sender = Sender::with_points(0);
    let letter = letter(&sender)
        .body(EICAR.concat() + "\r\n")
        .of_size(LIMIT_BYTES + 1);
    let reasons = [
        "不正なプログラムが見つかりました",
        "メールが大きすぎます",
        "ポイントが足りません",
        "Malware was found",
        "too large",
        "not enough points",
    ];
    let _ = refused(&sender, &letter, &reasons);
}
