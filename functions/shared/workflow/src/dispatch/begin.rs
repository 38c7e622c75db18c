//! How the workflow of a dispatch begins: all that its state machine has to know of the product.

use std::num::NonZeroU32;

use domain::limits::{DELIVERY_TIMEOUT_SECONDS, MAIL_HEAD_START_SECONDS};
use domain::{Dispatch, Offer, OfferOrder, Product, Roads};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// On which branch an execution begins, and how long it waits. The first state of
/// `infra/workflows/dispatch.asl.yaml` goes by the tag `begin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "begin", rename_all = "snake_case")]
pub enum Begin {
    /// Sends on every road, and waits for what settles the dispatch.
    Send {
        /// How long it waits, in seconds.
        timeout_seconds: u64,
    },
    /// The same when it is the dispatch's turn: those of one submission go out one after the other.
    SendLater {
        /// How long it waits for its turn, in seconds, at least 1.
        delay_seconds: u64,
        /// How long it waits then, in seconds.
        timeout_seconds: u64,
    },
    /// Sends by mail, and on the other road when the mail had its head start (P-022).
    MailFirst {
        /// How long the other road waits to hear what became of the mail, in seconds.
        head_start_seconds: u64,
        /// How long it waits for what settles the dispatch, in seconds.
        timeout_seconds: u64,
    },
    /// The same when it is the dispatch's turn.
    MailFirstLater {
        /// How long it waits for its turn, in seconds, at least 1.
        delay_seconds: u64,
        /// How long the other road waits to hear what became of the mail, in seconds.
        head_start_seconds: u64,
        /// How long it waits for what settles the dispatch, in seconds.
        timeout_seconds: u64,
    },
    /// Sends nothing and waits for nothing: there is something to certify.
    Certify,
}

/// How long this deployment waits where no customer chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a settling event of registered mail, in seconds (Q-25).
    pub delivery_seconds: u64,
    /// For what becomes of an offer's mail before its SMS goes out, in seconds (P-022).
    pub head_start_seconds: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            delivery_seconds: DELIVERY_TIMEOUT_SECONDS,
            head_start_seconds: MAIL_HEAD_START_SECONDS,
        }
    }
}

impl Begin {
    /// How the workflow of a dispatch begins that starts, or starts again, now.
    #[must_use]
    pub fn of(dispatch: &Dispatch, patience: Patience, now: Timestamp) -> Self {
        match &dispatch.product {
            Product::Mail => Self::of_mail(patience),
            Product::Contract(offer) => {
                let timeout_seconds = seconds_left(offer, now)
                    .saturating_add(grace_seconds(offer, dispatch.accepted_at));
                match offer.roads_to(&dispatch.recipient) {
                    Roads::Both(OfferOrder::MailThenSms) => Self::MailFirst {
                        head_start_seconds: patience.head_start_seconds,
                        timeout_seconds,
                    },
                    Roads::Both(OfferOrder::Parallel) | Roads::Only(_) => {
                        Self::Send { timeout_seconds }
                    }
                }
            }
            Product::Addendum(_) => Self::Certify,
        }
    }

    /// The same for the dispatch at this place of its submission (from 0), of which so many may be
    /// sent a second. Only who has to wait passes the state that waits: transitions are money.
    #[must_use]
    pub fn paced(self, position: usize, per_second: NonZeroU32) -> Self {
        let position = u64::try_from(position).unwrap_or(u64::MAX);
        let delay_seconds = position / u64::from(per_second.get());
        match self {
            Self::Send { timeout_seconds } if delay_seconds > 0 => Self::SendLater {
                delay_seconds,
                timeout_seconds,
            },
            Self::MailFirst {
                head_start_seconds,
                timeout_seconds,
            } if delay_seconds > 0 => Self::MailFirstLater {
                delay_seconds,
                head_start_seconds,
                timeout_seconds,
            },
            Self::Send { .. }
            | Self::MailFirst { .. }
            | Self::SendLater { .. }
            | Self::MailFirstLater { .. }
            | Self::Certify => self,
        }
    }

    /// The same for each registered mail.
    pub(crate) fn of_mail(patience: Patience) -> Self {
        Self::Send {
            timeout_seconds: patience.delivery_seconds,
        }
    }
}

fn seconds_left(offer: &Offer, now: Timestamp) -> u64 {
    let left = offer.answer_until.duration_since(now).as_secs();
    u64::try_from(left).unwrap_or(0)
}

/// How long after its deadline an offer still waits, in seconds: a minute, as this deployment
/// counts hours. What reached us in time may be read seconds later, and settles the contract all
/// the same.
fn grace_seconds(offer: &Offer, accepted_at: Timestamp) -> u64 {
    let whole = offer.answer_until.duration_since(accepted_at).as_secs();
    let minute = whole / (i64::from(offer.deadline.hours().max(1)) * 60);
    u64::try_from(minute).unwrap_or(0).max(1)
}

#[cfg(test)]
mod tests {
    use domain::{
        Addendum, AddendumReason, AnswerDeadline, AnswerToken, EventId, Origin, Points, Recipient,
        Sha256Digest, ThreadKey,
    };

    use super::*;

    const PATIENCE: Patience = Patience {
        delivery_seconds: 86_400,
        head_start_seconds: 900,
    };

    fn dispatch(product: Product, recipient: Recipient) -> Dispatch {
        Dispatch {
            id: "abc-01".parse().unwrap(),
            serial: "K7Q2-000001".parse().unwrap(),
            product,
            submission: "abc".parse().unwrap(),
            origin: Origin::Mail {
                inbound: "abc".parse().unwrap(),
                sender: "taro@example.jp".parse().unwrap(),
            },
            recipient,
            accepted_at: "2026-01-05T00:00:00Z".parse().unwrap(),
            price: Points::new(1),
            thread: ThreadKey::new(1),
        }
    }

    #[test]
    fn each_product_begins_on_its_branch_p_022_p_065() {
        let mail = || "hanako@example.jp".parse().unwrap();
        let both = || Recipient::Both {
            mail: mail(),
            mobile: "+819012345678".parse().unwrap(),
        };
        let offer = |order| -> Product {
            Product::Contract(Offer {
                order,
                deadline: AnswerDeadline::from_hours(24).unwrap(),
                answer_until: "2026-01-06T00:00:00Z".parse().unwrap(),
                token: AnswerToken::new(1),
            })
        };
        let added: Product = Product::Addendum(Addendum {
            main: "abc-01".parse().unwrap(),
            reason: AddendumReason::LateAnswer,
            event: EventId::new(Sha256Digest::new([1; 32])),
        });
        let mail_first = offer(OfferOrder::MailThenSms);
        for (product, recipient, expected) in [
            (
                Product::Mail,
                Recipient::Mail(mail()),
                r#"{"begin":"send","timeout_seconds":86400}"#,
            ),
            // An hour is over, and a minute is added.
            (
                offer(OfferOrder::Parallel),
                both(),
                r#"{"begin":"send","timeout_seconds":82860}"#,
            ),
            (
                mail_first.clone(),
                both(),
                r#"{"begin":"mail_first","head_start_seconds":900,"timeout_seconds":82860}"#,
            ),
            (
                mail_first,
                Recipient::Mail(mail()),
                r#"{"begin":"send","timeout_seconds":82860}"#,
            ),
            (added, both(), r#"{"begin":"certify"}"#),
        ] {
            let dispatch = dispatch(product, recipient);
            let begin = Begin::of(&dispatch, PATIENCE, "2026-01-05T01:00:00Z".parse().unwrap());
            assert_eq!(serde_json::to_string(&begin).unwrap(), expected);
        }
    }

    #[test]
    fn so_many_go_out_a_second_and_the_others_wait_for_their_turn() {
        let three = NonZeroU32::new(3).unwrap();
        let send = Begin::of_mail(PATIENCE);
        let begins = (0..7).map(|position| match send.paced(position, three) {
            Begin::Send { .. } => 0,
            Begin::SendLater { delay_seconds, .. } => delay_seconds,
            Begin::MailFirst { .. } | Begin::MailFirstLater { .. } | Begin::Certify => {
                panic!("it is a registered mail")
            }
        });
        assert!(begins.eq([0, 0, 0, 1, 1, 1, 2]));
        let first = Begin::MailFirst {
            head_start_seconds: 900,
            timeout_seconds: 60,
        };
        assert_eq!(first.paced(2, three), first);
        assert_eq!(
            serde_json::to_string(&first.paced(9, three)).unwrap(),
            concat!(
                r#"{"begin":"mail_first_later","delay_seconds":3,"#,
                r#""head_start_seconds":900,"timeout_seconds":60}"#
            )
        );
        assert_eq!(Begin::Certify.paced(9, three), Begin::Certify);
    }

    #[test]
    fn an_offer_whose_time_is_over_still_waits_for_what_arrived_in_time_q_1() {
        let offer = Offer {
            order: OfferOrder::Parallel,
            deadline: AnswerDeadline::from_hours(24).unwrap(),
            answer_until: "2026-01-06T00:00:00Z".parse().unwrap(),
            token: AnswerToken::new(1),
        };
        let address = "hanako@example.jp".parse().unwrap();
        let dispatch = dispatch(Product::Contract(offer), Recipient::Mail(address));
        let late = "2026-01-09T00:00:00Z".parse().unwrap();
        let timeout_seconds = 60;
        let expected = Begin::Send { timeout_seconds };
        assert_eq!(Begin::of(&dispatch, PATIENCE, late), expected);
    }
}
