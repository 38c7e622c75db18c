//! The signing configuration, which an operator may change while functions are warm.

use std::sync::Arc;

use domain::limits::SIGNING_CONFIGURATION_AGE_SECONDS_MAX;
use jiff::SignedDuration;
use pades::testing::{TestKey, TestSigner};
use serde_json::json;
use tests::{Fault, World};
use workflow::certify::configurations::SigningConfigurations;
use workflow::certify::signing::SigningConfiguration;

const KEY: &str = "configuration/signing.json";

fn write(world: &World, signer: &TestSigner, authorities: &[&str]) {
    let root = signer.pem.last().expect("a root");
    let authority = |name: &&str| {
        let url = format!("http://{name}.test");
        json!({ "name": name, "url": url, "trusted_roots": [root] })
    };
    let authorities: Vec<_> = authorities.iter().map(authority).collect();
    let configuration = json!({ "chain": signer.pem, "timestamp_authorities": authorities });
    world.put_object(KEY, configuration.to_string().into_bytes());
}

fn names(configuration: &SigningConfiguration) -> Vec<&str> {
    let authorities = configuration.authorities.iter();
    authorities.map(|one| one.name.as_str()).collect()
}

fn age(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

fn run<T>(step: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(step)
}

#[test]
fn a_warm_function_notices_a_configuration_that_changed() {
    let world = World::new();
    let signer = TestSigner::new(TestKey::p256(7));
    write(&world, &signer, &["one", "two"]);
    let key = KEY.parse().expect("a key");
    let signing = SigningConfigurations::new(world.ports(), key, world.ports());
    let first = run(signing.current()).expect("it is there");
    assert_eq!(names(&first), ["one", "two"]);

    write(&world, &signer, &["one", "three"]);
    world.skip(age(SIGNING_CONFIGURATION_AGE_SECONDS_MAX - 1));
    let young = run(signing.current()).expect("it is there");
    assert!(Arc::ptr_eq(&first, &young), "it is not asked for each time");
    world.skip(age(1));
    let changed = run(signing.current()).expect("it is there");
    assert_eq!(names(&changed), ["one", "three"]);

    world.skip(age(SIGNING_CONFIGURATION_AGE_SECONDS_MAX));
    let same = run(signing.current()).expect("it is there");
    let is_kept = Arc::ptr_eq(&changed, &same);
    assert!(is_kept, "what was learned about its authorities stays");
}

#[test]
fn what_cannot_be_read_is_asked_for_again_and_what_cannot_be_used_is_used_by_nobody() {
    let world = World::new();
    let signer = TestSigner::new(TestKey::p256(7));
    let key = KEY.parse().expect("a key");
    let signing = SigningConfigurations::new(world.ports(), key, world.ports());
    let missing = run(signing.current()).expect_err("nobody has written it");
    assert_eq!(missing.name(), "TransientFailure");
    write(&world, &signer, &["one", "two"]);
    world.plan("read_object", 0, Fault::Fails);
    assert!(run(signing.current()).is_err());
    run(signing.current()).expect("it is there now");

    write(&world, &signer, &["alone"]);
    world.skip(age(SIGNING_CONFIGURATION_AGE_SECONDS_MAX));
    let unusable = run(signing.current()).expect_err("one authority is too few (X-11)");
    assert_eq!(unusable.name(), "PermanentFailure");
    write(&world, &signer, &["one", "two", "three"]);
    let mended = run(signing.current()).expect("it is mended");
    assert_eq!(names(&mended).len(), 3);
}
