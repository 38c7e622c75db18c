//! The AWS adapters keep the contracts of the ports that the world in memory keeps, on the tables
//! and buckets of the deployed stack. Each test has an account code that nobody else has.

use std::future::Future;

use aws_adapters::{Bucket, TableNames, Tables};
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use localstack::{World, fresh_code};
use tests::contracts::{self, Names};

fn names() -> Names {
    Names::new(&fresh_code())
}

fn run(contract: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(contract);
}

fn tables() -> Tables {
    let world = World::shared();
    let configuration = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(world.gateway())
        .region(Region::new("ap-northeast-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .build();
    let name = |output| Some(world.output(output).to_owned());
    let names = TableNames {
        accounts: name("AccountsTable"),
        allowlist: name("AllowlistTable"),
        points: name("PointsTable"),
        dispatches: name("DispatchesTable"),
    };
    Tables::new(aws_sdk_dynamodb::Client::from_conf(configuration), names)
}

fn bucket(output: &str) -> Bucket {
    let world = World::shared();
    let configuration = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(world.gateway())
        .force_path_style(true)
        .region(Region::new("ap-northeast-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .build();
    let client = aws_sdk_s3::Client::from_conf(configuration);
    Bucket::new(client, world.output(output))
}

#[test]
fn tables_find_accounts_as_they_were_opened_q_16() {
    run(async { contracts::contract_of_accounts(&tables(), &names()).await });
}

#[test]
fn tables_write_an_acceptance_once_and_wholly() {
    run(async { contracts::contract_of_acceptance(&tables(), &names()).await });
}

#[test]
fn tables_never_let_points_go_below_zero_and_end_a_charge_once() {
    run(async { contracts::contract_of_points(&tables(), &names()).await });
}

#[test]
fn tables_give_a_refusal_one_serial_p_071() {
    run(async { contracts::contract_of_refusals(&tables(), &names()).await });
}

#[test]
fn tables_let_an_unused_account_lapse_wholly_and_once_i_046() {
    run(async { contracts::contract_of_lapsing(&tables(), &names()).await });
}

#[test]
fn tables_write_a_change_on_its_version_with_a_new_event_or_not_at_all() {
    run(async { contracts::contract_of_commits(&tables(), &names()).await });
}

#[test]
fn tables_give_events_back_as_they_were_written() {
    run(async { contracts::contract_of_events(&tables(), &names()).await });
}

#[test]
fn tables_take_what_later_steps_write_beside_the_progress() {
    run(async { contracts::contract_of_later_steps(&tables(), &names()).await });
}

#[test]
fn tables_find_a_dispatch_by_the_providers_id() {
    run(async { contracts::contract_of_provider_ids(&tables(), &names()).await });
}

#[test]
fn tables_find_offers_by_token_and_by_number_p_044() {
    run(async { contracts::contract_of_offers(&tables(), &names()).await });
}

#[test]
fn tables_fix_the_token_of_a_copy_once_and_find_by_it_q_31() {
    run(async { contracts::contract_of_copy_tokens(&tables(), &names()).await });
}

#[test]
fn tables_keep_the_channels_of_an_offer_apart_p_021() {
    run(async { contracts::contract_of_legs(&tables(), &names()).await });
}

#[test]
fn tables_count_uses_by_key_and_window() {
    run(async { contracts::contract_of_rate_limits(&tables(), &names()).await });
}

#[test]
fn tables_keep_the_newest_code_and_count_its_tries_c_012() {
    run(async { contracts::contract_of_codes(&tables(), &names()).await });
}

#[test]
fn tables_write_nothing_to_a_dispatch_that_does_not_exist() {
    run(async { contracts::contract_of_missing_dispatches(&tables(), &names()).await });
}

#[test]
fn tables_take_twenty_mails_at_once() {
    run(async { contracts::contract_of_concurrency(&tables(), &names(), 20).await });
}

#[test]
fn a_bucket_gives_objects_back_as_they_were_written() {
    run(async { contracts::contract_of_objects(&bucket("InboundBucket"), &names()).await });
}

#[test]
fn tables_list_certificates_when_their_timestamps_age_x_2() {
    run(async { contracts::contract_of_renewals(&tables(), &names()).await });
}

#[test]
fn a_bucket_adds_a_version_to_the_newest_one_x_2() {
    let retain_until = "2036-01-05T00:00:00Z".parse().expect("a time");
    let originals = bucket("OriginalsBucket");
    run(async { contracts::contract_of_versions(&originals, &names(), retain_until).await });
}

#[test]
fn a_bucket_creates_an_original_once_i_054() {
    let retain_until = "2036-01-05T00:00:00Z".parse().expect("a time");
    let originals = bucket("OriginalsBucket");
    run(async { contracts::contract_of_originals(&originals, &names(), retain_until).await });
}
