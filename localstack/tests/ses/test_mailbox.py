"""Mailboxes: what is delivered can be read, also after a restart and from many threads."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from akashi_localstack.ses.mailbox import Envelope, Mailboxes, describe

RAW = (
    b"Received: from a\r\nReceived: from b\r\nSubject: =?utf-8?B?44OG44K544OI?=\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + "本文".encode()
)


def deliver(mailboxes: Mailboxes, address: str, raw: bytes = RAW) -> Envelope:
    return mailboxes.deliver(
        address,
        raw,
        ses_message_id="0100-x-000000",
        sender="bounce@amazonses.com",
        recipients=(address,),
        received_at="2026-01-02T03:04:05.678Z",
    )


def test_messages_come_oldest_first_and_survive_a_restart(tmp_path: Path) -> None:
    before = Mailboxes(tmp_path)
    ids = [deliver(before, "Taro@Example.test", b"mail %d" % n).id for n in range(20)]
    after = Mailboxes(tmp_path)
    assert [envelope.id for envelope in after.messages("taro@example.test")] == ids
    assert after.read("taro@example.test", ids[3]) == b"mail 3"
    assert after.addresses() == ["taro@example.test"]


def test_an_emptied_mailbox_is_gone(tmp_path: Path) -> None:
    mailboxes = Mailboxes(tmp_path)
    first = deliver(mailboxes, "a@x.test")
    mailboxes.empty("a@x.test")
    mailboxes.empty("never@x.test")
    assert mailboxes.messages("a@x.test") == []
    assert mailboxes.addresses() == []
    assert deliver(mailboxes, "a@x.test").id > first.id


@pytest.mark.parametrize(
    "address",
    [
        "../../etc/passwd@x.test",
        "a/b@x.test",
        "..@x.test",
        ".",
        "",
        "é\x00\n@x.test",
        "x" * 400 + "@t",
    ],
)
def test_no_address_leaves_the_folder(tmp_path: Path, address: str) -> None:
    mailboxes = Mailboxes(tmp_path / "mailbox")
    delivered = deliver(mailboxes, address)
    assert mailboxes.read(address, delivered.id) == RAW
    assert [entry.name for entry in tmp_path.iterdir()] == ["mailbox"]


@pytest.mark.parametrize("id", ["../x", "1", "", "x.eml"])
def test_an_unknown_id_reads_nothing(tmp_path: Path, id: str) -> None:
    mailboxes = Mailboxes(tmp_path)
    deliver(mailboxes, "a@x.test")
    assert mailboxes.read("a@x.test", id) is None


def test_a_half_written_message_is_not_shown(tmp_path: Path) -> None:
    mailboxes = Mailboxes(tmp_path)
    envelope = deliver(mailboxes, "a@x.test")
    (tmp_path / "a@x.test" / f"{envelope.id}.json").unlink()
    assert mailboxes.messages("a@x.test") == []
    assert mailboxes.read("a@x.test", envelope.id) is None


def test_nothing_is_lost_when_many_deliver_at_once(tmp_path: Path) -> None:
    mailboxes = Mailboxes(tmp_path)

    def work() -> None:
        for _ in range(25):
            deliver(mailboxes, "a@x.test")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [envelope.id for envelope in mailboxes.messages("a@x.test")]
    assert len(ids) == 200
    assert ids == sorted(set(ids))


def test_a_message_is_described_with_decoded_headers_and_text(tmp_path: Path) -> None:
    envelope = deliver(Mailboxes(tmp_path), "a@x.test")
    assert describe(envelope, RAW, "http://h/raw") == {
        "id": envelope.id,
        "ses_message_id": "0100-x-000000",
        "from": "bounce@amazonses.com",
        "to": ["a@x.test"],
        "subject": "テスト",
        "received_at": "2026-01-02T03:04:05.678Z",
        "size_bytes": len(RAW),
        "headers": {
            "Received": "from a",
            "Subject": "テスト",
            "Content-Type": "text/plain; charset=utf-8",
        },
        "text": "本文",
        "raw_url": "http://h/raw",
    }
