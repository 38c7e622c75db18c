"""SPF, DKIM and DMARC of an incoming mail, checked against the local DNS zone.

The SPF evaluator knows `ip4`, `ip6`, `a`, `mx`, `include`, `all` and `redirect`, which is what
local zones use; every other mechanism matches nothing. Domains count as aligned when one is the
other or a subdomain of it: there is no public suffix list here.
"""

from __future__ import annotations

import functools
import ipaddress
import logging
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr
from typing import TypeVar

import dkim
from dnslib import DNSRecord

from akashi_localstack.ses import mime
from akashi_localstack.ses.receipt import Authentication

LOG = logging.getLogger(__name__)

T = TypeVar("T")

DNS_TIMEOUT_SECONDS = 2
LOOKUPS_MAX = 10
"""RFC 7208, section 4.6.4: an SPF record that needs more is in error."""
SIGNATURES_MAX = 5

Lookup = Callable[[str, str], list[str]]
"""Takes a name and a record type and returns the records' texts; raises OSError when it cannot."""


@dataclass(frozen=True)
class Resolver:
    """Asks the local zone's DNS server."""

    host: str
    port: int

    def __call__(self, name: str, kind: str) -> list[str]:
        """The records of one name and type, following what the server answers."""
        question = DNSRecord.question(name, kind)
        packet = question.send(self.host, self.port, timeout=DNS_TIMEOUT_SECONDS)
        answer = DNSRecord.parse(packet)
        if answer.header.tc:
            packet = question.send(self.host, self.port, tcp=True, timeout=DNS_TIMEOUT_SECONDS)
            answer = DNSRecord.parse(packet)
        records = [r.rdata for r in answer.rr if r.rtype == question.q.qtype]
        if kind == "TXT":
            return [b"".join(record.data).decode("utf-8", "replace") for record in records]
        if kind == "MX":
            return [str(record.label).rstrip(".") for record in records]
        return [str(record) for record in records]


def authenticate(
    raw: bytes, *, sender: str, helo: str, client_ip: str, lookup: Lookup
) -> Authentication:
    """Checks a mail. What cannot be checked, for want of a record or of DNS, is `GRAY`."""
    from_domain = _from_domain(raw)
    spf_domain = (sender.rpartition("@")[2] or helo).lower()
    spf = _quietly(lambda: _spf(spf_domain, client_ip, lookup, [LOOKUPS_MAX]), "GRAY")
    unknown: tuple[str, tuple[str, ...]] = ("GRAY", ())
    dkim_verdict, passed = _quietly(lambda: _dkim(raw, lookup), unknown)
    policy = _quietly(lambda: _dmarc_policy(from_domain, lookup), None)
    aligned = any(_aligned(domain, from_domain) for domain in passed if dkim_verdict == "PASS")
    aligned = aligned or (spf == "PASS" and _aligned(spf_domain, from_domain))
    dmarc = "GRAY" if policy is None else ("PASS" if aligned else "FAIL")
    return Authentication(
        spf=spf,
        dkim=dkim_verdict,
        dmarc=dmarc,
        dkim_domain=passed[0] if passed else None,
        from_domain=from_domain,
        dmarc_policy=policy,
    )


def _quietly(check: Callable[[], T], otherwise: T) -> T:
    try:
        return check()
    except Exception as error:
        LOG.info("an authentication check could not be made: %s", error)
        return otherwise


def _spf(domain: str, client_ip: str, lookup: Lookup, left: list[int]) -> str:
    left[0] -= 1
    records = [r for r in lookup(domain, "TXT") if r.lower().split(" ")[0] == "v=spf1"]
    if len(records) != 1 or left[0] < 0:
        return "GRAY"
    redirect = None
    for term in records[0].split()[1:]:
        if term.lower().startswith("redirect="):
            redirect = term.partition("=")[2]
            continue
        qualifier, mechanism = (term[0], term[1:]) if term[0] in "+-~?" else ("+", term)
        if _spf_matches(mechanism, domain, client_ip, lookup, left):
            return {"+": "PASS", "-": "FAIL"}.get(qualifier, "GRAY")
    return _spf(redirect, client_ip, lookup, left) if redirect else "GRAY"


def _spf_matches(
    mechanism: str, domain: str, client_ip: str, lookup: Lookup, left: list[int]
) -> bool:
    name, _, value = mechanism.partition(":")
    client = ipaddress.ip_address(client_ip)
    match name.lower():
        case "all":
            return True
        case "ip4" | "ip6":
            return client in ipaddress.ip_network(value, strict=False)
        case "include":
            return _spf(value, client_ip, lookup, left) == "PASS"
        case "a":
            return client_ip in lookup(value or domain, "A")
        case "mx":
            hosts = lookup(value or domain, "MX")
            return any(client_ip in lookup(host, "A") for host in hosts[:LOOKUPS_MAX])
    return False


def _dkim(raw: bytes, lookup: Lookup) -> tuple[str, tuple[str, ...]]:
    signatures = [v for n, v in mime.header_fields(raw) if n.lower() == "dkim-signature"]
    if not signatures:
        return "GRAY", ()

    def text(name: bytes, timeout: int = DNS_TIMEOUT_SECONDS) -> bytes | None:
        found = lookup(name.decode("ascii").rstrip("."), "TXT")
        return found[0].encode() if found else None

    domains = [_tag(signature, "d") for signature in signatures]
    passed = []
    for index, domain in enumerate(domains[:SIGNATURES_MAX]):
        verify = functools.partial(dkim.DKIM(raw).verify, idx=index, dnsfunc=text)
        if _quietly(verify, False):
            passed.append(domain)
    return ("PASS", tuple(passed)) if passed else ("FAIL", tuple(domains[:1]))


def _dmarc_policy(from_domain: str, lookup: Lookup) -> str | None:
    labels = from_domain.split(".")
    candidates = [from_domain, ".".join(labels[-2:])]
    for domain in dict.fromkeys(c for c in candidates if c):
        for record in lookup(f"_dmarc.{domain}", "TXT"):
            if record.replace(" ", "").lower().startswith("v=dmarc1"):
                return _tag(record, "p").lower() or "none"
    return None


def _tag(record: str, name: str) -> str:
    pairs = (part.partition("=") for part in record.split(";"))
    return next((v.strip() for n, _, v in pairs if n.strip().lower() == name), "")


def _aligned(domain: str, from_domain: str) -> bool:
    one, other = domain.lower(), from_domain.lower()
    return bool(one) and (one == other or one.endswith(f".{other}") or other.endswith(f".{one}"))


def _from_domain(raw: bytes) -> str:
    address = parseaddr(mime.first_header(raw, "From") or "")[1]
    return address.rpartition("@")[2].lower()
