"""What was sent to the phones outside; it survives a restart.

A message is one file, `<id>.json`, in the folder of its number, renamed into place. Beside the
messages stands the SNS id of the last one, which outlives them: a phone that is emptied does not
change what the other end of the conversation knows.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

LAST = "last-message-id"


@dataclass(frozen=True)
class Message:
    """A message as `GET /_akashi/sms/<number>` shows it."""

    message_id: str
    """SNS's id of it."""
    text: str
    sent_at: str
    """ISO 8601 in UTC with milliseconds."""
    sender_id: str | None
    origination_number: str | None
    sms_type: str
    encoding: str
    parts: int
    received: bool
    """Whether the phone shows it; where it is false, SNS tries in vain or not at all."""
    id: str = ""
    """Nanoseconds since 1970, made unique: the order of the ids is that of sending."""


class Phones:
    """All phones below one folder. Every method may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._last_id = 0

    def deliver(self, number: str, message: Message) -> None:
        """Adds a message to `number`, giving it an id."""
        folder = self._folder / number
        with self._lock:
            folder.mkdir(parents=True, exist_ok=True)
            self._last_id = max(time.time_ns(), self._last_id + 1)
            id = f"{self._last_id:020d}"
            partial = folder / f"{id}.partial"
            fields = {**asdict(message), "id": id}
            partial.write_text(json.dumps(fields, ensure_ascii=False), encoding="utf-8")
            (folder / LAST).write_text(message.message_id, encoding="utf-8")
            partial.rename(folder / f"{id}.json")

    def messages(self, number: str) -> list[Message]:
        """What was sent to `number`, oldest first."""
        with self._lock:
            files = sorted((self._folder / number).glob("*.json"))
            return [Message(**json.loads(file.read_text(encoding="utf-8"))) for file in files]

    def last_message_id(self, number: str) -> str | None:
        """SNS's id of the last message to `number`, also when the phone was emptied since."""
        with self._lock:
            file = self._folder / number / LAST
            return file.read_text(encoding="utf-8") if file.exists() else None

    def empty(self, number: str) -> None:
        """Removes every message of `number`."""
        with self._lock:
            for file in (self._folder / number).glob("*.json"):
                file.unlink()

    def numbers(self) -> list[str]:
        """The numbers that have messages, in order."""
        with self._lock:
            return sorted({file.parent.name for file in self._folder.glob("*/*.json")})
