"""Rules at work that need nothing of AWS; the others are tested in a running world."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from akashi_localstack.ses import actions, receipt

BOUNCE = {
    "BounceAction": {
        "SmtpReplyCode": "550",
        "StatusCode": "5.1.1",
        "Message": "Mailbox does not exist",
        "Sender": "postmaster@akashi.test",
    }
}
STOP = {"StopAction": {"Scope": "RuleSet"}}


@pytest.fixture
def received() -> receipt.Received:
    """A short mail from a customer to the one service address."""
    return receipt.Received(
        message_id="m" * 40,
        received_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        region="us-east-1",
        helo="mail.customer.test",
        client_ip="192.0.2.1",
        sender="taro@customer.test",
        recipients=("mail@akashi.test",),
        raw=b"From: taro@customer.test\r\n\r\nbody\r\n",
        authentication=receipt.Authentication("GRAY", "GRAY", "GRAY"),
    )


def applied(received: receipt.Received, *rules: dict[str, Any], over_tls: bool = False) -> str:
    """What the sending server hears: nothing, when every rule was content."""
    complete = tuple({"Enabled": True, "Recipients": ["akashi.test"], **rule} for rule in rules)
    rule_set = actions.RuleSet("0" * 12, "us-east-1", "set", complete, ("akashi.test",))
    try:
        actions.apply(rule_set, received, over_tls)
    except actions.Bounced as bounced:
        return bounced.reply
    return ""


@pytest.mark.parametrize(
    ("rules", "over_tls", "expected"),
    [
        ([{}], False, ""),
        ([{"Actions": [BOUNCE]}], False, "550 5.1.1 Mailbox does not exist"),
        ([{"Actions": [STOP]}, {"Actions": [BOUNCE]}], False, ""),
        ([{"Actions": [STOP, BOUNCE]}], False, ""),
        ([{"Actions": [BOUNCE], "Enabled": False}], False, ""),
        ([{"Actions": [BOUNCE], "Recipients": ["other.test"]}], False, ""),
        ([{"TlsPolicy": "Require"}], False, "530 5.7.0 Must issue a STARTTLS command first"),
        ([{"TlsPolicy": "Require"}], True, ""),
        ([{"TlsPolicy": "Optional"}], False, ""),
        ([{"Actions": [{"AddHeaderAction": {"HeaderName": "X", "HeaderValue": "1"}}]}], False, ""),
    ],
)
def test_rules_run_in_order_until_one_stops_them(
    received: receipt.Received, rules: list[dict[str, Any]], over_tls: bool, expected: str
) -> None:
    assert applied(received, *rules, over_tls=over_tls) == expected


def test_a_mail_too_large_for_sns_bounces(received: receipt.Received) -> None:
    large = replace(received, raw=b"x" * (actions.SNS_BYTES_MAX + 1))
    rule = {"Actions": [{"SNSAction": {"TopicArn": "arn:aws:sns:us-east-1:000000000000:t"}}]}
    assert applied(large, rule).startswith("552 ")
