//! What a token leads to, and what it proves at the moment (P-044, Q-31).

use domain::{AnswerProof, AnswerToken};
use jiff::Timestamp;

use crate::Failure;
use crate::ports::{FindByToken, LoadDispatch, StoredDispatch};

/// The contract that a token leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    /// The contract.
    pub(crate) contract: StoredDispatch,
    /// Whose certificate the recipient got with the token: the contract or one of its addenda.
    /// `None` when it is the token of the offer.
    pub(crate) certified: Option<StoredDispatch>,
    /// What an answer with the token brings.
    pub(crate) proof: AnswerProof,
}

impl Held {
    /// Whether an answer that reaches us now counts as the recipient's.
    pub(crate) fn counts(&self, now: Timestamp) -> bool {
        self.proof.counts(&self.contract.progress, now)
    }
}

/// Whoever has this token, if anybody was given it.
pub(crate) async fn find(
    store: &(impl LoadDispatch + FindByToken),
    token: &AnswerToken,
) -> Result<Option<Held>, Failure> {
    let Some(id) = store.find_by_answer_token(token).await? else {
        return Ok(None);
    };
    let Some(stored) = store.load(&id).await? else {
        return Ok(None);
    };
    if stored.dispatch.answer_token() == Some(token) {
        return Ok(Some(Held {
            contract: stored,
            certified: None,
            proof: AnswerProof::OfferToken,
        }));
    }
    let copy = stored.copy_token.as_ref();
    let Some(copy) = copy.filter(|copy| copy.token == *token) else {
        return Ok(None);
    };
    let proof = AnswerProof::CopyToken {
        after_answers: copy.after_answers,
    };
    let contract = match stored.dispatch.adds_to() {
        None => Some(stored.clone()),
        Some(contract) => store.load(contract).await?,
    };
    Ok(contract.map(|contract| Held {
        contract,
        certified: Some(stored),
        proof,
    }))
}
