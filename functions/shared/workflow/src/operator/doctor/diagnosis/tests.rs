use super::*;

fn exchanger(host: &str) -> MailExchanger {
    MailExchanger {
        preference: 10,
        host: host.to_owned(),
    }
}

/// A service that has everything.
fn healthy() -> Facts {
    let subject = Subject {
        region: "ap-northeast-1".to_owned(),
        domain: "registered.example".to_owned(),
        rule_set: "akashi-inbound".to_owned(),
        alarms_topic: "arn:aws:sns:ap-northeast-1:000000000000:akashi-alarms".to_owned(),
        signing_configuration: "configuration/signing.json".parse().unwrap(),
        mails_per_second: 14,
        is_local: false,
    };
    let inbound = subject.inbound_host();
    let exchangers = subject.receiving_domains();
    let feedback = subject.feedback_host();
    let authority = |name: &str| Authority {
        name: name.to_owned(),
        url: format!("http://{name}.example/tsa"),
        stamps: Ok(()),
    };
    Facts {
        sending: Ok(SendingAccount {
            has_production_access: true,
            is_enabled: true,
            enforcement: "HEALTHY".to_owned(),
            daily_max: Some(50_000),
            sent_today: 12,
            per_second_max: 14,
        }),
        identity: Ok(Some(Identity {
            is_verified: true,
            dkim_status: "SUCCESS".to_owned(),
            dkim_tokens: vec!["abc".to_owned()],
            mail_from: Some(MailFrom {
                domain: "bounce.registered.example".to_owned(),
                status: "SUCCESS".to_owned(),
            }),
        })),
        records: Records {
            receives: Ok(true),
            exchangers: exchangers
                .into_iter()
                .map(|name| (name, Ok(vec![exchanger(&inbound)])))
                .collect(),
            dkim: vec![(
                "abc".to_owned(),
                Ok(Some("abc.dkim.amazonses.com".to_owned())),
            )],
            dmarc: Ok(vec!["v=DMARC1; p=reject".to_owned()]),
            mail_from: Some((
                Ok(vec![exchanger(&feedback)]),
                Ok(vec!["v=spf1 include:amazonses.com ~all".to_owned()]),
            )),
        },
        rule_set: Ok(Some("akashi-inbound".to_owned())),
        signing: Ok(Some(Signing {
            subject: "CN=Akashi".to_owned(),
            not_after: "2027-01-05T00:00:00Z".parse().unwrap(),
            is_proven: Ok(()),
            authorities: vec![authority("one"), authority("two")],
        })),
        sms: Ok(SmsAccount {
            is_in_sandbox: false,
            monthly_limit_usd: Some(100),
        }),
        subscriptions: Ok(vec![Subscription {
            endpoint: "ops@example.com".to_owned(),
            is_confirmed: true,
        }]),
        concurrent_executions: Ok(1_000),
        now: "2026-01-05T00:00:00Z".parse().unwrap(),
        subject,
    }
}

/// What is wrong after a change, as `area state: what to do`.
fn wrong_after(change: impl FnOnce(&mut Facts)) -> Vec<(&'static str, State, String)> {
    let mut facts = healthy();
    change(&mut facts);
    let findings = diagnose(&facts).into_iter();
    findings
        .filter(|finding| finding.state != State::Good)
        .map(|finding| {
            (
                finding.area,
                finding.state,
                finding.remedy.unwrap_or_default(),
            )
        })
        .collect()
}

/// One thing is wrong, and this is what to do.
fn assert_wrong(change: impl FnOnce(&mut Facts), area: &str, state: State, remedy: &str) {
    let wrong = wrong_after(change);
    let [(found, how_bad, what_to_do)] = &*wrong else {
        panic!("{area}: {wrong:?}");
    };
    assert_eq!((*found, *how_bad), (area, state), "{what_to_do}");
    assert!(what_to_do.contains(remedy), "{area}: {what_to_do}");
}

fn identity_of(facts: &mut Facts) -> &mut Identity {
    facts.identity.as_mut().unwrap().as_mut().unwrap()
}

fn signing_of(facts: &mut Facts) -> &mut Signing {
    facts.signing.as_mut().unwrap().as_mut().unwrap()
}

#[test]
fn nothing_is_wrong_with_a_service_that_has_everything() {
    assert_eq!(wrong_after(|_| ()), []);
    assert!(diagnose(&healthy()).len() > 12);
}

#[test]
fn a_region_that_takes_no_mail_is_a_problem() {
    let change = |facts: &mut Facts| facts.records.receives = Ok(false);
    assert_wrong(
        change,
        "region",
        State::Problem,
        "Email receiving endpoints",
    );
}

#[test]
fn a_stack_that_sends_faster_than_ses_takes_mail_is_told_how_fast_it_may() {
    let change = |facts: &mut Facts| facts.sending.as_mut().unwrap().per_second_max = 13;
    let remedy = "MailsPerSecond=13";
    assert_wrong(change, "SES account", State::Warning, remedy);
}

#[test]
fn what_ses_lets_the_account_send_is_judged_worst_first() {
    let sandbox = |facts: &mut Facts| {
        let account = facts.sending.as_mut().unwrap();
        account.has_production_access = false;
        account.is_enabled = false;
    };
    let remedy = "aws sesv2 put-account-details --region ap-northeast-1 \
                  --production-access-enabled";
    assert_wrong(sandbox, "SES account", State::Problem, remedy);
    let paused = |facts: &mut Facts| facts.sending.as_mut().unwrap().is_enabled = false;
    assert_wrong(paused, "SES account", State::Problem, "--sending-enabled");
    let reviewed = |facts: &mut Facts| {
        facts.sending.as_mut().unwrap().enforcement = "PROBATION".to_owned();
    };
    assert_wrong(reviewed, "SES account", State::Problem, "Support Center");
    for (sent_today, is_much) in [(39_999, false), (40_000, true)] {
        let wrong = wrong_after(|facts| facts.sending.as_mut().unwrap().sent_today = sent_today);
        assert_eq!(wrong.len(), usize::from(is_much), "{sent_today}: {wrong:?}");
    }
    let unlimited = |facts: &mut Facts| facts.sending.as_mut().unwrap().daily_max = None;
    assert_eq!(wrong_after(unlimited), []);
}

#[test]
fn an_identity_that_is_unknown_or_unverified_is_a_problem() {
    let unknown = |facts: &mut Facts| {
        facts.identity = Ok(None);
        facts.records.dkim.clear();
        facts.records.mail_from = None;
    };
    assert_wrong(unknown, "identity", State::Problem, "infra/deploy.py");
    let unverified = |facts: &mut Facts| identity_of(facts).is_verified = false;
    assert_wrong(unverified, "identity", State::Problem, "DKIM records");
}

#[test]
fn each_record_that_is_missing_or_leads_elsewhere_is_given_to_publish() {
    let dkim = "publish: abc._domainkey.registered.example. CNAME abc.dkim.amazonses.com.";
    for found in [None, Some("other.example".to_owned())] {
        let change = |facts: &mut Facts| facts.records.dkim[0].1 = Ok(found);
        assert_wrong(change, "DKIM", State::Problem, dkim);
    }
    for (place, name) in ["", "c.", "a."].into_iter().enumerate() {
        let publish = format!(
            "publish: {name}registered.example. MX 10 inbound-smtp.ap-northeast-1.amazonaws.com."
        );
        let missing = |facts: &mut Facts| facts.records.exchangers[place].1 = Ok(Vec::new());
        assert_wrong(missing, "MX", State::Problem, &publish);
        let elsewhere = |facts: &mut Facts| {
            facts.records.exchangers[place].1 = Ok(vec![exchanger("mx.other.example")]);
        };
        assert_wrong(elsewhere, "MX", State::Problem, &publish);
        let beside = |facts: &mut Facts| {
            let found = facts.records.exchangers[place].1.as_mut().unwrap();
            found.push(exchanger("mx.other.example"));
        };
        assert_wrong(beside, "MX", State::Warning, "never arrives");
    }
    let dmarc = |facts: &mut Facts| facts.records.dmarc = Ok(vec!["other".to_owned()]);
    let publish = "publish: _dmarc.registered.example. TXT \"v=DMARC1;";
    assert_wrong(dmarc, "DMARC", State::Warning, publish);
}

#[test]
fn the_sender_of_envelopes_needs_one_exchanger_and_one_spf_record() {
    let none = |facts: &mut Facts| {
        identity_of(facts).mail_from = None;
        facts.records.mail_from = None;
    };
    assert_wrong(none, "MAIL FROM", State::Warning, "MailFromLabel");
    let publish = "publish: bounce.registered.example. MX 10 \
                   feedback-smtp.ap-northeast-1.amazonses.com.";
    for found in [
        Vec::new(),
        vec![exchanger("a.example"), exchanger("b.example")],
    ] {
        let change = |facts: &mut Facts| {
            facts.records.mail_from.as_mut().unwrap().0 = Ok(found);
        };
        assert_wrong(change, "MAIL FROM", State::Problem, publish);
    }
    for (status, remedy) in [("PENDING", "72 hours"), ("FAILED", "deploy again")] {
        let change = |facts: &mut Facts| {
            identity_of(facts).mail_from.as_mut().unwrap().status = status.to_owned();
        };
        assert_wrong(change, "MAIL FROM", State::Warning, remedy);
    }
    let publish = "publish: bounce.registered.example. TXT \"v=spf1 include:amazonses.com ~all\"";
    for texts in [
        vec![],
        vec!["v=spf10"],
        vec!["v=spf1 include:amazonses.com.example ~all"],
        vec!["v=spf1 include:amazonses.com ~all", "v=spf1 -all"],
    ] {
        let texts = texts.into_iter().map(str::to_owned).collect();
        let change = |facts: &mut Facts| {
            facts.records.mail_from.as_mut().unwrap().1 = Ok(texts);
        };
        assert_wrong(change, "SPF", State::Problem, publish);
    }
}

#[test]
fn no_mail_comes_in_by_the_rules_of_others() {
    for active in [None, Some("other".to_owned())] {
        let change = |facts: &mut Facts| facts.rule_set = Ok(active);
        let remedy = "set-active-receipt-rule-set --region ap-northeast-1 \
                      --rule-set-name akashi-inbound";
        assert_wrong(change, "receipt rules", State::Problem, remedy);
    }
}

#[test]
fn the_days_of_the_chain_are_counted_s_028() {
    for (days, expected) in [
        (29, Some(State::Problem)),
        (30, Some(State::Warning)),
        (89, Some(State::Warning)),
        (90, None),
    ] {
        let wrong = wrong_after(|facts| {
            let ends = facts.now + jiff::SignedDuration::from_secs(days * DAY_SECONDS);
            signing_of(facts).not_after = ends;
        });
        let states: Vec<State> = wrong.iter().map(|(_, state, _)| *state).collect();
        assert_eq!(states, Vec::from_iter(expected), "{days} days: {wrong:?}");
    }
    let unconfigured = |facts: &mut Facts| facts.signing = Ok(None);
    assert_wrong(unconfigured, "signing", State::Problem, "--chain chain.pem");
    let revoked = |facts: &mut Facts| {
        signing_of(facts).is_proven = Err("revoked".to_owned());
    };
    assert_wrong(revoked, "revocation", State::Problem, "--revocation");
}

#[test]
fn two_authorities_must_answer_x_11() {
    let silent = |facts: &mut Facts| {
        let authorities = &mut signing_of(facts).authorities;
        authorities[0].stamps = Err("no answer".to_owned());
    };
    assert_wrong(
        silent,
        "timestamps",
        State::Problem,
        "--timestamp-authorities",
    );
    let third = |facts: &mut Facts| {
        let authorities = &mut signing_of(facts).authorities;
        authorities.push(authorities[0].clone());
        authorities[0].stamps = Err("no answer".to_owned());
    };
    assert_wrong(
        third,
        "timestamps",
        State::Warning,
        "--timestamp-authorities",
    );
}

#[test]
fn alarms_that_nobody_hears_are_told() {
    let nobody = |facts: &mut Facts| facts.subscriptions = Ok(Vec::new());
    assert_wrong(nobody, "alarms", State::Warning, "AlarmAddress=");
    let pending = |facts: &mut Facts| {
        facts.subscriptions.as_mut().unwrap()[0].is_confirmed = false;
    };
    assert_wrong(
        pending,
        "alarms",
        State::Problem,
        "Subscription Confirmation",
    );
}

#[test]
fn sms_are_a_warning_because_mail_works_without_them() {
    let sandbox = |facts: &mut Facts| facts.sms.as_mut().unwrap().is_in_sandbox = true;
    assert_wrong(sandbox, "SMS", State::Warning, "Exit SMS sandbox");
    for limit in [None, Some(1)] {
        let change = |facts: &mut Facts| facts.sms.as_mut().unwrap().monthly_limit_usd = limit;
        assert_wrong(change, "SMS", State::Warning, "MonthlySpendLimit");
    }
}

#[test]
fn an_account_with_ten_invocations_at_once_is_told_what_to_ask_for() {
    for (most, expected) in [
        (10, Some(State::Problem)),
        (49, Some(State::Problem)),
        (50, Some(State::Warning)),
        (999, Some(State::Warning)),
        (1_000, None),
    ] {
        let wrong = wrong_after(|facts| facts.concurrent_executions = Ok(most));
        let states: Vec<State> = wrong.iter().map(|(_, state, _)| *state).collect();
        assert_eq!(states, Vec::from_iter(expected), "{most}: {wrong:?}");
        let asks = |remedy: &str| remedy.contains("--quota-code L-B99A9384 --desired-value 1000");
        assert!(wrong.iter().all(|(_, _, remedy)| asks(remedy)));
    }
}

#[test]
fn what_could_not_be_looked_at_is_a_problem() {
    let denied = || "AccessDenied".to_owned();
    let wrong = wrong_after(|facts| {
        facts.sending = Err(denied());
        facts.rule_set = Err(denied());
        facts.signing = Err(denied());
        facts.sms = Err(denied());
        facts.subscriptions = Err(denied());
        facts.concurrent_executions = Err(denied());
        facts.records.dmarc = Err(denied());
        facts.records.receives = Err(denied());
    });
    assert_eq!(wrong.len(), 8);
    assert!(wrong.iter().all(|(_, state, _)| *state == State::Problem));
}

#[test]
fn the_local_world_has_no_sandbox_and_no_quota() {
    let wrong = wrong_after(|facts| {
        facts.subject.is_local = true;
        facts.records.receives = Ok(false);
        facts.sending.as_mut().unwrap().has_production_access = false;
        facts.sms.as_mut().unwrap().is_in_sandbox = true;
        facts.subscriptions = Ok(Vec::new());
        facts.concurrent_executions = Ok(10);
        facts.records.dkim.clear();
        for (name, found) in &mut facts.records.exchangers {
            *found = Ok(vec![exchanger(&format!("mx.{name}"))]);
        }
    });
    assert_eq!(wrong, []);
}
