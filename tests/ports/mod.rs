//! The world in memory keeps the contracts of the ports. The AWS adapters keep the same ones on
//! LocalStack.

use std::future::Future;

use tests::World;
use tests::contracts::{self, Names};
use workflow::operator::ports::Queue;

fn names() -> Names {
    Names::new("C0NTRACT")
}

/// Contracts with many tasks need a real executor.
fn run(contract: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    runtime.block_on(contract);
}

#[test]
fn accounts_are_found_as_they_were_opened_q_16() {
    run(contracts::contract_of_accounts(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn an_account_is_opened_once_and_changed_in_what_is_named() {
    run(contracts::contract_of_opening(
        &World::new().ports(),
        &names(),
        &Names::new("0THERS"),
    ));
}

#[test]
fn points_are_granted_once_per_reference_to_who_is_open() {
    run(contracts::contract_of_grants(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn a_ledger_is_read_by_time_page_by_page() {
    run(contracts::contract_of_ledger(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn an_acceptance_is_written_once_and_wholly() {
    run(contracts::contract_of_acceptance(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn a_submission_of_many_is_recorded_once_and_unfolds_in_any_order_i_061_q_22() {
    run(contracts::contract_of_unfolding(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn a_summary_is_due_when_each_dispatch_was_counted_once() {
    run(contracts::contract_of_summaries(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn points_never_go_below_zero_and_a_charge_ends_once() {
    run(contracts::contract_of_points(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn a_refusal_takes_a_serial_once_p_071() {
    run(contracts::contract_of_refusals(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn an_unused_account_lapses_wholly_and_once_i_046() {
    run(contracts::contract_of_lapsing(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn a_change_is_written_on_its_version_with_a_new_event_or_not_at_all() {
    run(contracts::contract_of_commits(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn events_come_back_as_they_were_written() {
    run(contracts::contract_of_events(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn later_steps_write_beside_the_progress() {
    run(contracts::contract_of_later_steps(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn a_dispatch_is_found_by_the_providers_id() {
    run(contracts::contract_of_provider_ids(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn an_offer_is_found_by_its_token_and_by_its_number_p_044() {
    run(contracts::contract_of_offers(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn the_token_of_a_copy_is_fixed_once_and_leads_to_its_certificate_q_31() {
    run(contracts::contract_of_copy_tokens(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn each_channel_of_an_offer_has_its_own_progress_p_020() {
    run(contracts::contract_of_legs(&World::new().ports(), &names()));
}

#[test]
fn uses_are_counted_by_key_and_window() {
    run(contracts::contract_of_rate_limits(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn the_newest_code_counts_and_so_many_tries_of_it_c_012() {
    run(contracts::contract_of_codes(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn nothing_is_written_to_a_dispatch_that_does_not_exist() {
    run(contracts::contract_of_missing_dispatches(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn fifty_mails_at_once_all_get_through() {
    run(async { contracts::contract_of_concurrency(&World::new().ports(), &names(), 50).await });
}

#[test]
fn objects_come_back_as_they_were_written() {
    run(contracts::contract_of_objects(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn certificates_are_listed_when_their_timestamps_age_x_2() {
    run(contracts::contract_of_renewals(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn a_version_is_added_to_the_newest_one_x_2() {
    let retain_until = "2036-01-05T00:00:00Z".parse().expect("a time");
    run(contracts::contract_of_versions(
        &World::new().ports().originals(),
        &names(),
        retain_until,
    ));
}

#[test]
fn an_original_is_created_once_i_054() {
    let world = World::new();
    let retain_until = "2036-01-05T00:00:00Z".parse().expect("a time");
    run(contracts::contract_of_originals(
        &world.ports().originals(),
        &names(),
        retain_until,
    ));
}

#[test]
fn an_account_is_stopped_and_goes_on_p_069() {
    run(contracts::contract_of_suspension(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn a_removed_sender_is_a_stranger_p_012() {
    run(contracts::contract_of_senders(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn serials_are_listed_page_by_page_without_a_gap_p_071() {
    run(contracts::contract_of_listing(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn what_waits_for_a_person_is_read_by_one_at_a_time() {
    let world = World::new();
    run(contracts::contract_of_letters(
        &world.ports(),
        Queue::ParkedDispatches,
        &names(),
        |body| world.park(body),
    ));
}

#[test]
fn a_mail_is_accepted_once_per_account_q_21() {
    run(contracts::contract_of_repeated_mails(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn the_sms_of_a_day_are_counted_and_end() {
    run(contracts::contract_of_sms_of_a_day(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn unvouched_mails_are_counted_and_told_once_an_hour_q_30() {
    run(contracts::contract_of_unvouched_mails(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn the_notice_of_an_acceptance_moves_step_by_step_q_21() {
    run(contracts::contract_of_told_acceptances(
        &World::new().ports(),
        &names(),
    ));
}

#[test]
fn an_object_that_is_to_go_soon_is_there_until_it_goes() {
    run(contracts::contract_of_expiring_objects(
        &World::new().ports(),
        &names(),
    ));
}
