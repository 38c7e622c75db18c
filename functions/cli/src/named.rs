//! Values by their stable names, as options and output show them.

use anyhow::anyhow;
use domain::Named;

/// Reads the stable name of a value. Dashes stand for underscores, as in options.
///
/// # Errors
/// When no value has this name; the error lists those that there are.
pub(crate) fn named<T: Named>(text: &str) -> anyhow::Result<T> {
    T::of_name(&text.replace('-', "_")).ok_or_else(|| {
        let names: Vec<&str> = T::VALUES.iter().map(|value| value.name()).collect();
        anyhow!("it is one of {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use domain::{CopiesTo, OfferOrder, Outcome};

    use super::*;

    #[test]
    fn a_value_is_read_by_its_name_with_dashes_or_underscores() {
        for text in ["mail_then_sms", "mail-then-sms"] {
            assert_eq!(named::<OfferOrder>(text).unwrap(), OfferOrder::MailThenSms);
        }
        assert_eq!(named::<Outcome>("noex").unwrap(), Outcome::Noex);
        let error = named::<CopiesTo>("nobody").unwrap_err().to_string();
        assert_eq!(error, "it is one of both_parties, sender_only");
    }
}
