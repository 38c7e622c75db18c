"""The local DNS zone, as X-4 and the delivery rules need it. Needs no LocalStack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dnslib import QTYPE, RCODE, DNSRecord

from akashi_localstack.zone import InvalidRecord, Zone, respond


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    return Zone(tmp_path / "state" / "dns.json")


def ask(zone: Zone, name: str, kind: str) -> tuple[str, list[str]]:
    reply = DNSRecord.parse(respond(zone, DNSRecord.question(name, kind)).pack())
    records = [f"{QTYPE.get(record.rtype)} {record.rdata}" for record in reply.rr]
    return RCODE.get(reply.header.rcode), records


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("customer.test", "MX", ("NOERROR", ["MX 10 mx.customer.test."])),
        ("deep.customer.test", "MX", ("NOERROR", ["MX 10 mx.deep.customer.test."])),
        ("mx.customer.test", "A", ("NOERROR", ["A 127.0.0.1"])),
        ("customer.test", "TXT", ("NOERROR", [])),
        ("nomx.customer.test", "MX", ("NOERROR", [])),
        ("nx.customer.test", "MX", ("NXDOMAIN", [])),
        ("key._domainkey.customer.test", "TXT", ("NXDOMAIN", [])),
        ("customer.example", "MX", ("NXDOMAIN", [])),
        ("test", "MX", ("NXDOMAIN", [])),
    ],
)
def test_answers_for_names_that_nobody_put(
    zone: Zone, name: str, kind: str, expected: tuple[str, list[str]]
) -> None:
    assert ask(zone, name, kind) == expected


def test_serves_what_was_put_until_it_is_removed(zone: Zone) -> None:
    zone.replace("Customer.Example.", {"TXT": ["v=spf1 -all"], "MX": [[5, "mail.example"]]})
    assert ask(zone, "CUSTOMER.example", "TXT") == ("NOERROR", ['TXT "v=spf1 -all"'])
    assert ask(zone, "customer.example", "MX") == ("NOERROR", ["MX 5 mail.example."])
    zone.replace("customer.example", {"A": ["192.0.2.1"]})
    assert ask(zone, "customer.example", "TXT") == ("NOERROR", [])
    assert zone.remove("customer.example")
    assert not zone.remove("customer.example")
    assert ask(zone, "customer.example", "A") == ("NXDOMAIN", [])


def test_a_text_record_keeps_the_default_mx_of_its_name(zone: Zone) -> None:
    zone.replace("customer.test", {"TXT": ["v=spf1 -all"]})
    assert ask(zone, "customer.test", "MX")[1] == ["MX 10 mx.customer.test."]


def test_a_parent_of_a_name_exists_without_records(zone: Zone) -> None:
    zone.replace("key._domainkey.customer.example", {"TXT": ["v=DKIM1"]})
    assert ask(zone, "_domainkey.customer.example", "TXT") == ("NOERROR", [])


def test_follows_aliases_and_survives_a_circle(zone: Zone) -> None:
    zone.replace("www.customer.test", {"CNAME": "customer.test"})
    assert ask(zone, "www.customer.test", "MX")[1] == [
        "CNAME customer.test.",
        "MX 10 mx.customer.test.",
    ]
    zone.replace("a.example", {"CNAME": "b.example"})
    zone.replace("b.example", {"CNAME": "a.example"})
    assert len(ask(zone, "a.example", "A")[1]) == 8


def test_long_texts_are_cut_into_pieces_that_join_to_the_same_text(zone: Zone) -> None:
    key = "v=DKIM1; p=" + "A" * 700
    zone.replace("key._domainkey.customer.test", {"TXT": [key]})
    question = DNSRecord.question("key._domainkey.customer.test", "TXT")
    reply = DNSRecord.parse(respond(zone, question).pack())
    pieces = reply.rr[0].rdata.data
    assert [len(piece) for piece in pieces] == [255, 255, 201]
    assert b"".join(pieces).decode() == key


def test_international_names_are_the_same_in_both_spellings(zone: Zone) -> None:
    zone.replace("例え.test", {"A": ["192.0.2.7"]})
    assert ask(zone, "xn--r8jz45g.test", "A")[1] == ["A 192.0.2.7"]


def test_the_zone_survives_a_restart(tmp_path: Path) -> None:
    Zone(tmp_path / "dns.json").replace("customer.example", {"TXT": ["明石"]})
    assert Zone(tmp_path / "dns.json").show("customer.example") == {"TXT": ["明石"]}


@pytest.mark.parametrize(
    "records",
    [
        None,
        {},
        [],
        {"SRV": ["x"]},
        {"TXT": "not a list"},
        {"TXT": [1]},
        {"TXT": []},
        {"A": ["::1"]},
        {"AAAA": ["127.0.0.1"]},
        {"MX": ["mx.example"]},
        {"MX": [[-1, "mx.example"]]},
        {"CNAME": "a..b"},
        {"CNAME": "a.example", "TXT": ["x"]},
    ],
)
def test_refuses_records_that_cannot_be_served(zone: Zone, records: Any) -> None:
    with pytest.raises(InvalidRecord):
        zone.replace("customer.example", records)
    assert zone.show("customer.example") is None


@pytest.mark.parametrize("name", ["", ".", "a..b", "x" * 64 + ".test", ("x" * 60 + ".") * 5])
def test_refuses_what_is_no_domain_name(zone: Zone, name: str) -> None:
    with pytest.raises(InvalidRecord):
        zone.replace(name, {"A": ["127.0.0.1"]})
