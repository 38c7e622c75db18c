"""The records of sent mail, held against the examples in SES's developer guide."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from akashi_localstack.ses import events, outcomes

SENT_AT = datetime(2026, 1, 2, 3, 4, 5, 678_900, tzinfo=UTC)
LATER = SENT_AT + timedelta(seconds=2)

MAIL = events.SentMail(
    message_id="0100x-000000",
    sent_at=SENT_AT,
    source="=?utf-8?B?5pel5pys?= <mail@akashi.test>",
    identity="akashi.test",
    destination=("a@x.test",),
    fields=(
        ("From", "=?utf-8?B?5pel5pys?= <mail@akashi.test>"),
        ("To", '"B, C" <a@x.test>, d@x.test'),
        ("Subject", "=?utf-8?B?44OG44K544OI?="),
        ("Message-ID", "<mine@akashi.test>"),
    ),
    origin=events.Origin("000000000000", "ap-northeast-1", "192.0.2.1", "root"),
    configuration_set="set",
    tags={"dispatch": "d1"},
)


def test_the_mail_object_has_the_documented_members() -> None:
    mail = events.mail_object(MAIL)
    assert mail == {
        "timestamp": "2026-01-02T03:04:05.678Z",
        "source": MAIL.source,
        "sourceArn": "arn:aws:ses:ap-northeast-1:000000000000:identity/akashi.test",
        "sendingAccountId": "000000000000",
        "messageId": "0100x-000000",
        "destination": ["a@x.test"],
        "headersTruncated": False,
        "headers": [{"name": name, "value": value} for name, value in MAIL.fields],
        "commonHeaders": {
            "from": ["日本 <mail@akashi.test>"],
            "to": ['"B, C" <a@x.test>', "d@x.test"],
            "messageId": "0100x-000000",
            "subject": "テスト",
        },
        "tags": {
            "ses:source-tls-version": ["TLSv1.3"],
            "ses:operation": ["SendEmail"],
            "ses:configuration-set": ["set"],
            "ses:source-ip": ["192.0.2.1"],
            "ses:from-domain": ["akashi.test"],
            "ses:caller-identity": ["root"],
            "dispatch": ["d1"],
        },
    }


def test_headers_above_10_kb_are_cut_and_said_to_be() -> None:
    long = replace(MAIL, fields=(*MAIL.fields, ("X-Long", "x" * 10_240)))
    mail = events.mail_object(long)
    assert mail["headersTruncated"] is True
    assert [header["name"] for header in mail["headers"]] == [name for name, _ in MAIL.fields]


def test_a_delivery_names_the_recipient_the_answer_and_the_time_it_took() -> None:
    event = events.delivery(MAIL, "a@x.test", LATER, "250 OK")
    assert event["eventType"] == "Delivery"
    assert event["delivery"] == {
        "timestamp": "2026-01-02T03:04:07.678Z",
        "processingTimeMillis": 2000,
        "recipients": ["a@x.test"],
        "smtpResponse": "250 OK",
        "reportingMTA": events.REPORTING_MTA,
    }
    assert event["mail"]["tags"]["ses:outgoing-ip"] == [events.OUTGOING_IP]


BOUNCES: list[tuple[events.Failure, dict[str, Any]]] = [
    (
        outcomes.UNKNOWN_USER,
        {
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "bouncedRecipients": [
                {
                    "emailAddress": "a@x.test",
                    "action": "failed",
                    "status": "5.1.1",
                    "diagnosticCode": "smtp; 550 5.1.1 user unknown",
                }
            ],
            "timestamp": "2026-01-02T03:04:07.678Z",
            "feedbackId": "f",
            "reportingMTA": f"dns; {events.REPORTING_MTA}",
        },
    ),
    (
        outcomes.AUTOMATIC_REPLY,
        {
            "bounceType": "Transient",
            "bounceSubType": "General",
            "bouncedRecipients": [{"emailAddress": "a@x.test"}],
            "timestamp": "2026-01-02T03:04:07.678Z",
            "feedbackId": "f",
        },
    ),
]


@pytest.mark.parametrize(("failure", "expected"), BOUNCES)
def test_a_bounce_has_the_notification_s_words_as_far_as_there_was_one(
    failure: events.Failure, expected: dict[str, Any]
) -> None:
    event = events.bounce(MAIL, ["a@x.test"], LATER, failure, "f")
    assert event["eventType"] == "Bounce"
    assert event["bounce"] == expected


def test_a_delay_expires_after_14_hours() -> None:
    event = events.delivery_delay(
        MAIL, "a@x.test", LATER, delay_type="MailboxFull", status="4.2.2", diagnostic="smtp; 452"
    )
    assert event["deliveryDelay"]["expirationTime"] == "2026-01-02T17:04:05.678Z"


def test_the_other_records_have_their_own_member() -> None:
    complaint = events.complaint(MAIL, ["a@x.test"], LATER, "f", "agent")
    assert complaint["complaint"]["complaintFeedbackType"] == "abuse"
    assert complaint["complaint"]["complaintSubType"] is None
    assert events.send(MAIL)["send"] == {}
    assert events.reject(MAIL)["reject"] == {"reason": "Bad content"}
    suppressed = events.suppressed_complaint(MAIL, "a@x.test", LATER, "f")
    assert suppressed["complaint"]["complaintSubType"] == "OnAccountSuppressionList"
