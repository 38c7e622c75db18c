"""What the template promises and a schema cannot check."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import names
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
DELIVERY_TIMEOUT = int(TEMPLATE["Parameters"]["DeliveryTimeoutSeconds"]["Default"])


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
        assert function["FunctionName"] == {"Fn::Sub": f"${{AWS::StackName}}-{name}"}
        assert function["CodeUri"] == f"../.local/lambda/{name}.zip"
        assert function["LoggingConfig"]["LogGroup"] == {"Ref": f"{logical_id}Log"}


def test_a_role_is_named_by_its_region_too_because_an_account_has_one_of_each_name() -> None:
    for logical_id, role in of_type("AWS::IAM::Role").items():
        name = re.sub(r"(?<!^)([A-Z])", r"-\1", logical_id.removesuffix("Role")).lower()
        expected = {"Fn::Sub": f"${{AWS::StackName}}-${{AWS::Region}}-{name}"}
        assert role["RoleName"] == expected


def test_names_of_the_longest_stack_in_any_region_are_short_enough() -> None:
    # Names of regions have at most 14 characters where mail is received: ap-northeast-1.
    longest = {"AWS::StackName": "s" * names.STACK_NAME_LENGTH_MAX, "AWS::Region": "r" * 14}
    longest["AWS::AccountId"] = "1" * 12
    limits = {"RoleName": 64, "FunctionName": 64, "BucketName": 63, "QueueName": 80, "Name": 64}
    checked = 0
    for name, resource in RESOURCES.items():
        for key, limit in limits.items():
            value = resource["Properties"].get(key)
            if isinstance(value, dict) and "Fn::Sub" in value:
                text = re.sub(r"\$\{([^}]+)\}", lambda m: longest[m[1]], value["Fn::Sub"])
                assert len(text) <= limit, (name, text)
                checked += 1
    assert checked >= 30
    assert len(names.bucket_name("s" * names.STACK_NAME_LENGTH_MAX, "1" * 12, "r" * 14)) <= 63


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
        elif "*" in listed(statement["Resource"]):
            # An SMS may leave by a number that nobody named. It is for SNS alone, in our name.
            assert statement["Sid"] == "SendSmsThroughSns"
            assert listed(statement["Action"]) == ["sms-voice:SendTextMessage"]
            assert statement["Condition"] == THROUGH_SNS


THROUGH_SNS = {"ForAnyValue:StringEquals": {"aws:CalledVia": ["sns.amazonaws.com"]}}


def test_only_who_hands_something_to_recipients_may_send_sms() -> None:
    senders = {f for f in packages.FUNCTIONS.values() if "sns:Publish" in actions(f)}
    # ServeWeb sends the codes without which no copy is handed out (C-012).
    assert senders == {"Deliver", "SendCopies", "ServeWeb"}
    # SNS sends them by AWS End User Messaging, in the name of who publishes.
    # https://docs.aws.amazon.com/sns/latest/dg/sns-sms-access-management.html
    handing_on = {
        f for f in packages.FUNCTIONS.values() if "sms-voice:SendTextMessage" in actions(f)
    }
    assert handing_on == senders
    for function in senders:
        (statement,) = (s for s in statements(function) if "sms-voice" in str(s["Action"]))
        assert statement["Condition"] == THROUGH_SNS


def test_numbers_and_names_that_sms_come_from_are_such_that_sns_takes_them() -> None:
    # https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html
    for parameter, taken, refused in [
        ("SmsOriginationNumber", ["", "+815012345678", "12345"], ["+", "1234", "1" * 15]),
        ("SmsSenderId", ["", "Akashi", "a12", "2026sha"], ["ab", "123", "A" * 12, "a-b-c", "a b"]),
    ]:
        pattern = TEMPLATE["Parameters"][parameter]["AllowedPattern"]
        assert all(re.fullmatch(pattern, value) for value in taken), parameter
        assert not any(re.fullmatch(pattern, value) for value in refused), parameter


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
    # The operator's command alone reads the ledger of an account.
    assert read == indexes - {"by-time"}
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
    groups = {f["LogGroupName"]["Fn::If"][1]["Ref"] for f in filters}
    assert groups == {"DeliveredSmsLog", "FailedSmsLog"}
    callers = [p.get("SourceArn") for p in of_type("AWS::Lambda::Permission").values()]
    for group in filters:
        condition, made, _named = group["LogGroupName"]["Fn::If"]
        assert condition == "OwnsSmsLogGroups"
        made_arn = {"Fn::GetAtt": [made["Ref"], "Arn"]}
        assert any(c and c.get("Fn::If", [])[:2] == [condition, made_arn] for c in callers)


def variables(function: str) -> dict[str, Any]:
    found: dict[str, Any] = RESOURCES[function]["Properties"]["Environment"]["Variables"]
    return found


def test_record_event_knows_what_the_reports_of_our_mails_carry() -> None:
    assert variables("RecordEvent")["CONFIGURATION_SET"] == {"Ref": "ConfigurationSet"}
    assert variables("Deliver")["CONFIGURATION_SET"] == {"Ref": "ConfigurationSet"}
    # HANDOVER_MAX in record_event.rs: when deliver is certainly gone.
    assert RESOURCES["Deliver"]["Properties"]["Timeout"] <= 60


def test_a_web_address_comes_with_a_secret_that_is_not_shown() -> None:
    secret = TEMPLATE["Parameters"]["OriginSecret"]
    assert secret["NoEcho"] is True
    for value, valid in [
        ("", True),
        ("a" * 32, True),
        ("a" * 32 + "," + "b" * 128, True),
        ("a" * 31, False),
        ("a" * 32 + ",", False),
        ("a" * 32 + " ", False),
    ]:
        assert bool(re.fullmatch(secret["AllowedPattern"], value)) is valid, value
    assert variables("ServeWeb")["ORIGIN_SECRET"] == {"Ref": "OriginSecret"}
    assert "WebAddressAndOriginSecretComeTogether" in TEMPLATE["Rules"]
    holders = [
        name for name in packages.FUNCTIONS.values() if "OriginSecret" in str(variables(name))
    ]
    assert holders == ["ServeWeb"]


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


def test_tables_and_buckets_are_kept_and_encrypted() -> None:
    key = {"Fn::GetAtt": ["DataKey", "Arn"]}
    for name, table in of_type("AWS::DynamoDB::Table").items():
        assert table["SSESpecification"]["KMSMasterKeyId"] == key, name
        assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert RESOURCES[name]["DeletionPolicy"] == "RetainExceptOnCreate"
    for name, bucket in of_type("AWS::S3::Bucket").items():
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        if name == "OriginalsBucket":
            # What is locked for ten years does not hang on a key that can be deleted.
            assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
        else:
            assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key, name
        assert all(bucket["PublicAccessBlockConfiguration"].values())
        assert RESOURCES[name]["DeletionPolicy"] == "RetainExceptOnCreate"


def test_no_table_with_evidence_expires() -> None:
    expiring = {
        name
        for name, table in of_type("AWS::DynamoDB::Table").items()
        if "TimeToLiveSpecification" in table
    }
    # Codes and counters, which nothing relies on.
    assert expiring == {"AccessTable"}


def test_the_public_pages_write_to_evidence_in_one_way_alone() -> None:
    writes = ("dynamodb:Put", "dynamodb:Update", "dynamodb:BatchWrite", "dynamodb:PartiQL")
    statement_of = {
        table["Fn::GetAtt"][0]: s
        for s in statements("ServeWeb")
        for table in listed(s.get("Resource", []))
        if any(action.startswith(writes) for action in listed(s["Action"]))
    }
    assert set(statement_of) == {"DispatchesTable", "PointsTable", "AccessTable"}
    # What an answer writes: events and outcome of a dispatch, an addendum with its serial.
    assert statement_of["DispatchesTable"]["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["DISPATCH#*", "ACCOUNT#*"]}
    }
    # A charge ends, and none begins.
    assert listed(statement_of["PointsTable"]["Action"]) == ["dynamodb:UpdateItem"]


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
    rooms = INFRA.parent / "functions" / "shared" / "workflow" / "src"
    places = [*rooms.glob("certify/**/*.rs"), *rooms.glob("copies/*.rs")]
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


def workflows_watched_by(alarm: str) -> set[str]:
    properties = RESOURCES[alarm]["Properties"]
    assert properties["Namespace"] == "AWS/States"
    return {dimension["Value"]["Ref"] for dimension in properties["Dimensions"]}


def test_every_workflow_is_watched_and_may_be_told_to_go_on() -> None:
    assert workflows_watched_by("FailedExecutionsAlarm") == set(WORKFLOWS)
    settled = {f for f in packages.FUNCTIONS.values() if "states:SendTaskSuccess" in actions(f)}
    assert settled == {"ParseMail", "Deliver", "RecordEvent", "ServeWeb"}


def test_a_permanent_failure_is_never_retried_and_always_parked() -> None:
    for name, state in tasks():
        if name == "park":
            continue
        assert "TransientFailure" in state["Retry"][0]["ErrorEquals"]
        for retry in state["Retry"]:
            assert not {"PermanentFailure", "States.ALL", "States.TaskFailed"} & set(
                retry["ErrorEquals"]
            )
        # What waits for another dispatch's certificate is retried under a name of its own.
        others = [retry["ErrorEquals"] for retry in state["Retry"][1:]]
        assert others == ([["CertificateAwaited"]] if name == "compose-certificate" else [])
        assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
        assert state["Catch"][-1]["Next"] == "park"
        # What names another signing certificate is composed again.
        back = [(catch["ErrorEquals"], catch["Next"]) for catch in state["Catch"][:-1]]
        outdated = (["DraftOutdated"], "compose-certificate")
        assert (outdated in back) == (name == "sign-certificate")


def tried_for_at_least(state: Any, error: str = "TransientFailure") -> float:
    """Seconds that a state's waits after an error take together, for 999 of 1,000 executions.

    With full jitter each wait is uniform between nothing and its interval: half of it on average,
    with a variance of a twelfth of its square. Three standard deviations below the average of many
    of them leave one in a thousand.
    """
    names = {error, "States.ALL"}
    (retry,) = (retry for retry in state["Retry"] if names & set(retry["ErrorEquals"]))
    intervals = [
        min(retry["IntervalSeconds"] * retry["BackoffRate"] ** n, retry["MaxDelaySeconds"])
        for n in range(retry["MaxAttempts"])
    ]
    if retry.get("JitterStrategy", "NONE") == "NONE":
        return float(sum(intervals))
    deviation = math.sqrt(sum(interval**2 for interval in intervals) / 12)
    return float(sum(intervals) / 2 - 3 * deviation)


def test_signing_is_tried_for_a_full_day_even_where_jitter_is_short() -> None:
    for name, workflow in WORKFLOWS.items():
        assert tried_for_at_least(workflow["States"]["sign-certificate"]) >= 24 * HOURS, name
        # An addendum waits as long for the certificate that it adds to.
        compose = workflow["States"]["compose-certificate"]
        assert tried_for_at_least(compose, "CertificateAwaited") >= 24 * HOURS, name


def test_a_busy_provider_is_tried_for_six_hours_and_every_step_for_a_quarter_of_one() -> None:
    for name, state in tasks():
        sends = name in {"deliver", "deliver-by-mail", "send-copies"}
        assert tried_for_at_least(state) >= (6 * HOURS if sends else HOURS / 4), name


def test_what_stands_still_is_given_up_and_told() -> None:
    for name, state in tasks():
        waits_for_somebody = state["Resource"].endswith(".waitForTaskToken")
        assert waits_for_somebody == ("TimeoutSecondsPath" in state), name
        slowest = max(
            RESOURCES[f]["Properties"]["Timeout"]
            for f in ("RecordEvent", "ComposeCertificate", "SignCertificate", "SendCopies")
        )
        assert waits_for_somebody or state["TimeoutSeconds"] > slowest, name
    longest_wait = 90 * 24 * HOURS
    for machine, workflow in WORKFLOWS.items():
        most = sum(
            retry["MaxAttempts"] * retry["MaxDelaySeconds"]
            for name, state in workflow["States"].items()
            if name in {"compose-certificate", "sign-certificate", "send-copies"}
            for retry in state["Retry"]
        )
        assert workflow["TimeoutSeconds"] > longest_wait + most, machine
    assert workflows_watched_by("StandingExecutionsAlarm") == set(WORKFLOWS)


def test_ses_gives_up_long_before_we_stop_waiting_for_it() -> None:
    (set_,) = of_type("AWS::SES::ConfigurationSet").values()
    most = set_["DeliveryOptions"]["MaxDeliverySeconds"]
    assert 300 <= most <= 50_400  # What SES takes.
    # Final bounces were reported up to 17.3 hours after the sending, 3.3 hours behind SES's own
    # limit of 14: three times that is left.
    assert most + 10 * HOURS <= DELIVERY_TIMEOUT == 24 * HOURS
    limits = INFRA.parent / "functions" / "shared" / "domain" / "src" / "limits.rs"
    assert "DELIVERY_TIMEOUT_SECONDS: u64 = 24 * 3_600;" in limits.read_text()
    # And the alarm for late certificates does not take a silent recipient for a fault.
    age = RESOURCES["CertificateAgeAlarm"]["Properties"]["Threshold"]
    assert age > DELIVERY_TIMEOUT + HOURS


def test_functions_end_before_the_workflow_would_give_up_on_them() -> None:
    for name, function in of_type("AWS::Serverless::Function").items():
        # No workflow waits for it; it ends by itself between two certificates.
        most = 900 if name == "RenewTimestamps" else 120
        assert 0 < function["Timeout"] <= most, name


def test_only_the_function_that_makes_them_writes_drafts_and_what_was_sent() -> None:
    policy = RESOURCES["InboundBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    denied = {
        s["Resource"]["Fn::Sub"].rpartition("}/")[2]: s["Condition"]
        for s in policy
        if s["Effect"] == "Deny" and s["Action"] == "s3:PutObject"
    }
    role = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${AWS::StackName}-${AWS::Region}-"
    for prefix, function in (("drafts", "compose-certificate"), ("delivered", "deliver")):
        only = {"ArnNotEquals": {"aws:PrincipalArn": {"Fn::Sub": role + function}}}
        assert denied[f"{prefix}/*"] == only
    assert "raw/*" in denied


def test_a_stack_for_trials_alone_lets_originals_go() -> None:
    policy = RESOURCES["OriginalsBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    only_in_trials = [s["Fn::If"] for s in policy if "Fn::If" in s]
    assert {(c, str(trial), s["Sid"]) for c, trial, s in only_in_trials} == {
        ("IsTrial", "{'Ref': 'AWS::NoValue'}", "NothingIsDeleted"),
        ("IsTrial", "{'Ref': 'AWS::NoValue'}", "CertificatesAreLockedLongEnough"),
    }
    assert TEMPLATE["Parameters"]["Retention"]["Default"] == "COMPLIANCE-10Y"
    for function in ("ComposeCertificate", "SignCertificate", "RenewTimestamps"):
        variables = RESOURCES[function]["Properties"]["Environment"]["Variables"]
        assert variables["RETENTION"] == {"Ref": "Retention"}


def test_each_metric_of_the_signers_last_days_comes_also_where_nobody_sends() -> None:
    groups = {
        f["LogGroupName"]["Ref"]
        for f in of_type("AWS::Logs::MetricFilter").values()
        if "signer_days_left" in f["FilterPattern"]
    }
    assert groups == {"SignCertificateLog", "RenewTimestampsLog"}


def test_what_lambda_loses_or_refuses_is_told() -> None:
    def watched(alarm: str) -> set[str]:
        metrics = RESOURCES[alarm]["Properties"]["Metrics"]
        return {
            dimension["Value"]["Ref"]
            for metric in metrics
            if "MetricStat" in metric
            for dimension in metric["MetricStat"]["Metric"]["Dimensions"]
        }

    functions = of_type("AWS::Serverless::Function")
    assert watched("ThrottlesAlarm") == watched("FunctionErrorsAlarm") == set(functions)
    # AsyncEventsDropped counts also what went to a queue before, whose alarm tells of it.
    # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    events = {name for name, f in functions.items() if "EventInvokeConfig" in f}
    assert watched("LostEventsAlarm") == events
    names = {
        metric["MetricStat"]["Metric"]["MetricName"]
        for metric in RESOURCES["LostEventsAlarm"]["Properties"]["Metrics"]
        if "MetricStat" in metric
    }
    assert names == {"DestinationDeliveryFailures"}


def test_what_a_function_logs_is_let_through_by_lambda() -> None:
    for name, function in of_type("AWS::Serverless::Function").items():
        assert function["LoggingConfig"]["ApplicationLogLevel"] == {"Ref": "LogLevel"}, name
    known = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}
    assert set(TEMPLATE["Parameters"]["LogLevel"]["AllowedValues"]) <= known


def test_every_record_to_publish_is_an_output() -> None:
    records = [o["Value"]["Fn::Sub"] for n, o in TEMPLATE["Outputs"].items() if n[:3] == "Dns"]
    kinds = sorted(record.split()[1] for record in records)
    assert kinds == ["CNAME"] * 3 + ["MX"] * 4 + ["TXT"] * 3
    for name, output in TEMPLATE["Outputs"].items():
        wanted = "HasMailFromDomain" if name.startswith("DnsMailFrom") else None
        wanted = "HasAlarmAddress" if name == "AlarmAddress" else wanted
        assert output.get("Condition") == wanted, name
    (rule,) = of_type("AWS::SES::ReceiptRule").values()
    taken = {r["Fn::Sub"].rpartition("@")[2] for r in rule["Rule"]["Recipients"]}
    inbound = {record.split()[0] for record in records if "inbound-smtp" in record}
    assert inbound == taken
