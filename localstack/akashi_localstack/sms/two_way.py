"""Numbers of ours that can be answered, and what is published when somebody does.

On AWS, a number's two-way topic is set in AWS End User Messaging (`UpdatePhoneNumber`).
https://docs.aws.amazon.com/sms-voice/latest/userguide/two-way-sms-payload.html
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Answer:
    """A message from a phone to a number of ours."""

    sender: str
    recipient: str
    text: str
    inbound_message_id: str
    previous_message_id: str | None


def payload(answer: Answer, account: str) -> dict[str, Any]:
    """What AWS publishes. A number without keywords of its own has one with the account's number.

    Who writes without having been written to answers nothing: there is no previous message.
    """
    known = answer.previous_message_id
    previous = {} if known is None else {"previousPublishedMessageId": known}
    return {
        "originationNumber": answer.sender,
        "destinationNumber": answer.recipient,
        "messageKeyword": f"keyword_{account}",
        "messageBody": answer.text,
        **previous,
        "inboundMessageId": answer.inbound_message_id,
    }


def new_id() -> str:
    """An id as inbound messages have."""
    return str(uuid.uuid4())


class Topics:
    """The two-way topics by our number; they survive a restart. Any thread may call."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()

    def all(self) -> Mapping[str, str]:
        """The topics' ARNs by number."""
        with self._lock:
            return self._read()

    def set(self, number: str, topic_arn: str | None) -> None:
        """Registers the topic of a number; None makes the number one-way again."""
        with self._lock:
            topics = {**self._read(), number: topic_arn}
            kept = {n: arn for n, arn in sorted(topics.items()) if arn is not None}
            self._file.parent.mkdir(parents=True, exist_ok=True)
            partial = self._file.with_suffix(".partial")
            partial.write_text(json.dumps(kept), encoding="utf-8")
            partial.rename(self._file)

    def _read(self) -> dict[str, str]:
        if not self._file.exists():
            return {}
        topics: dict[str, str] = json.loads(self._file.read_text(encoding="utf-8"))
        return topics
