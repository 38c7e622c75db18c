"""Bytes of a mail in and out, without ever changing more of them than asked.

Header fields are handled as bytes: what the sender wrote leaves as it came.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator
from email.errors import HeaderParseError, MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses


def crlf(raw: bytes) -> bytes:
    """The message with every line end as CRLF, as it travels by SMTP."""
    rest = raw.replace(b"\r\n", b"")
    if b"\n" not in rest and b"\r" not in rest:
        return raw
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def split(raw: bytes) -> tuple[bytes, bytes]:
    """The header block with its last line end, and all after the empty line.

    Lines end with CRLF. A message without an empty line is all header.
    """
    if raw.startswith(b"\r\n"):
        return b"", raw[2:]
    header, separator, body = raw.partition(b"\r\n\r\n")
    return (header + b"\r\n", body) if separator else (header, b"")


def raw_fields(header: bytes) -> Iterator[tuple[str, bytes]]:
    """Each header field's name and its bytes, folding and line end included."""
    field = b""
    for line in header.splitlines(keepends=True):
        if line[:1] in (b" ", b"\t") and field:
            field += line
            continue
        if field:
            yield _name(field), field
        field = line
    if field:
        yield _name(field), field


def header_fields(raw: bytes) -> list[tuple[str, str]]:
    """Each header field's name and unfolded value, in order; encoded words stay encoded."""
    header, _ = split(crlf(raw))
    fields = []
    for name, field in raw_fields(header):
        value = field.partition(b":")[2].replace(b"\r\n", b"")
        if name:
            fields.append((name, value.strip().decode("utf-8", "replace")))
    return fields


def first_header(raw: bytes, name: str) -> str | None:
    """The unfolded value of the first field of this name; encoded words stay encoded."""
    wanted = name.lower()
    return next((v for n, v in header_fields(raw) if n.lower() == wanted), None)


def keep_fields(raw: bytes, keep: Callable[[str], bool], append: bytes = b"") -> bytes:
    """The message with only the fields whose lower-case name is kept, then `append`.

    `append` is whole fields with their line ends. The body is not touched.
    """
    header, body = split(raw)
    kept = b"".join(field for name, field in raw_fields(header) if keep(name.lower()))
    return kept + append + b"\r\n" + body


def addresses(values: list[str]) -> list[str]:
    """The mail addresses of some address header values, in order."""
    return [address for _, address in getaddresses(values) if address]


def decode_words(value: str) -> str:
    """The value with its RFC 2047 encoded words decoded; as it was when they are broken."""
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return value


def parse(raw: bytes) -> Message:
    """The MIME structure; damage never raises.

    Parts nested deeper than Python can count are not looked for: then the message is one part.
    """
    try:
        message = email.message_from_bytes(raw, policy=email.policy.compat32)
        # Walking is as deep as parsing.
        list(message.walk())
    except RecursionError:
        return BytesParser(policy=email.policy.compat32).parsebytes(raw, headersonly=True)
    return message


def plain_text(message: Message) -> str:
    """The first text/plain part that is no attachment, decoded; empty when there is none."""
    for part in message.walk():
        if part.get_content_type() != "text/plain" or part.get_filename():
            continue
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            return _decode(content, part)
    return ""


def _decode(content: bytes, part: Message) -> str:
    try:
        return content.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, MessageError):
        return content.decode("utf-8", "replace")


def _name(field: bytes) -> str:
    name, colon, _ = field.partition(b":")
    return name.strip().decode("ascii", "replace") if colon else ""
