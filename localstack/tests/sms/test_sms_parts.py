"""The pure parts of SMS: numbers, outcomes, segments, the line in the log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from akashi_localstack.sms import delivery_log, numbers, outcomes, two_way
from akashi_localstack.sms.phones import Message, Phones
from akashi_localstack.sms.segments import segments

SENT = delivery_log.Sent(
    account="000000000000",
    region="ap-northeast-1",
    message_id="m-1",
    number="+819012345678",
    published_at=datetime(2026, 1, 2, 3, 4, 5, 510_999, UTC),
    sms_type="Transactional",
    parts=2,
)
MESSAGE = Message("m-1", "text", "2026-01-02T03:04:05.678Z", None, None, "", "", 1, received=True)


@pytest.mark.parametrize(
    ("text", "encoding", "parts"),
    [
        ("", "GSM-7", 1),
        ("x" * 160, "GSM-7", 1),
        ("x" * 161, "GSM-7", 2),
        ("x" * 306, "GSM-7", 2),
        ("x" * 307, "GSM-7", 3),
        ("€" * 80, "GSM-7", 1),
        ("€" * 81, "GSM-7", 2),
        # An escape and its character stay together: 76 euro signs a part, not 76.5.
        ("€" * 153, "GSM-7", 3),
        ("`", "UCS-2", 1),
        ("あ" * 70, "UCS-2", 1),
        ("あ" * 71, "UCS-2", 2),
        ("あ" * 134, "UCS-2", 2),
        ("あ" * 135, "UCS-2", 3),
        ("𠮷" * 35, "UCS-2", 1),
        ("𠮷" * 67, "UCS-2", 3),
        ("①", "UCS-2", 1),
    ],
)
def test_parts_are_counted_as_phones_count_them(text: str, encoding: str, parts: int) -> None:
    found = segments(text)
    assert (found.encoding, found.parts) == (encoding, parts)


@pytest.mark.parametrize(
    ("number", "response", "success", "repeat"),
    [
        ("+819012345678", outcomes.ACCEPTED, True, 1),
        ("+819000001234", outcomes.ACCEPTED, True, 1),
        ("+819000991234", outcomes.ACCEPTED, True, 1),
        ("+819000011234", "Phone is currently unreachable/unavailable", False, 1),
        ("+818000011234", outcomes.ACCEPTED, True, 1),
        ("+8190000112345", outcomes.ACCEPTED, True, 1),
        ("+819000021234", "Invalid phone number", False, 1),
        ("+819000041234", "Phone number is opted out", False, 1),
        ("+819000111234", "No quota left for account", False, 1),
        ("+819000201234", outcomes.ACCEPTED, True, 0),
        ("+819000231234", outcomes.ACCEPTED, True, 10),
    ],
)
def test_a_number_decides_what_happens(
    number: str, response: str, success: bool, repeat: int
) -> None:
    found = outcomes.outcome(number)
    assert (found.response, found.success, found.repeat) == (response, success, repeat)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+819012345678", "+819012345678"),
        ("819012345678", "+819012345678"),
        ("09012345678", None),
        ("+81 90", None),
        ("+819012345678\n", None),
        ("../etc", None),
        ("+1234567890123456", None),
        ("", None),
        (None, None),
        ("+８１９０", None),
    ],
)
def test_a_number_is_e164(text: object, number: str | None) -> None:
    assert numbers.parse(text) == number


def test_sns_writes_little_about_what_it_did_not_hand_to_a_carrier() -> None:
    assert delivery_log.record(SENT, outcomes.outcome("+819000111234")) == {
        "notification": {"messageId": "m-1", "timestamp": "2026-01-02 03:04:05.51"},
        "delivery": {
            "destination": "+819012345678",
            "smsType": "Transactional",
            "providerResponse": "No quota left for account",
            "dwellTimeMs": 105,
        },
        "status": "FAILURE",
    }


def test_a_slow_failure_tells_its_time() -> None:
    line = delivery_log.record(SENT, outcomes.outcome("+819000221234"))
    assert line["delivery"] == {
        "mnc": 0,
        "numberOfMessageParts": 2,
        "destination": "+819012345678",
        "priceInUSD": 0.14902,
        "smsType": "Transactional",
        "mcc": 0,
        "providerResponse": "Phone is currently unreachable/unavailable",
        "dwellTimeMs": 105,
        "dwellTimeMsUntilDeviceAck": 5000,
    }


@pytest.mark.parametrize(
    ("milliseconds", "ending"), [(0, ".0"), (1, ".001"), (510, ".51"), (700, ".7"), (558, ".558")]
)
def test_a_time_ends_without_zeros(milliseconds: int, ending: str) -> None:
    time = datetime(2026, 1, 2, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    assert delivery_log.timestamp(time) == f"2026-01-02 00:00:00{ending}"


def test_messages_come_oldest_first_and_survive_a_restart(tmp_path: Path) -> None:
    before = Phones(tmp_path)
    for _ in range(20):
        before.deliver("+8190", MESSAGE)
    ids = [message.id for message in Phones(tmp_path).messages("+8190")]
    assert len(ids) == 20
    assert ids == sorted(set(ids))


def test_an_emptied_phone_still_answers_the_last_message(tmp_path: Path) -> None:
    phones = Phones(tmp_path)
    assert phones.last_message_id("+8190") is None
    phones.deliver("+8190", MESSAGE)
    phones.empty("+8190")
    assert (phones.messages("+8190"), phones.numbers()) == ([], [])
    assert phones.last_message_id("+8190") == "m-1"


def test_two_way_topics_survive_a_restart(tmp_path: Path) -> None:
    topics = two_way.Topics(tmp_path / "state" / "topics.json")
    topics.set("+8150", "arn-1")
    topics.set("+8151", "arn-2")
    topics.set("+8150", None)
    topics.set("+8152", None)
    assert two_way.Topics(tmp_path / "state" / "topics.json").all() == {"+8151": "arn-2"}
