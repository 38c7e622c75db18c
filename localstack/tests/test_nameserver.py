"""The zone over the wire and over HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest
from conftest import World
from dnslib import EDNS0, RCODE, DNSRecord


def call(world: World, method: str, name: str, body: bytes | None = None) -> tuple[int, bytes]:
    url = f"{world.gateway_url}/_akashi/dns/{name}"
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, data=body, method=method)
        ) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def ask(world: World, name: str, kind: str, *, tcp: bool) -> DNSRecord:
    question = DNSRecord.question(name, kind)
    packet = question.send("127.0.0.1", world.dns_port, tcp=tcp, timeout=5)
    return DNSRecord.parse(packet)


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_what_is_put_is_answered_and_what_is_deleted_is_not(world: World, tcp: bool) -> None:
    name = f"key._domainkey.{'tcp' if tcp else 'udp'}.example"
    records = {"TXT": ["v=DKIM1; p=AAAA"]}
    assert call(world, "GET", name)[0] == 404
    status, body = call(world, "PUT", name, json.dumps(records).encode())
    assert (status, json.loads(body)) == (200, records)
    assert json.loads(call(world, "GET", name)[1]) == records
    assert str(ask(world, name, "TXT", tcp=tcp).rr[0].rdata) == '"v=DKIM1; p=AAAA"'
    assert call(world, "DELETE", name)[0] == 204
    assert ask(world, name, "TXT", tcp=tcp).header.rcode == RCODE.NXDOMAIN


def test_an_answer_too_large_for_a_packet_is_given_over_tcp(world: World) -> None:
    records = {"TXT": [f"{number:03}" + "x" * 200 for number in range(20)]}
    call(world, "PUT", "large.example", json.dumps(records).encode())
    assert ask(world, "large.example", "TXT", tcp=False).header.tc == 1
    whole = ask(world, "large.example", "TXT", tcp=True)
    assert (whole.header.tc, len(whole.rr)) == (0, 20)


@pytest.mark.parametrize(
    ("size", "edns", "is_whole"),
    [(400, None, True), (600, None, False), (600, 1232, True), (1300, 4096, False)],
)
def test_a_packet_is_as_large_as_the_asker_and_the_networks_can_take(
    world: World, size: int, edns: int | None, is_whole: bool
) -> None:
    call(world, "PUT", "sized.example", json.dumps({"TXT": ["x" * size]}).encode())
    question = DNSRecord.question("sized.example", "TXT")
    if edns is not None:
        question.add_ar(EDNS0(udp_len=edns))
    answer = DNSRecord.parse(question.send("127.0.0.1", world.dns_port, timeout=5))
    assert (answer.header.tc == 0, bool(answer.rr)) == (is_whole, is_whole)
    assert [str(asked.qname) for asked in answer.questions] == ["sized.example."]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"TXT": "x"}', b'{"NOTYPE": ["x"]}'])
def test_bad_records_are_refused(world: World, body: bytes) -> None:
    status, answer = call(world, "PUT", "bad.example", body)
    assert (status, bool(json.loads(answer)["error"])) == (400, True)
