"""The records of the local DNS zone, and the answers that follow from them. No sockets here.

A name has the records that somebody put there. Beyond that, every host name below `.test` can take
mail: it has a default MX, so that tests need not prepare each domain they write to.
"""

from __future__ import annotations

import ipaddress
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dnslib import AAAA, CNAME, MX, NS, QTYPE, RCODE, RD, RR, SOA, TXT, A, DNSRecord

TTL_SECONDS = 0
"""Nobody may keep an answer: the next test changes the record."""
DEFAULT_SUFFIX = "test"
NO_MAIL_LABELS = ("nx", "nomx")
"""A `.test` domain with this first label has no default MX: `nx.` does not exist, `nomx.` does."""
CHAIN_LENGTH_MAX = 8
RECORDS_PER_NAME_MAX = 100
NAME_LENGTH_MAX = 253
TEXT_PIECE_BYTES_MAX = 255
TYPES = ("A", "AAAA", "CNAME", "MX", "NS", "TXT")

Records = dict[str, Any]
"""What the HTTP API shows and takes: record type to values."""


class InvalidRecord(ValueError):
    """Records that cannot be served; the message says why."""


@dataclass(frozen=True)
class Answer:
    """What a question gets."""

    records: list[RR]
    exists: bool


class Zone:
    """Records by name, kept in a file. Thread safe."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._names: dict[str, Records] = {}
        if file.exists():
            self._names = json.loads(file.read_text(encoding="utf-8"))

    def show(self, name: str) -> Records | None:
        """The records put at a name; None when there are none."""
        with self._lock:
            return self._names.get(normal_name(name))

    def replace(self, name: str, records: Any) -> None:
        """Puts these records, and no others, at a name.

        Raises:
            InvalidRecord: a value of the wrong form.
        """
        checked = _checked(records)
        key = normal_name(name)
        for kind, values in checked.items():
            _resource_records(key, kind, values)
        with self._lock:
            self._names[key] = checked
            self._save()

    def remove(self, name: str) -> bool:
        """Removes what was put at a name; False when there was nothing."""
        with self._lock:
            found = self._names.pop(normal_name(name), None) is not None
            if found:
                self._save()
            return found

    def answer(self, name: str, kind: str) -> Answer:
        """The records of one type at a name, following aliases inside the zone."""
        records: list[RR] = []
        current = normal_name(name)
        for _ in range(CHAIN_LENGTH_MAX):
            found = self._records(current)
            if found is None:
                return Answer(records, exists=bool(records))
            alias = found.get("CNAME")
            wanted = [kind] if kind != "ANY" else list(found)
            for each in wanted:
                records += _resource_records(current, each, found.get(each, []))
            if alias is None or kind in ("CNAME", "ANY"):
                break
            records += _resource_records(current, "CNAME", alias)
            current = normal_name(alias)
        return Answer(records, exists=True)

    def _records(self, name: str) -> Records | None:
        """Everything at a name; None when there is no such name."""
        with self._lock:
            put = self._names.get(name)
            is_parent = any(other.endswith(f".{name}") for other in self._names)
        if put is not None and ("MX" in put or "CNAME" in put):
            return put
        default = _default_records(name)
        if put is None and default is None:
            return {} if is_parent else None
        return {**(default or {}), **(put or {})}

    def _save(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._file.with_suffix(".new")
        text = json.dumps(self._names, ensure_ascii=False, indent=1, sort_keys=True)
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(self._file)


def respond(zone: Zone, request: DNSRecord) -> DNSRecord:
    """Answers a DNS message: NXDOMAIN for a name that is not there, NODATA for a missing type."""
    reply = request.reply()
    question = request.q
    try:
        answer = zone.answer(str(question.qname), QTYPE.get(question.qtype, ""))
    except InvalidRecord:
        answer = Answer([], exists=False)
    reply.add_answer(*answer.records)
    if not answer.exists:
        reply.header.rcode = RCODE.NXDOMAIN
    if not answer.records:
        # The negative answer is only believed with the zone's SOA beside it (RFC 2308).
        times = (1, 3600, 600, 86_400, TTL_SECONDS)
        soa = SOA("ns.test.", "hostmaster.test.", times)
        reply.add_auth(RR("test.", QTYPE.SOA, ttl=TTL_SECONDS, rdata=soa))
    return reply


def normal_name(name: str) -> str:
    """A name as the zone keeps it: lower case, without the last dot, in ASCII (IDNA).

    Raises:
        InvalidRecord: not a domain name.
    """
    plain = name.strip().rstrip(".").lower()
    if not plain.isascii():
        try:
            plain = ".".join(
                label if label.isascii() else label.encode("idna").decode("ascii")
                for label in plain.split(".")
            )
        except UnicodeError as error:
            raise InvalidRecord(f"not a domain name: {name!r}") from error
    labels = plain.split(".")
    is_name = all(0 < len(label) <= 63 for label in labels)  # noqa: PLR2004 - RFC 1035, 2.3.4.
    if not is_name or len(plain) > NAME_LENGTH_MAX:
        raise InvalidRecord(f"not a domain name: {name!r}")
    return plain


def _default_records(name: str) -> Records | None:
    labels = name.split(".")
    is_host_below = labels[-1] == DEFAULT_SUFFIX and len(labels) > 1
    # Names like `selector._domainkey.customer.test` are not hosts.
    if not is_host_below or any(label.startswith("_") for label in labels):
        return None
    if labels[0] == "nx":
        return None
    if labels[0] == "nomx":
        return {}
    if labels[0] == "mx":
        return {"A": ["127.0.0.1"]}
    return {"MX": [[10, f"mx.{name}"]]}


def _checked(records: Any) -> Records:
    if not isinstance(records, Mapping) or not records:
        raise InvalidRecord('send an object like {"TXT": ["text"]}; DELETE removes a name')
    unknown = sorted(set(records) - set(TYPES))
    if unknown:
        raise InvalidRecord(f"types {unknown} are not served, only {list(TYPES)}")
    if "CNAME" in records and len(records) > 1:
        raise InvalidRecord("a CNAME stands alone (RFC 1034, 3.6.2)")
    for kind, values in records.items():
        if kind == "CNAME":
            continue
        if not isinstance(values, list) or not 0 < len(values) <= RECORDS_PER_NAME_MAX:
            raise InvalidRecord(f"{kind} is a list of 1 to {RECORDS_PER_NAME_MAX} values")
    return dict(records)


def _resource_records(name: str, kind: str, values: Any) -> list[RR]:
    each_value = [values] if kind == "CNAME" and values else values
    return [
        RR(name, getattr(QTYPE, kind), ttl=TTL_SECONDS, rdata=_rdata(kind, value))
        for value in each_value
    ]


def _rdata(kind: str, value: Any) -> RD:
    match kind, value:
        case "TXT", str():
            octets = value.encode()
            pieces = range(0, max(len(octets), 1), TEXT_PIECE_BYTES_MAX)
            return TXT([octets[start : start + TEXT_PIECE_BYTES_MAX] for start in pieces])
        case "MX", [int(preference), str(host)] if 0 <= preference < 1 << 16:
            # "." is the null MX of RFC 7505: this domain takes no mail.
            return MX("." if host == "." else normal_name(host), preference)
        case "A" | "AAAA", str():
            return _address(kind, value)
        case "CNAME", str():
            return CNAME(normal_name(value))
        case "NS", str():
            return NS(normal_name(value))
    raise InvalidRecord(f"not a value of {kind}: {value!r}")


def _address(kind: str, value: str) -> RD:
    try:
        if kind == "A":
            return A(str(ipaddress.IPv4Address(value)))
        return AAAA(str(ipaddress.IPv6Address(value)))
    except ValueError as error:
        raise InvalidRecord(f"not a value of {kind}: {value!r}") from error
