//! `send-copies`: hands the certificate to the parties, or says that nothing was attempted.

use bytes::Bytes;
use domain::{
    Account, CopiesTo, DispatchId, EmailAddress, Fate, MobileNumber, NoticeDecision, NoticeState,
    Offer, Outcome, Recipient,
};
use mail::compose::{
    CertificateCopy, ContractCopy, ContractParty, Letterhead, NotAttemptedNotice, certificate_copy,
    contract_copy, not_attempted_notice,
};
use mail::contract_outcome_words;
use mail::sms::{CopySms, copy_sms};

use crate::notice::send_once;
use crate::original::read_original;
use crate::ports::{
    Clock, DispatchStore, FindAccount, Handover, IntakeStore, MailTag, OutgoingMail, OutgoingSms,
    Party, ReadObject, SendMail, SendSms, StoredDispatch,
};
use crate::wait::{load, subject_of};
use crate::{Failure, Service};

/// The step with its ports.
#[derive(Debug, Clone)]
pub struct SendCopies<Store, Accounts, Originals, Mailer, Phone, Time> {
    /// Keeps the dispatches and what was decided at intake.
    pub store: Store,
    /// Knows what each account chose.
    pub accounts: Accounts,
    /// The originals bucket.
    pub originals: Originals,
    /// The provider of mail.
    pub mailer: Mailer,
    /// The provider of SMS.
    pub phone: Phone,
    /// Says when a copy is sent.
    pub clock: Time,
    /// Who we are.
    pub service: Service,
    /// Where the pages of the service are, without a slash at its end.
    pub web: String,
}

impl<Store, Accounts, Originals, Mailer, Phone, Time>
    SendCopies<Store, Accounts, Originals, Mailer, Phone, Time>
where
    Store: DispatchStore + IntakeStore,
    Accounts: FindAccount,
    Originals: ReadObject,
    Mailer: SendMail,
    Phone: SendSms,
    Time: Clock,
{
    /// Sends each party what it is to get, once: the sender a copy or a notice, by the account's
    /// setting (I-035); the other party of a completed contract the same file (P-037, X-10).
    ///
    /// # Errors
    /// Transient when a store or a provider fails, or another invocation may be sending right now;
    /// permanent when the stored original is not the one that was recorded.
    pub async fn run(&self, id: &DispatchId) -> Result<(), Failure> {
        let stored = load(&self.store, id).await?;
        let outcome = stored.progress.outcome().ok_or_else(|| {
            Failure::permanent("sending copies of a dispatch that is not settled")
        })?;
        let account = self
            .accounts
            .find_account(stored.dispatch.serial.account())
            .await?
            .ok_or_else(|| Failure::permanent("finding the account of a dispatch"))?;
        // The other party first: nothing that goes wrong with the sender's copy keeps theirs.
        let recipient = match gets_copy(Party::Recipient, &account, outcome) {
            true => self.to_recipient(&stored, &account, outcome).await,
            false => Ok(()),
        };
        if gets_copy(Party::Sender, &account, outcome) {
            self.to_sender(&stored, &account, outcome).await?;
        }
        recipient
    }

    async fn to_sender(
        &self,
        stored: &StoredDispatch,
        account: &Account,
        outcome: Outcome,
    ) -> Result<(), Failure> {
        if self.is_done(stored, Party::Sender) {
            return Ok(());
        }
        let id = &stored.dispatch.id;
        let mail = OutgoingMail {
            from: self.service.mail_address().clone(),
            to: stored.dispatch.sender.clone(),
            raw: self.compose(stored, account, outcome).await?,
            tag: MailTag::Copy(id.clone()),
        };
        let send = async || self.mailer.send_mail(&mail).await;
        self.send(stored, Party::Sender, send).await
    }

    async fn to_recipient(
        &self,
        stored: &StoredDispatch,
        account: &Account,
        outcome: Outcome,
    ) -> Result<(), Failure> {
        let Some(offer) = stored.dispatch.offer() else {
            return Ok(());
        };
        if self.is_done(stored, Party::Recipient) {
            return Ok(());
        }
        let is_mail_dead = stored
            .progress
            .mail
            .fate
            .is_some_and(|fate| fate != Fate::Relayed);
        match &stored.dispatch.recipient {
            // A copy to an address that took no offer would reach nobody.
            Recipient::Both { mobile: to, .. } if is_mail_dead => {
                self.to_telephone(stored, account, offer, to).await
            }
            Recipient::Mobile(to) => self.to_telephone(stored, account, offer, to).await,
            Recipient::Mail(to) | Recipient::Both { mail: to, .. } => {
                let mail = OutgoingMail {
                    from: self.service.contract_address().clone(),
                    to: to.clone(),
                    raw: self
                        .compose_for_recipient(stored, account, offer, to, outcome)
                        .await?,
                    tag: MailTag::Copy(stored.dispatch.id.clone()),
                };
                let send = async || self.mailer.send_mail(&mail).await;
                self.send(stored, Party::Recipient, send).await
            }
        }
    }

    /// A link: a telephone takes no file.
    async fn to_telephone(
        &self,
        stored: &StoredDispatch,
        account: &Account,
        offer: &Offer,
        to: &MobileNumber,
    ) -> Result<(), Failure> {
        let link = format!("{}/c/{}", self.web, offer.token.as_str());
        let text = copy_sms(&CopySms {
            sender_name: &account.company,
            link: &link,
            serial: &stored.dispatch.serial.to_string(),
        });
        let sms = OutgoingSms {
            to: to.clone(),
            text,
        };
        let send = async || self.phone.send_sms(&sms).await;
        self.send(stored, Party::Recipient, send).await
    }

    fn is_done(&self, stored: &StoredDispatch, party: Party) -> bool {
        stored.copy_of(party).decide(self.clock.now()) == NoticeDecision::Done
    }

    async fn send(
        &self,
        stored: &StoredDispatch,
        party: Party,
        send: impl AsyncFn() -> Handover,
    ) -> Result<(), Failure> {
        let id = &stored.dispatch.id;
        let moves = async |from: &NoticeState, to: &NoticeState| {
            self.store.move_copy(id, party, from, to).await
        };
        send_once(&self.clock, stored.copy_of(party), send, moves).await
    }

    async fn compose_for_recipient(
        &self,
        stored: &StoredDispatch,
        account: &Account,
        offer: &Offer,
        to: &EmailAddress,
        outcome: Outcome,
    ) -> Result<Bytes, Failure> {
        let reply_to = self.service.reply_address(&offer.token);
        let reply_to = reply_to
            .map_err(|source| Failure::permanent_because("making a reply address", source))?;
        let party = ContractParty::Recipient {
            from: self.service.contract_address(),
            reply_to: &reply_to,
        };
        self.compose_contract_copy(stored, account, party, to, outcome)
            .await
    }

    async fn compose_contract_copy(
        &self,
        stored: &StoredDispatch,
        account: &Account,
        party: ContractParty<'_>,
        to: &EmailAddress,
        outcome: Outcome,
    ) -> Result<Bytes, Failure> {
        let dispatch = &stored.dispatch;
        let copy = ContractCopy {
            party,
            to,
            company: &account.company,
            operator: self.service.operator(),
            serial: &dispatch.serial,
            recipient: &dispatch.recipient,
            subject: &subject_of(&self.store, dispatch).await?,
            outcome: &contract_outcome_words(outcome),
            pdf: &read_original(&self.originals, stored).await?,
        };
        Ok(Bytes::from(contract_copy(&self.letterhead(stored), &copy)))
    }

    fn letterhead<'a>(&'a self, stored: &'a StoredDispatch) -> Letterhead<'a> {
        let dispatch = &stored.dispatch;
        Letterhead {
            service_domain: self.service.domain(),
            id: dispatch.id.as_str(),
            date: stored
                .progress
                .settled
                .map_or(dispatch.accepted_at, |settled| settled.at),
        }
    }

    async fn compose(
        &self,
        stored: &StoredDispatch,
        account: &Account,
        outcome: Outcome,
    ) -> Result<Bytes, Failure> {
        let dispatch = &stored.dispatch;
        let subject = subject_of(&self.store, dispatch).await?;
        let letterhead = self.letterhead(stored);
        if let Outcome::NotAttempted(reason) = outcome {
            let notice = NotAttemptedNotice {
                sender: &dispatch.sender,
                serial: &dispatch.serial,
                recipient: &dispatch.recipient,
                subject: &subject,
                reason,
            };
            return Ok(Bytes::from(not_attempted_notice(&letterhead, &notice)));
        }
        if dispatch.offer().is_some() {
            let (party, to) = (ContractParty::Sender, &dispatch.sender);
            return self
                .compose_contract_copy(stored, account, party, to, outcome)
                .await;
        }
        let copy = CertificateCopy {
            to: &dispatch.sender,
            account: &account.company,
            serial: &dispatch.serial,
            recipient: &dispatch.recipient,
            subject: &subject,
            outcome,
            pdf: &read_original(&self.originals, stored).await?,
        };
        Ok(Bytes::from(certificate_copy(&letterhead, &copy)))
    }
}

/// Who gets what was issued: NOEX and silence are the sender's alone (P-052).
pub(crate) fn gets_copy(party: Party, account: &Account, outcome: Outcome) -> bool {
    match party {
        Party::Sender => !outcome.is_certified() || account.settings.certificates_by_mail,
        Party::Recipient => {
            outcome == Outcome::Answered
                && account.settings.contracts.copies == CopiesTo::BothParties
        }
    }
}
