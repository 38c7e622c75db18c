"""Makes LocalStack's gateway listen where it is told to, and nowhere else."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

from localstack.runtime import hooks
from localstack.runtime.server import twisted as server

from akashi_localstack import settings


@hooks.on_runtime_create()
def listen_where_told() -> None:
    """Binds the gateway to one address.

    LocalStack 4.9 reads the host of GATEWAY_LISTEN and then listens on every interface; a test
    world with well-known credentials must not be reachable from outside.
    """
    plain = server.endpoints
    server.endpoints = SimpleNamespace(
        TCP4ServerEndpoint=partial(plain.TCP4ServerEndpoint, interface=settings.load().listen),
        TCP6ServerEndpoint=plain.TCP6ServerEndpoint,
    )
