"""Carries out the actions of receipt rules on a received mail.

Everything is done before SMTP answers 250, so that a mail is never lost after it: what SES would
retry by itself is a temporary failure here, and the sending server tries again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from akashi_localstack.clients import service_client
from akashi_localstack.ses import permissions, publisher, receipt
from akashi_localstack.ses.store import LOCK

LOG = logging.getLogger(__name__)

Json = dict[str, Any]
Rule = Mapping[str, Any]

SUBJECT = "Amazon SES Email Receipt Notification"

SNS_BYTES_MAX = 150 * 1024
"""SES bounces a mail above this size that meets an SNS action."""


class Bounced(Exception):
    """A rule refuses the mail; `reply` is the answer to the sending server."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


@dataclass(frozen=True)
class RuleSet:
    """The active receipt rule set of one account and region, copied from moto's store."""

    account: str
    region: str
    name: str
    rules: tuple[Rule, ...]
    verified: tuple[str, ...]
    """The identities that may receive mail."""

    def serves(self, address: str) -> bool:
        """Whether any rule is for this address, in a domain that is a verified identity."""
        return self._is_verified(address) and any(
            receipt.matched(rule, [address], self.verified) for rule in self.rules
        )

    def _is_verified(self, address: str) -> bool:
        domain = address.lower().rpartition("@")[2]
        known = {name.lower() for name in self.verified}
        parents = accumulate(reversed(domain.split(".")), lambda tail, label: f"{label}.{tail}")
        return address.lower() in known or not known.isdisjoint(parents)


def active_rule_sets() -> list[RuleSet]:
    """Every account's and region's active rule set."""
    from moto.ses import ses_backends

    found = []
    with LOCK:
        for account, regions in list(ses_backends.items()):
            for region, backend in list(regions.items()):
                active = backend.describe_active_receipt_rule_set()
                if active is None:
                    continue
                rules = tuple(_plain(rule) for rule in active.rules)
                verified = tuple(backend.email_identities)
                found.append(RuleSet(account, region, active.name, rules, verified))
    return found


def apply(rule_set: RuleSet, received: receipt.Received, over_tls: bool) -> None:
    """Applies the rules in their order.

    Raises:
        Bounced: a rule refuses the mail.
        Exception: an action could not be carried out; the mail must be sent again.
    """
    for rule in rule_set.rules:
        recipients = receipt.matched(rule, received.recipients, rule_set.verified)
        if not recipients:
            continue
        if rule.get("TlsPolicy") == "Require" and not over_tls:
            raise Bounced("530 5.7.0 Must issue a STARTTLS command first")
        scan = bool(rule.get("ScanEnabled"))
        run = _Run(rule_set, rule.get("Name") or "", received, tuple(recipients), scan)
        for action in rule.get("Actions") or []:
            going_on = run.act(action)
            if going_on == "STOP_RULE_SET":
                return
            if going_on == "STOP_RULE":
                break


@dataclass(frozen=True)
class _Run:
    """One rule at work on one mail."""

    rule_set: RuleSet
    rule: str
    received: receipt.Received
    recipients: tuple[str, ...]
    scan: bool

    def act(self, action: Rule) -> str:
        """Carries out one action and says how to go on: `CONTINUE` or one of the two stops."""
        (kind, given), *_ = [(k, v) for k, v in action.items() if v]
        handler = {
            "S3Action": self._s3,
            "LambdaAction": self._lambda,
            "SNSAction": self._sns,
            "StopAction": self._stop,
            "BounceAction": self._bounce,
            "AddHeaderAction": self._ignore,
            "WorkmailAction": self._ignore,
        }[kind]
        return handler(given)

    def _s3(self, given: Rule) -> str:
        key = f"{given.get('ObjectKeyPrefix') or ''}{self.received.message_id}"
        body = receipt.stored(self.received, self.scan, self.recipients[0])
        bucket = given["BucketName"]
        self._client("s3").put_object(Bucket=bucket, Key=key, Body=body)
        self._notify(
            given,
            {
                "type": "S3",
                "topicArn": given.get("TopicArn"),
                "bucketName": bucket,
                "objectKeyPrefix": given.get("ObjectKeyPrefix") or "",
                "objectKey": key,
            },
        )
        return "CONTINUE"

    def _lambda(self, given: Rule) -> str:
        kind = given.get("InvocationType") or "Event"
        action = {"type": "Lambda", "functionArn": given["FunctionArn"], "invocationType": kind}
        event = receipt.lambda_event(self._mail(), self._receipt(action))
        answer = self._client("lambda_").invoke(
            FunctionName=given["FunctionArn"],
            InvocationType=kind,
            Payload=json.dumps(event, ensure_ascii=False).encode(),
        )
        self._notify(given, {**action, "topicArn": given.get("TopicArn")})
        if kind == "Event":
            return "CONTINUE"
        payload = answer["Payload"].read()
        if answer.get("FunctionError"):
            raise RuntimeError(f"{given['FunctionArn']} failed: {payload[:500]!r}")
        result = json.loads(payload or b"null")
        disposition = result.get("disposition") if isinstance(result, dict) else None
        return str(disposition or "CONTINUE").upper()

    def _sns(self, given: Rule) -> str:
        import base64

        if len(self.received.raw) > SNS_BYTES_MAX:
            raise Bounced("552 5.3.4 Message is too large for the recipient's SNS action")
        encoding = given.get("Encoding") or "UTF-8"
        action = {"type": "SNS", "topicArn": given["TopicArn"], "encoding": encoding.upper()}
        record = receipt.notification(self._mail(), self._receipt(action))
        body = receipt.stored(self.received, self.scan, self.recipients[0])
        base64_encoded = base64.b64encode(body).decode()
        is_base64 = encoding.lower() == "base64"
        record["content"] = base64_encoded if is_base64 else body.decode("utf-8", "replace")
        publisher.publish_to_topic(given["TopicArn"], SUBJECT, json.dumps(record), self._source)
        return "CONTINUE"

    def _stop(self, given: Rule) -> str:
        self._notify(given, {"type": "Stop", "topicArn": given.get("TopicArn")})
        return "STOP_RULE_SET"

    def _bounce(self, given: Rule) -> str:
        # SES sends a bounce message; to the sender the answer during SMTP means the same.
        action = {
            "type": "Bounce",
            "topicArn": given.get("TopicArn"),
            "smtpReplyCode": given["SmtpReplyCode"],
            "statusCode": given.get("StatusCode"),
            "message": given["Message"],
            "sender": given["Sender"],
        }
        self._notify(given, action)
        parts = (given["SmtpReplyCode"], given.get("StatusCode"), given["Message"])
        raise Bounced(" ".join(part for part in parts if part))

    def _ignore(self, _given: Rule) -> str:
        LOG.warning("a receipt rule has an action that the local SES does not carry out")
        return "CONTINUE"

    def _notify(self, given: Rule, action: Json) -> None:
        topic = given.get("TopicArn")
        if not topic:
            return
        record = receipt.notification(self._mail(), self._receipt(action))
        publisher.publish_to_topic(topic, SUBJECT, json.dumps(record), self._source)

    def _mail(self) -> Json:
        return receipt.mail_object(self.received, self.scan, self.recipients[0])

    def _receipt(self, action: Json) -> Json:
        now = datetime.now(UTC)
        return receipt.receipt_object(self.received, self.scan, self.recipients, now, action)

    @property
    def _source(self) -> str:
        of = self.rule_set
        return permissions.rule_arn(of.account, of.region, of.name, self.rule)

    def _client(self, service: str) -> Any:
        account, region = self.rule_set.account, self.rule_set.region
        return service_client(account, region, service, permissions.SES, self._source)


def unserved(rule_sets: Sequence[RuleSet], address: str) -> bool:
    """Whether no rule of any active rule set is for this address."""
    return not any(rule_set.serves(address) for rule_set in rule_sets)


def _plain(value: Any) -> Any:
    # moto keeps parameters in a mapping of its own that iterates over snake-case names.
    if hasattr(value, "original_items"):
        return {key: _plain(item) for key, item in value.original_items()}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
