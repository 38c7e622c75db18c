//! Takes what comes back by mail to an offer, or to its certificate (P-024, P-031, P-065).

use domain::{
    Answer, AnswerProof, AnswerRoad, AnswerStanding, AnswerToken, AuthenticationEvidence, Channel,
    DispatchId, EmailAddress, EventId, EventSource, ProviderMessageId, Sha256Digest, ThreadKey,
    VirusVerdict, is_written_to,
};
use letters::mails::thread_of_message_id;
use mail::ParsedMail;
use subtle::ConstantTimeEq as _;
use tracing::info;

use crate::answers::received::{Kept, Received, identity, take};
use crate::answers::token;
use crate::dispatch::loading::load_raw;
use crate::dispatch::progress::load;
use crate::intake::authenticate::{authenticate, may_wait, spf_is_aligned};
use crate::ports::{
    Clock, CommitChange, CompleteWait, FindByMessage, FindByToken, LoadDispatch, LookUpTxt,
    OpenAddendum, ReadObject, StartDispatch, StoredDispatch,
};
use crate::wire::Receipt;
use crate::{Failure, Outside, Route, Service};

/// Most message ids of an answer that are looked up: a thread's last ones name our message.
const REFERENCES_MAX: usize = 10;

/// The step with its ports.
#[derive(Debug, Clone)]
pub struct TakeAnswer<O: Outside> {
    /// The inbound bucket.
    pub inbound: O::Inbound,
    /// Keeps the dispatches.
    pub tables: O::Tables,
    /// The DNS.
    pub dns: O::Dns,
    /// Tells the waiting workflow, or starts one for an answer that settles nothing.
    pub machines: O::Machines,
    /// The clock.
    pub clock: O::Clock,
    /// Who we are.
    pub service: Service,
}

impl<O> TakeAnswer<O>
where
    O: Outside,
    O::Inbound: ReadObject,
    O::Tables: LoadDispatch + CommitChange + FindByToken + FindByMessage + OpenAddendum,
    O::Dns: LookUpTxt,
    O::Machines: CompleteWait + StartDispatch,
    O::Clock: Clock,
{
    /// Records the mail as an event of the contract that it belongs to, and settles the contract
    /// if it answers it. The same mail again changes nothing. `token` is what stood in the address
    /// it came to. Returns the contract, if one was found and the mail is kept.
    ///
    /// # Errors
    /// Transient when the stored mail is missing or a store fails.
    pub async fn run(
        &self,
        receipt: &Receipt,
        token: Option<&AnswerToken>,
    ) -> Result<Option<DispatchId>, Failure> {
        let raw = load_raw(&self.inbound, &receipt.id).await?;
        let mail = ParsedMail::parse(&raw);
        let Some((id, shown)) = self.find_contract(&mail, token).await? else {
            info!(inbound_id = %receipt.id, "ignored a mail that answers nothing of ours");
            return Ok(None);
        };
        let received = self.read(receipt, &mail, &id, shown).await?;
        let now = self.clock.now();
        let kept = take(&self.tables, &self.machines, &id, &received, now).await?;
        Ok(Some(id).filter(|_| kept == Kept::Yes))
    }

    /// By the token in the address; otherwise by the message that it refers to (P-044), which says
    /// what is answered and nothing about who answers.
    async fn find_contract(
        &self,
        mail: &ParsedMail<'_>,
        token: Option<&AnswerToken>,
    ) -> Result<Option<(DispatchId, AnswerProof)>, Failure> {
        if let Some(token) = token
            && let Some(held) = token::find(&self.tables, token).await?
        {
            return Ok(Some((held.contract.dispatch.id, held.proof)));
        }
        let found = self.find_by_references(mail).await?;
        Ok(found.map(|id| (id, AnswerProof::Nothing)))
    }

    async fn find_by_references(
        &self,
        mail: &ParsedMail<'_>,
    ) -> Result<Option<DispatchId>, Failure> {
        for reference in mail.references().iter().take(REFERENCES_MAX) {
            let ours = thread_of_message_id(reference, self.service.domain());
            if let Some((id, thread)) = ours
                && let Some(stored) = self.tables.load(&id).await?
                && is_same(&stored.dispatch.thread, &thread)
                && let Some(contract) = stored.dispatch.contract()
            {
                return Ok(Some(contract.clone()));
            }
            // SES gives what we send a Message-ID of its own: <its id for the message>@<its host>.
            let left = reference.trim_matches(['<', '>']).split('@').next();
            let Some(Ok(message)) = left.map(str::parse::<ProviderMessageId>) else {
                continue;
            };
            let found = self
                .tables
                .find_by_provider_message(Channel::Mail, &message)
                .await?;
            let Some(id) = found else {
                continue;
            };
            let dispatch = load(&self.tables, &id).await?.dispatch;
            if let Some(contract) = dispatch.contract() {
                return Ok(Some(contract.clone()));
            }
        }
        Ok(None)
    }

    async fn read(
        &self,
        receipt: &Receipt,
        mail: &ParsedMail<'_>,
        id: &DispatchId,
        shown: AnswerProof,
    ) -> Result<Received, Failure> {
        let stored = load(&self.tables, id).await?;
        let from = mail.from();
        let standing = if receipt.virus == VirusVerdict::Fail {
            AnswerStanding::Malware
        } else if let Some(sign) = mail.automatic_answer(&receipt.envelope_from) {
            AnswerStanding::Automatic(sign)
        } else if !mail.says_something() {
            AnswerStanding::Empty
        } else if Answer::comes_from(&stored.dispatch.recipient, from.as_ref()) {
            AnswerStanding::Recipient
        } else {
            AnswerStanding::AnotherAddress
        };
        let (signed, authentication) = match &from {
            Some(from) => {
                let is_needed = standing == AnswerStanding::Recipient
                    && !shown.counts(&stored.progress, receipt.received_at);
                let own = self.addresses_of(&stored, receipt, shown);
                let authenticated = self.authenticate(receipt, mail, from, &own, is_needed);
                let (signed, evidence) = authenticated.await?;
                (signed, Some(Box::new(evidence)))
            }
            None => (None, None),
        };
        Ok(Received {
            id: match signed {
                Some(content) => identity_of_signed(id, content),
                None => identity(&format!("answer {}", receipt.id)),
            },
            source: EventSource::Ses,
            verbatim: None,
            answer: Answer {
                road: AnswerRoad::Mail {
                    inbound: receipt.id.clone(),
                    from,
                },
                standing,
                proof: match signed {
                    Some(_) => AnswerProof::Signature,
                    None => shown,
                },
                received_at: receipt.received_at,
                text: match standing {
                    AnswerStanding::Malware => String::new(),
                    AnswerStanding::Recipient
                    | AnswerStanding::Unauthenticated
                    | AnswerStanding::AnotherAddress
                    | AnswerStanding::Empty
                    | AnswerStanding::Automatic(_) => mail.answer_text(),
                },
                authentication,
            },
        })
    }

    /// The addresses to which only answers to this contract go: that of the offer, that of its
    /// certificate's copy, and the one that the mail came to, if it led to the contract.
    fn addresses_of(
        &self,
        stored: &StoredDispatch,
        receipt: &Receipt,
        shown: AnswerProof,
    ) -> Vec<EmailAddress> {
        let came_to = match self.service.route(&receipt.recipients) {
            Route::Answer(token) if shown != AnswerProof::Nothing => token,
            Route::Answer(_)
            | Route::Mail
            | Route::Contract(_)
            | Route::Mixed(_)
            | Route::Unknown => None,
        };
        let offer = stored.dispatch.answer_token();
        let copy = stored.copy_token.as_ref().map(|copy| &copy.token);
        let tokens = [offer, copy, came_to.as_ref()].into_iter().flatten();
        tokens
            .filter_map(|token| self.service.reply_address(token).ok())
            .collect()
    }

    /// What an aligned signature covers, if there is one that shows that the owner of the address
    /// wrote the mail, and the record of it. When nothing else shows that, a DNS that is
    /// away for a moment is waited for; an answer that has a proof is taken at once, because its
    /// contract's time may end.
    async fn authenticate(
        &self,
        receipt: &Receipt,
        mail: &ParsedMail<'_>,
        from: &EmailAddress,
        own: &[EmailAddress],
        is_needed: bool,
    ) -> Result<(Option<Sha256Digest>, AuthenticationEvidence), Failure> {
        let now = self.clock.now();
        let found = authenticate(&self.dns, mail.sent_bytes(), from, now).await;
        let (dkim, content) = (&found.dkim, found.content);
        let authentication = dkim.authentication(spf_is_aligned(receipt, from));
        let addressed = mail.addressed(|address| own.contains(address));
        let is_signed = is_written_to(&authentication, addressed);
        if is_needed && !is_signed && dkim.is_temporary() && may_wait(receipt, now) {
            return Err(Failure::transient(
                "asking the DNS for an answer's DKIM keys",
            ));
        }
        let evidence = found.evidence(receipt.spf, now);
        Ok((is_signed.then_some(content), evidence))
    }
}

/// Whether a key is the one of a dispatch; how far a guess is right cannot be timed.
fn is_same(one: &ThreadKey, other: &ThreadKey) -> bool {
    one.as_str()
        .as_bytes()
        .ct_eq(other.as_str().as_bytes())
        .into()
}

/// The identity of a mail that is signed: by what every signature of it covers, so that the same
/// mail sent in again by whoever holds a copy, a certificate's `answer.eml` say, is no other
/// answer, with whatever fields taken away that change how it reads. One person does not write the
/// same twice in one second.
fn identity_of_signed(contract: &DispatchId, content: Sha256Digest) -> EventId {
    identity(&format!("signed answer {contract} {content}"))
}
