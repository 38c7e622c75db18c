//! The door of the service: brings each mail that SES received to the step that takes it.

use crate::answers::take_answer::TakeAnswer;
use crate::intake::parse_mail::ParseMail;
use crate::ports::{
    Clock, CommitChange, CompleteWait, ExpireObject, FindAccount, FindByMessage, FindByToken,
    FindIntake, LoadDispatch, LookUpTxt, Nonces, OpenAddendum, ReadObject, RecordIntake, SendMail,
    StartDispatch, UnfoldIntake,
};
use crate::wire::ReceiptEvent;
use crate::{Failure, Route};

/// Takes the mails of an event: what came back to [`TakeAnswer`], all else to [`ParseMail`], whose
/// ports serve both. An answer that nothing came of is let go. The same event again changes
/// nothing.
///
/// # Errors
/// As those of the two steps; permanent when the event cannot be read.
pub async fn receive_mail<Objects, Accounts, Store, Dns, Mailer, Workflows, Time, Tokens>(
    orders: &ParseMail<Objects, Accounts, Store, Dns, Mailer, Workflows, Time, Tokens>,
    event: ReceiptEvent,
) -> Result<(), Failure>
where
    Objects: ReadObject + ExpireObject + Clone,
    Accounts: FindAccount,
    Store: FindIntake
        + RecordIntake
        + UnfoldIntake
        + LoadDispatch
        + CommitChange
        + FindByToken
        + FindByMessage
        + OpenAddendum
        + Clone,
    Dns: LookUpTxt + Clone,
    Mailer: SendMail,
    Workflows: CompleteWait + StartDispatch + Clone,
    Time: Clock + Clone,
    Tokens: Nonces,
{
    let answers = TakeAnswer {
        objects: orders.objects.clone(),
        store: orders.store.clone(),
        dns: orders.dns.clone(),
        workflows: orders.workflows.clone(),
        clock: orders.clock.clone(),
        service: orders.service.clone(),
    };
    for receipt in event.receipts()? {
        match orders.service.route(&receipt.recipients) {
            Route::Answer(token) => {
                if answers.run(&receipt, token.as_ref()).await?.is_none() {
                    orders.forget(&receipt).await?;
                }
            }
            Route::Mail | Route::Contract(_) | Route::Mixed(_) | Route::Unknown => {
                orders.run(&receipt).await?;
            }
        }
    }
    Ok(())
}
