"""DKIM keys of local domains: made once, kept in the state folder, published in the local zone."""

from __future__ import annotations

import base64
import json
import threading
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from akashi_localstack.ses import mime

KEY_BITS = 2048
PUBLISH_TIMEOUT_SECONDS = 10

# What mail servers sign, as far as the mail has it; a field that is absent cannot be added later.
SIGNED_FIELDS = (
    "from", "to", "cc", "subject", "date", "message-id", "reply-to", "in-reply-to", "references",
    "mime-version", "content-type", "content-transfer-encoding",
)  # fmt: skip

_making = threading.Lock()


@dataclass(frozen=True)
class Key:
    """A domain's private key under one selector."""

    domain: str
    selector: str
    pem: bytes

    @property
    def name(self) -> str:
        """Where its record belongs."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """The TXT record that verifiers look up."""
        private = serialization.load_pem_private_key(self.pem, password=None)
        public = private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"

    def sign(self, raw: bytes) -> bytes:
        """The mail with a DKIM-Signature on top; lines end with CRLF."""
        present = {name.lower() for name, _ in mime.header_fields(raw)}
        signature = dkim.sign(
            raw,
            self.selector.encode(),
            self.domain.encode(),
            self.pem,
            # Relaxed survives servers that fold again; the body must not change at all.
            canonicalize=(b"relaxed", b"simple"),
            include_headers=[name.encode() for name in SIGNED_FIELDS if name in present],
        )
        return bytes(signature) + raw


def load_or_make(state: Path, domain: str, selector: str) -> Key:
    """The key of a domain, made at first use."""
    file = state / "dkim" / f"{selector}.{domain.lower()}.pem"
    with _making:
        if not file.exists():
            private = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
            pem = private.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            file.parent.mkdir(parents=True, exist_ok=True)
            unfinished = file.with_suffix(".new")
            unfinished.touch(mode=0o600)
            unfinished.write_bytes(pem)
            unfinished.replace(file)
    return Key(domain.lower(), selector, file.read_bytes())


def publish(key: Key, gateway_url: str) -> None:
    """Puts the key's record into the local zone.

    Raises:
        OSError: the local world does not answer.
    """
    request = urllib.request.Request(
        f"{gateway_url}/_akashi/dns/{key.name}",
        data=json.dumps({"TXT": [key.record]}).encode(),
        headers={"Content-Type": "application/json"},
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=PUBLISH_TIMEOUT_SECONDS):
        pass
