//! Shows the offer behind a link. Reads and nothing else: link scanners and previews visit.

use bytes::Bytes;
use domain::{
    Account, Answer, AnswerToken, BodySource, Origin, Outcome, Sha256Digest, UnshownPart,
};
use mail::{ParsedMail, safe_names};

use crate::answers::of_contract::answer_that_settled;
use crate::answers::token::{self, Held};
use crate::dispatch::loading::load_account;
use crate::dispatch::progress::subject_of;
use crate::ports::{
    Clock, FindAccount, FindByToken, FindIntake, LoadDispatch, ReadObject, StoredDispatch,
};
use crate::{Failure, Outside, keys};

/// The step with its ports.
#[derive(Debug, Clone)]
pub struct ShowOffer<O: Outside> {
    /// Keeps accounts, dispatches and what was decided at intake.
    pub tables: O::Tables,
    /// The inbound bucket.
    pub inbound: O::Inbound,
    /// Says whether the time for an answer is over.
    pub clock: O::Clock,
}

/// An offer as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownOffer {
    /// The contract.
    pub contract: StoredDispatch,
    /// What an answer through this link is worth now.
    pub link: LinkState,
    /// Who offers.
    pub account: Account,
    /// The name that the sender writes under, if any.
    pub sender_name: Option<String>,
    /// The subject without its destinations.
    pub subject: String,
    /// The answer that settled the contract, if one did.
    pub answer: Option<Answer>,
    /// What is offered; absent when it is no longer kept.
    pub content: Option<OfferedContent>,
}

/// What an answer through a link is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// It counts as the recipient's.
    Counts,
    /// It is kept and does not: the contract is settled, and the link is the one of the offer.
    OfOffer,
    /// It is kept and does not: the recipient has answered since they got this link with a copy.
    OfEarlierCopy,
}

/// What is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedContent {
    /// The body as text. Controls and direction marks are left in it.
    pub text: String,
    /// What the text was made from.
    pub source: BodySource,
    /// What stands in the place of the text and cannot be shown, if something does.
    pub unshown: Option<UnshownPart>,
    /// Whether the mail holds the body as HTML too, which is never shown.
    pub has_html: bool,
    /// The attachments, in order.
    pub files: Vec<OfferedFile>,
}

/// One attachment of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedFile {
    /// A name that is safe and unique among them.
    pub name: String,
    /// The media type that the sender gave it, e.g. `application/pdf`.
    pub content_type: String,
    /// Its content.
    pub bytes: Bytes,
    /// The digest of the content.
    pub digest: Sha256Digest,
}

impl<O> ShowOffer<O>
where
    O: Outside,
    O::Tables: LoadDispatch + FindByToken + FindIntake + FindAccount,
    O::Inbound: ReadObject,
    O::Clock: Clock,
{
    /// The offer with this token, if there is one.
    ///
    /// # Errors
    /// When a store fails, or an accepted mail has no account or no intake record.
    pub async fn run(&self, token: &AnswerToken) -> Result<Option<ShownOffer>, Failure> {
        let Some(held) = token::find(&self.tables, token).await? else {
            return Ok(None);
        };
        let link = self.state_of(&held);
        let contract = held.contract;
        let account = self.account_of(&contract).await?;
        let dispatch = &contract.dispatch;
        let subject = subject_of(&self.tables, dispatch).await?;
        let Origin::Mail { inbound, .. } = &dispatch.origin;
        let answer = match contract.progress.outcome() {
            Some(Outcome::Answered) => {
                let events = self.tables.events(&dispatch.id).await?;
                answer_that_settled(&contract, &events).map(|(_, answer)| answer.clone())
            }
            Some(_) | None => None,
        };
        let raw = self.inbound.read_object(&keys::raw_mail(inbound)).await?;
        let parsed = raw.as_deref().map(ParsedMail::parse);
        Ok(Some(ShownOffer {
            sender_name: parsed.as_ref().and_then(ParsedMail::from_display_name),
            content: parsed.as_ref().map(content_of),
            account,
            subject,
            answer,
            contract,
            link,
        }))
    }

    fn state_of(&self, held: &Held) -> LinkState {
        match (held.counts(self.clock.now()), &held.certified) {
            (true, _) => LinkState::Counts,
            (false, None) => LinkState::OfOffer,
            (false, Some(_)) => LinkState::OfEarlierCopy,
        }
    }

    /// Who offers a contract.
    ///
    /// # Errors
    /// When a store fails, or the account is not there.
    pub async fn account_of(&self, contract: &StoredDispatch) -> Result<Account, Failure> {
        load_account(&self.tables, &contract.dispatch).await
    }
}

fn content_of(mail: &ParsedMail<'_>) -> OfferedContent {
    let body = mail.body();
    let attachments = mail.attachments();
    let names = safe_names(&attachments);
    let files = names
        .into_iter()
        .zip(attachments)
        .map(|(name, attachment)| OfferedFile {
            name,
            bytes: Bytes::from(attachment.content().into_owned()),
            digest: attachment.digest,
            content_type: attachment.content_type,
        });
    OfferedContent {
        has_html: body.html.is_some(),
        files: files.collect(),
        source: body.source,
        unshown: body.unshown,
        text: body.text,
    }
}
