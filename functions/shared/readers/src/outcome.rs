//! Outcomes as certificates say them.

use certificate::OutcomeWords;
use domain::{Answer, Event, Named, Outcome, Product};
use letters::words;

/// How a dispatch ended, or did before its addendum: `product` is that of the dispatch whose
/// message it is about.
#[must_use]
pub fn outcome_words<Contract, Added>(
    product: &Product<Contract, Added>,
    outcome: Outcome,
    answer: Option<&Answer>,
    events: &[Event],
) -> OutcomeWords {
    let words = words::settled_words(product, outcome, answer, events);
    OutcomeWords {
        code: outcome.name().to_owned(),
        japanese: words.japanese,
        english: words.english,
    }
}
