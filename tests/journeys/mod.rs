//! Mails from the sender's server to the certificate, in memory, through every step and the real
//! state machine.

mod at_once;
mod authenticity;
mod bad_input;
mod configuration;
mod contracts;
mod crashes;
mod deliveries;
mod events;
mod faults;
mod ignored;
mod lapses;
mod late_bounces;
mod many;
mod operating;
mod refusals;
mod renewals;

use domain::{DispatchId, InboundMessageId, Named, Outcome, SubmissionId};
use tests::customer::{Customer, Letter};
use tests::{Reaction, World};

/// The recipient of [`Letter::from`].
const HANAKO: &str = "hanako@recipient.test";

/// Customer taro writes a letter to hanako; time passes until nothing is left to do.
fn hanako_gets_a_letter(world: &World) -> DispatchId {
    let inbound = world.receive(&Letter::from(&Customer::taro()));
    world.settle();
    first_dispatch(&inbound)
}

fn first_dispatch(inbound: &InboundMessageId) -> DispatchId {
    DispatchId::of_recipient(&SubmissionId::of_mail(inbound), 0)
}

/// How a dispatch ended, or `open`.
fn outcome(world: &World, id: &DispatchId) -> &'static str {
    let outcome = world
        .dispatch(id)
        .and_then(|stored| stored.progress.outcome());
    outcome.map_or("open", Outcome::name)
}

/// How many messages went to a recipient, copies and notices to the sender not counted.
fn messages_to(world: &World, recipient: &str) -> usize {
    let outbox = world.outbox();
    let is_message =
        |sent: &&tests::SentMail| sent.dispatch().is_some() && sent.mail.to.as_str() == recipient;
    outbox.iter().filter(is_message).count()
}

/// How many copies and notices went to the sender.
fn mails_to_sender(world: &World) -> usize {
    world
        .outbox()
        .iter()
        .filter(|sent| sent.dispatch().is_none())
        .count()
}

/// How many that are for one letter: a certificate or the notice that nothing was attempted; and
/// the addendum of a late bounce beside it.
fn mails_about(reaction: Reaction) -> usize {
    1 + usize::from(reaction == Reaction::LateBounce)
}

/// How long after its acceptance the sender got the last mail about a letter.
fn seconds_to_last_mail(world: &World) -> i64 {
    let accepted_at = world
        .dispatches()
        .iter()
        .map(|stored| stored.dispatch.accepted_at)
        .min();
    let outbox = world.outbox();
    let last = outbox
        .iter()
        .filter(|sent| sent.dispatch().is_none())
        .map(|sent| sent.at)
        .max();
    match (accepted_at, last) {
        (Some(accepted_at), Some(last)) => last.duration_since(accepted_at).as_secs(),
        _ => 0,
    }
}
