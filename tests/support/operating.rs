//! The operator's side of the world in memory: accounts, senders, what serials were given to, and
//! the queues of what waits for a person.

use domain::{
    Account, AccountId, AccountStatus, Allowing, AllowlistEntry, DispatchId, EmailAddress,
    ListedSender, MaySend, SenderRemoval, Serial, SettingsChange, Sha256Digest, StatusChanged,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use workflow::operator::ports::{
    CallEnd, CallFunction, Callee, Letter, Letters, Queue, Restart, RestartWorkflow,
};
use workflow::operator::redrive::{FailedCall, Redrive, Which};
use workflow::operator::replay::{Replay, Replayed, ReplayedAll};
use workflow::ports::{
    AllowSender, ChangeSettings, ChangeStatus, InsertAccount, KeepSenders, ListAccounts,
    ListSerials, PageOf, PortResult, RefusedMail, SerialHolder, SerialPage, StoredIntake,
};
use workflow::{Begin, Patience};

use crate::World;
use crate::engine::DeadLetter;
use crate::engine::ExecutionState;
use crate::executor::block_on;
use crate::ports::Ports;
use crate::world::State;

impl World {
    /// `akashi replay DISPATCH`.
    ///
    /// # Panics
    /// When the dispatch cannot be started again.
    pub fn replay_by_command(&self, id: &DispatchId) -> Replayed {
        let replayed = block_on(self.replay_command().one(id));
        replayed.expect("the dispatch is started again")
    }

    /// `akashi replay --all`.
    ///
    /// # Panics
    /// When the queue fails.
    pub fn replay_all_by_command(&self) -> ReplayedAll {
        block_on(self.replay_command().all()).expect("the queue answers")
    }

    /// `akashi failed redrive --all`.
    ///
    /// # Panics
    /// When a queue fails.
    pub fn redrive_by_command(&self) -> Vec<(FailedCall, CallEnd)> {
        let redrive = Redrive {
            letters: self.ports(),
            functions: self.ports(),
        };
        block_on(redrive.run(&Which::All)).expect("the queues answer")
    }

    /// Something waits in the queue of parked dispatches.
    ///
    /// # Panics
    /// When it is not JSON.
    pub fn park(&self, body: &str) {
        let body = serde_json::from_str(body).expect("JSON");
        self.lock().parked.push(body);
    }

    fn replay_command(&self) -> Replay<Ports> {
        Replay {
            tables: self.ports(),
            machines: self.ports(),
            queues: self.ports(),
            clock: self.ports(),
            patience: Patience::default(),
        }
    }
}

impl ListAccounts for Ports {
    async fn list_accounts(&self) -> PortResult<Vec<Account>> {
        let list = |state: &mut State| Ok(state.accounts.values().cloned().collect());
        self.call("list_accounts", list).await
    }
}

impl ChangeStatus for Ports {
    async fn change_status(&self, id: &AccountId, to: MaySend) -> PortResult<StatusChanged> {
        let change = |state: &mut State| {
            let Some(account) = state.accounts.get_mut(id) else {
                return Ok(StatusChanged::NoAccount);
            };
            if account.is_lapsed() {
                return Ok(StatusChanged::Lapsed);
            }
            account.status = AccountStatus::from(to);
            Ok(StatusChanged::Changed(Box::new(account.clone())))
        };
        self.call("change_status", change).await
    }
}

impl InsertAccount for Ports {
    async fn insert_account(&self, account: &Account) -> PortResult<Account> {
        let insert = |state: &mut State| {
            if !state.accounts.contains_key(&account.id) {
                state.insert_account(account.clone());
            }
            let standing = state.accounts.get(&account.id);
            Ok(standing.unwrap_or(account).clone())
        };
        self.call("insert_account", insert).await
    }
}

impl ChangeSettings for Ports {
    async fn change_settings(
        &self,
        id: &AccountId,
        change: &SettingsChange,
    ) -> PortResult<Option<Account>> {
        let apply = |state: &mut State| {
            let Some(account) = state.accounts.get_mut(id) else {
                return Ok(None);
            };
            *account = change.clone().applied_to(account.clone());
            Ok(Some(account.clone()))
        };
        self.call("change_settings", apply).await
    }
}

impl AllowSender for Ports {
    async fn allow_sender(&self, entry: &AllowlistEntry) -> PortResult<Allowing> {
        let allow = |state: &mut State| {
            let key = entry.sender.key();
            let is_removed = state.removed_senders.contains_key(&key);
            if let Some(standing) = state.allowlist.get(&key)
                && standing.account != entry.account
                && !is_removed
            {
                return Ok(Allowing::TakenBy(standing.account.clone()));
            }
            state.removed_senders.remove(&key);
            state.allowlist.insert(key, entry.clone());
            Ok(Allowing::Allowed)
        };
        self.call("allow_sender", allow).await
    }
}

impl KeepSenders for Ports {
    async fn senders_of(&self, account: &AccountId) -> PortResult<Vec<ListedSender>> {
        let list = |state: &mut State| {
            let entries = state.allowlist.iter();
            let of_account = entries.filter(|(_, entry)| entry.account == *account);
            let senders = of_account.map(|(key, entry)| ListedSender {
                entry: entry.clone(),
                removed_at: state.removed_senders.get(key).copied(),
            });
            Ok(senders.collect())
        };
        self.call("senders_of", list).await
    }

    async fn remove_sender(
        &self,
        account: &AccountId,
        sender: &EmailAddress,
        at: Timestamp,
    ) -> PortResult<SenderRemoval> {
        let remove = |state: &mut State| {
            let key = sender.key();
            let entry = state.allowlist.get(&key);
            if entry.is_none_or(|entry| entry.account != *account) {
                return Ok(SenderRemoval::NotThere);
            }
            if let Some(at) = state.removed_senders.get(&key) {
                return Ok(SenderRemoval::RemovedBefore(*at));
            }
            state.removed_senders.insert(key, at);
            Ok(SenderRemoval::Removed)
        };
        self.call("remove_sender", remove).await
    }
}

impl ListSerials for Ports {
    async fn serials_of(&self, account: &AccountId, page: &PageOf) -> PortResult<SerialPage> {
        let list = |state: &mut State| {
            let mut all = state.serials_given(account);
            // As an index sorts them: by their texts.
            all.sort_by_key(|holder| holder.serial().to_string());
            if page.newest_first {
                all.reverse();
            }
            if let Some(after) = &page.after {
                let after = after.to_string();
                all.retain(|holder| {
                    let serial = holder.serial().to_string();
                    if page.newest_first {
                        serial < after
                    } else {
                        serial > after
                    }
                });
            }
            let has_more = all.len() > page.entries_max;
            all.truncate(page.entries_max);
            let last = all.last().map(|holder| holder.serial().clone());
            Ok(SerialPage {
                next: last.filter(|_| has_more),
                entries: all,
            })
        };
        self.call("serials_of", list).await
    }

    async fn find_by_serial(&self, serial: &Serial) -> PortResult<Option<SerialHolder>> {
        let find = |state: &mut State| {
            let given = state.serials_given(serial.account());
            Ok(given.into_iter().find(|holder| holder.serial() == serial))
        };
        self.call("find_by_serial", find).await
    }
}

impl RestartWorkflow for Ports {
    async fn restart_workflow(&self, id: &DispatchId, begin: Begin) -> PortResult<Restart> {
        let restart = |state: &mut State| {
            let is_alive = |state: ExecutionState| {
                matches!(state, ExecutionState::Running | ExecutionState::Waiting)
            };
            let mut alive = state
                .executions
                .values()
                // What has ended may have forgotten whom it was about.
                .filter(|one| is_alive(one.state) && one.dispatch() == *id);
            if let Some(execution) = alive.next() {
                return Ok(Restart {
                    execution: execution.name.clone(),
                    ran_before: true,
                });
            }
            let number = state.executions.len();
            let execution = format!("{id}-r{number:02}");
            state.start_execution(&execution, id, begin);
            Ok(Restart {
                execution,
                ran_before: false,
            })
        };
        self.call("restart_workflow", restart).await
    }
}

impl Letters for Ports {
    async fn receive_letters(&self, queue: Queue) -> PortResult<Vec<Letter>> {
        let receive = |state: &mut State| {
            let mut letters = state.letters_in(queue);
            letters.retain(|letter| state.hidden_letters.insert(letter.id.clone()));
            Ok(letters)
        };
        self.call("receive_letters", receive).await
    }

    async fn delete_letter(&self, letter: &Letter) -> PortResult<()> {
        let delete = |state: &mut State| {
            state.hidden_letters.remove(&letter.id);
            if letter.queue == Queue::ParkedDispatches {
                state.parked.retain(|body| name_of(body) != letter.id);
            } else {
                let mut letters = std::mem::take(&mut state.dead_letters);
                letters.retain(|dead| name_of(&record_of(dead)) != letter.id);
                state.dead_letters = letters;
            }
            Ok(())
        };
        self.call("delete_letter", delete).await
    }

    async fn release_letter(&self, letter: &Letter) -> PortResult<()> {
        let release = |state: &mut State| {
            state.hidden_letters.remove(&letter.id);
            Ok(())
        };
        self.call("release_letter", release).await
    }
}

impl CallFunction for Ports {
    async fn call_function(&self, function: Callee, event: &Value) -> PortResult<CallEnd> {
        self.call("call_function", |_| Ok(())).await?;
        let function = match function {
            Callee::ParseMail => "ParseMail",
            Callee::RecordEvent => "RecordEvent",
            Callee::ExpireAccounts => "ExpireAccounts",
            Callee::RenewTimestamps => "RenewTimestamps",
        };
        Ok(match self.world().invoke(function, event) {
            Ok(_) => CallEnd::Done,
            Err(failure) => CallEnd::Failed {
                error: failure.name,
                cause: failure.message,
            },
        })
    }
}

impl State {
    fn serials_given(&self, account: &AccountId) -> Vec<SerialHolder> {
        let dispatches = self.dispatches.values().map(|row| &row.stored);
        let of_account = dispatches.filter(|one| one.dispatch.serial.account() == account);
        let mut all: Vec<SerialHolder> = of_account
            .map(|stored| SerialHolder::Dispatch(Box::new(stored.clone())))
            .collect();
        for (id, intake) in &self.intakes {
            match intake {
                StoredIntake::Refused { serial, .. } if serial.account() == account => {
                    all.push(SerialHolder::RefusedMail(Box::new(RefusedMail {
                        inbound: id.as_str().parse().expect("only mails are refused"),
                        serial: serial.clone(),
                        intake: intake.clone(),
                    })));
                }
                StoredIntake::Refused { .. }
                | StoredIntake::Accepted { .. }
                | StoredIntake::Unvouched { .. } => {}
            }
        }
        all
    }

    fn letters_in(&self, queue: Queue) -> Vec<Letter> {
        let function = match queue {
            Queue::ParkedDispatches => {
                let parked = self.parked.iter().cloned();
                return parked.map(|body| self.letter(queue, &body)).collect();
            }
            Queue::FailedMails => "ParseMail",
            Queue::FailedEvents => "RecordEvent",
            Queue::FailedExpirations => "ExpireAccounts",
            Queue::FailedRenewals => "RenewTimestamps",
        };
        let letters = self.dead_letters.iter();
        let of_function = letters.filter(|letter| letter.function == function);
        of_function
            .map(|dead| self.letter(queue, &record_of(dead)))
            .collect()
    }

    fn letter(&self, queue: Queue, body: &Value) -> Letter {
        Letter {
            queue,
            id: name_of(body),
            receipt: String::new(),
            sent_at: self.now,
            body: body.to_string(),
        }
    }
}

/// Letters of the world in memory have no ids, so their texts are what tells them apart.
fn name_of(body: &Value) -> String {
    Sha256Digest::new(Sha256::digest(body.to_string()).into()).to_string()
}

/// The record that Lambda keeps of a call that it gave up on.
fn record_of(letter: &DeadLetter) -> Value {
    json!({
        "version": "1.0",
        "requestContext": {
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": letter.payload,
        "responseContext": { "statusCode": 200, "functionError": "Unhandled" },
        "responsePayload": { "errorType": "TransientFailure", "errorMessage": letter.why },
    })
}
