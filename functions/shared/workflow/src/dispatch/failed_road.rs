//! Tells the sender of a contract that one of its two roads failed, while the other goes on.

use bytes::Bytes;
use domain::{Channel, DispatchId, Fate, Named, NoticeDecision, NoticeState, Progress};
use letters::mails::{FailedRoadNotice, Letterhead, failed_road_notice};
use tracing::info;

use crate::dispatch::progress::{accepted_with, load};
use crate::notice::send_notice;
use crate::ports::{
    Clock, FindIntake, KeepRoadNotice, LoadDispatch, MailTag, OutgoingMail, SendMail,
    StoredDispatch,
};
use crate::{Failure, Service};

/// What it takes to tell.
pub(crate) struct FailedRoadDesk<'a, Tables, Mailer, Time> {
    pub(crate) tables: &'a Tables,
    pub(crate) mailer: &'a Mailer,
    pub(crate) clock: &'a Time,
    pub(crate) service: &'a Service,
}

impl<Tables, Mailer, Time> FailedRoadDesk<'_, Tables, Mailer, Time>
where
    Tables: LoadDispatch + FindIntake + KeepRoadNotice,
    Mailer: SendMail,
    Time: Clock,
{
    /// Tells of the road that failed, once, whoever comes by how often. A crash between recording
    /// and telling heals with the next event or retry. Once the contract is settled nobody is told:
    /// its certificate says what became of each road.
    pub(crate) async fn tell(&self, id: &DispatchId, progress: &Progress) -> Result<(), Failure> {
        let is_none_failed = Channel::ALL.into_iter().all(|channel| {
            progress
                .leg(channel)
                .fate
                .is_none_or(|fate| fate == Fate::Relayed)
        });
        if is_none_failed || progress.settled.is_some() {
            return Ok(());
        }
        let stored = load(self.tables, id).await?;
        let course = stored.dispatch.course();
        let Some((failed, fate)) = stored.progress.failed_road(course) else {
            return Ok(());
        };
        if stored.road_notice.decide(self.clock.now()) == NoticeDecision::Done {
            return Ok(());
        }
        let mail = OutgoingMail {
            from: self.service.mail_address().clone(),
            to: stored.dispatch.origin.sender().clone(),
            raw: self.compose(&stored, failed, fate).await?,
            tag: MailTag::FailedRoad(id.clone()),
        };
        let moves = async |from: &NoticeState, to: &NoticeState| {
            self.tables.move_road_notice(id, from, to).await
        };
        send_notice(self.mailer, self.clock, &stored.road_notice, &mail, moves).await?;
        info!(dispatch_id = %id, channel = failed.name(), "told of a failed road");
        Ok(())
    }

    async fn compose(
        &self,
        stored: &StoredDispatch,
        failed: Channel,
        fate: Fate,
    ) -> Result<Bytes, Failure> {
        let dispatch = &stored.dispatch;
        let accepted = accepted_with(self.tables, dispatch).await?;
        let letterhead = Letterhead {
            service_domain: self.service.domain(),
            operator: self.service.operator(),
            language: accepted.terms.language,
            id: dispatch.id.as_str(),
            thread: None,
            date: self.clock.now(),
        };
        let notice = FailedRoadNotice {
            sender: dispatch.origin.sender(),
            company: &accepted.terms.company,
            serial: &dispatch.serial,
            recipient: &dispatch.recipient,
            subject: &accepted.subject,
            failed,
            fate,
        };
        Ok(Bytes::from(failed_road_notice(&letterhead, &notice)))
    }
}
