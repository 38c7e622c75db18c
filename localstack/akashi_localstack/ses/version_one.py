"""SES v1: LocalStack's provider and what it lacks for receipt rules."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError
from localstack.aws.api import CommonServiceException, RequestContext, handler
from localstack.aws.forwarder import ForwardingFallbackDispatcher
from localstack.services.moto import call_moto
from localstack.services.plugins import Service, aws_provider
from localstack.services.ses.provider import SesProvider

from akashi_localstack.clients import clients, service_client
from akashi_localstack.ses import permissions
from akashi_localstack.ses.store import LOCK, moto_backend

SETUP_NOTIFICATION = "AMAZON_SES_SETUP_NOTIFICATION"
"""SES writes an object of this name when a rule gets an S3 action, to see whether it may."""

SETUP_TEXT = b"""From: Amazon Web Services <no-reply-aws@amazon.com>
To: Amazon SES customer
Subject: Amazon SES Setup Notification

Hello,

You received this message because you attempted to set up Amazon SES to deliver emails to this S3 \
bucket.
""".replace(b"\n", b"\r\n")

Json = dict[str, Any]


@aws_provider(api="ses", name="akashi")
def ses() -> Service:
    """The plugin that LocalStack loads under `PROVIDER_OVERRIDE_SES=akashi`."""
    return Service.for_provider(
        _Ses(), dispatch_table_factory=lambda own: ForwardingFallbackDispatcher(own, _moto)
    )


def _moto(context: RequestContext, _request: Any) -> Any:
    with LOCK:
        return call_moto(context)


class _Ses(SesProvider):
    @handler("CreateReceiptRule")
    def create_receipt_rule(
        self, context: RequestContext, rule_set_name: str, rule: Json, **_: Any
    ) -> Any:
        checks = _Checks(context, rule_set_name, rule["Name"])
        with LOCK:
            names = [stored["Name"] for stored in _rules(context, rule_set_name)]
        if rule["Name"] in names:
            raise _error("AlreadyExists", f"Rule already exists: {rule['Name']}")
        checks.check(rule)
        with LOCK:
            return call_moto(context)

    @handler("UpdateReceiptRule")
    def update_receipt_rule(
        self, context: RequestContext, rule_set_name: str, rule: Json, **_: Any
    ) -> Any:
        _Checks(context, rule_set_name, rule["Name"]).check(rule)
        with LOCK:
            return call_moto(context)

    @handler("DeleteReceiptRule")
    def delete_receipt_rule(
        self, context: RequestContext, rule_set_name: str, rule_name: str, **_: Any
    ) -> Json:
        with LOCK:
            rules = _rules(context, rule_set_name)
            rules[:] = [rule for rule in rules if rule["Name"] != rule_name]
        return {}

    @handler("SetReceiptRulePosition")
    def set_receipt_rule_position(
        self,
        context: RequestContext,
        rule_set_name: str,
        rule_name: str,
        after: str | None = None,
        **_: Any,
    ) -> Json:
        with LOCK:
            rules = _rules(context, rule_set_name)
            names = [rule["Name"] for rule in rules]
            for name in filter(None, (rule_name, after)):
                if name not in names:
                    raise _error("RuleDoesNotExist", f"Rule does not exist: {name}")
            moved = rules.pop(names.index(rule_name))
            names.remove(rule_name)
            rules.insert(names.index(after) + 1 if after else 0, moved)
        return {}


class _Checks:
    """What SES tries out before it takes a rule."""

    def __init__(self, context: RequestContext, rule_set: str, rule: str) -> None:
        account, region = context.account_id, context.region
        self._source = permissions.rule_arn(account, region, rule_set, rule)
        self._clients = clients(account, region)
        self._s3 = service_client(account, region, "s3", permissions.SES, self._source)

    def check(self, rule: Json) -> None:
        """Raises the error that SES answers with when it may not carry out an action."""
        for action in rule.get("Actions") or []:
            if given := action.get("S3Action"):
                self._bucket(given)
            if given := action.get("LambdaAction"):
                self._function(given["FunctionArn"])
            for given in action.values():
                if topic := (given or {}).get("TopicArn"):
                    self._topic(topic)

    def _bucket(self, given: Json) -> None:
        bucket = given["BucketName"]
        key = f"{given.get('ObjectKeyPrefix') or ''}{SETUP_NOTIFICATION}"
        try:
            self._s3.put_object(Bucket=bucket, Key=key, Body=SETUP_TEXT)
        except ClientError as error:
            raise _error(
                "InvalidS3Configuration", f"Could not write to bucket: {bucket}"
            ) from error

    def _function(self, arn: str) -> None:
        if not permissions.may_invoke(arn, self._source):
            raise _error("InvalidLambdaFunction", f"Invalid Lambda function: {arn}")

    def _topic(self, arn: str) -> None:
        try:
            self._clients.sns.get_topic_attributes(TopicArn=arn)
        except ClientError as error:
            raise _error("InvalidSnsTopic", f"Invalid SNS topic: {arn}") from error


def _error(code: str, message: str) -> CommonServiceException:
    return CommonServiceException(code, message, status_code=400, sender_fault=True)


def _rules(context: RequestContext, rule_set_name: str) -> list[Any]:
    found = moto_backend(context.account_id, context.region).receipt_rule_set.get(rule_set_name)
    if found is None:
        raise _error("RuleSetDoesNotExist", f"Rule set does not exist: {rule_set_name}")
    rules: list[Any] = found.rules
    return rules
