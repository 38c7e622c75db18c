//! The three outcomes of an inbound mail: ignore silently, refuse with a notice, accept.

use crate::limits::{
    DESTINATIONS_MAX, MESSAGE_SIZE_BYTES_MAX, RECIPIENTS_MAX, SMS_PER_ACCOUNT_AND_DAY_MAX,
};
use crate::{
    AccountStatus, Addressed, Authentication, Destinations, Distrust, Doubt, Ignored,
    InboundMessage, Price, Recipient, Refusal, Request, Standing, ToRecipients, TrustSetting,
    VirusVerdict, Vouched,
};

/// What becomes of an inbound mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intake {
    /// No answer at all: an answer would be backscatter (P-011, P-012, Q-13).
    Ignore(Ignored),
    /// Nobody vouches for the mail: at most one notice an hour counts such mails. Other
    /// reasons are not told, for their words may be a forger's.
    Distrust(Distrust),
    /// A warning notice with every reason at once (P-013).
    Refuse(Vec<Refusal>),
    /// One dispatch per recipient (I-061).
    Accept {
        /// Whom it goes to.
        recipients: Vec<Recipient>,
        /// What each of them costs, and what is reserved for all (I-042).
        price: Price,
        /// Who vouches for the mail.
        vouched: Vouched,
    },
}

/// Decides over a mail that reached a service address. `standing` is `None` for a sender who is
/// not on the allowlist. All reasons to refuse are returned together.
#[must_use]
pub fn decide_intake(message: &InboundMessage, standing: Option<&Standing>) -> Intake {
    if let Some(automatic) = message.automatic {
        return Intake::Ignore(Ignored::Automatic(automatic));
    }
    if message.from.is_none() {
        return Intake::Ignore(Ignored::NoSingleFrom);
    }
    let Some(standing) = standing else {
        return Intake::Ignore(Ignored::UnknownSender);
    };
    if !message.request.is_for(&standing.account.id) {
        return Intake::Ignore(Ignored::UnknownServiceAddress);
    }
    let recipients = message.request.recipients();
    let price = Price::of(recipients.len());
    let vouched = vouch_for_request(message, standing.entry.trust);
    let vouched = match vouched {
        Ok(vouched) => vouched,
        Err(doubts) => {
            let trust = standing.entry.trust;
            return Intake::Distrust(Distrust { trust, doubts });
        }
    };
    let refusals: Vec<Refusal> = trust_refusals(message, standing)
        .into_iter()
        .chain(sms_refusal(&recipients, message.sms_today))
        .chain(request_refusals(&message.request))
        .chain(
            standing
                .balance
                .shortage(price.total())
                // Nobody can buy points for a closed account: no advice to do so.
                .filter(|_| !standing.account.is_lapsed())
                .map(Refusal::NotEnoughPoints),
        )
        .collect();
    if refusals.is_empty() {
        Intake::Accept {
            recipients,
            price,
            vouched,
        }
    } else {
        Intake::Refuse(refusals)
    }
}

/// How many of the recipients get an SMS.
#[must_use]
pub fn sms_of(recipients: &[Recipient]) -> usize {
    let mobiles = recipients.iter().filter_map(Recipient::mobile);
    mobiles.count()
}

fn sms_refusal(recipients: &[Recipient], sms_today: u32) -> Option<Refusal> {
    let count = sms_of(recipients);
    let left = SMS_PER_ACCOUNT_AND_DAY_MAX.saturating_sub(sms_today);
    let is_too_many = u32::try_from(count).map_or(true, |count| count > left);
    is_too_many.then_some(Refusal::TooManySms { count, left })
}

/// Whether the sender wrote the mail as it is, to us, and lately. Where the allowlist entry
/// says so, aligned SPF is enough: the mail came from a server of the sender's just now.
///
/// # Errors
/// Every doubt.
fn vouch_for_request(message: &InboundMessage, trust: TrustSetting) -> Result<Vouched, Vec<Doubt>> {
    let authentication = &message.authentication;
    let vouched = authentication.vouch();
    let mut doubts = vouched.clone().err().unwrap_or_default();
    if let Some(signature) = authentication.relied_on() {
        doubts.extend(signature.doubt_of_age(message.received_at));
        let is_addressed = message.addressed.is_covered(&signature.coverage);
        if !is_addressed && !authentication.spf_aligned {
            doubts.push(Doubt::NotAddressedToUs);
        }
    }
    match vouched {
        Ok(vouched) if doubts.is_empty() => Ok(vouched),
        Ok(_) | Err(_) => match trust {
            TrustSetting::DkimOrSpf if authentication.spf_aligned => Ok(Vouched::by_spf_alone()),
            TrustSetting::DkimOrSpf | TrustSetting::Dkim => Err(doubts),
        },
    }
}

/// Whether the owner of the From address wrote a mail as it is, in answer to one contract:
/// `addressed` says where the address of that contract stands. It must be signed, else the mail may
/// have been written to somebody else and passed on to us; or aligned SPF shows that it came from a
/// server of its writer's. Its age does not matter, because its address is of use only once.
#[must_use]
pub fn is_written_to(authentication: &Authentication, addressed: Addressed) -> bool {
    let is_addressed = authentication
        .relied_on()
        .is_some_and(|signature| addressed.is_covered(&signature.coverage));
    authentication.vouch().is_ok() && (is_addressed || authentication.spf_aligned)
}

fn request_refusals(request: &Request) -> Vec<Refusal> {
    match request {
        Request::Mail(to) => recipient_refusals(to),
        Request::Contract { destinations, .. } => destination_refusals(destinations),
        Request::Mixed(_) => vec![Refusal::MixedServices],
    }
}

fn destination_refusals(destinations: &Destinations) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if !destinations.unusable.is_empty() {
        refusals.push(Refusal::UnusableDestinations(destinations.unusable.clone()));
    } else if destinations.recipients.is_empty() {
        refusals.push(Refusal::NoDestination);
    }
    if destinations.recipients.len() > DESTINATIONS_MAX {
        refusals.push(Refusal::TooManyDestinations {
            count: destinations.recipients.len(),
            limit: DESTINATIONS_MAX,
        });
    }
    refusals
}

fn trust_refusals(message: &InboundMessage, standing: &Standing) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    match standing.account.status {
        AccountStatus::Active => {}
        AccountStatus::Suspended => refusals.push(Refusal::AccountSuspended),
        AccountStatus::Lapsed { .. } => refusals.push(Refusal::AccountLapsed),
    }
    if !message.repeated_fields.is_empty() {
        refusals.push(Refusal::RepeatedFields(message.repeated_fields.clone()));
    }
    if message.virus == VirusVerdict::Fail {
        refusals.push(Refusal::Virus);
    }
    if message.size_bytes > MESSAGE_SIZE_BYTES_MAX {
        refusals.push(Refusal::TooLarge {
            size_bytes: message.size_bytes,
            limit_bytes: MESSAGE_SIZE_BYTES_MAX,
        });
    }
    refusals
}

fn recipient_refusals(to: &ToRecipients) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    // SES sends to ASCII local parts only (no SMTPUTF8), whatever RFC 6531 allows.
    let unsendable = to
        .recipients
        .iter()
        .filter(|to| !to.local_part().is_ascii());
    let unsendable = unsendable.map(|to| to.as_str().to_owned());
    let unreadable: Vec<String> = to.unreadable.iter().cloned().chain(unsendable).collect();
    if !unreadable.is_empty() {
        refusals.push(Refusal::UnreadableRecipients(unreadable));
    } else if to.recipients.is_empty() && to.service_addresses > 0 {
        refusals.push(Refusal::OnlyServiceAddresses);
    } else if to.recipients.is_empty() {
        refusals.push(Refusal::NoRecipient);
    }
    if to.recipients.len() > RECIPIENTS_MAX {
        refusals.push(Refusal::TooManyRecipients {
            count: to.recipients.len(),
            limit: RECIPIENTS_MAX,
        });
    }
    refusals
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        AcceptanceNotices, Account, AlignedSignature, AllowlistEntry, AutomaticMail, Balance,
        Coverage, HeaderField, Language, Points, Settings, Sha256Digest,
    };

    const AT: &str = "2026-01-05T00:00:00Z";

    fn message() -> InboundMessage {
        InboundMessage {
            automatic: None,
            from: Some("taro@customer.test".parse().unwrap()),
            request: Request::Mail(to_two()),
            size_bytes: MESSAGE_SIZE_BYTES_MAX,
            virus: VirusVerdict::Pass,
            authentication: signed(),
            addressed: Addressed {
                in_to: false,
                in_cc: true,
            },
            repeated_fields: Vec::new(),
            sms_today: 0,
            received_at: AT.parse().unwrap(),
        }
    }

    /// A signature that covers everything of a mail with these fields.
    fn signed() -> Authentication {
        use HeaderField::{Cc, ContentType, Date, From, MessageId, Subject, To};
        let fields = [From, Subject, Date, MessageId, To, Cc, ContentType];
        let coverage = fields
            .into_iter()
            .fold(Coverage::default(), |coverage, field| {
                coverage.with(field, true)
            });
        Authentication {
            signatures: vec![AlignedSignature {
                position: 0,
                is_exact: true,
                coverage,
                made_at: Some(AT.parse().unwrap()),
                digest: Sha256Digest::new([7; 32]),
            }],
            spf_aligned: false,
        }
    }

    fn to_two() -> ToRecipients {
        ToRecipients {
            recipients: vec![
                "a@example.test".parse().unwrap(),
                "b@example.test".parse().unwrap(),
            ],
            ..ToRecipients::default()
        }
    }

    fn standing(points: u32) -> Standing {
        Standing {
            entry: AllowlistEntry {
                sender: "taro@customer.test".parse().unwrap(),
                account: "K7Q2".parse().unwrap(),
                proven_at: "2026-01-05T00:00:00Z".parse().unwrap(),
                trust: TrustSetting::Dkim,
            },
            account: Account {
                id: "K7Q2".parse().unwrap(),
                company: "証株式会社".to_owned(),
                address: None,
                contact: "山田太郎".to_owned(),
                mail: "taro@customer.test".parse().unwrap(),
                mobile: None,
                status: AccountStatus::Active,
                settings: Settings {
                    certificates_by_mail: true,
                    acceptance_notices: AcceptanceNotices::default(),
                    language: Language::default(),
                    zone: "Asia/Tokyo".parse().unwrap(),
                    contracts: crate::ContractSettings::default(),
                },
                last_used_at: "2026-01-05T00:00:00Z".parse().unwrap(),
                warned: None,
            },
            balance: Balance::free(Points::new(points)),
        }
    }

    #[test]
    fn an_answer_is_written_by_its_signer_to_the_contract_or_sent_by_their_server_q_23() {
        let to_us = Addressed {
            in_to: true,
            in_cc: false,
        };
        let elsewhere = Addressed::default();
        let by_spf = Authentication {
            spf_aligned: true,
            ..Authentication::default()
        };
        let both = Authentication {
            spf_aligned: true,
            ..signed()
        };
        for (authentication, addressed, expected) in [
            (signed(), to_us, true),
            (signed(), elsewhere, false),
            (both, elsewhere, true),
            (by_spf, to_us, false),
            (Authentication::default(), to_us, false),
        ] {
            let is_theirs = is_written_to(&authentication, addressed);
            assert_eq!(is_theirs, expected, "{authentication:?} {addressed:?}");
        }
    }

    #[test]
    fn accepts_a_mail_of_exactly_five_mebibytes_and_prices_each_recipient_i_042_i_066() {
        let Intake::Accept {
            recipients, price, ..
        } = decide_intake(&message(), Some(&standing(2)))
        else {
            panic!("refused");
        };
        assert_eq!((recipients.len(), price.total()), (2, Points::new(2)));
        assert_eq!(price.each(), Points::new(1));
    }

    #[test]
    fn gives_all_reasons_at_once_p_013() {
        let mut bad = message();
        bad.size_bytes += 1;
        bad.virus = VirusVerdict::Fail;
        bad.repeated_fields = vec![HeaderField::To];
        bad.request = Request::Mail(ToRecipients {
            unreadable: vec!["山田".to_owned()],
            ..to_two()
        });
        let mut standing = standing(1);
        standing.account.status = AccountStatus::Suspended;
        let Intake::Refuse(refusals) = decide_intake(&bad, Some(&standing)) else {
            panic!("not refused");
        };
        assert_eq!(refusals.len(), 6, "{refusals:?}");
    }

    #[test]
    fn tells_the_senders_of_a_lapsed_account_that_it_is_closed_and_not_to_buy_points_i_046() {
        let mut standing = standing(0);
        standing.account.status = AccountStatus::Lapsed {
            at: "2031-01-05T00:00:00Z".parse().unwrap(),
        };
        assert_eq!(
            decide_intake(&message(), Some(&standing)),
            Intake::Refuse(vec![Refusal::AccountLapsed])
        );
    }

    #[test]
    fn names_what_is_wrong_with_to() {
        for (to, expected) in [
            (ToRecipients::default(), Refusal::NoRecipient),
            (
                ToRecipients {
                    service_addresses: 1,
                    ..ToRecipients::default()
                },
                Refusal::OnlyServiceAddresses,
            ),
            (
                ToRecipients {
                    recipients: vec!["山田@example.test".parse().unwrap()],
                    ..ToRecipients::default()
                },
                Refusal::UnreadableRecipients(vec!["山田@example.test".to_owned()]),
            ),
        ] {
            let request = Request::Mail(to);
            let message = InboundMessage {
                request,
                ..message()
            };
            let decided = decide_intake(&message, Some(&standing(9)));
            assert_eq!(decided, Intake::Refuse(vec![expected]));
        }
    }

    #[test]
    fn refuses_one_recipient_too_many() {
        for (count, refused) in [(RECIPIENTS_MAX, false), (RECIPIENTS_MAX + 1, true)] {
            let recipients = (0..count)
                .map(|n| format!("r{n}@example.test").parse().unwrap())
                .collect();
            let to = ToRecipients {
                recipients,
                ..ToRecipients::default()
            };
            let request = Request::Mail(to);
            let message = InboundMessage {
                request,
                ..message()
            };
            let decided = decide_intake(&message, Some(&standing(999)));
            assert_eq!(matches!(decided, Intake::Refuse(_)), refused, "{count}");
        }
    }

    #[test]
    fn spf_counts_only_where_the_entry_allows_it_q_8() {
        let mut by_spf = message();
        by_spf.authentication = Authentication {
            signatures: Vec::new(),
            spf_aligned: true,
        };
        let mut standing = standing(9);
        assert_eq!(
            decide_intake(&by_spf, Some(&standing)),
            Intake::Distrust(Distrust {
                trust: TrustSetting::Dkim,
                doubts: vec![Doubt::NoSignature],
            })
        );
        standing.entry.trust = TrustSetting::DkimOrSpf;
        assert!(matches!(
            decide_intake(&by_spf, Some(&standing)),
            Intake::Accept { .. }
        ));
    }

    #[test]
    fn the_service_is_addressed_in_a_signed_field_or_spf_vouches_q_21() {
        let standing = standing(9);
        for (in_to, in_cc, spf, accepted) in [
            (true, false, false, true),
            (false, true, false, true),
            // By Bcc, or a genuine mail to somebody else that is sent to us.
            (false, false, false, false),
            (false, false, true, true),
        ] {
            let mut one = message();
            one.addressed = Addressed { in_to, in_cc };
            one.authentication.spf_aligned = spf;
            let decided = decide_intake(&one, Some(&standing));
            assert_eq!(matches!(decided, Intake::Accept { .. }), accepted);
            if !accepted {
                let doubts = vec![Doubt::NotAddressedToUs];
                let trust = TrustSetting::Dkim;
                assert_eq!(decided, Intake::Distrust(Distrust { trust, doubts }));
            }
        }
        let mut uncovered = message();
        for signature in &mut uncovered.authentication.signatures {
            signature.coverage = Coverage::default()
                .with(HeaderField::From, true)
                .with(HeaderField::Cc, false);
        }
        let Intake::Distrust(distrust) = decide_intake(&uncovered, Some(&standing)) else {
            panic!("an address in an unsigned Cc is an address of anybody's");
        };
        assert!(distrust.doubts.contains(&Doubt::NotAddressedToUs));
    }

    #[test]
    fn an_old_signature_is_distrusted_unless_spf_may_vouch_alone_q_21() {
        let mut old = message();
        old.received_at = "2026-06-05T00:00:00Z".parse().unwrap();
        old.authentication.spf_aligned = true;
        let mut standing = standing(9);
        let Intake::Distrust(distrust) = decide_intake(&old, Some(&standing)) else {
            panic!("accepted");
        };
        assert!(matches!(distrust.doubts[..], [Doubt::TooOld(_)]));
        standing.entry.trust = TrustSetting::DkimOrSpf;
        let Intake::Accept { vouched, .. } = decide_intake(&old, Some(&standing)) else {
            panic!("not accepted");
        };
        assert_eq!(vouched, Vouched::by_spf_alone());
    }

    #[test]
    fn an_account_asks_for_so_many_sms_a_day_and_no_more() {
        let destinations = Destinations {
            recipients: vec![Recipient::Mobile("+819012345678".parse().unwrap()); 2],
            ..Destinations::default()
        };
        let mut contract = message();
        contract.request = Request::Contract {
            account: "K7Q2".parse().unwrap(),
            destinations,
        };
        for (sms_today, refusal) in [
            (SMS_PER_ACCOUNT_AND_DAY_MAX - 2, None),
            (
                SMS_PER_ACCOUNT_AND_DAY_MAX - 1,
                Some(Refusal::TooManySms { count: 2, left: 1 }),
            ),
        ] {
            contract.sms_today = sms_today;
            match (decide_intake(&contract, Some(&standing(9))), refusal) {
                (Intake::Accept { .. }, None) => {}
                (Intake::Refuse(refusals), Some(refusal)) => assert_eq!(refusals, [refusal]),
                (decided, _) => panic!("{sms_today}: {decided:?}"),
            }
        }
    }

    #[test]
    fn never_answers_strangers_bounces_or_robots_q_13() {
        let standing = standing(9);
        assert_eq!(
            decide_intake(&message(), None),
            Intake::Ignore(Ignored::UnknownSender)
        );
        let no_from = InboundMessage {
            from: None,
            ..message()
        };
        assert_eq!(
            decide_intake(&no_from, Some(&standing)),
            Intake::Ignore(Ignored::NoSingleFrom)
        );
        for sign in [
            AutomaticMail::NullReturnPath,
            AutomaticMail::AutoSubmitted,
            AutomaticMail::Precedence,
            AutomaticMail::MailingList,
        ] {
            let automatic = InboundMessage {
                automatic: Some(sign),
                ..message()
            };
            assert_eq!(
                decide_intake(&automatic, Some(&standing)),
                Intake::Ignore(Ignored::Automatic(sign))
            );
        }
    }
}
