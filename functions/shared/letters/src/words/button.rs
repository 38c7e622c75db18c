//! What the buttons of an offer's page say.

use domain::{Choice, Words};

/// What a button of the page says. The certificate quotes what the page shows, so both take it from
/// here (P-024).
#[must_use]
pub fn button_words(choice: Choice) -> Words {
    match choice {
        Choice::Agree => Words::new("同意する", "I agree"),
        Choice::Decline => Words::new("同意しない", "I decline"),
        Choice::Text => Words::new("文章だけを送る", "Send the text only"),
    }
}
