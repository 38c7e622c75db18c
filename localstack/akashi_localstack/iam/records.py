"""Writes down which words of which policies calls were allowed by, and what was denied.

One file for each start of a world, one JSON object on a line. What differs only in its session or
in the resource that one element of a policy matches is written once: a report asks what was used,
not how often.
"""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from akashi_localstack.iam.evaluator import Decision, Grant, Principal, Request, Role, Root, Service

DENIED_MAX = 2_000
"""Denied calls that are told; what is denied without end is written down once too often anyhow."""


@dataclass(frozen=True)
class Record:
    """One line."""

    principal: str
    """`role/<name>`, `service/<name>`, `operator` or `anonymous`."""
    action: str
    resource: str
    """The first one that the words below matched."""
    allowed: bool
    reason: str
    grants: tuple[Grant, ...]


class Records:
    """The file of this process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / f"{int(time.time())}-{os.getpid()}.jsonl"
        self._seen: set[tuple[object, ...]] = set()
        self._denied = 0
        self._lock = threading.Lock()

    def add(self, request: Request, decision: Decision) -> None:
        """Writes a decision down, unless the same was written before."""
        who = name_of(request.principal)
        if decision.allowed and not decision.grants:
            return  # The operator, whom no policy has to let in.
        sought = None if decision.allowed else request.resource
        seen = (who, request.action, decision.allowed, decision.grants, sought)
        if seen in self._seen:
            return
        record = Record(
            who,
            request.action,
            request.resource,
            decision.allowed,
            decision.reason,
            decision.grants,
        )
        with self._lock:
            self._denied += not decision.allowed
            if seen in self._seen or (not decision.allowed and self._denied > DENIED_MAX):
                return
            self._seen.add(seen)
            with self._file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")


def name_of(principal: Principal) -> str:
    """How a record calls somebody."""
    match principal:
        case Role():
            return f"role/{principal.arn.rpartition('/')[2]}"
        case Service(name):
            return f"service/{name}"
        case Root():
            return "operator"
        case _:
            return "anonymous"


def read_all(folders: list[Path]) -> list[Record]:
    """All records of several worlds."""
    found = []
    for folder in folders:
        for file in sorted(folder.glob("*.jsonl")):
            for line in file.read_text(encoding="utf-8").splitlines():
                given = json.loads(line)
                given["grants"] = tuple(Grant(**grant) for grant in given["grants"])
                found.append(Record(**given))
    return found
