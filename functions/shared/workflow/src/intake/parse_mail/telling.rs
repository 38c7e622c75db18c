//! What the sender of a mail is told about it.

use bytes::Bytes;
use domain::{
    DispatchId, Distrust, EmailAddress, Language, NoticeDecision, NoticeState, SubmissionId,
    UnvouchedCount,
};
use jiff::Timestamp;
use letters::mails::{
    AcceptanceNotice, AcceptanceReason, Letterhead, RefusalNotice, UnvouchedNotice,
    acceptance_notice, refusal_notice, unvouched_notice,
};
use mail::ParsedMail;

use super::{ParseMail, Refused};
use crate::dispatch::loading::load_account;
use crate::dispatch::progress::load;
use crate::notice::send_notice;
use crate::ports::{
    Clock, FindAccount, LoadDispatch, MailTag, OutgoingMail, RecordIntake, SendMail,
};
use crate::wire::Receipt;
use crate::{Failure, Outside};

impl<O> ParseMail<O>
where
    O: Outside,
    O::Tables: FindAccount + RecordIntake + LoadDispatch,
    O::Mailer: SendMail,
    O::Clock: Clock,
{
    /// What was accepted and for whom: where only SPF vouches for the recipients, and where
    /// the account wants to know.
    pub(super) async fn tell_of_acceptance(
        &self,
        receipt: &Receipt,
        ids: &[DispatchId],
        (subject, reason): (&str, AcceptanceReason),
        notice: &NoticeState,
    ) -> Result<(), Failure> {
        if notice.decide(self.clock.now()) == NoticeDecision::Done {
            return Ok(());
        }
        let mut latest = None;
        let mut dispatches = Vec::with_capacity(ids.len());
        for id in ids {
            let dispatch = load(&self.tables, id).await?.dispatch;
            dispatches.push((dispatch.serial.clone(), dispatch.recipient.clone()));
            latest = Some(dispatch);
        }
        let Some(dispatch) = latest else {
            return Ok(());
        };
        let account = load_account(&self.tables, &dispatch).await?;
        let sender = dispatch.origin.sender();
        let letter = AcceptanceNotice {
            sender,
            company: &account.company,
            reason,
            subject,
            accepted_at: dispatch.accepted_at,
            answer_until: dispatch.answer_until(),
            zone: &account.settings.zone,
            price_each: dispatch.price,
            dispatches: &dispatches,
        };
        let letterhead = self.letterhead(receipt, account.settings.language, dispatch.accepted_at);
        let raw = acceptance_notice(&letterhead, &letter);
        let tag = MailTag::Acceptance(receipt.id.clone());
        self.tell(receipt, sender.clone(), raw, tag, notice).await
    }

    /// That mails in the sender's name came which nothing vouches for. Who was taken off the
    /// allowlist meanwhile is a stranger and hears nothing.
    pub(super) async fn tell_of_unvouched(
        &self,
        receipt: &Receipt,
        sender: EmailAddress,
        refused_at: Timestamp,
        distrust: &Distrust,
        (count, notice): (&UnvouchedCount, &NoticeState),
    ) -> Result<(), Failure> {
        let Some(standing) = self.tables.find_standing(&sender).await? else {
            return Ok(());
        };
        let settings = &standing.account.settings;
        let letter = UnvouchedNotice {
            sender: &sender,
            count,
            distrust,
            zone: &settings.zone,
        };
        let letterhead = self.letterhead(receipt, settings.language, refused_at);
        let raw = unvouched_notice(&letterhead, &letter);
        let tag = MailTag::Refusal(receipt.id.clone());
        self.tell(receipt, sender, raw, tag, notice).await
    }

    /// Sends a notice about a mail to its registered sender, once.
    pub(super) async fn tell(
        &self,
        receipt: &Receipt,
        sender: EmailAddress,
        raw: Vec<u8>,
        tag: MailTag,
        notice: &NoticeState,
    ) -> Result<(), Failure> {
        let mail = OutgoingMail {
            from: self.service.mail_address().clone(),
            to: sender,
            raw: Bytes::from(raw),
            tag,
        };
        let moves = async |from: &NoticeState, to: &NoticeState| {
            let submission = SubmissionId::of_mail(&receipt.id);
            self.tables.move_intake_notice(&submission, from, to).await
        };
        send_notice(&self.mailer, &self.clock, notice, &mail, moves).await
    }

    pub(super) fn letterhead<'a>(
        &'a self,
        receipt: &'a Receipt,
        language: Language,
        date: Timestamp,
    ) -> Letterhead<'a> {
        Letterhead {
            service_domain: self.service.domain(),
            operator: self.service.operator(),
            language,
            id: receipt.id.as_str(),
            thread: None,
            date,
        }
    }

    pub(super) fn refusal(
        &self,
        receipt: &Receipt,
        mail: &ParsedMail<'_>,
        record: &Refused<'_>,
    ) -> Vec<u8> {
        let letterhead = self.letterhead(receipt, record.language, record.refused_at);
        let message_id = mail.message_id();
        let notice = RefusalNotice {
            sender: record.sender,
            company: &record.company,
            serial: record.serial,
            subject: &mail.subject(),
            message_id: message_id.as_deref(),
            refusals: record.reasons,
        };
        refusal_notice(&letterhead, &notice)
    }
}
