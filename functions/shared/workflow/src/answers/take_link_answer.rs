//! Takes the answer that somebody gives on the page behind an offer's link.

use domain::limits::LINK_ANSWER_CHARACTERS_MAX;
use domain::{
    Answer, AnswerProof, AnswerRoad, AnswerStanding, AnswerToken, Choice, DispatchId, Event,
    EventId, EventSource, Named, SeenBy,
};
use jiff::Timestamp;

use crate::answers::of_contract::answers;
use crate::answers::received::{Kept, Received, identity, take};
use crate::answers::token;
use crate::dispatch::progress::load;
use crate::ports::{
    Clock, CommitChange, CompleteWait, FindByToken, LoadDispatch, OpenAddendum, StartDispatch,
    StoredDispatch,
};
use crate::{Failure, Outside};

/// The step with its ports.
#[derive(Debug, Clone)]
pub struct TakeLinkAnswer<O: Outside> {
    /// Keeps the dispatches.
    pub tables: O::Tables,
    /// Tells the waiting workflow, or starts one for an answer that settles nothing.
    pub machines: O::Machines,
    /// The clock.
    pub clock: O::Clock,
}

/// What was sent with the form of the page. A form, never a mere visit: link scanners and previews
/// visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkAnswer {
    /// Which button was pressed.
    pub choice: Choice,
    /// What was typed, at most [`LINK_ANSWER_CHARACTERS_MAX`] characters; the rest is refused.
    pub text: String,
    /// The address the request came from.
    pub source_ip: String,
    /// Who says so.
    pub seen_by: SeenBy,
    /// What the browser calls itself.
    pub user_agent: String,
}

impl LinkAnswer {
    /// Whether it can be recorded: a free text has a text, and none is too long.
    #[must_use]
    pub fn says_something(&self) -> bool {
        let is_empty = self.choice == Choice::Text && self.text.trim().is_empty();
        !is_empty && self.text.chars().count() <= LINK_ANSWER_CHARACTERS_MAX
    }
}

/// What came of an answer by link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkTaken {
    /// Nobody was offered anything under this token.
    UnknownToken,
    /// Too long, or a free text without text.
    NoAnswer,
    /// It is not the recipient's, and so many of that kind came that no more are kept.
    EnoughOfThese,
    /// It is recorded. Boxed: it is large.
    Recorded(Box<Recorded>),
}

/// An answer by link that is recorded, by this call or by an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// What the contract looks like now.
    pub contract: StoredDispatch,
    /// When the answer came first.
    pub received_at: Timestamp,
    /// Whether the contract was settled before, so that the answer is a supplement.
    pub is_supplementary: bool,
    /// Whether it counts as the recipient's: see [`AnswerProof::counts`].
    pub is_of_recipient: bool,
}

impl<O> TakeLinkAnswer<O>
where
    O: Outside,
    O::Tables: LoadDispatch + CommitChange + FindByToken + OpenAddendum,
    O::Machines: CompleteWait + StartDispatch,
    O::Clock: Clock,
{
    /// Records an answer. The same answer again changes nothing.
    ///
    /// # Errors
    /// When a store fails.
    pub async fn run(
        &self,
        token: &AnswerToken,
        answer: &LinkAnswer,
    ) -> Result<LinkTaken, Failure> {
        if !answer.says_something() {
            return Ok(LinkTaken::NoAnswer);
        }
        let Some(held) = token::find(&self.tables, token).await? else {
            return Ok(LinkTaken::UnknownToken);
        };
        let id = held.contract.dispatch.id;
        let earlier = self.tables.events(&id).await?;
        let given = identity_of(&id, answer, held.proof, &earlier);
        let received = self.received(given, answer, held.proof);
        let now = self.clock.now();
        match take(&self.tables, &self.machines, &id, &received, now).await? {
            Kept::Yes => {}
            Kept::EnoughOfThese => return Ok(LinkTaken::EnoughOfThese),
        }
        let events = self.tables.events(&id).await?;
        let event = events.iter().find(|event| event.id == received.id);
        let event = event.ok_or_else(|| Failure::transient("finding an answer just recorded"))?;
        let is_of_recipient =
            answers(std::slice::from_ref(event)).any(|(_, recorded)| recorded.is_of_recipient());
        Ok(LinkTaken::Recorded(Box::new(Recorded {
            contract: load(&self.tables, &id).await?,
            received_at: event.at,
            is_supplementary: event.is_supplementary,
            is_of_recipient,
        })))
    }

    fn received(&self, id: EventId, answer: &LinkAnswer, proof: AnswerProof) -> Received {
        Received {
            id,
            source: EventSource::Akashi,
            verbatim: None,
            answer: Answer {
                road: AnswerRoad::Link {
                    choice: answer.choice,
                    source_ip: answer.source_ip.clone(),
                    seen_by: answer.seen_by,
                    user_agent: answer.user_agent.clone(),
                },
                standing: AnswerStanding::Recipient,
                proof,
                received_at: self.clock.now(),
                text: answer.text.clone(),
                authentication: None,
            },
        }
    }
}

/// The form that is sent twice is one answer. Who agrees, declines and agrees again has given
/// three: only the latest answer by link can come again. Each link is counted by itself: what
/// somebody gave through one of them takes nothing from an answer through another.
fn identity_of(
    id: &DispatchId,
    answer: &LinkAnswer,
    proof: AnswerProof,
    earlier: &[Event],
) -> EventId {
    let mut by_link: Vec<_> = answers(earlier)
        .filter(|(_, given)| given.proof == proof)
        .filter_map(|(event, given)| match given.road {
            AnswerRoad::Link { choice, .. } => Some((event, choice, given.text.as_str())),
            AnswerRoad::Mail { .. } | AnswerRoad::Sms { .. } => None,
        })
        .collect();
    by_link.sort_by_key(|(event, ..)| (event.recorded_at, event.id));
    match by_link.last() {
        Some((event, choice, text)) if (*choice, *text) == (answer.choice, &*answer.text) => {
            event.id
        }
        Some(_) | None => {
            let (place, choice) = (by_link.len(), answer.choice.name());
            let link = match proof {
                AnswerProof::CopyToken { after_answers } => format!("copy {after_answers}"),
                AnswerProof::Nothing
                | AnswerProof::OfferToken
                | AnswerProof::Signature
                | AnswerProof::CallerId => proof.name().to_owned(),
            };
            identity(&format!(
                "link {id} {link} {place} {choice} {}",
                answer.text
            ))
        }
    }
}
