"""Header fields and line ends, byte by byte."""

from __future__ import annotations

import pytest

from akashi_localstack.ses import mime


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b"a\nb\n", b"a\r\nb\r\n"),
        (b"a\r\nb\r\n", b"a\r\nb\r\n"),
        (b"a\rb\n\r\nc", b"a\r\nb\r\n\r\nc"),
        (b"", b""),
    ],
)
def test_every_line_end_becomes_crlf(given: bytes, expected: bytes) -> None:
    assert mime.crlf(given) == expected


def test_folded_fields_are_shown_unfolded_and_still_encoded() -> None:
    raw = b"Subject: =?utf-8?B?44OG?=\r\n =?utf-8?B?44K5?=\r\nTo: a@x.test\r\n\r\nX: body\r\n"
    assert mime.header_fields(raw) == [
        ("Subject", "=?utf-8?B?44OG?= =?utf-8?B?44K5?="),
        ("To", "a@x.test"),
    ]
    assert mime.decode_words(mime.header_fields(raw)[0][1]) == "テス"


@pytest.mark.parametrize("broken", ["=?utf-8?B?a?=", "=?no-such?B?44OG?=", "=?utf-8?X?a?="])
def test_broken_encoded_words_stay_as_they_are(broken: str) -> None:
    assert mime.decode_words(f"before {broken} after") == f"before {broken} after"


def test_dropping_fields_leaves_every_other_byte_alone() -> None:
    raw = b"Bcc: a@x,\r\n b@x\r\nSubject:  odd \t spacing\r\n\r\nbody\r\n\r\nBcc: kept\r\n"
    kept = mime.keep_fields(raw, lambda name: name != "bcc", b"Added: 1\r\n")
    assert kept == b"Subject:  odd \t spacing\r\nAdded: 1\r\n\r\nbody\r\n\r\nBcc: kept\r\n"


def test_a_mail_without_an_empty_line_is_all_header() -> None:
    assert mime.split(b"Subject: x\r\n") == (b"Subject: x\r\n", b"")
    assert mime.split(b"\r\nbody") == (b"", b"body")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\x1b$B$3\x1b(B\r\n", "こ\r\n"),
        (b"Content-Type: text/plain; charset=nonsense\r\n\r\nabc", "abc"),
        (b"Content-Type: text/html\r\n\r\n<p>", ""),
        (b"Content-Transfer-Encoding: base64\r\n\r\n44GT", "こ"),
    ],
)
def test_the_plain_text_is_decoded(raw: bytes, expected: str) -> None:
    assert mime.plain_text(mime.parse(raw)) == expected


def test_parts_nested_deeper_than_python_can_count_are_one_part() -> None:
    levels = range(10_000)
    body = b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in levels
    )
    raw = b"Content-Type: multipart/mixed; boundary=b0\r\nSubject: deep\r\n\r\n" + body
    message = mime.parse(raw)
    assert message["Subject"] == "deep"
    assert mime.plain_text(message) == ""
