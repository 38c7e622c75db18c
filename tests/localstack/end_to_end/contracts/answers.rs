//! What comes back besides the one answer, and what nobody tried.

use localstack::{Browser, Mail, Sender, fresh_mobile, fresh_mobile_that, wait_for};

use super::{certificate_text, find, mailed_copies};

#[test]
fn what_is_no_answer_of_the_recipient_is_shown_and_settles_nothing_q_13() {
    let sender = Sender::with_points(1);
    let recipient = sender.recipient("hanako");
    let id = sender.offer(&format!("{recipient} 業務委託契約"));
    let offer = sender.offer_mail(&recipient);
    let stranger = sender.recipient("jiro");
    let letters = [
        sender
            .reply(&recipient, &offer, "不在です。")
            .field("Auto-Submitted", "auto-replied"),
        sender.reply(&stranger, &offer, "代わりに承諾します。"),
    ];
    for letter in &letters {
        assert_eq!(sender.world.post(letter).code, 250);
    }
    // A number that nobody wrote to answers nothing.
    sender.world.answer_by_sms(&fresh_mobile(), "承諾します。");
    assert_eq!(sender.answered(letters.len()).outcome, None);

    let answer = sender.answer_by_mail(&recipient, &offer, "私が承諾します。");
    assert_eq!(answer.code, 250);
    let dispatch = sender.ended_dispatches(1).remove(0);
    assert_eq!(dispatch.outcome.as_deref(), Some("answered"));
    let standings = dispatch.answers();
    let standings = standings.iter().map(|(answer, _)| answer.standing.as_str());
    let mut standings: Vec<&str> = standings.collect();
    standings.sort_unstable();
    assert_eq!(
        standings,
        ["another_address", "automatic_auto_submitted", "recipient"]
    );
    let certificate = certificate_text(&sender, &dispatch);
    for said in ["私が承諾します。", &stranger] {
        assert!(certificate.contains(said), "{said}: {certificate}");
    }
    let original = sender.original(&dispatch);
    let _ = sender.world.contract_transitions(&id);
    assert_eq!(mailed_copies(&sender, &stranger, &original), 0);
}

#[test]
fn an_answer_after_the_end_changes_nothing_and_has_an_addendum_for_both_parties_p_065() {
    let sender = Sender::with_points(1);
    let (recipient, mobile) = (sender.recipient("hanako"), fresh_mobile());
    let id = sender.offer(&format!("{recipient} {mobile} 業務委託契約"));
    let offer = sender.offer_mail(&recipient);
    let _ = sender.world.sms(&mobile, 1);
    sender.world.answer_by_sms(&mobile, "承諾します。");
    let before = sender.ended_dispatches(1).remove(0);
    let late = sender.answer_by_mail(&recipient, &offer, "やはりお断りします。");
    assert_eq!(late.code, 250);
    let after = sender.answered(2);
    let kept = after.answers();
    let kept: Vec<(&str, bool)> = kept
        .iter()
        .map(|(answer, is_late)| (answer.text.trim(), *is_late))
        .collect();
    assert_eq!(
        kept,
        [("承諾します。", false), ("やはりお断りします。", true)]
    );
    assert_eq!(after.certificate_sha256, before.certificate_sha256);
    assert_eq!(after.outcome.as_deref(), Some("answered"));
    assert_eq!(sender.points(), (0, 0));
    assert_eq!(sender.ledger_lines("posted"), 1);
    let _ = sender.world.contract_transitions(&id);

    let dispatches = sender.ended_dispatches(2);
    let addendum = dispatches.iter().find(|other| other.dispatch_id != id);
    let addendum = addendum.expect("the late answer has an addendum");
    assert_eq!(addendum.outcome.as_deref(), Some("answered_later"));
    let certificate = certificate_text(&sender, addendum);
    let main = after.certificate_sha256.expect("the contract is certified");
    for said in ["やはりお断りします。", &main, &after.serial] {
        assert!(certificate.contains(said), "{said}: {certificate}");
    }
    let original = sender.original(addendum);
    for party in [sender.address(), &recipient] {
        wait_for(&format!("{party} gets the addendum"), || {
            (mailed_copies(&sender, party, &original) == 1).then_some(())
        });
    }
}

#[test]
fn who_is_not_shown_to_be_the_recipient_answers_nothing_q_23_q_31() {
    let sender = Sender::with_points(1);
    let recipient = sender.recipient("hanako");
    let id = sender.offer(&format!("{recipient} 業務委託契約"));
    let offer = sender.offer_mail(&recipient);
    let visible = "contract@akashi.test";
    // The mail is there before the id that the provider gave it is on record, and then the index
    // follows: until then nobody knows what a reply refers to.
    wait_for("the offer can be found by its message", || {
        let dispatches = sender.dispatches();
        (find(&dispatches, &id).attempt == "provider_accepted").then_some(())
    });
    // In her name, to the visible address, with a reference to the offer and no signature.
    let forged = sender
        .reply(&recipient, &offer, "承諾します（偽）。")
        .unsigned();
    let forged = forged.to(&[visible]).delivered_to(&[visible]);
    assert_eq!(sender.world.post(&forged).code, 250);
    assert_eq!(
        sender.answered(1).outcome,
        None,
        "nobody knows who wrote it"
    );

    // She answers by the reply address, and signs nothing either.
    let answer = sender
        .reply(&recipient, &offer, "私が承諾します。")
        .unsigned();
    assert_eq!(sender.world.post(&answer).code, 250);
    let dispatch = sender.ended_dispatches(1).remove(0);
    assert_eq!(dispatch.outcome.as_deref(), Some("answered"));
    let certificate = certificate_text(&sender, &dispatch);
    for said in ["承諾します（偽）。", "Notauthenticated:allthatisknown"] {
        assert!(certificate.contains(said), "{said}: {certificate}");
    }
    let _ = sender.world.contract_transitions(&id);

    // The sender knows the link by the certificate, and uses it.
    let late = Browser::new(sender.world);
    assert!(!late.get(offer.link()).html().contains("<form"));
    let form = [("choice", "decline"), ("text", "取り消します。")];
    let page = late.answer(offer.link(), &form);
    assert!(
        page.html().contains("Not recorded as your answer"),
        "{}",
        page.html()
    );
    assert_eq!(sender.answered(3).outcome.as_deref(), Some("answered"));
    assert_eq!(sender.dispatches().len(), 1, "nothing was added");

    // Her copy brought her a link of her own.
    let copy = copy_to(&sender, &recipient, &offer);
    assert_ne!(copy.link(), offer.link());
    let form = [("choice", "text"), ("text", "追伸です。")];
    assert_eq!(late.answer(copy.link(), &form).status, 200);
    let addendum = sender.ended_dispatches(2);
    let addendum = addendum.iter().find(|other| other.dispatch_id != id);
    let addendum = addendum.expect("her answer has an addendum");
    assert!(certificate_text(&sender, addendum).contains("追伸です。"));
}

#[test]
fn a_reply_to_her_copy_is_hers_though_nobody_signed_it_q_31() {
    let sender = Sender::with_points(1);
    let recipient = sender.recipient("hanako");
    let id = sender.offer(&format!("{recipient} 業務委託契約"));
    let offer = sender.offer_mail(&recipient);
    sender.world.answer_by_link(offer.link(), "agree", "");
    let _ = sender.world.contract_transitions(&id);
    let copy = copy_to(&sender, &recipient, &offer);
    let reply = sender.reply(&recipient, &copy, "追伸です。").unsigned();
    assert_eq!(sender.world.post(&reply).code, 250);
    let dispatches = sender.ended_dispatches(2);
    let addendum = dispatches.iter().find(|other| other.dispatch_id != id);
    let addendum = addendum.expect("her answer has an addendum");
    assert_eq!(addendum.outcome.as_deref(), Some("answered_later"));
    assert!(certificate_text(&sender, addendum).contains("追伸です。"));
}

/// The mail that brings her copy of the certificate.
fn copy_to(sender: &Sender, recipient: &str, offer: &Mail) -> Mail {
    wait_for("her copy", || {
        let mut mails = sender.mailbox(recipient).into_iter();
        mails.rfind(|mail| mail.ses_message_id != offer.ses_message_id)
    })
}

#[test]
fn what_nobody_tried_on_any_road_is_told_and_not_charged_q_5() {
    let sender = Sender::with_points(4);
    let refused = sender.recipient("hanako");
    sender.world.refuse_mail("content", &refused, 1);
    let suppressed = format!(
        "suppressionlist+{}@simulator.amazonses.com",
        sender.account().to_lowercase()
    );
    let (opted_out, limited) = (fresh_mobile_that("04"), fresh_mobile_that("11"));
    let all = [&suppressed, &opted_out, &limited, &refused];
    for destinations in all {
        let _ = sender.offer(&format!("{destinations} 業務委託契約"));
    }
    let dispatches = sender.ended_dispatches(all.len());
    for dispatch in &dispatches {
        let expected = if dispatch.mobile.as_ref() == Some(&limited) {
            "not_attempted_spending_limit"
        } else if dispatch.recipient.as_ref() == Some(&refused) {
            "not_attempted_refused"
        } else {
            "not_attempted_suppressed"
        };
        assert_eq!(dispatch.outcome.as_deref(), Some(expected));
        assert_eq!(dispatch.charge, "voided", "{}", dispatch.serial);
        assert_eq!(dispatch.certificate_key, None);
    }
    assert_eq!(sender.points(), (4, 0));
    assert_eq!(sender.ledger_lines("voided"), all.len());
    let notices = sender.notices(all.len());
    for dispatch in &dispatches {
        let told = notices
            .iter()
            .filter(|notice| notice.text.contains(&dispatch.serial));
        assert_eq!(told.count(), 1, "{}", dispatch.serial);
    }
}
