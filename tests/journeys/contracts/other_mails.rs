//! Mails that come back and answer nothing: their words are quoted, and they are embedded whole
//! (P-024, P-033, Q-23, X-9).

use bytes::Bytes;
use domain::limits::{OTHER_MAILS_BYTES_MAX, OTHER_MAILS_EMBEDDED_MAX};
use domain::{DispatchId, InboundMessageId};
use tests::World;
use tests::customer::Letter;

use super::{BY_MAIL, offered, outcome};

fn away(world: &World, id: &DispatchId, text: &str) -> Letter {
    Letter::answer(&world.offer_mail(id), text).field("Auto-Submitted", "auto-replied")
}

fn raw(world: &World, inbound: &InboundMessageId) -> Bytes {
    let raw = world.object(&format!("raw/{inbound}"));
    raw.expect("SES stored it")
}

/// Whether the certificate holds these bytes as they are.
fn embeds(world: &World, id: &DispatchId, mail: &[u8]) -> bool {
    let original = world.original(id).expect("it is certified");
    original.windows(mail.len()).any(|window| window == mail)
}

#[test]
fn what_answers_nothing_is_embedded_as_it_came_q_23() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    let automatic = world.receive(&away(&world, &id, "三月九日まで不在です。"));
    world.pass(60);
    let letter = Letter::answer(&world.offer_mail(&id), "代わりに承諾します。");
    let stranger = world.receive(&letter.written_by("jiro@elsewhere.test"));
    world.settle();
    world.assert_finished();
    assert_eq!(outcome(&world, &id), "no_response");
    let text = world.certificate_text_in_full(&id);
    for (mail, name) in [
        (raw(&world, &automatic), "not-an-answer-1.eml"),
        (raw(&world, &stranger), "not-an-answer-2.eml"),
    ] {
        assert!(embeds(&world, &id, &mail), "{name}");
        // In the log, and in the list of files.
        assert_eq!(text.matches(name).count(), 2, "{name}: {text}");
    }
    for inbound in [&automatic, &stranger] {
        assert!(!world.is_expiring(inbound), "it is kept until then");
    }
}

#[test]
fn beside_an_answer_the_others_are_embedded_too() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    let automatic = world.receive(&away(&world, &id, "不在です。"));
    world.pass(60);
    world.answer_by_mail(&id, "承諾します。");
    world.settle();
    world.assert_finished();
    assert_eq!(outcome(&world, &id), "answered");
    assert!(embeds(&world, &id, &raw(&world, &automatic)));
}

#[test]
fn of_too_many_the_first_are_embedded_and_the_rest_is_said_to_be_left_out() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    for number in 0..=OTHER_MAILS_EMBEDDED_MAX {
        world.receive(&away(&world, &id, &format!("不在です。{number}")));
        world.pass(60);
    }
    world.settle();
    world.assert_finished();
    let text = world.certificate_text(&id);
    let last = format!("not-an-answer-{OTHER_MAILS_EMBEDDED_MAX}.eml");
    assert!(text.contains(&last), "{text}");
    assert_eq!(text.matches("there are too many of them").count(), 1);
}

#[test]
fn a_mail_that_is_too_large_is_named_by_its_digest_and_a_later_small_one_is_embedded() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    let bytes = usize::try_from(OTHER_MAILS_BYTES_MAX).expect("few");
    let large = world.receive(&away(&world, &id, "不在です。").of_size(bytes + 1));
    world.pass(60);
    let small = world.receive(&away(&world, &id, "まだ不在です。"));
    world.settle();
    world.assert_finished();
    assert!(!embeds(&world, &id, &raw(&world, &large)));
    assert!(embeds(&world, &id, &raw(&world, &small)));
    let text = world.certificate_text_in_full(&id);
    assert!(text.contains("it is too large"), "{text}");
    assert!(text.contains("not-an-answer-1.eml"), "{text}");
}

#[test]
fn malware_and_what_is_gone_are_said_not_to_be_embedded() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    let letter = Letter::answer(&world.offer_mail(&id), "EICAR");
    let malware = world.receive(&letter.verdicts("FAIL", "PASS"));
    world.pass(60);
    let gone = world.receive(&away(&world, &id, "不在です。"));
    world.pass(60);
    assert!(world.lose_object(&format!("raw/{gone}")));
    world.settle();
    world.assert_finished();
    assert!(!embeds(&world, &id, &raw(&world, &malware)));
    let text = world.certificate_text(&id);
    for reason in ["malware was found in it", "it could not be read"] {
        assert!(text.contains(reason), "{reason}: {text}");
    }
}
