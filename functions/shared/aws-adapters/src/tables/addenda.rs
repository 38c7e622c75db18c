//! Addenda: what came after an outcome was settled, each a dispatch with a serial of its own
//! (P-065, Q-28).

use domain::{Addendum, Dispatch, DispatchId, Progress, Serial, SerialNumber};
use jiff::Timestamp;
use workflow::ports::{PortResult, StoredDispatch};

use super::Tables;
use super::contention::Contention;
use super::dispatch_item::{dispatch_to_item, key_of_dispatch};
use super::turn::{Write, wait_for_turn};
use super::write::{Writes, put_new};

const OPENING: &str = "opening an addendum";

impl Tables {
    /// An addendum's id follows from what it certifies, so that opening it again finds it.
    pub(super) async fn open_addendum_of(
        &self,
        main: &Dispatch,
        addendum: &Addendum,
        at: Timestamp,
    ) -> PortResult<DispatchId> {
        let table = self.dispatches_table()?;
        let id = addendum.id();
        let account = main.serial.account();
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
                progress: Progress::settled(addendum.reason.outcome(), at),
                ..StoredDispatch::accepted(main.with_addendum(addendum.clone(), serial))
            };
            let mut writes = Writes::new();
            let dispatch = put_new(table, dispatch_to_item(&stored), "pk")?;
            writes.add(Write::Dispatch, dispatch);
            writes.add(Write::Serial, self.advance_serial(account, last, 1)?);
            let Err(lost) = writes.send(&self.client, OPENING).await? else {
                return Ok(id);
            };
            if lost.condition_failed(Write::Dispatch) {
                return Ok(id);
            }
            wait_for_turn(OPENING, &lost, &mut contention).await?;
        }
    }
}
