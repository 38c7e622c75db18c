//! `compose-certificate`: collects everything known about a dispatch and renders the draft.

mod addendum;
mod contract;
mod earlier;
mod evidence;
mod material;
mod others;

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use certificate::{
    CLOCK_DIFFERENCE_MAX, DELIVERED_BYTES_MAX, DeliveredMessage, Embedded, EmbeddedMail, Evidence,
    render, render_around, text_of,
};
use domain::limits::{ISSUE_HOURS_MAX, MESSAGE_SIZE_BYTES_MAX};
use domain::{
    Answer, AnswerRoad, AuthenticationEvidence, DispatchId, Event, Origin, Sha256Digest, Terms,
};
use jiff::{SignedDuration, Timestamp};
use letters::links::Links;
use mail::ParsedMail;
use paper::FontSet;
use readers::{digest_of, size_of};
use tracing::info;

use self::material::Material;
use self::others::Others;
use crate::answers::of_contract::certified_answer;
use crate::certify::signing::SigningConfiguration;
use crate::dispatch::loading::load_raw;
use crate::dispatch::progress::load;
use crate::ports::{
    Clock, ComposedDraft, FindIntake, LoadDispatch, PrepareIssue, ReadObject, StoredDispatch,
    StoredIntake, WriteObject,
};
use crate::{Failure, Outside, Service, keys};

/// The step with its ports.
#[derive(Debug)]
pub struct ComposeCertificate<O: Outside> {
    /// Keeps dispatches and what was decided at intake.
    pub tables: O::Tables,
    /// The inbound bucket.
    pub inbound: O::Inbound,
    /// Says when a certificate is issued.
    pub clock: O::Clock,
    /// Who we are.
    pub service: Service,
    /// Where the pages are whose address a certificate prints.
    pub links: Links,
    /// With what certificates are signed: their pages name it.
    pub signing: Arc<SigningConfiguration>,
    /// What pages are set in; parsed once and shared.
    pub fonts: Arc<FontSet>,
}

impl<O> ComposeCertificate<O>
where
    O: Outside,
    O::Tables: LoadDispatch + PrepareIssue + FindIntake,
    O::Inbound: ReadObject + WriteObject,
    O::Clock: Clock,
{
    /// Renders the draft of a settled dispatch's certificate, unless the certificate is stored.
    ///
    /// # Errors
    /// Transient when a store fails, the original mail is missing, or a provider tells of what has
    /// not happened yet; permanent when the dispatch is not settled or the pages cannot be made;
    /// [`Failure::CertificateAwaited`] when the certificate that an addendum adds to is not stored
    /// yet.
    pub async fn run(&self, id: &DispatchId) -> Result<(), Failure> {
        let certified = self.find(id).await?;
        if certified.holder().certificate.is_some() {
            return Ok(());
        }
        let issued_at = self.issue(id).await?;
        let Origin::Mail { inbound, .. } = &certified.stored.dispatch.origin;
        let raw = load_raw(&self.inbound, inbound).await?;
        let collected = self.collect(&certified, &raw, issued_at).await?;
        let others = collected.others();
        let beside = collected.beside(&others);
        let evidence = &collected.evidence;
        self.check_clocks(evidence)?;
        let draft = match &certified.addendum {
            None => {
                let html_part = collected.html_part.as_deref();
                render_around(evidence, raw.into(), html_part, beside, &self.fonts)
            }
            Some(_) => render(evidence, beside, &self.fonts),
        };
        let draft = draft
            .map_err(|source| Failure::permanent_because("rendering a certificate", source))?;
        let composed = ComposedDraft {
            digest: digest_of(&draft),
            signer: self.signer()?,
        };
        self.inbound
            .write_object(&keys::draft(id), Bytes::from(draft))
            .await?;
        // What anybody writes to the same place later is not signed.
        self.tables.record_draft(id, &composed).await?;
        info!(dispatch_id = %id, "composed a certificate");
        Ok(())
    }

    /// The content of a settled dispatch's certificate as plain text, made from the same document
    /// as its pages. Writes nothing.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn text(&self, id: &DispatchId) -> Result<String, Failure> {
        let certified = self.find(id).await?;
        let Origin::Mail { inbound, .. } = &certified.stored.dispatch.origin;
        let raw = load_raw(&self.inbound, inbound).await?;
        let issued_at = certified.holder().issued_at;
        let issued_at = issued_at.unwrap_or_else(|| self.clock.now());
        let collected = self.collect(&certified, &raw, issued_at).await?;
        let original = EmbeddedMail {
            eml: &raw,
            html_part: collected.html_part.as_deref(),
        };
        let others = collected.others();
        let embedded = Embedded {
            original: certified.addendum.is_none().then_some(original),
            ..collected.beside(&others)
        };
        Ok(text_of(&collected.evidence, embedded, &self.fonts))
    }

    /// Fixes the time of issue at the first try. What could not be signed for days is issued anew:
    /// its first timestamp has to fit.
    async fn issue(&self, id: &DispatchId) -> Result<Timestamp, Failure> {
        let now = self.clock.now();
        let issued_at = self.tables.fix_issued_at(id, now).await?;
        if now.duration_since(issued_at) <= SignedDuration::from_hours(ISSUE_HOURS_MAX) {
            return Ok(issued_at);
        }
        Ok(self.tables.issue_anew(id, issued_at, now).await?)
    }

    /// A provider whose clock is fast tells of times that no timestamp of today comes after, and a
    /// verifier believes no certificate with such a time. It is tried again, and then parked.
    fn check_clocks(&self, evidence: &Evidence) -> Result<(), Failure> {
        let ahead = evidence.timeline().last_event_at;
        if ahead.duration_since(self.clock.now()) > CLOCK_DIFFERENCE_MAX {
            return Err(Failure::transient(
                "certifying an event whose time, by its provider's clock, is still to come",
            ));
        }
        Ok(())
    }

    fn signer(&self) -> Result<Sha256Digest, Failure> {
        let missing = || Failure::permanent("naming the signer of an empty chain");
        self.signing.signer_fingerprint().ok_or_else(missing)
    }

    async fn find(&self, id: &DispatchId) -> Result<Certified, Failure> {
        let stored = load(&self.tables, id).await?;
        let Some(contract) = stored.dispatch.adds_to() else {
            return Ok(Certified {
                stored,
                addendum: None,
            });
        };
        let contract = load(&self.tables, contract).await?;
        if contract.certificate.is_none() {
            return Err(Failure::CertificateAwaited);
        }
        Ok(Certified {
            stored: contract,
            addendum: Some(stored),
        })
    }

    async fn collect(
        &self,
        certified: &Certified,
        raw: &[u8],
        issued_at: Timestamp,
    ) -> Result<Collected, Failure> {
        let stored = &certified.stored;
        let events = self.tables.events(&stored.dispatch.id).await?;
        let accepted = self.intake(stored).await?;
        let answer = certified.answer(&events);
        let answer_raw = match answer.map(|(_, answer)| &answer.road) {
            Some(AnswerRoad::Mail { inbound, .. }) => Some(load_raw(&self.inbound, inbound).await?),
            Some(AnswerRoad::Sms { .. } | AnswerRoad::Link { .. }) | None => None,
        };
        let answer_mail = answer_raw.as_ref().map(|raw| ParsedMail::parse(raw));
        let mail = ParsedMail::parse(raw);
        // An addendum leaves it to the certificate that it adds to.
        let delivered = match &certified.addendum {
            None => self.delivered(stored).await?,
            Some(_) => None,
        };
        let holder = &certified.holder().dispatch;
        let others = Others::read(&self.inbound, holder, &events, issued_at).await?;
        let evidence = evidence::collect(&Material {
            service: &self.service,
            links: &self.links,
            signer: self.signer()?,
            authorities: &self.signing.authorities,
            stored,
            addendum: certified.addendum.as_ref(),
            terms: &accepted.terms,
            events: &events,
            subject: &accepted.subject,
            authentication: &accepted.authentication,
            raw,
            mail: &mail,
            answer,
            answer_mail: answer_raw.as_deref().zip(answer_mail.as_ref()),
            others: &others.rows,
            delivered: delivered.as_deref(),
            issued_at,
        })?;
        let answer = answer_raw.as_ref().zip(answer_mail.as_ref());
        let mut collected = Collected {
            evidence,
            delivered,
            html_part: html_part(&mail),
            answer: answer.map(|(eml, parsed)| Attached {
                eml: eml.clone(),
                html_part: html_part(parsed),
            }),
            others: others.embedded,
        };
        collected.leave_out_what_is_too_large();
        let original = certified.addendum.is_none().then_some((raw, &mail));
        collected.name_readers(original, answer_mail.as_ref());
        Ok(collected)
    }

    /// The mail as it was handed over. `None` when nothing was handed over, or the copy is gone or
    /// another: copies are kept for a time only, and what is embedded has the recorded digest.
    async fn delivered(&self, stored: &StoredDispatch) -> Result<Option<Bytes>, Failure> {
        let Some(delivered) = &stored.delivered else {
            return Ok(None);
        };
        let key = keys::delivered_mail(&stored.dispatch.id);
        let mail = self.inbound.read_object(&key).await?;
        let is_same = |mail: &Bytes| {
            size_of(mail) == delivered.size_bytes
                && (delivered.size_bytes > DELIVERED_BYTES_MAX
                    || digest_of(mail) == delivered.digest)
        };
        Ok(mail.filter(is_same))
    }

    async fn intake(&self, stored: &StoredDispatch) -> Result<AcceptedWith, Failure> {
        match self.tables.find_intake(&stored.dispatch.submission).await? {
            Some(StoredIntake::Accepted {
                authentication,
                subject,
                terms,
                ..
            }) => Ok(AcceptedWith {
                subject,
                authentication,
                terms,
            }),
            Some(StoredIntake::Refused { .. } | StoredIntake::Unvouched { .. }) | None => Err(
                Failure::permanent("finding what was decided about an accepted mail"),
            ),
        }
    }
}

/// What was fixed when the message was accepted.
struct AcceptedWith {
    subject: String,
    authentication: Box<AuthenticationEvidence>,
    terms: Box<Terms>,
}

/// What a certificate is about.
struct Certified {
    /// The dispatch whose message it is about.
    stored: StoredDispatch,
    /// The addendum, if the certificate is one; `stored` is what it adds to then.
    addendum: Option<StoredDispatch>,
}

impl Certified {
    /// The dispatch that the certificate belongs to.
    fn holder(&self) -> &StoredDispatch {
        self.addendum.as_ref().unwrap_or(&self.stored)
    }

    /// The answer that the certificate quotes.
    fn answer<'a>(&self, events: &'a [Event]) -> Option<(&'a Event, &'a Answer)> {
        certified_answer(&self.stored, &self.holder().dispatch, events)
    }
}

/// What a certificate says, and what is embedded in it beside the original.
struct Collected {
    evidence: Evidence,
    html_part: Option<Vec<u8>>,
    delivered: Option<Bytes>,
    answer: Option<Attached>,
    others: Vec<Bytes>,
}

impl Collected {
    fn others(&self) -> Vec<&[u8]> {
        self.others.iter().map(Bytes::as_ref).collect()
    }

    /// What is too large to be embedded is certified by its digest.
    fn leave_out_what_is_too_large(&mut self) {
        self.answer
            .take_if(|answer| size_of(&answer.eml) > MESSAGE_SIZE_BYTES_MAX);
        let delivered = self.evidence.delivered();
        let is_embedded = delivered.is_some_and(DeliveredMessage::is_embedded);
        self.delivered.take_if(|_| !is_embedded);
    }

    fn name_readers(
        &mut self,
        original: Option<(&[u8], &ParsedMail<'_>)>,
        answer: Option<&ParsedMail<'_>>,
    ) {
        let version =
            earlier::version(
                &self.evidence,
                &earlier::Mails {
                    original: original.map(|(raw, parsed)| earlier::Mail {
                        raw,
                        parsed,
                        html: self.html_part.as_deref(),
                    }),
                    delivered: self.delivered.as_deref(),
                    answer: self.answer.as_ref().zip(answer).map(|(answer, parsed)| {
                        earlier::Mail {
                            raw: &answer.eml,
                            parsed,
                            html: answer.html_part.as_deref(),
                        }
                    }),
                    others: &self.others,
                },
            );
        self.evidence.reader_version = version;
    }

    /// What is embedded beside the original.
    fn beside<'a>(&'a self, others: &'a [&'a [u8]]) -> Embedded<'a> {
        Embedded {
            others,
            original: None,
            delivered: self.delivered.as_deref(),
            answer: self.answer.as_ref().map(Attached::embedded),
        }
    }
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
