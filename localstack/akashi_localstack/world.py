"""Starts and stops, inside LocalStack's process, everything that listens beside the gateway."""

from __future__ import annotations

import logging
import os
import socket

from localstack.runtime import hooks
from rolo import Request, Response

from akashi_localstack import routes, settings

LOG = logging.getLogger(__name__)


@hooks.on_infra_start()
def start() -> None:
    """Registers the routes and starts the servers; a part that cannot start is in the log."""
    routes.add("/_akashi/health", _health)


@hooks.on_infra_shutdown()
def stop() -> None:
    """Stops what `start` started."""


def _health(_request: Request) -> Response:
    from localstack.runtime import get_current_runtime

    world = settings.load()
    parts = {
        "localstack": get_current_runtime().ready.is_set(),
    }
    body = {"pid": os.getpid(), "run": str(world.run), "parts": parts}
    return routes.json_response(body, 200 if all(parts.values()) else 503)


def _listens(port: int) -> bool:
    try:
        socket.create_connection((settings.LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True
