"""What the people who were written to have in their mailboxes; it survives a restart.

A message is two files in the mailbox's folder: `<id>.eml`, the bytes as the recipient's server
stored them, and `<id>.json`, the envelope. The envelope is renamed into place last, so that a
message is either there as a whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from akashi_localstack.ses import mime

FOLDER_NAME_BYTES_MAX = 200
"""File systems allow 255 bytes; the rest is for the digest of an address that is longer."""


@dataclass(frozen=True)
class Envelope:
    """What is known of a delivered message besides its bytes."""

    id: str
    """Nanoseconds since 1970, made unique: the order of the ids is that of arrival."""
    ses_message_id: str
    sender: str
    """The envelope sender, empty for a bounce."""
    recipients: tuple[str, ...]
    received_at: str
    """ISO 8601 in UTC with milliseconds."""
    size_bytes: int


class Mailboxes:
    """All mailboxes below one folder. Every method may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._last_id = 0

    def deliver(
        self,
        address: str,
        raw: bytes,
        *,
        ses_message_id: str,
        sender: str,
        recipients: tuple[str, ...],
        received_at: str,
    ) -> Envelope:
        """Puts a message into the mailbox of `address` and returns its envelope."""
        folder = self._mailbox(address)
        with self._lock:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "address").write_text(address.lower(), encoding="utf-8")
            envelope = Envelope(
                id=self._next_id(),
                ses_message_id=ses_message_id,
                sender=sender,
                recipients=recipients,
                received_at=received_at,
                size_bytes=len(raw),
            )
            (folder / f"{envelope.id}.eml").write_bytes(raw)
            partial = folder / f"{envelope.id}.partial"
            partial.write_text(json.dumps(asdict(envelope)), encoding="utf-8")
            partial.rename(folder / f"{envelope.id}.json")
        return envelope

    def messages(self, address: str) -> list[Envelope]:
        """The messages of `address`, oldest first."""
        with self._lock:
            return list(_envelopes(self._mailbox(address)))

    def read(self, address: str, id: str) -> bytes | None:
        """The bytes of one message, or None when there is no such message."""
        if not id.isdecimal():
            return None
        with self._lock:
            envelope = self._mailbox(address) / f"{id}.json"
            return envelope.with_suffix(".eml").read_bytes() if envelope.exists() else None

    def empty(self, address: str) -> None:
        """Removes every message of `address`."""
        with self._lock:
            shutil.rmtree(self._mailbox(address), ignore_errors=True)

    def addresses(self) -> list[str]:
        """The addresses that have mail, in alphabetical order."""
        with self._lock:
            if not self._folder.exists():
                return []
            folders = [f for f in self._folder.iterdir() if any(_envelopes(f))]
            return sorted((f / "address").read_text(encoding="utf-8") for f in folders)

    def _next_id(self) -> str:
        self._last_id = max(time.time_ns(), self._last_id + 1)
        return f"{self._last_id:020d}"

    def _mailbox(self, address: str) -> Path:
        return self._folder / _folder_name(address.lower())


def describe(envelope: Envelope, raw: bytes, raw_url: str) -> dict[str, Any]:
    """The message as `GET /_akashi/mailbox/<address>` shows it.

    `headers` holds the first field of each name, decoded; `text` is the decoded plain text, empty
    when the message has none.
    """
    fields = [(name, mime.decode_words(value)) for name, value in mime.header_fields(raw)]
    headers: dict[str, str] = {}
    for name, value in fields:
        headers.setdefault(name, value)
    return {
        "id": envelope.id,
        "ses_message_id": envelope.ses_message_id,
        "from": envelope.sender,
        "to": list(envelope.recipients),
        "subject": next((v for n, v in fields if n.lower() == "subject"), ""),
        "received_at": envelope.received_at,
        "size_bytes": envelope.size_bytes,
        "headers": headers,
        "text": mime.plain_text(mime.parse(raw)),
        "raw_url": raw_url,
    }


def _envelopes(folder: Path) -> Iterator[Envelope]:
    for file in sorted(folder.glob("*.json")):
        fields = json.loads(file.read_text(encoding="utf-8"))
        yield Envelope(**{**fields, "recipients": tuple(fields["recipients"])})


def _folder_name(address: str) -> str:
    # `/` and a leading dot are what a file name must not hold; quote() escapes all but the dot.
    name = quote(address, safe="@+").replace(".", "%2E", 1 if address.startswith(".") else 0)
    if len(name) <= FOLDER_NAME_BYTES_MAX:
        return name
    digest = hashlib.sha256(address.encode()).hexdigest()[:32]
    return f"{name[: FOLDER_NAME_BYTES_MAX - len(digest)]}{digest}"
