//! The world: one state that all in-memory ports share, and what a test does with it.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use domain::{
    AcceptanceNotices, Account, AccountId, AccountStatus, AllowlistEntry, Balance,
    ContractSettings, DispatchId, EmailAddress, EntryId, Event, Granting, InboundMessageId,
    Language, LedgerEntry, MobileNumber, NoticeState, ObjectKey, Points, Settings, Sha256Digest,
    SubmissionId, TrustSetting, UnvouchedTally, check_after_use,
};
use jiff::{SignedDuration, Timestamp};
use mail::TxtAnswer;
use pades::testing::{TestKey, TestSigner, TestTimestampAuthority};
use serde_json::{Value, json};
use workflow::certify::renew_timestamps::Renewed;
use workflow::dispatch::deliver::{AnswerDesk, TwoWaySms};
use workflow::intake::parse_mail::{Bulk, ContractRules};
use workflow::ports::{Plan, RateKey, StoredDispatch, StoredIntake};
use workflow::wire::WorkflowInput;
use workflow::{Begin, Patience, Service};

use crate::customer::{Customer, Letter};
use crate::engine::{Agenda, DeadLetter, Execution, Job, Workflow};
use crate::faults::{Fault, Planned, PlannedCrash, Rehearsal};
use crate::provider::{Reaction, SentMail};
use crate::random::Random;
use crate::redaction::Redaction;
use crate::sms::{SentSms, SmsReaction};
use crate::stores::CodeRow;

/// When every world begins.
const BEGINNING: &str = "2026-01-05T00:00:00Z";

/// The service's domain in every world.
const SERVICE_DOMAIN: &str = "akashi.test";

/// Where the service's pages are in every world.
const WEB: &str = "https://akashi.test";

/// How a timestamp authority behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AuthorityState {
    /// It answers well.
    #[default]
    Up,
    /// Nobody answers.
    Down,
    /// It answers with what is no token.
    Garbage,
    /// Its token is about something else.
    WrongImprint,
    /// Its token answers another request.
    WrongNonce,
    /// Its clock is ten minutes slow.
    WrongTime,
    /// Its token was issued under another policy than the configured one.
    WrongPolicy,
    /// Its certificate has ended.
    Expired,
}

/// How everybody answers who is asked about certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResponderState {
    /// OCSP responders answer well, and there are no revocation lists.
    #[default]
    Up,
    /// Nobody answers.
    Down,
    /// Only revocation lists are served.
    ListsOnly,
    /// They answer with what is no response.
    Garbage,
    /// They know none of the certificates.
    Unknown,
    /// They say that all certificates are revoked.
    Revoked,
    /// Their answers ended to hold an hour ago.
    Stale,
    /// Somebody else signs their answers.
    Stranger,
}

/// A timestamp authority that is up, and whose policy is known.
fn authority(seed: u8) -> (TestTimestampAuthority, AuthorityState) {
    let mut authority = TestTimestampAuthority::new(seed);
    authority.authority.policy = Some(pades::testing::TEST_POLICY);
    (authority, AuthorityState::Up)
}

/// A handle on one world; clones see the same one.
#[derive(Clone)]
pub struct World {
    state: Arc<Mutex<State>>,
}

/// An original as the bucket keeps it.
pub(crate) struct Original {
    pub(crate) bytes: Bytes,
    pub(crate) retain_until: Timestamp,
    /// The versions before, the oldest first, each with its own lock.
    pub(crate) earlier: Vec<(Bytes, Timestamp)>,
}

/// Who of a submission with a summary has ended, and how far its mail has come.
#[derive(Debug, Clone, Default)]
pub(crate) struct SummaryRow {
    pub(crate) recipients: usize,
    pub(crate) ended: BTreeSet<DispatchId>,
    pub(crate) notice: NoticeState,
}

/// A dispatch as the table keeps it.
pub(crate) struct DispatchRow {
    pub(crate) stored: StoredDispatch,
    pub(crate) events: Vec<Event>,
}

pub(crate) struct State {
    pub(crate) now: Timestamp,
    pub(crate) nonces: u64,
    pub(crate) service: Service,
    pub(crate) inbound: BTreeMap<ObjectKey, Bytes>,
    /// Objects of the inbound bucket that it deletes soon.
    pub(crate) expiring: BTreeSet<ObjectKey>,
    pub(crate) originals: BTreeMap<ObjectKey, Original>,
    /// When each certificate's newest timestamp has to be looked at.
    pub(crate) renewal_checks: BTreeMap<DispatchId, Timestamp>,
    /// What each invocation of `renew-timestamps` did.
    pub(crate) renewed: Vec<Renewed>,
    pub(crate) accounts: BTreeMap<AccountId, Account>,
    pub(crate) allowlist: BTreeMap<String, AllowlistEntry>,
    pub(crate) removed_senders: BTreeMap<String, Timestamp>,
    pub(crate) balances: BTreeMap<AccountId, Balance>,
    pub(crate) ledger: BTreeMap<(AccountId, EntryId), LedgerEntry>,
    pub(crate) lapse_checks: BTreeMap<AccountId, Timestamp>,
    pub(crate) serials: BTreeMap<AccountId, u64>,
    pub(crate) intakes: BTreeMap<SubmissionId, StoredIntake>,
    pub(crate) plans: BTreeMap<SubmissionId, Plan>,
    pub(crate) started: BTreeMap<SubmissionId, usize>,
    pub(crate) summaries: BTreeMap<SubmissionId, SummaryRow>,
    pub(crate) marks: BTreeMap<(AccountId, Sha256Digest), SubmissionId>,
    pub(crate) sms_asked_for: BTreeMap<(AccountId, jiff::civil::Date), u32>,
    pub(crate) unvouched: BTreeMap<String, UnvouchedTally>,
    pub(crate) dispatches: BTreeMap<DispatchId, DispatchRow>,
    pub(crate) uses: BTreeMap<(RateKey, i64), u32>,
    pub(crate) codes: BTreeMap<DispatchId, CodeRow>,
    pub(crate) outbox: Vec<SentMail>,
    pub(crate) sms_outbox: Vec<SentSms>,
    pub(crate) reactions: BTreeMap<String, Reaction>,
    pub(crate) sms_reactions: BTreeMap<MobileNumber, SmsReaction>,
    pub(crate) zone: BTreeMap<String, TxtAnswer>,
    pub(crate) signer: TestSigner,
    pub(crate) authorities: Vec<(TestTimestampAuthority, AuthorityState)>,
    pub(crate) responders: ResponderState,
    pub(crate) executions: BTreeMap<String, Execution>,
    pub(crate) completed: BTreeSet<String>,
    pub(crate) agenda: Agenda,
    pub(crate) received: u64,
    pub(crate) sms_received: u64,
    pub(crate) rules: ContractRules,
    pub(crate) bulk: Bulk,
    pub(crate) desk: AnswerDesk,
    pub(crate) dead_letters: Vec<DeadLetter>,
    pub(crate) parked: Vec<Value>,
    /// Letters that somebody reads at this moment.
    pub(crate) hidden_letters: BTreeSet<String>,
    pub(crate) failures: Vec<String>,
    pub(crate) faults: Vec<Planned>,
    pub(crate) crash: Option<PlannedCrash>,
    pub(crate) crashes: usize,
    pub(crate) rehearsal: Rehearsal,
    pub(crate) rehearsed: BTreeMap<String, usize>,
    pub(crate) port_calls: BTreeMap<String, usize>,
    pub(crate) disorder: Option<Random>,
}

impl World {
    /// An empty world: nobody has an account.
    ///
    /// # Panics
    /// When the state machine in `infra/workflows` cannot be read.
    #[must_use]
    pub fn new() -> Self {
        let authorities = [1, 2].map(authority);
        let state = State {
            now: BEGINNING.parse().expect("a time"),
            nonces: 0,
            service: Service::new(SERVICE_DOMAIN, "Akashi Test").expect("a service"),
            inbound: BTreeMap::new(),
            expiring: BTreeSet::new(),
            originals: BTreeMap::new(),
            renewal_checks: BTreeMap::new(),
            renewed: Vec::new(),
            accounts: BTreeMap::new(),
            allowlist: BTreeMap::new(),
            removed_senders: BTreeMap::new(),
            balances: BTreeMap::new(),
            ledger: BTreeMap::new(),
            lapse_checks: BTreeMap::new(),
            serials: BTreeMap::new(),
            intakes: BTreeMap::new(),
            plans: BTreeMap::new(),
            started: BTreeMap::new(),
            summaries: BTreeMap::new(),
            marks: BTreeMap::new(),
            sms_asked_for: BTreeMap::new(),
            unvouched: BTreeMap::new(),
            dispatches: BTreeMap::new(),
            uses: BTreeMap::new(),
            codes: BTreeMap::new(),
            outbox: Vec::new(),
            sms_outbox: Vec::new(),
            reactions: BTreeMap::new(),
            sms_reactions: BTreeMap::new(),
            zone: BTreeMap::new(),
            signer: TestSigner::new(TestKey::p256(7)),
            authorities: authorities.into(),
            responders: ResponderState::Up,
            executions: BTreeMap::new(),
            completed: BTreeSet::new(),
            agenda: Agenda::default(),
            received: 0,
            sms_received: 0,
            rules: ContractRules::default(),
            bulk: Bulk::default(),
            desk: AnswerDesk {
                links: WEB.parse().expect("an address"),
                two_way_sms: TwoWaySms::Available,
            },
            dead_letters: Vec::new(),
            parked: Vec::new(),
            hidden_letters: BTreeSet::new(),
            failures: Vec::new(),
            faults: Vec::new(),
            crash: None,
            crashes: 0,
            rehearsal: Rehearsal::Once,
            rehearsed: BTreeMap::new(),
            port_calls: BTreeMap::new(),
            disorder: None,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// A world with the account of [`Customer::taro`] and so many points.
    #[must_use]
    pub fn with_customer(points: u32) -> Self {
        let world = Self::new();
        world.open_account(&Customer::taro(), points);
        // Whoever answers an offer has a server that signs, too.
        let (name, record) = Customer::new("ZZZZ", "hanako@recipient.test").dkim_record();
        let answer = TxtAnswer::Found(vec![record]);
        world.lock().zone.insert(name, answer);
        world
    }

    /// Opens a customer's account, allows the customer as sender, publishes the DKIM key of the
    /// customer's domain and grants points.
    pub fn open_account(&self, customer: &Customer, points: u32) {
        let mut state = self.lock();
        let account = Account {
            id: customer.account.clone(),
            company: "証株式会社".to_owned(),
            address: None,
            contact: "山田太郎".to_owned(),
            mail: customer.address.clone(),
            mobile: None,
            status: AccountStatus::Active,
            settings: Settings {
                certificates_by_mail: true,
                // Tests of the notices choose them; in the others every mail counts.
                acceptance_notices: AcceptanceNotices::None,
                language: Language::default(),
                zone: "Asia/Tokyo".parse().expect("a zone"),
                contracts: ContractSettings::default(),
            },
            last_used_at: state.now,
            warned: None,
        };
        let entry = AllowlistEntry {
            sender: customer.address.clone(),
            account: customer.account.clone(),
            proven_at: state.now,
            trust: TrustSetting::Dkim,
        };
        state.allowlist.insert(customer.address.key(), entry);
        state.insert_account(account);
        let (name, record) = customer.dkim_record();
        state.zone.insert(name, TxtAnswer::Found(vec![record]));
        let now = state.now;
        state.grant(&customer.account, Points::new(points), now);
    }

    /// Adds points to an account, which is a use of it.
    ///
    /// # Panics
    /// When it is closed.
    pub fn grant(&self, account: &AccountId, points: u32) {
        let mut state = self.lock();
        let now = state.now;
        state.grant(account, Points::new(points), now);
    }

    /// Changes what an account's owner or the operator chose.
    ///
    /// # Panics
    /// When there is no such account.
    pub fn change_account(&self, id: &AccountId, change: impl FnOnce(&mut Account)) {
        let mut state = self.lock();
        let known = state.accounts.get(id).expect("the account is open");
        let mut account = known.clone();
        change(&mut account);
        // The next look at an account may be too early, never too late.
        let first_check = check_after_use(account.last_used_at);
        if let Some(check) = state.lapse_checks.get_mut(id) {
            *check = first_check.min(*check);
        }
        state.accounts.insert(id.clone(), account);
    }

    /// Changes how a sender's mails are authenticated.
    ///
    /// # Panics
    /// When nobody allowed the sender.
    pub fn trust(&self, sender: &EmailAddress, trust: TrustSetting) {
        self.lock()
            .allowlist
            .get_mut(&sender.key())
            .expect("an allowed sender")
            .trust = trust;
    }

    /// From now on one transaction writes no more than so many recipients of a mail.
    pub fn write_at_once(&self, recipients_max: usize) {
        self.lock().bulk.at_once_max = recipients_max;
    }

    /// From now on so many messages of one mail are sent within a second.
    ///
    /// # Panics
    /// When it is none.
    pub fn send_per_second(&self, messages_max: u32) {
        let per_second_max = NonZeroU32::new(messages_max).expect("at least one");
        self.lock().bulk.per_second_max = per_second_max;
    }

    /// From now on senders get a summary of mails to more recipients than these.
    pub fn copy_each_of(&self, recipients_max: usize) {
        self.lock().bulk.copies_each_max = recipients_max;
    }

    /// Changes what the DNS answers.
    pub fn publish(&self, name: &str, answer: TxtAnswer) {
        self.lock().zone.insert(name.to_owned(), answer);
    }

    /// Decides what becomes of mails to an address. Without it they are delivered.
    pub fn react(&self, recipient: &str, reaction: Reaction) {
        self.lock()
            .reactions
            .insert(recipient.to_lowercase(), reaction);
    }

    /// Changes how the first or second timestamp authority (0 or 1) behaves.
    ///
    /// # Panics
    /// When there is no such authority.
    pub fn set_authority(&self, position: usize, behavior: AuthorityState) {
        self.lock()
            .authorities
            .get_mut(position)
            .expect("two authorities")
            .1 = behavior;
    }

    /// Adds a third timestamp authority.
    pub fn add_authority(&self) {
        self.lock().authorities.push(authority(3));
    }

    /// Changes how issuers answer about their certificates.
    pub fn set_responders(&self, behavior: ResponderState) {
        self.lock().responders = behavior;
    }

    /// From now on certificates are signed with one that ends so many days from now.
    ///
    /// # Panics
    /// When that is no time.
    pub fn renew_signer(&self, days: i64) {
        let mut state = self.lock();
        let end = state.now + SignedDuration::from_hours(24 * days);
        let end = pades::testing::generalized_time(end);
        state.signer = TestSigner::valid(TestKey::p256(7), ["20200101000000Z", &end]);
    }

    /// Lets SES receive a mail: it is stored and `parse-mail` is called. Returns its id.
    pub fn receive(&self, letter: &Letter) -> InboundMessageId {
        let id = self.store_mail(letter);
        self.repeat_receipt(letter, &id);
        id
    }

    /// The call with which SES hands a mail to `parse-mail`, for calling it by hand.
    #[must_use]
    pub fn receipt_call(&self, letter: &Letter, id: &InboundMessageId) -> (&'static str, Value) {
        ("ParseMail", letter.receipt_event(id, self.now()))
    }

    /// The call with which SNS hands a record of SES to `record-event`.
    #[must_use]
    pub fn report_call(&self, record: &Value) -> (&'static str, Value) {
        ("RecordEvent", crate::provider::in_sns(record, self.now()))
    }

    /// Stores a mail as SES does, without calling anybody.
    ///
    /// # Panics
    /// Never: a counted id is valid.
    pub fn store_mail(&self, letter: &Letter) -> InboundMessageId {
        let mut state = self.lock();
        state.received += 1;
        let id: InboundMessageId = format!("inbound{:06}", state.received)
            .parse()
            .expect("a counted id");
        let key: ObjectKey = format!("{}{id}", workflow::RAW_PREFIX)
            .parse()
            .expect("a key of an id");
        let raw = letter
            .stamped(state.received, state.now)
            .as_stored(&id, state.now);
        state.inbound.insert(key, Bytes::from(raw));
        id
    }

    /// Puts an event of SES about a mail in front of `record-event`, as SNS does.
    pub fn report_event(&self, record: &Value) {
        self.call_soon(self.report_call(record));
    }

    /// Calls a function asynchronously, now.
    pub fn call_soon(&self, (function, payload): (&'static str, Value)) {
        let mut state = self.lock();
        let now = state.now;
        let job = Job::Invoke {
            function,
            payload,
            attempt: 0,
        };
        state.agenda.add(now, job);
    }

    /// A mail is accepted, but its workflow is not started yet.
    pub fn receive_without_workflow(&self, letter: &Letter) -> InboundMessageId {
        self.break_port("start_dispatch", Fault::Denied);
        let id = self.receive(letter);
        self.pass(1);
        self.mend();
        id
    }

    /// Whether the bucket of inbound mail lets a mail go soon.
    #[must_use]
    pub fn is_expiring(&self, id: &InboundMessageId) -> bool {
        let name = format!("{}{id}", workflow::RAW_PREFIX);
        let expiring = &self.lock().expiring;
        expiring.iter().any(|key| key.as_str() == name)
    }

    /// Whether somebody completed the wait under a token.
    #[must_use]
    pub fn completed(&self, token: &str) -> bool {
        self.lock().completed.contains(token)
    }

    /// SES calls `parse-mail` for a mail that it stored, maybe not for the first time.
    pub fn repeat_receipt(&self, letter: &Letter, id: &InboundMessageId) {
        self.call_soon(self.receipt_call(letter, id));
    }

    /// Lets time pass until nothing is left to do.
    ///
    /// # Panics
    /// When that never happens.
    pub fn settle(&self) {
        self.run_until(None);
    }

    /// The signing key is another one than the certificate's, as after a mistake of the operator.
    pub fn swap_signing_key(&self) {
        self.lock().signer.key = TestKey::p256(8);
    }

    /// The original of a dispatch's certificate turns out to hold other bytes.
    ///
    /// # Panics
    /// When there is no original.
    pub fn corrupt_original(&self, id: &DispatchId) {
        let serial = self
            .dispatch(id)
            .expect("the dispatch exists")
            .dispatch
            .serial;
        let mut state = self.lock();
        let key = ObjectKey::of_certificate(&serial);
        let original = state.originals.get_mut(&key).expect("there is an original");
        original.bytes = Bytes::from_static(b"%PDF-1.7 something else");
    }

    /// Lets so many seconds pass.
    pub fn pass(&self, seconds: i64) {
        let end = self.now() + SignedDuration::from_secs(seconds);
        self.run_until(Some(end));
        let mut state = self.lock();
        state.now = state.now.max(end);
    }

    /// The clock goes on while nothing happens.
    pub fn skip(&self, duration: SignedDuration) {
        self.lock().now += duration;
    }

    /// The present time of this world.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.lock().now
    }

    /// The next call of a port goes wrong.
    pub fn fail_once(&self, operation: &str) {
        self.plan(operation, 0, Fault::Fails);
    }

    /// A later call of a port goes wrong, after `skip` that go well.
    pub fn plan(&self, operation: &str, skip: usize, fault: Fault) {
        let planned = Planned {
            operation: operation.to_owned(),
            skip,
            fault,
            stays: false,
        };
        self.lock().faults.push(planned);
    }

    /// A port goes wrong until [`World::mend`].
    pub fn break_port(&self, operation: &str, fault: Fault) {
        let planned = Planned {
            operation: operation.to_owned(),
            skip: 0,
            fault,
            stays: true,
        };
        self.lock().faults.push(planned);
    }

    /// All ports are well again.
    pub fn mend(&self) {
        self.lock().faults.clear();
    }

    /// How all steps are called from now on.
    pub fn rehearse(&self, rehearsal: Rehearsal) {
        self.lock().rehearsal = rehearsal;
    }

    /// Every step fails once before it succeeds: each port that it calls, the first time.
    pub fn fail_every_step_once(&self) {
        self.rehearse(Rehearsal::FailEveryPortOnce);
    }

    /// The next process of a function dies after so many calls of ports.
    pub fn crash(&self, function: &'static str, after_calls: usize) {
        self.crash_later(function, 0, after_calls);
    }

    /// A later process of a function dies, after `skip` that live.
    pub fn crash_later(&self, function: &'static str, skip: usize, after_calls: usize) {
        self.lock().crash = Some(PlannedCrash {
            function,
            skip,
            after_calls,
        });
    }

    /// How often a port was called, whatever came of it.
    #[must_use]
    pub fn calls_of(&self, operation: &str) -> usize {
        let calls = &self.lock().port_calls;
        calls.get(operation).copied().unwrap_or_default()
    }

    /// How many processes died.
    #[must_use]
    pub fn crashes(&self) -> usize {
        self.lock().crashes
    }

    /// Events arrive late and in any order from now on, as `seed` has it.
    pub fn disorder(&self, seed: u64) {
        self.lock().disorder = Some(Random::new(seed));
    }

    /// Starts a dispatch's workflow again under another name, as `akashi replay` does.
    ///
    /// # Panics
    /// When there is no such dispatch.
    pub fn replay(&self, id: &DispatchId) {
        let mut state = self.lock();
        let name = format!("{id}-replay{}", state.executions.len());
        let row = state.dispatches.get(id).expect("the dispatch exists");
        let begin = Begin::of(&row.stored.dispatch, Patience::default(), state.now);
        state.start_execution(&name, id, begin);
    }

    /// Reads what the service has about a dispatch.
    #[must_use]
    pub fn dispatch(&self, id: &DispatchId) -> Option<StoredDispatch> {
        self.lock().dispatches.get(id).map(|row| row.stored.clone())
    }

    /// All dispatches, in order of their ids.
    #[must_use]
    pub fn dispatches(&self) -> Vec<StoredDispatch> {
        self.lock()
            .dispatches
            .values()
            .map(|row| row.stored.clone())
            .collect()
    }

    /// The events of a dispatch in the order they were written.
    #[must_use]
    pub fn events(&self, id: &DispatchId) -> Vec<Event> {
        self.lock()
            .dispatches
            .get(id)
            .map(|row| row.events.clone())
            .unwrap_or_default()
    }

    /// What was decided about an inbound mail.
    #[must_use]
    pub fn intake(&self, id: &InboundMessageId) -> Option<StoredIntake> {
        self.lock().intakes.get(&SubmissionId::of_mail(id)).cloned()
    }

    /// Everything that the provider took from us, in order.
    #[must_use]
    pub fn outbox(&self) -> Vec<SentMail> {
        self.lock().outbox.clone()
    }

    /// An account's points.
    #[must_use]
    pub fn balance(&self, account: &AccountId) -> Balance {
        self.lock()
            .balances
            .get(account)
            .copied()
            .unwrap_or_default()
    }

    /// The original of a dispatch's certificate.
    #[must_use]
    pub fn original(&self, id: &DispatchId) -> Option<Bytes> {
        let state = self.lock();
        let serial = &state.dispatches.get(id)?.stored.dispatch.serial;
        let key = ObjectKey::of_certificate(serial);
        Some(state.originals.get(&key)?.bytes.clone())
    }

    /// How long the original of a certificate is locked.
    #[must_use]
    pub fn retained_until(&self, id: &DispatchId) -> Option<Timestamp> {
        let key = ObjectKey::of_certificate(&self.dispatch(id)?.dispatch.serial);
        Some(self.lock().originals.get(&key)?.retain_until)
    }

    /// How many of these mails were received and nothing was decided about them.
    #[must_use]
    pub fn lost_letters<'a>(
        &self,
        letters: impl IntoIterator<Item = &'a InboundMessageId>,
    ) -> usize {
        let state = self.lock();
        let is_lost =
            |id: &&InboundMessageId| !state.intakes.contains_key(&SubmissionId::of_mail(id));
        letters.into_iter().filter(is_lost).count()
    }

    /// Which timestamp authority vouches for the time of a dispatch's certificate.
    ///
    /// # Panics
    /// When the certificate does not read back.
    #[must_use]
    pub fn authority_of(&self, id: &DispatchId) -> Option<String> {
        Some(self.certificate_report(id)?.authority)
    }

    fn certificate_report(&self, id: &DispatchId) -> Option<pades::SignatureReport> {
        let original = self.original(id)?;
        let state = self.lock();
        let known = state
            .authorities
            .iter()
            .map(|(known, _)| known.authority.clone());
        let authorities: Vec<_> = known.collect();
        let report = pades::read_back(&original, &state.signer.chain, &authorities);
        Some(report.expect("the certificate reads back"))
    }

    /// Which timestamp authority vouches for the whole file of a dispatch's certificate.
    ///
    /// # Panics
    /// When the certificate does not read back.
    #[must_use]
    pub fn second_authority_of(&self, id: &DispatchId) -> Option<String> {
        let stamps = self.certificate_report(id)?.stamps;
        let archived = stamps.into_iter().next();
        Some(archived.expect("a document timestamp").authority)
    }

    /// What a dispatch's certificate says, as plain text with placeholders for digests.
    ///
    /// # Panics
    /// When the dispatch is not settled.
    #[must_use]
    pub fn certificate_text(&self, id: &DispatchId) -> String {
        Redaction::default().apply(&self.certificate_text_in_full(id))
    }

    /// The same with all digests.
    ///
    /// # Panics
    /// When the dispatch is not settled.
    #[must_use]
    pub fn certificate_text_in_full(&self, id: &DispatchId) -> String {
        crate::functions::certificate_text(&self.ports(), id)
    }

    /// Takes an object out of the inbound bucket, as if it had never been there.
    pub fn lose_object(&self, key: &str) -> bool {
        key.parse()
            .is_ok_and(|key: ObjectKey| self.lock().inbound.remove(&key).is_some())
    }

    /// An object of the inbound bucket.
    #[must_use]
    pub fn object(&self, key: &str) -> Option<Bytes> {
        self.lock().inbound.get(&key.parse().ok()?).cloned()
    }

    /// Writes an object into the inbound bucket.
    ///
    /// # Panics
    /// When the key is no key.
    pub fn put_object(&self, key: &str, bytes: impl Into<Bytes>) {
        let key = key.parse().expect("a key");
        self.lock().inbound.insert(key, bytes.into());
    }

    /// The dispatches that wait for a person.
    #[must_use]
    pub fn parked(&self) -> Vec<Value> {
        self.lock().parked.clone()
    }

    /// The calls that Lambda gave up on, as `function: why`.
    #[must_use]
    pub fn dead_letters(&self) -> Vec<String> {
        let state = self.lock();
        let line = |letter: &DeadLetter| format!("{}: {}", letter.function, letter.why);
        state.dead_letters.iter().map(line).collect()
    }

    /// Every failure that a step told of, as `function: name: why`.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        self.lock().failures.clone()
    }

    /// The executions of the state machine.
    #[must_use]
    pub fn executions(&self) -> Vec<Execution> {
        self.lock().executions.values().cloned().collect()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("no test panics while it holds the world")
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    /// A purchase of points, each under a reference of its own.
    pub(crate) fn grant(&mut self, account: &AccountId, points: Points, at: Timestamp) {
        let reference = format!("purchase {}", self.ledger.len());
        let reference = reference.parse().expect("a reference");
        let granting = self.grant_points(account, points, &reference, at);
        assert_eq!(granting, Granting::Granted, "{account} is open");
    }

    /// The fault of this call, if one is due.
    pub(crate) fn take_fault(&mut self, operation: &str, subject: &str) -> Option<Fault> {
        *self.port_calls.entry(operation.to_owned()).or_default() += 1;
        if self.rehearsal == Rehearsal::FailEveryPortOnce {
            let times = self
                .rehearsed
                .entry(format!("{subject} {operation}"))
                .or_default();
            *times += 1;
            if *times == 1 {
                return Some(Fault::Fails);
            }
        }
        let place = self
            .faults
            .iter()
            .position(|planned| planned.operation == operation)?;
        let planned = self.faults.get_mut(place)?;
        if planned.skip > 0 {
            planned.skip -= 1;
            return None;
        }
        let fault = planned.fault;
        if !planned.stays {
            self.faults.remove(place);
        }
        Some(fault)
    }

    pub(crate) fn start_execution(&mut self, name: &str, id: &DispatchId, begin: Begin) {
        if self.executions.contains_key(name) {
            return;
        }
        let input = json!(WorkflowInput::new(id, begin));
        let execution = Execution::new(name, Workflow::of_dispatches(), input);
        self.executions.insert(name.to_owned(), execution);
        let now = self.now;
        self.agenda.add(
            now,
            Job::Run {
                execution: name.to_owned(),
            },
        );
    }
}
