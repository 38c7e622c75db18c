//! The reasons of a refusal as the tables keep them, so that a notice that is finished by a later
//! invocation names the reasons of the day.

use std::collections::BTreeSet;

use domain::{
    Distrust, Doubt, HeaderField, InsufficientPoints, Named, Points, Refusal, TrustSetting,
    Unusable, UnusableReason,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::item::ItemError;

const UNREADABLE: ItemError = ItemError {
    attribute: "reasons",
};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
enum StoredRefusal {
    NoRecipient,
    OnlyServiceAddresses,
    UnreadableRecipients { texts: Vec<String> },
    TooManyRecipients { count: usize, limit: usize },
    TooLarge { size_bytes: u64, limit_bytes: u64 },
    RepeatedFields { fields: Vec<String> },
    Virus,
    AccountSuspended,
    AccountLapsed,
    NotEnoughPoints { needed: u32, available: u32 },
    NoDestination,
    UnusableDestinations { destinations: Vec<StoredUnusable> },
    TooManyDestinations { count: usize, limit: usize },
    MixedServices,
    TooManySms { count: usize, left: u32 },
}

#[derive(Serialize, Deserialize)]
struct StoredUnusable {
    text: String,
    why: String,
}

/// The reasons of a refusal as a list of objects for programs, each with its name in `reason`.
#[must_use]
pub fn refusals_as_json(refusals: &[Refusal]) -> serde_json::Value {
    let stored: Vec<StoredRefusal> = refusals.iter().map(store).collect();
    // Strings, numbers and lists: nothing here can fail.
    serde_json::to_value(stored).unwrap_or_default()
}

/// Writes the reasons down.
pub(super) fn refusals_to_json(refusals: &[Refusal]) -> String {
    refusals_as_json(refusals).to_string()
}

/// Reads the reasons back.
///
/// # Errors
/// When the text was not written by [`refusals_to_json`].
pub(super) fn refusals_from_json(json: &str) -> Result<Vec<Refusal>, ItemError> {
    let stored: Vec<StoredRefusal> = serde_json::from_str(json).map_err(|_| UNREADABLE)?;
    stored.into_iter().map(restore).collect()
}

fn store(refusal: &Refusal) -> StoredRefusal {
    match refusal {
        Refusal::NoRecipient => StoredRefusal::NoRecipient,
        Refusal::OnlyServiceAddresses => StoredRefusal::OnlyServiceAddresses,
        Refusal::UnreadableRecipients(texts) => StoredRefusal::UnreadableRecipients {
            texts: texts.clone(),
        },
        Refusal::TooManyRecipients { count, limit } => StoredRefusal::TooManyRecipients {
            count: *count,
            limit: *limit,
        },
        Refusal::TooLarge {
            size_bytes,
            limit_bytes,
        } => StoredRefusal::TooLarge {
            size_bytes: *size_bytes,
            limit_bytes: *limit_bytes,
        },
        Refusal::RepeatedFields(fields) => StoredRefusal::RepeatedFields {
            fields: names(fields.iter()),
        },
        Refusal::Virus => StoredRefusal::Virus,
        Refusal::AccountSuspended => StoredRefusal::AccountSuspended,
        Refusal::AccountLapsed => StoredRefusal::AccountLapsed,
        Refusal::NotEnoughPoints(shortage) => StoredRefusal::NotEnoughPoints {
            needed: shortage.needed.get(),
            available: shortage.available.get(),
        },
        Refusal::NoDestination => StoredRefusal::NoDestination,
        Refusal::UnusableDestinations(destinations) => StoredRefusal::UnusableDestinations {
            destinations: destinations.iter().map(store_unusable).collect(),
        },
        Refusal::TooManyDestinations { count, limit } => StoredRefusal::TooManyDestinations {
            count: *count,
            limit: *limit,
        },
        Refusal::MixedServices => StoredRefusal::MixedServices,
        Refusal::TooManySms { count, left } => StoredRefusal::TooManySms {
            count: *count,
            left: *left,
        },
    }
}

fn store_unusable(unusable: &Unusable) -> StoredUnusable {
    StoredUnusable {
        text: unusable.text.clone(),
        why: unusable.why.name().to_owned(),
    }
}

fn restore(stored: StoredRefusal) -> Result<Refusal, ItemError> {
    Ok(match stored {
        StoredRefusal::NoRecipient => Refusal::NoRecipient,
        StoredRefusal::OnlyServiceAddresses => Refusal::OnlyServiceAddresses,
        StoredRefusal::UnreadableRecipients { texts } => Refusal::UnreadableRecipients(texts),
        StoredRefusal::TooManyRecipients { count, limit } => {
            Refusal::TooManyRecipients { count, limit }
        }
        StoredRefusal::TooLarge {
            size_bytes,
            limit_bytes,
        } => Refusal::TooLarge {
            size_bytes,
            limit_bytes,
        },
        StoredRefusal::RepeatedFields { fields } => Refusal::RepeatedFields(of_names(&fields)?),
        StoredRefusal::Virus => Refusal::Virus,
        StoredRefusal::AccountSuspended => Refusal::AccountSuspended,
        StoredRefusal::AccountLapsed => Refusal::AccountLapsed,
        StoredRefusal::NotEnoughPoints { needed, available } => {
            Refusal::NotEnoughPoints(InsufficientPoints {
                needed: Points::new(needed),
                available: Points::new(available),
            })
        }
        StoredRefusal::NoDestination => Refusal::NoDestination,
        StoredRefusal::UnusableDestinations { destinations } => {
            let restored: Result<_, _> = destinations.into_iter().map(restore_unusable).collect();
            Refusal::UnusableDestinations(restored?)
        }
        StoredRefusal::TooManyDestinations { count, limit } => {
            Refusal::TooManyDestinations { count, limit }
        }
        StoredRefusal::MixedServices => Refusal::MixedServices,
        StoredRefusal::TooManySms { count, left } => Refusal::TooManySms { count, left },
    })
}

fn restore_unusable(stored: StoredUnusable) -> Result<Unusable, ItemError> {
    Ok(Unusable {
        why: UnusableReason::of_name(&stored.why).ok_or(UNREADABLE)?,
        text: stored.text,
    })
}

/// That nobody vouched for a mail, as it is stored until a notice tells of it.
#[derive(Serialize, Deserialize)]
struct StoredDistrust {
    spf_allowed: bool,
    doubts: Vec<StoredDoubt>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "doubt")]
enum StoredDoubt {
    NoSignature,
    NotSigned { fields: Vec<String> },
    NotSignedNorSpf { fields: Vec<String> },
    NotAddressedToUs,
    TooOld { made_at: Timestamp },
    InFuture { made_at: Timestamp },
    Undated,
}

/// Writes down that nobody vouched for a mail.
pub(super) fn distrust_to_json(distrust: &Distrust) -> String {
    let doubts = distrust.doubts.iter().map(|doubt| match doubt {
        Doubt::NoSignature => StoredDoubt::NoSignature,
        Doubt::NotSigned(fields) => StoredDoubt::NotSigned {
            fields: names(fields.iter()),
        },
        Doubt::NotSignedNorSpf(fields) => StoredDoubt::NotSignedNorSpf {
            fields: names(fields.iter()),
        },
        Doubt::NotAddressedToUs => StoredDoubt::NotAddressedToUs,
        Doubt::TooOld(made_at) => StoredDoubt::TooOld { made_at: *made_at },
        Doubt::InFuture(made_at) => StoredDoubt::InFuture { made_at: *made_at },
        Doubt::Undated => StoredDoubt::Undated,
    });
    let stored = StoredDistrust {
        spf_allowed: distrust.trust == TrustSetting::DkimOrSpf,
        doubts: doubts.collect(),
    };
    // Strings and lists written to memory: nothing here can fail.
    serde_json::to_string(&stored).unwrap_or_default()
}

/// Reads it back.
///
/// # Errors
/// When the text was not written by [`distrust_to_json`].
pub(super) fn distrust_from_json(json: &str) -> Result<Distrust, ItemError> {
    let stored: StoredDistrust = serde_json::from_str(json).map_err(|_| UNREADABLE)?;
    let set = |fields: &[String]| -> Result<BTreeSet<HeaderField>, ItemError> {
        Ok(of_names(fields)?.into_iter().collect())
    };
    let doubts = stored.doubts.iter().map(|doubt| {
        Ok(match doubt {
            StoredDoubt::NoSignature => Doubt::NoSignature,
            StoredDoubt::NotSigned { fields } => Doubt::NotSigned(set(fields)?),
            StoredDoubt::NotSignedNorSpf { fields } => Doubt::NotSignedNorSpf(set(fields)?),
            StoredDoubt::NotAddressedToUs => Doubt::NotAddressedToUs,
            StoredDoubt::TooOld { made_at } => Doubt::TooOld(*made_at),
            StoredDoubt::InFuture { made_at } => Doubt::InFuture(*made_at),
            StoredDoubt::Undated => Doubt::Undated,
        })
    });
    Ok(Distrust {
        trust: if stored.spf_allowed {
            TrustSetting::DkimOrSpf
        } else {
            TrustSetting::Dkim
        },
        doubts: doubts.collect::<Result<_, ItemError>>()?,
    })
}

/// The names of fields, in their order.
fn names<'f>(fields: impl Iterator<Item = &'f HeaderField>) -> Vec<String> {
    fields.map(|field| field.name().to_owned()).collect()
}

fn of_names(names: &[String]) -> Result<Vec<HeaderField>, ItemError> {
    let fields = names.iter().map(|name| HeaderField::of_name(name));
    fields.collect::<Option<_>>().ok_or(UNREADABLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_doubt_survives_storage() {
        let at: Timestamp = "2026-01-05T00:00:00.5Z".parse().unwrap();
        for trust in [TrustSetting::Dkim, TrustSetting::DkimOrSpf] {
            let distrust = Distrust {
                trust,
                doubts: vec![
                    Doubt::NoSignature,
                    Doubt::NotSigned([HeaderField::Subject, HeaderField::MessageId].into()),
                    Doubt::NotSignedNorSpf([HeaderField::ContentType].into()),
                    Doubt::NotAddressedToUs,
                    Doubt::TooOld(at),
                    Doubt::InFuture(at),
                    Doubt::Undated,
                ],
            };
            let json = distrust_to_json(&distrust);
            assert_eq!(distrust_from_json(&json).unwrap(), distrust);
        }
    }

    #[test]
    fn every_reason_survives_storage() {
        let refusals = vec![
            Refusal::NoRecipient,
            Refusal::OnlyServiceAddresses,
            Refusal::UnreadableRecipients(vec!["山田".to_owned()]),
            Refusal::TooManyRecipients {
                count: 41,
                limit: 40,
            },
            Refusal::TooLarge {
                size_bytes: 6,
                limit_bytes: 5,
            },
            Refusal::RepeatedFields(HeaderField::ALL.to_vec()),
            Refusal::TooManySms { count: 3, left: 2 },
            Refusal::Virus,
            Refusal::AccountSuspended,
            Refusal::AccountLapsed,
            Refusal::NotEnoughPoints(InsufficientPoints {
                needed: Points::new(2),
                available: Points::new(1),
            }),
            Refusal::NoDestination,
            Refusal::UnusableDestinations(
                UnusableReason::ALL
                    .map(|why| Unusable {
                        text: "03-1234-5678".to_owned(),
                        why,
                    })
                    .to_vec(),
            ),
            Refusal::TooManyDestinations {
                count: 21,
                limit: 20,
            },
            Refusal::MixedServices,
        ];
        let json = refusals_to_json(&refusals);
        assert_eq!(refusals_from_json(&json).unwrap(), refusals);
    }
}
