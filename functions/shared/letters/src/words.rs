//! Words of their own: what was seen, how it ended, why something was refused. Each says what was
//! seen and no more.

mod button;
mod distrust;
mod event;
mod outcome;
mod refusal;
mod road;
mod size;

use domain::{HeaderField, Named};

pub use button::button_words;
pub use distrust::distrust_words;
pub use event::{event_words, quoted_words, source_words};
pub(crate) use outcome::not_attempted_advice;
pub use outcome::{
    answered_words, contract_outcome_words, outcome_in_brief, outcome_words, settled_words,
};
pub use refusal::refusal_words;
pub use road::{failed_road_words, road_words};
pub use size::size_words;

/// Names of header fields, as a list.
fn names_of(fields: impl Iterator<Item = HeaderField>) -> String {
    let names: Vec<&str> = fields.map(HeaderField::name).collect();
    names.join(", ")
}
