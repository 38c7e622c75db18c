//! What the operator asks and decides: accounts, senders, and what serials were given to.

use std::collections::BTreeMap;

use domain::{
    Account, AccountId, AccountStatus, DispatchId, EmailAddress, ListedSender, MaySend, Named,
    SenderRemoval, Serial, StatusChanged,
};
use jiff::Timestamp;
use workflow::ports::{
    ChangeStatus, FindAccount, KeepSenders, ListAccounts, ListSerials, LoadDispatches, PageOf,
    PortResult, RefusedMail, SerialHolder, SerialPage, StoredDispatch,
};

use super::account_item::{account_from_item, key_of_account, sender_from_item};
use super::dispatch_item::{dispatch_from_item, key_of_dispatch};
use super::dispatches::{BY_ACCOUNT, is_dispatch};
use super::intake::intake_from_item;
use super::item::{Item, ItemError, Reader, item, text};
use super::write::Update;
use super::{Tables, unreadable};
use crate::fault::{port_error, transient};

const LISTING_ACCOUNTS: &str = "listing accounts";
const CHANGING_STATUS: &str = "changing the status of an account";
const LISTING_SENDERS: &str = "listing the senders of an account";
const REMOVING_SENDER: &str = "removing a sender";
const LISTING: &str = "listing the serials of an account";
const LOADING: &str = "loading dispatches";

impl ListAccounts for Tables {
    async fn list_accounts(&self) -> PortResult<Vec<Account>> {
        let request = self.client.scan().table_name(self.accounts_table()?);
        let mut items = request
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut accounts = Vec::new();
        while let Some(found) = items.next().await {
            let found = found.map_err(|error| port_error(LISTING_ACCOUNTS, &error))?;
            accounts.push(account_from_item(&found).map_err(unreadable(LISTING_ACCOUNTS))?);
        }
        accounts.sort_by(|one: &Account, other| one.id.cmp(&other.id));
        Ok(accounts)
    }
}

impl ChangeStatus for Tables {
    async fn change_status(&self, id: &AccountId, to: MaySend) -> PortResult<StatusChanged> {
        let status = AccountStatus::from(to);
        let update = Update::of(self.accounts_table()?, key_of_account(id))
            .when_there("account_id")
            .when_not("status", text(AccountStatus::LAPSED))
            .set("status", text(status.name()));
        if let Some(written) = update.send_through(&self.client, CHANGING_STATUS).await? {
            let account = account_from_item(&written).map_err(unreadable(CHANGING_STATUS))?;
            return Ok(StatusChanged::Changed(Box::new(account)));
        }
        match self.find_account(id).await? {
            None => Ok(StatusChanged::NoAccount),
            Some(account) if account.is_lapsed() => Ok(StatusChanged::Lapsed),
            Some(_) => Err(transient(CHANGING_STATUS, "it was opened at this moment")),
        }
    }
}

impl KeepSenders for Tables {
    async fn senders_of(&self, account: &AccountId) -> PortResult<Vec<ListedSender>> {
        let request = self.client.scan().table_name(self.allowlist_table()?);
        let request = request
            .consistent_read(true)
            .filter_expression("account_id = :account")
            .expression_attribute_values(":account", text(account));
        let mut items = request.into_paginator().items().send();
        let mut senders = Vec::new();
        while let Some(found) = items.next().await {
            let found = found.map_err(|error| port_error(LISTING_SENDERS, &error))?;
            senders.push(sender_from_item(&found).map_err(unreadable(LISTING_SENDERS))?);
        }
        senders.sort_by_key(|sender: &ListedSender| sender.entry.sender.key());
        Ok(senders)
    }

    async fn remove_sender(
        &self,
        account: &AccountId,
        sender: &EmailAddress,
        at: Timestamp,
    ) -> PortResult<SenderRemoval> {
        let key = || item([("sender", text(sender.key()))]);
        let update = Update::of(self.allowlist_table()?, key())
            .when("account_id", text(account))
            .when_missing("removed_at")
            .set("removed_at", text(at));
        let written = update.send_through(&self.client, REMOVING_SENDER).await?;
        if written.is_some() {
            return Ok(SenderRemoval::Removed);
        }
        let found = self
            .read(REMOVING_SENDER, self.allowlist_table()?, key())
            .await?;
        let Some(found) = found else {
            return Ok(SenderRemoval::NotThere);
        };
        let found = sender_from_item(&found).map_err(unreadable(REMOVING_SENDER))?;
        match found.removed_at {
            _ if found.entry.account != *account => Ok(SenderRemoval::NotThere),
            Some(at) => Ok(SenderRemoval::RemovedBefore(at)),
            None => Err(transient(REMOVING_SENDER, "it was allowed at this moment")),
        }
    }
}

impl ListSerials for Tables {
    async fn serials_of(&self, account: &AccountId, page: &PageOf) -> PortResult<SerialPage> {
        let most = i32::try_from(page.entries_max).unwrap_or(i32::MAX).max(1);
        let request = self
            .client
            .query()
            .table_name(self.dispatches_table()?)
            .index_name(BY_ACCOUNT)
            .scan_index_forward(!page.newest_first)
            .limit(most)
            .expression_attribute_values(":account", text(account));
        let request = match &page.after {
            None => request.key_condition_expression("account_id = :account"),
            Some(after) => {
                let behind = if page.newest_first { "<" } else { ">" };
                request
                    .key_condition_expression(format!(
                        "account_id = :account AND serial {behind} :after"
                    ))
                    .expression_attribute_values(":after", text(after))
            }
        };
        let output = request
            .send()
            .await
            .map_err(|error| port_error(LISTING, &error))?;
        let holders = output.items().iter().map(holder_from_item);
        let entries: Vec<SerialHolder> = holders
            .collect::<Result<_, _>>()
            .map_err(unreadable(LISTING))?;
        let next = match output.last_evaluated_key() {
            Some(_) => entries.last().map(|entry| entry.serial().clone()),
            None => None,
        };
        Ok(SerialPage { entries, next })
    }

    async fn find_by_serial(&self, serial: &Serial) -> PortResult<Option<SerialHolder>> {
        let request = self
            .client
            .query()
            .table_name(self.dispatches_table()?)
            .index_name(BY_ACCOUNT)
            .key_condition_expression("account_id = :account AND serial = :serial")
            .expression_attribute_values(":account", text(serial.account()))
            .expression_attribute_values(":serial", text(serial))
            .limit(1);
        let output = request
            .send()
            .await
            .map_err(|error| port_error(LISTING, &error))?;
        let holder = output.items().first().map(holder_from_item).transpose();
        holder.map_err(unreadable(LISTING))
    }
}

impl LoadDispatches for Tables {
    async fn load_all(&self, ids: &[DispatchId]) -> PortResult<Vec<StoredDispatch>> {
        let keys = ids.iter().map(key_of_dispatch).collect();
        let found = self
            .read_all(LOADING, self.dispatches_table()?, keys)
            .await?;
        let found = found.iter().map(dispatch_from_item);
        let found = found
            .collect::<Result<Vec<_>, _>>()
            .map_err(unreadable(LOADING))?;
        Ok(in_order(ids, found))
    }
}

/// A batch answers in any order.
fn in_order(ids: &[DispatchId], found: Vec<StoredDispatch>) -> Vec<StoredDispatch> {
    let mut by_id: BTreeMap<DispatchId, StoredDispatch> = found
        .into_iter()
        .map(|stored| (stored.dispatch.id.clone(), stored))
        .collect();
    ids.iter().filter_map(|id| by_id.remove(id)).collect()
}

fn holder_from_item(found: &Item) -> Result<SerialHolder, ItemError> {
    if is_dispatch(found) {
        return dispatch_from_item(found).map(|stored| SerialHolder::Dispatch(Box::new(stored)));
    }
    Ok(SerialHolder::RefusedMail(Box::new(RefusedMail {
        inbound: Reader(found).parse("inbound_id")?,
        serial: Reader(found).parse("serial")?,
        intake: intake_from_item(found)?,
    })))
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::config::retry::RetryConfig;
    use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Credentials, Region};
    use serde_json::{Value, json};

    use super::super::TableNames;
    use super::super::dispatch_item::dispatch_to_item;
    use super::super::item::testing::wire_of;
    use super::*;
    use crate::scripted::serve;

    /// As many dispatches as took 32 seconds when each was asked for by itself.
    const DISPATCHES: usize = 2_500;

    /// About as many as fit into the megabyte of one answer.
    const DISPATCHES_A_PAGE: usize = 1_000;

    fn dispatch(number: usize) -> StoredDispatch {
        let number = u64::try_from(number).unwrap();
        StoredDispatch::accepted(domain::Dispatch {
            id: format!("mail{number}-01").parse().unwrap(),
            serial: Serial::new("K7Q2".parse().unwrap(), domain::SerialNumber::after(number)),
            product: domain::Product::Mail,
            submission: format!("mail{number}").parse().unwrap(),
            origin: domain::Origin::Mail {
                inbound: format!("mail{number}").parse().unwrap(),
                sender: "taro@customer.test".parse().unwrap(),
            },
            recipient: domain::Recipient::Mail("hanako@recipient.test".parse().unwrap()),
            accepted_at: "2026-01-05T00:00:00Z".parse().unwrap(),
            price: domain::Points::new(1),
            thread: domain::ThreadKey::new(1),
        })
    }

    fn page(numbers: std::ops::Range<usize>, has_more: bool) -> (u16, String) {
        let items: Vec<Value> = numbers
            .map(|number| Value::Object(wire_of(&dispatch_to_item(&dispatch(number)))))
            .collect();
        let mut answer = json!({ "Items": items });
        if has_more {
            answer["LastEvaluatedKey"] = json!({ "pk": { "S": "DISPATCH#any" } });
        }
        (200, answer.to_string())
    }

    async fn tables(answers: Vec<(u16, String)>) -> (Tables, tokio::task::JoinHandle<Vec<String>>) {
        let (url, served) = serve(answers).await;
        let config = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("ap-northeast-1"))
            .endpoint_url(url)
            .credentials_provider(Credentials::for_tests())
            .retry_config(RetryConfig::disabled())
            .build();
        let names = TableNames {
            dispatches: Some("dispatches".to_owned()),
            ..TableNames::default()
        };
        let client = aws_sdk_dynamodb::Client::from_conf(config);
        (Tables::new(client, names), served)
    }

    #[tokio::test]
    async fn two_thousand_five_hundred_dispatches_are_listed_with_three_questions() {
        let mut answers = Vec::new();
        for start in (0..DISPATCHES).step_by(DISPATCHES_A_PAGE) {
            let end = (start + DISPATCHES_A_PAGE).min(DISPATCHES);
            answers.push(page(start..end, end < DISPATCHES));
        }
        let (tables, served) = tables(answers).await;
        let account = "K7Q2".parse().unwrap();
        let mut wanted = PageOf {
            after: None,
            newest_first: false,
            entries_max: DISPATCHES,
        };
        let mut listed = 0;
        loop {
            let page = tables.serials_of(&account, &wanted).await.unwrap();
            listed += page.entries.len();
            let Some(next) = page.next else {
                break;
            };
            wanted.after = Some(next);
        }
        assert_eq!(listed, DISPATCHES);
        let requests = served.await.unwrap();
        assert_eq!(requests.len(), 3);
        assert!(requests[1].contains(":after") && requests[1].contains("K7Q2-001000"));
    }

    #[tokio::test]
    async fn dispatches_are_loaded_by_the_hundred_and_what_a_busy_table_left_out_again() {
        let ids: Vec<DispatchId> = (0..150)
            .map(|number| dispatch(number).dispatch.id)
            .collect();
        let batch = |numbers: std::ops::Range<usize>, left: Option<usize>| {
            let items: Vec<Value> = numbers
                .rev()
                .map(|number| Value::Object(wire_of(&dispatch_to_item(&dispatch(number)))))
                .collect();
            let mut answer = json!({ "Responses": { "dispatches": items } });
            if let Some(left) = left {
                let key = wire_of(&key_of_dispatch(&ids[left]));
                answer["UnprocessedKeys"] = json!({ "dispatches": { "Keys": [key] } });
            }
            (200, answer.to_string())
        };
        let answers = vec![
            batch(0..99, Some(99)),
            batch(99..100, None),
            batch(100..150, None),
        ];
        let (tables, served) = tables(answers).await;
        let loaded = tables.load_all(&ids).await.unwrap();
        let loaded: Vec<DispatchId> = loaded.into_iter().map(|one| one.dispatch.id).collect();
        assert_eq!(loaded, ids);
        assert_eq!(served.await.unwrap().len(), 3);
    }
}
