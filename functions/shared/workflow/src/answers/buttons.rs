//! What the buttons of an offer's page say.

use domain::Choice;

/// What a button of the page says, in Japanese and in English. The certificate quotes what the page
/// shows, so both take it from here (P-024).
#[must_use]
pub fn button_words(choice: Choice) -> [&'static str; 2] {
    match choice {
        Choice::Agree => ["同意する", "I agree"],
        Choice::Decline => ["同意しない", "I decline"],
        Choice::Text => ["文章だけを送る", "Send the text only"],
    }
}
