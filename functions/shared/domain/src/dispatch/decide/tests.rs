use proptest::prelude::*;

use super::*;
use crate::{Bounce, ChargeState, Named};

const RELAY: Course = Course::Relay(Channel::Mail);

fn now() -> Timestamp {
    "2026-01-05T00:00:00Z".parse().unwrap()
}

fn bounced(kind: BounceKind) -> Command {
    Command::Observe(
        Channel::Mail,
        Observation::Bounced(Bounce {
            kind,
            status: None,
            diagnostic: None,
        }),
    )
}

fn delivered() -> Command {
    Command::Observe(
        Channel::Mail,
        Observation::Delivered {
            smtp_response: "250 2.0.0 OK".to_owned(),
            reporting_mta: "a8-50.smtp-out.amazonses.com".to_owned(),
            remote_mta_ip: None,
        },
    )
}

fn accepted() -> Command {
    Command::Observe(
        Channel::Mail,
        Observation::ProviderAccepted {
            message_id: "0100-1".parse().unwrap(),
        },
    )
}

fn refused() -> Command {
    Command::Observe(
        Channel::Mail,
        Observation::ProviderRefused {
            reason: "MessageRejected".to_owned(),
        },
    )
}

fn run(commands: &[Command]) -> (Progress, Vec<Decision>) {
    let mut progress = Progress::default();
    let mut decisions = Vec::new();
    for command in commands {
        let decision = decide(RELAY, &progress, command, now());
        progress = decision.progress.clone();
        decisions.push(decision);
    }
    (progress, decisions)
}

/// What followed on the way: where the message was sent, and how the charge ended.
fn effects(decisions: &[Decision]) -> Vec<(Option<Channel>, Option<ChargeState>)> {
    let mut before = Progress::default();
    let mut effects = Vec::new();
    for decision in decisions {
        effects.push((
            decision.sends,
            decision.progress.charge_ended_since(&before),
        ));
        before = decision.progress.clone();
    }
    effects.retain(|effect| *effect != (None, None));
    effects
}

/// How often a charge ended on the way.
fn charges_ended(decisions: &[Decision]) -> usize {
    let ended = effects(decisions).into_iter();
    ended.filter(|(_, charge)| charge.is_some()).count()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of outcomes")]
fn each_way_of_a_mail_ends_in_its_outcome() {
    let delayed = Command::Observe(
        Channel::Mail,
        Observation::Delayed {
            reason: "MailboxFull".to_owned(),
        },
    );
    let complained = Command::Observe(Channel::Mail, Observation::Complained);
    for (commands, outcome, charge) in [
        (
            vec![accepted(), delivered()],
            "relayed",
            ChargeState::Posted,
        ),
        (
            vec![accepted(), delayed, delivered(), complained],
            "relayed",
            ChargeState::Posted,
        ),
        (
            vec![accepted(), bounced(BounceKind::Permanent)],
            "noex",
            ChargeState::Posted,
        ),
        (
            vec![accepted(), bounced(BounceKind::Transient)],
            "undelivered",
            ChargeState::Posted,
        ),
        (
            vec![accepted(), bounced(BounceKind::Refused)],
            "undelivered",
            ChargeState::Posted,
        ),
        // what nobody could tell decides nothing.
        (
            vec![accepted(), bounced(BounceKind::Undetermined), delivered()],
            "relayed",
            ChargeState::Posted,
        ),
        (
            vec![
                accepted(),
                bounced(BounceKind::Undetermined),
                Command::PassDeadline,
            ],
            "unconfirmed",
            ChargeState::Posted,
        ),
        (
            vec![accepted(), bounced(BounceKind::Suppressed)],
            "not_attempted_suppressed",
            ChargeState::Voided,
        ),
        (
            vec![refused()],
            "not_attempted_refused",
            ChargeState::Voided,
        ),
        (
            vec![accepted(), Command::PassDeadline],
            "unconfirmed",
            ChargeState::Posted,
        ),
        (
            vec![Command::PassDeadline],
            "unconfirmed_unsent",
            ChargeState::Voided,
        ),
        (
            vec![Command::Postpone(Channel::Mail), Command::PassDeadline],
            "not_attempted_deadline",
            ChargeState::Voided,
        ),
    ] {
        let commands = [vec![Command::Attempt(Channel::Mail)], commands].concat();
        let (progress, _) = run(&commands);
        assert_eq!(
            progress.outcome().map(Outcome::name),
            Some(outcome),
            "{commands:?}"
        );
        assert_eq!(progress.charge(), charge, "{commands:?}");
    }
}

#[test]
fn a_late_bounce_is_kept_as_supplementary_and_changes_nothing() {
    let (progress, _) = run(&[Command::Attempt(Channel::Mail), accepted(), delivered()]);
    let bounce = bounced(BounceKind::Permanent);
    let decision = decide(RELAY, &progress, &bounce, now());
    assert!(decision.is_supplementary);
    assert!(decision.event.is_some());
    assert_eq!(decision.progress, progress);
    assert_eq!(decision.sends, None);
}

#[test]
fn a_relay_goes_out_on_its_channel_and_is_settled_by_what_becomes_of_it_there() {
    for (channel, other) in [(Channel::Mail, Channel::Sms), (Channel::Sms, Channel::Mail)] {
        let relay = Course::Relay(channel);
        let then = |progress: &Progress, command| decide(relay, progress, &command, now());
        let nothing = then(&Progress::default(), Command::Attempt(other));
        assert_eq!(nothing.event, None);
        let silent = then(&Progress::default(), Command::Attempt(channel));
        assert_eq!(silent.sends, Some(channel));
        let delivered = |channel| {
            let seen = Observation::Delivered {
                smtp_response: "250 ok".to_owned(),
                reporting_mta: "a8-90".to_owned(),
                remote_mta_ip: None,
            };
            Command::Observe(channel, seen)
        };
        let heard = then(&silent.progress, delivered(other));
        assert_eq!(heard.progress.outcome(), None, "{channel:?}");
        let heard = then(&silent.progress, delivered(channel));
        assert_eq!(heard.progress.outcome(), Some(Outcome::Relayed));
        let over = then(&silent.progress, Command::PassDeadline);
        let unconfirmed = Outcome::Unconfirmed {
            provider_accepted: false,
        };
        assert_eq!(over.progress.outcome(), Some(unconfirmed), "{channel:?}");
    }
}

#[test]
fn a_second_attempt_sends_nothing_while_the_first_is_unknown() {
    let (_, decisions) = run(&[
        Command::Attempt(Channel::Mail),
        Command::Attempt(Channel::Mail),
        Command::Attempt(Channel::Mail),
    ]);
    let sends: Vec<_> = decisions.iter().map(|decision| decision.sends).collect();
    assert_eq!(sends, [Some(Channel::Mail), None, None]);
}

fn any_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        Just(Command::Attempt(Channel::Mail)),
        Just(Command::Postpone(Channel::Mail)),
        Just(accepted()),
        Just(refused()),
        Just(delivered()),
        Just(bounced(BounceKind::Permanent)),
        Just(bounced(BounceKind::Refused)),
        Just(bounced(BounceKind::Transient)),
        Just(bounced(BounceKind::Undetermined)),
        Just(bounced(BounceKind::Suppressed)),
        Just(Command::Observe(Channel::Mail, Observation::Complained)),
        Just(Command::Observe(
            Channel::Mail,
            Observation::Delayed {
                reason: String::new()
            }
        )),
        Just(Command::PassDeadline),
    ]
}

fn settles(command: &Command) -> bool {
    decide(RELAY, &Progress::default(), command, now())
        .progress
        .settled
        .is_some()
}

proptest! {
    #[test]
    fn whatever_comes_the_charge_is_decided_once_and_stays(
        commands in proptest::collection::vec(any_command(), 0..40),
    ) {
        let (progress, decisions) = run(&commands);
        let charges = charges_ended(&decisions);
        prop_assert_eq!(charges, usize::from(progress.settled.is_some()));
        let first = commands.iter().find(|command| settles(command));
        prop_assert_eq!(progress.settled.is_some(), first.is_some());
    }

    #[test]
    fn a_repeated_command_is_as_good_as_one(
        commands in proptest::collection::vec(any_command(), 0..20),
    ) {
        // `Attempt` after `Postpone` is a new attempt by design, so it is left out here.
        let postpone = Command::Postpone(Channel::Mail);
        let commands: Vec<_> =
            commands.into_iter().filter(|command| *command != postpone).collect();
        let doubled: Vec<_> =
            commands.iter().flat_map(|command| [command.clone(), command.clone()]).collect();
        prop_assert_eq!(run(&commands).0, run(&doubled).0);
    }

    #[test]
    fn one_settling_event_gives_one_outcome_in_any_order(
        noise in proptest::collection::vec(
            prop_oneof![
                Just(accepted()),
                Just(bounced(BounceKind::AutomaticReply)),
                Just(bounced(BounceKind::Undetermined)),
                Just(Command::Observe(Channel::Mail, Observation::Complained)),
                Just(Command::Observe(
                    Channel::Mail,
                    Observation::Delayed { reason: String::new() }
                )),
            ],
            0..10,
        ),
        settling in any_command().prop_filter("settles", settles),
        position in 0_usize..10,
    ) {
        prop_assume!(settling != Command::PassDeadline);
        let alone = run(std::slice::from_ref(&settling)).0.outcome();
        let mut commands = noise;
        commands.insert(position.min(commands.len()), settling);
        prop_assert_eq!(run(&commands).0.outcome(), alone);
    }
}

mod reports {
    use super::*;

    const OURS: &str = "0100-1";
    const FORGED: &str = "0100-2";

    fn report(id: &str, fit: Fit, observation: Observation) -> Command {
        Command::Report(ProviderReport {
            channel: Channel::Mail,
            message_id: id.parse().unwrap(),
            fit,
            observation,
        })
    }

    fn observations() -> Vec<Observation> {
        let bounce = |kind| {
            Observation::Bounced(Bounce {
                kind,
                status: None,
                diagnostic: None,
            })
        };
        vec![
            Observation::ProviderAccepted {
                message_id: FORGED.parse().unwrap(),
            },
            Observation::ProviderRefused {
                reason: "Bad content".to_owned(),
            },
            Observation::Delivered {
                smtp_response: "250 ok".to_owned(),
                reporting_mta: "a8-90".to_owned(),
                remote_mta_ip: None,
            },
            bounce(BounceKind::Permanent),
            bounce(BounceKind::Suppressed),
            Observation::Complained,
        ]
    }

    fn any_forgery() -> impl Strategy<Value = Command> {
        let seen = proptest::sample::select(observations());
        let fit = proptest::sample::select(vec![Fit::Whole, Fit::Partial]);
        (fit, seen).prop_map(|(fit, seen)| report(FORGED, fit, seen))
    }

    fn id_of(progress: &Progress) -> Option<&str> {
        match &progress.mail.attempt {
            Attempt::ProviderAccepted { message_id, .. } => Some(message_id.as_str()),
            Attempt::NotYet | Attempt::Underway { .. } => None,
        }
    }

    #[test]
    fn a_report_about_another_message_is_kept_as_such_and_changes_nothing() {
        let attempt = Command::Attempt(Channel::Mail);
        for (before, fit) in [
            (vec![], Fit::Whole),
            (vec![attempt.clone()], Fit::Partial),
            (vec![attempt.clone(), accepted()], Fit::Whole),
            (vec![attempt.clone(), accepted(), delivered()], Fit::Whole),
            (vec![attempt, Command::Postpone(Channel::Mail)], Fit::Whole),
        ] {
            let (progress, _) = run(&before);
            for seen in observations() {
                let command = report(FORGED, fit, seen.clone());
                let decision = decide(RELAY, &progress, &command, now());
                let id = FORGED.parse().unwrap();
                let event = EventKind::OfAnotherMessage(Channel::Mail, seen, id);
                assert_eq!((event.name(), event.etsi()), ("of_another_message", None));
                assert_eq!(decision.event, Some(event));
                assert_eq!(decision.progress, progress, "{before:?}");
                assert_eq!(decision.sends, None);
            }
        }
    }

    #[test]
    fn a_report_that_fits_tells_the_id_of_a_message_whose_handover_nobody_recorded() {
        for seen in observations() {
            let (progress, _) = run(&[Command::Attempt(Channel::Mail)]);
            let command = report(OURS, Fit::Whole, seen.clone());
            let decision = decide(RELAY, &progress, &command, now());
            let id = OURS.parse().unwrap();
            let observed = EventKind::Observed(Channel::Mail, seen.clone());
            let event = EventKind::ObservedByTags(Channel::Mail, seen, id);
            assert_eq!(
                (event.name(), event.etsi()),
                (observed.name(), observed.etsi())
            );
            assert_eq!(decision.event, Some(event));
        }
    }

    #[test]
    fn the_providers_own_answer_outweighs_an_id_that_was_adopted() {
        let forged = report(FORGED, Fit::Whole, Observation::Complained);
        let (progress, _) = run(&[Command::Attempt(Channel::Mail), forged]);
        assert_eq!(id_of(&progress), Some(FORGED));
        let learned = decide(RELAY, &progress, &accepted(), now()).progress;
        assert_eq!(id_of(&learned), Some(OURS));
    }

    proptest! {
        #[test]
        fn forged_reports_change_nothing_once_the_id_is_known(
            genuine in proptest::collection::vec(
                prop_oneof![
                    proptest::sample::select(observations())
                        .prop_map(|seen| report(OURS, Fit::Whole, seen)),
                    any_command(),
                ],
                0..12,
            ),
            forged in proptest::collection::vec((0_usize..12, any_forgery()), 0..12),
        ) {
            let begin = vec![Command::Attempt(Channel::Mail), accepted()];
            let honest = [begin.clone(), genuine.clone()].concat();
            let mut mixed = genuine;
            for (place, command) in forged {
                mixed.insert(place.min(mixed.len()), command);
            }
            let mixed = [begin, mixed].concat();
            let (progress, decisions) = run(&mixed);
            let (expected, of_honest) = run(&honest);
            prop_assert_eq!(progress, expected);
            prop_assert_eq!(effects(&decisions), effects(&of_honest));
        }

        #[test]
        fn an_id_that_is_known_stays_whatever_is_reported(
            reports in proptest::collection::vec(
                (any::<bool>(), proptest::sample::select(observations())),
                1..12,
            ),
        ) {
            let mut progress = run(&[Command::Attempt(Channel::Mail)]).0;
            let mut known: Option<String> = None;
            for (is_ours, seen) in reports {
                let id = if is_ours { OURS } else { FORGED };
                let command = report(id, Fit::Whole, seen);
                progress = decide(RELAY, &progress, &command, now()).progress;
                let now_known = id_of(&progress).map(str::to_owned);
                prop_assert!(known.is_none() || known == now_known);
                known = now_known;
            }
        }
    }
}

mod offers {
    use super::*;
    use crate::{AnswerProof, AnswerRoad, AnswerStanding, AutomaticMail, OfferOrder};

    const BOTH: Roads = Roads::Both(OfferOrder::Parallel);
    const ROADS: [Roads; 4] = [
        Roads::Only(Channel::Mail),
        Roads::Only(Channel::Sms),
        BOTH,
        Roads::Both(OfferOrder::MailThenSms),
    ];

    fn at(seconds: i64) -> Timestamp {
        now() + jiff::SignedDuration::from_secs(seconds)
    }

    /// An offer may be answered for a hundred seconds.
    fn course(roads: Roads) -> Course {
        Course::Offer {
            roads,
            answer_until: at(100),
        }
    }

    fn answer(standing: AnswerStanding, received_at: i64) -> Command {
        proven(AnswerProof::CallerId, standing, received_at)
    }

    fn proven(proof: AnswerProof, standing: AnswerStanding, received_at: i64) -> Command {
        Command::Answer(Answer {
            road: AnswerRoad::Sms {
                from: "+819012345678".parse().unwrap(),
                to: String::new(),
                message_id: String::new(),
            },
            standing,
            proof,
            received_at: at(received_at),
            text: "いいえ".to_owned(),
            authentication: None,
        })
    }

    fn answered() -> Command {
        answer(AnswerStanding::Recipient, 50)
    }

    fn sms_accepted() -> Command {
        Command::Observe(
            Channel::Sms,
            Observation::ProviderAccepted {
                message_id: "34d9b400".parse().unwrap(),
            },
        )
    }

    fn sms_confirmed() -> Command {
        Command::Observe(
            Channel::Sms,
            Observation::SmsConfirmed {
                provider_response: String::new(),
                carrier: None,
            },
        )
    }

    fn sms_failed(kind: SmsFailureKind) -> Command {
        Command::Observe(
            Channel::Sms,
            Observation::SmsFailed {
                kind,
                provider_response: String::new(),
            },
        )
    }

    fn run(roads: Roads, commands: &[(i64, Command)]) -> (Progress, Vec<Decision>) {
        let mut progress = Progress::default();
        let mut decisions = Vec::new();
        for (seconds, command) in commands {
            let decision = decide(course(roads), &progress, command, at(*seconds));
            progress = decision.progress.clone();
            decisions.push(decision);
        }
        (progress, decisions)
    }

    fn outcome_of(roads: Roads, commands: &[Command]) -> Option<&'static str> {
        let timed: Vec<_> = commands.iter().map(|one| (10, one.clone())).collect();
        run(roads, &timed).0.outcome().map(Outcome::name)
    }

    #[test]
    fn an_offer_ends_without_an_answer_when_all_its_roads_have_failed_p_030_p_042() {
        let (mail, sms) = (Roads::Only(Channel::Mail), Roads::Only(Channel::Sms));
        let noex = || bounced(BounceKind::Permanent);
        let full = || bounced(BounceKind::Transient);
        let suppressed = || bounced(BounceKind::Suppressed);
        let invalid = || sms_failed(SmsFailureKind::InvalidNumber);
        let off = || sms_failed(SmsFailureKind::Unreachable);
        let limit = || sms_failed(SmsFailureKind::SpendingLimit);
        for (roads, commands, expected) in [
            (mail, vec![noex()], Some("noex")),
            (mail, vec![full()], Some("undelivered")),
            (mail, vec![suppressed()], Some("not_attempted_suppressed")),
            (mail, vec![refused()], Some("not_attempted_refused")),
            (mail, vec![delivered(), noex()], None),
            (mail, vec![bounced(BounceKind::AutomaticReply)], None),
            (mail, vec![bounced(BounceKind::Undetermined)], None),
            (
                mail,
                vec![bounced(BounceKind::Refused)],
                Some("undelivered"),
            ),
            (sms, vec![invalid()], Some("noex")),
            (sms, vec![off()], Some("undelivered")),
            (sms, vec![limit()], Some("not_attempted_spending_limit")),
            (sms, vec![sms_confirmed(), invalid()], None),
            (BOTH, vec![noex()], None),
            (BOTH, vec![invalid()], None),
            (BOTH, vec![noex(), invalid()], Some("noex")),
            (BOTH, vec![invalid(), noex()], Some("noex")),
            (BOTH, vec![noex(), off()], Some("undelivered")),
            (BOTH, vec![off(), noex()], Some("undelivered")),
            (BOTH, vec![noex(), limit()], Some("noex")),
            (BOTH, vec![suppressed(), invalid()], Some("noex")),
            (
                BOTH,
                vec![suppressed(), limit()],
                Some("not_attempted_suppressed"),
            ),
            (BOTH, vec![delivered(), invalid()], None),
            (BOTH, vec![noex(), sms_confirmed()], None),
        ] {
            assert_eq!(outcome_of(roads, &commands), expected, "{commands:?}");
        }
    }

    #[test]
    fn an_offer_that_nobody_answered_is_said_to_have_gone_out_only_when_it_did_x_9() {
        let mail = Roads::Only(Channel::Mail);
        let tries = |channel| Command::Attempt(channel);
        let noex = || bounced(BounceKind::Permanent);
        let by_mail = || vec![tries(Channel::Mail), accepted()];
        let by_both = || [by_mail(), vec![tries(Channel::Sms), sms_accepted()]].concat();
        let postponed = || vec![tries(Channel::Sms), Command::Postpone(Channel::Sms)];
        for (roads, commands, expected) in [
            (mail, vec![], "not_attempted_deadline"),
            (mail, vec![tries(Channel::Mail)], "unconfirmed_unsent"),
            (mail, by_mail(), "no_response"),
            (mail, [by_mail(), vec![delivered()]].concat(), "no_response"),
            (mail, vec![delivered()], "no_response"),
            (BOTH, by_both(), "no_response"),
            (BOTH, [by_both(), vec![noex()]].concat(), "no_response"),
            (
                BOTH,
                [by_mail(), vec![tries(Channel::Sms)]].concat(),
                "no_response",
            ),
            (BOTH, [by_mail(), postponed()].concat(), "no_response"),
            // The mail came back, and nobody knows of the SMS whether it left.
            (
                BOTH,
                [by_mail(), vec![noex(), tries(Channel::Sms)]].concat(),
                "unconfirmed_unsent",
            ),
            // The mail came back, and the SMS never left.
            (
                BOTH,
                [by_mail(), vec![noex()], postponed()].concat(),
                "noex",
            ),
            (
                BOTH,
                [by_mail(), vec![bounced(BounceKind::Transient)]].concat(),
                "undelivered",
            ),
            (
                BOTH,
                [by_mail(), vec![bounced(BounceKind::Suppressed)]].concat(),
                "not_attempted_suppressed",
            ),
        ] {
            let mut timed: Vec<_> = commands.iter().map(|one| (10, one.clone())).collect();
            timed.push((100, Command::PassDeadline));
            let ended = run(roads, &timed).0.outcome().map(Outcome::name);
            assert_eq!(ended, Some(expected), "{roads:?} {commands:?}");
        }
    }

    #[test]
    fn only_the_recipients_word_in_time_is_an_answer_q_1_p_024() {
        for (command, expected) in [
            (answer(AnswerStanding::Recipient, 0), Some("answered")),
            (answer(AnswerStanding::Recipient, 100), Some("answered")),
            (answer(AnswerStanding::Recipient, 101), None),
            (answer(AnswerStanding::AnotherAddress, 50), None),
            (answer(AnswerStanding::Malware, 50), None),
            (
                answer(AnswerStanding::Automatic(AutomaticMail::AutoSubmitted), 50),
                None,
            ),
        ] {
            for roads in ROADS {
                // What counts is when it reached us, not when it is read.
                let (progress, decisions) = run(roads, &[(500, command.clone())]);
                assert_eq!(
                    progress.outcome().map(Outcome::name),
                    expected,
                    "{command:?}"
                );
                assert!(
                    decisions.iter().all(|one| one.event.is_some()),
                    "it is kept"
                );
            }
        }
        let relay = decide(RELAY, &Progress::default(), &answered(), now());
        assert_eq!(
            relay.progress.settled, None,
            "a registered mail has no answer"
        );
    }

    #[test]
    fn an_answer_settles_only_with_a_proof_that_counts_q_23_q_31() {
        use AnswerProof as Proof;
        for (proof, settles) in [
            (Proof::Nothing, false),
            (Proof::OfferToken, true),
            (Proof::CopyToken { after_answers: 7 }, false),
            (Proof::Signature, true),
            (Proof::CallerId, true),
        ] {
            let command = proven(proof, AnswerStanding::Recipient, 50);
            let (progress, decisions) = run(BOTH, &[(60, command)]);
            assert_eq!(progress.settled.is_some(), settles, "{proof:?}");
            assert_eq!(progress.answers_taken, u32::from(settles), "{proof:?}");
            assert_eq!(is_theirs(&decisions), [settles], "{proof:?}");
        }
    }

    #[test]
    fn the_settlement_ends_what_the_token_of_the_offer_proves_q_31() {
        let by_offer = |at| proven(AnswerProof::OfferToken, AnswerStanding::Recipient, at);
        for settling in [answered(), Command::PassDeadline] {
            let commands = [
                (110, settling),
                // It reached us before, and is read after.
                (120, by_offer(109)),
                (120, by_offer(110)),
                (120, by_offer(120)),
            ];
            let (_, decisions) = run(BOTH, &commands);
            let later = decisions.get(1..).unwrap();
            assert_eq!(is_theirs(later), [true, false, false], "{commands:?}");
            let settled = decisions.first().unwrap().progress.settled;
            let changes = |one: &Decision| one.sends.is_some() || one.progress.settled != settled;
            assert!(settled.is_some() && !later.iter().any(changes));
        }
    }

    #[test]
    fn the_token_of_a_copy_proves_one_answer_and_ends_with_any_q_31() {
        let by_copy = |after_answers| {
            let proof = AnswerProof::CopyToken { after_answers };
            (120, proven(proof, AnswerStanding::Recipient, 120))
        };
        let stranger = (120, answer(AnswerStanding::AnotherAddress, 120));
        let commands = [
            (60, answered()),
            stranger,
            by_copy(0),
            by_copy(1),
            by_copy(1),
            (130, answered()),
            by_copy(2),
            by_copy(3),
        ];
        let (_, decisions) = run(BOTH, &commands);
        let expected = [true, false, false, true, false, true, false, true];
        assert_eq!(is_theirs(&decisions), expected);
    }

    #[test]
    fn no_proof_makes_an_automatic_reply_an_answer() {
        for proof in AnswerProof::ALL {
            for standing in [
                AnswerStanding::AnotherAddress,
                AnswerStanding::Malware,
                AnswerStanding::Automatic(AutomaticMail::AutoSubmitted),
            ] {
                let (progress, _) = run(BOTH, &[(60, proven(proof, standing, 50))]);
                assert_eq!(progress, Progress::default(), "{proof:?} {standing:?}");
            }
        }
    }

    /// Whether each recorded answer is the recipient's.
    fn is_theirs(decisions: &[Decision]) -> Vec<bool> {
        let events = decisions.iter().filter_map(|one| one.event.as_ref());
        let answers = events.filter_map(|event| {
            let EventKind::AnswerReceived(answer) = event else {
                return None;
            };
            Some(answer.is_of_recipient())
        });
        answers.collect()
    }

    #[test]
    fn a_deadline_passes_by_the_clock_q_1() {
        for roads in ROADS {
            let (progress, decisions) = run(roads, &[(99, Command::PassDeadline)]);
            assert_eq!(progress, Progress::default());
            assert!(decisions.iter().all(|one| one.event.is_none()));
            let (progress, _) = run(roads, &[(100, Command::PassDeadline)]);
            assert!(progress.settled.is_some(), "{roads:?}");
        }
    }

    #[test]
    fn an_offer_goes_out_only_on_its_roads_and_not_after_its_deadline_p_020() {
        for roads in ROADS {
            for channel in Channel::ALL {
                for (seconds, is_open) in [(0, true), (99, true), (100, false)] {
                    let attempt = (seconds, Command::Attempt(channel));
                    let (_, decisions) = run(roads, &[attempt.clone(), attempt]);
                    let sent = decisions.iter().filter(|one| one.sends.is_some()).count();
                    let expected = usize::from(is_open && roads.include(channel));
                    assert_eq!(sent, expected, "{roads:?} {channel:?} {seconds}");
                }
            }
        }
    }

    #[test]
    fn it_is_the_turn_of_the_sms_when_the_fate_of_the_mail_is_known_p_022() {
        let roads = Roads::Both(OfferOrder::MailThenSms);
        let tries = || Command::Attempt(Channel::Sms);
        for (commands, expected) in [
            (vec![], false),
            (vec![Command::Attempt(Channel::Mail), accepted()], false),
            (vec![delivered()], true),
            (vec![bounced(BounceKind::Permanent)], true),
            (vec![bounced(BounceKind::AutomaticReply)], false),
            (vec![refused()], true),
            (vec![delivered(), tries()], false),
            (
                vec![delivered(), tries(), Command::Postpone(Channel::Sms)],
                true,
            ),
            (vec![delivered(), answered()], false),
        ] {
            let timed: Vec<_> = commands.iter().map(|one| (10, one.clone())).collect();
            let (progress, _) = run(roads, &timed);
            assert_eq!(
                progress.is_turn_of_sms(course(roads)),
                expected,
                "{commands:?}"
            );
            assert!(
                !progress.is_turn_of_sms(course(BOTH)),
                "both go out at once"
            );
        }
    }

    fn any_roads() -> impl Strategy<Value = Roads> {
        proptest::sample::select(ROADS.to_vec())
    }

    fn any_offer_command() -> impl Strategy<Value = (i64, Command)> {
        let standing = prop_oneof![
            Just(AnswerStanding::Recipient),
            Just(AnswerStanding::AnotherAddress),
            Just(AnswerStanding::Malware),
            Just(AnswerStanding::Automatic(AutomaticMail::Precedence)),
        ];
        let answers = (standing, 0_i64..200).prop_map(|(who, when)| answer(who, when));
        let failures = proptest::sample::select(SmsFailureKind::ALL.to_vec());
        let command = prop_oneof![
            any_command(),
            Just(Command::Attempt(Channel::Sms)),
            Just(Command::Postpone(Channel::Sms)),
            Just(sms_accepted()),
            Just(sms_confirmed()),
            failures.prop_map(sms_failed),
            answers,
        ];
        (0_i64..200, command)
    }

    fn is_answer(command: &Command) -> bool {
        matches!(command, Command::Answer(answer) if answer.is_of_recipient())
    }

    proptest! {
        #[test]
        fn whatever_comes_an_offer_is_settled_and_charged_once(
            roads in any_roads(),
            commands in proptest::collection::vec(any_offer_command(), 0..40),
        ) {
            let (progress, decisions) = run(roads, &commands);
            let charges = charges_ended(&decisions);
            prop_assert_eq!(charges, usize::from(progress.settled.is_some()));
            let mut settled = None;
            for decision in &decisions {
                prop_assert!(settled.is_none() || settled == decision.progress.settled);
                prop_assert!(!decision.is_supplementary || settled.is_some());
                settled = decision.progress.settled;
            }
        }

        #[test]
        fn whatever_comes_an_offer_is_sent_once_on_each_road_unless_a_provider_was_busy(
            roads in any_roads(),
            commands in proptest::collection::vec(any_offer_command(), 0..40),
        ) {
            let (_, decisions) = run(roads, &commands);
            for channel in Channel::ALL {
                let sent = decisions.iter().filter(|one| one.sends == Some(channel)).count();
                let postponed = EventKind::AttemptPostponed(channel);
                let is_postponed = |one: &&Decision| one.event.as_ref() == Some(&postponed);
                let again = decisions.iter().filter(is_postponed).count();
                prop_assert!(sent <= again + 1);
                prop_assert!(sent == 0 || roads.include(channel));
            }
        }

        #[test]
        fn an_answer_after_the_deadline_never_settles_q_1(
            roads in any_roads(),
            commands in proptest::collection::vec(any_offer_command(), 0..40),
        ) {
            let (progress, _) = run(roads, &commands);
            let is_in_time = |command: &Command| {
                matches!(command, Command::Answer(answer)
                    if answer.is_of_recipient() && answer.received_at <= at(100))
            };
            let was_in_time = commands.iter().any(|(_, command)| is_in_time(command));
            prop_assert!(progress.outcome() != Some(Outcome::Answered) || was_in_time);
        }

        #[test]
        fn every_answer_is_kept(
            roads in any_roads(),
            commands in proptest::collection::vec(any_offer_command(), 0..40),
        ) {
            let (_, decisions) = run(roads, &commands);
            for ((_, command), decision) in commands.iter().zip(&decisions) {
                if let Command::Answer(answer) = command {
                    let event = EventKind::AnswerReceived(answer.clone());
                    prop_assert_eq!(decision.event.as_ref(), Some(&event));
                }
            }
        }

        #[test]
        fn a_repeated_command_about_an_offer_is_as_good_as_one(
            roads in any_roads(),
            commands in proptest::collection::vec(any_offer_command(), 0..20),
        ) {
            // `Attempt` after `Postpone` is a new attempt by design, so it is left out here.
            let commands: Vec<_> = commands
                .into_iter()
                .filter(|(_, command)| !matches!(command, Command::Postpone(_)))
                .collect();
            let doubled: Vec<_> = commands
                .iter()
                .flat_map(|command| [command.clone(), command.clone()])
                .collect();
            // The store knows an answer that comes again and does not count it twice; a command
            // has no identity.
            let seen = |commands: &[(i64, Command)]| Progress {
                answers_taken: 0,
                ..run(roads, commands).0
            };
            prop_assert_eq!(seen(&commands), seen(&doubled));
        }

        #[test]
        fn an_answer_in_time_settles_an_open_offer_whatever_else_was_seen_p_025(
            roads in any_roads(),
            before in proptest::collection::vec(any_offer_command(), 0..20),
            after in proptest::collection::vec(any_offer_command(), 0..20),
        ) {
            let (open, _) = run(roads, &before);
            prop_assume!(open.settled.is_none());
            let commands = [before, vec![(60, answered())], after].concat();
            let (progress, _) = run(roads, &commands);
            prop_assert_eq!(progress.outcome(), Some(Outcome::Answered));
        }

        #[test]
        fn the_failures_of_all_roads_are_one_outcome_in_any_order(
            roads in any_roads(),
            failures in proptest::sample::subsequence(SmsFailureKind::ALL.to_vec(), 1),
            bounce in prop_oneof![
                Just(BounceKind::Permanent),
                Just(BounceKind::Transient),
                Just(BounceKind::Undetermined),
                Just(BounceKind::Suppressed),
            ],
            repeats in 1_usize..4,
        ) {
            let mut forth: Vec<Command> = failures.into_iter().map(sms_failed).collect();
            forth.push(bounced(bounce));
            let mut back = forth.clone();
            back.reverse();
            let back: Vec<Command> =
                back.iter().cycle().take(back.len() * repeats).cloned().collect();
            // With both roads the order decides nothing; with one only that road counts.
            prop_assert_eq!(outcome_of(roads, &forth), outcome_of(roads, &back));
            prop_assert!(!forth.iter().any(is_answer));
        }
    }
}
