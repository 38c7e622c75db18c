//! What the tables do, on maps. What is written of points was planned by [`domain::billing`], here
//! as in the tables.

use domain::limits::SMS_PER_ACCOUNT_AND_DAY_MAX;
use domain::{
    AccountId, Addendum, AnswerToken, Channel, CodeHistory, Dispatch, DispatchId, EmailAddress,
    Event, MobileNumber, NoticeState, Progress, ProviderMessageId, Serial, SerialNumber,
    Sha256Digest, Standing, SubmissionId, billing,
};
use jiff::Timestamp;
use workflow::ports::{
    Acceptance, AcceptanceResult, Change, CodeKeeping, Commit, Delivered, KeptCode,
    OFFERS_LISTED_MAX, Party, Plan, PortResult, RateKey, RefusalRecord, StoredDispatch,
    StoredIntake, SummaryProgress, Unfolding, UnvouchedRecord,
};

use crate::ports::permanent;
use crate::world::{DispatchRow, State, SummaryRow};

/// The newest one-time code of a contract.
#[derive(Debug, Clone)]
pub(crate) struct CodeRow {
    pub(crate) code: KeptCode,
    tries: u32,
    history: CodeHistory,
}

impl State {
    pub(crate) fn take_use(
        &mut self,
        key: &RateKey,
        limit: u32,
        window_seconds: u32,
        now: Timestamp,
    ) -> bool {
        let window = now.as_second().div_euclid(i64::from(window_seconds));
        let uses = self.uses.entry((*key, window)).or_default();
        let is_free = *uses < limit;
        *uses += u32::from(is_free);
        is_free
    }

    pub(crate) fn keep_code(
        &mut self,
        id: &DispatchId,
        code: &KeptCode,
        now: Timestamp,
    ) -> CodeKeeping {
        let known = self.codes.get(id).map(|row| row.history.clone());
        match known.unwrap_or_default().with_one_more(now) {
            Ok(history) => {
                let (code, tries) = (*code, 0);
                let row = CodeRow {
                    code,
                    tries,
                    history,
                };
                self.codes.insert(id.clone(), row);
                CodeKeeping::Kept
            }
            Err(again_at) => CodeKeeping::TooMany { again_at },
        }
    }

    pub(crate) fn count_try(&mut self, id: &DispatchId, tries_max: u32) -> Option<KeptCode> {
        let row = self.codes.get_mut(id)?;
        let is_free = row.tries < tries_max;
        row.tries += u32::from(is_free);
        is_free.then_some(row.code)
    }

    pub(crate) fn find_standing(&self, sender: &EmailAddress) -> Option<Standing> {
        if self.removed_senders.contains_key(&sender.key()) {
            return None;
        }
        let entry = self.allowlist.get(&sender.key())?;
        Some(Standing {
            entry: entry.clone(),
            account: self.accounts.get(&entry.account)?.clone(),
            balance: self
                .balances
                .get(&entry.account)
                .copied()
                .unwrap_or_default(),
        })
    }

    pub(crate) fn record_acceptance(&mut self, acceptance: &Acceptance) -> AcceptanceResult {
        if let Some(stored) = self.intakes.get(&acceptance.submission) {
            return AcceptanceResult::Written(stored.clone());
        }
        if let Some(first) = self.find_repeated(&acceptance.account, &acceptance.marks) {
            return AcceptanceResult::Repeated(first);
        }
        if !self.is_open(&acceptance.account) {
            return AcceptanceResult::PointsGone;
        }
        let recipients = acceptance.dispatches.iter().map(|new| &new.recipient);
        let sms = recipients.filter(|recipient| recipient.mobile().is_some());
        let sms = u32::try_from(sms.count()).expect("few")
            + self.sms_of_day(&acceptance.account, acceptance.accepted_at);
        if sms > SMS_PER_ACCOUNT_AND_DAY_MAX {
            return AcceptanceResult::PointsGone;
        }
        let last = self.serials.get(&acceptance.account).copied();
        let plan = acceptance.plan_after(last.unwrap_or(0));
        let posting = plan.reservation(acceptance.unfolding());
        if self.post(&posting) != Some(true) {
            return AcceptanceResult::PointsGone;
        }
        self.record_use(&acceptance.account, acceptance.accepted_at);
        let day = (acceptance.account.clone(), day_of(acceptance.accepted_at));
        self.sms_asked_for.insert(day, sms);
        for mark in &acceptance.marks {
            let key = (acceptance.account.clone(), *mark);
            self.marks.insert(key, acceptance.submission.clone());
        }
        for _ in &plan.dispatches {
            self.next_serial(&acceptance.account);
        }
        let id = &acceptance.submission;
        self.intakes.insert(id.clone(), acceptance.stored());
        if acceptance.summary.is_some() {
            let row = SummaryRow {
                recipients: plan.dispatches.len(),
                ..SummaryRow::default()
            };
            self.summaries.insert(id.clone(), row);
        }
        match acceptance.unfolding() {
            Unfolding::AtOnce => {
                for dispatch in plan.dispatches() {
                    self.insert(dispatch);
                }
            }
            Unfolding::Planned => {
                self.plans.insert(id.clone(), plan);
            }
        }
        AcceptanceResult::Written(acceptance.stored())
    }

    pub(crate) fn count_ended(&mut self, dispatch: &Dispatch) -> PortResult<SummaryProgress> {
        let missing = || permanent("count_ended", "there is no such summary");
        let row = self.summaries.get_mut(&dispatch.submission);
        let row = row.ok_or_else(missing)?;
        row.ended.insert(dispatch.id.clone());
        let waiting = row.recipients.checked_sub(row.ended.len());
        Ok(SummaryProgress {
            waiting: waiting.ok_or_else(missing)?,
            notice: row.notice.clone(),
        })
    }

    pub(crate) fn move_summary(
        &mut self,
        id: &SubmissionId,
        from: &NoticeState,
        to: &NoticeState,
    ) -> bool {
        let row = self.summaries.get_mut(id);
        let Some(row) = row.filter(|row| row.notice == *from) else {
            return false;
        };
        row.notice = to.clone();
        true
    }

    /// All that is not there yet, like the transaction that it stands for.
    pub(crate) fn unfold(&mut self, plan: &Plan, dispatches: &[Dispatch]) -> PortResult<()> {
        assert!(dispatches.len() <= plan.at_once_max, "one transaction");
        let is_new = |dispatch: &&Dispatch| !self.dispatches.contains_key(&dispatch.id);
        let missing: Vec<Dispatch> = dispatches.iter().filter(is_new).cloned().collect();
        let posting = billing::divide(&plan.account, &plan.submission, &missing);
        if self.post(&posting) != Some(true) {
            return Err(permanent("unfold", "so much is not reserved"));
        }
        for dispatch in missing {
            self.insert(dispatch);
        }
        Ok(())
    }

    pub(crate) fn record_refusal(&mut self, refusal: &RefusalRecord) -> StoredIntake {
        if let Some(stored) = self.intakes.get(&SubmissionId::of_mail(&refusal.inbound)) {
            return stored.clone();
        }
        let stored = StoredIntake::Refused {
            serial: self.next_serial(&refusal.account),
            sender: refusal.sender.clone(),
            refused_at: refusal.refused_at,
            reasons: refusal.reasons.clone(),
            notice: NoticeState::Pending,
        };
        let id = SubmissionId::of_mail(&refusal.inbound);
        self.intakes.insert(id, stored.clone());
        stored
    }

    pub(crate) fn find_repeated(
        &self,
        account: &AccountId,
        marks: &[Sha256Digest],
    ) -> Option<SubmissionId> {
        let known = |mark: &Sha256Digest| self.marks.get(&(account.clone(), *mark)).cloned();
        marks.iter().find_map(known)
    }

    pub(crate) fn sms_of_day(&self, account: &AccountId, at: Timestamp) -> u32 {
        let day = (account.clone(), day_of(at));
        self.sms_asked_for.get(&day).copied().unwrap_or(0)
    }

    pub(crate) fn record_unvouched(&mut self, record: &UnvouchedRecord) -> StoredIntake {
        if let Some(stored) = self.intakes.get(&SubmissionId::of_mail(&record.inbound)) {
            return stored.clone();
        }
        let tally = self.unvouched.entry(record.sender.key()).or_default();
        let (after, count) = tally.count(record.refused_at);
        *tally = after;
        let stored = StoredIntake::Unvouched {
            sender: record.sender.clone(),
            refused_at: record.refused_at,
            reasons: record.reasons.clone(),
            told: count.map(|count| (count, NoticeState::Pending)),
        };
        let id = SubmissionId::of_mail(&record.inbound);
        self.intakes.insert(id, stored.clone());
        stored
    }

    pub(crate) fn move_intake_notice(
        &mut self,
        id: &SubmissionId,
        from: &NoticeState,
        to: &NoticeState,
    ) -> PortResult<bool> {
        match self.intakes.get_mut(id) {
            Some(
                StoredIntake::Refused { notice, .. }
                | StoredIntake::Accepted {
                    notice: Some(notice),
                    ..
                }
                | StoredIntake::Unvouched {
                    told: Some((_, notice)),
                    ..
                },
            ) => {
                let is_unmoved = notice == from;
                if is_unmoved {
                    *notice = to.clone();
                }
                Ok(is_unmoved)
            }
            Some(StoredIntake::Accepted { .. } | StoredIntake::Unvouched { .. }) | None => Err(
                permanent("move_intake_notice", "nobody is told of the mail"),
            ),
        }
    }

    pub(crate) fn events_in_order(&self, id: &DispatchId) -> Vec<Event> {
        let row = self.dispatches.get(id);
        let mut events = row.map(|row| row.events.clone()).unwrap_or_default();
        events.sort_by_key(|event| (event.at, event.recorded_at, event.id));
        events
    }

    pub(crate) fn find_by_provider_message(
        &self,
        channel: Channel,
        id: &ProviderMessageId,
    ) -> Option<DispatchId> {
        let is_known = |row: &&DispatchRow| match &row.stored.progress.leg(channel).attempt {
            domain::Attempt::ProviderAccepted { message_id, .. } => message_id == id,
            domain::Attempt::NotYet | domain::Attempt::Underway { .. } => false,
        };
        let row = self.dispatches.values().find(is_known)?;
        Some(row.stored.dispatch.id.clone())
    }

    pub(crate) fn find_by_answer_token(&self, token: &AnswerToken) -> Option<DispatchId> {
        let carries = |row: &&DispatchRow| {
            let offer = row.stored.dispatch.answer_token();
            let copy = row.stored.copy_token.as_ref();
            offer == Some(token) || copy.is_some_and(|copy| copy.token == *token)
        };
        let row = self.dispatches.values().find(carries)?;
        Some(row.stored.dispatch.id.clone())
    }

    pub(crate) fn offers_to(&self, mobile: &MobileNumber) -> Vec<DispatchId> {
        let dispatches = self.dispatches.values().map(|row| &row.stored.dispatch);
        let mut offers: Vec<&Dispatch> = dispatches
            .filter(|dispatch| dispatch.answer_token().is_some())
            .filter(|dispatch| dispatch.recipient.mobile() == Some(mobile))
            .collect();
        offers.sort_by_key(|dispatch| (dispatch.accepted_at, dispatch.id.clone()));
        let latest = offers.into_iter().rev().take(OFFERS_LISTED_MAX);
        latest.map(|dispatch| dispatch.id.clone()).collect()
    }

    pub(crate) fn open_addendum(
        &mut self,
        main: &Dispatch,
        addendum: &Addendum,
        at: Timestamp,
    ) -> DispatchId {
        let id = addendum.id();
        if !self.dispatches.contains_key(&id) {
            let serial = self.next_serial(main.serial.account());
            let stored = StoredDispatch {
                progress: Progress::settled(addendum.reason.outcome(), at),
                ..StoredDispatch::accepted(main.with_addendum(addendum.clone(), serial))
            };
            let events = Vec::new();
            self.dispatches
                .insert(id.clone(), DispatchRow { stored, events });
        }
        id
    }

    pub(crate) fn move_copy(
        &mut self,
        id: &DispatchId,
        party: Party,
        from: &NoticeState,
        to: &NoticeState,
    ) -> PortResult<bool> {
        let row = self.row(id, "move_copy")?;
        let copy = match party {
            Party::Sender => &mut row.copy,
            Party::Recipient => &mut row.recipient_copy,
        };
        let is_unmoved = copy == from;
        if is_unmoved {
            *copy = to.clone();
        }
        Ok(is_unmoved)
    }

    /// All of it or nothing, like the transaction that it stands for.
    pub(crate) fn commit(&mut self, dispatch: &Dispatch, change: &Change) -> PortResult<Commit> {
        let id = &dispatch.id;
        let missing = || permanent("commit", "there is no such dispatch");
        let row = self.dispatches.get(id).ok_or_else(missing)?;
        let is_known = |event: &Event| row.events.iter().any(|known| known.id == event.id);
        if change.event.as_ref().is_some_and(is_known) {
            return Ok(Commit::KnownEvent);
        }
        if row.stored.version != change.expected_version {
            return Ok(Commit::Stale);
        }
        self.end_charge(dispatch, change)?;
        let row = self.dispatches.get_mut(id).ok_or_else(missing)?;
        row.stored.version += 1;
        row.stored.progress = change.progress.clone();
        match &change.delivered {
            Some(Delivered::Mail(mail)) => row.stored.delivered = Some(mail.clone()),
            Some(Delivered::Sms(sms)) => row.stored.sms = Some(sms.clone()),
            None => {}
        }
        row.events.extend(change.event.clone());
        Ok(Commit::Written)
    }

    /// The dispatch to write to.
    pub(crate) fn row(
        &mut self,
        id: &DispatchId,
        operation: &'static str,
    ) -> PortResult<&mut StoredDispatch> {
        match self.dispatches.get_mut(id) {
            Some(row) => Ok(&mut row.stored),
            None => Err(permanent(operation, "there is no such dispatch")),
        }
    }

    /// The table refuses to end a charge that is not reserved, even the same way again.
    fn end_charge(&mut self, dispatch: &Dispatch, change: &Change) -> PortResult<()> {
        let refused = |why| permanent("commit", why);
        let Some(charge) = change.charge else {
            return Ok(());
        };
        let settled = change.progress.settled;
        let settled = settled.ok_or_else(|| refused("a charge ends and nothing was settled"))?;
        let Some(posting) = billing::end(dispatch, charge, settled.at) else {
            return Ok(());
        };
        match self.post(&posting) {
            Some(true) => Ok(()),
            Some(false) | None => Err(refused("the charge was ended before")),
        }
    }

    fn next_serial(&mut self, account: &AccountId) -> Serial {
        let last = self.serials.entry(account.clone()).or_default();
        let number = SerialNumber::after(*last);
        *last = number.get();
        Serial::new(account.clone(), number)
    }

    fn insert(&mut self, dispatch: Dispatch) {
        let stored = StoredDispatch::accepted(dispatch.clone());
        self.dispatches.insert(
            dispatch.id,
            DispatchRow {
                stored,
                events: Vec::new(),
            },
        );
    }
}

fn day_of(at: Timestamp) -> jiff::civil::Date {
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}
