"""Where the local world listens and where it keeps its state; the only reader of the environment.

`up.py` sets every variable named here, so the defaults matter only to someone who starts a part by
hand.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
"""Where everything is reached, and the only address on which anything listens by default."""
PORT_MAX = 65_535
PKI_PYTHON = ".local/pki/bin/python"


@dataclass(frozen=True)
class Settings:
    """Ports on the loopback address and the folders of one local world."""

    gateway_port: int
    smtp_port: int
    dns_port: int
    pki_port: int
    state: Path
    """Survives a restart: CA keys, DNS zone, mailboxes."""
    run: Path
    """Belongs to one run: logs, process ids, unpacked functions."""
    listen: str
    """The address servers bind to. Only a container needs another one than the loopback."""
    pki_python: str
    """The interpreter of the environment that holds certomancer."""
    iam_records: Path
    """Where it is written down what policies allowed; several worlds may share it."""

    @property
    def gateway_url(self) -> str:
        """The address of LocalStack's gateway, without a trailing slash."""
        return f"http://{LOOPBACK}:{self.gateway_port}"

    @property
    def pki_url(self) -> str:
        """The address of the certification authority, without a trailing slash."""
        return f"http://{LOOPBACK}:{self.pki_port}"


def load() -> Settings:
    """Reads the settings from the environment.

    Raises:
        ValueError: a port is not a number from 1 to 65535; the message names the variable.
    """
    local = Path(os.environ.get("AKASHI_LOCAL") or _project_root() / ".local")
    run = Path(os.environ.get("AKASHI_RUN") or local / "run")
    return Settings(
        gateway_port=_port("AKASHI_GATEWAY_PORT", 4566),
        smtp_port=_port("AKASHI_SMTP_PORT", 2525),
        dns_port=_port("AKASHI_DNS_PORT", 5354),
        pki_port=_port("AKASHI_PKI_PORT", 8091),
        state=Path(os.environ.get("AKASHI_STATE") or local / "state"),
        run=run,
        listen=os.environ.get("AKASHI_LISTEN") or LOOPBACK,
        pki_python=os.environ.get("AKASHI_PKI_PYTHON") or str(_project_root() / PKI_PYTHON),
        iam_records=Path(os.environ.get("AKASHI_IAM_RECORDS") or run / "iam"),
    )


def _project_root() -> Path:
    return Path(__file__).resolve().parents[2]


def _port(variable: str, default: int) -> int:
    text = os.environ.get(variable) or str(default)
    if not text.isdecimal() or not 0 < int(text) <= PORT_MAX:
        raise ValueError(f"{variable} is not a port number: {text!r}")
    return int(text)
