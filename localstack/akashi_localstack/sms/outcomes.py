"""What becomes of a message to a phone number, decided by the number alone.

Numbers `+81 90 00CC xxxx` act on purpose, by the two digits CC. They have the shape of Japanese
mobile numbers and belong to nobody: after 090 comes 1 to 9 in every number that was ever given out.
Every other number gets its message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

ON_PURPOSE = re.compile(r"\+819000(?P<code>[0-9]{2})[0-9]{4}")

ACCEPTED = "Message has been accepted by phone carrier"
OPTED_OUT = "Phone number is opted out"
MAX_PRICE = "This delivery would exceed max price"

SOON = timedelta(milliseconds=300)
SLOW = timedelta(seconds=5)


@dataclass(frozen=True)
class Outcome:
    """All that becomes of a message to one number."""

    response: str = ACCEPTED
    """SNS's `providerResponse`."""
    success: bool = True
    after: timedelta = SOON
    """From the publish to the line in the log."""
    repeat: int = 1
    """How often the line is written. CloudWatch Logs delivers at least once, so does this."""
    received: bool = True
    """Whether the phone shows the message."""
    asked_carrier: bool = True
    """Whether SNS handed the message to a carrier, or refused it by itself."""
    publish_fails: bool = False
    """The call of Publish ends with an error, whatever else happens."""


def _failed(response: str, after: timedelta = SOON) -> Outcome:
    return Outcome(response, success=False, after=after, received=False)


def _not_tried(response: str) -> Outcome:
    return Outcome(response, success=False, received=False, asked_carrier=False)


DELIVERED = Outcome()
TOO_EXPENSIVE = _not_tried(MAX_PRICE)

UNREACHABLE = "Phone is currently unreachable/unavailable"

# The texts are those of "SMS delivery failure reasons" in the developer guide of SNS; "No quota
# left for account" is not listed there, but is what users see when the spending limit is reached.
BY_CODE: dict[str, Outcome] = {
    "01": _failed(UNREACHABLE),
    "02": _failed("Invalid phone number"),
    "03": _failed("Unknown error attempting to reach phone"),
    "04": _not_tried(OPTED_OUT),
    "05": _failed("Phone has blocked SMS"),
    "06": _failed("Phone carrier has blocked this message"),
    "07": _failed("Phone carrier is currently unreachable/unavailable"),
    "08": _failed("Blocked as spam by phone carrier"),
    "09": _not_tried("Destination is on a blocked list"),
    "10": TOO_EXPENSIVE,
    "11": _not_tried("No quota left for account"),
    "12": _failed("Phone is on a blocked list"),
    "13": _failed("Message body is invalid"),
    "20": Outcome(repeat=0),
    "21": Outcome(after=SLOW),
    "22": _failed(UNREACHABLE, SLOW),
    "23": Outcome(repeat=10),
    "24": Outcome(repeat=0, received=False),
    "30": Outcome(repeat=0, received=False, asked_carrier=False, publish_fails=True),
    "31": Outcome(publish_fails=True),
}


def outcome(number: str) -> Outcome:
    """What becomes of a message to `number`, which is E.164 with its plus sign."""
    found = ON_PURPOSE.fullmatch(number)
    return BY_CODE.get(found["code"], DELIVERED) if found else DELIVERED
