"""Starts and stops, inside LocalStack's process, everything that listens beside the gateway."""

from __future__ import annotations

import logging
import os
import socket

from dnslib import DNSRecord
from localstack.runtime import get_current_runtime, hooks
from rolo import Request, Response

from akashi_localstack import (
    authorities,
    browsers,
    dynamodb_conflicts,
    dynamodb_lag,
    encryption,
    function_errors,
    nameserver,
    routes,
    settings,
    stacks,
    zone,
)

LOG = logging.getLogger(__name__)
LOOK_SECONDS_MAX = 1.0

_running: list[authorities.PkiProcess | nameserver.NameServer] = []


@hooks.on_infra_start()
def start() -> None:
    """Registers the routes and starts the servers.

    Raises:
        OSError: a port is taken.
    """
    world = settings.load()
    stacks.poll_often()
    browsers.admit()
    function_errors.add_routes()
    dynamodb_conflicts.add_routes()
    dynamodb_lag.add_routes()
    stacks.reserve_concurrency()
    encryption.keep()
    routes.add("/_akashi/health", _health)
    _running.append(authorities.PkiProcess(world))
    authorities.add_routes(world)
    records = zone.Zone(world.state / "dns.json")
    server = nameserver.NameServer(records, world.listen, world.dns_port)
    server.start()
    _running.append(server)
    nameserver.add_routes(records)
    LOG.info("DNS on port %d, PKI on port %d", world.dns_port, world.pki_port)


@hooks.on_infra_shutdown()
def stop() -> None:
    """Stops what `start` started."""
    while _running:
        _running.pop().stop()


def _health(_request: Request) -> Response:
    world = settings.load()
    parts = {
        "localstack": get_current_runtime().ready.is_set(),
        "smtp": _listens(world.smtp_port),
        "dns": _listens(world.dns_port) and _resolves(world.dns_port),
        "pki": _listens(world.pki_port),
    }
    body = {"pid": os.getpid(), "run": str(world.run), "parts": parts}
    return routes.json_response(body, 200 if all(parts.values()) else 503)


def _listens(port: int) -> bool:
    try:
        socket.create_connection((settings.LOOPBACK, port), LOOK_SECONDS_MAX).close()
    except OSError:
        return False
    return True


def _resolves(port: int) -> bool:
    question = DNSRecord.question("health.test", "MX")
    try:
        packet = question.send(settings.LOOPBACK, port, timeout=LOOK_SECONDS_MAX)
    except OSError:
        return False
    return bool(DNSRecord.parse(packet).rr)
