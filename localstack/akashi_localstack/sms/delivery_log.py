"""What SNS writes into CloudWatch Logs about a message to a phone number.

https://docs.aws.amazon.com/sns/latest/dg/sms_stats_cloudwatch.html
"""

from __future__ import annotations

import json
import logging
import random
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from botocore.exceptions import ClientError

from akashi_localstack.clients import role_clients
from akashi_localstack.sms.outcomes import Outcome

LOG = logging.getLogger(__name__)

ROLE = "DeliveryStatusIAMRole"
SAMPLING_RATE = "DeliveryStatusSuccessSamplingRate"

PART_PRICE_USD = 0.07451
"""Near to what AWS asks for Japan. It is here so that a price is there, not to be relied upon."""

ROLES_MAX = 8
"""That are assumed at a time; one is enough for an account."""

DWELL_MS = 105
JAPAN, CARRIER, NETWORK = 440, "My Phone Carrier", 10
"""Mobile country code, name, and mobile network code."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """A message that SNS took."""

    account: str
    region: str
    message_id: str
    number: str
    published_at: datetime
    sms_type: str
    parts: int


def record(sent: Sent, outcome: Outcome) -> Json:
    """The line about a message. Readers have to do without everything but its inner frame:
    what SNS does not know, it leaves out, and `status` says more than `providerResponse`.
    """
    delivery: Json = {"destination": sent.number, "smsType": sent.sms_type}
    if outcome.asked_carrier:
        known = {"phoneCarrier": CARRIER} if outcome.success else {}
        delivery = {
            **known,
            "mnc": NETWORK if outcome.success else 0,
            "numberOfMessageParts": sent.parts,
            "destination": sent.number,
            "priceInUSD": price_usd(sent.parts),
            "smsType": sent.sms_type,
            "mcc": JAPAN if outcome.success else 0,
        }
    delivery |= {"providerResponse": outcome.response, "dwellTimeMs": DWELL_MS}
    if outcome.asked_carrier:
        delivery["dwellTimeMsUntilDeviceAck"] = round(outcome.after.total_seconds() * 1000)
    return {
        "notification": {
            "messageId": sent.message_id,
            "timestamp": timestamp(sent.published_at),
        },
        "delivery": delivery,
        "status": "SUCCESS" if outcome.success else "FAILURE",
    }


def price_usd(parts: int) -> float:
    """What a message of so many parts costs."""
    return round(PART_PRICE_USD * parts, 5)


def timestamp(time: datetime) -> str:
    """SNS's notation: UTC with milliseconds, without the zeros at their end."""
    text = f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}.{time.microsecond // 1000:03d}"
    return text[:-2] + text[-2:].rstrip("0")


def wanted(attributes: Json, outcome: Outcome) -> bool:
    """Whether the account's SMS attributes have this line written."""
    if not attributes.get(ROLE):
        return False
    rate = int(attributes.get(SAMPLING_RATE) or 100)
    return not outcome.success or random.randrange(100) < rate  # noqa: S311


def write(sent: Sent, outcome: Outcome, role: str) -> None:
    """Writes the line into a stream of its own, and the log group first where it is missing."""
    try:
        _write(sent, outcome, _logs(role, sent.region))
    except ClientError as error:
        LOG.warning("SNS cannot write about an SMS: %s", error)


@lru_cache(ROLES_MAX)
def _logs(role: str, region: str) -> Any:
    return role_clients(role, region, "sns.amazonaws.com").logs


def _write(sent: Sent, outcome: Outcome, logs: Any) -> None:
    failure = "" if outcome.success else "/Failure"
    group = f"sns/{sent.region}/{sent.account}/DirectPublishToPhoneNumber{failure}"
    with suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=group)
    stream = str(uuid.uuid4())
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    line = json.dumps(record(sent, outcome), separators=(",", ":"))
    now = int(datetime.now(UTC).timestamp() * 1000)
    logs.put_log_events(
        logGroupName=group,
        logStreamName=stream,
        logEvents=[{"timestamp": now, "message": line}],
    )
