"""What a task's call does when the connection that was kept for it is gone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import boto3
import pytest
from botocore.config import Config

from akashi_localstack.settings import LOOPBACK
from akashi_localstack.step_functions import lasting

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
