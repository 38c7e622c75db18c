//! The reasons of a refusal as they are stored with it, so that a notice that is finished by a
//! later invocation names the reasons of the day.

use domain::{InsufficientPoints, Points, Refusal, TrustSetting, Unusable, UnusableReason};
use serde::{Deserialize, Serialize};

use super::WireError;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
enum StoredRefusal {
    NoRecipient,
    OnlyServiceAddresses,
    UnreadableRecipients { texts: Vec<String> },
    TooManyRecipients { count: usize, limit: usize },
    TooLarge { size_bytes: u64, limit_bytes: u64 },
    NotAuthenticated { spf_allowed: bool },
    Virus,
    AccountSuspended,
    AccountLapsed,
    NotEnoughPoints { needed: u32, available: u32 },
    NoDestination,
    UnusableDestinations { destinations: Vec<StoredUnusable> },
    TooManyDestinations { count: usize, limit: usize },
    MixedServices,
}

#[derive(Serialize, Deserialize)]
struct StoredUnusable {
    text: String,
    why: String,
}

/// Writes the reasons down.
///
/// # Errors
/// Never in practice: every reason has a JSON form.
pub fn refusals_to_json(refusals: &[Refusal]) -> Result<String, WireError> {
    let stored: Vec<StoredRefusal> = refusals.iter().map(store).collect();
    serde_json::to_string(&stored).map_err(WireError::Json)
}

/// Reads the reasons back.
///
/// # Errors
/// When the text was not written by [`refusals_to_json`].
pub fn refusals_from_json(json: &str) -> Result<Vec<Refusal>, WireError> {
    let stored: Vec<StoredRefusal> = serde_json::from_str(json).map_err(WireError::Json)?;
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
        Refusal::NotAuthenticated(trust) => StoredRefusal::NotAuthenticated {
            spf_allowed: *trust == TrustSetting::DkimOrSpf,
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
    }
}

fn store_unusable(unusable: &Unusable) -> StoredUnusable {
    StoredUnusable {
        text: unusable.text.clone(),
        why: unusable.why.name().to_owned(),
    }
}

fn restore(stored: StoredRefusal) -> Result<Refusal, WireError> {
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
        StoredRefusal::NotAuthenticated { spf_allowed } => {
            Refusal::NotAuthenticated(if spf_allowed {
                TrustSetting::DkimOrSpf
            } else {
                TrustSetting::Dkim
            })
        }
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
    })
}

fn restore_unusable(stored: StoredUnusable) -> Result<Unusable, WireError> {
    Ok(Unusable {
        why: UnusableReason::from_name(&stored.why).ok_or(WireError::Field("why"))?,
        text: stored.text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
            Refusal::NotAuthenticated(TrustSetting::Dkim),
            Refusal::NotAuthenticated(TrustSetting::DkimOrSpf),
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
        let json = refusals_to_json(&refusals).unwrap();
        assert_eq!(refusals_from_json(&json).unwrap(), refusals);
    }
}
