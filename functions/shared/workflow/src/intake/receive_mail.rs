//! The door of the service: brings each mail that SES received to the step that takes it.

use crate::answers::take_answer::TakeAnswer;
use crate::intake::parse_mail::ParseMail;
use crate::ports::{
    Clock, CommitChange, CompleteWait, ExpireObject, FindAccount, FindByMessage, FindByToken,
    FindIntake, LoadDispatch, LookUpTxt, Nonces, OpenAddendum, ReadObject, RecordIntake, SendMail,
    StartDispatch, UnfoldIntake,
};
use crate::wire::ReceiptEvent;
use crate::{Failure, Outside, Route};

/// Takes the mails of an event: what came back to [`TakeAnswer`], all else to [`ParseMail`], whose
/// ports serve both. An answer that nothing came of is let go. The same event again changes
/// nothing.
///
/// # Errors
/// As those of the two steps; permanent when the event cannot be read.
pub async fn receive_mail<O>(orders: &ParseMail<O>, event: ReceiptEvent) -> Result<(), Failure>
where
    O: Outside,
    O::Inbound: ReadObject + ExpireObject + Clone,
    O::Tables: FindAccount
        + FindIntake
        + RecordIntake
        + UnfoldIntake
        + LoadDispatch
        + CommitChange
        + FindByToken
        + FindByMessage
        + OpenAddendum
        + Clone,
    O::Dns: LookUpTxt + Clone,
    O::Mailer: SendMail,
    O::Machines: CompleteWait + StartDispatch + Clone,
    O::Clock: Clock + Clone,
    O::Nonces: Nonces,
{
    let answers = TakeAnswer::<O> {
        inbound: orders.inbound.clone(),
        tables: orders.tables.clone(),
        dns: orders.dns.clone(),
        machines: orders.machines.clone(),
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
