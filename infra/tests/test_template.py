"""What the template promises and a schema cannot check."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import packages
import pytest
import yaml
from awscli.customizations.cloudformation.yamlhelper import yaml_parse

INFRA = Path(packages.__file__).parent
TEMPLATE = yaml_parse((INFRA / "template.yaml").read_text())
RESOURCES = TEMPLATE["Resources"]
WORKFLOWS = {
    machine: yaml.safe_load((INFRA / r["Properties"]["DefinitionUri"]).read_text())
    for machine, r in RESOURCES.items()
    if r["Type"] == "AWS::Serverless::StateMachine"
}
HOURS = 3600


def of_type(kind: str) -> dict[str, Any]:
    return {name: r["Properties"] for name, r in RESOURCES.items() if r["Type"] == kind}


def statements(function: str) -> list[dict[str, Any]]:
    (policy,) = RESOURCES[f"{function}Role"]["Properties"]["Policies"]
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def actions(function: str) -> set[str]:
    return {action for s in statements(function) for action in listed(s["Action"])}


def tasks() -> Iterator[tuple[str, Any]]:
    for workflow in WORKFLOWS.values():
        yield from ((n, s) for n, s in workflow["States"].items() if s["Type"] == "Task")


def test_every_function_has_its_own_named_role_log_and_archive() -> None:
    assert set(of_type("AWS::Serverless::Function")) == set(packages.FUNCTIONS.values())
    for name, logical_id in packages.FUNCTIONS.items():
        function = RESOURCES[logical_id]["Properties"]
        named = {"Fn::Sub": f"${{AWS::StackName}}-{name}"}
        assert function["FunctionName"] == named
        assert RESOURCES[f"{logical_id}Role"]["Properties"]["RoleName"] == named
        assert function["CodeUri"] == f"../.local/lambda/{name}.zip"
        assert function["LoggingConfig"]["LogGroup"] == {"Ref": f"{logical_id}Log"}


@pytest.mark.parametrize("function", packages.FUNCTIONS.values())
def test_no_function_may_do_everything_or_anything_to_everything(function: str) -> None:
    for statement in statements(function):
        assert not any("*" in action for action in listed(statement["Action"]))
        if "NotResource" in statement:
            # Numbers have no ARN. It says what is no number, and is for nothing but sending SMS.
            assert statement["Sid"] == "SendSms"
            assert listed(statement["Action"]) == ["sns:Publish"]
            assert statement["NotResource"] == {"Fn::Sub": "arn:${AWS::Partition}:sns:*:*:*"}
            assert "Resource" not in statement
        else:
            assert "*" not in listed(statement["Resource"])


def test_only_who_hands_something_to_recipients_may_send_sms() -> None:
    senders = {f for f in packages.FUNCTIONS.values() if "sns:Publish" in actions(f)}
    # ServeWeb sends the codes without which no copy is handed out (C-012).
    assert senders == {"Deliver", "SendCopies", "ServeWeb"}


def test_every_index_is_read_by_somebody_who_may() -> None:
    tables = [t for t in of_type("AWS::DynamoDB::Table").values() if "GlobalSecondaryIndexes" in t]
    indexes = {index["IndexName"] for table in tables for index in table["GlobalSecondaryIndexes"]}
    read = {
        resource["Fn::Sub"].rpartition("/")[2]
        for f in packages.FUNCTIONS.values()
        for s in statements(f)
        for resource in listed(s.get("Resource", []))
        if "/index/" in str(resource)
    }
    # The operator's command alone lists an account.
    assert read == indexes - {"by-account"}
    for table in tables:
        keys = {k["AttributeName"] for i in table["GlobalSecondaryIndexes"] for k in i["KeySchema"]}
        keys |= {k["AttributeName"] for k in table["KeySchema"]}
        assert keys == {a["AttributeName"] for a in table["AttributeDefinitions"]}


def test_one_rule_takes_all_mail_so_that_a_mail_to_both_products_is_seen_as_one() -> None:
    (rule,) = of_type("AWS::SES::ReceiptRule").values()
    recipients = {r["Fn::Sub"] for r in rule["Rule"]["Recipients"]}
    domain = "${ServiceDomain}"
    assert recipients == {f"mail@{domain}", f"contract@{domain}", f"c.{domain}", f"a.{domain}"}


def test_whatever_is_reported_reaches_record_event_or_a_queue() -> None:
    for name, subscription in of_type("AWS::SNS::Subscription").items():
        if subscription["Protocol"] == "lambda":
            assert subscription["Endpoint"] == {"Fn::GetAtt": ["RecordEvent", "Arn"]}, name
            assert "deadLetterTargetArn" in subscription["RedrivePolicy"], name
    (statement,) = RESOURCES["FailedEventsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    topics = {s["TopicArn"]["Ref"] for s in of_type("AWS::SNS::Subscription").values()}
    may_fail = {t["Ref"] for t in statement["Condition"]["ArnEquals"]["aws:SourceArn"]}
    assert may_fail == topics - {"AlarmsTopic"}
    filters = of_type("AWS::Logs::SubscriptionFilter").values()
    assert {f["LogGroupName"]["Ref"] for f in filters} == {"DeliveredSmsLog", "FailedSmsLog"}
    callers = [p.get("SourceArn") for p in of_type("AWS::Lambda::Permission").values()]
    for group in filters:
        assert {"Fn::GetAtt": [group["LogGroupName"]["Ref"], "Arn"]} in callers


def test_unused_accounts_are_looked_at_daily_and_a_look_that_fails_is_kept_and_told() -> None:
    rule = RESOURCES["ExpireAccountsRule"]["Properties"]
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 day)", "ENABLED")
    (target,) = rule["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": ["ExpireAccounts", "Arn"]}
    queue = {"Fn::GetAtt": ["FailedExpirations", "Arn"]}
    assert target["DeadLetterConfig"]["Arn"] == queue
    function = RESOURCES["ExpireAccounts"]["Properties"]
    assert function["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"] == queue
    assert not {"dynamodb:Scan", "dynamodb:DeleteItem"} & actions("ExpireAccounts")
    callers = [p.get("SourceArn") for p in of_type("AWS::Lambda::Permission").values()]
    assert {"Fn::GetAtt": ["ExpireAccountsRule", "Arn"]} in callers
    alarm = RESOURCES["FailedExpirationsAlarm"]["Properties"]
    assert alarm["AlarmActions"] == [{"Ref": "AlarmsTopic"}]


def test_aging_timestamps_are_renewed_hourly_and_trouble_is_told() -> None:
    rule = RESOURCES["RenewTimestampsRule"]["Properties"]
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 hour)", "ENABLED")
    (target,) = rule["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": ["RenewTimestamps", "Arn"]}
    queue = {"Fn::GetAtt": ["FailedRenewals", "Arn"]}
    assert target["DeadLetterConfig"]["Arn"] == queue
    function = RESOURCES["RenewTimestamps"]["Properties"]
    assert function["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"] == queue
    # It adds versions, and neither signs nor searches the table.
    allowed = actions("RenewTimestamps")
    assert {"s3:PutObject", "s3:PutObjectRetention", "dynamodb:Query"} <= allowed
    assert not {"dynamodb:Scan", "kms:Sign", "s3:DeleteObjectVersion"} & allowed
    callers = [p.get("SourceArn") for p in of_type("AWS::Lambda::Permission").values()]
    assert {"Fn::GetAtt": ["RenewTimestampsRule", "Arn"]} in callers
    pattern = RESOURCES["RenewalTroubleFilter"]["Properties"]["FilterPattern"]
    assert "$.fields.in_trouble" in pattern
    for alarm in ("FailedRenewalsAlarm", "RenewalTroubleAlarm"):
        assert RESOURCES[alarm]["Properties"]["AlarmActions"] == [{"Ref": "AlarmsTopic"}]


def test_delivery_logs_of_sms_name_numbers_and_so_are_encrypted_and_soon_gone() -> None:
    for name, group in of_type("AWS::Logs::LogGroup").items():
        if "sns/" in group["LogGroupName"]["Fn::Sub"]:
            assert group["KmsKeyId"] == {"Fn::GetAtt": ["DataKey", "Arn"]}, name
            assert group["RetentionInDays"] <= 30, name


def test_mail_is_kept_longer_than_the_longest_contract_and_what_follows_it() -> None:
    rules = RESOURCES["InboundBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    expiring = [rule for rule in rules if "ExpirationInDays" in rule]
    (kept,) = (rule["ExpirationInDays"] for rule in expiring if "TagFilters" not in rule)
    days_to_answer, days_to_sign, days_parked = 90, 1, 14
    assert kept >= days_to_answer + days_to_sign + days_parked


BUCKET_ADAPTER = INFRA.parent / "functions/shared/aws-adapters/src/bucket.rs"


def test_mail_that_nothing_came_of_is_tagged_by_parse_mail_and_soon_gone() -> None:
    rules = RESOURCES["InboundBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (unused,) = (rule for rule in rules if "TagFilters" in rule)
    assert unused["TagFilters"] == [{"Key": "akashi", "Value": "unused"}]
    assert unused["ExpirationInDays"] <= 7
    adapter = BUCKET_ADAPTER.read_text()
    assert '("akashi", "unused")' in adapter
    taggers = {f for f in packages.FUNCTIONS.values() if "s3:PutObjectTagging" in actions(f)}
    assert taggers == {"ParseMail"}


def test_only_sign_certificate_may_sign_and_only_digests() -> None:
    signers = {f for f in packages.FUNCTIONS.values() if "kms:Sign" in actions(f)}
    assert signers == {"SignCertificate"}
    policy = RESOURCES["SigningKey"]["Properties"]["KeyPolicy"]["Statement"]
    may_sign = [s for s in policy if s["Effect"] == "Allow" and "kms:Sign" in listed(s["Action"])]
    assert [s["Condition"]["StringEquals"]["kms:MessageType"] for s in may_sign] == ["DIGEST"]
    administration = next(s for s in policy if s["Sid"] == "AccountAdministersTheKey")
    assert not any(a in {"kms:*", "kms:S*", "kms:Sign"} for a in administration["Action"])


def test_no_function_deletes_anything() -> None:
    everything = set().union(*(actions(f) for f in packages.FUNCTIONS.values()))
    assert not [action for action in everything if "Delete" in action]


def test_tables_and_buckets_are_kept_and_encrypted_with_our_key() -> None:
    key = {"Fn::GetAtt": ["DataKey", "Arn"]}
    for name, table in of_type("AWS::DynamoDB::Table").items():
        assert table["SSESpecification"]["KMSMasterKeyId"] == key, name
        assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert RESOURCES[name]["DeletionPolicy"] == "RetainExceptOnCreate"
    for name, bucket in of_type("AWS::S3::Bucket").items():
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key, name
        assert all(bucket["PublicAccessBlockConfiguration"].values())
        assert RESOURCES[name]["DeletionPolicy"] == "RetainExceptOnCreate"


def test_every_bucket_refuses_plain_http() -> None:
    guarded = {
        policy["Bucket"]["Ref"]
        for policy in of_type("AWS::S3::BucketPolicy").values()
        if any(s["Sid"] == "TlsOnly" for s in policy["PolicyDocument"]["Statement"])
    }
    assert guarded == set(of_type("AWS::S3::Bucket"))


def test_mail_is_neither_tracked_nor_suppressed() -> None:
    (properties,) = of_type("AWS::SES::ConfigurationSet").values()
    assert "TrackingOptions" not in properties
    assert properties["SuppressionOptions"] == {"SuppressedReasons": []}
    (destination,) = of_type("AWS::SES::ConfigurationSetEventDestination").values()
    events = set(destination["EventDestination"]["MatchingEventTypes"])
    assert not events & {"OPEN", "CLICK"}


def test_every_queue_has_an_alarm() -> None:
    watched = {
        dimension["Value"]["Fn::GetAtt"][0]
        for alarm in of_type("AWS::CloudWatch::Alarm").values()
        for dimension in alarm.get("Dimensions", [])
        if dimension["Name"] == "QueueName"
    }
    assert watched == set(of_type("AWS::SQS::Queue"))


def test_alarms_wait_for_what_is_really_logged() -> None:
    folder = INFRA.parent / "functions" / "shared" / "workflow" / "src"
    places = [
        folder / "sign_certificate.rs",
        folder / "archiving.rs",
        *folder.glob("archiving/*.rs"),
        folder / "renew_timestamps.rs",
    ]
    source = "".join(place.read_text() for place in places)
    for metric in of_type("AWS::Logs::MetricFilter").values():
        pattern = metric["FilterPattern"]
        messages = re.findall(r'[$][.]fields[.]message = ("[^"]+")', pattern)
        names = re.findall(r"[$][.]fields[.](\w+) = [*]", pattern)
        assert messages or names
        for logged in [*messages, *names]:
            assert logged in source


@pytest.mark.parametrize("machine", WORKFLOWS)
def test_every_name_in_a_workflow_is_substituted(machine: str) -> None:
    properties = RESOURCES[machine]["Properties"]
    text = (INFRA / properties["DefinitionUri"]).read_text()
    named = set(re.findall(r"\$\{(\w+)\}", text))
    assert named == set(properties["DefinitionSubstitutions"])
    assert not re.search(r"\d{12}", text)


def test_every_workflow_is_watched_and_may_be_told_to_go_on() -> None:
    alarm = RESOURCES["FailedExecutionsAlarm"]["Properties"]
    watched = {
        dimension["Value"]["Ref"]
        for metric in alarm["Metrics"]
        if "MetricStat" in metric
        for dimension in metric["MetricStat"]["Metric"]["Dimensions"]
    }
    assert watched == set(WORKFLOWS)
    settled = {f for f in packages.FUNCTIONS.values() if "states:SendTaskSuccess" in actions(f)}
    assert settled == {"ParseMail", "Deliver", "RecordEvent", "ServeWeb"}


def test_a_permanent_failure_is_never_retried_and_always_parked() -> None:
    for name, state in tasks():
        if name == "park":
            continue
        for retry in state["Retry"]:
            assert "TransientFailure" in retry["ErrorEquals"]
            assert not {"PermanentFailure", "States.ALL", "States.TaskFailed"} & set(
                retry["ErrorEquals"]
            )
        assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
        assert state["Catch"][-1]["Next"] == "park"


def test_signing_is_tried_for_nearly_a_day_and_no_longer() -> None:
    for workflow in WORKFLOWS.values():
        (retry,) = workflow["States"]["sign-certificate"]["Retry"]
        waits = [
            min(retry["IntervalSeconds"] * retry["BackoffRate"] ** n, retry["MaxDelaySeconds"])
            for n in range(retry["MaxAttempts"])
        ]
        assert 23 * HOURS < sum(waits) <= 24 * HOURS


def test_functions_end_before_the_workflow_would_give_up_on_them() -> None:
    for name, function in of_type("AWS::Serverless::Function").items():
        # No workflow waits for it; it ends by itself between two certificates.
        most = 900 if name == "RenewTimestamps" else 120
        assert 0 < function["Timeout"] <= most, name
