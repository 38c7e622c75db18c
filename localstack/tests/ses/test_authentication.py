"""SPF, DKIM and DMARC against a zone in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from akashi_localstack.ses import signing
from akashi_localstack.ses.authentication import Lookup, authenticate

RAW = (
    b"From: Taro <taro@customer.test>\r\nTo: mail@akashi.test\r\nSubject: x\r\n"
    b"Date: Sun, 1 Jan 2006 00:00:00 +0000\r\nMessage-ID: <1@customer.test>\r\n\r\nbody\r\n"
)


def zone(records: dict[tuple[str, str], list[str]]) -> Lookup:
    return lambda name, kind: records.get((name, kind), [])


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> signing.Key:
    return signing.load_or_make(tmp_path_factory.mktemp("keys"), "customer.test", "s1")


def verdicts(raw: bytes, records: dict[tuple[str, str], list[str]]) -> tuple[str, str, str]:
    found = authenticate(
        raw, sender="taro@customer.test", helo="h", client_ip="192.0.2.1", lookup=zone(records)
    )
    return found.spf, found.dkim, found.dmarc


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (None, "GRAY"),
        ("v=spf1 ip4:192.0.2.0/24 -all", "PASS"),
        ("v=spf1 ip4:198.51.100.1 -all", "FAIL"),
        ("v=spf1 ip4:198.51.100.1 ~all", "GRAY"),
        ("v=spf1 include:other.test -all", "PASS"),
        ("v=spf1 mx -all", "PASS"),
        ("v=spf1 a -all", "FAIL"),
        ("v=spf1 redirect=other.test", "PASS"),
        ("v=spf1 redirect=customer.test", "GRAY"),
        ("v=spf1 ip4:nonsense -all", "GRAY"),
        ("v=spf10 ip4:192.0.2.1", "GRAY"),
    ],
)
def test_spf(record: str | None, expected: str) -> None:
    records = {
        ("customer.test", "TXT"): [record] if record else [],
        ("other.test", "TXT"): ["v=spf1 ip4:192.0.2.1 -all"],
        ("customer.test", "MX"): ["mx.customer.test"],
        ("mx.customer.test", "A"): ["192.0.2.1"],
    }
    assert verdicts(RAW, records)[0] == expected


def test_a_good_signature_passes_and_a_changed_mail_fails(key: signing.Key) -> None:
    records = {(key.name, "TXT"): [key.record]}
    signed = key.sign(RAW)
    assert verdicts(signed, records)[1] == "PASS"
    assert verdicts(signed.replace(b"body", b"b0dy"), records)[1] == "FAIL"
    assert verdicts(signed, {})[1] == "FAIL"
    assert verdicts(RAW, records)[1] == "GRAY"


def test_dmarc_needs_an_aligned_pass(key: signing.Key) -> None:
    records = {
        (key.name, "TXT"): [key.record],
        ("_dmarc.customer.test", "TXT"): ["v=DMARC1; p=reject"],
    }
    assert verdicts(key.sign(RAW), records)[2] == "PASS"
    assert verdicts(RAW, records)[2] == "FAIL"
    foreign = RAW.replace(b"taro@customer.test", b"taro@bank.test")
    records[("_dmarc.bank.test", "TXT")] = ["v=DMARC1; p=quarantine"]
    found = authenticate(
        key.sign(foreign),
        sender="taro@customer.test",
        helo="h",
        client_ip="192.0.2.1",
        lookup=zone(records),
    )
    assert (found.dkim, found.dmarc, found.dmarc_policy) == ("PASS", "FAIL", "quarantine")


def test_without_dns_nothing_is_known(key: signing.Key) -> None:
    def broken(_name: str, _kind: str) -> list[str]:
        raise OSError("no name server")

    found = authenticate(key.sign(RAW), sender="", helo="h", client_ip="192.0.2.1", lookup=broken)
    assert (found.spf, found.dmarc, found.from_domain) == ("GRAY", "GRAY", "customer.test")


def test_a_key_is_made_once(tmp_path: Path) -> None:
    first = signing.load_or_make(tmp_path, "A.test", "s")
    assert signing.load_or_make(tmp_path, "a.test", "s") == first
    assert first.name == "s._domainkey.a.test"
    assert (tmp_path / "dkim" / "s.a.test.pem").stat().st_mode & 0o077 == 0
