"""What AWS lets a template, a policy and a function be, beside what ours are.

LocalStack has none of these quotas, so a template that outgrew one would fail at its first
deployment. Everything is measured with the longest names and parameters that a stack can have.
"""

from __future__ import annotations

import json
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
PARAMETERS = TEMPLATE["Parameters"]
RESOURCES = TEMPLATE["Resources"]
KB = 1_024

PARTITION, REGION, ACCOUNT = "aws-us-gov", "r" * 14, "1" * 12
"""The longest names of what receives mail: ap-northeast-1."""
STACK = "s" * names.STACK_NAME_LENGTH_MAX
PSEUDO = {
    "AWS::Partition": PARTITION,
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::StackName": STACK,
    "AWS::StackId": f"arn:{PARTITION}:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/" + "0" * 36,
}
ARNS = {
    "AWS::KMS::Key": ("kms", "key/" + "0" * 36),
    "AWS::DynamoDB::Table": ("dynamodb", "table/{}"),
    "AWS::IAM::Role": ("iam", "role/{}"),
    "AWS::Logs::LogGroup": ("logs", "log-group:{}:*"),
    "AWS::SNS::Topic": ("sns", "{}"),
    "AWS::SQS::Queue": ("sqs", "{}"),
    "AWS::Events::Rule": ("events", "rule/{}"),
    "AWS::Serverless::Function": ("lambda", "function:{}"),
    "AWS::Serverless::StateMachine": ("states", "stateMachine:{}"),
}
NAMES = (
    "TableName",
    "BucketName",
    "RoleName",
    "LogGroupName",
    "TopicName",
    "QueueName",
    "FunctionName",
    "Name",
    "RuleSetName",
)
REFERRED_TO_BY_ARN = {"AWS::SNS::Topic", "AWS::Serverless::StateMachine"}


def longest_parameter(name: str) -> str:
    parameter = PARAMETERS[name]
    if "AllowedValues" in parameter:
        return max(map(str, parameter["AllowedValues"]), key=len)
    if parameter["Type"] == "Number":
        return str(parameter["MaxValue"])
    # Of what we pass on the operator's words alone may be Japanese: up to four bytes of UTF-8 each.
    words = ("OperatorName", "OperatorContact", "PrivacyNotice")
    character = "\N{CJK UNIFIED IDEOGRAPH-20000}" if name in words else "x"
    return str(character * parameter["MaxLength"])


def arn_of(logical_id: str) -> str:
    kind = RESOURCES[logical_id]["Type"]
    if kind == "AWS::S3::Bucket":
        return f"arn:{PARTITION}:s3:::{name_of(logical_id)}"
    service, resource = ARNS[kind]
    named = name_of(logical_id) if "{}" in resource else ""
    return f"arn:{PARTITION}:{service}:{REGION}:{ACCOUNT}:{resource.format(named)}"


def name_of(logical_id: str) -> str:
    properties = RESOURCES[logical_id]["Properties"]
    (name,) = (properties[key] for key in NAMES if key in properties)
    return str(longest(name))


def referred(name: str) -> str:
    if name in PSEUDO:
        return PSEUDO[name]
    if name in PARAMETERS:
        return longest_parameter(name)
    kind = RESOURCES[name]["Type"]
    if kind == "AWS::SQS::Queue":
        return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name_of(name)}"
    if kind == "AWS::KMS::Key":
        return "0" * 36
    return arn_of(name) if kind in REFERRED_TO_BY_ARN else name_of(name)


def attribute(logical_id: str, name: str) -> str:
    if name == "FunctionUrl":
        return f"https://{'x' * 32}.lambda-url.{REGION}.on.aws/"
    return {"Arn": arn_of, "QueueName": name_of}[name](logical_id)


def substituted(found: re.Match[str]) -> str:
    logical_id, _, name = found[1].partition(".")
    return attribute(logical_id, name) if name else referred(logical_id)


def longest(value: Any) -> Any:
    """The value that CloudFormation makes of it, at its longest."""
    if isinstance(value, list):
        found = [longest(v) for v in value]
        return [v for v in found if v is not None]
    if not isinstance(value, dict):
        return value
    ((key, inner), *others) = value.items()
    if others or not (key == "Ref" or key.startswith("Fn::")):
        return {k: longest(v) for k, v in value.items()}
    return called(key, inner)


def called(function: str, inner: Any) -> Any:
    """What an intrinsic function gives."""
    if function == "Ref":
        return None if inner == "AWS::NoValue" else referred(inner)
    if function == "Fn::Sub":
        return re.sub(r"\$\{([^}]+)\}", substituted, inner)
    if function == "Fn::GetAtt":
        return attribute(*inner)
    assert function == "Fn::If", function
    return max((longest(branch) for branch in inner[1:]), key=lambda v: len(compact(v)))


def compact(document: Any) -> str:
    """White space counts for none of the policies."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def of_type(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((n, r["Properties"]) for n, r in RESOURCES.items() if r["Type"] == kind)


def test_the_template_is_one_that_cloudformation_takes_from_a_bucket() -> None:
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    # In a request it may have 51,200 bytes: it is uploaded, with the workflows in it.
    template = yaml_parse((INFRA / "template.yaml").read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::StateMachine":
            path = INFRA / resource["Properties"].pop("DefinitionUri")
            resource["Properties"]["Definition"] = yaml.safe_load(path.read_text())
    assert len(json.dumps(template).encode()) < KB * KB
    assert len(PARAMETERS) <= 200
    assert len(TEMPLATE["Outputs"]) <= 200
    assert len(TEMPLATE["Description"].encode()) <= 1_024
    # SAM adds an EventInvokeConfig to some functions.
    functions = list(of_type("AWS::Serverless::Function"))
    assert len(RESOURCES) + len(functions) <= 500


def test_no_role_outgrows_what_iam_lets_its_policies_and_its_trust_be() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    for name, role in of_type("AWS::IAM::Role"):
        documents = [longest(policy["PolicyDocument"]) for policy in role["Policies"]]
        assert sum(len(compact(document)) for document in documents) <= 10_240, name
        assert len(compact(longest(role["AssumeRolePolicyDocument"]))) <= 2_048, name


@pytest.mark.parametrize(
    ("kind", "document", "most"),
    [
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html
        ("AWS::S3::BucketPolicy", "PolicyDocument", 20 * KB),
        # https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
        ("AWS::KMS::Key", "KeyPolicy", 32 * KB),
        # 30 KB, as is told; no page that says so was to be had.
        ("AWS::SNS::TopicPolicy", "PolicyDocument", 30 * KB),
        # An old page; README.md has it among the quotas.
        ("AWS::SQS::QueuePolicy", "PolicyDocument", 8_192),
    ],
)
def test_no_policy_of_a_resource_outgrows_its_service(kind: str, document: str, most: int) -> None:
    policies = list(of_type(kind))
    assert policies
    for name, properties in policies:
        assert len(compact(longest(properties[document])).encode()) <= most, name


def test_no_function_outgrows_what_lambda_lets_it_be() -> None:
    # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    shared = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    for name, function in of_type("AWS::Serverless::Function"):
        variables = longest({**shared, **function["Environment"]["Variables"]})
        size = sum(len(f"{key}{value}".encode()) for key, value in variables.items())
        assert size <= 4 * KB, (name, size)
        assert function["Timeout"] <= 900, name
        # New accounts have less than the 10,240 MB of others; which number, no page says. 3,008
        # was the most of everybody until 2020.
        assert 128 <= function["MemorySize"] <= 3_008, name


def test_no_execution_outgrows_its_history() -> None:
    # https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
    for name, machine in of_type("AWS::Serverless::StateMachine"):
        text = (INFRA / machine["DefinitionUri"]).read_text()
        workflow = yaml.safe_load(text)
        assert len(text.encode()) < KB * KB
        assert workflow["TimeoutSeconds"] <= 365 * 86_400, name
        # Of a try: scheduled, started, submitted, failed; of a state: entered, exited. Each step
        # is taken twice at the most.
        tries = [
            1 + sum(retry["MaxAttempts"] for retry in state.get("Retry", []))
            for state in workflow["States"].values()
        ]
        assert 2 * (4 * sum(tries) + 2 * len(tries)) < 25_000, name
        for state in workflow["States"].values():
            for retry in state.get("Retry", []):
                # https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
                assert retry["MaxDelaySeconds"] < 31_622_400
                assert retry["MaxAttempts"] <= 99_999_999
                assert retry["JitterStrategy"] in {"FULL", "NONE"}


def test_no_alarm_and_no_log_group_asks_for_more_than_cloudwatch_has() -> None:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
    for name, alarm in of_type("AWS::CloudWatch::Alarm"):
        assert len(alarm.get("Metrics", [])) <= 10, name
        assert len(alarm["AlarmActions"]) <= 5, name
        period = alarm.get("Period") or max(
            metric["MetricStat"]["Period"] for metric in alarm["Metrics"] if "MetricStat" in metric
        )
        assert period * alarm["EvaluationPeriods"] <= 86_400, name
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
    for group in {longest(f["LogGroupName"]) for _, f in of_type("AWS::Logs::MetricFilter")}:
        filters = [
            f for _, f in of_type("AWS::Logs::MetricFilter") if longest(f["LogGroupName"]) == group
        ]
        assert len(filters) <= 100
    for _, filter_ in of_type("AWS::Logs::MetricFilter"):
        assert len(filter_["FilterPattern"]) <= 1_024
