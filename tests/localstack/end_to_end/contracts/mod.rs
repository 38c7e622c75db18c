//! Contracts through the real doors: offers go in by SMTP and out by mail and SMS; answers come by
//! SMTP, by SMS and by the page behind the link.

mod answers;
mod at_once;
mod bad_input;
mod matrix;
mod pages;

use judges::Case;
use localstack::{Dispatch, Sender};

use super::journeys::attachments;

/// What the certificate of a dispatch says, without white space: where lines break is not the
/// matter here.
pub(super) fn certificate_text(sender: &Sender, dispatch: &Dispatch) -> String {
    let original = sender.original(dispatch);
    let pages = Case::new(&dispatch.serial, &original, &[]).pages();
    let pages = pages.concat();
    pages.split_whitespace().collect()
}

/// The dispatch with an id, among those of an account.
fn find<'a>(dispatches: &'a [Dispatch], id: &str) -> &'a Dispatch {
    let mut dispatches = dispatches.iter();
    dispatches
        .find(|dispatch| dispatch.dispatch_id == id)
        .expect("it is the account's")
}

/// How many mails in a mailbox carry this file.
pub(super) fn mailed_copies(sender: &Sender, address: &str, original: &[u8]) -> usize {
    let mails = sender.mailbox(address);
    let carries = |mail: &&localstack::Mail| {
        let files = attachments(&sender.raw(mail));
        files.iter().any(|(_, bytes)| bytes == original)
    };
    mails.iter().filter(carries).count()
}
