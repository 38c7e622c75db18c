//! What every implementation of a port promises, written once against the traits. The in-memory
//! world and the AWS adapters on LocalStack pass the same functions, so that a test in memory says
//! something about AWS.
//!
//! Each function needs names that nobody else uses: [`Names`].

use std::time::Duration;

use bytes::Bytes;
use domain::limits::{
    CODE_LIFETIME_SECONDS, CODES_MAX, CODES_WINDOW_SECONDS, DESTINATIONS_MAX, POINTS_MAX,
    RECIPIENTS_AT_ONCE_MAX, SMS_PER_ACCOUNT_AND_DAY_MAX,
};
use domain::{
    AcceptanceNotices, Account, AccountId, AccountStatus, Addendum, Alignment, Allowing,
    AllowlistEntry, Answer, AnswerDeadline, AnswerProof, AnswerRoad, AnswerStanding, AnswerToken,
    ArcReport, ArcResult, ArcSet, ArcSignature, Attempt, AuthenticationEvidence, AutomaticMail,
    Balance, Bounce, BounceKind, Channel, ChargeState, Choice, ContractSettings, CopiesTo,
    CopyToken, Coverage, DispatchId, Distrust, DkimSignature, Doubt, Event, EventId, EventKind,
    EventSource, Fate, Granting, HeaderField, InboundMessageId, Language, LapseWarning,
    LedgerEntry, LedgerPageOf, Leg, ListedSender, MaySend, MobileNumber, NoticeState, ObjectKey,
    Observation, Offer, OfferOrder, Origin, Outcome, Points, Product, Progress, ProviderMessageId,
    Recipient, Refusal, SeenBy, SenderRemoval, Serial, SerialNumber, Settings, SettingsChange,
    Settled, Sha256Digest, SignatureResult, SigningAlgorithm, SmsFailureKind, SpfResult,
    StatusChanged, SubmissionId, Terms, ThreadKey, TrustSetting, WarningState, check_after_use,
};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};
use workflow::operator::ports::{Letters, Queue};
use workflow::ports::{
    Acceptance, AcceptanceResult, AllowSender, Change, ChangeSettings, ChangeStatus, CodeKeeping,
    CodeStore, Commit, CommitChange, ComposedDraft, CreateOriginal, Creation, Delivered,
    DeliveredMessage, DeliveredSms, ExpireObject, FindAccount, FindByMessage, FindByToken,
    FindIntake, GrantPoints, InsertAccount, KeepCopies, KeepRoadNotice, KeepSenders, KeepWaitToken,
    KeptCode, LapseStore, ListAccounts, ListOffers, ListSerials, LoadDispatch, LoadDispatches,
    NewDispatch, OFFERS_LISTED_MAX, OpenAddendum, PageOf, Party, PrepareIssue, RateKey, RateLimit,
    ReadBalance, ReadLedger, ReadObject, RecordCertificate, RecordIntake, RefusalRecord,
    RefusedMail, RenewOriginal, Renewal, RenewalStore, SerialHolder, StoredCertificate,
    StoredDispatch, StoredIntake, UnfoldIntake, Unfolding, UnvouchedRecord, WaitToken, WriteObject,
};

mod summaries;
mod unfolding;

pub use self::summaries::contract_of_summaries;
pub use self::unfolding::contract_of_unfolding;

/// How long an index may take to follow its table; on AWS a fraction of a second.
const INDEX_LAG_MAX: Duration = Duration::from_secs(30);

/// Whether something is so before long: what is found by an index is found a moment after it was
/// written.
async fn eventually(mut is_so: impl AsyncFnMut() -> bool) -> bool {
    let mut looks = interval(Duration::from_millis(20));
    let looking = timeout(INDEX_LAG_MAX, async {
        while !is_so().await {
            looks.tick().await;
        }
    });
    looking.await.is_ok()
}

/// What the contracts prepare with and look at: the ports of the operator's side, which have a
/// contract of their own.
pub trait Office: InsertAccount + AllowSender + GrantPoints + ReadBalance {}

impl<S: InsertAccount + AllowSender + GrantPoints + ReadBalance> Office for S {}

/// Names that belong to one test.
#[derive(Debug, Clone)]
pub struct Names {
    /// The account.
    pub account: AccountId,
    /// The inbound mails' ids begin with it.
    pub prefix: String,
}

impl Names {
    /// Names under an account that no other test uses.
    ///
    /// # Panics
    /// When the text is no account code.
    #[must_use]
    pub fn new(account: &str) -> Self {
        let prefix = format!("{}-mail", account.to_lowercase());
        Self {
            account: account.parse().expect("an account code"),
            prefix,
        }
    }

    /// The id of the `number`-th mail.
    ///
    /// # Panics
    /// Never: the parts are valid.
    #[must_use]
    pub fn inbound(&self, number: usize) -> InboundMessageId {
        format!("{}-{number}", self.prefix)
            .parse()
            .expect("an id of valid parts")
    }

    fn submission(&self, number: usize) -> SubmissionId {
        SubmissionId::of_mail(&self.inbound(number))
    }

    fn dispatch_id(&self, number: usize, position: usize) -> DispatchId {
        DispatchId::of_recipient(&self.submission(number), position)
    }

    fn account(&self) -> Account {
        Account {
            id: self.account.clone(),
            company: "証株式会社".to_owned(),
            address: Some("東京都千代田区1-1".to_owned()),
            contact: "髙﨑 花子".to_owned(),
            mail: self.entry().sender,
            mobile: Some("+819012345678".parse().expect("a number")),
            status: AccountStatus::Active,
            settings: Settings {
                certificates_by_mail: false,
                acceptance_notices: AcceptanceNotices::default(),
                language: Language::default(),
                zone: "Asia/Tokyo".parse().expect("a zone"),
                contracts: ContractSettings {
                    deadline: AnswerDeadline::from_hours(48).expect("two days"),
                    order: OfferOrder::MailThenSms,
                    copies: CopiesTo::SenderOnly,
                },
            },
            last_used_at: time(0),
            warned: None,
        }
    }

    fn entry(&self) -> AllowlistEntry {
        AllowlistEntry {
            sender: format!("Taro@{}.test", self.prefix)
                .parse()
                .expect("an address"),
            account: self.account.clone(),
            proven_at: time(0),
            trust: TrustSetting::DkimOrSpf,
        }
    }

    fn acceptance(&self, number: usize, recipients: usize) -> Acceptance {
        let recipient = |n| {
            let address = format!("r{n}@recipient.test").parse();
            Recipient::Mail(address.expect("an address"))
        };
        let dispatches = (0..recipients).map(|n| NewDispatch {
            recipient: recipient(n),
            product: Product::Mail,
            thread: ThreadKey::new(u128::try_from(n).expect("few")),
        });
        let origin = Origin::Mail {
            inbound: self.inbound(number),
            sender: self.entry().sender,
        };
        Acceptance {
            submission: origin.submission(),
            origin,
            account: self.account.clone(),
            dispatches: dispatches.collect(),
            price_each: Points::new(1),
            accepted_at: time(1),
            at_once_max: RECIPIENTS_AT_ONCE_MAX,
            subject: "御通知\u{202e}".to_owned(),
            authentication: evidence(),
            terms: terms(),
            marks: vec![self.mark(&format!("mail {number}"))],
            is_told: false,
            summary: None,
        }
    }

    fn mark(&self, of: &str) -> Sha256Digest {
        let of = format!("{} {of}", self.prefix);
        Sha256Digest::new(Sha256::digest(of.as_bytes()).into())
    }

    fn unvouched(&self, number: usize, seconds: i64) -> UnvouchedRecord {
        UnvouchedRecord {
            inbound: self.inbound(number),
            sender: self.entry().sender,
            refused_at: time(seconds),
            reasons: Distrust {
                trust: TrustSetting::Dkim,
                doubts: vec![Doubt::TooOld(time(i64::try_from(number).expect("few")))],
            },
        }
    }

    fn refusal(&self, number: usize) -> RefusalRecord {
        RefusalRecord {
            inbound: self.inbound(number),
            account: self.account.clone(),
            sender: self.entry().sender,
            refused_at: time(2),
            reasons: vec![Refusal::NoRecipient],
        }
    }

    fn serial(&self, number: u64) -> Serial {
        Serial::new(self.account.clone(), SerialNumber::after(number - 1))
    }
}

/// So many seconds after some moment; stores keep at least milliseconds.
fn time(seconds: i64) -> Timestamp {
    let moment: Timestamp = "2026-01-05T00:00:00.123Z".parse().expect("a time");
    moment + SignedDuration::from_secs(seconds)
}

fn event(name: &str, kind: EventKind, at: Timestamp) -> Event {
    let is_reported = kind.reported_message_id().is_some() || kind.observation().is_some();
    Event {
        id: EventId::new(Sha256Digest::new(Sha256::digest(name).into())),
        kind,
        source: if is_reported {
            EventSource::Ses
        } else {
            EventSource::Akashi
        },
        at,
        recorded_at: at + SignedDuration::from_millis(7),
        is_supplementary: false,
        verbatim: is_reported.then(|| "{\"eventType\": \"髙\\u0000\"}".to_owned()),
    }
}

fn change(stored: &StoredDispatch, progress: Progress, event: Option<Event>) -> Change {
    Change {
        expected_version: stored.version,
        progress,
        event,
        charge: None,
        delivered: None,
    }
}

fn underway() -> Progress {
    Progress {
        mail: attempted(Attempt::Underway { since: time(3) }),
        ..Progress::default()
    }
}

/// All that a store of dispatches can do.
pub trait DispatchStore:
    LoadDispatch
    + CommitChange
    + FindByMessage
    + FindByToken
    + ListOffers
    + OpenAddendum
    + KeepWaitToken
    + PrepareIssue
    + RecordCertificate
    + KeepCopies
    + KeepRoadNotice
{
}

impl<S> DispatchStore for S where
    S: LoadDispatch
        + CommitChange
        + FindByMessage
        + FindByToken
        + ListOffers
        + OpenAddendum
        + KeepWaitToken
        + PrepareIssue
        + RecordCertificate
        + KeepCopies
        + KeepRoadNotice
{
}

/// All that a store of intakes can do.
pub trait IntakeStore: FindIntake + RecordIntake + UnfoldIntake {}

impl<S: FindIntake + RecordIntake + UnfoldIntake> IntakeStore for S {}

fn attempted(attempt: Attempt) -> Leg {
    Leg {
        attempt,
        fate: None,
    }
}

async fn loaded<S: DispatchStore>(store: &S, id: &DispatchId) -> StoredDispatch {
    store
        .load(id)
        .await
        .expect("the store answers")
        .expect("the dispatch exists")
}

async fn events<S: DispatchStore>(store: &S, id: &DispatchId) -> Vec<Event> {
    store.events(id).await.expect("the store answers")
}

async fn commit<S: DispatchStore>(store: &S, stored: &StoredDispatch, change: &Change) -> Commit {
    let commit = store.commit(&stored.dispatch, change).await;
    commit.expect("the store answers")
}

async fn open<S: Office>(store: &S, names: &Names, points: u32) {
    open_as(store, &names.account(), &names.entry(), points).await;
}

/// Opens an account, allows its sender and grants points under one reference. A contract may open
/// an account once more: its points are there then.
async fn open_as<S: Office>(store: &S, account: &Account, entry: &AllowlistEntry, points: u32) {
    let opened = store.insert_account(account).await;
    opened.expect("the store answers");
    assert_eq!(allow(store, entry).await, Allowing::Allowed);
    let granting = grant(store, &account.id, points, "contract", entry.proven_at).await;
    let is_granted = matches!(granting, Granting::Granted | Granting::GrantedBefore);
    assert!(is_granted, "{granting:?}");
}

async fn allow<S: AllowSender>(store: &S, entry: &AllowlistEntry) -> Allowing {
    let allowing = store.allow_sender(entry).await;
    allowing.expect("the store answers")
}

async fn grant<S: GrantPoints>(
    store: &S,
    account: &AccountId,
    points: u32,
    reference: &str,
    at: Timestamp,
) -> Granting {
    let reference = reference.parse().expect("a reference");
    let granting = store
        .grant_points(account, Points::new(points), &reference, at)
        .await;
    granting.expect("the store answers")
}

async fn balance_of<S: ReadBalance>(store: &S, account: &AccountId) -> Balance {
    let balance = store.balance(account).await;
    balance.expect("the store answers")
}

/// Accepts one mail and returns its dispatches.
async fn accepted<S: IntakeStore>(store: &S, acceptance: &Acceptance) -> Vec<DispatchId> {
    let result = store.record_acceptance(acceptance).await;
    match result.expect("the store answers") {
        AcceptanceResult::Written(StoredIntake::Accepted { recipients, .. }) => {
            acceptance.submission.dispatches(recipients).collect()
        }
        AcceptanceResult::Written(
            StoredIntake::Refused { .. } | StoredIntake::Unvouched { .. },
        )
        | AcceptanceResult::PointsGone
        | AcceptanceResult::Repeated(_) => {
            panic!("the mail was not accepted")
        }
    }
}

/// The one dispatch of a new account's one mail.
async fn one_dispatch<S>(store: &S, names: &Names) -> DispatchId
where
    S: IntakeStore + Office,
{
    open(store, names, 1).await;
    let ids = accepted(store, &names.acceptance(1, 1)).await;
    ids.into_iter().next().expect("one dispatch")
}

/// Senders and accounts are found as they were opened.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_accounts<S: FindAccount + Office>(store: &S, names: &Names) {
    let (account, entry) = (names.account(), names.entry());
    let found = store
        .find_standing(&entry.sender)
        .await
        .expect("the store answers");
    assert_eq!(found, None, "nobody is known before the account is opened");
    assert_eq!(
        store
            .find_account(&account.id)
            .await
            .expect("the store answers"),
        None
    );

    open_as(store, &account, &entry, 5).await;
    let spelled = entry
        .sender
        .as_str()
        .to_uppercase()
        .parse()
        .expect("an address");
    let found = store
        .find_standing(&spelled)
        .await
        .expect("the store answers");
    let standing = found.expect("found ignoring case (Q-16)");
    assert_eq!(standing.entry, entry);
    assert_eq!(
        standing.entry.sender.as_str(),
        entry.sender.as_str(),
        "the first spelling stays"
    );
    assert_eq!(standing.account, account);
    assert_eq!(standing.balance, Balance::free(Points::new(5)));
    assert_eq!(
        store
            .find_account(&account.id)
            .await
            .expect("the store answers"),
        Some(account)
    );
}

/// An account is opened once, changed in what is named and nothing else, and takes no other's
/// sender.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_opening<S>(store: &S, names: &Names, others: &Names)
where
    S: FindAccount + ChangeSettings + KeepSenders + Office,
{
    let (account, id) = (names.account(), &names.account);
    let change = async |change: &SettingsChange| {
        let changed = store.change_settings(id, change).await;
        changed.expect("the store answers")
    };
    let copies = SettingsChange {
        copies: Some(CopiesTo::BothParties),
        ..SettingsChange::default()
    };
    assert_eq!(change(&copies).await, None, "there is no account");
    let found = store.find_account(id).await.expect("answers");
    assert_eq!(found, None, "and none came into being");

    let another = Account {
        company: "別会社".to_owned(),
        ..account.clone()
    };
    for opening in [&account, &another] {
        let standing = store.insert_account(opening).await;
        assert_eq!(standing.expect("answers"), account, "the first stays");
    }
    let everything = SettingsChange {
        company: Some("新会社".to_owned()),
        address: Some("大阪府大阪市1-1".to_owned()),
        contact: Some("山田 太郎".to_owned()),
        mail: Some("new@customer.test".parse().expect("an address")),
        mobile: Some("+818012345678".parse().expect("a number")),
        certificates_by_mail: Some(true),
        acceptance_notices: Some(AcceptanceNotices::All),
        language: Some(Language::English),
        zone: Some("UTC".parse().expect("a zone")),
        deadline: Some(AnswerDeadline::from_hours(24).expect("a day")),
        order: Some(OfferOrder::Parallel),
        copies: Some(CopiesTo::BothParties),
    };
    let mut expected = account;
    for wanted in [SettingsChange::default(), copies, everything] {
        expected = wanted.clone().applied_to(expected);
        assert_eq!(change(&wanted).await, Some(expected.clone()));
        let found = store.find_account(id).await.expect("answers");
        assert_eq!(found, Some(expected.clone()));
    }

    open(store, others, 1).await;
    let mut taken = AllowlistEntry {
        account: id.clone(),
        ..others.entry()
    };
    let owner = Allowing::TakenBy(others.account.clone());
    assert_eq!(allow(store, &taken).await, owner);
    let removed = store.remove_sender(&others.account, &taken.sender, time(1));
    assert_eq!(removed.await.expect("answers"), SenderRemoval::Removed);
    assert_eq!(allow(store, &taken).await, Allowing::Allowed, "it is free");
    taken.trust = TrustSetting::Dkim;
    assert_eq!(allow(store, &taken).await, Allowing::Allowed, "and changed");
    let listed = store.senders_of(id).await.expect("answers");
    let removed_at = None;
    let entry = taken;
    assert_eq!(listed, [ListedSender { entry, removed_at }]);
}

/// Points are granted once per reference, to accounts that are open, and never more than can be
/// counted.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_grants<S>(store: &S, names: &Names)
where
    S: LapseStore + FindAccount + Office,
{
    let id = &names.account;
    let grant = async |points, reference: &str, seconds| {
        grant(store, id, points, reference, time(seconds)).await
    };
    assert_eq!(grant(1, "invoice 1", 1).await, Granting::NoAccount);
    assert_eq!(balance_of(store, id).await, Balance::default());
    open(store, names, 2).await;
    assert_eq!(grant(3, "invoice 1", 20).await, Granting::Granted);
    assert_eq!(grant(3, "invoice 1", 21).await, Granting::GrantedBefore);
    assert_eq!(grant(POINTS_MAX, "invoice 2", 22).await, Granting::TooMany);
    assert_eq!(grant(u32::MAX, "invoice 2", 22).await, Granting::TooMany);
    assert_eq!(grant(4, "invoice 2", 10).await, Granting::Granted, "late");
    assert_eq!(balance_of(store, id).await, Balance::free(Points::new(9)));
    let used = async || {
        let found = store.find_account(id).await.expect("answers");
        found.expect("the account is there").last_used_at
    };
    assert_eq!(used().await, time(20), "the last use stays");
    let all = POINTS_MAX - 9;
    assert_eq!(grant(all, "invoice 3", 30).await, Granting::Granted);
    assert_eq!(grant(1, "invoice 4", 31).await, Granting::TooMany);
    let (seen, balance) = seen(store, names).await;
    assert!(lapse(store, &seen, balance.available).await);
    assert_eq!(grant(1, "invoice 4", 40).await, Granting::AccountLapsed);
    assert_eq!(balance_of(store, id).await, Balance::default());
}

/// The ledger is read by time, page by page from either end and of any span; its lines stand where
/// they were written first, and say how they are now.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_ledger<S>(store: &S, names: &Names)
where
    S: ReadLedger + IntakeStore + DispatchStore + LapseStore + Office,
{
    let id = &names.account;
    let ids = filled_ledger(store, names).await;
    let whole = LedgerPageOf {
        after: None,
        from: None,
        until: None,
        newest_first: false,
        entries_max: 100,
    };
    let page = async |page: &LedgerPageOf| store.ledger(id, page).await.expect("answers");
    assert!(eventually(async || page(&whole).await.entries.len() == 8).await);
    let all = page(&whole).await;
    assert_eq!(all.next, None);
    let mut all = all.entries;
    assert!(all.is_sorted_by_key(LedgerEntry::at), "{all:?}");
    assert_eq!(times_of(&all), times(&[0, 10, 20, 20, 20, 25, 30, 900]));
    assert_adds_up(&all);
    assert_ended(&all, &ids, names);
    for newest_first in [false, true] {
        for entries_max in [1, 2, 3, 8, 100] {
            let mut wanted = LedgerPageOf {
                newest_first,
                entries_max,
                ..whole.clone()
            };
            let mut listed = Vec::new();
            loop {
                let found = page(&wanted).await;
                assert!(found.entries.len() <= entries_max);
                listed.extend(found.entries);
                let Some(next) = found.next else {
                    break;
                };
                wanted.after = Some(next);
            }
            assert_eq!(listed, all, "{newest_first} {entries_max}");
        }
        all.reverse();
    }
    for (from, until, expected) in [
        (Some(20), Some(30), &[20, 20, 20, 25][..]),
        (Some(21), None, &[25, 30, 900][..]),
        (None, Some(10), &[0][..]),
        (Some(31), Some(900), &[][..]),
        (Some(30), Some(20), &[][..]),
    ] {
        let wanted = LedgerPageOf {
            from: from.map(time),
            until: until.map(time),
            ..whole.clone()
        };
        let found = page(&wanted).await;
        assert_eq!(
            times_of(&found.entries),
            times(expected),
            "{from:?} {until:?}"
        );
    }
}

/// A ledger with a line of each kind. Returns the dispatches, whose charges ended in turns.
async fn filled_ledger<S>(store: &S, names: &Names) -> Vec<DispatchId>
where
    S: IntakeStore + DispatchStore + LapseStore + Office,
{
    open(store, names, 9).await;
    let mut ids = Vec::new();
    for (number, recipients, seconds) in [(1, 1, 10), (2, 3, 20), (3, 1, 30)] {
        let acceptance = Acceptance {
            accepted_at: time(seconds),
            ..names.acceptance(number, recipients)
        };
        ids.extend(accepted(store, &acceptance).await);
    }
    let late = grant(store, &names.account, 5, "late", time(25)).await;
    assert_eq!(late, Granting::Granted);
    for (dispatch, (charge, seconds)) in ids.iter().zip(ends()) {
        end_charge(store, dispatch, charge, seconds).await;
    }
    let (seen, balance) = seen(store, names).await;
    assert!(lapse_at(store, &seen, balance.available, time(900)).await);
    ids
}

/// How and when the charges of [`filled_ledger`] end, one after the other.
fn ends() -> impl Iterator<Item = (ChargeState, i64)> {
    let states = [ChargeState::Posted, ChargeState::Voided];
    states.into_iter().cycle().zip(100..)
}

fn assert_ended(all: &[LedgerEntry], ids: &[DispatchId], names: &Names) {
    for ((dispatch, number), (expected, seconds)) in ids.iter().zip(1..).zip(ends()) {
        let charge = all.iter().find(
            |entry| matches!(entry, LedgerEntry::Charge { dispatch: of, .. } if of == dispatch),
        );
        let Some(LedgerEntry::Charge {
            serial,
            points,
            state,
            ended_at,
            ..
        }) = charge
        else {
            panic!("{dispatch} has no charge");
        };
        assert_eq!((serial, points.get()), (&names.serial(number), 1));
        assert_eq!(*state, expected, "as it is now");
        assert_eq!(*ended_at, Some(time(seconds)));
    }
}

fn times(seconds: &[i64]) -> Vec<Timestamp> {
    seconds.iter().map(|at| time(*at)).collect()
}

fn times_of(entries: &[LedgerEntry]) -> Vec<Timestamp> {
    entries.iter().map(LedgerEntry::at).collect()
}

/// What came in is what went out: the account lapsed.
fn assert_adds_up(all: &[LedgerEntry]) {
    let mut left = 0_i64;
    for entry in all {
        let points = i64::from(entry.points().get());
        left += match entry {
            LedgerEntry::Grant { .. } => points,
            LedgerEntry::Lapse { .. } => -points,
            LedgerEntry::Reservation { left, .. } => -i64::from(left.get()),
            LedgerEntry::Charge { state, .. } => match state {
                ChargeState::Posted | ChargeState::Reserved => -points,
                ChargeState::Voided => 0,
            },
        };
    }
    assert_eq!(left, 0, "{all:?}");
}

/// Settles a dispatch, so that its charge ends in this way.
async fn end_charge<S: DispatchStore>(
    store: &S,
    id: &DispatchId,
    charge: ChargeState,
    seconds: i64,
) {
    let stored = loaded(store, id).await;
    let outcome = match charge {
        ChargeState::Posted | ChargeState::Reserved => Outcome::Relayed,
        ChargeState::Voided => Outcome::Unconfirmed {
            provider_accepted: false,
        },
    };
    let settled = Some(Settled {
        outcome,
        at: time(seconds),
    });
    let progress = Progress {
        settled,
        ..underway()
    };
    let mut change = change(&stored, progress, None);
    change.charge = Some(charge);
    assert_eq!(commit(store, &stored, &change).await, Commit::Written);
}

/// An account is stopped and goes on as often as the operator says; one that lapsed stays closed.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_suspension<S>(store: &S, names: &Names)
where
    S: FindAccount + ChangeStatus + ListAccounts + LapseStore + Office,
{
    let id = &names.account;
    let change = async |to| store.change_status(id, to).await.expect("answers");
    assert_eq!(change(MaySend::No).await, StatusChanged::NoAccount);
    open(store, names, 1).await;
    for (to, status) in [
        (MaySend::No, AccountStatus::Suspended),
        (MaySend::No, AccountStatus::Suspended),
        (MaySend::Yes, AccountStatus::Active),
        (MaySend::Yes, AccountStatus::Active),
        (MaySend::No, AccountStatus::Suspended),
    ] {
        let expected = Account {
            status,
            ..names.account()
        };
        let changed = change(to).await;
        assert_eq!(changed, StatusChanged::Changed(Box::new(expected.clone())));
        let sender = names.entry().sender;
        let standing = store.find_standing(&sender).await.expect("answers");
        assert_eq!(standing.map(|one| one.account), Some(expected));
    }
    let listed = store.list_accounts().await.expect("answers");
    assert!(listed.is_sorted_by(|one, other| one.id < other.id));
    let stopped = listed.iter().find(|one| one.id == *id).expect("is listed");
    assert_eq!(stopped.status, AccountStatus::Suspended);
    let (seen, balance) = store
        .find_with_balance(id)
        .await
        .expect("answers")
        .expect("is there");
    let lapsed = store.lapse_account(&seen, balance.available, time(9)).await;
    assert!(lapsed.expect("answers"), "a stopped account lapses too");
    for to in [MaySend::Yes, MaySend::No] {
        assert_eq!(change(to).await, StatusChanged::Lapsed);
    }
}

/// A sender that was removed is a stranger, and it stays known when that was; proven again, it
/// sends again.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_senders<S>(store: &S, names: &Names)
where
    S: FindAccount + KeepSenders + Office,
{
    let (account, entry) = (&names.account, names.entry());
    let sender = &entry.sender;
    let remove = async |account: &AccountId, at| {
        let removal = store.remove_sender(account, sender, time(at)).await;
        removal.expect("the store answers")
    };
    let listed = async || {
        let senders = store.senders_of(account).await;
        senders.expect("the store answers")
    };
    assert_eq!(remove(account, 1).await, SenderRemoval::NotThere);
    open(store, names, 1).await;
    let mut expected = ListedSender {
        entry: entry.clone(),
        removed_at: None,
    };
    assert_eq!(listed().await, std::slice::from_ref(&expected));
    let stranger = "ZZZZ".parse().expect("an account code");
    assert_eq!(remove(&stranger, 1).await, SenderRemoval::NotThere);
    assert_eq!(remove(account, 2).await, SenderRemoval::Removed);
    let before = SenderRemoval::RemovedBefore(time(2));
    assert_eq!(remove(account, 3).await, before);
    expected.removed_at = Some(time(2));
    assert_eq!(listed().await, std::slice::from_ref(&expected));
    let standing = store.find_standing(sender).await.expect("answers");
    assert_eq!(standing, None, "it is a stranger");
    open_as(store, &names.account(), &entry, 1).await;
    expected.removed_at = None;
    assert_eq!(listed().await, [expected]);
    let standing = store.find_standing(sender).await.expect("answers");
    assert_eq!(standing.map(|one| one.entry), Some(entry));
}

/// The serials of an account are listed without a gap, page by page from either end, dispatches
/// and refused mails; and dispatches are loaded together, in the order asked for.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_listing<S>(store: &S, names: &Names)
where
    S: ListSerials + LoadDispatches + IntakeStore + DispatchStore + Office,
{
    open(store, names, 5).await;
    let account = &names.account;
    let mut ids = accepted(store, &names.acceptance(1, 3)).await;
    let refusal = store.record_refusal(&names.refusal(2)).await;
    let refusal = refusal.expect("the store answers");
    ids.extend(accepted(store, &names.acceptance(3, 2)).await);
    let mut expected = Vec::new();
    for id in &ids {
        let stored = loaded(store, id).await;
        expected.push(SerialHolder::Dispatch(Box::new(stored)));
    }
    let refused = RefusedMail {
        inbound: names.inbound(2),
        serial: names.serial(4),
        intake: refusal,
    };
    expected.insert(3, SerialHolder::RefusedMail(Box::new(refused)));
    let whole = PageOf {
        after: None,
        newest_first: false,
        entries_max: 100,
    };
    let is_whole = eventually(async || {
        let found = store.serials_of(account, &whole).await.expect("answers");
        found.entries.len() == expected.len()
    });
    assert!(is_whole.await);
    for newest_first in [false, true] {
        for entries_max in [1, 2, 6, 100] {
            let mut page = PageOf {
                after: None,
                newest_first,
                entries_max,
            };
            let mut listed = Vec::new();
            loop {
                let found = store.serials_of(account, &page).await.expect("answers");
                assert!(found.entries.len() <= entries_max);
                listed.extend(found.entries);
                let Some(next) = found.next else {
                    break;
                };
                page.after = Some(next);
            }
            assert_eq!(listed, expected, "{page:?}");
        }
        expected.reverse();
    }
    for holder in &expected {
        let found = store.find_by_serial(holder.serial()).await;
        assert_eq!(found.expect("the store answers").as_ref(), Some(holder));
    }
    let missing = store.find_by_serial(&names.serial(99)).await;
    assert_eq!(missing.expect("the store answers"), None);
    ids.reverse();
    ids.insert(1, names.dispatch_id(9, 0));
    let all = store.load_all(&ids).await.expect("the store answers");
    let all: Vec<DispatchId> = all.into_iter().map(|one| one.dispatch.id).collect();
    ids.remove(1);
    assert_eq!(all, ids);
}

/// What waits is read by one at a time, comes back when it is given back, and ends when it is
/// deleted. `put` puts a message into the queue.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_letters<S: Letters>(
    store: &S,
    queue: Queue,
    names: &Names,
    put: impl Fn(&str),
) {
    let body = |number: usize| format!("{{\"execution\":\"{} {number}\"}}", names.prefix);
    let mine = async || {
        let letters = store.receive_letters(queue).await;
        let mut letters = letters.expect("the queue answers");
        letters.retain(|letter| letter.body.contains(&names.prefix));
        letters.sort_by(|one, other| one.body.cmp(&other.body));
        letters
    };
    put(&body(1));
    put(&body(2));
    let read = mine().await;
    let bodies: Vec<&str> = read.iter().map(|letter| letter.body.as_str()).collect();
    assert_eq!(bodies, [body(1), body(2)]);
    assert!(read.iter().all(|letter| letter.queue == queue));
    assert_eq!(mine().await, [], "somebody reads them");
    let [first, second] = &*read else {
        panic!("two were put in");
    };
    store.delete_letter(first).await.expect("answers");
    store.release_letter(second).await.expect("answers");
    let again = mine().await;
    let ids: Vec<&str> = again.iter().map(|letter| letter.id.as_str()).collect();
    assert_eq!(ids, [second.id.as_str()]);
    for letter in &again {
        store.delete_letter(letter).await.expect("answers");
    }
    assert_eq!(mine().await, []);
}

/// An acceptance writes everything, once; a second one of the same mail finds the first.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_acceptance<S>(store: &S, names: &Names)
where
    S: IntakeStore + DispatchStore + Office,
{
    open(store, names, 3).await;
    let acceptance = names.acceptance(1, 2);
    assert_eq!(
        store
            .find_intake(&acceptance.submission)
            .await
            .expect("answers"),
        None
    );
    let ids = accepted(store, &acceptance).await;
    let again = accepted(store, &acceptance).await;
    assert_eq!(again, ids);
    let expected = StoredIntake::Accepted {
        recipients: 2,
        unfolding: Unfolding::AtOnce,
        subject: acceptance.subject.clone(),
        authentication: Box::new(acceptance.authentication.clone()),
        terms: Box::new(terms()),
        notice: None,
        summary: None,
    };
    let found = store
        .find_intake(&acceptance.submission)
        .await
        .expect("answers");
    assert_eq!(found, Some(expected));
    for (position, id) in ids.iter().enumerate() {
        assert_eq!(
            *id,
            DispatchId::of_recipient(&acceptance.submission, position)
        );
        let stored = loaded(store, id).await;
        let number = u64::try_from(position).expect("few") + 1;
        assert_eq!(stored.dispatch.serial, names.serial(number));
        let new = acceptance.dispatches.get(position).expect("one each");
        assert_eq!(stored.dispatch.recipient, new.recipient);
        assert_eq!(stored.dispatch.product, new.product);
        assert_eq!(stored.dispatch.thread, new.thread);
        assert_eq!(stored.dispatch.origin, acceptance.origin);
        assert_eq!(stored.dispatch.submission, acceptance.submission);
        assert_eq!(stored.dispatch.accepted_at, acceptance.accepted_at);
        assert_eq!(stored.dispatch.price, acceptance.price_each);
        assert_eq!(stored.progress, Progress::default());
        assert_eq!(
            (stored.wait_token, stored.delivered, stored.issued_at),
            (None, None, None)
        );
        assert_eq!(
            (stored.certificate, stored.copy, stored.recipient_copy),
            (None, NoticeState::Pending, NoticeState::Pending)
        );
        assert_eq!(stored.sms, None);
        assert_eq!(store.events(id).await.expect("answers"), []);
    }
    let balance = balance_of(store, &names.account).await;
    assert_eq!((balance.available.get(), balance.reserved.get()), (1, 2));
    let unknown = DispatchId::of_recipient(&acceptance.submission, 9);
    assert_eq!(store.load(&unknown).await.expect("answers"), None);
}

/// Too few points: nothing at all is written, and the serials have no gap.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_points<S>(store: &S, names: &Names)
where
    S: IntakeStore + DispatchStore + Office,
{
    open(store, names, 2).await;
    let too_much = names.acceptance(1, 3);
    let result = store
        .record_acceptance(&too_much)
        .await
        .expect("the store answers");
    assert_eq!(result, AcceptanceResult::PointsGone);
    assert_eq!(
        store
            .find_intake(&too_much.submission)
            .await
            .expect("answers"),
        None
    );
    assert_eq!(
        balance_of(store, &names.account).await.available,
        Points::new(2)
    );

    let ids = accepted(store, &names.acceptance(2, 2)).await;
    let first = loaded(store, ids.first().expect("two dispatches")).await;
    assert_eq!(
        first.dispatch.serial,
        names.serial(1),
        "the refused attempt took no serial"
    );
    let mut stored = first;
    for (outcome, charge, expected) in [
        (Outcome::Relayed, ChargeState::Posted, (0, 1)),
        (
            Outcome::Unconfirmed {
                provider_accepted: false,
            },
            ChargeState::Voided,
            (1, 0),
        ),
    ] {
        let settled = Some(Settled {
            outcome,
            at: time(5),
        });
        let progress = Progress {
            settled,
            ..underway()
        };
        let mut change = change(&stored, progress.clone(), None);
        change.charge = Some(charge);
        let commit = store
            .commit(&stored.dispatch, &change)
            .await
            .expect("answers");
        assert_eq!(commit, Commit::Written);
        let commit = store
            .commit(&stored.dispatch, &change)
            .await
            .expect("answers");
        assert_eq!(commit, Commit::Stale, "the charge ends once");
        let balance = balance_of(store, &names.account).await;
        assert_eq!((balance.available.get(), balance.reserved.get()), expected);
        assert_eq!(loaded(store, &stored.dispatch.id).await.progress, progress);
        stored = loaded(store, ids.last().expect("two dispatches")).await;
    }
}

/// A refusal takes a serial (P-071), once; its notice moves on step by step.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_refusals<S: IntakeStore + Office>(store: &S, names: &Names) {
    open(store, names, 1).await;
    let refusal = names.refusal(1);
    let written = store
        .record_refusal(&refusal)
        .await
        .expect("the store answers");
    let expected = StoredIntake::Refused {
        serial: names.serial(1),
        sender: refusal.sender.clone(),
        refused_at: refusal.refused_at,
        reasons: refusal.reasons.clone(),
        notice: NoticeState::Pending,
    };
    assert_eq!(written, expected);
    assert_eq!(
        store.record_refusal(&refusal).await.expect("answers"),
        expected
    );
    assert_eq!(
        store
            .find_intake(&SubmissionId::of_mail(&refusal.inbound))
            .await
            .expect("answers"),
        Some(expected.clone())
    );
    let accepted_later = store.record_acceptance(&names.acceptance(1, 1)).await;
    let accepted_later = accepted_later.expect("the store answers");
    assert_eq!(
        accepted_later,
        AcceptanceResult::Written(expected),
        "the first decision stays"
    );
    assert_eq!(
        balance_of(store, &names.account).await.reserved,
        Points::ZERO
    );

    let attempted = NoticeState::Attempted { at: time(9) };
    let message_id = "0100-x".parse().expect("an id");
    let sent = NoticeState::Sent {
        at: time(10),
        message_id,
    };
    for (from, to, moves) in [
        (&attempted, &sent, false),
        (&NoticeState::Pending, &attempted, true),
        (&NoticeState::Pending, &attempted, false),
        (&NoticeState::Attempted { at: time(8) }, &sent, false),
        (&attempted, &sent, true),
    ] {
        let moved = store
            .move_intake_notice(&SubmissionId::of_mail(&refusal.inbound), from, to)
            .await;
        assert_eq!(
            moved.expect("the store answers"),
            moves,
            "{from:?} to {to:?}"
        );
    }
    let found = store
        .find_intake(&SubmissionId::of_mail(&refusal.inbound))
        .await
        .expect("answers");
    let Some(StoredIntake::Refused { notice, .. }) = found else {
        panic!("the refusal is gone");
    };
    assert_eq!(notice, sent);
}

/// An object that is to go soon is there until it goes; one that is not there needs nothing.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_expiring_objects<S>(bucket: &S, names: &Names)
where
    S: ReadObject + WriteObject + ExpireObject,
{
    let key = |name: &str| -> ObjectKey {
        let key = format!("tests/{}-{name}", names.prefix);
        key.parse().expect("a key")
    };
    let bytes = Bytes::from_static(b"spam");
    let written = bucket.write_object(&key("there"), bytes.clone()).await;
    written.expect("the bucket answers");
    for name in ["there", "there", "missing"] {
        let expiring = bucket.expire_object(&key(name)).await;
        expiring.expect("the bucket answers");
    }
    let read = bucket.read_object(&key("there")).await;
    assert_eq!(read.expect("answers"), Some(bytes));
}

/// A mail is accepted once per account, whatever id it comes with; what was not accepted
/// has used nothing up.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_repeated_mails<S>(store: &S, names: &Names)
where
    S: IntakeStore + Office,
{
    open(store, names, 3).await;
    let marks = vec![names.mark("mail"), names.mark("signature")];
    let mut too_dear = names.acceptance(1, 4);
    too_dear.marks.clone_from(&marks);
    let refused = store.record_acceptance(&too_dear).await;
    assert_eq!(refused.expect("answers"), AcceptanceResult::PointsGone);
    let found = store.find_repeated(&names.account, &marks).await;
    assert_eq!(found.expect("answers"), None, "nothing is used up");

    let mut first = names.acceptance(2, 1);
    first.marks.clone_from(&marks);
    accepted(store, &first).await;
    accepted(store, &first).await;
    for mark in &marks {
        let found = store.find_repeated(&names.account, &[*mark]).await;
        assert_eq!(found.expect("answers"), Some(first.submission.clone()));
        let mut second = names.acceptance(3, 1);
        second.marks = vec![names.mark("another"), *mark];
        let repeated = store.record_acceptance(&second).await;
        let expected = AcceptanceResult::Repeated(first.submission.clone());
        assert_eq!(repeated.expect("answers"), expected);
        let stored = store.find_intake(&second.submission).await;
        assert_eq!(stored.expect("answers"), None, "nothing is written");
    }
    let balance = balance_of(store, &names.account).await;
    assert_eq!((balance.available.get(), balance.reserved.get()), (2, 1));
    let another = store
        .find_repeated(&names.account, &[names.mark("another")])
        .await;
    assert_eq!(another.expect("answers"), None);
}

/// The SMS of a day are counted, and are no more than there may be.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_sms_of_a_day<S>(store: &S, names: &Names)
where
    S: IntakeStore + Office,
{
    let limit = usize::try_from(SMS_PER_ACCOUNT_AND_DAY_MAX).expect("few");
    let each = DESTINATIONS_MAX;
    open(store, names, SMS_PER_ACCOUNT_AND_DAY_MAX + 100).await;
    let mobile: Recipient = Recipient::Mobile("+819012345678".parse().expect("a number"));
    let with_sms = |number: usize, count: usize, seconds: i64| {
        let mut acceptance = names.acceptance(number, count);
        for new in &mut acceptance.dispatches {
            new.recipient = mobile.clone();
        }
        acceptance.accepted_at = time(seconds);
        acceptance
    };
    for number in 0..limit / each {
        accepted(store, &with_sms(number, each, 1)).await;
    }
    let used = store.sms_of_day(&names.account, time(1)).await;
    assert_eq!(used.expect("answers"), SMS_PER_ACCOUNT_AND_DAY_MAX);
    let one_more = store.record_acceptance(&with_sms(900, 1, 2)).await;
    assert_eq!(one_more.expect("answers"), AcceptanceResult::PointsGone);
    accepted(store, &names.acceptance(901, 1)).await;
    let tomorrow = 86_400;
    let used = store.sms_of_day(&names.account, time(tomorrow)).await;
    assert_eq!(used.expect("answers"), 0);
    accepted(store, &with_sms(902, 1, tomorrow)).await;
}

/// Mails that nobody vouches for are counted once each, without serials, and told of at most once
/// an hour.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_unvouched_mails<S>(store: &S, names: &Names)
where
    S: IntakeStore + Office,
{
    open(store, names, 1).await;
    let told = async |number, seconds| {
        let record = names.unvouched(number, seconds);
        let stored = store.record_unvouched(&record).await.expect("answers");
        let again = store.record_unvouched(&record).await.expect("answers");
        assert_eq!(again, stored, "the same mail again");
        let found = store
            .find_intake(&SubmissionId::of_mail(&record.inbound))
            .await
            .expect("answers");
        assert_eq!(found.as_ref(), Some(&stored));
        let StoredIntake::Unvouched { reasons, told, .. } = stored else {
            panic!("{stored:?}");
        };
        assert_eq!(reasons, record.reasons);
        told.map(|(count, notice)| {
            assert_eq!(notice, NoticeState::Pending);
            count.refused_at
        })
    };
    assert_eq!(told(1, 0).await, Some(vec![time(0)]));
    assert_eq!(told(2, 10).await, None);
    assert_eq!(told(3, 20).await, None);
    let all = vec![time(10), time(20), time(4_000)];
    assert_eq!(told(4, 4_000).await, Some(all));
    assert_eq!(told(5, 4_001).await, None);

    let attempted = NoticeState::Attempted { at: time(4_002) };
    let moved = |number: usize| {
        let id = names.submission(number);
        let to = attempted.clone();
        async move {
            store
                .move_intake_notice(&id, &NoticeState::Pending, &to)
                .await
        }
    };
    assert!(moved(4).await.expect("answers"));
    assert!(!moved(4).await.expect("answers"), "moved already");
    let ids = accepted(store, &names.acceptance(9, 1)).await;
    let first = ids.first().expect("one dispatch");
    assert_eq!(first.as_str(), format!("{}-01", names.inbound(9)));
    let serials = store.record_refusal(&names.refusal(10)).await;
    let StoredIntake::Refused { serial, .. } = serials.expect("answers") else {
        panic!("not refused");
    };
    assert_eq!(serial, names.serial(2), "unvouched mails took no serial");
}

/// The notice of an acceptance moves on like that of a refusal.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_told_acceptances<S>(store: &S, names: &Names)
where
    S: IntakeStore + Office,
{
    open(store, names, 1).await;
    let mut acceptance = names.acceptance(1, 1);
    acceptance.is_told = true;
    accepted(store, &acceptance).await;
    let attempted = NoticeState::Attempted { at: time(3) };
    for (from, to, moves) in [
        (&attempted, &NoticeState::Pending, false),
        (&NoticeState::Pending, &attempted, true),
        (&NoticeState::Pending, &attempted, false),
    ] {
        let moved = store
            .move_intake_notice(&acceptance.submission, from, to)
            .await;
        assert_eq!(moved.expect("answers"), moves);
    }
    let found = store.find_intake(&acceptance.submission).await;
    let Some(StoredIntake::Accepted { notice, .. }) = found.expect("answers") else {
        panic!("the acceptance is gone");
    };
    assert_eq!(notice, Some(attempted));
}

/// A change is written wholly or not at all: on the version it was decided on, with a new event.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_commits<S>(store: &S, names: &Names)
where
    S: IntakeStore + DispatchStore + Office,
{
    let id = &one_dispatch(store, names).await;
    let fresh = loaded(store, id).await;
    let started = event("started", EventKind::AttemptStarted(Channel::Mail), time(3));
    let mut first = change(&fresh, underway(), Some(started.clone()));
    let delivered = DeliveredMessage {
        key: format!("delivered/{id}.eml").parse().expect("a key"),
        digest: Sha256Digest::new([7; 32]),
        size_bytes: 5_242_880,
    };
    first.delivered = Some(Delivered::Mail(delivered.clone()));
    assert_eq!(commit(store, &fresh, &first).await, Commit::Written);
    let after = loaded(store, id).await;
    assert!(after.version > fresh.version);
    assert_eq!(after.progress, underway());
    assert_eq!(after.delivered.as_ref(), Some(&delivered));
    assert_eq!(events(store, id).await, std::slice::from_ref(&started));

    let other = event("other", EventKind::Accepted, time(4));
    let stale = change(&fresh, Progress::default(), Some(other));
    assert_eq!(commit(store, &fresh, &stale).await, Commit::Stale);
    let known = change(&after, Progress::default(), Some(started));
    assert_eq!(commit(store, &fresh, &known).await, Commit::KnownEvent);
    assert_eq!(loaded(store, id).await, after, "neither wrote anything");
    assert_eq!(events(store, id).await.len(), 1);

    let later = change(&after, Progress::default(), None);
    assert_eq!(commit(store, &after, &later).await, Commit::Written);
    let last = loaded(store, id).await;
    assert_eq!(last.delivered, Some(delivered), "it stays");
}

/// A dispatch is found by the provider's id for its message, once that is known.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_provider_ids<S>(store: &S, names: &Names)
where
    S: IntakeStore + DispatchStore + Office,
{
    let id = &one_dispatch(store, names).await;
    let message_id: ProviderMessageId = format!("0100-{}", names.prefix).parse().expect("an id");
    let found = store.find_by_provider_message(Channel::Mail, &message_id);
    assert_eq!(found.await.expect("the store answers"), None);
    let fresh = loaded(store, id).await;
    let attempt = Attempt::ProviderAccepted {
        at: time(4),
        message_id: message_id.clone(),
    };
    let progress = Progress {
        mail: attempted(attempt),
        ..Progress::default()
    };
    let change = change(&fresh, progress.clone(), None);
    assert_eq!(commit(store, &fresh, &change).await, Commit::Written);
    assert_eq!(loaded(store, id).await.progress, progress);
    for (channel, expected) in [(Channel::Mail, Some(id)), (Channel::Sms, None)] {
        let is_found = eventually(async || {
            let found = store.find_by_provider_message(channel, &message_id).await;
            found.expect("the store answers").as_ref() == expected
        });
        assert!(is_found.await, "{channel:?}");
    }
}

/// An offer that is accepted at `accepted_at` seconds.
fn offer_of(
    names: &Names,
    number: usize,
    recipient: &Recipient,
    accepted_at: i64,
) -> (Acceptance, AnswerToken) {
    let seed = Sha256::digest(format!("{} {number}", names.prefix));
    let token = AnswerToken::new(
        seed.iter()
            .take(16)
            .fold(0, |bits, byte| (bits << 8) | u128::from(*byte)),
    );
    let offer = Offer {
        order: OfferOrder::MailThenSms,
        deadline: AnswerDeadline::default(),
        answer_until: time(accepted_at + 2_592_000),
        token: token.clone(),
    };
    let acceptance = Acceptance {
        dispatches: vec![NewDispatch {
            recipient: recipient.clone(),
            product: Product::Contract(offer),
            thread: ThreadKey::new(u128::MAX),
        }],
        accepted_at: time(accepted_at),
        ..names.acceptance(number, 1)
    };
    (acceptance, token)
}

/// An offer keeps its terms; it is found by its token, and by the number it was offered to, the
/// latest first (P-044).
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_offers<S>(store: &S, names: &Names)
where
    S: IntakeStore + DispatchStore + Office,
{
    let count = OFFERS_LISTED_MAX + 2;
    open(store, names, u32::try_from(count).expect("few") + 1).await;
    let digits = Sha256::digest(&names.prefix)
        .iter()
        .take(4)
        .fold(0, |sum, byte| sum * 100 + u64::from(byte % 100));
    let mobile: MobileNumber = format!("+8190{digits:08}").parse().expect("a number");
    assert_eq!(store.offers_to(&mobile).await.expect("answers"), []);
    let mail: domain::EmailAddress = "hanako@recipient.test".parse().expect("an address");
    let both = Recipient::Both {
        mail: mail.clone(),
        mobile: mobile.clone(),
    };
    let mut ids = Vec::new();
    for number in 0..count {
        let recipient = if number % 2 == 0 {
            both.clone()
        } else {
            Recipient::Mobile(mobile.clone())
        };
        let seconds = i64::try_from(number).expect("few");
        let (acceptance, token) = offer_of(names, number, &recipient, seconds);
        let found = store.find_by_answer_token(&token).await.expect("answers");
        assert_eq!(found, None, "nobody was offered anything yet");
        let id = accepted(store, &acceptance).await.remove(0);
        let stored = loaded(store, &id).await;
        let new = acceptance.dispatches.first().expect("there is one");
        assert_eq!(stored.dispatch.recipient, recipient);
        assert_eq!(stored.dispatch.product, new.product);
        let is_found = eventually(async || {
            let found = store.find_by_answer_token(&token).await.expect("answers");
            found.as_ref() == Some(&id)
        });
        assert!(is_found.await, "{number}");
        ids.push(id);
    }
    // Whom only a mail went to is not found by a number.
    let (by_mail, _) = offer_of(names, count, &Recipient::Mail(mail), 9_999);
    accepted(store, &by_mail).await;
    ids.reverse();
    ids.truncate(OFFERS_LISTED_MAX);
    let are_listed = async || store.offers_to(&mobile).await.expect("answers") == ids;
    assert!(eventually(are_listed).await);
    let unknown = store.find_by_answer_token(&AnswerToken::new(3)).await;
    assert_eq!(unknown.expect("the store answers"), None);
}

/// The token of a recipient's copy is fixed once, and leads to what it is a copy of; the token of
/// the offer goes on leading to the offer.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_copy_tokens<S>(store: &S, names: &Names)
where
    S: IntakeStore + DispatchStore + Office,
{
    open(store, names, 1).await;
    let recipient = Recipient::Mail("hanako@recipient.test".parse().expect("an address"));
    let (acceptance, offered) = offer_of(names, 0, &recipient, 1);
    let contract = accepted(store, &acceptance).await.remove(0);
    let seed = Sha256::digest(format!("{} answer", names.prefix));
    let answer = EventId::new(Sha256Digest::new(seed.into()));
    let stored = loaded(store, &contract).await;
    assert_eq!(stored.copy_token, None);
    let progress = Progress {
        answers_taken: 7,
        ..underway()
    };
    let taken = change(&stored, progress.clone(), None);
    assert_eq!(commit(store, &stored, &taken).await, Commit::Written);
    assert_eq!(loaded(store, &contract).await.progress, progress);
    let later = Addendum::of_answer(&stored.dispatch, answer);
    let addendum = store.open_addendum(&stored.dispatch, &later, time(9)).await;
    let addendum = addendum.expect("the store answers");
    for (id, after_answers) in [(&contract, 1), (&addendum, 2)] {
        let seed = Sha256::digest(format!("{} {id} copy", names.prefix));
        let bits = seed
            .iter()
            .take(15)
            .fold(0, |bits, byte| (bits << 8) | u128::from(*byte));
        let first = CopyToken {
            token: AnswerToken::new(bits),
            after_answers,
        };
        let second = CopyToken {
            token: AnswerToken::new(bits | 1 << 127),
            after_answers: after_answers + 1,
        };
        let found = store.find_by_answer_token(&first.token).await;
        assert_eq!(found.expect("answers"), None);
        for token in [&first, &second, &first] {
            let fixed = store.fix_copy_token(id, token).await.expect("answers");
            assert_eq!(fixed, first, "the first stays");
        }
        let is_found = eventually(async || {
            let found = store.find_by_answer_token(&first.token).await;
            found.expect("answers").as_ref() == Some(id)
        });
        assert!(is_found.await);
        let found = store.find_by_answer_token(&second.token).await;
        assert_eq!(found.expect("answers"), None);
        assert_eq!(loaded(store, id).await.copy_token, Some(first));
    }
    let is_found = eventually(async || {
        let found = store.find_by_answer_token(&offered).await;
        found.expect("answers").as_ref() == Some(&contract)
    });
    assert!(is_found.await);
    let missing: DispatchId = "nobody-01".parse().expect("an id");
    let token = CopyToken {
        token: offered,
        after_answers: 0,
    };
    assert!(store.fix_copy_token(&missing, &token).await.is_err());
}

/// Each channel of an offer has its own progress and its own message.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_legs<S>(store: &S, names: &Names)
where
    S: IntakeStore + DispatchStore + Office,
{
    open(store, names, 1).await;
    let recipient = Recipient::Both {
        mail: "hanako@recipient.test".parse().expect("an address"),
        mobile: "+819012345678".parse().expect("a number"),
    };
    let (acceptance, _) = offer_of(names, 1, &recipient, 1);
    let id = &accepted(store, &acceptance).await.remove(0);
    let sms = DeliveredSms {
        text: "契約の申込みが届きました\n\u{202e}".to_owned(),
        parts: 2,
    };
    let fresh = loaded(store, id).await;
    let mut progress = Progress {
        sms: attempted(Attempt::Underway { since: time(3) }),
        ..Progress::default()
    };
    let mut first = change(&fresh, progress.clone(), None);
    first.delivered = Some(Delivered::Sms(sms.clone()));
    assert_eq!(commit(store, &fresh, &first).await, Commit::Written);
    let message_id: ProviderMessageId =
        format!("34d9b400-{}", names.prefix).parse().expect("an id");
    for fate in Fate::ALL {
        progress.sms = Leg {
            attempt: Attempt::ProviderAccepted {
                at: time(4),
                message_id: message_id.clone(),
            },
            fate: Some(fate),
        };
        progress.mail.fate = Some(fate);
        let stored = loaded(store, id).await;
        let change = change(&stored, progress.clone(), None);
        assert_eq!(commit(store, &stored, &change).await, Commit::Written);
        let stored = loaded(store, id).await;
        assert_eq!(stored.progress, progress);
        assert_eq!(
            (stored.sms.as_ref(), &stored.delivered),
            (Some(&sms), &None)
        );
    }
    for (channel, expected) in [(Channel::Sms, Some(id)), (Channel::Mail, None)] {
        let is_found = eventually(async || {
            let found = store.find_by_provider_message(channel, &message_id).await;
            found.expect("the store answers").as_ref() == expected
        });
        assert!(is_found.await, "{channel:?}");
    }
}

/// Whatever can be observed comes back as it was written, in the order of its own times.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_events<S>(store: &S, names: &Names)
where
    S: IntakeStore + DispatchStore + Office,
{
    let id = &one_dispatch(store, names).await;
    let mut written = Vec::new();
    for (position, kind) in every_kind().into_iter().enumerate() {
        let seconds = i64::try_from(position).expect("few");
        // The latest first, so that the order is the store's work.
        let mut line = event(&format!("{position}"), kind, time(1_000 - seconds));
        line.is_supplementary = position % 2 == 1;
        let stored = loaded(store, id).await;
        let change = change(&stored, stored.progress.clone(), Some(line.clone()));
        let commit = store
            .commit(&stored.dispatch, &change)
            .await
            .expect("answers");
        assert_eq!(commit, Commit::Written, "{line:?}");
        written.insert(0, line);
    }
    assert_eq!(store.events(id).await.expect("answers"), written);
    for outcome in Outcome::ALL {
        let stored = loaded(store, id).await;
        let settled = Some(Settled {
            outcome,
            at: time(9),
        });
        let progress = Progress {
            settled,
            ..stored.progress.clone()
        };
        let change = change(&stored, progress.clone(), None);
        let commit = store
            .commit(&stored.dispatch, &change)
            .await
            .expect("answers");
        assert_eq!(commit, Commit::Written);
        assert_eq!(loaded(store, id).await.progress, progress);
    }
}

fn every_kind() -> Vec<EventKind> {
    let by_mail = |seen| EventKind::Observed(Channel::Mail, seen);
    let bounce = |kind, status: Option<&str>, diagnostic: Option<&str>| {
        by_mail(Observation::Bounced(Bounce {
            kind,
            status: status.map(str::to_owned),
            diagnostic: diagnostic.map(str::to_owned),
        }))
    };
    let mut kinds = vec![
        EventKind::Accepted,
        EventKind::AttemptStarted(Channel::Mail),
        EventKind::AttemptPostponed(Channel::Mail),
        EventKind::DeadlinePassed,
        EventKind::AnswerDeadlinePassed,
        EventKind::CopyHandedOver,
        by_mail(Observation::ProviderAccepted {
            message_id: "0100-1".parse().expect("an id"),
        }),
        by_mail(Observation::ProviderRefused {
            reason: String::new(),
        }),
        by_mail(Observation::Delivered {
            smtp_response: "250 2.0.0 受け付けました".to_owned(),
            reporting_mta: "a8-90.smtp-out.amazonses.com".to_owned(),
            remote_mta_ip: None,
        }),
        by_mail(Observation::Complained),
        by_mail(Observation::Delayed {
            reason: "MailboxFull".to_owned(),
        }),
        bounce(
            BounceKind::Permanent,
            Some("5.1.1"),
            Some("smtp; 550 5.1.1 user unknown"),
        ),
        bounce(BounceKind::Refused, Some("5.7.1"), None),
        bounce(BounceKind::Transient, None, None),
        bounce(BounceKind::Undetermined, Some(""), None),
        bounce(BounceKind::AutomaticReply, None, None),
        bounce(BounceKind::Suppressed, None, Some("suppressed")),
    ];
    kinds.extend(every_kind_of_sms());
    kinds.extend(every_doubtful_report(&kinds));
    kinds.extend(every_answer().into_iter().map(EventKind::AnswerReceived));
    kinds
}

/// What was reported before we knew the id of our message, or of another message.
fn every_doubtful_report(kinds: &[EventKind]) -> Vec<EventKind> {
    let id = || "0100-2".parse().expect("an id");
    let reports = kinds.iter().filter_map(EventKind::observation);
    reports
        .flat_map(|(channel, seen)| {
            [
                EventKind::ObservedByTags(channel, seen.clone(), id()),
                EventKind::OfAnotherMessage(channel, seen.clone(), id()),
            ]
        })
        .collect()
}

fn every_kind_of_sms() -> Vec<EventKind> {
    let by_sms = |seen| EventKind::Observed(Channel::Sms, seen);
    let failed = |kind| {
        by_sms(Observation::SmsFailed {
            kind,
            provider_response: "Phone is currently unreachable/unavailable".to_owned(),
        })
    };
    let confirmed = |carrier: Option<&str>| {
        by_sms(Observation::SmsConfirmed {
            provider_response: "Message has been accepted by phone carrier".to_owned(),
            carrier: carrier.map(str::to_owned),
        })
    };
    let mut kinds = vec![
        EventKind::AttemptStarted(Channel::Sms),
        EventKind::AttemptPostponed(Channel::Sms),
        by_sms(Observation::ProviderAccepted {
            message_id: "34d9b400".parse().expect("an id"),
        }),
        by_sms(Observation::ProviderRefused {
            reason: "InvalidParameter".to_owned(),
        }),
        confirmed(Some("NTT DOCOMO")),
        confirmed(None),
    ];
    kinds.extend(SmsFailureKind::ALL.map(failed));
    kinds
}

/// What was found when a sender was authenticated, with something of everything.
fn evidence() -> AuthenticationEvidence {
    let signature = |result| ArcSignature {
        domain: "list.test".to_owned(),
        selector: "s2".to_owned(),
        algorithm: SigningAlgorithm::Ed25519Sha256,
        result,
        dns_name: "s2._domainkey.list.test".to_owned(),
        dns_records: vec!["v=DKIM1; p=髙\u{202e}\0".to_owned()],
    };
    AuthenticationEvidence {
        verified_at: time(1),
        signatures: vec![DkimSignature {
            domain: "customer.test".to_owned(),
            selector: "s1".to_owned(),
            algorithm: Some(SigningAlgorithm::RsaSha256),
            result: SignatureResult::Pass,
            alignment: Alignment::Exact,
            dns_name: "s1._domainkey.customer.test".to_owned(),
            dns_records: Vec::new(),
            coverage: Coverage::default()
                .with(HeaderField::From, true)
                .with(HeaderField::To, false),
        }],
        relied_on: Some(0),
        spf: SpfResult::Pass,
        by_spf: [HeaderField::To].into(),
        arc: ArcReport {
            result: ArcResult::TemporaryError,
            sets: vec![ArcSet {
                instance: 1,
                seal: signature(SignatureResult::TemporaryError("SERVFAIL".to_owned())),
                message: Some(signature(SignatureResult::Pass)),
            }],
        },
    }
}

fn every_answer() -> Vec<Answer> {
    let answer = |road, standing| Answer {
        road,
        standing,
        proof: AnswerProof::OfferToken,
        received_at: time(7),
        text: "承諾します\n\u{202e}\0".to_owned(),
        authentication: None,
    };
    let by_mail = |from: Option<&str>| AnswerRoad::Mail {
        inbound: "answer-1".parse().expect("an id"),
        from: from.map(|from| from.parse().expect("an address")),
    };
    let by_link = |choice| AnswerRoad::Link {
        choice,
        source_ip: "2001:db8::7".to_owned(),
        seen_by: SeenBy::Cdn,
        user_agent: String::new(),
    };
    let by_sms = AnswerRoad::Sms {
        from: "+819012345678".parse().expect("a number"),
        to: "+815012345678".to_owned(),
        message_id: "cae173d2".to_owned(),
    };
    let mut answers = vec![
        Answer {
            authentication: Some(Box::new(evidence())),
            ..answer(
                by_mail(Some("Hanako@Recipient.test")),
                AnswerStanding::Recipient,
            )
        },
        answer(by_mail(None), AnswerStanding::AnotherAddress),
        answer(by_mail(None), AnswerStanding::Malware),
        answer(by_mail(None), AnswerStanding::Empty),
        answer(by_sms, AnswerStanding::Recipient),
    ];
    for sign in [
        AutomaticMail::NullReturnPath,
        AutomaticMail::AutoSubmitted,
        AutomaticMail::Precedence,
        AutomaticMail::MailingList,
        AutomaticMail::DeliveryReport,
    ] {
        answers.push(answer(by_mail(None), AnswerStanding::Automatic(sign)));
    }
    for choice in Choice::ALL {
        answers.push(answer(by_link(choice), AnswerStanding::Recipient));
    }
    let copy = AnswerProof::CopyToken { after_answers: 3 };
    for proof in AnswerProof::ALL.into_iter().chain([copy]) {
        answers.push(Answer {
            proof,
            ..answer(by_mail(None), AnswerStanding::Unauthenticated)
        });
    }
    answers
}

fn terms() -> Terms {
    Terms {
        company: "証株式会社".to_owned(),
        contact: "山田太郎".to_owned(),
        mail: "somu@customer.test".parse().expect("an address"),
        zone: "Asia/Tokyo".parse().expect("a zone"),
        language: Language::English,
        rules_version: "2025-12".to_owned(),
        price_table_version: "2025-11".to_owned(),
    }
}

fn draft(seed: u8) -> ComposedDraft {
    ComposedDraft {
        digest: Sha256Digest::new([seed; 32]),
        signer: Sha256Digest::new([seed + 100; 32]),
    }
}

/// From nothing, back after a busy provider, and on.
async fn moves_a_road_notice<S>(store: &S, id: &DispatchId, states: [&NoticeState; 3])
where
    S: DispatchStore,
{
    let [pending, attempted, sent] = states;
    for (from, to, expected) in [
        (pending, attempted, true),
        (pending, attempted, false),
        (attempted, pending, true),
        (attempted, sent, false),
        (pending, attempted, true),
        (attempted, sent, true),
    ] {
        let moved = store.move_road_notice(id, from, to).await;
        assert_eq!(moved.expect("the store answers"), expected, "{from:?}");
    }
}

/// What later steps write beside the progress: the newest token, the first time of issue, the
/// first certificate, and the copy step by step.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_later_steps<S>(store: &S, names: &Names)
where
    S: IntakeStore + DispatchStore + Office,
{
    let id = &one_dispatch(store, names).await;
    for token in ["token-1", "token-2"] {
        let kept = store
            .keep_wait_token(id, &WaitToken(token.to_owned()))
            .await;
        kept.expect("the store answers");
    }
    moves_its_issue(store, id).await;
    for seed in [1, 2, 2] {
        let recorded = store.record_draft(id, &draft(seed)).await;
        assert!(recorded.expect("the store answers"), "the last stays");
    }
    let certificate = |seed: u8| StoredCertificate {
        key: ObjectKey::of_certificate(&names.serial(1)),
        digest: Sha256Digest::new([seed; 32]),
        timestamped_at: time(30 + i64::from(seed)),
        renewals: Vec::new(),
        renew_at: time(50),
    };
    for seed in [1, 2] {
        let recorded = store.record_certificate(id, &certificate(seed)).await;
        recorded.expect("the store answers");
    }
    let late = store.record_draft(id, &draft(3)).await;
    assert!(!late.expect("the store answers"), "it is certified");
    let attempted = NoticeState::Attempted { at: time(40) };
    let pending = NoticeState::Pending;
    for (party, expected) in [
        (Party::Sender, true),
        (Party::Sender, false),
        (Party::Recipient, true),
        (Party::Recipient, false),
    ] {
        let moved = store.move_copy(id, party, &pending, &attempted).await;
        assert_eq!(moved.expect("the store answers"), expected, "{party:?}");
    }
    let sent = NoticeState::Sent {
        at: time(41),
        message_id: "0100-copy".parse().expect("an id"),
    };
    let moved = store
        .move_copy(id, Party::Recipient, &attempted, &sent)
        .await;
    assert!(moved.expect("the store answers"));
    moves_a_road_notice(store, id, [&pending, &attempted, &sent]).await;
    let stored = loaded(store, id).await;
    assert_eq!(stored.road_notice, sent);
    assert_eq!(stored.wait_token, Some(WaitToken("token-2".to_owned())));
    assert_eq!(stored.issued_at, Some(time(20)));
    assert_eq!(stored.draft, Some(draft(2)));
    assert_eq!(stored.certificate, Some(certificate(1)));
    assert_eq!(stored.copy, attempted);
    assert_eq!(
        stored.recipient_copy, sent,
        "each party's copy moves by itself"
    );
    assert_eq!(stored.progress, Progress::default(), "none changes it");
    let change = change(&stored, underway(), None);
    assert_eq!(commit(store, &stored, &change).await, Commit::Written);
    let after = loaded(store, id).await;
    let copies = |stored: StoredDispatch| (stored.certificate, stored.copy, stored.recipient_copy);
    assert_eq!(copies(after), copies(stored), "they stay");
}

/// The first time of issue stays; it is moved by who knows it.
async fn moves_its_issue<S: DispatchStore>(store: &S, id: &DispatchId) {
    for seconds in [20, 21] {
        let fixed = store.fix_issued_at(id, time(seconds)).await;
        assert_eq!(fixed.expect("it answers"), time(20), "the first stays");
    }
    for (from, to, expected) in [(19, 22, 20), (20, 23, 23), (20, 24, 23), (23, 20, 20)] {
        let moved = store.issue_anew(id, time(from), time(to)).await;
        assert_eq!(moved.expect("it answers"), time(expected), "{from} to {to}");
    }
}

/// A certificate is listed from when it is due, until it was renewed or put off; of two who renew
/// it one is recorded, and its first digest stays.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_renewals<S>(store: &S, names: &Names)
where
    S: IntakeStore + DispatchStore + RenewalStore + Office,
{
    let id = &one_dispatch(store, names).await;
    // Long before what other tests have at the same time; what is due is kept in whole seconds.
    let half = SignedDuration::from_millis(500);
    let (due, next) = (long_ago(0) + half, long_ago(1_000) + half);
    let is_listed = async |at: Timestamp| {
        let due = store.due_renewals(at).await.expect("the store answers");
        due.contains(id)
    };
    assert!(!is_listed(next).await, "it has no certificate");
    let first = StoredCertificate {
        key: ObjectKey::of_certificate(&names.serial(1)),
        digest: Sha256Digest::new([1; 32]),
        timestamped_at: time(30),
        renewals: Vec::new(),
        renew_at: due,
    };
    let recorded = store.record_certificate(id, &first).await;
    recorded.expect("the store answers");
    assert!(!is_listed(due - SignedDuration::from_secs(1)).await);
    assert!(eventually(async || is_listed(due).await).await);
    let later = due + SignedDuration::from_secs(10);
    let put_off = store.renew_later(id, &first, later).await;
    assert!(put_off.expect("the store answers"));
    assert!(eventually(async || !is_listed(due).await).await);
    assert!(eventually(async || is_listed(later).await).await);
    let renewed = |seed: u8| StoredCertificate {
        renewals: vec![Renewal {
            digest: Sha256Digest::new([seed; 32]),
            timestamped_at: time(60),
        }],
        renew_at: next,
        ..first.clone()
    };
    for (seed, expected) in [(2, true), (3, false)] {
        let recorded = store.record_renewal(id, &first, &renewed(seed)).await;
        assert_eq!(recorded.expect("the store answers"), expected);
    }
    let put_off = store.renew_later(id, &first, time(90)).await;
    assert!(!put_off.expect("the store answers"), "it was renewed since");
    let recorded = store.record_certificate(id, &first).await;
    recorded.expect("the store answers");
    let stored = loaded(store, id).await.certificate;
    assert_eq!(stored, Some(renewed(2)), "it stays");
    let before = next - SignedDuration::from_secs(1);
    assert!(eventually(async || !is_listed(before).await).await);
    assert!(eventually(async || is_listed(next).await).await);
    // Nothing is left that later tests would find.
    let put_off = store.renew_later(id, &renewed(2), Timestamp::MAX).await;
    assert!(put_off.expect("the store answers"));
}

/// Nothing is written to a dispatch that does not exist, and none comes into being.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_missing_dispatches<S: DispatchStore>(store: &S, names: &Names) {
    let missing = names.dispatch_id(77, 0);
    let token = WaitToken("token".to_owned());
    let pending = NoticeState::Pending;
    let certificate = StoredCertificate {
        key: ObjectKey::of_certificate(&names.serial(77)),
        digest: Sha256Digest::new([1; 32]),
        timestamped_at: time(1),
        renewals: Vec::new(),
        renew_at: time(2),
    };
    assert!(store.keep_wait_token(&missing, &token).await.is_err());
    assert!(store.fix_issued_at(&missing, time(1)).await.is_err());
    let moved = store.issue_anew(&missing, time(1), time(2)).await;
    assert!(moved.is_err());
    let recorded = draft(1);
    let recorded = store.record_draft(&missing, &recorded);
    assert!(!recorded.await.expect("the store answers"));
    assert!(
        store
            .record_certificate(&missing, &certificate)
            .await
            .is_err()
    );
    for party in [Party::Sender, Party::Recipient] {
        let moved = store.move_copy(&missing, party, &pending, &pending).await;
        assert!(!moved.unwrap_or(false));
    }
    assert_eq!(store.load(&missing).await.expect("the store answers"), None);
    assert_eq!(events(store, &missing).await, []);
}

/// A use is recorded with what it is and takes back a warning; an account that was used, warned or
/// charged since it was seen does not lapse; one that lapses loses all its points, once (I-046).
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_lapsing<S>(store: &S, names: &Names)
where
    S: LapseStore + IntakeStore + DispatchStore + FindAccount + Office,
{
    let used = long_ago(0);
    let account = Account {
        last_used_at: used,
        ..names.account()
    };
    let entry = AllowlistEntry {
        proven_at: used,
        ..names.entry()
    };
    open_as(store, &account, &entry, 3).await;
    let first = check_after_use(used);
    assert!(!is_due(store, names, first - SignedDuration::from_secs(1)).await);
    let due = first + SignedDuration::from_secs(1);
    assert!(eventually(async || is_due(store, names, due).await).await);
    let (seen, balance) = seen(store, names).await;
    assert_eq!(seen, account);
    assert_eq!(balance, Balance::free(Points::new(3)));

    let warned = warn(store, names, &seen).await;
    let later = first + SignedDuration::from_hours(1);
    assert!(!check_later(store, &seen, later).await, "it was warned");
    assert!(check_later(store, &warned, later).await);
    assert!(eventually(async || !is_due(store, names, due).await).await);
    let due = later + SignedDuration::from_secs(1);
    assert!(eventually(async || is_due(store, names, due).await).await);

    // Of two sendings the one that is heard of later happened earlier.
    for (number, hours) in [(1, 9), (2, 3)] {
        let acceptance = Acceptance {
            accepted_at: long_ago(hours),
            ..names.acceptance(number, 1)
        };
        let _ = accepted(store, &acceptance).await;
    }
    let (used_again, balance) = self::seen(store, names).await;
    assert_eq!(used_again.last_used_at, long_ago(9));
    assert_eq!(used_again.warned, None);
    assert_eq!((balance.available.get(), balance.reserved.get()), (1, 2));
    let (one, three) = (Points::new(1), Points::new(3));
    assert!(!check_later(store, &warned, later).await, "it was used");
    assert!(!lapse(store, &warned, one).await, "it was used");
    assert!(!lapse(store, &used_again, one).await, "dispatches are open");
    post(store, names).await;
    assert!(
        !lapse(store, &used_again, three).await,
        "there is one point"
    );
    assert!(lapse(store, &used_again, one).await);
    assert_closed(store, names, &used_again).await;
}

async fn assert_closed<S>(store: &S, names: &Names, seen_before: &Account)
where
    S: LapseStore + IntakeStore + FindAccount + Office,
{
    assert!(!lapse(store, seen_before, Points::ZERO).await, "only once");
    let is_due = async || is_due(store, names, long_ago(20 * 365 * 24)).await;
    assert!(eventually(async || !is_due().await).await);
    let (closed, balance) = seen(store, names).await;
    let at = long_ago(10 * 365 * 24);
    assert_eq!(closed.status, AccountStatus::Lapsed { at });
    assert_eq!(balance, Balance::default());
    let standing = store.find_standing(&names.entry().sender).await;
    let standing = standing.expect("the store answers").expect("still known");
    assert_eq!(standing.account, closed);
    let sending = store.record_acceptance(&names.acceptance(9, 1)).await;
    let sending = sending.expect("the store answers");
    assert_eq!(sending, AcceptanceResult::PointsGone);
    assert_eq!(seen(store, names).await.0, closed, "that was no use");
}

/// So many hours after some moment before all other tests, so that what is due then is ours.
fn long_ago(hours: i64) -> Timestamp {
    let moment: Timestamp = "1990-02-28T23:59:59.5Z".parse().expect("a time");
    moment + SignedDuration::from_hours(hours)
}

async fn is_due<S: LapseStore>(store: &S, names: &Names, now: Timestamp) -> bool {
    let due = store.due_accounts(now).await.expect("the store answers");
    due.contains(&names.account)
}

async fn seen<S: LapseStore>(store: &S, names: &Names) -> (Account, Balance) {
    let found = store.find_with_balance(&names.account).await;
    found
        .expect("the store answers")
        .expect("the account exists")
}

async fn check_later<S: LapseStore>(store: &S, seen: &Account, at: Timestamp) -> bool {
    let written = store.check_later(seen, at).await;
    written.expect("the store answers")
}

async fn lapse<S: LapseStore>(store: &S, seen: &Account, points: Points) -> bool {
    lapse_at(store, seen, points, long_ago(10 * 365 * 24)).await
}

async fn lapse_at<S: LapseStore>(store: &S, seen: &Account, points: Points, at: Timestamp) -> bool {
    let written = store.lapse_account(seen, points, at).await;
    written.expect("the store answers")
}

/// Writes down a warning, once, and returns the account as it is then.
async fn warn<S: LapseStore>(store: &S, names: &Names, account: &Account) -> Account {
    let attempted = WarningState {
        warning: LapseWarning::ThirtyDays,
        notice: NoticeState::Attempted { at: long_ago(1) },
    };
    for expected in [true, false] {
        let moved = store.move_warning(account, &attempted).await;
        assert_eq!(moved.expect("the store answers"), expected);
    }
    let (warned, _) = seen(store, names).await;
    assert_eq!(warned.warned, Some(attempted));
    warned
}

/// Spends what the first two mails reserved.
async fn post<S: DispatchStore>(store: &S, names: &Names) {
    for number in [1, 2] {
        let id = names.dispatch_id(number, 0);
        let stored = loaded(store, &id).await;
        let settled = Some(Settled {
            outcome: Outcome::Relayed,
            at: time(5),
        });
        let progress = Progress {
            settled,
            ..underway()
        };
        let mut change = change(&stored, progress, None);
        change.charge = Some(ChargeState::Posted);
        assert_eq!(commit(store, &stored, &change).await, Commit::Written);
    }
}

/// Many at once: every mail gets through, no serial twice, no point lost; and of ten changes on
/// one version one is written.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_concurrency<S>(store: &S, names: &Names, mails: usize)
where
    S: IntakeStore + DispatchStore + Office + Clone + Send + Sync + 'static,
{
    let points = u32::try_from(mails).expect("few");
    open(store, names, points + 1).await;
    let mut tasks = JoinSet::new();
    for number in 0..mails {
        let (store, acceptance) = (store.clone(), names.acceptance(number, 1));
        tasks.spawn(async move { accepted(&store, &acceptance).await });
    }
    let ids: Vec<DispatchId> = tasks.join_all().await.into_iter().flatten().collect();
    let mut numbers = Vec::new();
    for id in &ids {
        numbers.push(loaded(store, id).await.dispatch.serial.number().get());
    }
    numbers.sort_unstable();
    assert!(
        numbers.iter().copied().eq(1..=u64::from(points)),
        "{numbers:?}"
    );
    let balance = balance_of(store, &names.account).await;
    assert_eq!(
        (balance.available.get(), balance.reserved.get()),
        (1, points)
    );

    let stored = loaded(store, ids.first().expect("there are mails")).await;
    let mut tasks = JoinSet::new();
    for number in 0..10 {
        let (store, stored) = (store.clone(), stored.clone());
        let line = event(
            &format!("at once {number}"),
            EventKind::AttemptStarted(Channel::Mail),
            time(3),
        );
        let change = change(&stored, underway(), Some(line));
        tasks.spawn(async move { store.commit(&stored.dispatch, &change).await });
    }
    let commits = tasks.join_all().await;
    let written = commits
        .iter()
        .filter(|commit| matches!(commit, Ok(Commit::Written)))
        .count();
    assert_eq!(written, 1, "{commits:?}");
    assert!(
        commits
            .iter()
            .all(|commit| matches!(commit, Ok(Commit::Written | Commit::Stale)))
    );
    assert_eq!(
        store
            .events(&stored.dispatch.id)
            .await
            .expect("answers")
            .len(),
        1
    );
}

/// Objects come back as they were written; what is not there is `None`.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_objects<S: ReadObject + WriteObject>(bucket: &S, names: &Names) {
    let key: ObjectKey = format!("tests/{}.eml", names.prefix)
        .parse()
        .expect("a key");
    assert_eq!(
        bucket.read_object(&key).await.expect("the bucket answers"),
        None
    );
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    for bytes in [
        Bytes::from(every_byte),
        Bytes::from_static(b"second"),
        Bytes::new(),
    ] {
        bucket
            .write_object(&key, bytes.clone())
            .await
            .expect("the bucket answers");
        assert_eq!(
            bucket.read_object(&key).await.expect("the bucket answers"),
            Some(bytes)
        );
    }
}

/// An original is created once, and stays what it is (I-054).
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_originals<S: ReadObject + CreateOriginal>(
    bucket: &S,
    names: &Names,
    retain_until: Timestamp,
) {
    let key = ObjectKey::of_certificate(&names.serial(1));
    assert_eq!(
        bucket.read_object(&key).await.expect("the bucket answers"),
        None
    );
    let (first, second) = (
        Bytes::from_static(b"%PDF first"),
        Bytes::from_static(b"%PDF second"),
    );
    for (bytes, expected) in [
        (&first, Creation::Created),
        (&second, Creation::AlreadyThere),
        (&first, Creation::AlreadyThere),
    ] {
        let creation = bucket
            .create_original(&key, bytes.clone(), retain_until)
            .await;
        assert_eq!(creation.expect("the bucket answers"), expected);
        let read = bucket.read_object(&key).await.expect("the bucket answers");
        assert_eq!(read, Some(first.clone()));
    }
}

/// A version is added to the newest one that was read, and to no other; nothing comes into being
/// where no original is.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_versions<S: ReadObject + CreateOriginal + RenewOriginal>(
    bucket: &S,
    names: &Names,
    retain_until: Timestamp,
) {
    let key = ObjectKey::of_certificate(&names.serial(1));
    let newest = async || {
        let version = bucket.newest_version(&key).await;
        version.expect("the bucket answers")
    };
    assert_eq!(newest().await, None);
    let texts = ["%PDF first", "%PDF first second", "%PDF first third"];
    let [first, second, third] = texts.map(|text| Bytes::from_static(text.as_bytes()));
    let creation = bucket.create_original(&key, first.clone(), retain_until);
    assert_eq!(
        creation.await.expect("the bucket answers"),
        Creation::Created
    );
    let read = newest().await.expect("an original");
    assert_eq!(read.bytes, first);
    for (bytes, expected) in [(&second, true), (&third, false), (&second, false)] {
        let added = bucket.add_version(&key, &read.tag, bytes.clone(), retain_until);
        assert_eq!(added.await.expect("the bucket answers"), expected);
        let read = newest().await.expect("an original");
        assert_eq!(read.bytes, second);
    }
    let read = bucket.read_object(&key).await.expect("the bucket answers");
    assert_eq!(read, Some(second));
}

/// So many uses of a key in a window and no more, also at once; other keys and other windows are
/// counted apart.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_rate_limits<S>(store: &S, names: &Names)
where
    S: RateLimit + Clone + Send + Sync + 'static,
{
    const WINDOW_SECONDS: u32 = 60;
    let key = |name: &str| {
        let digest = Sha256::digest(format!("{} {name}", names.prefix));
        RateKey::new(Sha256Digest::new(digest.into()))
    };
    // A minute's first and last second, and what lies beside them.
    let second = |offset: i64| {
        let start = time(0).as_second().div_euclid(60) * 60;
        Timestamp::from_second(start + offset).expect("a time")
    };
    let (one, other) = (key("one"), key("other"));
    for (what, key, limit, at, expected) in [
        ("first", one, 2, second(0), true),
        ("second", one, 2, second(59), true),
        ("one too many", one, 2, second(30), false),
        ("again too many", one, 2, second(59), false),
        ("another key", other, 2, second(59), true),
        ("the next window", one, 2, second(60), true),
        ("the window before", one, 2, second(-1), true),
        (
            "a higher limit, as refusals count nothing",
            one,
            3,
            second(59),
            true,
        ),
        ("and no more", one, 3, second(59), false),
        ("none are allowed", other, 0, second(120), false),
        ("refusals left no trace", other, 1, second(120), true),
    ] {
        let taken = store.take(&key, limit, WINDOW_SECONDS, at).await;
        assert_eq!(taken.expect("the store answers"), expected, "{what}");
    }
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let (store, key) = (store.clone(), key("at once"));
        tasks.spawn(async move { store.take(&key, 7, WINDOW_SECONDS, time(0)).await });
    }
    let taken = tasks.join_all().await.into_iter();
    let admitted = taken.filter(|taken| *taken.as_ref().expect("the store answers"));
    assert_eq!(admitted.count(), 7, "seven of twenty at once");
}

/// The newest code alone counts, so many tries of it and no more, also at once; and no more codes
/// than a telephone should get.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_codes<S>(store: &S, names: &Names)
where
    S: CodeStore + Clone + Send + Sync + 'static,
{
    const TRIES_MAX: u32 = 3;
    let id = |number| names.dispatch_id(number, 0);
    let (one, other) = (id(0), id(1));
    assert_eq!(tried(store, &one, TRIES_MAX).await, None, "no code yet");
    let first = code(1, time(0));
    assert_eq!(kept(store, &one, &first, time(0)).await, CodeKeeping::Kept);
    for _ in 0..TRIES_MAX {
        assert_eq!(tried(store, &one, TRIES_MAX).await, Some(first));
    }
    assert_eq!(tried(store, &one, TRIES_MAX).await, None, "tried too often");
    assert_eq!(tried(store, &other, TRIES_MAX).await, None, "not its code");

    let minute = |minutes: i64| time(0) + SignedDuration::from_mins(minutes);
    for number in 2..=CODES_MAX {
        let made_at = minute(i64::try_from(number).expect("few"));
        let newer = code(number, made_at);
        assert_eq!(kept(store, &one, &newer, made_at).await, CodeKeeping::Kept);
        assert_eq!(tried(store, &one, TRIES_MAX).await, Some(newer));
    }
    let again_at = time(0) + SignedDuration::from_secs(CODES_WINDOW_SECONDS);
    let refused = kept(store, &one, &code(99, minute(59)), minute(59)).await;
    assert_eq!(refused, CodeKeeping::TooMany { again_at });
    let newest = code(CODES_MAX, minute(i64::try_from(CODES_MAX).expect("few")));
    for expected in [Some(newest), Some(newest), None] {
        let found = tried(store, &one, TRIES_MAX).await;
        assert_eq!(found, expected, "what was refused has changed nothing");
    }
    assert_eq!(tried(store, &one, 0).await, None);
    let later = code(100, again_at);
    assert_eq!(kept(store, &one, &later, again_at).await, CodeKeeping::Kept);
    assert_eq!(tried(store, &one, TRIES_MAX).await, Some(later));
    codes_at_once(store, &other).await;
}

/// Of ten codes at once as many are kept as one contract gets, and of twenty tries at once as many
/// are counted as one code gets.
async fn codes_at_once<S>(store: &S, id: &DispatchId)
where
    S: CodeStore + Clone + Send + Sync + 'static,
{
    const TRIES_MAX: u32 = 5;
    let mut tasks = JoinSet::new();
    for number in 0..10 {
        let (store, id) = (store.clone(), id.clone());
        tasks.spawn(async move { kept(&store, &id, &code(number, time(0)), time(0)).await });
    }
    let keepings = tasks.join_all().await.into_iter();
    let kept = keepings.filter(|keeping| *keeping == CodeKeeping::Kept);
    assert_eq!(kept.count(), CODES_MAX, "codes at once");
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let (store, id) = (store.clone(), id.clone());
        tasks.spawn(async move { tried(&store, &id, TRIES_MAX).await });
    }
    let found = tasks.join_all().await.into_iter().flatten();
    assert_eq!(found.count(), 5, "tries at once");
}

fn code(number: usize, made_at: Timestamp) -> KeptCode {
    KeptCode {
        digest: Sha256Digest::new(Sha256::digest(format!("code {number}")).into()),
        expires_at: made_at + SignedDuration::from_secs(CODE_LIFETIME_SECONDS),
    }
}

async fn kept<S: CodeStore>(
    store: &S,
    id: &DispatchId,
    code: &KeptCode,
    now: Timestamp,
) -> CodeKeeping {
    let keeping = store.keep_code(id, code, now).await;
    keeping.expect("the store answers")
}

async fn tried<S: CodeStore>(store: &S, id: &DispatchId, tries_max: u32) -> Option<KeptCode> {
    let found = store.count_try(id, tries_max).await;
    found.expect("the store answers")
}
