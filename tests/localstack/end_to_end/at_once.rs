//! Fifty mails at once.

use localstack::Sender;

use super::turn;

const MAILS: usize = 50;

#[test]
fn fifty_mails_at_once_all_end_with_their_certificates_p_071() {
    let _turn = turn();
    let sender = Sender::with_points(60);
    let recipients: Vec<String> = (0..MAILS)
        .map(|number| sender.recipient(&format!("hanako{number}")))
        .collect();
    let letters = recipients
        .iter()
        .map(|recipient| sender.letter(&[recipient]).as_sent());
    let letters: Vec<Vec<u8>> = letters.collect();
    std::thread::scope(|scope| {
        for letter in &letters {
            scope.spawn(|| assert_eq!(sender.send_bytes(letter).code, 250));
        }
    });
    let dispatches = sender.ended_dispatches(MAILS);
    let mut serials = Vec::new();
    for dispatch in &dispatches {
        assert_eq!(
            dispatch.outcome.as_deref(),
            Some("relayed"),
            "{}",
            dispatch.serial
        );
        assert!(sender.original(dispatch).starts_with(b"%PDF-"));
        serials.push(dispatch.serial.clone());
    }
    serials.sort();
    let gapless = (1..=MAILS).map(|number| format!("{}-{number:06}", sender.account()));
    assert!(gapless.eq(serials), "serials have no gap");
    for recipient in &recipients {
        assert_eq!(sender.mailbox(recipient).len(), 1, "{recipient}");
    }
    assert_eq!(sender.points(), (10, 0));
    assert_eq!(sender.ledger_lines("posted"), MAILS);
    assert_eq!(sender.notices(MAILS).len(), MAILS);
}
