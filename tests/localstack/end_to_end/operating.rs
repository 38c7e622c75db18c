//! What the operator types, and what it does to the deployed stack.

use std::process::{Command, Stdio};

use localstack::{Sender, World, wait_for};
use serde_json::{Value, json};

fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("a JSON object a line"))
        .collect()
}

/// Registered mail whose workflow gave up: it was started with the input of nobody's dispatch.
fn park(world: &World, dispatch_id: &str) {
    let body = json!({
        "dispatch_id": dispatch_id,
        "execution": format!("{dispatch_id}-gave-up"),
        "state": { "failed": { "sign_certificate": { "Error": "States.Runtime", "Cause": "x" } } },
    });
    world.put_letter("ParkedDispatchesQueue", &body.to_string());
}

fn parked(world: &World, serial: &str) -> Vec<Value> {
    let all = lines(&world.akashi(&["parked", "list", "--json"]));
    all.into_iter()
        .filter(|one| one["serial"] == serial)
        .collect()
}

#[test]
fn a_parked_dispatch_is_listed_replayed_by_its_serial_and_alarms_no_more() {
    let sender = Sender::with_points(1);
    let dispatch = sender.sent_to(&sender.recipient("hanako"));
    let (world, serial) = (sender.world, &dispatch.serial);
    park(world, &dispatch.dispatch_id);
    // Another test may be reading the queue at this moment.
    let found = wait_for("the dispatch is listed", || parked(world, serial).pop());
    assert_eq!(found["step"], "sign_certificate");
    assert_eq!(found["dispatch_id"], dispatch.dispatch_id.as_str());
    let _ = wait_for("the dispatch leaves the queue", || {
        let told = world.akashi(&["replay", serial]);
        assert!(
            told.contains("running as") || told.contains("runs already"),
            "{told}"
        );
        told.contains("no longer parked").then_some(told)
    });
    assert_eq!(parked(world, serial), [] as [Value; 0]);
    wait_for("nothing is left that would alarm", || {
        (world.letters_in("ParkedDispatchesQueue") == 0).then_some(())
    });
}

#[test]
fn a_mail_that_failed_is_listed_and_taken_in_by_a_redrive() {
    let sender = Sender::with_points(1);
    let world = sender.world;
    let recipient = sender.recipient("hanako");
    let id = format!("redrive{}", sender.account().to_lowercase());
    // Of the time of the recorded event.
    let letter = sender
        .letter(&[&recipient])
        .field("Date", "Mon, 05 Jan 2026 09:00:00 +0900");
    let file = world.root().join("events/ses-receipt.json");
    let event = std::fs::read_to_string(file).expect("the recorded event");
    let mut event: Value = serde_json::from_str(&event).expect("JSON");
    let ses = &mut event["Records"][0]["ses"];
    ses["mail"]["messageId"] = json!(id);
    ses["mail"]["source"] = json!(sender.address());
    ses["receipt"]["recipients"] = json!([tests::customer::SERVICE_ADDRESS]);
    // Lambda tries three times to take in what is not there.
    world.invoke_later(world.output("ParseMailFunction"), &event);
    let about = format!("mail {id}");
    let failed = wait_for("the mail is listed", || {
        let all = lines(&world.akashi(&["failed", "list", "--json"]));
        all.into_iter().find(|one| one["about"] == about.as_str())
    });
    assert_eq!(failed["function"], "parse-mail");
    let error = failed["error"].as_str().expect("an error");
    assert!(error.starts_with("TransientFailure: "), "{error}");
    let bucket = world.output("InboundBucket");
    world.put_object_as_ses(bucket, &format!("raw/{id}"), &letter.as_sent());
    let letter_id = failed["id"].as_str().expect("an id");
    let told = world.akashi(&["failed", "redrive", letter_id]);
    assert!(told.contains(&about) && told.contains("done"), "{told}");
    let ended = sender.ended_dispatches(1);
    assert_eq!(ended[0].outcome.as_deref(), Some("relayed"));
    let all = world.akashi(&["failed", "list", "--json"]);
    assert!(!all.contains(&about), "{all}");
}

#[test]
fn an_account_is_suspended_resumed_and_loses_a_sender() {
    let sender = Sender::with_points(2);
    let world = sender.world;
    let account = sender.account();
    let shown = world.akashi(&["account", "suspend", "--id", account]);
    assert_eq!(lines(&shown)[0]["status"], "suspended");
    let recipient = sender.recipient("hanako");
    let reply = sender.send(&sender.letter(&[&recipient]));
    assert_eq!(world.taken(reply.message_id()), "refused");
    let refused = ["dispatches", "--account", account, "--state", "refused"];
    let table = world.akashi(&refused);
    assert!(
        table.contains("refused") && table.contains(sender.address()),
        "{table}"
    );
    let shown = lines(&world.akashi(&[&refused[..], &["--json"]].concat()));
    assert_eq!(shown[0]["reasons"][0]["reason"], "account_suspended");
    world.akashi(&["account", "resume", "--id", account]);
    let dispatch = sender.sent_to(&recipient);
    assert_eq!(dispatch.outcome.as_deref(), Some("relayed"));
    let address = sender.address();
    world.akashi(&[
        "sender",
        "remove",
        "--account",
        account,
        "--sender",
        address,
    ]);
    assert_eq!(world.akashi(&["sender", "list", "--account", account]), "");
    let listed = world.akashi(&["sender", "list", "--account", account, "--removed"]);
    assert!(lines(&listed)[0]["removed_at"].is_string());
    let reply = sender.send(&sender.letter(&[&recipient]));
    assert_eq!(world.taken(reply.message_id()), "ignored_unknown_sender");
}

#[test]
fn opening_an_account_once_more_changes_nothing_and_says_what_would() {
    let sender = Sender::with_points(0);
    let world = sender.world;
    let (account, address) = (sender.account(), sender.address());
    let again = ["account", "open", "--id", account, "--contact", "髙﨑 太郎"];
    let notices = ["--acceptance-notices", "none"];
    let open = |more: &[&str]| world.try_akashi(&[&again[..], &notices, more].concat());
    let as_before = ["--company", "株式会社 青空商事", "--sender", address];
    assert_eq!(open(&as_before).map(|_| ()), Ok(()));
    let said = open(&["--company", "別会社", "--sender", address]).unwrap_err();
    assert!(
        said.contains("--company") && said.contains("account settings"),
        "{said}"
    );
    let said = open(&[&as_before[..], &["--accept-spf"]].concat()).unwrap_err();
    assert!(said.contains("sender add"), "{said}");
    assert!(open(&["--company", " ", "--sender", address]).is_err());
    let listed = world.akashi(&["sender", "list", "--account", account]);
    assert_eq!(lines(&listed)[0]["accept_spf"], false);
}

#[test]
fn unknown_accounts_and_no_points_are_errors() {
    let world = World::shared();
    for arguments in [
        &["dispatches", "--account", "ZZZZ9999"][..],
        &["points", "show", "--account", "ZZZZ9999"],
        &["account", "suspend", "--id", "ZZZZ9999"],
        &["sender", "list", "--account", "ZZZZ9999"],
    ] {
        let said = world.try_akashi(arguments).unwrap_err();
        assert!(said.contains("there is no account ZZZZ9999"), "{said}");
    }
    let nothing = ["points", "grant", "--account", "ZZZZ9999", "--points", "0"];
    let said = world.try_akashi(&[&nothing[..], &["--reference", "x"]].concat());
    assert!(said.unwrap_err().contains("--points"));
}

#[test]
fn the_ledger_is_in_the_order_of_time_and_names_serials() {
    let sender = Sender::with_points(2);
    let first = sender.sent_to(&sender.recipient("hanako"));
    let second = sender.sent_to(&sender.recipient("jiro"));
    let account = sender.account();
    let show = ["points", "show", "--account", account, "--json"];
    let all = lines(&sender.world.akashi(&show));
    let named: Vec<&Value> = all.iter().skip(1).map(|entry| &entry["serial"]).collect();
    assert_eq!(
        named,
        [&Value::Null, &json!(first.serial), &json!(second.serial)]
    );
    let newest = lines(
        &sender
            .world
            .akashi(&[&show[..], &["--limit", "1"]].concat()),
    );
    assert_eq!(newest[1]["serial"], second.serial.as_str());
}

#[test]
fn the_ledger_is_paged_by_time_and_goes_on_where_a_page_ended() {
    let sender = Sender::with_points(3);
    let first = sender.sent_to(&sender.recipient("hanako"));
    let second = sender.sent_to(&sender.recipient("jiro"));
    let base = ["ledger", "--account", sender.account(), "--json"];
    let read = |more: &[&str]| lines(&sender.world.akashi(&[&base[..], more].concat()));
    let all = read(&["--all"]);
    let serials: Vec<&Value> = all.iter().map(|line| &line["serial"]).collect();
    assert_eq!(
        serials,
        [&Value::Null, &json!(first.serial), &json!(second.serial)]
    );
    assert!(all[1..].iter().all(|line| line["state"] == "posted"));
    assert_eq!(read(&["--limit", "2"]), all[..2]);
    let place = |line: &Value| line["place"].as_str().expect("a place").to_owned();
    assert_eq!(read(&["--after", &place(&all[1])]), all[2..]);
    let newest = read(&["--newest-first", "--limit", "2"]);
    assert_eq!(newest, [all[2].clone(), all[1].clone()]);
    assert_eq!(
        read(&["--newest-first", "--after", &place(&all[1])]),
        all[..1]
    );
    let from = all[1]["at"].as_str().expect("a time");
    assert_eq!(read(&["--from", from]), all[1..]);
    assert_eq!(read(&["--until", from]), all[..1]);
    let said = sender
        .world
        .try_akashi(&["ledger", "--account", "ZZZZ9999"]);
    assert!(said.unwrap_err().contains("there is no account ZZZZ9999"));
}

#[test]
fn a_listing_is_paged_filtered_and_ends_quietly_when_nobody_reads_on() {
    let sender = Sender::with_points(3);
    for name in ["hanako", "jiro"] {
        let _ = sender.sent_to(&sender.recipient(name));
    }
    let nobody = sender.sent_to(&format!(
        "nobody@nx.{}.test",
        sender.account().to_lowercase()
    ));
    let account = sender.account();
    let list = |more: &[&str]| {
        let base = ["dispatches", "--account", account, "--json"];
        let listed = sender.world.akashi(&[&base[..], more].concat());
        let serials = lines(&listed).into_iter();
        serials
            .map(|line| line["serial"].as_str().expect("a serial").to_owned())
            .collect::<Vec<String>>()
    };
    let serial = |number: u32| format!("{account}-{number:06}");
    assert_eq!(list(&["--limit", "2"]), [serial(1), serial(2)]);
    assert_eq!(list(&["--limit", "2", "--after", &serial(2)]), [serial(3)]);
    assert_eq!(list(&["--newest-first", "--limit", "1"]), [serial(3)]);
    let outcome = nobody.outcome.expect("it ended");
    assert_eq!(list(&["--outcome", &outcome]), [serial(3)]);
    assert_eq!(list(&["--until", "2020-01-01"]), [] as [String; 0]);
    assert_eq!(list(&["--state", "open"]), [] as [String; 0]);
    let mut listing = Command::new(sender.world.command())
        .args(["--stack".as_ref(), sender.world.stack_file().as_os_str()])
        .args(["dispatches", "--account", account])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    drop(listing.stdout.take());
    let ended = listing.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success() && said.is_empty(), "{said}");
}

#[test]
fn the_doctor_says_which_records_of_the_domain_are_missing_and_what_is_well() {
    let world = World::shared();
    let dns = world.dns_server();
    let look = ["doctor", "--local", "--json", "--dns", &dns];
    let all = match world.try_akashi(&look) {
        Ok(said) => said,
        Err(_) => world.answer_of(&look),
    };
    let all = lines(&all);
    let of = |area: &str| -> Vec<&Value> { all.iter().filter(|one| one["area"] == area).collect() };
    for well in ["identity", "receipt rules", "chain", "revocation", "alarms"] {
        let found = of(well);
        assert!(!found.is_empty(), "{well}: {all:?}");
        assert!(
            found.iter().all(|one| one["state"] == "ok"),
            "{well}: {found:?}"
        );
    }
    assert!(of("timestamps").len() >= 2);
    // The local zone gives each domain an exchanger of its own, which is not SES's.
    let exchangers = of("MX");
    assert_eq!(exchangers.len(), 3);
    for one in exchangers {
        let remedy = one["remedy"].as_str().unwrap_or_default();
        assert!(
            one["state"] == "ok" || remedy.contains("inbound-smtp."),
            "{one}"
        );
    }
    assert!(
        of("SES account").is_empty(),
        "the local world has no sandbox"
    );
}

#[test]
fn the_doctor_sends_one_mail_the_whole_way_to_its_certificate() {
    let world = World::shared();
    let dns = world.dns_server();
    let look = ["doctor", "--local", "--json", "--send", "--dns", &dns];
    let all = lines(&world.answer_of(&look));
    let trial = all.iter().find(|one| one["area"] == "trial");
    let trial = trial.expect("it was tried");
    assert_eq!(trial["state"], "ok", "{trial}");
    let account = world.akashi(&["account", "show", "--id", "D0CT0R"]);
    assert_eq!(
        lines(&account)[0]["status"],
        "suspended",
        "nobody else uses it"
    );
}
