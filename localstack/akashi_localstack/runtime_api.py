"""The Lambda Runtime API for one process, on a loopback port of its own.

See https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. Every process gets a new server,
so that a request of a process that was killed can never take an event meant for its successor.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol

from akashi_localstack.settings import LOOPBACK

VERSION = "2018-06-01"
RESPONSE_SIZE_BYTES_MAX = 6_291_556
"""Quota of Lambda for the answer of a synchronous invocation: 6 MB and a little more."""
TOO_LARGE = "Function.ResponseSizeTooLarge"


@dataclass(frozen=True)
class Invocation:
    """One event on its way to the function."""

    request_id: str
    function_arn: str
    payload: bytes
    trace_id: str
    timeout_seconds: float


@dataclass(frozen=True)
class Outcome:
    """What the function answered, or the error that stands in its place."""

    payload: bytes
    is_error: bool

    @staticmethod
    def failure(error_type: str, message: str) -> Outcome:
        """An error made by the service and not by the function."""
        body = {"errorType": error_type, "errorMessage": message}
        return Outcome(json.dumps(body).encode(), is_error=True)


class RuntimeApi:
    """Hands events to one process and collects its answers. All methods are thread safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._is_ready = False
        self._is_closed = False
        self._pending: Invocation | None = None
        self._current: Invocation | None = None
        self._outcome: Outcome | None = None
        self._init_error: Outcome | None = None
        self._listener = socket.create_server((LOOPBACK, 0), backlog=16)
        self.address = f"{LOOPBACK}:{self._listener.getsockname()[1]}"
        """What `AWS_LAMBDA_RUNTIME_API` says."""
        threading.Thread(target=self._accept, name="runtime-api", daemon=True).start()

    def close(self) -> None:
        """Ends every request that waits; safe to call twice."""
        with self._changed:
            if self._is_closed:
                return
            self._is_closed = True
            self._changed.notify_all()
        # A blocking accept is woken up by a connection, on every system.
        with socket.socket() as waker:
            waker.connect_ex(self._listener.getsockname())
        self._listener.close()

    def wait_until_ready(self, timeout_seconds: float, is_alive: _IsAlive) -> Outcome | bool:
        """Waits for the process to ask for its first event.

        Returns:
            True when it asked, False when it ended or took too long, and the error when the
            function reported that its initialization failed.
        """
        deadline = time.monotonic() + timeout_seconds
        with self._changed:
            while not self._is_ready and self._init_error is None:
                if not self._wait(deadline, is_alive):
                    return False
            return self._init_error or True

    def send(self, invocation: Invocation) -> None:
        """Gives the process its next event; there must be none under way."""
        with self._changed:
            self._pending = invocation
            self._outcome = None
            self._changed.notify_all()

    def wait_for_outcome(self, timeout_seconds: float, is_alive: _IsAlive) -> Outcome | None:
        """The answer, or None when the process ended or the time ran out."""
        deadline = time.monotonic() + timeout_seconds
        with self._changed:
            while self._outcome is None:
                if not self._wait(deadline, is_alive):
                    return self._outcome
            return self._outcome

    def wake(self) -> None:
        """Makes waiting calls look again whether the process lives."""
        with self._changed:
            self._changed.notify_all()

    def _wait(self, deadline: float, is_alive: _IsAlive) -> bool:
        remaining_seconds = deadline - time.monotonic()
        if self._is_closed or remaining_seconds <= 0 or not is_alive():
            return False
        self._changed.wait(remaining_seconds)
        return True

    # What the handler below calls.

    def next(self) -> Invocation | None:
        """Blocks until there is an event; None when the server closes."""
        with self._changed:
            self._is_ready = True
            self._changed.notify_all()
            while self._pending is None and not self._is_closed:
                self._changed.wait()
            self._current, self._pending = self._pending, None
            self._is_ready = False
            return None if self._is_closed else self._current

    def finish(self, request_id: str, outcome: Outcome) -> bool:
        """Takes an answer; False when no such invocation is under way."""
        with self._changed:
            if self._current is None or self._current.request_id != request_id:
                return False
            self._current = None
            self._outcome = outcome
            self._changed.notify_all()
            return True

    def fail_initialization(self, outcome: Outcome) -> None:
        """Takes the function's word that it cannot start."""
        with self._changed:
            self._init_error = outcome
            self._changed.notify_all()

    def _accept(self) -> None:
        while True:
            try:
                connection, address = self._listener.accept()
            except OSError:
                return
            with self._changed:
                if self._is_closed:
                    connection.close()
                    return
            threading.Thread(
                target=self._serve, args=(connection, address), name="runtime-api-call", daemon=True
            ).start()

    def _serve(self, connection: socket.socket, address: Any) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection:
            try:
                _Handler(connection, address, self)  # type: ignore[arg-type]
            except OSError:
                return  # The process was killed while it spoke.


class _IsAlive(Protocol):
    def __call__(self) -> bool: ...


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One write for head and body: two would wait for each other's acknowledgement.
    wbufsize = -1

    @property
    def api(self) -> RuntimeApi:
        api: Any = self.server
        assert isinstance(api, RuntimeApi)  # noqa: S101 - `server` is what _serve passed.
        return api

    def do_GET(self) -> None:
        """`/runtime/invocation/next`: blocks until there is an event."""
        if self.path != f"/{VERSION}/runtime/invocation/next":
            self._answer(HTTPStatus.NOT_FOUND, b"{}")
            return
        invocation = self.api.next()
        if invocation is None:
            self.close_connection = True
            return
        deadline_ms = int((time.time() + invocation.timeout_seconds) * 1000)
        self._answer(
            HTTPStatus.OK,
            invocation.payload,
            {
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
                "Lambda-Runtime-Trace-Id": invocation.trace_id,
            },
        )

    def do_POST(self) -> None:
        """`/runtime/invocation/<id>/response`, `.../error` and `/runtime/init/error`."""
        body = self._body()
        parts = self.path.strip("/").split("/")
        match parts:
            case [version, "runtime", "init", "error"] if version == VERSION:
                self.api.fail_initialization(Outcome(body or b"{}", is_error=True))
                accepted = True
            case [version, "runtime", "invocation", request_id, kind] if (
                version == VERSION and kind in ("response", "error")
            ):
                accepted = self._finish(request_id, body, is_error=kind == "error")
            case _:
                self._answer(HTTPStatus.NOT_FOUND, b"{}")
                return
        if body is None:
            error = {"errorType": "RequestEntityTooLarge", "errorMessage": "Exceeded maximum size"}
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, json.dumps(error).encode())
        elif accepted:
            self._answer(HTTPStatus.ACCEPTED, b'{"status":"OK"}\n')
        else:
            error = {"errorType": "InvalidRequestID", "errorMessage": "Invalid request ID"}
            self._answer(HTTPStatus.BAD_REQUEST, json.dumps(error).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: the invocation has its own log."""

    def _finish(self, request_id: str, body: bytes | None, is_error: bool) -> bool:
        if body is None:
            outcome = Outcome.failure(
                TOO_LARGE,
                "Response payload size exceeded maximum allowed payload size"
                f" ({RESPONSE_SIZE_BYTES_MAX} bytes).",
            )
        else:
            outcome = Outcome(body, is_error)
        return self.api.finish(request_id, outcome)

    def _body(self) -> bytes | None:
        """The request's body, or None (and an end to the connection) when it is too large."""
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            return self._chunked_body()
        size_bytes = int(self.headers.get("Content-Length") or 0)
        if size_bytes > RESPONSE_SIZE_BYTES_MAX:
            self._discard(size_bytes)
            return None
        return bytes(self.rfile.read(size_bytes))

    def _chunked_body(self) -> bytes | None:
        body = bytearray()
        is_too_large = False
        while size_bytes := int(self.rfile.readline(100).split(b";")[0], 16):
            chunk = self.rfile.read(size_bytes)
            self.rfile.readline(100)
            is_too_large = is_too_large or len(body) + len(chunk) > RESPONSE_SIZE_BYTES_MAX
            if not is_too_large:
                body += chunk
        while self.rfile.readline(65_536).strip():
            pass  # Trailers, of which streaming functions send their errors.
        return None if is_too_large else bytes(body)

    def _discard(self, size_bytes: int) -> None:
        # Reading it to the end lets the client see the answer and not a reset connection.
        while size_bytes > 0 and (read := len(self.rfile.read(min(size_bytes, 1 << 20)))):
            size_bytes -= read

    def _answer(
        self, status: HTTPStatus, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
