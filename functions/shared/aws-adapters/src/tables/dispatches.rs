//! Dispatches and their events.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::{
    Addendum, AnswerToken, Channel, CopyToken, Dispatch, DispatchId, Event, MobileNumber,
    NoticeState, ProviderMessageId, billing,
};
use jiff::Timestamp;
use workflow::ports::{
    Change, Commit, CommitChange, ComposedDraft, Delivered, FindByMessage, FindByToken, KeepCopies,
    KeepRoadNotice, KeepWaitToken, ListOffers, LoadDispatch, OFFERS_LISTED_MAX, OpenAddendum,
    Party, PortResult, PrepareIssue, RecordCertificate, StoredCertificate, StoredDispatch,
    WaitToken,
};

use super::billing::{PostingWrites, broken_ledger};
use super::contention::short_pause;
use super::dispatch_item::{
    DISPATCH, EVENT_PREFIX, certificate_to_map, copy_token_attributes, copy_token_from_item,
    delivered_to_map, dispatch_from_item, dispatch_key, dispatch_named_by, draft_to_map,
    key_of_dispatch, progress_attributes, sms_to_map,
};
use super::event_item::{event_from_item, event_to_item};
use super::item::{Item, ItemError, Reader, number, text};
use super::notice::notice_to_map;
use super::renewals::RENEWALS;
use super::write::{Transaction, Update, Updated, put_new, transact};
use super::{Tables, unreadable};
use crate::fault::{permanent, port_error};

const LOADING: &str = "loading a dispatch";
const READING_EVENTS: &str = "reading the events of a dispatch";
const FINDING_BY_MESSAGE: &str = "finding the dispatch of a provider's message";
const FINDING_BY_TOKEN: &str = "finding the contract of an answer token";
const FINDING_OFFERS: &str = "finding the contracts offered to a number";
const COMMITTING: &str = "recording a change of a dispatch";
const KEEPING_TOKEN: &str = "keeping the task token of a wait";
const FIXING_ISSUE: &str = "fixing the time of issue";
const RECORDING_DRAFT: &str = "recording the digest of a draft";
const RECORDING_CERTIFICATE: &str = "recording a certificate";
const FIXING_COPY_TOKEN: &str = "fixing the token of a recipient's copy";
const MOVING_COPY: &str = "moving a copy on";
const MOVING_ROAD_NOTICE: &str = "moving the notice of a failed road on";

pub(super) const BY_ACCOUNT: &str = "by-account";
const BY_PROVIDER_MESSAGE: &str = "by-provider-message";
const BY_SMS_MESSAGE: &str = "by-sms-message";
const BY_ANSWER_TOKEN: &str = "by-answer-token";
const BY_COPY_TOKEN: &str = "by-copy-token";
const BY_MOBILE: &str = "by-mobile";

/// Where each write stands in the transaction of a change; the event comes last.
const STATE: usize = 0;
const BALANCE: usize = 1;
const CHARGE: usize = 2;

impl LoadDispatch for Tables {
    async fn load(&self, id: &DispatchId) -> PortResult<Option<StoredDispatch>> {
        self.read(LOADING, self.dispatches_table()?, key_of_dispatch(id))
            .await?
            .map(|found| dispatch_from_item(&found).map_err(unreadable(LOADING)))
            .transpose()
    }

    async fn events(&self, id: &DispatchId) -> PortResult<Vec<Event>> {
        let mut pages = self
            .client
            .query()
            .table_name(self.dispatches_table()?)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND begins_with(sk, :event)")
            .expression_attribute_values(":pk", text(dispatch_key(id)))
            .expression_attribute_values(":event", text(EVENT_PREFIX))
            .into_paginator()
            .items()
            .send();
        let mut events = Vec::new();
        while let Some(found) = pages.next().await {
            let found = found.map_err(|error| port_error(READING_EVENTS, &error))?;
            events.push(event_from_item(&found).map_err(unreadable(READING_EVENTS))?);
        }
        events.sort_by_key(|event| (event.at, event.recorded_at, event.id));
        Ok(events)
    }
}

impl CommitChange for Tables {
    async fn commit(&self, dispatch: &Dispatch, change: &Change) -> PortResult<Commit> {
        let state = self.change_of_state(&dispatch.id, change)?;
        if change.event.is_none() && change.charge.is_none() {
            // Half the price of a transaction of one.
            return match state.send(&self.client, COMMITTING).await? {
                Updated::Written(_) => Ok(Commit::Written),
                Updated::ConditionFailed => Ok(Commit::Stale),
                Updated::Conflict => Ok(stale_after_pause().await),
            };
        }
        let (writes, event_at) = self.writes_of(dispatch, change, state)?;
        let canceled = match transact(&self.client, COMMITTING, writes).await? {
            Transaction::Written => return Ok(Commit::Written),
            Transaction::Canceled(canceled) => canceled,
        };
        if event_at.is_some_and(|at| canceled.condition_failed(at)) {
            return Ok(Commit::KnownEvent);
        }
        if canceled.condition_failed(STATE) {
            return Ok(Commit::Stale);
        }
        if canceled.is_conflict() {
            return Ok(stale_after_pause().await);
        }
        if canceled.condition_failed(CHARGE) || canceled.condition_failed(BALANCE) {
            return Err(broken_ledger(COMMITTING));
        }
        Err(permanent(
            COMMITTING,
            "the transaction was canceled for no reason",
        ))
    }
}

impl FindByMessage for Tables {
    async fn find_by_provider_message(
        &self,
        channel: Channel,
        id: &ProviderMessageId,
    ) -> PortResult<Option<DispatchId>> {
        let (index, attribute) = match channel {
            Channel::Mail => (BY_PROVIDER_MESSAGE, "provider_message_id"),
            Channel::Sms => (BY_SMS_MESSAGE, "sms_message_id"),
        };
        let found = self.query_index(index, attribute, text(id))?.limit(1);
        first_named_by(FINDING_BY_MESSAGE, found).await
    }
}

impl FindByToken for Tables {
    async fn find_by_answer_token(&self, token: &AnswerToken) -> PortResult<Option<DispatchId>> {
        for (index, attribute) in [
            (BY_ANSWER_TOKEN, "answer_token"),
            (BY_COPY_TOKEN, "copy_token"),
        ] {
            let found = self.query_index(index, attribute, text(token.as_str()))?;
            let id = first_named_by(FINDING_BY_TOKEN, found.limit(1)).await?;
            if id.is_some() {
                return Ok(id);
            }
        }
        Ok(None)
    }
}

impl ListOffers for Tables {
    async fn offers_to(&self, mobile: &MobileNumber) -> PortResult<Vec<DispatchId>> {
        let most = i32::try_from(OFFERS_LISTED_MAX).unwrap_or(i32::MAX);
        let request = self.query_index(BY_MOBILE, "mobile", text(mobile))?;
        let request = request.scan_index_forward(false).limit(most);
        let output = request
            .send()
            .await
            .map_err(|error| port_error(FINDING_OFFERS, &error))?;
        let mut offers = output
            .items()
            .iter()
            .map(offer_named_by)
            .collect::<Result<Vec<_>, _>>()
            .map_err(unreadable(FINDING_OFFERS))?;
        // The index sorts times as texts, which is another order within one second.
        offers.sort_by(|one, other| other.cmp(one));
        Ok(offers.into_iter().map(|(_, id)| id).collect())
    }
}

impl OpenAddendum for Tables {
    async fn open_addendum(
        &self,
        main: &Dispatch,
        addendum: &Addendum,
        at: Timestamp,
    ) -> PortResult<DispatchId> {
        self.open_addendum_of(main, addendum, at).await
    }
}

impl KeepWaitToken for Tables {
    async fn keep_wait_token(&self, id: &DispatchId, token: &WaitToken) -> PortResult<()> {
        let update = self.of_dispatch(id)?.set("wait_token", text(&token.0));
        self.must_exist(KEEPING_TOKEN, update).await.map(|_| ())
    }
}

impl PrepareIssue for Tables {
    async fn fix_issued_at(&self, id: &DispatchId, at: Timestamp) -> PortResult<Timestamp> {
        let update = self.of_dispatch(id)?.set_once("issued_at", text(at));
        let written = self.must_exist(FIXING_ISSUE, update).await?;
        Reader(&written)
            .parse("issued_at")
            .map_err(unreadable(FIXING_ISSUE))
    }

    async fn issue_anew(
        &self,
        id: &DispatchId,
        issued_at: Timestamp,
        at: Timestamp,
    ) -> PortResult<Timestamp> {
        let update = Update::of(self.dispatches_table()?, key_of_dispatch(id))
            .set("issued_at", text(at))
            .when("issued_at", text(issued_at));
        if update
            .send_through(&self.client, FIXING_ISSUE)
            .await?
            .is_some()
        {
            return Ok(at);
        }
        // Somebody else moved it, or there is no such dispatch.
        self.fix_issued_at(id, at).await
    }

    async fn record_draft(&self, id: &DispatchId, draft: &ComposedDraft) -> PortResult<bool> {
        let update = self
            .of_dispatch(id)?
            .set("draft", draft_to_map(draft))
            .when_missing("certificate");
        let written = update.send_through(&self.client, RECORDING_DRAFT).await?;
        Ok(written.is_some())
    }
}

impl RecordCertificate for Tables {
    async fn record_certificate(
        &self,
        id: &DispatchId,
        certificate: &StoredCertificate,
    ) -> PortResult<()> {
        let update = self
            .of_dispatch(id)?
            .set_once("certificate", certificate_to_map(certificate));
        let update = RENEWALS
            .watch(certificate.renew_at)
            .into_iter()
            .fold(update, |update, (name, value)| update.set_once(name, value));
        self.must_exist(RECORDING_CERTIFICATE, update)
            .await
            .map(|_| ())
    }
}

impl KeepCopies for Tables {
    async fn fix_copy_token(&self, id: &DispatchId, token: &CopyToken) -> PortResult<CopyToken> {
        let update = copy_token_attributes(token)
            .into_iter()
            .fold(self.of_dispatch(id)?, |update, (name, value)| {
                update.set_once(name, value)
            });
        let written = self.must_exist(FIXING_COPY_TOKEN, update).await?;
        copy_token_from_item(Reader(&written))
            .map_err(unreadable(FIXING_COPY_TOKEN))?
            .ok_or_else(|| permanent(FIXING_COPY_TOKEN, "the token that was written is missing"))
    }

    async fn move_copy(
        &self,
        id: &DispatchId,
        party: Party,
        from: &NoticeState,
        to: &NoticeState,
    ) -> PortResult<bool> {
        let copy = match party {
            Party::Sender => "copy",
            Party::Recipient => "recipient_copy",
        };
        self.move_notice(MOVING_COPY, id, copy, (from, to)).await
    }
}

impl KeepRoadNotice for Tables {
    async fn move_road_notice(
        &self,
        id: &DispatchId,
        from: &NoticeState,
        to: &NoticeState,
    ) -> PortResult<bool> {
        self.move_notice(MOVING_ROAD_NOTICE, id, "road_notice", (from, to))
            .await
    }
}

impl Tables {
    /// Moves a notice of a dispatch on, unless somebody else did: `false` then.
    async fn move_notice(
        &self,
        operation: &'static str,
        id: &DispatchId,
        notice: &'static str,
        (from, to): (&NoticeState, &NoticeState),
    ) -> PortResult<bool> {
        let update = Update::of(self.dispatches_table()?, key_of_dispatch(id))
            .set(notice, notice_to_map(to))
            .when(notice, notice_to_map(from));
        let written = update.send_through(&self.client, operation).await?;
        Ok(written.is_some())
    }

    fn of_dispatch(&self, id: &DispatchId) -> PortResult<Update> {
        Ok(Update::of(self.dispatches_table()?, key_of_dispatch(id)).when_there("pk"))
    }

    async fn must_exist(&self, operation: &'static str, update: Update) -> PortResult<Item> {
        let written = update.send_through(&self.client, operation).await?;
        written.ok_or_else(|| permanent(operation, "there is no such dispatch"))
    }

    /// A query for the items whose attribute, the key of an index, has this value.
    fn query_index(
        &self,
        index: &'static str,
        attribute: &'static str,
        value: AttributeValue,
    ) -> PortResult<QueryFluentBuilder> {
        Ok(self
            .client
            .query()
            .table_name(self.dispatches_table()?)
            .index_name(index)
            .key_condition_expression("#key = :key")
            .expression_attribute_names("#key", attribute)
            .expression_attribute_values(":key", value))
    }

    fn change_of_state(&self, id: &DispatchId, change: &Change) -> PortResult<Update> {
        let update = Update::of(self.dispatches_table()?, key_of_dispatch(id))
            .set("version", number(change.expected_version.saturating_add(1)))
            .when("version", number(change.expected_version));
        let update = progress_attributes(&change.progress)
            .into_iter()
            .fold(update, |update, (name, value)| update.set(name, value));
        Ok(match &change.delivered {
            Some(Delivered::Mail(message)) => update.set("delivered", delivered_to_map(message)),
            Some(Delivered::Sms(sms)) => update.set("sms", sms_to_map(sms)),
            None => update,
        })
    }

    /// The writes of a change, and the position of the event among them.
    fn writes_of(
        &self,
        dispatch: &Dispatch,
        change: &Change,
        state: Update,
    ) -> PortResult<(Vec<TransactWriteItem>, Option<usize>)> {
        let mut writes = vec![state.in_transaction()?];
        if let Some(charge) = change.charge {
            let settled = change.progress.settled.ok_or_else(|| {
                permanent(COMMITTING, "a charge ends although nothing was settled")
            })?;
            if let Some(posting) = billing::end(dispatch, charge, settled.at) {
                let PostingWrites { balance, lines } = self.posting(&posting)?;
                writes.extend(balance);
                writes.extend(lines);
            }
        }
        let Some(event) = &change.event else {
            return Ok((writes, None));
        };
        let event_at = writes.len();
        let event = event_to_item(&dispatch.id, event);
        writes.push(put_new(self.dispatches_table()?, event, "pk")?);
        Ok((writes, Some(event_at)))
    }
}

/// Somebody else is changing the same items right now; give them the time to finish.
async fn stale_after_pause() -> Commit {
    short_pause().await;
    Commit::Stale
}

async fn first_named_by(
    operation: &'static str,
    request: QueryFluentBuilder,
) -> PortResult<Option<DispatchId>> {
    let output = request
        .send()
        .await
        .map_err(|error| port_error(operation, &error))?;
    let found = output.items().first().map(dispatch_named_by).transpose();
    found.map_err(unreadable(operation))
}

fn offer_named_by(item: &Item) -> Result<(Timestamp, DispatchId), ItemError> {
    let accepted_at = Reader(item).parse("accepted_at")?;
    Ok((accepted_at, dispatch_named_by(item)?))
}

pub(super) fn is_dispatch(item: &Item) -> bool {
    item.get("sk")
        .and_then(|sk| AttributeValue::as_s(sk).ok())
        .is_some_and(|sk| sk == DISPATCH)
}
