"""RFC 3161 timestamp authorities, with a switch that makes them misbehave."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import core, keys, tsp, x509
from certomancer.services import TimeStamper

FAULTS = (
    "none",
    "down",
    "http500",
    "garbage",
    "wrong_nonce",
    "wrong_imprint",
    "wrong_policy",
    "clock_off",
)
CLOCK_ERROR = timedelta(days=1)
"""How far ahead the clock goes under `clock_off`."""
OTHER_POLICY = "1.3.6.1.4.1.99999.3161.99"
"""What a token names under `wrong_policy`; nobody's policy, as the arc is for examples."""
GARBAGE = b"\x30\x82\x00\x10 this is no timestamp"
DIGEST_SIZES_BYTES = {"sha256": 32, "sha384": 48, "sha512": 64}


class Unreachable(Exception):
    """The authority is to look as if it were not there: no answer at all."""


@dataclass(frozen=True)
class Reply:
    """What goes out over HTTP."""

    status: int
    body: bytes


class FaultSwitch:
    """How an authority misbehaves, and how often still. Thread safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fault = "none"
        self._remaining: int | None = None

    def set(self, fault: str, count: int | None) -> None:
        """Misbehaves for the next `count` requests; None: until changed.

        Raises:
            ValueError: an unknown fault, or a count below one.
        """
        if fault not in FAULTS:
            raise ValueError(f"unknown fault {fault!r}, known are {', '.join(FAULTS)}")
        if count is not None and count < 1:
            raise ValueError("count must be at least 1, or null for no end")
        with self._lock:
            self._fault, self._remaining = fault, count

    def next(self) -> str:
        """The fault for the request at hand."""
        with self._lock:
            fault = self._fault
            if self._remaining is not None:
                self._remaining -= 1
                if self._remaining == 0:
                    self._fault, self._remaining = "none", None
            return fault


class TimestampAuthority:
    """One authority: its certificate, its policy and how exact its clock is."""

    def __init__(
        self,
        certificate_der: bytes,
        key_pkcs8_der: bytes,
        policy: str,
        clock: Callable[[], datetime],
        *,
        shows_fractions: bool,
    ) -> None:
        self.faults = FaultSwitch()
        self._certificate = x509.Certificate.load(certificate_der)
        self._key = keys.PrivateKeyInfo.load(key_pkcs8_der)
        self._policy = policy
        self._clock = clock
        self._shows_fractions = shows_fractions

    def answer(self, body: bytes) -> Reply:
        """Answers a `TimeStampReq` (DER).

        Raises:
            Unreachable: the fault `down` is set.
        """
        fault = self.faults.next()
        if fault == "down":
            raise Unreachable
        if fault == "http500":
            return Reply(500, b"the authority is out of order")
        if fault == "garbage":
            return Reply(200, GARBAGE)
        try:
            request = tsp.TimeStampReq.load(body, strict=True)
            _ = request.native  # Parsing is lazy: this is where a wrong form shows.
            refusal = self._refusal(request)
        except (ValueError, TypeError):
            return Reply(200, _rejection("bad_data_format"))
        if refusal is not None:
            return Reply(200, _rejection(refusal))
        return Reply(200, self._token(request, fault))

    def _refusal(self, request: tsp.TimeStampReq) -> str | None:
        imprint = request["message_imprint"]
        algorithm = imprint["hash_algorithm"]["algorithm"].native
        size_bytes = DIGEST_SIZES_BYTES.get(algorithm)
        if size_bytes is None:
            return "bad_alg"
        if len(imprint["hashed_message"].native) != size_bytes:
            return "bad_data_format"
        # asn1crypto gives None for a policy that the request leaves open.
        if request["req_policy"].native not in (None, self._policy):
            return "unaccepted_policy"
        return None

    def _token(self, request: tsp.TimeStampReq, fault: str) -> bytes:
        now = self._clock()
        if not self._shows_fractions:
            now = now.replace(microsecond=0)
        elif now.microsecond % 1000 == 0:
            # A fraction that happens to be zero would not be shown (DER drops it).
            now += timedelta(microseconds=1)
        if fault == "clock_off":
            now += CLOCK_ERROR
        if fault == "wrong_nonce" and request["nonce"].native is not None:
            request["nonce"] = core.Integer(request["nonce"].native + 1)
        if fault == "wrong_imprint":
            hashed = request["message_imprint"]["hashed_message"].native
            request["message_imprint"]["hashed_message"] = bytes(byte ^ 0xFF for byte in hashed)
        policy = OTHER_POLICY if fault == "wrong_policy" else self._policy
        stamper = TimeStamper(
            self._certificate,
            self._key,
            fixed_dt=now,
            policy=tsp.ObjectIdentifier(policy),
            md_algorithm=hashlib.sha256().name,
        )
        dumped: bytes = stamper.request_tsa_response(request).dump()
        return dumped


def _rejection(reason: str) -> bytes:
    status: dict[str, Any] = {"status": "rejection", "fail_info": {reason}}
    dumped: bytes = _Rejection({"status": tsp.PKIStatusInfo(status)}).dump()
    return dumped


class _Rejection(core.Sequence):
    """A `TimeStampResp` without a token, which asn1crypto's own class does not allow."""

    _fields = [("status", tsp.PKIStatusInfo)]  # noqa: RUF012 - the base class reads it so.
