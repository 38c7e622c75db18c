//! `send-copies`: mails the certificate to the sender, or says that nothing was attempted.

use bytes::Bytes;
use domain::{Account, DispatchId, NoticeDecision, NoticeState, Outcome};
use mail::compose::{
    CertificateCopy, Letterhead, NotAttemptedNotice, certificate_copy, not_attempted_notice,
};
use sha2::{Digest, Sha256};

use crate::notice::send_notice;
use crate::ports::{
    Clock, DispatchStore, FindAccount, IntakeStore, MailTag, OutgoingMail, ReadObject, SendMail,
    StoredDispatch, StoredIntake,
};
use crate::wait::load;
use crate::{Failure, Service};

/// The step with its ports.
#[derive(Debug, Clone)]
pub struct SendCopies<Store, Accounts, Originals, Mailer, Time> {
    /// Keeps the dispatches and what was decided at intake.
    pub store: Store,
    /// Knows what each account chose.
    pub accounts: Accounts,
    /// The originals bucket.
    pub originals: Originals,
    /// The provider.
    pub mailer: Mailer,
    /// Says when a copy is sent.
    pub clock: Time,
    /// Who we are.
    pub service: Service,
}

impl<Store, Accounts, Originals, Mailer, Time> SendCopies<Store, Accounts, Originals, Mailer, Time>
where
    Store: DispatchStore + IntakeStore,
    Accounts: FindAccount,
    Originals: ReadObject,
    Mailer: SendMail,
    Time: Clock,
{
    /// Sends what the sender is to get, once; by the account's setting (I-035) nothing at all.
    ///
    /// # Errors
    /// Transient when a store or the provider fails, or another invocation may be sending right
    /// now; permanent when the stored original is not the one that was recorded.
    pub async fn run(&self, id: &DispatchId) -> Result<(), Failure> {
        let stored = load(&self.store, id).await?;
        let outcome = stored.progress.outcome().ok_or_else(|| {
            Failure::permanent("sending copies of a dispatch that is not settled")
        })?;
        if stored.copy.decide(self.clock.now()) == NoticeDecision::Done {
            return Ok(());
        }
        let account = self
            .accounts
            .find_account(stored.dispatch.serial.account())
            .await?
            .ok_or_else(|| Failure::permanent("finding the account of a dispatch"))?;
        if outcome.is_certified() && !account.settings.certificates_by_mail {
            return Ok(());
        }
        let mail = OutgoingMail {
            from: self.service.mail_address().clone(),
            to: stored.dispatch.sender.clone(),
            raw: self.compose(&stored, &account, outcome).await?,
            tag: MailTag::Copy(id.clone()),
        };
        let moves =
            async |from: &NoticeState, to: &NoticeState| self.store.move_copy(id, from, to).await;
        send_notice(&self.mailer, &self.clock, &stored.copy, &mail, moves).await
    }

    async fn compose(
        &self,
        stored: &StoredDispatch,
        account: &Account,
        outcome: Outcome,
    ) -> Result<Bytes, Failure> {
        let dispatch = &stored.dispatch;
        let subject = self.subject(stored).await?;
        let letterhead = Letterhead {
            service_domain: self.service.domain(),
            id: dispatch.id.as_str(),
            date: stored
                .progress
                .settled
                .map_or(dispatch.accepted_at, |settled| settled.at),
        };
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
        let copy = CertificateCopy {
            to: &dispatch.sender,
            account: &account.company,
            serial: &dispatch.serial,
            recipient: &dispatch.recipient,
            subject: &subject,
            outcome,
            pdf: &self.original(stored).await?,
        };
        Ok(Bytes::from(certificate_copy(&letterhead, &copy)))
    }

    async fn original(&self, stored: &StoredDispatch) -> Result<Bytes, Failure> {
        let certificate = stored.certificate.as_ref().ok_or_else(|| {
            Failure::permanent("sending a copy of a certificate that is not there")
        })?;
        let pdf = self
            .originals
            .read_object(&certificate.key)
            .await?
            .ok_or_else(|| Failure::permanent("reading an original that is not there"))?;
        // Copies are byte-identical to the original (I-054), or they are not sent.
        let digest: [u8; 32] = Sha256::digest(&pdf).into();
        if digest == *certificate.digest.as_bytes() {
            Ok(pdf)
        } else {
            Err(Failure::permanent(
                "comparing an original with its recorded digest",
            ))
        }
    }

    async fn subject(&self, stored: &StoredDispatch) -> Result<String, Failure> {
        match self.store.find_intake(&stored.dispatch.inbound).await? {
            Some(StoredIntake::Accepted { subject, .. }) => Ok(subject),
            Some(StoredIntake::Refused { .. }) | None => Err(Failure::permanent(
                "finding what was decided about an accepted mail",
            )),
        }
    }
}
