//! `parse-mail`: takes in one inbound mail: ignore silently, refuse with a notice, or accept.

mod telling;

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use domain::limits::{COPIES_EACH_MAX, MAILS_PER_SECOND_DEFAULT, RECIPIENTS_AT_ONCE_MAX};
use domain::{
    AnswerToken, Authentication, AuthenticationEvidence, ContractSettings, DispatchId, Distrust,
    EmailAddress, HeaderField, Ignored, InboundMessage, Intake, Language, Offer, Origin, Price,
    Product, Recipient, Refusal, Request, Serial, ServedCountries, Sha256Digest, Standing,
    SubmissionId, SummaryToken, Terms, ThreadKey, Vouched, decide_intake, sms_of,
};
use jiff::Timestamp;
use letters::mails::AcceptanceReason;
use mail::{ParsedMail, read_destinations};
use readers::kept_subject;
use tracing::info;

use crate::dispatch::loading::load_raw;
use crate::dispatch::progress::load;
use crate::intake::authenticate::{authenticate, may_wait, spf_is_aligned};
use crate::ports::{
    Acceptance, AcceptanceResult, Clock, ExpireObject, FindAccount, FindIntake, LoadDispatch,
    LookUpTxt, MailTag, NewDispatch, Nonces, ReadObject, RecordIntake, RefusalRecord, SendMail,
    StartDispatch, StoredIntake, UnfoldIntake, Unfolding, UnvouchedRecord,
};
use crate::wire::Receipt;
use crate::{Begin, Failure, Outside, Patience, Route, Service, keys};

/// How often the decision is made again because the points went elsewhere meanwhile.
const ROUNDS_MAX: usize = 5;

/// What became of an inbound mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// Nobody was told.
    Ignored(Ignored),
    /// The registered sender got a notice.
    Refused,
    /// Nobody vouches for it: counted in a notice of at most one an hour.
    Unvouched,
    /// One workflow runs per recipient.
    Accepted(Vec<DispatchId>),
}

impl Taken {
    /// The stable name used in logs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ignored(reason) => reason.name(),
            Self::Refused => "refused",
            Self::Unvouched => "unvouched",
            Self::Accepted(_) => "accepted",
        }
    }
}

/// The step with its ports.
#[derive(Debug, Clone)]
pub struct ParseMail<O: Outside> {
    /// The inbound bucket.
    pub inbound: O::Inbound,
    /// Keeps accounts, dispatches and what was decided at intake.
    pub tables: O::Tables,
    /// The DNS.
    pub dns: O::Dns,
    /// The provider, for notices.
    pub mailer: O::Mailer,
    /// Starts workflows.
    pub machines: O::Machines,
    /// The clock.
    pub clock: O::Clock,
    /// Makes the tokens of offers.
    pub nonces: O::Nonces,
    /// Who we are.
    pub service: Service,
    /// What contracts are made by.
    pub rules: ContractRules,
    /// How long this deployment waits.
    pub patience: Patience,
    /// What is different where there are many recipients.
    pub bulk: Bulk,
}

/// From when on a submission is one of many recipients, and what is done then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bulk {
    /// Most recipients that one transaction writes.
    pub at_once_max: usize,
    /// Most messages that are handed to the provider within a second.
    pub per_second_max: NonZeroU32,
    /// Most recipients whose certificates are mailed to the sender one by one.
    pub copies_each_max: usize,
}

impl Default for Bulk {
    fn default() -> Self {
        Self {
            at_once_max: RECIPIENTS_AT_ONCE_MAX,
            per_second_max: NonZeroU32::new(MAILS_PER_SECOND_DEFAULT).unwrap_or(NonZeroU32::MIN),
            copies_each_max: COPIES_EACH_MAX,
        }
    }
}

/// What the operator sets for all contracts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractRules {
    /// Countries whose mobile numbers get offers (C-017).
    pub served: ServedCountries,
    /// How long an hour of a deadline lasts, in seconds: 3,600, or less for a rehearsal of what
    /// happens when it is over.
    pub deadline_hour_seconds: u32,
}

impl Default for ContractRules {
    fn default() -> Self {
        Self {
            served: ServedCountries::default(),
            deadline_hour_seconds: 3_600,
        }
    }
}

impl<O> ParseMail<O>
where
    O: Outside,
    O::Inbound: ReadObject + ExpireObject,
    O::Tables: FindAccount + FindIntake + RecordIntake + UnfoldIntake + LoadDispatch,
    O::Dns: LookUpTxt,
    O::Mailer: SendMail,
    O::Machines: StartDispatch,
    O::Clock: Clock,
    O::Nonces: Nonces,
{
    /// Takes in one mail. The same mail again finds what was decided and finishes what was left.
    ///
    /// # Errors
    /// Transient when the stored mail is missing, the DNS did not answer yet, or a store fails.
    pub async fn run(&self, receipt: &Receipt) -> Result<Taken, Failure> {
        let taken = self.take(receipt).await?;
        match taken {
            // Whoever forges a customer is a stranger, too.
            Taken::Ignored(_) | Taken::Unvouched => self.forget(receipt).await?,
            Taken::Refused | Taken::Accepted(_) => {}
        }
        info!(inbound_id = %receipt.id, taken = taken.name(), "took in a mail");
        Ok(taken)
    }

    /// Lets a mail go that nothing came of: strangers do not fill our bucket for months.
    ///
    /// # Errors
    /// Transient when the bucket fails.
    pub(super) async fn forget(&self, receipt: &Receipt) -> Result<(), Failure> {
        let key = keys::raw_mail(&receipt.id);
        Ok(self.inbound.expire_object(&key).await?)
    }

    async fn take(&self, receipt: &Receipt) -> Result<Taken, Failure> {
        let route = self.service.route(&receipt.recipients);
        if matches!(route, Route::Answer(_) | Route::Unknown) {
            return Ok(Taken::Ignored(Ignored::UnknownServiceAddress));
        }
        if receipt.is_spam {
            return Ok(Taken::Ignored(Ignored::Spam));
        }
        let raw = load_raw(&self.inbound, &receipt.id).await?;
        let mail = ParsedMail::parse(&raw);
        let submission = SubmissionId::of_mail(&receipt.id);
        let stored = match self.tables.find_intake(&submission).await? {
            Some(stored) => stored,
            None => match self.take_in(receipt, &mail, route.clone()).await? {
                Recorded::Ignored(reason) => return Ok(Taken::Ignored(reason)),
                Recorded::Stored(stored) => stored,
            },
        };
        self.finish(receipt, &mail, stored, &route).await
    }

    /// What the mail asks for, and its subject without what is not the subject.
    fn request(&self, mail: &ParsedMail<'_>, route: Route) -> (Request, String) {
        let owns = |address: &EmailAddress| self.service.owns(address);
        match route {
            Route::Contract(account) => {
                let destinations = read_destinations(&mail.subject(), &self.rules.served, owns);
                let subject = destinations.subject.clone();
                let request = Request::Contract {
                    account,
                    destinations,
                };
                (request, subject)
            }
            Route::Mixed(account) => (Request::Mixed(account), mail.subject()),
            Route::Mail | Route::Answer(_) | Route::Unknown => {
                (Request::Mail(mail.to(owns)), mail.subject())
            }
        }
    }

    async fn take_in(
        &self,
        receipt: &Receipt,
        mail: &ParsedMail<'_>,
        route: Route,
    ) -> Result<Recorded, Failure> {
        let (request, subject) = self.request(mail, route.clone());
        let mut message = InboundMessage {
            automatic: mail.automatic(&receipt.envelope_from),
            from: mail.from(),
            request,
            size_bytes: u64::try_from(mail.sent_bytes().len()).unwrap_or(u64::MAX),
            virus: receipt.virus,
            authentication: Authentication::default(),
            addressed: mail.addressed(|address| self.service.is_reached_by(address, &route)),
            repeated_fields: mail.repeated_fields(),
            sms_today: 0,
            received_at: receipt.received_at,
        };
        // Who is not to be answered is found before the DNS is asked: strangers cost one read.
        let standing = match &message.from {
            Some(from) if message.automatic.is_none() => self.tables.find_standing(from).await?,
            _ => None,
        };
        if let Intake::Ignore(reason) = decide_intake(&message, standing.as_ref()) {
            return Ok(Recorded::Ignored(reason));
        }
        let Some(from) = message.from.clone() else {
            return Ok(Recorded::Ignored(Ignored::NoSingleFrom));
        };
        let found = authenticate(&self.dns, mail.sent_bytes(), &from, self.clock.now()).await;
        let dkim = &found.dkim;
        message.authentication = dkim.authentication(spf_is_aligned(receipt, &from));
        let is_known = message.authentication.vouch().is_ok();
        if !is_known && dkim.is_temporary() && may_wait(receipt, self.clock.now()) {
            return Err(Failure::transient(
                "asking the DNS for the sender's DKIM keys",
            ));
        }
        let now = self.clock.now();
        let case = Case {
            from,
            subject: kept_subject(subject),
            identity: found.identity,
            evidence: found.evidence(receipt.spf, now),
        };
        self.decide_and_record(receipt, message, &case).await
    }

    /// Decides on the newest balance, as often as other mails spend it in between.
    async fn decide_and_record(
        &self,
        receipt: &Receipt,
        mut message: InboundMessage,
        case: &Case,
    ) -> Result<Recorded, Failure> {
        for _ in 0..ROUNDS_MAX {
            let Some(standing) = self.tables.find_standing(&case.from).await? else {
                // Taken off the allowlist a moment ago.
                return Ok(Recorded::Ignored(Ignored::UnknownSender));
            };
            let account = &standing.account.id;
            let marks = case.marks(&message);
            // Before anything is refused: of a mail that came twice nobody is told bad news.
            let first = self.tables.find_repeated(account, &marks).await?;
            if first.is_some_and(|first| first != SubmissionId::of_mail(&receipt.id)) {
                return Ok(Recorded::Ignored(Ignored::Repeated));
            }
            if sms_of(&message.request.recipients()) > 0 {
                message.sms_today = self.tables.sms_of_day(account, self.clock.now()).await?;
            }
            match decide_intake(&message, Some(&standing)) {
                Intake::Ignore(reason) => return Ok(Recorded::Ignored(reason)),
                Intake::Distrust(distrust) => {
                    return self.record_distrust(receipt, &standing, distrust).await;
                }
                Intake::Refuse(refusals) => {
                    return self.record_refusal(receipt, standing, refusals).await;
                }
                Intake::Accept {
                    recipients,
                    price,
                    vouched,
                } => {
                    let to = (recipients, price, &vouched, marks);
                    let acceptance = self.acceptance(receipt, &message, standing, case, to)?;
                    match self.tables.record_acceptance(&acceptance).await? {
                        AcceptanceResult::Written(stored) => return Ok(Recorded::Stored(stored)),
                        AcceptanceResult::PointsGone => {}
                        AcceptanceResult::Repeated(_) => {
                            return Ok(Recorded::Ignored(Ignored::Repeated));
                        }
                    }
                }
            }
        }
        Err(Failure::transient(
            "reserving points that other mails keep spending",
        ))
    }

    async fn record_distrust(
        &self,
        receipt: &Receipt,
        standing: &Standing,
        distrust: Distrust,
    ) -> Result<Recorded, Failure> {
        let record = UnvouchedRecord {
            inbound: receipt.id.clone(),
            sender: standing.entry.sender.clone(),
            refused_at: self.clock.now(),
            reasons: distrust,
        };
        Ok(Recorded::Stored(
            self.tables.record_unvouched(&record).await?,
        ))
    }

    async fn record_refusal(
        &self,
        receipt: &Receipt,
        standing: Standing,
        refusals: Vec<Refusal>,
    ) -> Result<Recorded, Failure> {
        let record = RefusalRecord {
            inbound: receipt.id.clone(),
            account: standing.account.id,
            sender: standing.entry.sender,
            refused_at: self.clock.now(),
            reasons: refusals,
        };
        Ok(Recorded::Stored(self.tables.record_refusal(&record).await?))
    }

    fn acceptance(
        &self,
        receipt: &Receipt,
        message: &InboundMessage,
        standing: Standing,
        case: &Case,
        (recipients, price, vouched, marks): (Vec<Recipient>, Price, &Vouched, Vec<Sha256Digest>),
    ) -> Result<Acceptance, Failure> {
        let accepted_at = self.clock.now();
        let settings = &standing.account.settings;
        let dispatches = self.dispatches(
            recipients,
            &message.request,
            &settings.contracts,
            accepted_at,
        )?;
        let is_wanted = |new: &NewDispatch| settings.acceptance_notices.tell_of(&new.product);
        let is_told =
            vouched.is_by_spf(HeaderField::To) || dispatches.first().is_some_and(is_wanted);
        let origin = Origin::Mail {
            inbound: receipt.id.clone(),
            sender: standing.entry.sender,
        };
        let is_mail = matches!(message.request, Request::Mail(_));
        let has_summary = is_mail && dispatches.len() > self.bulk.copies_each_max;
        let summary = has_summary.then(|| self.nonces.long_nonce()).transpose()?;
        let summary = summary.map(SummaryToken::new);
        let terms = Terms::of(&standing.account);
        Ok(Acceptance {
            dispatches,
            submission: origin.submission(),
            origin,
            account: standing.account.id,
            price_each: price.each(),
            accepted_at,
            at_once_max: self.bulk.at_once_max,
            subject: case.subject.clone(),
            authentication: case.evidence.clone().with_voucher(vouched),
            terms,
            marks,
            is_told,
            summary,
        })
    }

    /// What the recipients of an accepted mail get, with the terms of the day.
    fn dispatches(
        &self,
        recipients: Vec<Recipient>,
        request: &Request,
        settings: &ContractSettings,
        accepted_at: Timestamp,
    ) -> Result<Vec<NewDispatch>, Failure> {
        let hour_seconds = self.rules.deadline_hour_seconds;
        let answer_until = settings.deadline.after(accepted_at, hour_seconds);
        recipients
            .into_iter()
            .map(|recipient| {
                let product = match request {
                    Request::Mail(_) | Request::Mixed(_) => Product::Mail,
                    Request::Contract { .. } => Product::Contract(Offer {
                        order: settings.order,
                        deadline: settings.deadline,
                        answer_until,
                        token: AnswerToken::new(self.nonces.long_nonce()?),
                    }),
                };
                Ok(NewDispatch {
                    recipient,
                    product,
                    thread: ThreadKey::new(self.nonces.long_nonce()?),
                })
            })
            .collect()
    }

    /// Does what follows from what was recorded; each part is safe to do again.
    async fn finish(
        &self,
        receipt: &Receipt,
        mail: &ParsedMail<'_>,
        stored: StoredIntake,
        route: &Route,
    ) -> Result<Taken, Failure> {
        match stored {
            StoredIntake::Accepted {
                recipients,
                unfolding,
                subject,
                authentication,
                notice,
                ..
            } => {
                let submission = SubmissionId::of_mail(&receipt.id);
                let dispatches: Vec<DispatchId> = submission.dispatches(recipients).collect();
                match unfolding {
                    Unfolding::AtOnce => self.start(&dispatches, route).await?,
                    Unfolding::Planned => self.unfold(&submission).await?,
                }
                if let Some(notice) = notice {
                    let reason = reason_to_tell(&authentication);
                    self.tell_of_acceptance(receipt, &dispatches, (&subject, reason), &notice)
                        .await?;
                }
                Ok(Taken::Accepted(dispatches))
            }
            StoredIntake::Unvouched {
                sender,
                refused_at,
                reasons,
                told,
            } => {
                if let Some((count, notice)) = told {
                    self.tell_of_unvouched(
                        receipt,
                        sender,
                        refused_at,
                        &reasons,
                        (&count, &notice),
                    )
                    .await?;
                }
                Ok(Taken::Unvouched)
            }
            StoredIntake::Refused {
                serial,
                sender,
                refused_at,
                reasons,
                notice,
            } => {
                let account = self.tables.find_account(serial.account()).await?;
                let (company, language) = account
                    .map(|account| (account.company, account.settings.language))
                    .unwrap_or_default();
                let record = Refused {
                    company,
                    language,
                    serial: &serial,
                    sender: &sender,
                    refused_at,
                    reasons: &reasons,
                };
                let raw = self.refusal(receipt, mail, &record);
                let tag = MailTag::Refusal(receipt.id.clone());
                self.tell(receipt, sender, raw, tag, &notice).await?;
                Ok(Taken::Refused)
            }
        }
    }

    /// Starts the workflows of dispatches that were written when their mail was accepted.
    async fn start(&self, dispatches: &[DispatchId], route: &Route) -> Result<(), Failure> {
        for (position, id) in dispatches.iter().enumerate() {
            let begin = self.begin(id, route).await?;
            let begin = begin.paced(position, self.bulk.per_second_max);
            self.machines.start_dispatch(id, begin).await?;
        }
        Ok(())
    }

    /// Writes the dispatches of a plan and starts their workflows, batch by batch. A call that was
    /// cut off goes on where it is known to have come; what it wrote and started beyond that stays
    /// as it is, whatever became of it meanwhile.
    async fn unfold(&self, submission: &SubmissionId) -> Result<(), Failure> {
        let plan = self.tables.find_plan(submission).await?;
        let plan =
            plan.ok_or_else(|| Failure::permanent("finding the plan of an accepted submission"))?;
        let mut started = self.tables.started(submission).await?;
        let dispatches = plan.dispatches();
        let left = dispatches.get(started..).unwrap_or_default();
        for batch in left.chunks(plan.at_once_max.max(1)) {
            self.tables.unfold(&plan, batch).await?;
            for (position, dispatch) in (started..).zip(batch) {
                let begin = Begin::of(dispatch, self.patience, self.clock.now());
                let begin = begin.paced(position, self.bulk.per_second_max);
                self.machines.start_dispatch(&dispatch.id, begin).await?;
            }
            started = started.saturating_add(batch.len());
            self.tables.note_started(submission, started).await?;
        }
        Ok(())
    }

    /// How the workflow of an accepted dispatch begins. That of a registered mail does not depend
    /// on what was fixed at the intake, which need not be read then.
    async fn begin(&self, id: &DispatchId, route: &Route) -> Result<Begin, Failure> {
        match route {
            Route::Mail => Ok(Begin::of_mail(self.patience)),
            Route::Contract(_) | Route::Mixed(_) | Route::Answer(_) | Route::Unknown => {
                let stored = load(&self.tables, id).await?;
                Ok(Begin::of(&stored.dispatch, self.patience, self.clock.now()))
            }
        }
    }
}

/// What is known of a mail whose sender is registered, beside what the rules ask.
struct Case {
    from: EmailAddress,
    subject: String,
    identity: Sha256Digest,
    evidence: AuthenticationEvidence,
}

impl Case {
    /// By what the mail is known again, each mark once: itself, and every signature that could be
    /// relied on, because whoever sends it again may leave some of them out.
    fn marks(&self, message: &InboundMessage) -> Vec<Sha256Digest> {
        let signatures = message.authentication.signatures.iter();
        let signatures: BTreeSet<_> = signatures.map(|signature| signature.digest).collect();
        std::iter::once(self.identity).chain(signatures).collect()
    }
}

/// What is known of a refused mail.
struct Refused<'a> {
    company: String,
    language: Language,
    serial: &'a Serial,
    sender: &'a EmailAddress,
    refused_at: Timestamp,
    reasons: &'a [Refusal],
}

enum Recorded {
    Ignored(Ignored),
    Stored(StoredIntake),
}

/// Why the sender is told of an acceptance.
fn reason_to_tell(authentication: &AuthenticationEvidence) -> AcceptanceReason {
    if authentication.by_spf.contains(&HeaderField::To) {
        AcceptanceReason::OnlySpf
    } else {
        AcceptanceReason::Setting
    }
}
