"""What CloudWatch would count for each function: invocations, and those that ended with an error.

An error that nobody waits for (an asynchronous event, retried later) is seen nowhere else. Tests
ask here whether a function failed on the way to a right result.
"""

from __future__ import annotations

import base64
import gzip
import json
import threading
from collections import defaultdict, deque
from dataclasses import asdict, dataclass, field
from typing import Any

KEPT_MAX = 2_000
"""Invocations of each function, and as many errors; the oldest are forgotten first, the counts go
on."""
EVENT_CHARACTERS_MAX = 4_000
"""Kept of each event."""


@dataclass(frozen=True)
class Call:
    """One invocation that has ended."""

    request_id: str
    error_type: str | None
    """None when it ended well."""
    error_message: str | None
    event: str
    """What the function got, the lines of a log subscription unpacked."""


def _few() -> deque[Call]:
    return deque(maxlen=KEPT_MAX)


@dataclass
class _Counts:
    invocations: int = 0
    errors: int = 0
    calls: deque[Call] = field(default_factory=_few)
    failed: deque[Call] = field(default_factory=_few)


class Metrics:
    """Counts by function name. Thread safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._functions: dict[str, _Counts] = defaultdict(_Counts)

    def record(
        self, function: str, request_id: str, event: bytes, error: bytes | None = None
    ) -> None:
        """Counts an invocation; `error` is what stands in the place of an answer."""
        kind, message = (None, None) if error is None else _words(error)
        call = Call(request_id, kind, message, readable(event)[:EVENT_CHARACTERS_MAX])
        with self._lock:
            counts = self._functions[function]
            counts.invocations += 1
            counts.calls.append(call)
            if error is not None:
                counts.errors += 1
                counts.failed.append(call)

    def counts(self) -> dict[str, dict[str, int]]:
        """Invocations and errors of each function."""
        with self._lock:
            return {
                name: {"invocations": each.invocations, "errors": each.errors}
                for name, each in self._functions.items()
            }

    def calls(self, function: str) -> list[dict[str, Any]]:
        """The invocations of a function, the oldest first."""
        with self._lock:
            counts = self._functions.get(function, _Counts())
            return [asdict(call) for call in counts.calls]

    def errors(self, function: str) -> list[dict[str, Any]]:
        """Those that ended with an error."""
        with self._lock:
            counts = self._functions.get(function, _Counts())
            return [asdict(call) for call in counts.failed]


METRICS = Metrics()
"""Of this world."""


def readable(event: bytes) -> str:
    """An event as text; what a log subscription packs is unpacked."""
    try:
        packed = json.loads(event)["awslogs"]["data"]
        return gzip.decompress(base64.b64decode(packed)).decode()
    except (ValueError, TypeError, KeyError, OSError):
        return event.decode(errors="replace")


def add_routes() -> None:
    """`GET /_akashi/functions`, `.../<name>/calls` and `.../<name>/errors`."""
    from rolo import Request, Response

    from akashi_localstack import routes

    def counts(_request: Request) -> Response:
        return routes.json_response(METRICS.counts())

    def calls(_request: Request, name: str) -> Response:
        return routes.json_response(METRICS.calls(name))

    def errors(_request: Request, name: str) -> Response:
        return routes.json_response(METRICS.errors(name))

    routes.add("/_akashi/functions", counts)
    routes.add("/_akashi/functions/<name>/calls", calls)
    routes.add("/_akashi/functions/<name>/errors", errors)


def _words(error: bytes) -> tuple[str, str]:
    try:
        said = json.loads(error)
        return str(said.get("errorType", "")), str(said.get("errorMessage", ""))
    except (ValueError, AttributeError):
        return "", error.decode(errors="replace")
