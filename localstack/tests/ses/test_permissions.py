"""Policies that let SES write and invoke, and those that do not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from akashi_localstack.ses.permissions import allowed

RULE = "arn:aws:ses:us-east-1:000000000000:receipt-rule-set/set:receipt-rule/rule"
CONTEXT = {"aws:sourceaccount": "000000000000", "aws:sourcearn": RULE}
ALLOW = {
    "Effect": "Allow",
    "Principal": {"Service": "ses.amazonaws.com"},
    "Action": "s3:PutObject",
    "Resource": "arn:aws:s3:::bucket/*",
}
SECURE = {"Bool": {"aws:SecureTransport": "false"}}
DENY_ALL = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}


def case(**changes: Any) -> list[dict[str, Any]]:
    return [{**ALLOW, **changes}]


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (case(), True),
        (case(Action=["s3:Get*", "s3:Put*"]), True),
        (case(Principal={"Service": ["sns.amazonaws.com", "ses.amazonaws.com"]}), True),
        (case(Condition={"StringEquals": {"AWS:SourceAccount": "000000000000"}}), True),
        (case(Condition={"ArnLike": {"aws:SourceArn": RULE.replace("rule/rule", "rule/*")}}), True),
        (case(Condition={"StringEquals": {"aws:SourceArn": [RULE]}}), True),
        ([*case(), {**DENY_ALL, "Condition": SECURE}], True),
        ([], False),
        (case(Principal={"Service": "sns.amazonaws.com"}), False),
        (case(Action="s3:GetObject"), False),
        (case(Resource="arn:aws:s3:::bucket/raw/*"), False),
        (case(Condition={"StringEquals": {"AWS:SourceAccount": "111111111111"}}), False),
        (case(Condition={"ArnEquals": {"aws:SourceArn": RULE + "-other"}}), False),
        (case(Condition={"StringEquals": {"aws:unknown": "x"}}), False),
        ([*case(), DENY_ALL], False),
    ],
)
def test_ses_may_only_what_a_policy_allows(
    statements: list[dict[str, Any]], expected: bool
) -> None:
    policy = json.dumps({"Statement": statements})
    found = allowed(policy, "s3:PutObject", "arn:aws:s3:::bucket/key", CONTEXT)
    assert found is expected


def test_without_a_policy_nothing_is_allowed() -> None:
    assert not allowed(None, "s3:PutObject", "arn:aws:s3:::bucket/key", CONTEXT)
