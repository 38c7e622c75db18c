//! `deliver`: hands the message of one dispatch to the provider, once.

use bytes::Bytes;
use domain::{Attempt, Command, Decision, Dispatch, DispatchId, Observation, Sha256Digest};
use mail::ParsedMail;
use mail::compose::{Letterhead, Relay, relay};
use sha2::{Digest, Sha256};
use tracing::{info, warn};

use crate::ports::{
    Clock, CompleteWait, DeliveredMessage, DispatchStore, Handover, MailTag, OutgoingMail,
    ReadObject, SendMail, WaitToken, WriteObject,
};
use crate::record_event::own_event;
use crate::wait::{Applied, apply, complete_if_settled, load};
use crate::{Failure, Service, keys};

/// The step with its ports.
#[derive(Debug, Clone)]
pub struct Deliver<Store, Objects, Mailer, Waits, Time> {
    /// Keeps the dispatches.
    pub store: Store,
    /// The inbound bucket.
    pub objects: Objects,
    /// The provider.
    pub mailer: Mailer,
    /// Tells the waiting workflow.
    pub waits: Waits,
    /// Says when an attempt is made.
    pub clock: Time,
    /// Who we are.
    pub service: Service,
}

impl<Store, Objects, Mailer, Waits, Time> Deliver<Store, Objects, Mailer, Waits, Time>
where
    Store: DispatchStore,
    Objects: ReadObject + WriteObject,
    Mailer: SendMail,
    Waits: CompleteWait,
    Time: Clock,
{
    /// Sends the message unless that was tried before; the wait for its outcome goes on under
    /// `token`. Calling it again, after whatever failure, sends nothing a second time.
    ///
    /// # Errors
    /// Transient when a store fails, when the provider is busy, or when the stored mail is
    /// missing.
    pub async fn run(&self, id: &DispatchId, token: &WaitToken) -> Result<(), Failure> {
        self.store.keep_wait_token(id, token).await?;
        let stored = load(&self.store, id).await?;
        if stored.progress.attempt != Attempt::NotYet {
            let progress = &stored.progress;
            return complete_if_settled(&self.store, &self.waits, id, progress).await;
        }
        let mail = self.relayed_mail(&stored.dispatch).await?;
        let delivered = self.keep_delivered(id, &mail.raw).await?;
        let applied = self.apply(id, &Command::Attempt, Some(&delivered)).await?;
        if applied.sends {
            self.send(id, &mail).await
        } else {
            complete_if_settled(&self.store, &self.waits, id, &applied.progress).await
        }
    }

    async fn send(&self, id: &DispatchId, mail: &OutgoingMail) -> Result<(), Failure> {
        let observation = match self.mailer.send_mail(mail).await {
            Handover::Accepted(message_id) => Observation::ProviderAccepted { message_id },
            Handover::Refused(reason) => Observation::ProviderRefused { reason },
            Handover::Busy(source) => {
                self.apply(id, &Command::Postpone, None).await?;
                return Err(Failure::Transient {
                    doing: "handing a message to a busy provider",
                    source: Some(source),
                });
            }
            Handover::Unknown(cause) => {
                // Not retried: the provider's Send event will tell, or the deadline will.
                warn!(dispatch_id = %id, %cause, "whether the provider accepted is unknown");
                return Ok(());
            }
        };
        let applied = self.apply(id, &Command::Observe(observation), None).await?;
        info!(dispatch_id = %id, attempt = applied.progress.attempt.name(), "attempted");
        complete_if_settled(&self.store, &self.waits, id, &applied.progress).await
    }

    async fn apply(
        &self,
        id: &DispatchId,
        command: &Command,
        delivered: Option<&DeliveredMessage>,
    ) -> Result<Applied, Failure> {
        let event_of = |decision: &Decision, now| own_event(id, decision, now);
        apply(
            &self.store,
            id,
            command,
            delivered,
            event_of,
            self.clock.now(),
        )
        .await
    }

    /// The message for the recipient; the same bytes whenever it is made.
    async fn relayed_mail(&self, dispatch: &Dispatch) -> Result<OutgoingMail, Failure> {
        let raw = self
            .objects
            .read_object(&keys::raw_mail(&dispatch.inbound))
            .await?
            .ok_or_else(|| Failure::transient("reading a raw mail that is not there"))?;
        let parsed = ParsedMail::parse(&raw);
        let letterhead = Letterhead {
            service_domain: self.service.domain(),
            id: dispatch.id.as_str(),
            date: dispatch.accepted_at,
        };
        let sender_name = parsed.from_display_name();
        let message = Relay {
            original: &parsed,
            sender: &dispatch.sender,
            sender_name: sender_name.as_deref(),
            recipient: &dispatch.recipient,
            serial: &dispatch.serial,
        };
        let message = relay(&letterhead, &message);
        Ok(OutgoingMail {
            from: self.service.mail_address().clone(),
            to: dispatch.recipient.clone(),
            raw: Bytes::from(message),
            tag: MailTag::Dispatch(dispatch.id.clone()),
        })
    }

    async fn keep_delivered(
        &self,
        id: &DispatchId,
        raw: &Bytes,
    ) -> Result<DeliveredMessage, Failure> {
        let key = keys::delivered_mail(id);
        self.objects.write_object(&key, raw.clone()).await?;
        Ok(DeliveredMessage {
            key,
            digest: Sha256Digest::new(Sha256::digest(raw).into()),
            size_bytes: u64::try_from(raw.len()).unwrap_or(u64::MAX),
        })
    }
}
