"""Serves the authorities over HTTP on the PKI port. Started by `world.py`, ends with its parent."""

from __future__ import annotations

import base64
import binascii
import json
import os
import sys
import threading
import urllib.parse
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization

from akashi_localstack import settings
from akashi_localstack.pki import authority as authorities
from akashi_localstack.pki.authority import Authority, Credential, RefusedRequest
from akashi_localstack.pki.timestamps import Reply, TimestampAuthority, Unreachable

BODY_SIZE_BYTES_MAX = 1 << 20
JSON = "application/json; charset=utf-8"
POLICIES = {"one": "1.3.6.1.4.1.99999.3161.1", "two": "1.3.6.1.4.1.99999.3161.2"}
"""Policies of the two timestamp authorities, in the arc that exists for examples."""


class Pki:
    """All authorities of one local world."""

    def __init__(self, folder: Path, base_url: str) -> None:
        self._base_url = base_url
        root = Authority.open(folder / "root", "root", "Akashi Local Root CA", "rsa", base_url)
        self.issuing = Authority.open(
            folder / "intermediate",
            "intermediate",
            "Akashi Local Signing CA",
            "rsa",
            base_url,
            parent=root,
        )
        # Two roots that know nothing of each other, one for each kind of key.
        one = Authority.open(folder / "tsa-one", "tsa-one", "Local Time One Root", "rsa", base_url)
        two = Authority.open(folder / "tsa-two", "tsa-two", "Local Time Two Root", "p384", base_url)
        self.authorities = {each.name: each for each in (root, self.issuing, one, two)}
        self.stampers = {
            "one": _stamper(folder, one, "one", "rsa"),
            "two": _stamper(folder, two, "two", "p256"),
        }

    def issue(self, request_pem: bytes) -> dict[str, Any]:
        """A chain for a certificate request, the leaf first."""
        leaf = authorities.issue_for_request(self.issuing, request_pem)
        chain = [leaf, self.issuing.certificate, self.authorities["root"].certificate]
        return {"chain": [authorities.pem(certificate) for certificate in chain]}

    def timestamp_authorities(self) -> list[dict[str, Any]]:
        """What a client's configuration needs to know."""
        return [
            {
                "name": f"tsa-{name}",
                "url": f"{self._base_url}/tsa/{name}",
                "policy": POLICIES[name],
                "trusted_roots": [authorities.pem(self.authorities[f"tsa-{name}"].certificate)],
            }
            for name in self.stampers
        ]


def _stamper(folder: Path, authority: Authority, name: str, kind: str) -> TimestampAuthority:
    place = folder / authority.name / "tsa.pem"
    credential = authorities.load_or_make(place, None)
    if credential is None:
        title = f"Local Time {name.capitalize()} TSA"
        made = authorities.issue_for_timestamps(authority, title, kind)
        credential = authorities.load_or_make(place, made) or made
    return TimestampAuthority(
        credential.certificate.public_bytes(serialization.Encoding.DER),
        _pkcs8(credential),
        POLICIES[name],
        lambda: datetime.now(UTC),
        # RFC 3161 allows fractions of a second, and not every parser knows it.
        shows_fractions=name == "two",
    )


def _pkcs8(credential: Credential) -> bytes:
    return credential.key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


class PkiServer(ThreadingHTTPServer):
    """One thread for each connection; signing is quick."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, pki: Pki) -> None:
        super().__init__((host, port), _Handler)
        self.pki = pki


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: PkiServer

    def do_GET(self) -> None:
        """Certificates, revocation lists, OCSP by GET and the list of timestamp authorities."""
        parts = _parts(self.path)
        match parts:
            case ["_akashi", "pki", "timestamp-authorities"]:
                self._json(200, self.server.pki.timestamp_authorities())
            case ["crl", file] if authority := self._authority(file, ".crl"):
                self._send(200, "application/pkix-crl", authority.revocation_list(_now()))
            case ["cert", file] if authority := self._authority(file, ".crt"):
                der = authority.certificate.public_bytes(serialization.Encoding.DER)
                self._send(200, "application/pkix-cert", der)
            case ["ocsp", name, *encoded] if authority := self._authority(name):
                try:
                    body = base64.b64decode("/".join(encoded), validate=True)
                except binascii.Error:
                    body = b""
                self._send(200, "application/ocsp-response", authority.answer_ocsp(body, _now()))
            case _:
                self._json(404, {"error": f"nothing is served at {self.path}"})

    def do_POST(self) -> None:
        """OCSP, timestamps, issuance and the fault switch."""
        size_bytes = int(self.headers.get("Content-Length") or 0)
        if size_bytes > BODY_SIZE_BYTES_MAX:
            self.close_connection = True
            self._json(413, {"error": f"more than {BODY_SIZE_BYTES_MAX} bytes"})
            return
        body = self.rfile.read(size_bytes)
        match _parts(self.path):
            case ["ocsp", name] if authority := self._authority(name):
                self._send(200, "application/ocsp-response", authority.answer_ocsp(body, _now()))
            case ["tsa", name] if stamper := self._stamper(name):
                self._timestamp(stamper, body)
            case ["_akashi", "pki", "issue"]:
                try:
                    self._json(200, self.server.pki.issue(body))
                except RefusedRequest as error:
                    self._json(400, {"error": str(error)})
            case ["_akashi", "pki", "faults", name] if stamper := self.server.pki.stampers.get(
                name
            ):
                self._set_fault(stamper, body)
            case _:
                self._json(404, {"error": f"nothing is served at {self.path}"})

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing about a request that went well."""

    def _timestamp(self, stamper: TimestampAuthority, body: bytes) -> None:
        if self.headers.get("Content-Type", "").partition(";")[0] != "application/timestamp-query":
            self._send(415, "text/plain", b"a timestamp query is application/timestamp-query")
            return
        try:
            reply: Reply = stamper.answer(body)
        except Unreachable:
            self.close_connection = True
            return
        is_reply = reply.status == HTTPStatus.OK
        kind = "application/timestamp-reply" if is_reply else "text/plain"
        self._send(reply.status, kind, reply.body)

    def _set_fault(self, stamper: TimestampAuthority, body: bytes) -> None:
        try:
            wish = json.loads(body)
            count = wish.get("count")
            if not (count is None or (isinstance(count, int) and not isinstance(count, bool))):
                raise ValueError("count must be a whole number or null")
            stamper.faults.set(wish["fault"], count)
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            self._json(400, {"error": str(error)})
            return
        self._json(200, {"fault": wish["fault"], "count": count})

    def _authority(self, name: str, suffix: str = "") -> Authority | None:
        if not name.endswith(suffix):
            return None
        return self.server.pki.authorities.get(name.removesuffix(suffix))

    def _stamper(self, name: str) -> TimestampAuthority | None:
        return self.server.pki.stampers.get(name)

    def _json(self, status: int, value: Any) -> None:
        self._send(status, JSON, json.dumps(value, indent=1).encode() + b"\n")

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _parts(path: str) -> list[str]:
    plain = urllib.parse.unquote(urllib.parse.urlsplit(path).path)
    # Only the first slash: base64 in the path of an OCSP request may end with one.
    return plain.removeprefix("/").split("/")


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def main() -> int:
    """Serves until the parent's end of the standard input closes."""
    world = settings.load()
    # The certificates name the port, so each port has its own authorities.
    folder = world.state / "pki" / str(world.pki_port)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    server = PkiServer(world.listen, world.pki_port, Pki(folder, world.pki_url))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
