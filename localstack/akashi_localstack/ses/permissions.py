"""What SES may do by the policies of buckets, functions and topics, in its own name."""

from __future__ import annotations

from akashi_localstack.iam import callers
from akashi_localstack.iam.actions import Need
from akashi_localstack.iam.enforcement import guard
from akashi_localstack.iam.evaluator import Service

SES = "ses.amazonaws.com"


def rule_arn(account: str, region: str, rule_set: str, rule: str) -> str:
    """The ARN that SES names as the source of what a receipt rule does."""
    return f"arn:aws:ses:{region}:{account}:receipt-rule-set/{rule_set}:receipt-rule/{rule}"


def may_invoke(function_arn: str, source_arn: str) -> bool:
    """Whether a function lets a receipt rule invoke it."""
    region, account = source_arn.split(":")[3:5]
    ses = Service(SES)
    keys = {
        **callers.of_time(region),
        **callers.of_principal(ses),
        **callers.source_keys(source_arn, account),
    }
    need = Need("lambda:InvokeFunction", function_arn, "function")
    return guard().decide(need, ses, keys, account, region)[0].allowed
