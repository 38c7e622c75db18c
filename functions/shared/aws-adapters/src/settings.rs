//! What functions know about the service and bring along, beside their clients.

use std::num::NonZeroU32;
use std::path::PathBuf;

use anyhow::Context as _;
use domain::{Operator, Retention, ServedCountries};
use letters::links::Links;
use workflow::dispatch::deliver::{AnswerDesk, TwoWaySms};
use workflow::intake::parse_mail::{Bulk, ContractRules};
use workflow::{Patience, Service};

use crate::{Environment, EnvironmentError, SmsOrigin};

/// The service's domain and operator: `SERVICE_DOMAIN`, and the variables of [`operator`].
///
/// # Errors
/// When one is missing or malformed.
pub fn service(environment: &Environment) -> anyhow::Result<Service> {
    let domain = environment.text("SERVICE_DOMAIN")?;
    let operator = operator(environment)?;
    let service = Service::new(&domain, &operator.name)
        .context("reading the environment variable SERVICE_DOMAIN")?;
    Ok(service.with_operator(operator))
}

/// Who runs the service: `OPERATOR_NAME`, and where they are given `OPERATOR_CONTACT`, how to reach
/// them, and `PRIVACY_NOTICE`, what becomes of what is recorded about people.
///
/// # Errors
/// When the name is missing, or one of the others is not a line of text.
pub fn operator(environment: &Environment) -> Result<Operator, EnvironmentError> {
    Ok(Operator {
        name: environment.text("OPERATOR_NAME")?,
        contact: environment.optional_parse("OPERATOR_CONTACT")?,
        privacy: environment.optional_parse("PRIVACY_NOTICE")?,
    })
}

/// How originals are kept: `RETENTION`.
///
/// # Errors
/// When it is missing, or says what nothing is kept like.
pub fn retention(environment: &Environment) -> Result<Retention, EnvironmentError> {
    environment.parse("RETENTION")
}

/// How long this deployment waits: `DELIVERY_TIMEOUT_SECONDS` and `MAIL_HEAD_START_SECONDS`.
///
/// # Errors
/// When one is missing, or is no number.
pub fn patience(environment: &Environment) -> Result<Patience, EnvironmentError> {
    Ok(Patience {
        delivery_seconds: environment.parse("DELIVERY_TIMEOUT_SECONDS")?,
        head_start_seconds: environment.parse("MAIL_HEAD_START_SECONDS")?,
    })
}

/// What is different for mails to many: `MAILS_PER_SECOND`, how many messages of one are handed to
/// the provider within a second; and `WEB_ADDRESS`, without which no page lists the certificates,
/// so that they are mailed one by one however many there are.
///
/// # Errors
/// When the former is missing, or is no number above 0.
pub fn bulk(environment: &Environment) -> Result<Bulk, EnvironmentError> {
    let usual = Bulk::default();
    let has_pages = environment.optional_text("WEB_ADDRESS").is_some();
    Ok(Bulk {
        per_second_max: environment.parse("MAILS_PER_SECOND")?,
        copies_each_max: if has_pages {
            usual.copies_each_max
        } else {
            usize::MAX
        },
        ..usual
    })
}

/// What the operator sets for all contracts: `SERVED_COUNTRIES`, calling codes separated by commas
/// (C-017), and `DEADLINE_HOUR_SECONDS`, how long an hour of a deadline lasts.
///
/// # Errors
/// When one is missing or malformed.
pub fn contract_rules(environment: &Environment) -> Result<ContractRules, EnvironmentError> {
    let served: ServedCountries = environment.parse("SERVED_COUNTRIES")?;
    let hour: NonZeroU32 = environment.parse("DEADLINE_HOUR_SECONDS")?;
    Ok(ContractRules {
        served,
        deadline_hour_seconds: hour.get(),
    })
}

/// How offers can be answered beside the reply address: on the pages at `WEB_ADDRESS`, and by SMS
/// where `TWO_WAY_SMS` is `true` and not `false`.
///
/// # Errors
/// When one is missing or malformed.
pub fn answer_desk(environment: &Environment) -> Result<AnswerDesk, EnvironmentError> {
    let two_way_sms = two_way_sms(environment)?;
    Ok(AnswerDesk {
        links: links(environment)?,
        two_way_sms,
    })
}

/// Whether our number takes answers by SMS: `TWO_WAY_SMS` is `true` or `false`.
///
/// # Errors
/// When it is missing or malformed.
pub fn two_way_sms(environment: &Environment) -> Result<TwoWaySms, EnvironmentError> {
    let takes_sms: bool = environment.parse("TWO_WAY_SMS")?;
    Ok(if takes_sms {
        TwoWaySms::Available
    } else {
        TwoWaySms::Unavailable
    })
}

/// Where the pages of the service are: `WEB_ADDRESS`.
///
/// # Errors
/// When it is missing or no address.
pub fn links(environment: &Environment) -> Result<Links, EnvironmentError> {
    environment.parse("WEB_ADDRESS")
}

/// Whom our SMS show as their sender: `SMS_ORIGINATION_NUMBER`, otherwise `SMS_SENDER_ID`; both may
/// be missing. SNS, too, prefers the number.
#[must_use]
pub fn sms_origin(environment: &Environment) -> SmsOrigin {
    let number = environment.optional_text("SMS_ORIGINATION_NUMBER");
    let sender_id = environment.optional_text("SMS_SENDER_ID");
    match (number, sender_id) {
        (Some(number), _) => SmsOrigin::Number(number.to_owned()),
        (None, Some(id)) => SmsOrigin::SenderId(id.to_owned()),
        (None, None) => SmsOrigin::Shared,
    }
}

/// Where the fonts of certificates are in the function's package, which Lambda names in
/// `LAMBDA_TASK_ROOT`.
///
/// # Errors
/// When Lambda does not name it.
pub fn fonts_folder(environment: &Environment) -> Result<PathBuf, EnvironmentError> {
    Ok(PathBuf::from(environment.text("LAMBDA_TASK_ROOT")?).join("fonts"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_made_of_an_address_with_or_without_a_slash_at_its_end() {
        let address = "https://registered.example";
        for written in [address.to_owned(), format!("{address}/")] {
            let environment =
                Environment::of([("WEB_ADDRESS", written.as_str()), ("TWO_WAY_SMS", "true")]);
            let desk = answer_desk(&environment).unwrap();
            assert_eq!(desk.links, address.parse().unwrap());
            assert_eq!(desk.two_way_sms, TwoWaySms::Available);
        }
        let nothing = Environment::default();
        let missing = EnvironmentError::Missing("TWO_WAY_SMS");
        assert_eq!(answer_desk(&nothing), Err(missing));
    }

    #[test]
    fn an_operator_has_a_name_and_what_else_is_given() {
        let name = ("OPERATOR_NAME", "Example Ltd");
        let contact = "03-1234-5678";
        let all = [name, ("OPERATOR_CONTACT", contact), ("PRIVACY_NOTICE", "")];
        let found = operator(&Environment::of(all)).unwrap();
        assert_eq!(found.contact, Some(contact.parse().unwrap()));
        assert_eq!((found.name.as_str(), found.privacy), ("Example Ltd", None));
        let missing = EnvironmentError::Missing("OPERATOR_NAME");
        assert_eq!(operator(&Environment::default()), Err(missing));
    }

    #[test]
    fn an_hour_of_a_deadline_lasts_at_least_a_second() {
        for (hour, valid) in [("3600", true), ("1", true), ("0", false), ("", false)] {
            let environment =
                Environment::of([("SERVED_COUNTRIES", "81"), ("DEADLINE_HOUR_SECONDS", hour)]);
            assert_eq!(contract_rules(&environment).is_ok(), valid, "{hour}");
        }
    }

    #[test]
    fn a_number_of_ours_is_preferred_to_a_name() {
        for (number, id, expected) in [
            ("", "", SmsOrigin::Shared),
            ("", "AKASHI", SmsOrigin::SenderId("AKASHI".to_owned())),
            ("+81501", "AKASHI", SmsOrigin::Number("+81501".to_owned())),
        ] {
            let environment =
                Environment::of([("SMS_ORIGINATION_NUMBER", number), ("SMS_SENDER_ID", id)]);
            assert_eq!(sms_origin(&environment), expected);
        }
    }
}
