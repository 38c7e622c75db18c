//! The ports of one invocation, on the world in memory. What the stores do is in `stores`; here
//! every call passes the same gate, where faults and crashes wait.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use domain::{
    Account, AccountId, Addendum, AnswerToken, Channel, CopyToken, Dispatch, DispatchId,
    EmailAddress, Event, MobileNumber, NoticeState, ObjectKey, ProviderMessageId, Sha256Digest,
    Standing, SubmissionId,
};
use jiff::{SignedDuration, Timestamp};
use mail::{DnsAnswers, TxtAnswer};
use pades::ObjectIdentifier;
use pades::testing::{
    OcspAnswer, OcspResponder, Purpose, TestAuthority, TestStatus, TestTimestampAuthority,
};
use workflow::ports::{
    Acceptance, AcceptanceResult, Change, Clock, CodeKeeping, CodeStore, Commit, CommitChange,
    CompleteWait, ComposedDraft, CreateOriginal, Creation, ExpireObject, FetchCrl, FindAccount,
    FindByMessage, FindByToken, FindIntake, Handover, KeepCopies, KeepRoadNotice, KeepSummary,
    KeepWaitToken, KeptCode, ListOffers, LoadDispatch, LoadDispatches, LookUpTxt, Nonces,
    OpenAddendum, OutgoingMail, OutgoingSms, Party, Plan, PortError, PortResult, PrepareIssue,
    RateKey, RateLimit, ReadObject, RecordCertificate, RecordIntake, RefusalRecord, RequestOcsp,
    RequestTimestamp, SendMail, SendSms, SignDigest, StartDispatch, StoredCertificate,
    StoredDispatch, StoredIntake, SummaryProgress, UnfoldIntake, UnvouchedRecord, WaitToken,
    WriteObject,
};
use workflow::{Begin, Outside};

use crate::World;
use crate::executor::{die, give_way};
use crate::faults::{Fault, Invocation};
use crate::world::{AuthorityState, Original, ResponderState, State};

/// A policy that no client of this world trusts.
const OTHER_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.99999.9");

/// Every port, for one invocation of one function. As a store of objects it is the inbound
/// bucket; [`Ports::originals`] is the other one.
#[derive(Clone)]
pub struct Ports {
    world: World,
    invocation: Arc<Invocation>,
}

/// The bucket of originals.
#[derive(Clone)]
pub struct Originals(pub(crate) Ports);

impl World {
    /// Ports for calling something by hand.
    #[must_use]
    pub fn ports(&self) -> Ports {
        self.ports_of(Invocation::default())
    }

    pub(crate) fn ports_of(&self, invocation: Invocation) -> Ports {
        Ports {
            world: self.clone(),
            invocation: Arc::new(invocation),
        }
    }
}

impl Ports {
    /// The bucket of originals.
    #[must_use]
    pub fn originals(&self) -> Originals {
        Originals(self.clone())
    }

    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    pub(crate) fn invocation(&self) -> &Invocation {
        &self.invocation
    }

    /// Does something to the world, or fails as planned.
    pub(crate) async fn call<T>(
        &self,
        operation: &'static str,
        effect: impl FnOnce(&mut State) -> PortResult<T> + Send,
    ) -> PortResult<T> {
        let fault = self.enter(operation).await;
        let result = match fault {
            Some(Fault::Fails | Fault::RequestLost) => Err(transient(operation)),
            Some(Fault::Denied) => Err(permanent(operation, "denied")),
            Some(Fault::AnswerLost) => {
                effect(&mut self.world.lock()).and_then(|_| Err(transient(operation)))
            }
            None => effect(&mut self.world.lock()),
        };
        self.leave(operation).await;
        result
    }

    /// Hands a message to a provider, or something goes wrong as planned.
    async fn hand_over(
        &self,
        operation: &'static str,
        take: impl FnOnce(&mut State) -> Handover + Send,
    ) -> Handover {
        let fault = self.enter(operation).await;
        let lost = || "a fault that the test planned".into();
        let handover = match fault {
            Some(Fault::Fails) => Handover::Busy(lost()),
            Some(Fault::RequestLost) => Handover::Unknown(lost()),
            Some(Fault::Denied) => Handover::Refused("MessageRejected".to_owned()),
            Some(Fault::AnswerLost) => match take(&mut self.world.lock()) {
                Handover::Accepted(_) => Handover::Unknown(lost()),
                handover @ (Handover::Busy(_) | Handover::Refused(_) | Handover::Unknown(_)) => {
                    handover
                }
            },
            None => take(&mut self.world.lock()),
        };
        self.leave(operation).await;
        handover
    }

    async fn enter(&self, operation: &'static str) -> Option<Fault> {
        if self.invocation.is_interleaved {
            give_way().await;
        }
        self.world
            .lock()
            .take_fault(operation, &self.invocation.subject)
    }

    async fn leave(&self, operation: &'static str) {
        if self.invocation.dies_after(operation) {
            die().await;
        }
    }
}

/// Worth another try.
pub(crate) fn transient(operation: &'static str) -> PortError {
    PortError::Transient {
        operation,
        source: "a fault that the test planned".into(),
    }
}

/// Not worth another try.
pub(crate) fn permanent(operation: &'static str, why: &'static str) -> PortError {
    PortError::Permanent {
        operation,
        source: why.into(),
    }
}

impl Outside for Ports {
    type Tables = Self;
    type Inbound = Self;
    type Originals = Originals;
    type Mailer = Self;
    type Phone = Self;
    type Machines = Self;
    type Waits = Self;
    type Dns = Self;
    type DnsRecords = ();
    type Authorities = Self;
    type SigningKey = Self;
    type Clock = Self;
    type Nonces = Self;
    type Queues = Self;
    type Account = ();
}

impl Clock for Ports {
    fn now(&self) -> Timestamp {
        self.world.now()
    }
}

impl Nonces for Ports {
    fn nonce(&self) -> PortResult<u64> {
        let mut state = self.world.lock();
        state.nonces += 1;
        Ok(state.nonces)
    }
}

impl ReadObject for Ports {
    async fn read_object(&self, key: &ObjectKey) -> PortResult<Option<Bytes>> {
        self.call("read_object", |state| Ok(state.inbound.get(key).cloned()))
            .await
    }
}

impl ExpireObject for Ports {
    async fn expire_object(&self, key: &ObjectKey) -> PortResult<()> {
        let expire = |state: &mut State| {
            if state.inbound.contains_key(key) {
                state.expiring.insert(key.clone());
            }
            Ok(())
        };
        self.call("expire_object", expire).await
    }
}

impl WriteObject for Ports {
    async fn write_object(&self, key: &ObjectKey, bytes: Bytes) -> PortResult<()> {
        let write = |state: &mut State| {
            state.inbound.insert(key.clone(), bytes);
            Ok(())
        };
        self.call("write_object", write).await
    }
}

impl ReadObject for Originals {
    async fn read_object(&self, key: &ObjectKey) -> PortResult<Option<Bytes>> {
        let read = |state: &mut State| {
            Ok(state
                .originals
                .get(key)
                .map(|original| original.bytes.clone()))
        };
        self.0.call("read_original", read).await
    }
}

impl CreateOriginal for Originals {
    async fn create_original(
        &self,
        key: &ObjectKey,
        bytes: Bytes,
        retain_until: Timestamp,
    ) -> PortResult<Creation> {
        let create = |state: &mut State| {
            if state.originals.contains_key(key) {
                return Ok(Creation::AlreadyThere);
            }
            if retain_until <= state.now {
                return Err(permanent(
                    "create_original",
                    "the retention ends in the past",
                ));
            }
            state.originals.insert(
                key.clone(),
                Original {
                    bytes,
                    retain_until,
                    earlier: Vec::new(),
                },
            );
            Ok(Creation::Created)
        };
        self.0.call("create_original", create).await
    }
}

impl FindAccount for Ports {
    async fn find_standing(&self, sender: &EmailAddress) -> PortResult<Option<Standing>> {
        self.call("find_standing", |state| Ok(state.find_standing(sender)))
            .await
    }

    async fn find_account(&self, id: &AccountId) -> PortResult<Option<Account>> {
        self.call("find_account", |state| Ok(state.accounts.get(id).cloned()))
            .await
    }
}

impl FindIntake for Ports {
    async fn find_intake(&self, id: &SubmissionId) -> PortResult<Option<StoredIntake>> {
        self.call("find_intake", |state| Ok(state.intakes.get(id).cloned()))
            .await
    }
}

impl RecordIntake for Ports {
    async fn find_repeated(
        &self,
        account: &AccountId,
        marks: &[Sha256Digest],
    ) -> PortResult<Option<SubmissionId>> {
        self.call("find_repeated", |state| {
            Ok(state.find_repeated(account, marks))
        })
        .await
    }

    async fn sms_of_day(&self, account: &AccountId, at: Timestamp) -> PortResult<u32> {
        self.call("sms_of_day", |state| Ok(state.sms_of_day(account, at)))
            .await
    }

    async fn record_acceptance(&self, acceptance: &Acceptance) -> PortResult<AcceptanceResult> {
        self.call("record_acceptance", |state| {
            Ok(state.record_acceptance(acceptance))
        })
        .await
    }

    async fn record_refusal(&self, refusal: &RefusalRecord) -> PortResult<StoredIntake> {
        self.call("record_refusal", |state| Ok(state.record_refusal(refusal)))
            .await
    }

    async fn record_unvouched(&self, record: &UnvouchedRecord) -> PortResult<StoredIntake> {
        self.call("record_unvouched", |state| {
            Ok(state.record_unvouched(record))
        })
        .await
    }

    async fn move_intake_notice(
        &self,
        id: &SubmissionId,
        from: &NoticeState,
        to: &NoticeState,
    ) -> PortResult<bool> {
        let operation = "move_intake_notice";
        self.call(operation, |state| state.move_intake_notice(id, from, to))
            .await
    }
}

impl UnfoldIntake for Ports {
    async fn find_plan(&self, id: &SubmissionId) -> PortResult<Option<Plan>> {
        self.call("find_plan", |state| Ok(state.plans.get(id).cloned()))
            .await
    }

    async fn unfold(&self, plan: &Plan, dispatches: &[Dispatch]) -> PortResult<()> {
        self.call("unfold", |state| state.unfold(plan, dispatches))
            .await
    }

    async fn started(&self, id: &SubmissionId) -> PortResult<usize> {
        let started = |state: &mut State| Ok(state.started.get(id).copied().unwrap_or_default());
        self.call("started", started).await
    }

    async fn note_started(&self, id: &SubmissionId, count: usize) -> PortResult<()> {
        let note = |state: &mut State| {
            state.started.insert(id.clone(), count);
            Ok(())
        };
        self.call("note_started", note).await
    }
}

impl KeepSummary for Ports {
    async fn count_ended(&self, dispatch: &Dispatch) -> PortResult<SummaryProgress> {
        self.call("count_ended", |state| state.count_ended(dispatch))
            .await
    }

    async fn move_summary(
        &self,
        id: &SubmissionId,
        from: &NoticeState,
        to: &NoticeState,
    ) -> PortResult<bool> {
        self.call("move_summary", |state| Ok(state.move_summary(id, from, to)))
            .await
    }
}

impl LoadDispatches for Ports {
    async fn load_all(&self, ids: &[DispatchId]) -> PortResult<Vec<StoredDispatch>> {
        let load = |state: &mut State| {
            let rows = ids.iter().filter_map(|id| state.dispatches.get(id));
            Ok(rows.map(|row| row.stored.clone()).collect())
        };
        self.call("load_all", load).await
    }
}

impl LoadDispatch for Ports {
    async fn load(&self, id: &DispatchId) -> PortResult<Option<StoredDispatch>> {
        let load = |state: &mut State| Ok(state.dispatches.get(id).map(|row| row.stored.clone()));
        self.call("load", load).await
    }

    async fn events(&self, id: &DispatchId) -> PortResult<Vec<Event>> {
        self.call("events", |state| Ok(state.events_in_order(id)))
            .await
    }
}

impl CommitChange for Ports {
    async fn commit(&self, dispatch: &Dispatch, change: &Change) -> PortResult<Commit> {
        self.call("commit", |state| state.commit(dispatch, change))
            .await
    }
}

impl FindByMessage for Ports {
    async fn find_by_provider_message(
        &self,
        channel: Channel,
        id: &ProviderMessageId,
    ) -> PortResult<Option<DispatchId>> {
        let find = |state: &mut State| Ok(state.find_by_provider_message(channel, id));
        self.call("find_by_provider_message", find).await
    }
}

impl FindByToken for Ports {
    async fn find_by_answer_token(&self, token: &AnswerToken) -> PortResult<Option<DispatchId>> {
        let find = |state: &mut State| Ok(state.find_by_answer_token(token));
        self.call("find_by_answer_token", find).await
    }
}

impl ListOffers for Ports {
    async fn offers_to(&self, mobile: &MobileNumber) -> PortResult<Vec<DispatchId>> {
        self.call("offers_to", |state| Ok(state.offers_to(mobile)))
            .await
    }
}

impl OpenAddendum for Ports {
    async fn open_addendum(
        &self,
        main: &Dispatch,
        addendum: &Addendum,
        at: Timestamp,
    ) -> PortResult<DispatchId> {
        let open = |state: &mut State| Ok(state.open_addendum(main, addendum, at));
        self.call("open_addendum", open).await
    }
}

impl KeepWaitToken for Ports {
    async fn keep_wait_token(&self, id: &DispatchId, token: &WaitToken) -> PortResult<()> {
        let keep = |state: &mut State| {
            state.row(id, "keep_wait_token")?.wait_token = Some(token.clone());
            Ok(())
        };
        self.call("keep_wait_token", keep).await
    }
}

impl PrepareIssue for Ports {
    async fn fix_issued_at(&self, id: &DispatchId, at: Timestamp) -> PortResult<Timestamp> {
        let fix =
            |state: &mut State| Ok(*state.row(id, "fix_issued_at")?.issued_at.get_or_insert(at));
        self.call("fix_issued_at", fix).await
    }

    async fn issue_anew(
        &self,
        id: &DispatchId,
        issued_at: Timestamp,
        at: Timestamp,
    ) -> PortResult<Timestamp> {
        let move_on = |state: &mut State| {
            let fixed = state.row(id, "issue_anew")?.issued_at.get_or_insert(at);
            if *fixed == issued_at {
                *fixed = at;
            }
            Ok(*fixed)
        };
        self.call("issue_anew", move_on).await
    }

    async fn record_draft(&self, id: &DispatchId, draft: &ComposedDraft) -> PortResult<bool> {
        let record = |state: &mut State| {
            let row = state.dispatches.get_mut(id).map(|row| &mut row.stored);
            let open = row.filter(|stored| stored.certificate.is_none());
            Ok(open.map(|stored| stored.draft = Some(*draft)).is_some())
        };
        self.call("record_draft", record).await
    }
}

impl RecordCertificate for Ports {
    async fn record_certificate(
        &self,
        id: &DispatchId,
        certificate: &StoredCertificate,
    ) -> PortResult<()> {
        let record = |state: &mut State| {
            let row = state.row(id, "record_certificate")?;
            row.certificate.get_or_insert_with(|| certificate.clone());
            let checks = &mut state.renewal_checks;
            checks.entry(id.clone()).or_insert(certificate.renew_at);
            Ok(())
        };
        self.call("record_certificate", record).await
    }
}

impl KeepCopies for Ports {
    async fn fix_copy_token(&self, id: &DispatchId, token: &CopyToken) -> PortResult<CopyToken> {
        let fix = |state: &mut State| {
            let row = state.row(id, "fix_copy_token")?;
            Ok(row.copy_token.get_or_insert_with(|| token.clone()).clone())
        };
        self.call("fix_copy_token", fix).await
    }

    async fn move_copy(
        &self,
        id: &DispatchId,
        party: Party,
        from: &NoticeState,
        to: &NoticeState,
    ) -> PortResult<bool> {
        let advance = |state: &mut State| state.move_copy(id, party, from, to);
        self.call("move_copy", advance).await
    }
}

impl KeepRoadNotice for Ports {
    async fn move_road_notice(
        &self,
        id: &DispatchId,
        from: &NoticeState,
        to: &NoticeState,
    ) -> PortResult<bool> {
        let advance = |state: &mut State| {
            let row = state.row(id, "move_road_notice")?;
            let is_unmoved = row.road_notice == *from;
            if is_unmoved {
                row.road_notice = to.clone();
            }
            Ok(is_unmoved)
        };
        self.call("move_road_notice", advance).await
    }
}

impl RateLimit for Ports {
    async fn take(
        &self,
        key: &RateKey,
        limit: u32,
        window_seconds: u32,
        now: Timestamp,
    ) -> PortResult<bool> {
        let take = |state: &mut State| Ok(state.take_use(key, limit, window_seconds, now));
        self.call("take_use", take).await
    }
}

impl CodeStore for Ports {
    async fn keep_code(
        &self,
        id: &DispatchId,
        code: &KeptCode,
        now: Timestamp,
    ) -> PortResult<CodeKeeping> {
        let keep = |state: &mut State| Ok(state.keep_code(id, code, now));
        self.call("keep_code", keep).await
    }

    async fn count_try(&self, id: &DispatchId, tries_max: u32) -> PortResult<Option<KeptCode>> {
        let count = |state: &mut State| Ok(state.count_try(id, tries_max));
        self.call("count_try", count).await
    }
}

impl SendMail for Ports {
    async fn send_mail(&self, mail: &OutgoingMail) -> Handover {
        self.hand_over("send_mail", |state| state.take_mail(mail))
            .await
    }
}

impl SendSms for Ports {
    async fn send_sms(&self, sms: &OutgoingSms) -> Handover {
        self.hand_over("send_sms", |state| state.take_sms(sms))
            .await
    }
}

impl StartDispatch for Ports {
    async fn start_dispatch(&self, id: &DispatchId, begin: Begin) -> PortResult<()> {
        let start = |state: &mut State| {
            state.start_execution(id.as_str(), id, begin);
            Ok(())
        };
        self.call("start_dispatch", start).await
    }
}

impl CompleteWait for Ports {
    async fn complete_wait(&self, token: &WaitToken, output: &str) -> PortResult<()> {
        self.call("complete_wait", |state| state.complete_wait(token, output))
            .await
    }
}

impl LookUpTxt for Ports {
    async fn look_up_txt(&self, names: BTreeSet<String>) -> DnsAnswers {
        let mut answers = DnsAnswers::default();
        for name in names {
            let look_up = |state: &mut State| {
                let known = state.zone.get(name.trim_end_matches('.')).cloned();
                Ok(match known {
                    Some(TxtAnswer::Found(records)) => TxtAnswer::found(records),
                    Some(answer) => answer,
                    None => TxtAnswer::NotFound,
                })
            };
            let answer = self.call("look_up_txt", look_up).await;
            let answer = answer.unwrap_or_else(|_| TxtAnswer::Failed("SERVFAIL".to_owned()));
            answers.0.insert(name, answer);
        }
        answers
    }
}

impl SignDigest for Ports {
    async fn sign_digest(&self, digest: &[u8; 32]) -> PortResult<Vec<u8>> {
        self.call("sign_digest", |state| {
            Ok(state.signer.key.sign_digest(digest))
        })
        .await
    }
}

impl RequestTimestamp for Ports {
    async fn request_timestamp(&self, url: &str, request: Vec<u8>) -> PortResult<Vec<u8>> {
        self.call("request_timestamp", |state| {
            state.answer_timestamp(url, &request)
        })
        .await
    }
}

impl RequestOcsp for Ports {
    async fn request_ocsp(&self, url: &str, request: Vec<u8>) -> PortResult<Vec<u8>> {
        self.call("request_ocsp", |state| state.answer_ocsp(url, &request))
            .await
    }
}

impl FetchCrl for Ports {
    async fn fetch_crl(&self, url: &str) -> PortResult<Vec<u8>> {
        self.call("fetch_crl", |state| state.serve_crl(url)).await
    }
}

impl State {
    fn answer_timestamp(&self, url: &str, request: &[u8]) -> PortResult<Vec<u8>> {
        let operation = "request_timestamp";
        let (authority, behavior) = self
            .authorities
            .iter()
            .find(|(authority, _)| authority.authority.url == url)
            .ok_or_else(|| permanent(operation, "nobody is at this address"))?;
        let now = self.now;
        match behavior {
            AuthorityState::Up => Ok(authority.answer(request, now)),
            AuthorityState::Down => Err(transient(operation)),
            AuthorityState::Garbage => Ok(b"<html>Service Unavailable</html>".to_vec()),
            AuthorityState::WrongImprint => {
                Ok(authority.answer_with(request, now, |answer| answer.imprint = vec![7; 32]))
            }
            AuthorityState::WrongNonce => Ok(authority.answer_with(request, now, |answer| {
                answer.nonce = Some(pades::testing::integer(&[0x55; 8]));
            })),
            AuthorityState::WrongTime => {
                Ok(authority.answer(request, now - SignedDuration::from_mins(10)))
            }
            AuthorityState::WrongPolicy => Ok(authority.answer_with(request, now, |answer| {
                answer.policy = OTHER_POLICY;
            })),
            AuthorityState::Expired => {
                let seed = authority.authority.name.strip_prefix("test-");
                let seed = seed.and_then(|seed| seed.parse().ok()).unwrap_or_default();
                let validity = ["20200101000000Z", "20251231235959Z"];
                let expired =
                    TestTimestampAuthority::with_certificate(seed, Purpose::Timestamps, validity);
                Ok(expired.answer(request, now))
            }
        }
    }

    /// All who issue certificates in this world.
    fn issuers(&self) -> impl Iterator<Item = &TestAuthority> {
        let of_timestamps = self.authorities.iter().map(|(one, _)| &one.issuers);
        self.signer.issuers.iter().chain(of_timestamps.flatten())
    }

    fn answer_ocsp(&self, url: &str, request: &[u8]) -> PortResult<Vec<u8>> {
        let operation = "request_ocsp";
        let issuer = self
            .issuers()
            .find(|one| one.ocsp_address() == url)
            .ok_or_else(|| permanent(operation, "nobody is at this address"))?;
        let now = self.now;
        let answer =
            |change: fn(&mut OcspAnswer)| Ok(issuer.answer_ocsp_with(request, now, change));
        match self.responders {
            // Without a delegate, which costs two signatures more for each answer.
            ResponderState::Up => answer(|answer| answer.responder = OcspResponder::Issuer),
            ResponderState::Down | ResponderState::ListsOnly => Err(transient(operation)),
            ResponderState::Garbage => Ok(b"<html>Service Unavailable</html>".to_vec()),
            ResponderState::Unknown => answer(|answer| answer.status = TestStatus::Unknown),
            ResponderState::Revoked => answer(|answer| {
                answer.status = TestStatus::Revoked("20260101000000Z".to_owned());
            }),
            ResponderState::Stale => {
                Ok(issuer.answer_ocsp(request, now - SignedDuration::from_hours(25)))
            }
            ResponderState::Stranger => answer(|answer| answer.responder = OcspResponder::Stranger),
        }
    }

    fn serve_crl(&self, url: &str) -> PortResult<Vec<u8>> {
        let operation = "fetch_crl";
        let mut issuers = self.issuers();
        match issuers.find(|one| one.crl_address() == url) {
            Some(issuer) if self.responders == ResponderState::ListsOnly => {
                Ok(issuer.revocation_list(self.now, &[]))
            }
            Some(_) | None => Err(transient(operation)),
        }
    }
}
