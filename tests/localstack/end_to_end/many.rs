//! A mail to sixty recipients: more than one transaction writes, more than get mails one by one.

use localstack::{Browser, Sender, wait_for};

use super::repetitions::receipt_event;
use super::turn;

const RECIPIENTS: usize = 60;

#[test]
fn a_mail_to_sixty_gets_sixty_certificates_and_one_summary_i_061_q_22() {
    let _turn = turn();
    let sender = Sender::with_points(70);
    let recipients: Vec<String> = (0..RECIPIENTS)
        .map(|number| sender.recipient(&format!("hanako{number}")))
        .collect();
    let to: Vec<&str> = recipients.iter().map(String::as_str).collect();
    let reply = sender.send(&sender.letter(&to));
    let dispatches = sender.ended_dispatches(RECIPIENTS);
    let serials: Vec<&str> = dispatches.iter().map(|one| one.serial.as_str()).collect();
    let gapless = (1..=RECIPIENTS).map(|number| format!("{}-{number:06}", sender.account()));
    assert!(gapless.eq(serials), "serials have no gap");
    for dispatch in &dispatches {
        assert_eq!(dispatch.outcome.as_deref(), Some("relayed"));
        assert!(sender.original(dispatch).starts_with(b"%PDF-"));
    }
    for recipient in &recipients {
        assert_eq!(sender.mailbox(recipient).len(), 1, "{recipient}");
    }
    assert_eq!(sender.points(), (10, 0));
    assert_eq!(sender.ledger_lines("posted"), RECIPIENTS);
    // The whole submission was reserved in one line, of which nothing is left.
    assert_eq!(sender.ledger_lines("held"), 1);

    let summary = wait_for("the summary", || sender.notices(1).into_iter().next());
    for dispatch in &dispatches {
        let digest = dispatch.certificate_sha256.as_deref();
        let digest = digest.expect("the dispatch has a certificate");
        assert!(summary.text.contains(&dispatch.serial) && summary.text.contains(digest));
    }
    let link = summary
        .text
        .split_whitespace()
        .find(|word| word.contains("/l/"));
    let link = link.expect("there is a link");
    let browser = Browser::new(sender.world);
    let page = browser.get(link);
    assert_eq!(page.status, 200);
    assert!(
        dispatches
            .iter()
            .all(|one| page.html().contains(&one.serial))
    );
    let last = browser.get(&format!("{link}/{RECIPIENTS}"));
    let last_dispatch = dispatches.last().expect("sixty");
    assert!(last.body == sender.original(last_dispatch), "byte for byte");
    assert_eq!(browser.get(&link.replace("/l/", "/l/x")).status, 404);

    // Whoever takes the mail in again finds all of it done.
    let before = (sender.dispatches(), sender.points());
    let function = sender.world.output("ParseMailFunction");
    let event = receipt_event(&sender, reply.message_id());
    let again = sender.world.invoke(function, &event);
    assert_eq!(again.error, None, "{}", again.payload);
    assert_eq!((sender.dispatches(), sender.points()), before);
    assert_eq!(sender.notices(1).len(), 1);
}
