//! Takes what comes back by mail to an offer, or to its certificate (P-024, P-031, P-065).

use domain::{
    Answer, AnswerRoad, AnswerStanding, AnswerToken, Channel, Command, Decision, Dispatch,
    DispatchId, DispatchKind, EmailAddress, Event, EventId, EventKind, EventSource,
    ProviderMessageId, Sha256Digest, VirusVerdict,
};
use jiff::Timestamp;
use mail::ParsedMail;
use mail::compose::dispatch_of_message_id;
use sha2::{Digest, Sha256};
use tracing::info;

use crate::open_addendum::open_addendum;
use crate::parse_mail::{Authenticated, authenticate};
use crate::ports::{Clock, CompleteWait, DispatchStore, LookUpTxt, ReadObject, StartAddendum};
use crate::wait::{apply, complete_if_due, load};
use crate::wire::{AuthenticationRecord, Receipt};
use crate::{Failure, Service, keys};

/// Most message ids of an answer that are looked up: a thread's last ones name our message.
const REFERENCES_MAX: usize = 10;

/// The step with its ports.
#[derive(Debug, Clone)]
pub struct TakeAnswer<Objects, Store, Dns, Workflows, Time> {
    /// The inbound bucket.
    pub objects: Objects,
    /// Keeps the dispatches.
    pub store: Store,
    /// The DNS.
    pub dns: Dns,
    /// Tells the waiting workflow, or starts one for an answer that settles nothing.
    pub workflows: Workflows,
    /// The clock.
    pub clock: Time,
    /// Who we are.
    pub service: Service,
}

/// An answer as it came in.
pub(crate) struct Received {
    /// The same answer twice has the same id.
    pub(crate) id: EventId,
    /// Who received it for us.
    pub(crate) source: EventSource,
    /// The receiving service's own record, when there is one.
    pub(crate) verbatim: Option<String>,
    /// What it is.
    pub(crate) answer: Answer,
}

impl<Objects, Store, Dns, Workflows, Time> TakeAnswer<Objects, Store, Dns, Workflows, Time>
where
    Objects: ReadObject,
    Store: DispatchStore,
    Dns: LookUpTxt,
    Workflows: CompleteWait + StartAddendum,
    Time: Clock,
{
    /// Records the mail as an event of the contract that it belongs to, and settles the contract
    /// if it answers it. The same mail again changes nothing. `token` is what stood in the address
    /// it came to. Returns the contract, if one was found.
    ///
    /// # Errors
    /// Transient when the stored mail is missing or a store fails.
    pub async fn run(
        &self,
        receipt: &Receipt,
        token: Option<&AnswerToken>,
    ) -> Result<Option<DispatchId>, Failure> {
        let raw = self
            .objects
            .read_object(&keys::raw_mail(&receipt.id))
            .await?
            .ok_or_else(|| Failure::transient("reading a raw mail that is not there yet"))?;
        let mail = ParsedMail::parse(&raw);
        let Some(id) = self.find_contract(&mail, token).await? else {
            info!(inbound_id = %receipt.id, "ignored a mail that answers nothing of ours");
            return Ok(None);
        };
        let received = self.read(receipt, &mail, &id).await?;
        let now = self.clock.now();
        take(&self.store, &self.workflows, &id, &received, now).await?;
        Ok(Some(id))
    }

    /// By the token in the address; otherwise by the message that it refers to (P-044).
    async fn find_contract(
        &self,
        mail: &ParsedMail<'_>,
        token: Option<&AnswerToken>,
    ) -> Result<Option<DispatchId>, Failure> {
        if let Some(token) = token
            && let Some(id) = self.store.find_by_answer_token(token).await?
        {
            return Ok(Some(id));
        }
        for reference in mail.references().iter().take(REFERENCES_MAX) {
            let ours = dispatch_of_message_id(reference, self.service.domain());
            if let Some(id) = ours
                && let Some(stored) = self.store.load(&id).await?
                && let Some(contract) = contract_of(&stored.dispatch)
            {
                return Ok(Some(contract.clone()));
            }
            // SES gives what we send a Message-ID of its own: <its id for the message>@<its host>.
            let left = reference.trim_matches(['<', '>']).split('@').next();
            let Some(Ok(message)) = left.map(str::parse::<ProviderMessageId>) else {
                continue;
            };
            let found = self
                .store
                .find_by_provider_message(Channel::Mail, &message)
                .await?;
            if let Some(id) = found
                && load(&self.store, &id).await?.dispatch.offer().is_some()
            {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    async fn read(
        &self,
        receipt: &Receipt,
        mail: &ParsedMail<'_>,
        id: &DispatchId,
    ) -> Result<Received, Failure> {
        let stored = load(&self.store, id).await?;
        let from = mail.from();
        let standing = if receipt.virus == VirusVerdict::Fail {
            AnswerStanding::Malware
        } else if let Some(sign) = mail.automatic_answer(&receipt.envelope_from) {
            AnswerStanding::Automatic(sign)
        } else if Answer::comes_from(&stored.dispatch.recipient, from.as_ref()) {
            AnswerStanding::Recipient
        } else {
            AnswerStanding::AnotherAddress
        };
        let authentication = match &from {
            Some(from) => Some(self.authenticate(receipt, mail, from).await?),
            None => None,
        };
        Ok(Received {
            id: identity(&format!("answer {}", receipt.id)),
            source: EventSource::Ses,
            verbatim: None,
            answer: Answer {
                road: AnswerRoad::Mail {
                    inbound: receipt.id.clone(),
                    from,
                },
                standing,
                received_at: receipt.received_at,
                text: match standing {
                    AnswerStanding::Malware => String::new(),
                    AnswerStanding::Recipient
                    | AnswerStanding::AnotherAddress
                    | AnswerStanding::Automatic(_) => mail.answer_text(),
                },
                authentication,
            },
        })
    }

    async fn authenticate(
        &self,
        receipt: &Receipt,
        mail: &ParsedMail<'_>,
        from: &EmailAddress,
    ) -> Result<String, Failure> {
        let now = self.clock.now();
        let Authenticated { dkim, arc, .. } =
            authenticate(&self.dns, mail.sent_bytes(), from, now).await;
        Ok(AuthenticationRecord::new(&dkim, &arc, &receipt.spf, now).to_json()?)
    }
}

/// The contract that an answer to a dispatch's mail belongs to.
fn contract_of(dispatch: &Dispatch) -> Option<&DispatchId> {
    match &dispatch.kind {
        DispatchKind::Mail => None,
        DispatchKind::Contract(_) => Some(&dispatch.id),
        DispatchKind::Addendum(addendum) => Some(&addendum.contract),
    }
}

/// Records an answer, whatever its road, and tells the waiting workflow. An answer that settles
/// nothing becomes an addendum (P-065).
pub(crate) async fn take(
    store: &impl DispatchStore,
    workflows: &(impl CompleteWait + StartAddendum),
    id: &DispatchId,
    received: &Received,
    now: Timestamp,
) -> Result<(), Failure> {
    let command = Command::Answer(received.answer.clone());
    let event_of = |decision: &Decision, now| {
        Some(Event {
            id: received.id,
            kind: EventKind::AnswerReceived(received.answer.clone()),
            source: received.source,
            at: received.answer.received_at,
            recorded_at: now,
            is_supplementary: decision.is_supplementary,
            verbatim: received.verbatim.clone(),
        })
    };
    let applied = apply(store, id, &command, None, event_of, now).await?;
    let outcome = applied.progress.outcome().map(domain::Outcome::name);
    info!(dispatch_id = %id, outcome, "took an answer");
    complete_if_due(store, workflows, id, &applied.progress).await?;
    if received.answer.is_of_recipient() && !applied.settles {
        open_addendum(store, workflows, id, received.id, now).await?;
    }
    Ok(())
}

/// The identity of an answer.
pub(crate) fn identity(of: &str) -> EventId {
    EventId::new(Sha256Digest::new(Sha256::digest(of.as_bytes()).into()))
}
