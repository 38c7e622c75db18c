//! Addenda: more answers to a contract, each a dispatch with a serial of its own (P-065).

use domain::{Dispatch, DispatchId, EventId, Outcome, Progress, Serial, SerialNumber};
use jiff::Timestamp;
use workflow::ports::{PortResult, StoredDispatch};

use super::Tables;
use super::contention::Contention;
use super::dispatch_item::{dispatch_to_item, key_of_dispatch};
use super::intake::wait_for_turn;
use super::write::{Transaction, put_new, transact};

const OPENING: &str = "opening an addendum";

/// Where the dispatch stands in the transaction; the serial follows.
const DISPATCH: usize = 0;

impl Tables {
    /// The addendum of an answer is known by the answer's id, so that opening it again finds it.
    pub(super) async fn open_addendum_of(
        &self,
        contract: &Dispatch,
        answer: EventId,
        at: Timestamp,
    ) -> PortResult<DispatchId> {
        let table = self.dispatches_table()?;
        let id = DispatchId::of_addendum(&answer);
        let account = contract.serial.account();
        let mut contention = Contention::begin();
        loop {
            let known = self.read(OPENING, table, key_of_dispatch(&id)).await?;
            if known.is_some() {
                return Ok(id);
            }
            let last = self.last_serial(OPENING, account).await?;
            let number = SerialNumber::after(last.unwrap_or(0));
            let serial = Serial::new(account.clone(), number);
            let stored = StoredDispatch {
                progress: Progress::settled(Outcome::AnsweredLater, at),
                ..StoredDispatch::accepted(contract.addendum_with(answer, serial))
            };
            let writes = vec![
                put_new(table, dispatch_to_item(&stored), "pk")?,
                self.advance_serial(account, last, 1)?,
            ];
            let canceled = match transact(&self.client, OPENING, writes).await? {
                Transaction::Written => return Ok(id),
                Transaction::Canceled(canceled) => canceled,
            };
            if canceled.condition_failed(DISPATCH) {
                return Ok(id);
            }
            wait_for_turn(OPENING, &canceled, &mut contention).await?;
        }
    }
}
