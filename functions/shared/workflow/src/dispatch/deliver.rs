//! `deliver`: hands the message of one dispatch to the providers of its channels, once each.

mod message;
mod messages;

use domain::{Attempt, Channel, Command, Decision, DispatchId, Named, Observation};
use letters::links::Links;
use tracing::{info, warn};

use self::message::Message;
use crate::dispatch::failed_road::FailedRoadDesk;
use crate::dispatch::own_event::own_event;
use crate::dispatch::progress::{apply, complete_if_due, load};
use crate::ports::{
    Clock, CommitChange, CompleteWait, FindIntake, Handover, KeepRoadNotice, KeepWaitToken,
    LoadDispatch, ReadObject, SendMail, SendSms, StoredDispatch, WriteObject,
};
use crate::wire::Sending;
use crate::{Failure, Outside, Service};

/// The step with its ports.
#[derive(Debug, Clone)]
pub struct Deliver<O: Outside> {
    /// Keeps accounts, dispatches and what was decided at intake.
    pub tables: O::Tables,
    /// The inbound bucket.
    pub inbound: O::Inbound,
    /// The provider of mail.
    pub mailer: O::Mailer,
    /// The provider of SMS.
    pub phone: O::Phone,
    /// Tells the waiting workflow.
    pub waits: O::Waits,
    /// Says when an attempt is made.
    pub clock: O::Clock,
    /// Who we are.
    pub service: Service,
    /// How the other party can answer an offer.
    pub desk: AnswerDesk,
}

/// Where answers to offers are taken, beside the reply address, which always works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerDesk {
    /// Where the pages of the service are.
    pub links: Links,
    /// Whether our number takes answers by SMS.
    pub two_way_sms: TwoWaySms,
}

/// Whether our number takes answers by SMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TwoWaySms {
    /// It does.
    Available,
    /// The country or the provider has none.
    Unavailable,
}

impl<O> Deliver<O>
where
    O: Outside,
    O::Tables: LoadDispatch + CommitChange + KeepWaitToken + KeepRoadNotice + FindIntake,
    O::Inbound: ReadObject + WriteObject,
    O::Mailer: SendMail,
    O::Phone: SendSms,
    O::Waits: CompleteWait,
    O::Clock: Clock,
{
    /// Sends the message on each channel that is asked for, unless that was tried before; the wait
    /// for its outcome goes on under the token. Calling it again, after whatever failure, sends
    /// nothing a second time.
    ///
    /// # Errors
    /// Transient when a store fails, when a provider is busy, or when the stored mail is missing.
    pub async fn run(&self, sending: &Sending) -> Result<(), Failure> {
        let id = &sending.id;
        self.tables.keep_wait_token(id, &sending.token).await?;
        let mut stored = load(&self.tables, id).await?;
        let mut busy = None;
        for channel in sending.channels {
            if !stored.dispatch.course().takes(*channel) {
                continue;
            }
            // One busy provider does not keep the other channel waiting.
            if let Err(failure) = self.send_once(&stored, *channel).await {
                busy = busy.or(Some(failure));
            }
            stored = load(&self.tables, id).await?;
        }
        match busy {
            Some(failure) => Err(failure),
            None => {
                complete_if_due(&self.tables, &self.waits, id, &stored.progress).await?;
                let desk = FailedRoadDesk {
                    tables: &self.tables,
                    mailer: &self.mailer,
                    clock: &self.clock,
                    service: &self.service,
                };
                desk.tell(id, &stored.progress).await
            }
        }
    }

    async fn send_once(&self, stored: &StoredDispatch, channel: Channel) -> Result<(), Failure> {
        let id = &stored.dispatch.id;
        let is_new = stored.progress.leg(channel).attempt == Attempt::NotYet;
        if !is_new || stored.progress.settled.is_some() {
            return Ok(());
        }
        let message = self.message(stored, channel).await?;
        let delivered = self.keep(id, &message).await?;
        let event_of = |decision: &Decision, now| own_event(id, decision, now);
        let attempt = Command::Attempt(channel);
        let now = self.clock.now();
        let applied = apply(&self.tables, id, &attempt, Some(&delivered), event_of, now).await?;
        if !applied.sends {
            return Ok(());
        }
        let handover = match &message {
            Message::Mail(mail) => self.mailer.send_mail(mail).await,
            Message::Sms(sms, _) => self.phone.send_sms(sms).await,
        };
        self.learn(id, channel, handover).await
    }

    async fn learn(
        &self,
        id: &DispatchId,
        channel: Channel,
        handover: Handover,
    ) -> Result<(), Failure> {
        let observation = match handover {
            Handover::Accepted(message_id) => Observation::ProviderAccepted { message_id },
            Handover::Refused(reason) => Observation::ProviderRefused { reason },
            Handover::Busy(source) => {
                self.apply(id, &Command::Postpone(channel)).await?;
                return Err(Failure::Transient {
                    doing: "handing a message to a busy provider",
                    source: Some(source),
                });
            }
            Handover::Unknown(cause) => {
                // Not retried: the provider's Send event will tell, or the deadline will.
                let channel = channel.name();
                warn!(
                    dispatch_id = %id,
                    channel,
                    %cause,
                    "whether the provider accepted is unknown"
                );
                return Ok(());
            }
        };
        self.apply(id, &Command::Observe(channel, observation))
            .await?;
        info!(dispatch_id = %id, channel = channel.name(), "attempted");
        Ok(())
    }

    async fn apply(&self, id: &DispatchId, command: &Command) -> Result<(), Failure> {
        let event_of = |decision: &Decision, now| own_event(id, decision, now);
        let now = self.clock.now();
        apply(&self.tables, id, command, None, event_of, now)
            .await
            .map(|_| ())
    }
}
