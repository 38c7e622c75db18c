//! Registered mails that were accepted, each to its end.

use localstack::{Dispatch, Sender, wait_for};
use mail_parser::{MessageParser, MimeHeaders};
use sha2::{Digest, Sha256};

/// The name and content of each attachment, as another reader than ours finds them.
pub(crate) fn attachments(mail: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mail = MessageParser::default().parse(mail).expect("a mail");
    let attachments = mail.attachments();
    attachments
        .map(|part| {
            let name = part.attachment_name().unwrap_or_default();
            (name.to_owned(), part.contents().to_vec())
        })
        .collect()
}

/// All the text that a reader sees.
fn texts(mail: &[u8]) -> String {
    let mail = MessageParser::default().parse(mail).expect("a mail");
    let texts = (0..mail.text_body_count()).filter_map(|place| mail.body_text(place));
    texts.collect::<Vec<_>>().join("\n")
}

#[test]
fn two_recipients_get_the_mail_and_the_sender_two_certificates_i_054_i_061() {
    let sender = Sender::with_points(5);
    let world = sender.world;
    let [first, second, third] = ["hanako", "jiro", "suzuki"].map(|name| sender.recipient(name));
    let every_byte: Vec<u8> = (0..=u8::MAX).cycle().take(40_000).collect();
    let letter = sender
        .letter(&[&first, &second])
        .field("Cc", &format!("{third}, mail@akashi.test"))
        .with_attachments(&[
            ("bytes.bin", "application/octet-stream", &every_byte),
            ("a.pdf", "application/pdf", b"%PDF-1.4 not quite\r\n\0\n"),
        ]);
    let reply = sender.send(&letter);
    let dispatches = sender.ended_dispatches(2);

    let sent = attachments(&letter.as_sent());
    assert_eq!(sent.len(), 2);
    for (dispatch, recipient) in dispatches.iter().zip([&first, &second]) {
        assert_eq!(dispatch.recipient.as_ref(), Some(recipient));
        assert_eq!(dispatch.outcome.as_deref(), Some("relayed"));
        assert_eq!(dispatch.charge, "posted");
        let mails = sender.mailbox(recipient);
        assert_eq!(mails.len(), 1, "one mail to {recipient}");
        assert!(mails[0].text.contains(&dispatch.serial));
        let raw = sender.raw(&mails[0]);
        assert!(texts(&raw).contains("契約を更新しないことを通知します。"));
        assert!(
            attachments(&raw) == sent,
            "attachments are unchanged (I-064)"
        );
    }
    assert!(sender.mailbox(&third).is_empty(), "CC gets nothing from us");
    let account = sender.account();
    let serials: Vec<_> = dispatches.iter().map(|d| d.serial.as_str()).collect();
    assert_eq!(
        serials,
        [format!("{account}-000001"), format!("{account}-000002")]
    );
    assert_eq!(sender.points(), (3, 0));
    assert_eq!(
        (
            sender.ledger_lines("posted"),
            sender.ledger_lines("granted")
        ),
        (2, 1)
    );

    assert_copies_are_the_originals(&sender, &dispatches);
    for dispatch in &dispatches {
        let id = &dispatch.dispatch_id;
        assert!(id.starts_with(reply.message_id()));
        wait_for("the workflow ends", || {
            (world.workflow_status(id) == "SUCCEEDED").then_some(())
        });
    }
}

/// The sender has each certificate, byte for byte as the bucket keeps it for ten years.
fn assert_copies_are_the_originals(sender: &Sender, dispatches: &[Dispatch]) {
    let copies = sender.notices(dispatches.len());
    for dispatch in dispatches {
        let original = sender.original(dispatch);
        let digest: String = Sha256::digest(&original)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(dispatch.certificate_sha256, Some(digest));
        let found = copies.iter().any(|copy| {
            let attached = attachments(&sender.raw(copy));
            copy.text.contains(&dispatch.serial)
                && attached.iter().any(|(_, bytes)| *bytes == original)
        });
        assert!(found, "a byte-identical copy of {}", dispatch.serial);
        let key = dispatch.certificate_key.as_deref().expect("a certificate");
        let bucket = sender.world.output("OriginalsBucket");
        let until = sender.world.retained_until(bucket, key);
        let locked_on = year(&dispatch.events.last().expect("events").at);
        assert_eq!(year(&until), locked_on + 10, "ten years (Q-6)");
    }
}

fn year(time: &str) -> u32 {
    let (year, _) = time.split_once('-').expect("a date begins with its year");
    year.parse().expect("a year")
}
