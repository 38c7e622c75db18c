//! `send-copies`: mails the certificate to the sender, or says that nothing was attempted.

use bytes::Bytes;
use domain::{DispatchId, NoticeDecision, NoticeState, Outcome};
use mail::compose::{CertificateCopy, NotAttemptedNotice, certificate_copy, not_attempted_notice};
use sha2::{Digest, Sha256};

use crate::notice::send_notice;
use crate::ports::{
    Clock, DispatchStore, FindAccount, MailTag, OutgoingMail, ReadObject, SendMail, StoredDispatch,
};
use crate::wait::load;
use crate::{Failure, Service};

/// The step with its ports.
#[derive(Debug, Clone)]
pub struct SendCopies<Store, Accounts, Originals, Mailer, Time> {
    /// Keeps the dispatches.
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

impl<Store, Accounts, Originals, Mailer, Time>
    SendCopies<Store, Accounts, Originals, Mailer, Time>
where
    Store: DispatchStore,
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
        if stored.copy.decide(self.clock.now()) == NoticeDecision::Done
            || (outcome.is_certified() && !self.wants_certificates(&stored).await?)
        {
            return Ok(());
        }
        let mail = OutgoingMail {
            from: self.service.mail_address().clone(),
            to: stored.dispatch.sender.clone(),
            raw: self.compose(&stored, outcome).await?,
            tag: MailTag::Copy(id.clone()),
        };
        let moves = async |from: &NoticeState, to: &NoticeState| {
            self.store.move_copy(id, from, to).await
        };
        send_notice(&self.mailer, &self.clock, &stored.copy, &mail, moves).await
    }

    async fn wants_certificates(&self, stored: &StoredDispatch) -> Result<bool, Failure> {
        let account = self.accounts.find_account(stored.dispatch.serial.account()).await?;
        // A closed account keeps its certificates, but nobody asks for its mails any more.
        Ok(account.is_some_and(|account| account.settings.certificates_by_mail))
    }

    async fn compose(&self, stored: &StoredDispatch, outcome: Outcome) -> Result<Bytes, Failure> {
        let dispatch = &stored.dispatch;
        if !outcome.is_certified() {
            return Ok(Bytes::from(not_attempted_notice(&NotAttemptedNotice {
                dispatch_id: &dispatch.id,
                serial: &dispatch.serial,
                sender: &dispatch.sender,
                recipient: &dispatch.recipient,
                service_address: self.service.mail_address(),
                outcome,
                date: stored.progress.settled.map_or(dispatch.accepted_at, |settled| settled.at),
            })));
        }
        let certificate = stored.certificate.as_ref().ok_or_else(|| {
            Failure::permanent("sending a copy of a certificate that is not there")
        })?;
        let pdf = self
            .originals
            .read_object(&certificate.key)
            .await?
            .ok_or_else(|| Failure::permanent("reading an original that is not there"))?;
        // Copies are byte-identical to the original (I-054), or they are not sent.
        if Sha256::digest(&pdf).as_slice() != certificate.digest.as_bytes() {
            return Err(Failure::permanent("comparing an original with its recorded digest"));
        }
        Ok(Bytes::from(certificate_copy(&CertificateCopy {
            dispatch_id: &dispatch.id,
            serial: &dispatch.serial,
            sender: &dispatch.sender,
            recipient: &dispatch.recipient,
            service_address: self.service.mail_address(),
            outcome,
            digest: certificate.digest,
            pdf: &pdf,
            date: certificate.timestamped_at,
        })))
    }
}
