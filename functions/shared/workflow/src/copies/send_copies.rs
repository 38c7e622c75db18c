//! `send-copies`: hands the certificate to the parties, or says that nothing was attempted.

mod summary;

use bytes::Bytes;
use domain::{
    Account, Addendum, AddendumReason, AnswerToken, CopyToken, DispatchId, EmailAddress, Fate,
    Language, MobileNumber, NoticeDecision, NoticeState, Outcome, Product, Recipient, Serial,
};
use letters::links::{Links, Page};
use letters::mails::{
    CertificateCopy, ContractCopy, ContractParty, LateBounceCopy, Letterhead, NotAttemptedNotice,
    certificate_copy, contract_copy, late_bounce_copy, not_attempted_notice,
};
use letters::sms::{CopySms, copy_sms};
use letters::words;
use tracing::info;

use crate::answers::of_contract::certified_answer;
use crate::certify::original::read_original;
use crate::copies::entitlement::gets_copy;
use crate::dispatch::loading::load_account;
use crate::dispatch::progress::{accepted_with, load, subject_of};
use crate::notice::send_once;
use crate::ports::{
    Clock, FindAccount, FindIntake, Handover, KeepCopies, KeepSummary, LoadDispatch,
    LoadDispatches, MailTag, Nonces, OutgoingMail, OutgoingSms, Party, ReadObject, SendMail,
    SendSms, StoredDispatch,
};
use crate::{Failure, Outside, Service};

/// The step with its ports.
#[derive(Debug, Clone)]
pub struct SendCopies<O: Outside> {
    /// Keeps accounts, dispatches and what was decided at intake.
    pub tables: O::Tables,
    /// The originals bucket.
    pub originals: O::Originals,
    /// The provider of mail.
    pub mailer: O::Mailer,
    /// The provider of SMS.
    pub phone: O::Phone,
    /// Makes the tokens of recipients' copies.
    pub nonces: O::Nonces,
    /// Says when a copy is sent.
    pub clock: O::Clock,
    /// Who we are.
    pub service: Service,
    /// Where the pages of the service are.
    pub links: Links,
}

impl<O> SendCopies<O>
where
    O: Outside,
    O::Tables: LoadDispatch + LoadDispatches + KeepCopies + KeepSummary + FindIntake + FindAccount,
    O::Originals: ReadObject,
    O::Mailer: SendMail,
    O::Phone: SendSms,
    O::Nonces: Nonces,
    O::Clock: Clock,
{
    /// Sends each party what it is to get, once: the sender a copy or a notice, by the account's
    /// setting (I-035), or one summary of a mail to many; the other party of a completed contract
    /// the same file (P-037, X-10).
    ///
    /// # Errors
    /// Transient when a store or a provider fails, or another invocation may be sending right now;
    /// permanent when the stored original is not the one that was recorded.
    pub async fn run(&self, id: &DispatchId) -> Result<(), Failure> {
        let stored = load(&self.tables, id).await?;
        let outcome = stored.progress.outcome().ok_or_else(|| {
            Failure::permanent("sending copies of a dispatch that is not settled")
        })?;
        let main = match stored.dispatch.adds_to() {
            Some(main) => Some(load(&self.tables, main).await?),
            None => None,
        };
        let case = Case {
            about: main.as_ref().unwrap_or(&stored),
            adds_to: main.as_ref().map(|main| &main.dispatch.serial),
            certified: &stored,
            outcome,
        };
        let account = load_account(&self.tables, &stored.dispatch).await?;
        // The other party first: nothing that goes wrong with the sender's copy keeps theirs.
        let recipient = match gets_copy(Party::Recipient, &account, outcome) {
            true => self.to_recipient(&case, &account).await,
            false => Ok(()),
        };
        self.to_sender(&case, &account).await?;
        recipient
    }

    /// An alarm goes by this (I-052).
    fn tell_age(&self, stored: &StoredDispatch) {
        let Some(settled) = &stored.progress.settled else {
            return;
        };
        let since = stored.dispatch.awaits_certificate_since(settled);
        let age_seconds = self.clock.now().duration_since(since).as_secs();
        let (dispatch_id, product) = (&stored.dispatch.id, stored.dispatch.product.name());
        info!(%dispatch_id, product, age_seconds, "sent the copies");
    }

    async fn to_sender(&self, case: &Case<'_>, account: &Account) -> Result<(), Failure> {
        let stored = case.certified;
        if self.is_done(stored, Party::Sender) {
            self.tell_age(stored);
            return Ok(());
        }
        let accepted = accepted_with(&self.tables, &stored.dispatch).await?;
        // A summary counts what was submitted; what comes afterwards is told on its own.
        if let (Some(token), None) = (&accepted.summary, stored.dispatch.adds_to()) {
            return self
                .count_for_summary(stored, account, &accepted, token)
                .await;
        }
        if gets_copy(Party::Sender, account, case.outcome) {
            let mail = OutgoingMail {
                from: self.service.mail_address().clone(),
                to: stored.dispatch.origin.sender().clone(),
                raw: self.compose(case, account, &accepted.subject).await?,
                tag: MailTag::Copy(stored.dispatch.id.clone()),
            };
            let send = async || self.mailer.send_mail(&mail).await;
            self.send(stored, Party::Sender, send).await?;
        }
        self.tell_age(stored);
        Ok(())
    }

    async fn to_recipient(&self, case: &Case<'_>, account: &Account) -> Result<(), Failure> {
        let about = case.about;
        match &about.dispatch.product {
            // It is certified to its sender alone.
            Product::Mail => return Ok(()),
            Product::Contract(_) | Product::Addendum(_) => {}
        }
        if self.is_done(case.certified, Party::Recipient) {
            return Ok(());
        }
        let token = &self.copy_token(case).await?;
        let is_mail_dead = about
            .progress
            .mail
            .fate
            .is_some_and(|fate| fate != Fate::Relayed);
        match &about.dispatch.recipient {
            // A copy to an address that took no offer would reach nobody.
            Recipient::Both { mobile: to, .. } if is_mail_dead => {
                self.to_telephone(case, account, token, to).await
            }
            Recipient::Mobile(to) => self.to_telephone(case, account, token, to).await,
            Recipient::Mail(to) | Recipient::Both { mail: to, .. } => {
                let mail = OutgoingMail {
                    from: self.service.contract_address().clone(),
                    to: to.clone(),
                    raw: self.compose_for_recipient(case, account, token, to).await?,
                    tag: MailTag::Copy(case.certified.dispatch.id.clone()),
                };
                let send = async || self.mailer.send_mail(&mail).await;
                self.send(case.certified, Party::Recipient, send).await
            }
        }
    }

    /// The token of the recipient's copy, the same however often it is sent. It is made now and no
    /// sooner, so that it proves what it should although answers were taken before.
    async fn copy_token(&self, case: &Case<'_>) -> Result<AnswerToken, Failure> {
        let fresh = CopyToken {
            token: AnswerToken::new(self.nonces.long_nonce()?),
            after_answers: case.about.progress.answers_taken,
        };
        let id = &case.certified.dispatch.id;
        Ok(self.tables.fix_copy_token(id, &fresh).await?.token)
    }

    /// A link: a telephone takes no file.
    async fn to_telephone(
        &self,
        case: &Case<'_>,
        account: &Account,
        token: &AnswerToken,
        to: &MobileNumber,
    ) -> Result<(), Failure> {
        let certified = &case.certified.dispatch;
        let link = self.links.to(Page::Copy, token);
        let text = copy_sms(&CopySms {
            sender_name: &account.company,
            link: &link,
            serial: &certified.serial.to_string(),
        });
        let sms = OutgoingSms {
            to: to.clone(),
            text,
        };
        let send = async || self.phone.send_sms(&sms).await;
        self.send(case.certified, Party::Recipient, send).await
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
            self.tables.move_copy(id, party, from, to).await
        };
        send_once(&self.clock, stored.copy_of(party), send, moves).await
    }

    async fn compose_for_recipient(
        &self,
        case: &Case<'_>,
        account: &Account,
        token: &AnswerToken,
        to: &EmailAddress,
    ) -> Result<Bytes, Failure> {
        let reply_to = self.service.reply_address(token);
        let reply_to = reply_to
            .map_err(|source| Failure::permanent_because("making a reply address", source))?;
        let party = ContractParty::Recipient {
            from: self.service.contract_address(),
            reply_to: &reply_to,
            answer_link: &self.links.to(Page::Offer, token),
        };
        self.compose_contract_copy(case, account, party, to).await
    }

    async fn compose_contract_copy(
        &self,
        case: &Case<'_>,
        account: &Account,
        party: ContractParty<'_>,
        to: &EmailAddress,
    ) -> Result<Bytes, Failure> {
        let dispatch = &case.certified.dispatch;
        let events = self.tables.events(&case.about.dispatch.id).await?;
        let answer = certified_answer(case.about, dispatch, &events);
        let copy = ContractCopy {
            party,
            to,
            company: &account.company,
            serial: &dispatch.serial,
            adds_to: case.adds_to,
            recipient: &dispatch.recipient,
            subject: &subject_of(&self.tables, dispatch).await?,
            outcome: &words::settled_words(
                &case.about.dispatch.product,
                case.outcome,
                answer.map(|(_, answer)| answer),
                &events,
            ),
            ended: case.outcome,
            pdf: &read_original(&self.originals, case.certified).await?,
        };
        let letterhead = self.letterhead(case.certified, account.settings.language);
        Ok(Bytes::from(contract_copy(&letterhead, &copy)))
    }

    fn letterhead<'a>(&'a self, stored: &'a StoredDispatch, language: Language) -> Letterhead<'a> {
        let dispatch = &stored.dispatch;
        Letterhead {
            service_domain: self.service.domain(),
            operator: self.service.operator(),
            language,
            id: dispatch.id.as_str(),
            thread: Some(&dispatch.thread),
            date: stored
                .progress
                .settled
                .map_or(dispatch.accepted_at, |settled| settled.at),
        }
    }

    async fn compose(
        &self,
        case: &Case<'_>,
        account: &Account,
        subject: &str,
    ) -> Result<Bytes, Failure> {
        let (stored, outcome) = (case.certified, case.outcome);
        let dispatch = &stored.dispatch;
        let letterhead = self.letterhead(stored, account.settings.language);
        if let Outcome::NotAttempted(reason) = outcome {
            let notice = NotAttemptedNotice {
                sender: dispatch.origin.sender(),
                company: &account.company,
                serial: &dispatch.serial,
                recipient: &dispatch.recipient,
                subject,
                reason,
            };
            return Ok(Bytes::from(not_attempted_notice(&letterhead, &notice)));
        }
        match &dispatch.product {
            Product::Mail => {
                let copy = CertificateCopy {
                    to: dispatch.origin.sender(),
                    account: &account.company,
                    serial: &dispatch.serial,
                    recipient: &dispatch.recipient,
                    subject,
                    outcome,
                    pdf: &read_original(&self.originals, stored).await?,
                };
                Ok(Bytes::from(certificate_copy(&letterhead, &copy)))
            }
            Product::Contract(_) => self.compose_contract_for_sender(case, account).await,
            Product::Addendum(addendum) => match addendum.reason {
                AddendumReason::LateAnswer => self.compose_contract_for_sender(case, account).await,
                AddendumReason::LateBounce => {
                    self.compose_late_bounce(case, account, addendum, subject)
                        .await
                }
            },
        }
    }

    async fn compose_contract_for_sender(
        &self,
        case: &Case<'_>,
        account: &Account,
    ) -> Result<Bytes, Failure> {
        let to = case.certified.dispatch.origin.sender();
        self.compose_contract_copy(case, account, ContractParty::Sender, to)
            .await
    }

    /// The addendum of a registered mail that came back after its outcome was settled.
    async fn compose_late_bounce(
        &self,
        case: &Case<'_>,
        account: &Account,
        addendum: &Addendum,
        subject: &str,
    ) -> Result<Bytes, Failure> {
        let missing = || Failure::permanent("telling of a bounce that is not there");
        let main = case.about;
        let events = self.tables.events(&main.dispatch.id).await?;
        let mut events = events.iter();
        let bounce = events.find(|event| event.id == addendum.event);
        let dispatch = &case.certified.dispatch;
        let copy = LateBounceCopy {
            to: dispatch.origin.sender(),
            account: &account.company,
            serial: &dispatch.serial,
            adds_to: &main.dispatch.serial,
            recipient: &dispatch.recipient,
            subject,
            before: main.progress.outcome().ok_or_else(missing)?,
            bounce: &words::event_words(&bounce.ok_or_else(missing)?.kind),
            pdf: &read_original(&self.originals, case.certified).await?,
        };
        let letterhead = self.letterhead(case.certified, account.settings.language);
        Ok(Bytes::from(late_bounce_copy(&letterhead, &copy)))
    }
}

/// What copies are sent of.
struct Case<'a> {
    /// The dispatch whose message it is about: of an addendum, the one that it adds to.
    about: &'a StoredDispatch,
    /// The serial of that, if it is an addendum.
    adds_to: Option<&'a Serial>,
    /// The dispatch that the certificate belongs to.
    certified: &'a StoredDispatch,
    /// How that ended.
    outcome: Outcome,
}
