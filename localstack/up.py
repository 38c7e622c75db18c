#!/usr/bin/env python3
"""Starts the local world in the background and waits until every part of it listens.

Standard library only, run by any Python 3. Does nothing when the world is up already.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import down  # noqa: E402 - it stands beside this script.
import install  # noqa: E402
from akashi_localstack import settings  # noqa: E402

START_SECONDS_MAX = 120.0
ANSWER_SECONDS_MAX = 20.0
"""A busy world answers late; stopping it for that would lose all it holds."""
POLL_SECONDS = 0.1


def main() -> int:
    """Returns the exit code."""
    world = settings.load()
    world.run.mkdir(parents=True, exist_ok=True)
    with (world.run / "lock").open("w") as lock:
        # Two starts at once would fight for the ports.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_up(world):
            status = install.main() or bring_up(world)
            if status != 0:
                return status
    print(describe(world))
    return 0


def is_up(world: settings.Settings) -> bool:
    """Whether every part listens; a world that is there gets time to answer."""
    leader = down.recorded(world)
    deadline = time.monotonic() + ANSWER_SECONDS_MAX
    while not is_ours(health(world), world):
        if leader is None or not down.started_at(leader) or time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def bring_up(world: settings.Settings) -> int:
    """Starts the world in place of whatever is left of an earlier one; returns the exit code."""
    left = down.recorded(world)
    if left is not None:
        # A start that failed, or a world of which a part died.
        down.stop(left)
    taken = taken_ports(world)
    if taken:
        print(f"cannot start: {'; '.join(taken)}", file=sys.stderr)
        return 1
    process = start(world)
    return 0 if wait_until_up(world, process) else 1


def health(world: settings.Settings) -> dict[str, Any]:
    """What the world says about itself; empty when nobody answers."""
    try:
        with urllib.request.urlopen(f"{world.gateway_url}/_akashi/health", timeout=5) as answer:
            body = answer.read()
    except urllib.error.HTTPError as error:
        body = error.read()
    except OSError:
        return {}
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def is_ours(answer: Mapping[str, Any], world: settings.Settings) -> bool:
    """Whether the answer comes from this project's world and every part of it listens."""
    parts = answer.get("parts", {})
    return answer.get("run") == str(world.run) and bool(parts) and all(parts.values())


def taken_ports(world: settings.Settings) -> list[str]:
    """One sentence for each port that another program holds."""
    ports = {
        "AKASHI_GATEWAY_PORT": (world.gateway_port, socket.SOCK_STREAM),
        "AKASHI_SMTP_PORT": (world.smtp_port, socket.SOCK_STREAM),
        "AKASHI_PKI_PORT": (world.pki_port, socket.SOCK_STREAM),
        "AKASHI_DNS_PORT": (world.dns_port, socket.SOCK_DGRAM),
    }
    found = []
    for variable, (port, kind) in ports.items():
        with socket.socket(socket.AF_INET, kind) as trial:
            if kind == socket.SOCK_STREAM:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((settings.LOOPBACK, port))
            except OSError as error:
                found.append(
                    f"port {port} cannot be used ({error.strerror}):"
                    f" stop the program that holds it or set {variable}"
                )
    return found


def start(world: settings.Settings) -> subprocess.Popen[bytes]:
    """Starts LocalStack in a session of its own, by which `down.py` finds all its children."""
    scratch = world.run / "tmp"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    if world.iam_records == world.run / "iam":
        # What is shared by several worlds is cleared by who shares it.
        shutil.rmtree(world.iam_records, ignore_errors=True)
    environment = localstack_environment(world, scratch)
    python = install.LOCAL / "venv" / "bin" / "python"
    with (world.run / "localstack.log").open("wb") as log:
        process = subprocess.Popen(
            [python, "-m", "localstack.runtime.main"],
            cwd=world.run,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    (world.run / "pid").write_text(f"{process.pid} {down.started_at(process.pid)}")
    return process


def localstack_environment(world: settings.Settings, scratch: Path) -> dict[str, str]:
    """LocalStack's settings, and nothing of the caller's that could change what it does."""
    kept = ("PATH", "HOME", "LANG", "USER", "DEBUG", "LS_LOG")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    tools = install.LOCAL / "venv" / "bin"
    return {
        **environment,
        "PATH": f"{tools}:{environment.get('PATH', os.defpath)}",
        "TMPDIR": str(scratch),
        "XDG_CACHE_HOME": str(install.LOCAL / "cache"),
        # Whether LocalStack takes this machine for a container must not depend on the machine.
        "OVERRIDE_IN_DOCKER": "0",
        "FILESYSTEM_ROOT": str(install.LOCAL / "cache" / "localstack"),
        "PYTHONUNBUFFERED": "1",
        "GATEWAY_LISTEN": f"{settings.LOOPBACK}:{world.gateway_port}",
        "LOCALSTACK_HOST": f"localhost:{world.gateway_port}",
        "AKASHI_GATEWAY_PORT": str(world.gateway_port),
        "AKASHI_SMTP_PORT": str(world.smtp_port),
        "AKASHI_DNS_PORT": str(world.dns_port),
        "AKASHI_PKI_PORT": str(world.pki_port),
        "AKASHI_STATE": str(world.state),
        "AKASHI_RUN": str(world.run),
        "AKASHI_PKI_PYTHON": world.pki_python,
        "AKASHI_IAM_RECORDS": str(world.iam_records.resolve()),
        # No telemetry, no downloads, no name server on port 53.
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",
        # A service is loaded when it is first used: starting takes half as long.
        "EAGER_SERVICE_LOADING": "0",
        "SQS_ENDPOINT_STRATEGY": "path",
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        # One minute on AWS, which no test can wait for.
        "LAMBDA_RETRY_BASE_DELAY": os.environ.get("LAMBDA_RETRY_BASE_DELAY", "1"),
        "PROVIDER_OVERRIDE_DYNAMODB": "moto",
        "PROVIDER_OVERRIDE_KMS": "akashi",
        "PROVIDER_OVERRIDE_LAMBDA": "akashi",
        "PROVIDER_OVERRIDE_LOGS": "akashi",
        "PROVIDER_OVERRIDE_SES": "akashi",
        "PROVIDER_OVERRIDE_SESV2": "akashi",
        "PROVIDER_OVERRIDE_SNS": "akashi",
        "PROVIDER_OVERRIDE_STEPFUNCTIONS": "akashi",
    }


def wait_until_up(world: settings.Settings, process: subprocess.Popen[bytes]) -> bool:
    """Polls until every part listens; says on stderr why it does not."""
    deadline = time.monotonic() + START_SECONDS_MAX
    answer: dict[str, Any] = {}
    while time.monotonic() < deadline and process.poll() is None:
        answer = health(world)
        if is_ours(answer, world):
            return True
        time.sleep(POLL_SECONDS)
    log = world.run / "localstack.log"
    print(f"the local world did not come up: {answer.get('parts', 'no answer')}", file=sys.stderr)
    print(f"the end of {log}:", file=sys.stderr)
    print("\n".join(log.read_text(errors="replace").splitlines()[-20:]), file=sys.stderr)
    return False


def describe(world: settings.Settings) -> str:
    """One line that says what listens where."""
    return (
        f"up: AWS {world.gateway_url}, SMTP {settings.LOOPBACK}:{world.smtp_port},"
        f" DNS {settings.LOOPBACK}:{world.dns_port}, PKI {world.pki_url},"
        f" mailbox {world.gateway_url}/_akashi/mailbox"
    )


if __name__ == "__main__":
    sys.exit(main())
