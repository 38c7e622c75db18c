//! What must be true of every world, whatever happened in it (ARCHITECTURE.md, invariants).

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    AccountId, AnswerRoad, ChargeState, DispatchId, EventId, EventKind, LedgerEntry, NoticeState,
    ObjectKey, Outcome, Points, Product, late_bounce,
};
use jiff::Timestamp;
use pades::Certificate;
use pades::testing::to_pem;
use sha2::{Digest, Sha256};
use verifier::{
    AuthorityEntry, OperatorEntry, Reader, SignerEntry, Standing, Trust, TrustFile, Value, verify,
};
use workflow::ports::{Plan, StoredDispatch, StoredIntake};

use crate::World;

/// Most certificates of one world that are read again; worlds of many recipients have the same
/// ones.
const CERTIFICATES_READ_AGAIN_MAX: usize = 6;

/// What the lines of one ledger add up to.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    granted: u32,
    reserved: u32,
    posted: u32,
    lapsed: u32,
}

impl World {
    /// Checks every invariant that holds at any moment.
    ///
    /// # Panics
    /// When one is broken; the message names it and shows the world.
    pub fn assert_sound(&self) {
        let broken = self.broken_invariants();
        assert!(
            broken.is_empty(),
            "{}\n{}",
            broken.join("\n"),
            self.report()
        );
    }

    /// Checks, besides, that nothing is left to do: everything settled, certified and copied.
    ///
    /// # Panics
    /// When something is left, or an invariant is broken.
    pub fn assert_finished(&self) {
        self.assert_sound();
        let mut left = Vec::new();
        for stored in self.dispatches() {
            let id = &stored.dispatch.id;
            match stored.progress.outcome() {
                None => left.push(format!("{id} is not settled")),
                Some(outcome) if outcome.is_certified() && stored.certificate.is_none() => {
                    left.push(format!("{id} has no certificate"));
                }
                Some(_) => {}
            }
        }
        let undivided = |entry: &LedgerEntry| match entry {
            LedgerEntry::Reservation {
                submission, left, ..
            } if *left > Points::ZERO => Some(format!("{submission} did not unfold wholly")),
            LedgerEntry::Reservation { .. }
            | LedgerEntry::Charge { .. }
            | LedgerEntry::Grant { .. }
            | LedgerEntry::Lapse { .. } => None,
        };
        left.extend(self.lock().ledger.values().filter_map(undivided));
        left.extend(
            self.parked()
                .iter()
                .map(|parked| format!("parked: {parked}")),
        );
        left.extend(
            self.dead_letters()
                .iter()
                .map(|letter| format!("dead letter: {letter}")),
        );
        self.check_late_bounces(&mut left);
        self.check_values(&mut left);
        assert!(left.is_empty(), "{}\n{}", left.join("\n"), self.report());
    }

    /// What a certificate says is what the verifier reads in it again.
    fn check_values(&self, left: &mut Vec<String>) {
        let dispatches = self.dispatches();
        let pdfs = dispatches.iter().filter_map(|stored| {
            let pdf = self.original(&stored.dispatch.id)?;
            Some((&stored.dispatch.id, pdf))
        });
        let trust = self.trust_of_readers();
        for (id, pdf) in pdfs.take(CERTIFICATES_READ_AGAIN_MAX) {
            let reader = Reader {
                trust: &trust,
                at: self.now(),
                fonts: None,
            };
            let values = verify(&pdf, &reader).facts.values;
            if values.is_empty() {
                left.push(format!("nothing was read again of the certificate of {id}"));
            }
            let differs = |value: &&Value| matches!(value.standing, Standing::Differs(_));
            let differing = values.iter().filter(differs);
            left.extend(differing.map(|value| format!("read again, {id} differs: {value:?}")));
        }
    }

    /// What a reader believes who knows this world: its operator by the subject of the signer's
    /// certificate, which is the same for each key, and its timestamp authorities.
    fn trust_of_readers(&self) -> Trust {
        let state = self.lock();
        let chain = state.signer.chain.certificates();
        let signer = SignerEntry {
            certificate_sha256: None,
            public_key_sha256: None,
            subject: chain.first().map(Certificate::subject),
            since: Timestamp::MIN,
            until: None,
        };
        let operator = OperatorEntry {
            name: state.service.operator().name.clone(),
            signers: vec![signer],
            roots: chain.last().map(pem_of).into_iter().collect(),
        };
        let authorities = state.authorities.iter().map(|(known, _)| AuthorityEntry {
            name: known.authority.name.clone(),
            roots: known.authority.trusted_roots.iter().map(pem_of).collect(),
        });
        let file = TrustFile::new(vec![operator], authorities.collect());
        let json = file.to_json().expect("a trust file");
        Trust::from_json(&json).expect("a trust file")
    }

    fn broken_invariants(&self) -> Vec<String> {
        let mut broken = Vec::new();
        self.check_points(&mut broken);
        self.check_serials(&mut broken);
        self.check_messages(&mut broken);
        self.check_sms(&mut broken);
        self.check_answers(&mut broken);
        self.check_addenda(&mut broken);
        for stored in self.dispatches() {
            self.check_dispatch(&stored, &mut broken);
        }
        broken
    }

    /// Available + reserved + posted + lapsed = granted; nothing is counted twice.
    fn check_points(&self, broken: &mut Vec<String>) {
        let state = self.lock();
        let mut sums: BTreeMap<&AccountId, Sums> = BTreeMap::new();
        for ((account, _), entry) in &state.ledger {
            let sums = sums.entry(account).or_default();
            let points = entry.points().get();
            let (id, charge) = match entry {
                LedgerEntry::Grant { .. } => {
                    sums.granted += points;
                    continue;
                }
                LedgerEntry::Lapse { .. } => {
                    sums.lapsed += points;
                    continue;
                }
                LedgerEntry::Reservation { left, .. } => {
                    sums.reserved += left.get();
                    continue;
                }
                LedgerEntry::Charge {
                    dispatch, state, ..
                } => (dispatch, *state),
            };
            let Some(row) = state.dispatches.get(id) else {
                broken.push(format!("{id} is charged and does not exist"));
                continue;
            };
            if row.stored.progress.charge() != charge {
                broken.push(format!(
                    "the charge of {id} does not follow from its outcome"
                ));
            }
            match charge {
                ChargeState::Reserved => sums.reserved += points,
                ChargeState::Posted => sums.posted += points,
                ChargeState::Voided => {}
            }
        }
        for (account, balance) in &state.balances {
            let Sums {
                granted,
                reserved,
                posted,
                lapsed,
            } = sums.remove(account).unwrap_or_default();
            if balance.reserved.get() != reserved {
                broken.push(format!("{account}: reserved points do not add up"));
            }
            if balance.available.get() + reserved + posted + lapsed != granted {
                broken.push(format!("{account}: points got lost or were made up"));
            }
        }
    }

    /// Serials are 1, 2, 3 ... within an account, refused mails included (P-071).
    fn check_serials(&self, broken: &mut Vec<String>) {
        let state = self.lock();
        let dispatches = state
            .dispatches
            .values()
            .map(|row| row.stored.dispatch.serial.clone());
        let refusals = state.intakes.values().filter_map(|intake| match intake {
            StoredIntake::Refused { serial, .. } => Some(serial.clone()),
            StoredIntake::Accepted { .. } | StoredIntake::Unvouched { .. } => None,
        });
        // What is planned has its serials, whether it is written yet or not.
        let plans = state.plans.values().flat_map(Plan::dispatches);
        let folded = plans
            .filter(|dispatch| !state.dispatches.contains_key(&dispatch.id))
            .map(|dispatch| dispatch.serial);
        let mut numbers: BTreeMap<AccountId, Vec<u64>> = BTreeMap::new();
        for serial in dispatches.chain(refusals).chain(folded) {
            numbers
                .entry(serial.account().clone())
                .or_default()
                .push(serial.number().get());
        }
        for (account, mut given) in numbers {
            given.sort_unstable();
            if given
                .iter()
                .copied()
                .ne(1..=u64::try_from(given.len()).expect("few"))
            {
                broken.push(format!(
                    "the serials of {account} have gaps or repeat: {given:?}"
                ));
            }
        }
    }

    /// At most one message per dispatch, of the bytes that were kept, to its recipient.
    fn check_messages(&self, broken: &mut Vec<String>) {
        let mut seen: BTreeSet<DispatchId> = BTreeSet::new();
        for sent in self.outbox() {
            let Some(id) = sent.dispatch() else { continue };
            if !seen.insert(id.clone()) {
                broken.push(format!("{id} was sent twice"));
            }
            let Some(stored) = self.dispatch(id) else {
                broken.push(format!("{id} was sent and does not exist"));
                continue;
            };
            let kept = stored
                .delivered
                .map(|delivered| *delivered.digest.as_bytes());
            if kept != Some(Sha256::digest(&sent.mail.raw).into()) {
                broken.push(format!("{id} was sent with other bytes than were kept"));
            }
            if stored.dispatch.recipient.mail() != Some(&sent.mail.to) {
                broken.push(format!("{id} was sent to somebody else"));
            }
        }
    }

    /// At most one SMS per offer, of the text that was kept, to its recipient.
    fn check_sms(&self, broken: &mut Vec<String>) {
        let sent = self.sms_outbox();
        for stored in self.dispatches() {
            let id = &stored.dispatch.id;
            let Some(token) = stored.dispatch.answer_token() else {
                continue;
            };
            let link = format!("/o/{}", token.as_str());
            let offers: Vec<_> = sent
                .iter()
                .filter(|one| one.sms.text.contains(&link))
                .collect();
            if offers.len() > 1 {
                broken.push(format!("{id} was sent by SMS twice"));
            }
            for one in offers {
                if stored.dispatch.recipient.mobile() != Some(&one.sms.to) {
                    broken.push(format!("{id} was sent by SMS to somebody else"));
                }
                let kept = stored.sms.as_ref().map(|kept| kept.text.as_str());
                if kept != Some(one.sms.text.as_str()) {
                    broken.push(format!(
                        "{id} was sent by SMS with another text than was kept"
                    ));
                }
            }
        }
    }

    /// What came back is one event of one dispatch, however often it was told.
    fn check_answers(&self, broken: &mut Vec<String>) {
        let mut seen: BTreeMap<EventId, DispatchId> = BTreeMap::new();
        let mut mails = BTreeSet::new();
        for stored in self.dispatches() {
            let id = &stored.dispatch.id;
            for event in self.events(id) {
                let EventKind::AnswerReceived(answer) = &event.kind else {
                    continue;
                };
                if let Some(other) = seen.insert(event.id, id.clone()) {
                    broken.push(format!("one answer was taken for {other} and for {id}"));
                }
                if let AnswerRoad::Mail { inbound, .. } = &answer.road
                    && !mails.insert(inbound.clone())
                {
                    broken.push(format!("{inbound} was taken as an answer twice"));
                }
            }
        }
    }

    /// Each answer of the recipient's is certified once: by the contract that it settled, or by an
    /// addendum (P-065). Addenda cost nothing.
    fn check_addenda(&self, broken: &mut Vec<String>) {
        let dispatches = self.dispatches();
        let addenda: BTreeMap<EventId, &StoredDispatch> = dispatches
            .iter()
            .filter_map(|stored| match &stored.dispatch.product {
                Product::Mail | Product::Contract(_) => None,
                Product::Addendum(addendum) => Some((addendum.event, stored)),
            })
            .collect();
        let opened = dispatches
            .iter()
            .filter(|stored| stored.dispatch.adds_to().is_some());
        if opened.count() != addenda.len() {
            broken.push("an answer or a bounce has two addenda".to_owned());
        }
        for (certified, addendum) in &addenda {
            let main = addendum.dispatch.adds_to();
            let events = main.map(|id| self.events(id)).unwrap_or_default();
            if !events.iter().any(|event| event.id == *certified) {
                broken.push(format!("{} certifies nothing", addendum.dispatch.id));
            }
            let charged = self.lock().ledger.values().any(|entry| match entry {
                LedgerEntry::Charge { dispatch, .. } => *dispatch == addendum.dispatch.id,
                LedgerEntry::Grant { .. }
                | LedgerEntry::Lapse { .. }
                | LedgerEntry::Reservation { .. } => false,
            });
            if charged {
                broken.push(format!("{} is charged", addendum.dispatch.id));
            }
        }
    }

    /// Each registered mail whose failure was reported after its outcome was settled otherwise has
    /// one addendum, and no other has one.
    fn check_late_bounces(&self, left: &mut Vec<String>) {
        let dispatches = self.dispatches();
        for stored in &dispatches {
            let id = &stored.dispatch.id;
            let events = self.events(id);
            let bounce = late_bounce(&stored.dispatch, &stored.progress, &events);
            let addenda = dispatches.iter().filter(|other| {
                other.dispatch.adds_to() == Some(id)
                    && other.progress.outcome() == Some(Outcome::BouncedLater)
            });
            let expected = usize::from(bounce.is_some());
            let found = addenda.count();
            if found != expected {
                left.push(format!(
                    "{id} has {found} addenda for {expected} late bounces"
                ));
            }
        }
    }

    /// Who gets a copy: the other party only of a completed contract (P-037, P-052).
    fn check_copies(&self, stored: &StoredDispatch, broken: &mut Vec<String>) {
        let id = &stored.dispatch.id;
        let is_answered = stored.progress.outcome() == Some(Outcome::Answered);
        let is_addendum = stored.progress.outcome() == Some(Outcome::AnsweredLater);
        let settling = self.events(id).into_iter().filter(|event| {
            let EventKind::AnswerReceived(answer) = &event.kind else {
                return false;
            };
            answer.is_of_recipient() && !event.is_supplementary
        });
        if is_answered && settling.count() == 0 {
            broken.push(format!("{id} is answered and nobody answered"));
        }
        let is_offer = stored.dispatch.answer_until().is_some();
        if is_offer && stored.progress.outcome() == Some(Outcome::Relayed) {
            broken.push(format!("{id} is an offer and ended with its delivery"));
        }
        if !is_answered && !is_addendum && stored.recipient_copy != NoticeState::Pending {
            broken.push(format!(
                "{id} is no completed contract and its recipient got a copy"
            ));
        }
        if stored.certificate.is_none() && stored.recipient_copy != NoticeState::Pending {
            broken.push(format!("{id} has no certificate and its recipient got one"));
        }
    }

    /// One certificate for what is certified, none for the rest; the record fits the original.
    fn check_dispatch(&self, stored: &StoredDispatch, broken: &mut Vec<String>) {
        self.check_copies(stored, broken);
        let id = &stored.dispatch.id;
        let original = self.original(id);
        let is_certified = stored.progress.outcome().is_some_and(Outcome::is_certified);
        if original.is_some() && !is_certified {
            broken.push(format!("{id} has a certificate that it must not have"));
        }
        if let Some(certificate) = &stored.certificate {
            let digest: Option<[u8; 32]> =
                original.as_ref().map(|bytes| Sha256::digest(bytes).into());
            if digest.as_ref() != Some(certificate.newest_digest().as_bytes()) {
                broken.push(format!("the certificate of {id} is not what was recorded"));
            }
            if certificate.key != ObjectKey::of_certificate(&stored.dispatch.serial) {
                broken.push(format!("the certificate of {id} lies elsewhere"));
            }
        }
        let mut ids = BTreeSet::new();
        for event in self.events(id) {
            if !ids.insert(event.id) {
                broken.push(format!("an event of {id} was written twice"));
            }
        }
    }
}

fn pem_of(certificate: &Certificate) -> String {
    to_pem(certificate.as_der())
}
