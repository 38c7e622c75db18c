//! `compose-certificate`: collects everything known about a dispatch and renders the draft.

mod contract;
mod evidence;
pub(crate) mod words;

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use certificate::{EmbeddedMail, Evidence, FontSet, HtmlParts, render_around, text_of};
use domain::{
    Account, Answer, AnswerRoad, DispatchId, Event, EventKind, InboundMessageId, Outcome,
};
use mail::ParsedMail;
use tracing::info;

use crate::ports::{
    Clock, DispatchStore, FindAccount, IntakeStore, ReadObject, StoredDispatch, StoredIntake,
    WriteObject,
};
use crate::wait::load;
use crate::wire::AuthenticationRecord;
use crate::{Failure, Service, keys};

/// The step with its ports.
#[derive(Debug)]
pub struct ComposeCertificate<Store, Accounts, Objects, Time> {
    /// Keeps the dispatches and what was decided at intake.
    pub store: Store,
    /// Knows the account.
    pub accounts: Accounts,
    /// The inbound bucket.
    pub objects: Objects,
    /// Says when a certificate is issued.
    pub clock: Time,
    /// Who we are.
    pub service: Service,
    /// What pages are set in; parsed once and shared.
    pub fonts: Arc<FontSet>,
}

/// What a certificate is made of.
pub(crate) struct Material<'a> {
    pub(crate) service: &'a Service,
    pub(crate) stored: &'a StoredDispatch,
    pub(crate) account: &'a Account,
    pub(crate) events: &'a [Event],
    pub(crate) subject: &'a str,
    pub(crate) authentication: &'a AuthenticationRecord,
    pub(crate) raw: &'a [u8],
    pub(crate) mail: &'a ParsedMail<'a>,
    pub(crate) answer: Option<&'a Answer>,
    pub(crate) answer_mail: Option<(&'a [u8], &'a ParsedMail<'a>)>,
    pub(crate) issued_at: jiff::Timestamp,
}

impl<Store, Accounts, Objects, Time> ComposeCertificate<Store, Accounts, Objects, Time>
where
    Store: DispatchStore + IntakeStore,
    Accounts: FindAccount,
    Objects: ReadObject + WriteObject,
    Time: Clock,
{
    /// Renders the draft of a settled dispatch's certificate, unless the certificate is stored.
    ///
    /// # Errors
    /// Transient when a store fails or the original mail is missing; permanent when the dispatch
    /// is not settled or the pages cannot be made.
    pub async fn run(&self, id: &DispatchId) -> Result<(), Failure> {
        let stored = load(&self.store, id).await?;
        if stored.certificate.is_some() {
            return Ok(());
        }
        let issued_at = self.store.fix_issued_at(id, self.clock.now()).await?;
        let raw = self.raw(&stored.dispatch.inbound).await?;
        let collected = self.collect(&stored, &raw, issued_at).await?;
        let answer = collected.answer.as_ref().map(Attached::embedded);
        let html_part = collected.html_part.as_deref();
        let evidence = &collected.evidence;
        let draft = render_around(evidence, raw.into(), html_part, answer, &self.fonts)
            .map_err(|source| Failure::permanent_because("rendering a certificate", source))?;
        self.objects
            .write_object(&keys::draft(id), Bytes::from(draft))
            .await?;
        info!(dispatch_id = %id, "composed a certificate");
        Ok(())
    }

    /// The content of a settled dispatch's certificate as plain text, made from the same document
    /// as its pages. Writes nothing.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn text(&self, id: &DispatchId) -> Result<String, Failure> {
        let stored = load(&self.store, id).await?;
        let raw = self.raw(&stored.dispatch.inbound).await?;
        let issued_at = stored.issued_at.unwrap_or_else(|| self.clock.now());
        let collected = self.collect(&stored, &raw, issued_at).await?;
        let answer = collected.answer.as_ref();
        let html_parts = HtmlParts {
            of_original: collected.html_part.is_some(),
            of_answer: answer.is_some_and(|answer| answer.html_part.is_some()),
        };
        Ok(text_of(&collected.evidence, html_parts, &self.fonts))
    }

    async fn raw(&self, inbound: &InboundMessageId) -> Result<Bytes, Failure> {
        self.objects
            .read_object(&keys::raw_mail(inbound))
            .await?
            .ok_or_else(|| Failure::transient("reading a raw mail that is not there"))
    }

    async fn collect(
        &self,
        stored: &StoredDispatch,
        raw: &[u8],
        issued_at: jiff::Timestamp,
    ) -> Result<Collected, Failure> {
        let events = self.store.events(&stored.dispatch.id).await?;
        let account = self.account(stored).await?;
        let (subject, authentication) = self.intake(stored).await?;
        let answer = answer_that_settled(stored, &events);
        let answer_raw = match answer.map(|answer| &answer.road) {
            Some(AnswerRoad::Mail { inbound, .. }) => Some(self.raw(inbound).await?),
            Some(AnswerRoad::Sms { .. } | AnswerRoad::Link { .. }) | None => None,
        };
        let answer_mail = answer_raw.as_ref().map(|raw| ParsedMail::parse(raw));
        let mail = ParsedMail::parse(raw);
        let evidence = evidence::collect(&Material {
            service: &self.service,
            stored,
            account: &account,
            events: &events,
            subject: &subject,
            authentication: &authentication,
            raw,
            mail: &mail,
            answer,
            answer_mail: answer_raw.as_deref().zip(answer_mail.as_ref()),
            issued_at,
        })?;
        let answer_html = answer_mail.as_ref().and_then(html_part);
        Ok(Collected {
            evidence,
            html_part: html_part(&mail),
            answer: answer_raw.clone().map(|eml| Attached {
                eml,
                html_part: answer_html,
            }),
        })
    }

    async fn account(&self, stored: &StoredDispatch) -> Result<Account, Failure> {
        let id = stored.dispatch.serial.account();
        let account = self.accounts.find_account(id).await?;
        account.ok_or_else(|| Failure::permanent("finding the account of a dispatch"))
    }

    async fn intake(
        &self,
        stored: &StoredDispatch,
    ) -> Result<(String, AuthenticationRecord), Failure> {
        match self.store.find_intake(&stored.dispatch.inbound).await? {
            Some(StoredIntake::Accepted {
                authentication,
                subject,
                ..
            }) => Ok((subject, AuthenticationRecord::from_json(&authentication)?)),
            Some(StoredIntake::Refused { .. }) | None => Err(Failure::permanent(
                "finding what was decided about an accepted mail",
            )),
        }
    }
}

/// What a certificate says, and what is embedded in it beside the original.
struct Collected {
    evidence: Evidence,
    html_part: Option<Vec<u8>>,
    answer: Option<Attached>,
}

/// A mail that is embedded.
struct Attached {
    eml: Bytes,
    html_part: Option<Vec<u8>>,
}

impl Attached {
    fn embedded(&self) -> EmbeddedMail<'_> {
        EmbeddedMail {
            eml: &self.eml,
            html_part: self.html_part.as_deref(),
        }
    }
}

fn html_part(mail: &ParsedMail<'_>) -> Option<Vec<u8>> {
    mail.body().html.map(Cow::into_owned)
}

/// The answer that settled a contract: the first of the recipient that was not late. Those that
/// came afterwards are supplementary events.
fn answer_that_settled<'a>(stored: &StoredDispatch, events: &'a [Event]) -> Option<&'a Answer> {
    if stored.progress.outcome() != Some(Outcome::Answered) {
        return None;
    }
    let offer = stored.dispatch.offer()?;
    let decisive = events.iter().filter(|event| !event.is_supplementary);
    let mut answers = decisive.filter_map(|event| {
        let EventKind::AnswerReceived(answer) = &event.kind else {
            return None;
        };
        Some(answer)
    });
    answers.find(|answer| answer.is_of_recipient() && answer.received_at <= offer.answer_until)
}
