//! Shows the sender of a mail to many what became of each, and hands out the certificates: to
//! whoever has the link that stands in the summary.

use bytes::Bytes;
use domain::{DispatchId, Language, Serial, SubmissionId, SummaryToken, ZoneName};
use jiff::Timestamp;
use subtle::ConstantTimeEq as _;

use crate::certify::original::read_original;
use crate::dispatch::loading::load_account;
use crate::ports::{
    FindAccount, FindIntake, LoadDispatch, LoadDispatches, ReadObject, StoredDispatch, StoredIntake,
};
use crate::{Failure, Outside};

/// The step with its ports.
#[derive(Debug, Clone)]
pub struct ShowSummary<O: Outside> {
    /// Keeps accounts, dispatches and what was decided at intake.
    pub tables: O::Tables,
    /// The originals bucket.
    pub originals: O::Originals,
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownSummary {
    /// Its subject.
    pub subject: String,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// The zone of its account.
    pub zone: ZoneName,
    /// The language of its account.
    pub language: Language,
    /// Its dispatches, in the order of their recipients.
    pub dispatches: Vec<StoredDispatch>,
}

impl<O> ShowSummary<O>
where
    O: Outside,
    O::Tables: FindIntake + LoadDispatch + LoadDispatches + FindAccount,
    O::Originals: ReadObject,
{
    /// What became of the submission that this token opens; nothing for any other. Changes nothing.
    ///
    /// # Errors
    /// When a store fails, or an accepted submission has no account.
    pub async fn run(
        &self,
        id: &SubmissionId,
        token: &SummaryToken,
    ) -> Result<Option<ShownSummary>, Failure> {
        let Some(opened) = self.open(id, token).await? else {
            return Ok(None);
        };
        let ids: Vec<DispatchId> = id.dispatches(opened.recipients).collect();
        let dispatches = self.tables.load_all(&ids).await?;
        let Some(first) = dispatches.first() else {
            return Ok(None);
        };
        let account = load_account(&self.tables, &first.dispatch).await?;
        Ok(Some(ShownSummary {
            subject: opened.subject,
            accepted_at: first.dispatch.accepted_at,
            zone: account.settings.zone,
            language: account.settings.language,
            dispatches,
        }))
    }

    /// The certificate of the recipient with this number, from 1, if there is one.
    ///
    /// # Errors
    /// When a store fails, or the stored original is not the one that was recorded.
    pub async fn certificate(
        &self,
        id: &SubmissionId,
        token: &SummaryToken,
        number: usize,
    ) -> Result<Option<(Serial, Bytes)>, Failure> {
        let Some(opened) = self.open(id, token).await? else {
            return Ok(None);
        };
        let dispatch = number
            .checked_sub(1)
            .and_then(|position| id.dispatches(opened.recipients).nth(position));
        let Some(dispatch) = dispatch else {
            return Ok(None);
        };
        let stored = self.tables.load(&dispatch).await?;
        let Some(stored) = stored.filter(|stored| stored.certificate.is_some()) else {
            return Ok(None);
        };
        let pdf = read_original(&self.originals, &stored).await?;
        Ok(Some((stored.dispatch.serial, pdf)))
    }

    async fn open(
        &self,
        id: &SubmissionId,
        token: &SummaryToken,
    ) -> Result<Option<Opened>, Failure> {
        Ok(match self.tables.find_intake(id).await? {
            Some(StoredIntake::Accepted {
                recipients,
                subject,
                summary: Some(known),
                ..
            }) if is_same(&known, token) => Some(Opened {
                recipients,
                subject,
            }),
            Some(
                StoredIntake::Accepted { .. }
                | StoredIntake::Refused { .. }
                | StoredIntake::Unvouched { .. },
            )
            | None => None,
        })
    }
}

/// What a token opened.
struct Opened {
    recipients: usize,
    subject: String,
}

/// In the same time, however much of it is right.
fn is_same(known: &SummaryToken, token: &SummaryToken) -> bool {
    let (known, token) = (known.as_str().as_bytes(), token.as_str().as_bytes());
    known.ct_eq(token).into()
}
