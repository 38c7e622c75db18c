"""What a task's call does when the connection that was kept for it is gone; where tokens can be."""

from __future__ import annotations

import importlib
import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.config import Config

from akashi_localstack.settings import LOOPBACK
from akashi_localstack.step_functions import has_begun, lasting, look_for_tokens_where_some_can_be

ONE_TRY = Config(
    parameter_validation=False, retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=5
)
"""LocalStack's own, but for its timeouts of 99,999,999 s."""
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class Server:
    """Answers the first request of a connection and closes it when the second one comes."""

    def __init__(self) -> None:
        self._listener = socket.create_server((LOOPBACK, 0))
        self.url = f"http://{LOOPBACK}:{self._listener.getsockname()[1]}"
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                self._request(connection)
                connection.sendall(ANSWER)
                self._request(connection)

    def _request(self, connection: socket.socket) -> None:
        received = b""
        while not received.endswith(b"{}"):
            piece = connection.recv(65_536)
            if not piece:
                return
            received += piece


@pytest.fixture
def server() -> Iterator[Server]:
    new = Server()
    yield new
    new.close()


def call_twice(server: Server, config: Config) -> None:
    client = boto3.client(
        "lambda",
        endpoint_url=server.url,
        region_name="ap-northeast-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=config,
    )
    for _ in range(2):
        # A connection is kept once its answer was read.
        client.invoke(FunctionName="function", Payload=b"{}")["Payload"].read()


def test_a_call_on_a_connection_that_was_closed_is_made_again(server: Server) -> None:
    call_twice(server, lasting(ONE_TRY))
    assert server.connections == 2


def test_localstacks_own_single_try_would_fail_the_execution(server: Server) -> None:
    with pytest.raises(Exception, match="Connection was closed before we received a valid"):
        call_twice(server, ONE_TRY)


@pytest.mark.parametrize(
    ("worker", "expected"),
    [
        (None, False),
        (SimpleNamespace(env=None), False),
        (SimpleNamespace(env=SimpleNamespace()), True),
    ],
)
def test_an_execution_that_only_begins_waits_for_no_token(worker: object, expected: bool) -> None:
    assert has_begun(SimpleNamespace(exec_worker=worker)) is expected


def test_the_end_of_a_wait_looks_only_where_states_run() -> None:
    provider = importlib.import_module("localstack.services.stepfunctions.provider")
    begins = SimpleNamespace(exec_worker=SimpleNamespace(env=None))
    runs = SimpleNamespace(exec_worker=SimpleNamespace(env=SimpleNamespace()))

    class Provider(provider.StepFunctionsProvider):  # type: ignore[name-defined]
        def _get_executions(self, _context: object, _status: object = None) -> list[object]:
            return [begins, runs]

    look_for_tokens_where_some_can_be(Provider)
    found: Any = Provider._get_executions
    assert found(None, None, "RUNNING") == [runs]
    assert found(None, None) == [begins, runs]
