//! One mail about a submission of many recipients, when the last of its dispatches has ended.

use bytes::Bytes;
use domain::{Account, DispatchId, NoticeDecision, NoticeState, SummaryToken};
use jiff::Timestamp;
use letters::links::SummaryKey;
use letters::mails::{Letterhead, SummarizedDispatch, SummaryNotice, summary_notice};
use tracing::info;

use super::SendCopies;
use crate::dispatch::progress::AcceptedWith;
use crate::notice::send_notice;
use crate::ports::{
    Clock, KeepSummary, LoadDispatches, MailTag, OutgoingMail, SendMail, StoredDispatch,
};
use crate::{Failure, Outside};

impl<O> SendCopies<O>
where
    O: Outside,
    O::Tables: LoadDispatches + KeepSummary,
    O::Mailer: SendMail,
    O::Clock: Clock,
{
    /// Counts a dispatch that has come to its end. Whoever counts the last one, or finds that all
    /// are counted, sends the summary, unless it was sent.
    pub(super) async fn count_for_summary(
        &self,
        stored: &StoredDispatch,
        account: &Account,
        accepted: &AcceptedWith,
        token: &SummaryToken,
    ) -> Result<(), Failure> {
        let dispatch = &stored.dispatch;
        let progress = self.tables.count_ended(dispatch).await?;
        info!(dispatch_id = %dispatch.id, waiting = progress.waiting, "counted for a summary");
        let is_sent = progress.notice.decide(self.clock.now()) == NoticeDecision::Done;
        if progress.waiting > 0 || is_sent {
            return Ok(());
        }
        let ids: Vec<DispatchId> = dispatch
            .submission
            .dispatches(accepted.recipients)
            .collect();
        let all = self.tables.load_all(&ids).await?;
        let dispatches: Vec<SummarizedDispatch> = all.iter().filter_map(summarized).collect();
        if dispatches.len() < accepted.recipients {
            return Err(Failure::permanent("collecting what a summary is about"));
        }
        // What was not attempted is told, whatever the account chose (Q-5, I-035).
        let is_wanted = account.settings.certificates_by_mail
            || dispatches.iter().any(|one| one.certificate.is_none());
        if is_wanted {
            let raw = self.compose_summary(stored, account, accepted, token, &all, &dispatches);
            let mail = OutgoingMail {
                from: self.service.mail_address().clone(),
                to: dispatch.origin.sender().clone(),
                raw,
                tag: MailTag::Summary(dispatch.submission.clone()),
            };
            let moves = async |from: &NoticeState, to: &NoticeState| {
                self.tables
                    .move_summary(&dispatch.submission, from, to)
                    .await
            };
            send_notice(&self.mailer, &self.clock, &progress.notice, &mail, moves).await?;
        }
        self.tell_age_of_summary(stored);
        Ok(())
    }

    /// The same alarm goes by this as by the age of a copy (I-052).
    fn tell_age_of_summary(&self, stored: &StoredDispatch) {
        let dispatch = &stored.dispatch;
        let since = dispatch.accepted_at;
        let age_seconds = self.clock.now().duration_since(since).as_secs();
        let product = dispatch.product.name();
        info!(submission_id = %dispatch.submission, product, age_seconds, "sent the summary");
    }

    fn compose_summary(
        &self,
        stored: &StoredDispatch,
        account: &Account,
        accepted: &AcceptedWith,
        token: &SummaryToken,
        all: &[StoredDispatch],
        dispatches: &[SummarizedDispatch],
    ) -> Bytes {
        let dispatch = &stored.dispatch;
        let submission = &dispatch.submission;
        let letterhead = Letterhead {
            service_domain: self.service.domain(),
            operator: self.service.operator(),
            language: account.settings.language,
            id: submission.as_str(),
            thread: None,
            date: last_settled(all).unwrap_or(dispatch.accepted_at),
        };
        let key = SummaryKey {
            id: submission.clone(),
            token: token.clone(),
        };
        let link = self.links.to_list(&key);
        let notice = SummaryNotice {
            to: dispatch.origin.sender(),
            account: &account.company,
            subject: &accepted.subject,
            accepted_at: dispatch.accepted_at,
            zone: &account.settings.zone,
            link: &link,
            dispatches,
        };
        Bytes::from(summary_notice(&letterhead, &notice))
    }
}

/// None of a dispatch that has not come to its end.
fn summarized(stored: &StoredDispatch) -> Option<SummarizedDispatch> {
    let outcome = stored.progress.outcome()?;
    let certificate = stored.certificate.as_ref();
    if outcome.is_certified() && certificate.is_none() {
        return None;
    }
    Some(SummarizedDispatch {
        serial: stored.dispatch.serial.clone(),
        recipient: stored.dispatch.recipient.clone(),
        outcome,
        certificate: certificate.map(|certificate| certificate.digest),
    })
}

/// So that the same summary is the same mail, whoever sends it.
fn last_settled(all: &[StoredDispatch]) -> Option<Timestamp> {
    let settled = all.iter().filter_map(|stored| stored.progress.settled);
    settled.map(|settled| settled.at).max()
}
