//! A world in memory that holds one contract.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use domain::{
    Account, AccountId, AccountStatus, AnswerToken, ArcReport, AuthenticationEvidence, CodeHistory,
    ContractSettings, CopyToken, Dispatch, DispatchId, EmailAddress, Event, EventId,
    InboundMessageId, ObjectKey, Offer, OfferOrder, Outcome, Points, Product, Recipient,
    ServedCountries, Settings as AccountSettings, Settled, Sha256Digest, SpfResult, Standing,
    ThreadKey,
};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use workflow::Begin;
use workflow::ports::{
    Change, Clock, CodeKeeping, CodeStore, Commit, CommitChange, CompleteWait, FindAccount,
    FindByToken, FindIntake, Handover, KeptCode, LoadDispatch, Nonces, OpenAddendum, OutgoingSms,
    PortError, PortResult, RateKey, RateLimit, ReadObject, SendSms, StartDispatch,
    StoredCertificate, StoredDispatch, StoredIntake, WaitToken,
};

use crate::{Door, Ports, Settings, Site};

pub(super) const TOKEN_BITS: u128 = 0x0123_4567_89ab_cdef;
/// Of the token in the recipient's copy.
pub(super) const COPY_BITS: u128 = 0x0fed_cba9_8765_4321;
pub(super) const NUMBER: &str = "+819012345678";
pub(super) const PDF: &[u8] = b"%PDF-1.7 the original";

#[derive(Clone)]
pub(super) struct World(Arc<Mutex<State>>);

pub(super) struct State {
    pub(super) now: Timestamp,
    pub(super) contract: StoredDispatch,
    pub(super) events: Vec<Event>,
    pub(super) company: String,
    pub(super) subject: String,
    pub(super) raw: Option<Bytes>,
    pub(super) pdf: Bytes,
    pub(super) sent: Vec<OutgoingSms>,
    pub(super) code: Option<(KeptCode, u32)>,
    pub(super) history: CodeHistory,
    pub(super) uses: BTreeMap<(RateKey, i64), u32>,
    pub(super) is_down: bool,
}

/// An offer by mail and SMS with an attachment.
const OFFER: &str = "From: =?utf-8?B?5bGx55Sw?= <taro@customer.test>\r\n\
    To: k7q2@c.akashi.test\r\nSubject: x\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\r\n\
    --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
    注文書\r\n\r\n数量 10, price 1,000 yen.\r\n\
    --b\r\nContent-Type: application/pdf\r\n\
    Content-Disposition: attachment; filename=\"terms.pdf\"\r\n\
    Content-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--b--\r\n";

impl World {
    pub(super) fn new() -> Self {
        let now = "2026-01-05T00:00:00Z".parse().unwrap();
        let mail = "hanako@recipient.test".parse().unwrap();
        let dispatch = Dispatch {
            id: "abc-01".parse().unwrap(),
            serial: "K7Q2-000123".parse().unwrap(),
            product: Product::Contract(Offer {
                deadline: domain::AnswerDeadline::default(),
                order: OfferOrder::Parallel,
                answer_until: now + SignedDuration::from_hours(24),
                token: AnswerToken::new(TOKEN_BITS),
            }),
            sender: "taro@customer.test".parse().unwrap(),
            recipient: Recipient::Both {
                mail,
                mobile: NUMBER.parse().unwrap(),
            },
            inbound: "abc".parse().unwrap(),
            accepted_at: now,
            price: Points::new(1),
            thread: ThreadKey::new(1),
        };
        Self(Arc::new(Mutex::new(State {
            now: now + SignedDuration::from_hours(1),
            contract: StoredDispatch::accepted(dispatch),
            events: Vec::new(),
            company: "株式会社 見本 Sample Ltd".to_owned(),
            subject: "注文書 2026-01".to_owned(),
            raw: Some(Bytes::from(OFFER)),
            pdf: Bytes::from_static(PDF),
            sent: Vec::new(),
            code: None,
            history: CodeHistory::default(),
            uses: BTreeMap::new(),
            is_down: false,
        })))
    }

    /// The same contract, answered and certified.
    pub(super) fn completed() -> Self {
        let world = Self::new();
        let mut state = world.lock();
        state.contract.progress.settled = Some(Settled {
            outcome: Outcome::Answered,
            at: state.now,
        });
        state.contract.progress.answers_taken = 1;
        state.contract.copy_token = Some(CopyToken {
            token: AnswerToken::new(COPY_BITS),
            after_answers: 1,
        });
        state.contract.certificate = Some(StoredCertificate {
            key: "certificates/K7Q2/K7Q2-000123.pdf".parse().unwrap(),
            digest: Sha256Digest::new(Sha256::digest(PDF).into()),
            timestamped_at: state.now,
            renewals: Vec::new(),
            renew_at: Timestamp::MAX,
        });
        drop(state);
        world
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(super) fn site(&self) -> Site<Self, Self, Originals, Self, Self, Self, Self> {
        self.site_behind(Door::Open)
    }

    pub(super) fn site_behind(
        &self,
        door: Door,
    ) -> Site<Self, Self, Originals, Self, Self, Self, Self> {
        let ports = Ports {
            tables: self.clone(),
            inbound: self.clone(),
            originals: Originals(self.clone()),
            phone: self.clone(),
            workflows: self.clone(),
            random: self.clone(),
            clock: self.clone(),
        };
        let settings = Settings {
            operator: "Akashi".to_owned(),
            served: ServedCountries::default(),
            salt: "salt".to_owned(),
            door,
        };
        Site::new(ports, settings)
    }

    fn stored(&self, id: &DispatchId) -> Option<StoredDispatch> {
        let contract = &self.lock().contract;
        (contract.dispatch.id == *id).then(|| contract.clone())
    }
}

fn elsewhere<T>() -> PortResult<T> {
    Err(PortError::Permanent {
        operation: "doing what pages never do",
        source: "a test".into(),
    })
}

impl LoadDispatch for World {
    async fn load(&self, id: &DispatchId) -> PortResult<Option<StoredDispatch>> {
        Ok(self.stored(id))
    }

    async fn events(&self, _: &DispatchId) -> PortResult<Vec<Event>> {
        Ok(self.lock().events.clone())
    }
}

impl CommitChange for World {
    async fn commit(&self, _: &Dispatch, change: &Change) -> PortResult<Commit> {
        let mut state = self.lock();
        if let Some(event) = &change.event {
            if state.events.iter().any(|known| known.id == event.id) {
                return Ok(Commit::KnownEvent);
            }
            state.events.push(event.clone());
        }
        state.contract.progress = change.progress.clone();
        state.contract.version += 1;
        Ok(Commit::Written)
    }
}

impl FindByToken for World {
    async fn find_by_answer_token(&self, token: &AnswerToken) -> PortResult<Option<DispatchId>> {
        let state = self.lock();
        if state.is_down {
            return elsewhere();
        }
        let dispatch = &state.contract.dispatch;
        let copy = state.contract.copy_token.as_ref();
        let is_it =
            dispatch.answer_token() == Some(token) || copy.is_some_and(|copy| copy.token == *token);
        Ok(is_it.then(|| dispatch.id.clone()))
    }
}

impl OpenAddendum for World {
    async fn open_addendum(
        &self,
        _: &Dispatch,
        answer: EventId,
        _: Timestamp,
    ) -> PortResult<DispatchId> {
        Ok(DispatchId::of_addendum(&answer))
    }
}

impl FindIntake for World {
    async fn find_intake(&self, _: &InboundMessageId) -> PortResult<Option<StoredIntake>> {
        let state = self.lock();
        Ok(Some(StoredIntake::Accepted {
            dispatches: vec![state.contract.dispatch.id.clone()],
            subject: state.subject.clone(),
            authentication: Box::new(AuthenticationEvidence {
                verified_at: state.contract.dispatch.accepted_at,
                signatures: Vec::new(),
                relied_on: None,
                spf: SpfResult::Unknown,
                by_spf: BTreeSet::new(),
                arc: ArcReport::default(),
            }),
            notice: None,
        }))
    }
}

impl FindAccount for World {
    async fn find_standing(&self, _: &EmailAddress) -> PortResult<Option<Standing>> {
        elsewhere()
    }

    async fn find_account(&self, id: &AccountId) -> PortResult<Option<Account>> {
        Ok(Some(Account {
            id: id.clone(),
            company: self.lock().company.clone(),
            address: None,
            contact: String::new(),
            mail: "office@customer.test".parse().unwrap(),
            mobile: None,
            status: AccountStatus::Active,
            settings: AccountSettings {
                certificates_by_mail: true,
                zone: "Asia/Tokyo".parse().unwrap(),
                contracts: ContractSettings::default(),
            },
            last_used_at: Timestamp::UNIX_EPOCH,
            warned: None,
        }))
    }
}

impl CodeStore for World {
    async fn keep_code(
        &self,
        _: &DispatchId,
        code: &KeptCode,
        now: Timestamp,
    ) -> PortResult<CodeKeeping> {
        let mut state = self.lock();
        match state.history.with_one_more(now) {
            Ok(history) => state.history = history,
            Err(again_at) => return Ok(CodeKeeping::TooMany { again_at }),
        }
        state.code = Some((*code, 0));
        Ok(CodeKeeping::Kept)
    }

    async fn count_try(&self, _: &DispatchId, tries_max: u32) -> PortResult<Option<KeptCode>> {
        let mut state = self.lock();
        Ok(match &mut state.code {
            Some((code, tries)) if *tries < tries_max => {
                *tries += 1;
                Some(*code)
            }
            Some(_) | None => None,
        })
    }
}

impl RateLimit for World {
    async fn take(
        &self,
        key: &RateKey,
        limit: u32,
        window_seconds: u32,
        now: Timestamp,
    ) -> PortResult<bool> {
        let window = now.as_second().div_euclid(i64::from(window_seconds));
        let mut state = self.lock();
        let uses = state.uses.entry((*key, window)).or_default();
        *uses += 1;
        Ok(*uses <= limit)
    }
}

impl ReadObject for World {
    async fn read_object(&self, _: &ObjectKey) -> PortResult<Option<Bytes>> {
        Ok(self.lock().raw.clone())
    }
}

/// The bucket of originals.
#[derive(Clone)]
pub(super) struct Originals(World);

impl ReadObject for Originals {
    async fn read_object(&self, _: &ObjectKey) -> PortResult<Option<Bytes>> {
        Ok(Some(self.0.lock().pdf.clone()))
    }
}

impl SendSms for World {
    async fn send_sms(&self, sms: &OutgoingSms) -> Handover {
        self.lock().sent.push(sms.clone());
        Handover::Accepted("sms-1".parse().unwrap())
    }
}

impl CompleteWait for World {
    async fn complete_wait(&self, _: &WaitToken, _: &str) -> PortResult<()> {
        Ok(())
    }
}

impl StartDispatch for World {
    async fn start_dispatch(&self, _: &DispatchId, _: Begin) -> PortResult<()> {
        Ok(())
    }
}

impl Nonces for World {
    fn nonce(&self) -> PortResult<u64> {
        Ok(7_123_456)
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        self.lock().now
    }
}
