//! Timestamps that age: the clock runs over decades, and `renew-timestamps` comes on time,
//! twice, late, or not to its end.

use bytes::Bytes;
use domain::{DispatchId, Sha256Digest};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sha2::{Digest, Sha256};
use tests::customer::{Customer, Letter};
use tests::{AuthorityState, ResponderState, World, block_on};
use workflow::certify::renew_timestamps::Renewed;
use workflow::ports::StoredCertificate;

use super::{first_dispatch, hanako_gets_a_letter};

/// More calls of ports than the step makes for one certificate.
const CALLS_MAX: usize = 60;

/// The validity of the authorities' certificates when the letter goes out.
const FIRST: [&str; 2] = ["20250101000000Z", "20311231235959Z"];

/// What they get afterwards.
const SECOND: [&str; 2] = ["20300101000000Z", "20361231235959Z"];

/// A certificate whose document timestamp is to be renewed at the end of 2030, and the world then.
fn aged() -> (World, DispatchId) {
    let world = World::with_customer(10);
    world.certify_authorities(FIRST);
    let id = hanako_gets_a_letter(&world);
    pass_until_due(&world, &id);
    world.certify_authorities(SECOND);
    (world, id)
}

fn pass_until_due(world: &World, id: &DispatchId) {
    let due = world.renewal_check(id).expect("it has a certificate");
    let left = due.duration_since(world.now()) + SignedDuration::from_millis(999);
    world.pass(left.as_secs().max(0));
}

/// The rule calls, and there is time for what is tried again.
fn look(world: &World) -> Renewed {
    world.renew_timestamps();
    world.pass(400);
    world.last_renewed().expect("an invocation came to its end")
}

fn recorded(world: &World, id: &DispatchId) -> StoredCertificate {
    let stored = world.dispatch(id).expect("the dispatch exists");
    stored.certificate.expect("it has a certificate")
}

fn digest(bytes: &[u8]) -> Sha256Digest {
    Sha256Digest::new(Sha256::digest(bytes).into())
}

/// Each version is the one before with something behind it, is locked at least as long, and is
/// recorded; the newest reads back.
fn assert_grown(world: &World, id: &DispatchId, expected: usize, place: &str) {
    let versions = world.original_versions(id);
    assert_eq!(versions.len(), expected, "{place}: {}", world.report());
    for pair in versions.windows(2) {
        let [(before, lock), (after, later_lock)] = pair else {
            panic!("windows of two");
        };
        assert!(
            after.starts_with(before) && after.len() > before.len(),
            "{place}"
        );
        assert!(later_lock >= lock, "{place}");
    }
    let record = recorded(world, id);
    let digests = [record.digest].into_iter();
    let digests: Vec<_> = digests
        .chain(record.renewals.iter().map(|renewal| renewal.digest))
        .collect();
    let stored: Vec<_> = versions.iter().map(|(bytes, _)| digest(bytes)).collect();
    assert_eq!(digests, stored, "{place}");
    assert_eq!(stamps(world, id).len(), expected, "{place}");
    world.assert_finished();
}

/// Who stamped the whole file, in order, as a reader sees it who knows the authorities of today.
fn stamps(world: &World, id: &DispatchId) -> Vec<String> {
    let pdf = world.original(id).expect("an original");
    let chain = pades::signer_chain(&pdf).expect("a signer");
    let report = pades::read_back(&pdf, &chain, &world.known_authorities());
    let stamps = report.expect("it reads back").stamps;
    stamps.into_iter().map(|stamp| stamp.authority).collect()
}

#[test]
fn over_two_decades_each_renewal_extends_the_file_x_2() {
    let world = World::with_customer(10);
    world.certify_authorities(FIRST);
    let id = hanako_gets_a_letter(&world);
    let first = world.original(&id).expect("an original");
    let ends = [
        SECOND,
        ["20350101000000Z", "20411231235959Z"],
        ["20400101000000Z", "20461231235959Z"],
        ["20450101000000Z", "20491231235959Z"],
    ];
    for (round, validity) in ends.into_iter().enumerate() {
        // Nobody looks at it before.
        assert_eq!(look(&world), Renewed::default(), "round {round}");
        pass_until_due(&world, &id);
        // Meanwhile everybody has new certificates, and we have another key.
        world.certify_authorities(validity);
        world.change_signer(20 + u8::try_from(round).expect("few rounds"));
        let expected = Renewed {
            renewed: 1,
            ..Renewed::default()
        };
        assert_eq!(look(&world), expected, "round {round}");
        assert_grown(&world, &id, round + 2, &format!("round {round}"));
    }
    let year = world.now().strftime("%Y").to_string();
    assert_eq!(year, "2046");
    // Where there is a choice, another one than the last time.
    assert_eq!(
        stamps(&world, &id),
        ["test-2", "test-1", "test-2", "test-1", "test-2"]
    );
    let newest = world.original(&id).expect("an original");
    assert!(
        newest.starts_with(&first),
        "copies of back then are its first part"
    );
    assert_eq!(
        recorded(&world, &id).digest,
        digest(&first),
        "and their digest is known"
    );
    let lock = world.retained_until(&id).expect("a lock");
    assert!(
        lock.duration_since(world.now()).as_hours() / 24 > 3_640,
        "ten years more"
    );
}

#[test]
fn being_cut_off_anywhere_adds_one_version_x_2() {
    let mut died = 0;
    for after_calls in 1..CALLS_MAX {
        let (world, id) = aged();
        world.crash_later("RenewTimestamps", 0, after_calls);
        world.renew_timestamps();
        world.pass(0);
        let place = format!("died after {after_calls} calls");
        // What is handed out in between is what is recorded.
        let record = recorded(&world, &id);
        let given = block_on(workflow::read_recorded(&world.ports().originals(), &record));
        assert_eq!(
            digest(&given.expect(&place)),
            *record.newest_digest(),
            "{place}"
        );
        world.pass(3_600);
        look(&world);
        assert_grown(&world, &id, 2, &place);
        died += world.crashes();
        if world.crashes() == 0 {
            break;
        }
    }
    assert!(died >= 8, "it died in {died} places only");
}

#[test]
fn coming_twice_or_at_once_adds_one_version_x_2() {
    let calls = [
        ("RenewTimestamps", json!({})),
        ("RenewTimestamps", json!({})),
    ];
    for seed in 0..20 {
        let (world, id) = aged();
        let failed = world.call_at_once(&calls, seed);
        assert_eq!(failed, 0, "seed {seed}");
        look(&world);
        assert_grown(&world, &id, 2, &format!("seed {seed}"));
    }
}

#[test]
fn late_is_fine_until_the_certificates_have_ended_x_2() {
    let (world, id) = aged();
    world.pass(300 * 86_400);
    assert_eq!(look(&world).renewed, 1);
    assert_grown(&world, &id, 2, "300 days late");

    let (world, id) = aged();
    let before = world.original(&id);
    world.pass(370 * 86_400);
    let seen = look(&world);
    assert_eq!((seen.renewed, seen.failed, seen.in_trouble), (0, 1, 1));
    assert_eq!(
        world.original(&id),
        before,
        "nothing pretends to be in time"
    );
}

#[test]
fn a_broken_original_is_not_touched_is_told_and_stops_no_other_x_2() {
    let world = World::with_customer(10);
    world.certify_authorities(FIRST);
    let id = hanako_gets_a_letter(&world);
    let other = first_dispatch(&world.receive(&Letter::from(&Customer::taro()).subject("二通目")));
    world.settle();
    pass_until_due(&world, &id);
    pass_until_due(&world, &other);
    world.certify_authorities(SECOND);
    world.corrupt_original(&id);
    let broken: Option<Bytes> = world.original(&id);
    let seen = look(&world);
    assert_eq!((seen.renewed, seen.failed, seen.in_trouble), (1, 1, 1));
    assert_eq!(world.original(&id), broken);
    assert_eq!(world.original_versions(&id).len(), 1);
    assert_eq!(world.original_versions(&other).len(), 2);
    assert_eq!(
        look(&world),
        Renewed::default(),
        "it is tried again on the next day"
    );
    world.pass(86_400);
    assert_eq!(look(&world).in_trouble, 1);
}

/// Fails closed: whatever part is missing, the original stays; a person hears of it in time.
#[test]
fn while_anything_is_missing_nothing_changes_and_it_is_tried_daily_x_2() {
    type Change = fn(&World);
    let cases: [(&str, Change); 9] = [
        ("down", |world| {
            world.set_all_authorities(AuthorityState::Down)
        }),
        ("garbage", |world| {
            world.set_all_authorities(AuthorityState::Garbage)
        }),
        ("imprint", |world| {
            world.set_all_authorities(AuthorityState::WrongImprint)
        }),
        ("nonce", |world| {
            world.set_all_authorities(AuthorityState::WrongNonce)
        }),
        ("time", |world| {
            world.set_all_authorities(AuthorityState::WrongTime)
        }),
        ("expired", |world| {
            world.set_all_authorities(AuthorityState::Expired)
        }),
        ("no OCSP", |world| {
            world.set_responders(ResponderState::Down)
        }),
        ("unknown", |world| {
            world.set_responders(ResponderState::Unknown)
        }),
        ("stale", |world| world.set_responders(ResponderState::Stale)),
    ];
    for (what, spoil) in cases {
        let (world, id) = aged();
        let (before, due) = (world.original(&id), world.now());
        spoil(&world);
        for day in [0, 1, 29, 30, 31] {
            world.pass(
                (due + SignedDuration::from_hours(24 * day))
                    .duration_since(world.now())
                    .as_secs()
                    .max(0),
            );
            let seen = look(&world);
            assert_eq!((seen.renewed, seen.failed), (0, 1), "{what}, day {day}");
            let is_permanent = matches!(what, "unknown");
            if !is_permanent {
                assert_eq!(seen.in_trouble, usize::from(day >= 30), "{what}, day {day}");
            }
            assert_eq!(look(&world).failed, 0, "{what}: once a day");
        }
        assert_eq!(world.original(&id), before, "{what}");
        world.pass(86_400);
        world.set_all_authorities(AuthorityState::Up);
        world.set_responders(ResponderState::Up);
        assert_eq!(look(&world).renewed, 1, "{what}");
        assert_grown(&world, &id, 2, what);
    }
}

#[test]
fn one_authority_is_enough_for_a_renewal_x_11() {
    // The last timestamp was the second one's.
    for (down, expected) in [(0, "test-2"), (1, "test-1")] {
        let (world, id) = aged();
        world.set_authority(down, AuthorityState::Down);
        assert_eq!(look(&world).renewed, 1, "without {down}");
        assert_eq!(stamps(&world, &id), ["test-2", expected]);
    }
}

#[test]
fn the_time_of_the_next_look_follows_from_the_newest_timestamp() {
    let (world, id) = aged();
    look(&world);
    let next: Timestamp = "2036-01-01T23:59:59Z".parse().expect("a time");
    assert_eq!(recorded(&world, &id).renew_at, next);
    assert_eq!(world.renewal_check(&id), Some(next));
}
