"""Matching of receipt rules, and SES's records about received mail."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from akashi_localstack.ses import mime, receipt
from akashi_localstack.ses.sending import EICAR

RAW = (
    b"From: Taro <taro@customer.test>\r\nTo: a@x.test\r\nCc: mail@akashi.test\r\n"
    b"Subject: =?utf-8?B?44OG44K544OI?=\r\nMessage-ID: <1@customer.test>\r\n\r\nbody\r\n"
)
PASSED = receipt.Authentication("PASS", "PASS", "GRAY", "customer.test", "customer.test")
RECEIVED = receipt.Received(
    message_id="m" * 40,
    received_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    region="ap-northeast-1",
    helo="mail.customer.test",
    client_ip="192.0.2.1",
    sender="taro@customer.test",
    recipients=("mail@akashi.test", "x@c.akashi.test"),
    raw=RAW,
    authentication=PASSED,
)


@pytest.mark.parametrize(
    ("pattern", "address", "expected"),
    [
        ("mail@akashi.test", "mail@akashi.test", True),
        ("mail@akashi.test", "MAIL@Akashi.Test", True),
        ("mail@akashi.test", "mail+label@akashi.test", True),
        ("mail+one@akashi.test", "mail+one@akashi.test", True),
        ("mail+one@akashi.test", "mail+two@akashi.test", False),
        ("mail+one@akashi.test", "mail@akashi.test", False),
        ("mail@akashi.test", "other@akashi.test", False),
        ("akashi.test", "any@akashi.test", True),
        ("akashi.test", "any@c.akashi.test", False),
        (".akashi.test", "any@c.akashi.test", True),
        (".akashi.test", "any@a.b.akashi.test", True),
        (".akashi.test", "any@akashi.test", False),
        ("akashi.test", "any@notakashi.test", False),
        (".akashi.test", "any@notakashi.test", False),
    ],
)
def test_a_pattern_matches_as_ses_documents_it(pattern: str, address: str, expected: bool) -> None:
    assert receipt.matches(pattern, address) is expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"Enabled": True, "Recipients": ["akashi.test"]}, ["mail@akashi.test"]),
        (
            {"Enabled": True, "Recipients": [".akashi.test", "akashi.test"]},
            list(RECEIVED.recipients),
        ),
        ({"Enabled": True}, list(RECEIVED.recipients)),
        ({"Enabled": True, "Recipients": ["other.test"]}, []),
        ({"Enabled": False, "Recipients": ["akashi.test"]}, []),
        ({"Recipients": ["akashi.test"]}, []),
    ],
)
def test_a_rule_is_for_its_recipients_only(rule: dict[str, Any], expected: list[str]) -> None:
    assert receipt.matched(rule, RECEIVED.recipients, ["akashi.test", "me@else.test"]) == expected


def test_the_stored_object_ends_with_the_mail_exactly_as_it_came() -> None:
    stored = receipt.stored(RECEIVED, True, "mail@akashi.test")
    assert stored.endswith(RAW)
    names = [name for name, _ in mime.header_fields(stored[: -len(RAW)] + b"\r\n")]
    assert names == [
        "Return-Path",
        "Received",
        "X-SES-Spam-Verdict",
        "X-SES-Virus-Verdict",
        "Received-SPF",
        "Authentication-Results",
        "X-SES-RECEIPT",
        "X-SES-DKIM-SIGNATURE",
    ]


def test_the_record_for_lambda_has_the_documented_members() -> None:
    mail = receipt.mail_object(RECEIVED, True, "mail@akashi.test")
    action = {"type": "Lambda", "functionArn": "arn", "invocationType": "Event"}
    now = RECEIVED.received_at + timedelta(milliseconds=7)
    record = receipt.receipt_object(RECEIVED, True, ["mail@akashi.test"], now, action)
    event = receipt.lambda_event(mail, record)
    (only,) = event["Records"]
    assert (only["eventSource"], only["eventVersion"]) == ("aws:ses", "1.0")
    assert only["ses"]["receipt"] == {
        "timestamp": "2026-01-02T03:04:05.000Z",
        "processingTimeMillis": 7,
        "recipients": ["mail@akashi.test"],
        "spamVerdict": {"status": "PASS"},
        "virusVerdict": {"status": "PASS"},
        "spfVerdict": {"status": "PASS"},
        "dkimVerdict": {"status": "PASS"},
        "dmarcVerdict": {"status": "GRAY"},
        "action": action,
    }
    shown = only["ses"]["mail"]
    assert shown["source"] == "taro@customer.test"
    assert shown["destination"] == ["a@x.test", "mail@akashi.test"]
    assert shown["headersTruncated"] is False
    assert shown["headers"][0] == {"name": "Return-Path", "value": "<taro@customer.test>"}
    assert shown["commonHeaders"] == {
        "returnPath": "taro@customer.test",
        "from": ["Taro <taro@customer.test>"],
        "to": ["a@x.test"],
        "cc": ["mail@akashi.test"],
        "messageId": "<1@customer.test>",
        "subject": "テスト",
    }


@pytest.mark.parametrize(
    ("body", "scan", "expected"),
    [
        (EICAR, True, "FAIL"),
        (EICAR, False, "DISABLED"),
        (b"harmless", True, "PASS"),
    ],
)
def test_the_virus_verdict_depends_on_content_and_scanning(
    body: bytes, scan: bool, expected: str
) -> None:
    mail = replace(RECEIVED, raw=b"Subject: x\r\n\r\n" + body)
    assert receipt.verdicts(mail, scan)["virusVerdict"] == {"status": expected}


def test_a_virus_inside_base64_is_found() -> None:
    encoded = base64.b64encode(EICAR)
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + encoded + b"\r\n--b--\r\n"
    )
    verdicts = receipt.verdicts(replace(RECEIVED, raw=raw), True)
    assert verdicts["virusVerdict"] == {"status": "FAIL"}


def test_a_failed_dmarc_check_names_the_policy() -> None:
    failed = replace(PASSED, dmarc="FAIL", dmarc_policy="reject")
    mail = replace(RECEIVED, authentication=failed)
    record = receipt.receipt_object(mail, True, [], mail.received_at, {"type": "Stop"})
    assert record["dmarcPolicy"] == "reject"


def test_message_ids_look_like_those_of_ses() -> None:
    ids = {receipt.message_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(len(id) == 40 and id.isalnum() and id == id.lower() for id in ids)


def test_a_bounce_has_an_empty_return_path() -> None:
    mail = receipt.mail_object(replace(RECEIVED, sender=""), True, "mail@akashi.test")
    assert mail["source"] == ""
    assert mail["commonHeaders"]["returnPath"] == ""
    assert mail["headers"][0] == {"name": "Return-Path", "value": "<>"}
