//! Contracts from the sender's mail to the certificate, in memory, through every step and the real
//! state machine: who is offered what, who answers how, and what comes of it.

mod addenda;
mod answers;
mod at_once;
mod bad_input;
mod crashes;
mod delivery_logs;
mod matrix;
mod notices;
mod order;
mod other_mails;
mod pages;
mod proofs;
mod races;

use domain::{DispatchId, OfferOrder};
use tests::customer::{Customer, Letter};
use tests::{Execution, World};
use workflow::ports::MailTag;

use super::{HANAKO, first_dispatch, outcome};

/// Hanako's mobile number.
const MOBILE: &str = "+819012345678";

/// Subjects that name Hanako by her address, by her number, by both.
const BY_MAIL: &str = "hanako@recipient.test 業務委託契約";
const BY_SMS: &str = "090-1234-5678 業務委託契約";
const BY_BOTH: &str = "hanako@recipient.test 090-1234-5678 業務委託契約";

/// The default deadline, in seconds.
const THIRTY_DAYS: i64 = 30 * 24 * 3_600;

/// A world whose customer sends both at once, or the mail first (P-022).
pub(super) fn world_in(order: OfferOrder) -> World {
    let world = World::with_customer(10);
    world.change_account(&Customer::taro().account, |account| {
        account.settings.contracts.order = order;
    });
    world
}

/// Taro offers Hanako a contract; a minute later everything that happens by itself has happened.
fn offered(world: &World, subject: &str) -> DispatchId {
    let id = first_dispatch(&world.receive(&Letter::contract(subject)));
    world.pass(60);
    id
}

/// How many copies went to Taro and to Hanako, by mail and by SMS together.
fn copies(world: &World) -> (usize, usize) {
    let outbox = world.outbox();
    let to = |address: &str| {
        let is_copy = |sent: &&tests::SentMail| {
            matches!(sent.mail.tag, MailTag::Copy(_)) && sent.mail.to.as_str() == address
        };
        outbox.iter().filter(is_copy).count()
    };
    let by_sms = world.sms_outbox();
    let by_sms = by_sms.iter().filter(|sent| sent.sms.text.contains("/c/"));
    (
        to(Customer::taro().address.as_str()),
        to(HANAKO) + by_sms.count(),
    )
}

/// How many mails of this kind went to Taro.
fn notices(world: &World, is_one: impl Fn(&MailTag) -> bool) -> usize {
    let sent = world.outbox().into_iter();
    let to_taro = sent.filter(|sent| sent.mail.to == Customer::taro().address);
    to_taro.filter(|sent| is_one(&sent.mail.tag)).count()
}

/// How many offers went out by SMS.
fn offers_by_sms(world: &World) -> usize {
    let sent = world.sms_outbox();
    sent.iter()
        .filter(|sent| sent.sms.text.contains("/o/"))
        .count()
}

/// The execution that began with a dispatch.
fn execution(world: &World, id: &DispatchId) -> Execution {
    let mut executions = world.executions().into_iter();
    executions
        .find(|execution| execution.name == id.as_str())
        .expect("its workflow was started")
}

/// Each answer of a dispatch: its text, and whether it came too late to change anything.
fn answers(world: &World, id: &DispatchId) -> Vec<(String, bool)> {
    let events = world.events(id).into_iter();
    events
        .filter_map(|event| {
            let text = event.kind.answer()?.text.trim().to_owned();
            Some((text, event.is_supplementary))
        })
        .collect()
}
