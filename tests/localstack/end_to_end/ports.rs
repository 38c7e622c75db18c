//! The AWS adapters keep the contracts of the ports that the world in memory keeps, on the tables
//! and buckets of the deployed stack. Each test has an account code that nobody else has.

use std::future::Future;

use aws_adapters::{Aws, Bucket, Dns, QueueUrls, Queues, TableNames, Tables};
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use localstack::{World, fresh_code};
use mail::TxtAnswer;
use tests::contracts::{self, Names};
use workflow::operator::ports::Queue;
use workflow::ports::LookUpTxt;

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
        access: name("AccessTable"),
    };
    Tables::new(aws_sdk_dynamodb::Client::from_conf(configuration), names)
}

async fn queues() -> Queues {
    let world = World::shared();
    let url = |output| world.output(output).to_owned();
    let urls = QueueUrls {
        parked_dispatches: url("ParkedDispatchesQueue"),
        failed_mails: url("FailedMailsQueue"),
        failed_events: url("FailedEventsQueue"),
        failed_expirations: url("FailedExpirationsQueue"),
        failed_renewals: url("FailedRenewalsQueue"),
    };
    let gateway = Some(world.gateway().to_owned());
    let aws = Aws::load_for(url("Region"), gateway).await;
    aws.queues(urls)
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
fn tables_open_an_account_once_and_change_what_is_named() {
    run(async { contracts::contract_of_opening(&tables(), &names(), &names()).await });
}

#[test]
fn tables_grant_points_once_per_reference_to_who_is_open() {
    run(async { contracts::contract_of_grants(&tables(), &names()).await });
}

#[test]
fn tables_read_a_ledger_by_time_page_by_page() {
    run(async { contracts::contract_of_ledger(&tables(), &names()).await });
}

#[test]
fn tables_write_an_acceptance_once_and_wholly() {
    run(async { contracts::contract_of_acceptance(&tables(), &names()).await });
}

#[test]
fn tables_record_a_submission_of_many_once_and_unfold_it_in_any_order_i_061_q_22() {
    run(async { contracts::contract_of_unfolding(&tables(), &names()).await });
}

#[test]
fn tables_count_each_dispatch_once_for_its_summary() {
    run(async { contracts::contract_of_summaries(&tables(), &names()).await });
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
fn tables_stop_an_account_and_let_it_go_on_p_069() {
    run(async { contracts::contract_of_suspension(&tables(), &names()).await });
}

#[test]
fn tables_know_a_removed_sender_as_a_stranger_p_012() {
    run(async { contracts::contract_of_senders(&tables(), &names()).await });
}

#[test]
fn tables_list_serials_page_by_page_without_a_gap_p_071() {
    run(async { contracts::contract_of_listing(&tables(), &names()).await });
}

#[test]
fn queues_are_read_by_one_at_a_time() {
    let world = World::shared();
    run(async {
        let queue = Queue::FailedRenewals;
        let put = |body: &str| world.put_letter("FailedRenewalsQueue", body);
        contracts::contract_of_letters(&queues().await, queue, &names(), put).await;
    });
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
    let retain_until = "2099-01-05T00:00:00Z".parse().expect("a time");
    let originals = bucket("OriginalsBucket");
    run(async { contracts::contract_of_versions(&originals, &names(), retain_until).await });
}

#[test]
fn a_bucket_creates_an_original_once_i_054() {
    let retain_until = "2099-01-05T00:00:00Z".parse().expect("a time");
    let originals = bucket("OriginalsBucket");
    run(async { contracts::contract_of_originals(&originals, &names(), retain_until).await });
}

#[test]
fn dns_asks_over_tcp_for_what_is_too_large_for_a_packet_x_4() {
    let world = World::shared();
    let code = fresh_code().to_lowercase();
    for (label, size) in [("small", 300), ("packet", 1_300), ("large", 3_500)] {
        let name = format!("{label}._domainkey.{code}.example");
        let text = "k".repeat(size);
        world.publish(&name, &text);
        run(async {
            let asked = Dns::new(Some(world.name_server()));
            let found = asked.look_up_txt([name.clone()].into()).await;
            assert_eq!(
                found.0.get(&name),
                Some(&TxtAnswer::Found(vec![text])),
                "{label}"
            );
        });
    }
}

#[test]
fn tables_accept_a_mail_once_per_account_q_21() {
    run(async { contracts::contract_of_repeated_mails(&tables(), &names()).await });
}

#[test]
fn tables_count_the_sms_of_a_day() {
    run(async { contracts::contract_of_sms_of_a_day(&tables(), &names()).await });
}

#[test]
fn tables_count_unvouched_mails_and_tell_once_an_hour_q_30() {
    run(async { contracts::contract_of_unvouched_mails(&tables(), &names()).await });
}

#[test]
fn tables_move_the_notice_of_an_acceptance_step_by_step_q_21() {
    run(async { contracts::contract_of_told_acceptances(&tables(), &names()).await });
}

#[test]
fn the_bucket_lets_an_object_go_soon() {
    run(async {
        contracts::contract_of_expiring_objects(&bucket("InboundBucket"), &names()).await
    });
}
