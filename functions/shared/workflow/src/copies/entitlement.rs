//! Who gets a copy.

use domain::{Account, CopiesTo, Outcome};

use crate::ports::Party;

/// Who gets what was issued: NOEX and silence are the sender's alone (P-052).
pub(crate) fn gets_copy(party: Party, account: &Account, outcome: Outcome) -> bool {
    match party {
        Party::Sender => !outcome.is_certified() || account.settings.certificates_by_mail,
        Party::Recipient => {
            matches!(outcome, Outcome::Answered | Outcome::AnsweredLater)
                && account.settings.contracts.copies == CopiesTo::BothParties
        }
    }
}
