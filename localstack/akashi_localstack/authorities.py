"""Runs the certification authority as a child process and serves its API on the gateway."""

from __future__ import annotations

import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from rolo import Request, Response

from akashi_localstack import routes
from akashi_localstack.settings import Settings

REQUEST_SECONDS_MAX = 30.0
STOP_SECONDS_MAX = 5.0


class PkiProcess:
    """The child; it ends by itself when this process ends, however that happens."""

    def __init__(self, world: Settings) -> None:
        package_folder = Path(__file__).resolve().parents[1]
        variables = {
            "AKASHI_STATE": str(world.state),
            "AKASHI_PKI_PORT": str(world.pki_port),
            "AKASHI_LISTEN": world.listen,
            "PYTHONPATH": str(package_folder),
            "PATH": os.environ.get("PATH", os.defpath),
        }
        self._process = subprocess.Popen(
            [world.pki_python, "-m", "akashi_localstack.pki.server"],
            env=variables,
            stdin=subprocess.PIPE,
        )

    def stop(self) -> None:
        """Closes the child's standard input, which is its sign to end."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()


def add_routes(world: Settings) -> None:
    """Hands `/_akashi/pki/...` on to the child."""

    def forward(request: Request, **_variables: str) -> Response:
        call = urllib.request.Request(
            f"{world.pki_url}{request.path}",
            method=request.method,
            data=request.get_data() if request.method == "POST" else None,
        )
        try:
            with urllib.request.urlopen(call, timeout=REQUEST_SECONDS_MAX) as answer:
                body, status, kind = answer.read(), answer.status, answer.headers["Content-Type"]
        except urllib.error.HTTPError as error:
            body, status, kind = error.read(), error.code, error.headers["Content-Type"]
        return Response(body, status=status, content_type=kind)

    routes.add("/_akashi/pki/issue", forward, ("POST",))
    routes.add("/_akashi/pki/timestamp-authorities", forward)
    routes.add("/_akashi/pki/faults/<name>", forward, ("POST",))
