//! `compose-certificate`: collects everything known about a dispatch and renders the draft.

mod evidence;
mod words;

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use certificate::{Evidence, FontSet, HtmlParts, render_around, text_of};
use domain::{Account, DispatchId, Event};
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
    pub(crate) authentication: &'a AuthenticationRecord,
    pub(crate) raw: &'a [u8],
    pub(crate) mail: &'a ParsedMail<'a>,
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
        let raw = self.raw(&stored).await?;
        let (evidence, html_part) = {
            let mail = ParsedMail::parse(&raw);
            let evidence = self.evidence(&stored, &raw, &mail, issued_at).await?;
            (evidence, mail.body().html.map(Cow::into_owned))
        };
        let draft = render_around(
            &evidence,
            raw.into(),
            html_part.as_deref(),
            None,
            &self.fonts,
        )
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
        let raw = self.raw(&stored).await?;
        let mail = ParsedMail::parse(&raw);
        let issued_at = stored.issued_at.unwrap_or_else(|| self.clock.now());
        let evidence = self.evidence(&stored, &raw, &mail, issued_at).await?;
        let html_parts = HtmlParts {
            of_original: mail.body().html.is_some(),
            of_answer: false,
        };
        Ok(text_of(&evidence, html_parts, &self.fonts))
    }

    async fn raw(&self, stored: &StoredDispatch) -> Result<Bytes, Failure> {
        self.objects
            .read_object(&keys::raw_mail(&stored.dispatch.inbound))
            .await?
            .ok_or_else(|| Failure::transient("reading a raw mail that is not there"))
    }

    async fn evidence(
        &self,
        stored: &StoredDispatch,
        raw: &[u8],
        mail: &ParsedMail<'_>,
        issued_at: jiff::Timestamp,
    ) -> Result<Evidence, Failure> {
        let events = self.store.events(&stored.dispatch.id).await?;
        let account = self.account(stored).await?;
        let authentication = self.authentication(stored).await?;
        evidence::collect(&Material {
            service: &self.service,
            stored,
            account: &account,
            events: &events,
            authentication: &authentication,
            raw,
            mail,
            issued_at,
        })
    }

    async fn account(&self, stored: &StoredDispatch) -> Result<Account, Failure> {
        let id = stored.dispatch.serial.account();
        let account = self.accounts.find_account(id).await?;
        account.ok_or_else(|| Failure::permanent("finding the account of a dispatch"))
    }

    async fn authentication(
        &self,
        stored: &StoredDispatch,
    ) -> Result<AuthenticationRecord, Failure> {
        match self.store.find_intake(&stored.dispatch.inbound).await? {
            Some(StoredIntake::Accepted { authentication, .. }) => {
                Ok(AuthenticationRecord::from_json(&authentication)?)
            }
            Some(StoredIntake::Refused { .. }) | None => Err(Failure::permanent(
                "finding what was decided about an accepted mail",
            )),
        }
    }
}
