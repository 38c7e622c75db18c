"""A local world of its own for the tests that need one: free ports, a temporary folder."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from akashi_localstack.settings import LOOPBACK

HERE = Path(__file__).resolve().parent.parent
REGION = "ap-northeast-1"


@dataclass(frozen=True)
class World:
    """Where a running world listens, and how to talk to it."""

    environment: dict[str, str]
    gateway_url: str
    smtp_port: int
    dns_port: int
    pki_port: int
    run: Path
    state: Path

    def client(self, service: str) -> Any:
        """A boto3 client of the world."""
        import boto3

        return boto3.client(
            service,
            endpoint_url=self.gateway_url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def script(self, name: str) -> subprocess.CompletedProcess[str]:
        """Runs `up.py` or `down.py` on this world."""
        return subprocess.run(
            [sys.executable, HERE / name],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


def world_in(folder: Path) -> World:
    """A world that is not started yet."""
    gateway, smtp, dns, pki = free_ports(4)
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "AKASHI_LOCAL": str(folder),
        "AKASHI_GATEWAY_PORT": str(gateway),
        "AKASHI_SMTP_PORT": str(smtp),
        "AKASHI_DNS_PORT": str(dns),
        "AKASHI_PKI_PORT": str(pki),
    }
    url = f"http://{LOOPBACK}:{gateway}"
    return World(environment, url, smtp, dns, pki, folder / "run", folder / "state")


def free_ports(count: int) -> list[int]:
    """Ports that nobody held a moment ago, for TCP and UDP alike."""
    sockets = [socket.create_server((LOOPBACK, 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A running world, shared by all tests of the session: own your resources."""
    new = world_in(tmp_path_factory.mktemp("world"))
    result = new.script("up.py")
    assert result.returncode == 0, result.stderr
    yield new
    new.script("down.py")


def wait_for(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    """Looks again and again, because nothing tells when it happens."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not happen within {seconds} s"
        threading.Event().wait(0.05)
