"""Stacks that are really made, in the local world: every parameter, both sides of every condition.

The functions in them are never called; the end-to-end tests do that, with the default parameters.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws
import deploy
import packages
import pytest
import stack
import teardown
from account import Account
from awscli.customizations.cloudformation.yamlhelper import yaml_parse
from botocore.exceptions import ClientError
from packages import DeployError

REGION = "ap-northeast-1"
TEMPLATE = yaml_parse((Path(packages.__file__).parent / "template.yaml").read_text())
SOMEBODY = "arn:aws:iam::000000000000:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops"

CASES: dict[str, dict[str, str]] = {
    # What a first deployment names, and an account that wants to hear of alarms.
    "plain": {
        "ServiceDomain": "registered.example",
        "OperatorName": "Example, Ltd",
        "AlarmAddress": "ops@example.com",
        "Retention": "GOVERNANCE-1D",
        "DeletionProtection": "false",
    },
    # Everything that can be said.
    "everything": {
        "ServiceDomain": "registered.example",
        "OperatorName": "あかし",
        "OperatorContact": "03-1234-5678（平日9時〜17時）",
        "PrivacyNotice": "https://registered.example/privacy",
        "Architecture": "arm64",
        "SigningKeySpec": "ECC_NIST_P256",
        "CertificateRequester": SOMEBODY,
        "DeliveryTimeoutSeconds": "600",
        "MailHeadStartSeconds": "60",
        "MailsPerSecond": "14",
        "DeadlineHourSeconds": "20",
        "ServedCountries": "81, 1",
        "SmsOriginationNumber": "+815012345678",
        "SmsSenderId": "AKASHI",
        "TwoWaySms": "true",
        "WebAddress": "https://registered.example",
        "OriginSecret": "secret-of-a-test-that-nobody-else-has",
        "MailFromLabel": "none",
        "Retention": "GOVERNANCE-1D",
        "PagesConcurrency": "20",
        "IntakeConcurrency": "10",
        "EventsConcurrency": "11",
        "SigningConcurrency": "12",
        "SmsLogGroups": "existing",
        "DnsResolver": "127.0.0.1:53",
        "InboundTlsPolicy": "Require",
        "DeletionProtection": "true",
        "LogLevel": "DEBUG",
        "LogRetentionDays": "30",
    },
    # What is said of a stack that issues evidence: its originals stay.
    "evidence": {"ServiceDomain": "kept.example"},
}
TRIALS = [name for name, case in CASES.items() if case.get("Retention") == teardown.TRIAL]


def value_of(expression: Any, parameters: dict[str, str]) -> Any:
    """What a condition says for these parameters; fails on a function that it does not know."""
    if not isinstance(expression, dict):
        return str(expression)
    ((function, of),) = expression.items()
    if function == "Ref":
        return str(parameters.get(of, TEMPLATE["Parameters"][of].get("Default")))
    if function == "Condition":
        return value_of(TEMPLATE["Conditions"][of], parameters)
    values = [value_of(one, parameters) for one in of]
    known: dict[str, Callable[[], bool]] = {
        "Fn::Equals": lambda: values[0] == values[1],
        "Fn::Not": lambda: not values[0],
        "Fn::And": lambda: all(values),
        "Fn::Or": lambda: any(values),
    }
    return known[function]()


def test_every_parameter_has_a_case_with_another_value_than_its_default() -> None:
    for name, parameter in TEMPLATE["Parameters"].items():
        tried = {case[name] for case in CASES.values() if name in case}
        assert tried - {str(parameter["Default"])}, f"no case gives {name}"
    unknown = {name for case in CASES.values() for name in case} - set(TEMPLATE["Parameters"])
    assert not unknown


@pytest.mark.parametrize("condition", TEMPLATE["Conditions"])
def test_every_condition_holds_in_one_case_and_not_in_another(condition: str) -> None:
    found = {value_of(TEMPLATE["Conditions"][condition], case) for case in CASES.values()}
    assert found == {True, False}


@pytest.fixture
def binaries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Programs that could be functions."""
    folder = tmp_path / "binaries"
    folder.mkdir()
    for name in packages.FUNCTIONS:
        (folder / name).write_text(f"#!/bin/sh\n# {name}\n")
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    (fonts / "Sans.ttf").write_bytes(b"font")
    monkeypatch.setattr(packages, "FONTS", fonts)
    monkeypatch.setattr(stack, "LOCAL", tmp_path)
    return folder


@pytest.fixture
def options(
    world: Any, binaries: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., deploy.Options]:
    """The command line's options, for a stack of these parameters."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", world.gateway_url)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    chain, authorities = tmp_path / "chain.pem", tmp_path / "authorities.json"
    chain.write_text("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n")
    authorities.write_text("[]")

    def make(name: str, parameters: dict[str, str], **others: Any) -> deploy.Options:
        return deploy.Options(
            stack=name,
            local=True,
            binaries=binaries,
            parameters=dict(parameters),
            out=tmp_path / "stack.json",
            chain=chain,
            timestamp_authorities=authorities,
            revocation=None,
            request_certificate=False,
            **others,
        )

    return make


def deployed(options: deploy.Options) -> dict[str, str]:
    found = packages.collect(options.binaries)
    return stack.deploy(options, found, deploy.state_of(options, found), {})


def removed(name: str) -> None:
    with aws.explained():
        teardown.Teardown(aws.connect(local=True), name).run(is_meant=True)


@pytest.mark.parametrize("case", TRIALS)
def test_a_stack_of_each_case_is_made_as_said_and_goes_wholly(
    case: str, world: Any, options: Callable[..., deploy.Options]
) -> None:
    parameters, name = CASES[case], f"trial-{case}"
    if parameters.get("SmsLogGroups") == "existing":
        for group in Account(aws.connect(local=True), name).sms_log_groups():
            world.client("logs").create_log_group(logGroupName=group)
    made = options(name, parameters, adopt_sms_log_groups=True, take_over_sms=True)
    logs = world.client("logs")
    try:
        check_made_as_said(world, name, parameters, deployed(made))
    finally:
        removed(name)
    assert everything_named(world, name) == []
    for group in logs.describe_log_groups(logGroupNamePrefix="sns/")["logGroups"]:
        # They were there before the stack, and outlive it.
        assert parameters.get("SmsLogGroups") == "existing"
        logs.delete_log_group(logGroupName=group["logGroupName"])


def check_made_as_said(
    world: Any, name: str, parameters: dict[str, str], outputs: dict[str, str]
) -> None:
    say = {key: str(p["Default"]) for key, p in TEMPLATE["Parameters"].items()} | parameters
    key = world.client("kms").describe_key(KeyId=outputs["SigningKeyId"])["KeyMetadata"]
    assert key["KeySpec"] == say["SigningKeySpec"]
    functions = world.client("lambda")
    for function, parameter in (
        ("serve-web", "PagesConcurrency"),
        ("parse-mail", "IntakeConcurrency"),
        ("record-event", "EventsConcurrency"),
        ("sign-certificate", "SigningConcurrency"),
    ):
        reserved = functions.get_function_concurrency(FunctionName=f"{name}-{function}")
        assert reserved.get("ReservedConcurrentExecutions", 0) == int(say[parameter])
        configuration = functions.get_function_configuration(FunctionName=f"{name}-{function}")
        assert configuration["Architectures"] == [say["Architecture"]]
        assert configuration["LoggingConfig"]["ApplicationLogLevel"] == say["LogLevel"]
        assert configuration["Environment"]["Variables"]["LOG_LEVEL"] == say["LogLevel"]
        assert configuration["Role"].endswith(f":role/{name}-{REGION}-{function}")
    signer = functions.get_function_configuration(FunctionName=f"{name}-sign-certificate")
    assert signer["Environment"]["Variables"]["RETENTION"] == say["Retention"]
    subscriptions = world.client("sns").list_subscriptions_by_topic(
        TopicArn=outputs["AlarmsTopic"]
    )["Subscriptions"]
    told = [say["AlarmAddress"]] if say["AlarmAddress"] else []
    assert [s["Endpoint"] for s in subscriptions] == told
    assert world.client("ses").describe_active_receipt_rule_set()["Metadata"]["Name"] == name
    has_envelope = say["MailFromLabel"] != "none"
    mail_from = f"{say['MailFromLabel']}.{say['ServiceDomain']}"
    assert ("DnsMailFromMx" in outputs) == ("DnsMailFromSpf" in outputs) == has_envelope
    assert ("AlarmAddress" in outputs) == bool(say["AlarmAddress"])
    identity = world.client("sesv2").get_email_identity(EmailIdentity=say["ServiceDomain"])
    shown = identity.get("MailFromAttributes", {}).get("MailFromDomain")
    assert shown == (mail_from if has_envelope else None)
    for token in identity["DkimAttributes"]["Tokens"]:
        record = f"{token}._domainkey.{say['ServiceDomain']} CNAME {token}.dkim.amazonses.com"
        assert record in outputs.values()
    assert outputs["DnsMxAnswers"] == (
        f"a.{say['ServiceDomain']} MX 10 inbound-smtp.{REGION}.amazonaws.com"
    )
    if say["WebAddress"]:
        assert outputs["WebAddress"] == say["WebAddress"]
    check_originals_outlive_the_data_key(world, name, outputs)


def check_originals_outlive_the_data_key(world: Any, name: str, outputs: dict[str, str]) -> None:
    """No key of ours stands between an original and who reads it (Q-32)."""
    s3, kms = world.client("s3"), world.client("kms")
    key = world.client("cloudformation").describe_stack_resource(
        StackName=name, LogicalResourceId="DataKey"
    )["StackResourceDetail"]["PhysicalResourceId"]
    kms.disable_key(KeyId=key)
    try:
        assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
        original = {"Bucket": outputs["OriginalsBucket"], "Key": "certificates/A/1.pdf"}
        put = s3.put_object(
            **original,
            Body=b"%PDF",
            IfNoneMatch="*",
            ObjectLockMode="GOVERNANCE",
            ObjectLockRetainUntilDate="2099-01-01T00:00:00Z",
        )
        assert put["ServerSideEncryption"] == "AES256"
        assert s3.get_object(**original)["Body"].read() == b"%PDF"
    finally:
        kms.enable_key(KeyId=key)
    # It is locked: gone only by who may bypass governance.
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(**original, VersionId=put["VersionId"])


def everything_named(world: Any, name: str) -> list[str]:
    """What is left of a stack, but for keys, which take their time to go."""
    left = [b["Name"] for b in world.client("s3").list_buckets()["Buckets"]]
    left += world.client("dynamodb").list_tables()["TableNames"]
    left += [f["FunctionName"] for f in world.client("lambda").list_functions()["Functions"]]
    left += [r["RoleName"] for r in world.client("iam").list_roles()["Roles"]]
    left += [q.rpartition("/")[2] for q in world.client("sqs").list_queues().get("QueueUrls", [])]
    left += [s["Name"] for s in world.client("ses").list_receipt_rule_sets()["RuleSets"]]
    left += [t["TopicArn"].rpartition(":")[2] for t in world.client("sns").list_topics()["Topics"]]
    metadata = world.client("ses").describe_active_receipt_rule_set().get("Metadata") or {}
    left += [f"active: {metadata['Name']}"] if metadata.get("Name") else []
    return [one for one in left if name in one]


def test_evidence_is_neither_removed_nor_made_removable(
    world: Any, options: Callable[..., deploy.Options]
) -> None:
    parameters, name = CASES["evidence"], "kept"
    deployed(options(name, parameters, adopt_sms_log_groups=True, take_over_sms=True))
    with pytest.raises(DeployError, match="they are evidence"):
        removed(name)
    with pytest.raises(DeployError, match="keeps originals as COMPLIANCE-10Y, and that stays"):
        deployed(options(name, {**parameters, "Retention": "GOVERNANCE-1D"}))
    # What a function runs is what was built: somebody else's code is found at the next deployment.
    functions = world.client("lambda")
    with pytest.raises(DeployError, match="runs other code than was built here"):
        replace_code(functions, name, options(name, parameters))

    # Beside it no second stack is made silently, nor with its domain.
    with pytest.raises(DeployError, match="aws sesv2 delete-email-identity") as refused:
        deployed(
            options(
                "second",
                {"ServiceDomain": parameters["ServiceDomain"]},
                take_over_receipt_rules=True,
            )
        )
    assert f"SES knows {parameters['ServiceDomain']} in {REGION}" in str(refused.value)
    with pytest.raises(DeployError, match="--take-over-receipt-rules") as refused:
        deployed(options("second", {"ServiceDomain": "second.example"}))
    assert name in str(refused.value)
    with pytest.raises(DeployError, match="--take-over-sms") as refused:
        deployed(
            options("second", {"ServiceDomain": "second.example"}, take_over_receipt_rules=True)
        )
    assert f"{name}-{REGION}-sms-logging" in str(refused.value)
    with pytest.raises(DeployError, match="--adopt-sms-log-groups") as refused:
        deployed(
            options(
                "second",
                {"ServiceDomain": "second.example"},
                take_over_receipt_rules=True,
                take_over_sms=True,
            )
        )
    assert "DirectPublishToPhoneNumber" in str(refused.value)
    assert everything_named(world, "second") == []


def replace_code(functions: Any, name: str, options: deploy.Options) -> None:
    (options.binaries / "deliver").write_text("#!/bin/sh\n# somebody else's\n")
    (package,) = (p for p in packages.collect(options.binaries) if p.name == "deliver")
    archive = package.archive(options.binaries.parent / "other").read_bytes()
    functions.update_function_code(FunctionName=f"{name}-deliver", ZipFile=archive)
    functions.get_waiter("function_updated_v2").wait(
        FunctionName=f"{name}-deliver", WaiterConfig={"Delay": 0.2, "MaxAttempts": 300}
    )
    (options.binaries / "deliver").write_text("#!/bin/sh\n# deliver\n")
    deployed(options)


def test_the_deployment_bucket_is_ours_private_and_keeps_every_version(
    world: Any, options: Callable[..., deploy.Options]
) -> None:
    from upload import Upload

    made = options("uploads", {})
    upload = Upload(aws.connect(local=True), made.stack, made.binaries.parent / "lambda")
    upload.prepare()
    s3 = world.client("s3")
    blocked = s3.get_public_access_block(Bucket=upload.bucket)["PublicAccessBlockConfiguration"]
    assert all(blocked.values())
    assert s3.get_bucket_versioning(Bucket=upload.bucket)["Status"] == "Enabled"
    (statement,) = json.loads(s3.get_bucket_policy(Bucket=upload.bucket)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Sid"]) == ("Deny", "TlsOnly")

    package = packages.collect(made.binaries)[0]
    first = upload.packages([package])
    assert upload.packages([package]) == first
    # Somebody puts other code where ours is looked for: it is not taken for ours.
    s3.put_object(Bucket=upload.bucket, Key=package.object_key, Body=b"somebody else's")
    again = upload.packages([package])[package.name]
    read = s3.get_object(Bucket=upload.bucket, Key=package.object_key, VersionId=again)
    assert read["Body"].read() == package.archive(upload.archives).read_bytes()


def test_reservations_that_the_quota_does_not_carry_are_refused_before_anything_is_made(
    world: Any, options: Callable[..., deploy.Options]
) -> None:
    parameters = {"ServiceDomain": "busy.example", "PagesConcurrency": "950"}
    with pytest.raises(DeployError, match="at most 900 can be") as refused:
        deployed(
            options(
                "busy",
                parameters,
                take_over_receipt_rules=True,
                take_over_sms=True,
                adopt_sms_log_groups=True,
            )
        )
    assert "L-B99A9384" in str(refused.value)
    assert everything_named(world, "busy") == []
