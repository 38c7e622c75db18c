//! Who gets a copy.

use domain::{Account, CopiesTo, Outcome};

use crate::ports::Party;

/// Who gets what was issued: NOEX and silence are the sender's alone (P-052).
pub(crate) fn gets_copy(party: Party, account: &Account, outcome: Outcome) -> bool {
    match party {
        Party::Sender => is_news(outcome) || account.settings.certificates_by_mail,
        Party::Recipient => {
            matches!(outcome, Outcome::Answered | Outcome::AnsweredLater)
                && account.settings.contracts.copies == CopiesTo::BothParties
        }
    }
}

/// Whether the sender is told in any case: that nothing was attempted, and that a mail came
/// back that they have to believe was delivered.
fn is_news(outcome: Outcome) -> bool {
    match outcome {
        Outcome::NotAttempted(_) | Outcome::BouncedLater => true,
        Outcome::Relayed
        | Outcome::Noex
        | Outcome::Undelivered
        | Outcome::Unconfirmed { .. }
        | Outcome::Answered
        | Outcome::NoResponse
        | Outcome::AnsweredLater => false,
    }
}
