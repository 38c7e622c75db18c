//! `record-event`: turns what providers report into events of a dispatch, and a settled outcome
//! into the next step of its workflow.

use domain::limits::EVENT_SIZE_BYTES_MAX;
use domain::{
    Answer, AnswerProof, AnswerRoad, AnswerStanding, Attempt, Channel, Command, Decision, Dispatch,
    DispatchId, EmailAddress, Event, EventSource, Fit, MobileNumber, ProviderReport,
};
use jiff::{SignedDuration, Timestamp};
use mail::shows_something;
use tracing::{info, warn};

use crate::answers::received::{Received, take};
use crate::dispatch::addendum::open_for_late_bounce;
use crate::dispatch::failed_road::FailedRoadDesk;
use crate::dispatch::own_event::own_event;
use crate::dispatch::progress::{apply, complete_if_due, load};
use crate::ports::{
    Clock, CommitChange, CompleteWait, FindByMessage, FindIntake, KeepRoadNotice, ListOffers,
    LoadDispatch, OpenAddendum, SendMail, StartDispatch,
};
use crate::wire::{EventInput, IncomingSms, Report, ReportedEvent, StepAnswer, parse_report};
use crate::{Failure, Outside, Service};

/// How long after the beginning of an attempt `deliver` may still be about to record the provider's
/// id; its function lives no longer. A log of an SMS that comes before is read once more later:
/// Lambda repeats a failed asynchronous invocation after one minute (P-023).
const HANDOVER_MAX: SignedDuration = SignedDuration::from_secs(60);

/// The step with its ports.
#[derive(Debug, Clone)]
pub struct RecordEvent<O: Outside> {
    /// Keeps the dispatches.
    pub tables: O::Tables,
    /// Tells the waiting workflow, or starts one for what comes too late to settle anything.
    pub machines: O::Machines,
    /// The provider of mail, for the notice of a failed road.
    pub mailer: O::Mailer,
    /// Says when an event is recorded.
    pub clock: O::Clock,
    /// Who we are.
    pub service: Service,
    /// The configuration set that our mails go out through.
    pub configuration_set: String,
}

impl<O> RecordEvent<O>
where
    O: Outside,
    O::Tables: LoadDispatch
        + CommitChange
        + FindByMessage
        + ListOffers
        + OpenAddendum
        + FindIntake
        + KeepRoadNotice,
    O::Machines: CompleteWait + StartDispatch,
    O::Mailer: SendMail,
    O::Clock: Clock,
{
    /// Records everything in the input. Safe to call with the same input any number of times.
    ///
    /// Returns the answer for the state machine when it asked about a deadline.
    ///
    /// # Errors
    /// When a record cannot be read (permanent) or a store fails.
    pub async fn run(&self, input: &EventInput) -> Result<Option<StepAnswer>, Failure> {
        match input {
            EventInput::Deadline { deadline } => {
                let id = deadline.dispatch_id.parse().map_err(|source| {
                    Failure::permanent_because("reading whose deadline passed", source)
                })?;
                self.pass_deadline(&id).await.map(Some)
            }
            EventInput::Notification(notification) => {
                for (message, published_at) in notification.messages() {
                    self.record_report(message, published_at).await?;
                }
                Ok(None)
            }
            EventInput::Logs(logs) => {
                for line in logs.lines()? {
                    self.record_report(&line, None).await?;
                }
                Ok(None)
            }
        }
    }

    async fn record_report(
        &self,
        record: &str,
        published_at: Option<Timestamp>,
    ) -> Result<(), Failure> {
        if record.len() > EVENT_SIZE_BYTES_MAX {
            return Err(Failure::permanent(
                "reading a provider's event that is too long to keep",
            ));
        }
        match parse_report(record, published_at)? {
            Report::OfMessage(report) => self.observe(&report).await,
            Report::Sms(sms) => self.take_sms(&sms).await,
            Report::OfNoConcern => {
                info!("ignored an event that says nothing about the way of a message");
                Ok(())
            }
        }
    }

    async fn observe(&self, report: &ReportedEvent) -> Result<(), Failure> {
        let Some(dispatch) = self.find_dispatch(report).await? else {
            let provider_message_id = report.message_id.as_str();
            info!(
                provider_message_id,
                "event of a message that is no dispatch"
            );
            return Ok(());
        };
        let id = &dispatch.id;
        let command = Command::Report(ProviderReport {
            channel: report.channel,
            message_id: report.message_id.clone(),
            fit: self.fit(report, &dispatch),
            observation: report.observation.clone(),
        });
        let event_of = |decision: &Decision, now| reported(report, decision, now);
        let now = self.clock.now();
        let applied = apply(&self.tables, id, &command, None, event_of, now).await?;
        info!(dispatch_id = %id, outcome = ?applied.progress.outcome(), "recorded an event");
        complete_if_due(&self.tables, &self.machines, id, &applied.progress).await?;
        let (tables, machines) = (&self.tables, &self.machines);
        open_for_late_bounce(tables, machines, &dispatch, &applied.progress, report, now).await?;
        let desk = FailedRoadDesk {
            tables: &self.tables,
            mailer: &self.mailer,
            clock: &self.clock,
            service: &self.service,
        };
        desk.tell(id, &applied.progress).await
    }

    /// Whether everything in a report but the provider's id speaks for this dispatch.
    fn fit(&self, report: &ReportedEvent, dispatch: &Dispatch) -> Fit {
        let is_tagged = report.dispatch.as_ref() == Some(&dispatch.id);
        let is_ours = report.configuration_set.as_ref() == Some(&self.configuration_set);
        let is_to_recipient = match report.recipients.as_slice() {
            [one] => {
                let one: Option<EmailAddress> = one.parse().ok();
                one.is_some() && one.as_ref() == dispatch.recipient.mail()
            }
            [] | [_, ..] => false,
        };
        if is_tagged && is_ours && is_to_recipient {
            Fit::Whole
        } else {
            Fit::Partial
        }
    }

    /// Whose answer an SMS is: the offer's that has it already, when it comes again; else the
    /// latest open offer's to its number; if none is open, the latest one's.
    async fn find_offer(&self, sms: &IncomingSms) -> Result<Option<DispatchId>, Failure> {
        let offers = self.tables.offers_to(&sms.from).await?;
        let mut open = None;
        for id in &offers {
            // The progress before the events: what this SMS settled holds it among its events.
            let stored = load(&self.tables, id).await?;
            let events = self.tables.events(id).await?;
            if events.iter().any(|event| event.id == sms.id) {
                return Ok(Some(id.clone()));
            }
            if open.is_none() && stored.progress.settled.is_none() {
                open = Some(id.clone());
            }
        }
        Ok(open.or(offers.into_iter().next()))
    }

    async fn take_sms(&self, sms: &IncomingSms) -> Result<(), Failure> {
        let Some(id) = self.find_offer(sms).await? else {
            info!("ignored an SMS from a number that got no offer");
            return Ok(());
        };
        let received = Received {
            id: sms.id,
            source: EventSource::Sns,
            verbatim: Some(sms.verbatim.clone()),
            answer: Answer {
                road: AnswerRoad::Sms {
                    from: sms.from.clone(),
                    to: sms.to.clone(),
                    message_id: sms.message_id.clone(),
                },
                standing: if shows_something(&sms.text) {
                    AnswerStanding::Recipient
                } else {
                    AnswerStanding::Empty
                },
                proof: AnswerProof::CallerId,
                received_at: sms.at.unwrap_or_else(|| self.clock.now()),
                text: sms.text.clone(),
                authentication: None,
            },
        };
        let now = self.clock.now();
        take(&self.tables, &self.machines, &id, &received, now)
            .await
            .map(|_| ())
    }

    /// Our own tag says which dispatch an event is about; otherwise the provider's id does.
    async fn find_dispatch(&self, report: &ReportedEvent) -> Result<Option<Dispatch>, Failure> {
        let (channel, message) = (report.channel, &report.message_id);
        let id = match &report.dispatch {
            Some(id) => id.clone(),
            None => match self
                .tables
                .find_by_provider_message(channel, message)
                .await?
            {
                Some(id) => id,
                None => return self.find_by_number(report).await,
            },
        };
        let stored = self.tables.load(&id).await?;
        if stored.is_none() {
            warn!(dispatch_id = %id, "event of a dispatch that does not exist");
        }
        Ok(stored.map(|stored| stored.dispatch))
    }

    /// A log of an SMS may come before `deliver` has recorded the provider's id, or before the
    /// index follows: then one of the latest offers to its number is the one. All else is an SMS
    /// that is no dispatch: a code, a link to a copy, or another product's in the same account,
    /// whose logs are the account's
    /// (<https://docs.aws.amazon.com/sns/latest/dg/sms_stats_cloudwatch.html>).
    async fn find_by_number(&self, report: &ReportedEvent) -> Result<Option<Dispatch>, Failure> {
        let message = &report.message_id;
        let number = match (report.channel, report.recipients.as_slice()) {
            (Channel::Sms, [number]) => number.parse::<MobileNumber>().ok(),
            (Channel::Sms | Channel::Mail, _) => None,
        };
        let Some(number) = number else {
            return Ok(None);
        };
        let mut is_underway = false;
        for id in self.tables.offers_to(&number).await? {
            let stored = load(&self.tables, &id).await?;
            match &stored.progress.sms.attempt {
                Attempt::ProviderAccepted { message_id, .. } if message_id == message => {
                    return Ok(Some(stored.dispatch));
                }
                Attempt::Underway { since } => {
                    let age = self.clock.now().duration_since(*since);
                    is_underway = is_underway || age < HANDOVER_MAX;
                }
                Attempt::ProviderAccepted { .. } | Attempt::NotYet => {}
            }
        }
        if is_underway {
            return Err(Failure::transient(
                "finding the dispatch of an SMS while one to its number is being handed over",
            ));
        }
        Ok(None)
    }

    async fn pass_deadline(&self, id: &DispatchId) -> Result<StepAnswer, Failure> {
        let event_of = |decision: &Decision, now| own_event(id, decision, now);
        let now = self.clock.now();
        let applied = apply(
            &self.tables,
            id,
            &Command::PassDeadline,
            None,
            event_of,
            now,
        )
        .await?;
        match applied.progress.outcome() {
            Some(outcome) => Ok(StepAnswer::of(id, outcome)),
            None => Err(Failure::transient("settling a dispatch at its deadline")),
        }
    }
}

fn reported(report: &ReportedEvent, decision: &Decision, now: Timestamp) -> Option<Event> {
    Some(Event {
        id: report.id,
        kind: decision.event.clone()?,
        source: match report.channel {
            Channel::Mail => EventSource::Ses,
            Channel::Sms => EventSource::Sns,
        },
        at: report.at,
        recorded_at: now,
        is_supplementary: decision.is_supplementary,
        verbatim: Some(report.verbatim.clone()),
    })
}
