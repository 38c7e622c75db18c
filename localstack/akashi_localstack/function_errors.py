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

ERRORS_MAX = 1_000
"""Kept of each function; the oldest are forgotten first, the count goes on."""
EVENT_CHARACTERS_MAX = 20_000
"""Kept of the event of each error."""


@dataclass(frozen=True)
class FunctionError:
    """One invocation that ended with an error."""

    request_id: str
    error_type: str
    error_message: str
    event: str
    """What the function got, the lines of a log subscription unpacked."""


@dataclass
class _Counts:
    invocations: int = 0
    errors: int = 0
    kept: deque[FunctionError] = field(default_factory=lambda: deque(maxlen=ERRORS_MAX))


class Metrics:
    """Counts by function name. Thread safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._functions: dict[str, _Counts] = defaultdict(_Counts)

    def record(
        self, function: str, request_id: str, event: bytes, error: bytes | None = None
    ) -> None:
        """Counts an invocation; `error` is what stands in the place of an answer."""
        with self._lock:
            counts = self._functions[function]
            counts.invocations += 1
            if error is None:
                return
            counts.errors += 1
            kind, message = _words(error)
            shown = readable(event)[:EVENT_CHARACTERS_MAX]
            counts.kept.append(FunctionError(request_id, kind, message, shown))

    def counts(self) -> dict[str, dict[str, int]]:
        """Invocations and errors of each function."""
        with self._lock:
            return {
                name: {"invocations": each.invocations, "errors": each.errors}
                for name, each in self._functions.items()
            }

    def errors(self, function: str) -> list[dict[str, Any]]:
        """The errors of a function, the oldest first."""
        with self._lock:
            counts = self._functions.get(function)
            return [asdict(error) for error in counts.kept] if counts else []


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
    """`GET /_akashi/functions` and `GET /_akashi/functions/<name>/errors`."""
    from rolo import Request, Response

    from akashi_localstack import routes

    def counts(_request: Request) -> Response:
        return routes.json_response(METRICS.counts())

    def errors(_request: Request, name: str) -> Response:
        return routes.json_response(METRICS.errors(name))

    routes.add("/_akashi/functions", counts)
    routes.add("/_akashi/functions/<name>/errors", errors)


def _words(error: bytes) -> tuple[str, str]:
    try:
        said = json.loads(error)
        return str(said.get("errorType", "")), str(said.get("errorMessage", ""))
    except (ValueError, AttributeError):
        return "", error.decode(errors="replace")
