//! Plans of accepted submissions, and what is written of them batch by batch.
//!
//! A transaction of `DynamoDB` has at most 100 writes and 4 MB
//! (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>),
//! so that a submission of many recipients is recorded as one item, and unfolded afterwards.

use domain::limits::RECIPIENTS_AT_ONCE_MAX;
use domain::{Dispatch, Points, Product, SubmissionId, billing};
use workflow::ports::{
    LoadDispatch, MARKS_MAX, NewDispatch, Plan, PortResult, StoredDispatch, UnfoldIntake,
};

use super::billing::{PostingWrites, broken_ledger};
use super::contention::Contention;
use super::dispatch_item::{
    dispatch_to_item, key_in_submission, origin_attributes, origin_from_item, product_attributes,
    product_from_item, recipient_attributes, recipient_from_item,
};
use super::item::{Attributes, Item, ItemError, Reader, count, item, maps, number, text};
use super::turn::Write;
use super::write::{Update, Writes, put_new};
use super::{Tables, unreadable};
use crate::fault::transient;

const FINDING: &str = "finding the plan of a submission";
const UNFOLDING: &str = "writing dispatches of a plan";
const STARTING: &str = "noting how many dispatches of a plan are started";

/// Most writes of one transaction.
const WRITES_MAX: usize = 100;

// The submission, serials, balance, use, SMS and summary; marks; a dispatch and a charge for each
// recipient.
const _: () = assert!(6 + MARKS_MAX + 2 * RECIPIENTS_AT_ONCE_MAX <= WRITES_MAX);

impl UnfoldIntake for Tables {
    async fn find_plan(&self, id: &SubmissionId) -> PortResult<Option<Plan>> {
        self.read(FINDING, self.dispatches_table()?, key_of_plan(id))
            .await?
            .map(|found| plan_from_item(&found).map_err(unreadable(FINDING)))
            .transpose()
    }

    async fn unfold(&self, plan: &Plan, dispatches: &[Dispatch]) -> PortResult<()> {
        let mut missing = dispatches.to_vec();
        let mut contention = Contention::begin();
        while !missing.is_empty() {
            let writes = self.unfolded(plan, &missing)?;
            let Err(lost) = writes.send(&self.client, UNFOLDING).await? else {
                return Ok(());
            };
            let is_refused =
                lost.condition_failed(Write::Line) || lost.condition_failed(Write::Dispatch);
            if is_refused {
                let asked_for = missing.len();
                missing = self.not_there(missing).await?;
                if missing.len() < asked_for {
                    // An earlier call, or another one at this moment, wrote the others.
                    continue;
                }
            }
            if !lost.is_conflict() {
                return Err(broken_ledger(UNFOLDING));
            }
            if !contention.pause().await {
                return Err(transient(UNFOLDING, "others keep unfolding the submission"));
            }
        }
        Ok(())
    }

    async fn started(&self, id: &SubmissionId) -> PortResult<usize> {
        let key = key_of_started(id);
        let found = self.read(STARTING, self.dispatches_table()?, key).await?;
        found.map_or(Ok(0), |found| {
            let count = Reader(&found).number("started");
            count.map_err(unreadable(STARTING))
        })
    }

    async fn note_started(&self, id: &SubmissionId, started: usize) -> PortResult<()> {
        // Of two calls at once the slower one may write a smaller number; then more is done again.
        let noted =
            Update::of(self.dispatches_table()?, key_of_started(id)).set("started", count(started));
        noted.send_through(&self.client, STARTING).await.map(|_| ())
    }
}

impl Tables {
    /// New dispatches, of which nothing is known but that they were accepted.
    pub(super) fn add_dispatches(
        &self,
        writes: &mut Writes<Write>,
        dispatches: Vec<Dispatch>,
    ) -> PortResult<()> {
        let table = self.dispatches_table()?;
        for dispatch in dispatches {
            let new = dispatch_to_item(&StoredDispatch::accepted(dispatch));
            writes.add(Write::Dispatch, put_new(table, new, "pk")?);
        }
        Ok(())
    }

    fn unfolded(&self, plan: &Plan, dispatches: &[Dispatch]) -> PortResult<Writes<Write>> {
        let posting = billing::divide(&plan.account, &plan.submission, dispatches);
        let PostingWrites { balance, lines } = self.posting(&posting)?;
        let mut writes = Writes::new();
        writes.add_all(Write::Balance, balance);
        writes.add_all(Write::Line, lines);
        self.add_dispatches(&mut writes, dispatches.to_vec())?;
        Ok(writes)
    }

    async fn not_there(&self, dispatches: Vec<Dispatch>) -> PortResult<Vec<Dispatch>> {
        let mut missing = Vec::with_capacity(dispatches.len());
        for dispatch in dispatches {
            if self.load(&dispatch.id).await?.is_none() {
                missing.push(dispatch);
            }
        }
        Ok(missing)
    }
}

/// Beside the plan, so that what grows with the recipients is written once.
fn key_of_started(id: &SubmissionId) -> Item {
    key_in_submission(id, "STARTED")
}

fn key_of_plan(id: &SubmissionId) -> Item {
    key_in_submission(id, "PLAN")
}

pub(super) fn plan_to_item(plan: &Plan) -> Item {
    let mut stored = key_of_plan(&plan.submission);
    stored.extend(item(origin_attributes(&plan.origin)));
    stored.extend(item([
        ("submission_id", text(&plan.submission)),
        ("account_id", text(&plan.account)),
        ("last_serial", number(plan.last_serial)),
        ("price_each", number(plan.price_each.get())),
        ("accepted_at", text(plan.accepted_at)),
        ("at_once_max", count(plan.at_once_max)),
        ("dispatches", maps(plan.dispatches.iter().map(new_to_map))),
    ]));
    stored
}

fn new_to_map(new: &NewDispatch) -> Attributes {
    let mut attributes: Attributes = vec![
        ("product", text(new.product.name())),
        ("thread", text(new.thread.as_str())),
    ];
    attributes.extend(product_attributes(&new.product));
    attributes.extend(recipient_attributes(&new.product, &new.recipient));
    attributes
}

fn plan_from_item(item: &Item) -> Result<Plan, ItemError> {
    let item = Reader(item);
    let dispatches = item.maps("dispatches")?.into_iter().map(new_from_map);
    Ok(Plan {
        submission: item.parse("submission_id")?,
        origin: origin_from_item(item)?,
        account: item.parse("account_id")?,
        last_serial: item.number("last_serial")?,
        dispatches: dispatches.collect::<Result<_, _>>()?,
        price_each: Points::new(item.number("price_each")?),
        accepted_at: item.parse("accepted_at")?,
        at_once_max: item.number("at_once_max")?,
    })
}

fn new_from_map(map: Reader<'_>) -> Result<NewDispatch, ItemError> {
    let product: Product = product_from_item(map)?;
    Ok(NewDispatch {
        recipient: recipient_from_item(map)?,
        product,
        thread: map.parse("thread")?,
    })
}

#[cfg(test)]
mod tests {
    use domain::limits::{ADDRESS_LENGTH_BYTES_MAX, LOCAL_PART_LENGTH_BYTES_MAX, RECIPIENTS_MAX};
    use domain::{
        AnswerDeadline, AnswerToken, EmailAddress, Offer, OfferOrder, Origin, Recipient, ThreadKey,
    };

    use super::super::item::testing::{ITEM_BYTES_MAX, size_of};
    use super::*;

    /// The longest address there is.
    fn longest(number: usize) -> EmailAddress {
        let local = format!("{number:0>width$}", width = LOCAL_PART_LENGTH_BYTES_MAX);
        let label = "a".repeat(61);
        let address = format!("{local}@a{label}.{label}.{label}.jp");
        assert_eq!(address.len(), ADDRESS_LENGTH_BYTES_MAX);
        address.parse().unwrap()
    }

    fn plan(recipients: usize) -> Plan {
        let offer = |number| {
            Product::Contract(Offer {
                order: OfferOrder::MailThenSms,
                deadline: AnswerDeadline::default(),
                answer_until: "2026-02-04T00:00:00.000000001Z".parse().unwrap(),
                token: AnswerToken::new(number),
            })
        };
        let both = |number| Recipient::Both {
            mail: longest(number),
            mobile: "+819012345678".parse().unwrap(),
        };
        let dispatches = (0..recipients).map(|number| NewDispatch {
            recipient: both(number),
            product: offer(u128::MAX),
            thread: ThreadKey::new(u128::MAX),
        });
        Plan {
            submission: "s".repeat(64).parse().unwrap(),
            origin: Origin::Mail {
                inbound: "s".repeat(64).parse().unwrap(),
                sender: longest(0),
            },
            account: "ZZZZZZZZ".parse().unwrap(),
            last_serial: 41,
            dispatches: dispatches.collect(),
            price_each: Points::new(3),
            accepted_at: "2026-01-05T00:00:00.000000001Z".parse().unwrap(),
            at_once_max: RECIPIENTS_AT_ONCE_MAX,
        }
    }

    #[test]
    fn the_longest_plan_survives_storage_and_fits_into_an_item_q_22() {
        let whole = plan(RECIPIENTS_MAX);
        let item = plan_to_item(&whole);
        let size = size_of(&item);
        assert!(size > RECIPIENTS_MAX * ADDRESS_LENGTH_BYTES_MAX, "{size}");
        assert!(size < ITEM_BYTES_MAX, "{size}");
        assert!(!item.contains_key("serial"), "it is in no list of serials");
        assert_eq!(plan_from_item(&item), Ok(whole));
    }
}
